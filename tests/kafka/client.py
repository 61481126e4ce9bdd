"""A Python client for the tests: the tutorial's own library, which shows every byte of a record.

client.py produce TOPIC     records from stdin
client.py consume TOPIC     all records that the topic has now, ordered by partition and offset
client.py from-kt           what `kt consume -J` printed, as such records

A record is a line of JSON with the members partition, timestamp (ms), key, value and headers ([name, value] pairs);
bytes are text with one character per byte, null is null.
"""
import base64
import json
import os
import sys

import confluent_kafka

BROKERS = {"bootstrap.servers": os.environ["KT_BROKERS"]}


def text(data):
    return None if data is None else data.decode("latin-1")


def data(text):
    return None if text is None else text.encode("latin-1")


def show(partition, timestamp, key, value, headers):
    record = {"partition": partition, "timestamp": timestamp, "key": text(key), "value": text(value),
              "headers": [[name, text(content)] for name, content in headers]}
    print(json.dumps(record))


def produce(topic):
    failed = []
    producer = confluent_kafka.Producer(BROKERS)
    for line in sys.stdin:
        record = json.loads(line)
        where = {name: record[name] for name in ("partition", "timestamp") if record.get(name) is not None}
        producer.produce(topic, key=data(record.get("key")), value=data(record.get("value")),
                         headers=[(name, data(content)) for name, content in record.get("headers", [])],
                         on_delivery=lambda error, message: error and failed.append(error), **where)
    producer.flush()
    if failed:
        sys.exit(str(failed[0]))


def consume(topic):
    consumer = confluent_kafka.Consumer(BROKERS, **{"group.id": "unused", "enable.auto.commit": False,
                                                    "enable.partition.eof": True})
    partitions = sorted(consumer.list_topics(topic, timeout=60).topics[topic].partitions)
    consumer.assign([confluent_kafka.TopicPartition(topic, p, confluent_kafka.OFFSET_BEGINNING) for p in partitions])
    messages, left = [], len(partitions)
    while left:
        message = consumer.poll(60)
        if message is None:
            sys.exit("no end of partition within a minute")
        if message.error():
            left -= 1
            continue
        messages.append(message)
    for message in sorted(messages, key=lambda message: (message.partition(), message.offset())):
        show(message.partition(), message.timestamp()[1], message.key(), message.value(), message.headers() or [])


def from_kt():
    def member(record, name, encoding):
        if record[name] is not None and record.get(encoding) == "base64":
            return base64.b64decode(record[name], validate=True)
        return None if record[name] is None else record[name].encode()

    records = [json.loads(line) for line in sys.stdin]
    for record in sorted(records, key=lambda record: (record["partition"], record["offset"])):
        show(record["partition"], record["ts"], member(record, "key", "key_encoding"),
             member(record, "payload", "payload_encoding"),
             [(header["key"], member(header, "value", "encoding")) for header in record.get("headers", [])])


{"produce": produce, "consume": consume, "from-kt": from_kt}[sys.argv[1]](*sys.argv[2:])
