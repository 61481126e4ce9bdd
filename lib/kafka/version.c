#include "version.h"

#include <librdkafka/rdkafka.h>

const char *kt_rdkafka_version(void)
{
	return rd_kafka_version_str();
}

int kt_rdkafka_number(void)
{
	return rd_kafka_version();
}
