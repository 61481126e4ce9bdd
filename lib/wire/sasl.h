/* Logging in to a broker with a user name and a password, PLAIN (RFC 4616) and SCRAM, or with a token, OAUTHBEARER (RFC
 * 7628), in SaslHandshake and SaslAuthenticate requests (KIP-43, KIP-152). */
#ifndef KT_SASL_H
#define KT_SASL_H

#include "connection.h"

/* The mechanism of the settings; librdkafka's own default where there is none. */
const char *kt_sasl_mechanism(const struct kt_settings *settings);

/* True when it is one that kt speaks itself: a token only where a command or a file gives it (tokensource.h). */
bool kt_sasl_knows(const struct kt_settings *settings);

/* KT_FAILED for a refusal, KT_UNREACHABLE for something that does not ask for SASL. */
int kt_sasl_login(struct kt_connection *link, const struct kt_limit *limit, struct kt_err *err) kt_must_check;

#endif
