/* What the codes mean with which a broker of MQTT refuses. */
#ifndef KT_MQTTREASONS_H
#define KT_MQTTREASONS_H

#include "base.h"

struct kt_mqttreason {
	unsigned code;
	const char *text; /* goes on after "it refuses the connection: " */
	const char *hint; /* or NULL */
	bool passes;      /* the same may work later */
};

/* The reason of a CONNACK of 3.1.1 (1 to 5), and of any code of version 5. Unknown ones have a text too. */
const struct kt_mqttreason *kt_mqttreason_3(unsigned code);
const struct kt_mqttreason *kt_mqttreason_5(unsigned code);

enum {
	KT_MQTTREASON_VERSION_3 = 1,
	KT_MQTTREASON_VERSION = 0x84,
	KT_MQTTREASON_TAKEN_OVER = 0x8e,
	KT_MQTTREASON_REFUSED = 0x80, /* the first that is a refusal */
};

#endif
