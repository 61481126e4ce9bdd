/* Consumer groups as JSON, the same members wherever they are printed. What is not known is null, or left out when it
 * cannot be known. None of them appends a newline.
 *
 *   {"group":"g","state":"Stable","type":"classic","coordinator":1,"address":"h:9092","assignor":"range",
 *    "member_count":1,"lag":3}
 *   {"group":"g","member":"kt-5f…","client":"kt","host":"127.0.0.1","instance":null,
 *    "assigned":[{"topic":"t","partition":0}]}
 *   {"group":"g","topic":"t","partition":0,"committed":2,"begin":0,"end":5,"lag":3,"member":"kt-5f…","client":"kt",
 *    "host":"127.0.0.1"}
 *   {"group":"g","topic":"t","partition":0,"committed":2,"new":0}
 */
#ifndef KT_GROUPJSON_H
#define KT_GROUPJSON_H

#include "buf.h"
#include "groupplan.h"
#include "groups.h"

/* The first of these; "lag" is left out unless its offsets were asked for. */
void kt_group_json_state(struct kt_buf *out, const struct kt_group *group, bool offsets);

void kt_group_json_member(struct kt_buf *out, const struct kt_group *group, size_t member);
void kt_group_json_part(struct kt_buf *out, const struct kt_group *group, const struct kt_group_part *part);

void kt_group_json_plan(struct kt_buf *out, const struct kt_group *group, const struct kt_plan_row *row);

/* All of it: the first, with the others in "members" and "partitions". */
void kt_group_json(struct kt_buf *out, const struct kt_group *group);

#endif
