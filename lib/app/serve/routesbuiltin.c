#include "routesbuiltin.h"

static const char ops[] = "GET /ready ready\n"
			  "GET /healthy healthy\n"
			  "GET /metrics metrics\n";

#define AN_INSTANCE "/consumers/{group}/instances/{instance}"

static const char api[] = "POST /produce/{topic} produce {topic}\n"
			  "POST /topics/{topic} records {topic}\n"
			  "POST /topics/{topic}/partitions/{partition} records {topic} partition={partition}\n"
			  "GET /topics topics\n"
			  "GET /topics/{topic} topic {topic}\n"
			  "GET /topics/{topic}/partitions partitions {topic}\n"
			  "GET /topics/{topic}/partitions/{partition} partitions {topic} partition={partition}\n"
			  "GET /topics/{topic}/partitions/{partition}/offsets offsets {topic} {partition}\n"
			  "GET /topics/{topic}/partitions/{partition}/records read {topic} {partition}\n"
			  "POST /consumers/{group} consumers {group}\n"
			  "DELETE " AN_INSTANCE " instance {group} {instance}\n"
			  "POST " AN_INSTANCE "/subscription subscription {group} {instance}\n"
			  "GET " AN_INSTANCE "/subscription subscription {group} {instance}\n"
			  "DELETE " AN_INSTANCE "/subscription subscription {group} {instance}\n"
			  "GET " AN_INSTANCE "/records instance-records {group} {instance}\n"
			  "POST " AN_INSTANCE "/offsets instance-offsets {group} {instance}\n"
			  "GET " AN_INSTANCE "/offsets instance-offsets {group} {instance}\n"
			  "GET " AN_INSTANCE "/assignments assignments {group} {instance}\n"
			  "POST " AN_INSTANCE "/assignments assignments {group} {instance}\n"
			  "POST " AN_INSTANCE "/positions positions {group} {instance}\n"
			  "POST " AN_INSTANCE "/positions/beginning positions {group} {instance}\n"
			  "POST " AN_INSTANCE "/positions/end positions {group} {instance}\n"
			  "GET /consume/{topic} consume {topic}\n"
			  "GET /events/{topic} events {topic}\n"
			  "GET /ws/consume/{topic} ws-consume {topic}\n"
			  "GET /ws/produce/{topic} ws-produce {topic}\n"
			  "GET /ready ready\n"
			  "GET /healthy healthy\n"
			  "GET /metrics metrics\n"
			  "GET /openapi.json openapi\n"
			  "GET /overview overview\n"
			  "POST /decode decode\n";

static const char ui[] = "GET / ui index.html\n"
			 "GET /ui/{file} ui {file}\n";

static int add(struct kt_routes *routes, const char *origin, const char *rows, struct kt_err *err)
{
	return kt_routes_add(routes, origin, (struct kt_bytes){rows, strlen(rows)}, err);
}

int kt_routes_add_api(struct kt_routes *routes, struct kt_err *err)
{
	return add(routes, "the built-in rows", api, err);
}

int kt_routes_add_ui(struct kt_routes *routes, struct kt_err *err)
{
	return add(routes, "the page's rows", ui, err);
}

int kt_routes_add_ops(struct kt_routes *routes, struct kt_err *err)
{
	return add(routes, "--ops-listen", ops, err);
}
