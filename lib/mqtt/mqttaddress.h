/* Addresses of MQTT brokers as people type them: mqtt://USER@HOST:PORT, mqtts:// with TLS. */
#ifndef KT_MQTTADDRESS_H
#define KT_MQTTADDRESS_H

#include "net.h"

struct kt_mqttaddress {
	struct kt_endpoint at; /* port 1883, or 8883 with TLS, where none is given */
	char *user;            /* NULL where there is none */
	bool tls;
};

/* Fills *out, which is {0} before. KT_USAGE; a password in it is refused, and not quoted. */
int kt_mqttaddress_parse(struct kt_mqttaddress *out, const char *text, struct kt_err *err) kt_must_check;

void kt_mqttaddress_fini(struct kt_mqttaddress *address);

#endif
