"""decode.py HOST:PORT TOPIC COUNT: header and record of so many messages, as the course's Python programs print them."""
import io
import sys

import confluent_kafka
import fastavro

address, topic, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
consumer = confluent_kafka.Consumer({"bootstrap.servers": address, "group.id": "bench", "enable.auto.commit": False})
partitions = consumer.list_topics(topic, 10).topics[topic].partitions
consumer.assign([confluent_kafka.TopicPartition(topic, p, confluent_kafka.OFFSET_BEGINNING) for p in partitions])
while count:
    message = consumer.poll(10)
    if message is None:
        sys.exit(f"{count} messages are missing")
    if message.error():
        continue
    print(dict(message.headers())["record_name"].decode())
    for record in fastavro.reader(io.BytesIO(message.value())):
        print(record)
    count -= 1
