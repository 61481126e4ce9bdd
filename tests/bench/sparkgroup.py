"""sparkgroup.py HOST:PORT TOPIC FIELD SCHEMA JARS: how many records have each value of a field, as Spark finds out."""
import sys

import pyspark
from pyspark.sql import SparkSession, functions

address, topic, field, schema, jars = sys.argv[1:]
# Two hundred partitions of a result are what a cluster has; and nobody looks at its web pages.
spark = (SparkSession.builder.master("local[2]").config("spark.jars", jars).config("spark.sql.shuffle.partitions", 2)
         .config("spark.ui.enabled", "false").getOrCreate())
records = spark.read.format("kafka").option("kafka.bootstrap.servers", address).option("subscribe", topic).load()
table = records.select(functions.from_json(records.value.cast("string"), schema).alias("value")).select("value.*")
for row in sorted(table.groupBy(field).count().collect()):
    print(*row, sep="\t")
sys.stdout.flush()
# Waited for, so that its CPU time counts as this process's.
spark.stop()
gateway = pyspark.SparkContext._gateway
gateway.shutdown()
gateway.proc.stdin.close()
gateway.proc.wait()
