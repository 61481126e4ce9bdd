/* Configs as a member of a JSON object, by their names: "configs":{"retention.ms":{"value":"1000","source":"…"}, …};
 * what could not be read is "configs":null,"configs_error":"not permitted".
 *
 *   kt_configjson(&out, &configs);
 */
#ifndef KT_CONFIGJSON_H
#define KT_CONFIGJSON_H

#include "buf.h"
#include "configs.h"

void kt_configjson(struct kt_buf *out, const struct kt_configs *configs);

#endif
