/* What to type for an option that no command has because a property of the Kafka library does it: --client-id is
 * -X client.id=VALUE, and --ssl-ca-location likewise.
 *
 *   kt_optionhint(cmd, argc, argv, err);
 */
#ifndef KT_OPTIONHINT_H
#define KT_OPTIONHINT_H

#include "cmd.h"

/* argv: the words of cmd. Where one of them is such an option it becomes err's hint, unless there is one. */
void kt_optionhint(const struct kt_cmd *cmd, int argc, char *const *argv, struct kt_err *err);

#endif
