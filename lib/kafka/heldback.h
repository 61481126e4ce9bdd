/* What a consumer cannot see of logs, since it came after the first record of a transaction that is still open. */
#ifndef KT_HELDBACK_H
#define KT_HELDBACK_H

#include "client.h"
#include "partitions.h"

/* Fills parts[i]->held: how many offsets at the end of the log there are, but not for c; and log_end, where it ends for
 * c by now. Asked on a connection of its own, to which logs end where they end; nothing changes where nobody says. */
void kt_heldback(struct kt_client *c, struct kt_partition *const *parts, size_t n, int64_t timeout_ms);

#endif
