/* Rows of routes as OpenAPI 3.0 describes a server (https://spec.openapis.org/oas/v3.0.3). */
#ifndef KT_OPENAPI_H
#define KT_OPENAPI_H

#include "routes.h"

/* Appends the document. tokens: clients need one. What OpenAPI has no place for is left out: rows for the same method
 * and path of another host, and methods of one's own. */
void kt_openapi_write(struct kt_buf *out, const struct kt_routes *routes, bool tokens);

#endif
