/* The last step before librdkafka: from settings as people write them to settings that it takes. Only here are secrets
 * in plain text. */
#ifndef KT_CONFRESOLVE_H
#define KT_CONFRESOLVE_H

#include "err.h"
#include "settings.h"

/* Puts the values of env:NAME, file:PATH (without the newline at its end) and ask: in place (asks on the terminal), and
 * where brokers are spoken to over TLS goes on with kt_conf_resolve_tls(). After it the settings without "kt.", and
 * with plain brokers without "ssl.", can go to rd_kafka_conf_set(). */
int kt_conf_resolve(struct kt_settings *s, struct kt_err *err) kt_must_check;

/* Opens the stores, and turns what only kt understands (a PKCS#12 truststore, a keystore in PEM) into what librdkafka
 * takes. To be called for a client that speaks TLS where the brokers do not, after kt_conf_resolve(). */
int kt_conf_resolve_tls(struct kt_settings *s, struct kt_err *err) kt_must_check;

#endif
