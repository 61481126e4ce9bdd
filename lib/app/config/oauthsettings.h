/* What follows from kt.oauth.command and kt.oauth.file: a token goes to brokers by SASL OAUTHBEARER, over TLS. */
#ifndef KT_OAUTHSETTINGS_H
#define KT_OAUTHSETTINGS_H

#include "err.h"
#include "settings.h"

/* Puts sasl.mechanism and security.protocol where nothing says them. What a stronger layer says (another mechanism, a
 * protocol without SASL) makes the token unused, and its settings go; what an equal or weaker one says that leaves no
 * way for a token is KT_USAGE, and so are a command and a file of the same layer. */
int kt_oauthsettings(struct kt_settings *s, struct kt_err *err) kt_must_check;

#endif
