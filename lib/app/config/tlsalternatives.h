/* Settings that say the same thing in different ways: where the CA is, where the client's key is, where a token comes
 * from. librdkafka would take them all; what a weaker layer says one way must not add to what a stronger one says
 * another way. */
#ifndef KT_TLSALTERNATIVES_H
#define KT_TLSALTERNATIVES_H

#include "settings.h"

/* The rank of the strongest setting that says what key says, in whichever way; -1 when none does. */
int kt_tlsalternatives_rank(const struct kt_settings *s, const char *key);

/* Drops each way that is weaker than another of the same thing. */
void kt_tlsalternatives_drop_weaker(struct kt_settings *s);

#endif
