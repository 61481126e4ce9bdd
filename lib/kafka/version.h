/* What `kt --version` says about librdkafka. */
#ifndef KT_VERSION_H
#define KT_VERSION_H

/* The version of the librdkafka that is loaded now, which may be newer than the one that was built against. */
const char *kt_rdkafka_version(void);

/* The same as a number: 0xMMmmrrpp, as RD_KAFKA_VERSION. */
int kt_rdkafka_number(void);

#endif
