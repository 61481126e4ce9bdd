/* The rows that `kt serve` has where nobody says others. */
#ifndef KT_ROUTESBUILTIN_H
#define KT_ROUTESBUILTIN_H

#include "routes.h"

/* The API; the page to watch topics; --ops-listen. */
int kt_routes_add_api(struct kt_routes *routes, struct kt_err *err) kt_must_check;
int kt_routes_add_ui(struct kt_routes *routes, struct kt_err *err) kt_must_check;
int kt_routes_add_ops(struct kt_routes *routes, struct kt_err *err) kt_must_check;

#endif
