/* What to type for an option that no command has because a property of the Kafka library does it: --client-id is
 * -X client.id=VALUE, and --ssl-ca-location likewise; or because it is a topic's config: --retention.ms.
 *
 *   kt_optionhint(cmd, argc, argv, err);
 */
#ifndef KT_OPTIONHINT_H
#define KT_OPTIONHINT_H

#include "cmd.h"

/* argv: the words of cmd. Where one of them is such an option it becomes err's hint; a property's only where there is
 * none yet. */
void kt_optionhint(const struct kt_cmd *cmd, int argc, char *const *argv, struct kt_err *err);

#endif
