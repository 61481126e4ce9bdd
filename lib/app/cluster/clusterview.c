#include "clusterview.h"

#include "esc.h"
#include "jsonout.h"
#include "mem.h"
#include "table.h"

enum { KEYS = KT_LEN(((struct kt_versions *)0)->v) };

/* Whatever can do nothing but serve records is not one of Apache's brokers. */
static const char *release_of(const struct kt_clusterbroker *b)
{
	if (!b->probe.works)
		return NULL;
	return b->probe.versions.v[KT_API_CREATE_TOPICS].last < 0 ? NULL : kt_versions_release(&b->probe.versions);
}

static bool has_api(const struct kt_clusterbroker *b, size_t key)
{
	return b->probe.works && b->probe.versions.v[key].last >= b->probe.versions.v[key].first;
}

static const struct kt_clusterbroker *first_asked(const struct kt_clusterlook *look)
{
	for (size_t i = 0; i < look->n; i++)
		if (look->v[i]->probe.works)
			return look->v[i];
	return NULL;
}

/* --- text --- */

static void add_brokers(struct kt_buf *out, const struct kt_clusterlook *look, bool aligned)
{
	static const struct kt_column columns[] = {
		{"BROKER", .right = true}, {"ADDRESS"}, {"RACK"}, {"SPEAKS AS"}, {""}, {NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	for (size_t i = 0; i < look->n; i++) {
		const struct kt_clusterbroker *b = look->v[i];
		const char *release = release_of(b);
		bool v6 = strchr(b->host, ':') != NULL;
		kt_table_add(&table, "%d", (int)b->id);
		kt_table_add(&table, v6 ? "[%s]:%d" : "%s:%d", b->host, (int)b->port);
		kt_table_add(&table, "%s", b->rack && *b->rack ? b->rack : "-");
		kt_table_add(&table, "%s%s", release ? "Kafka " : "-", release ? release : "");
		kt_table_add(&table, "%s%s", b->id == look->controller ? "controller" : "",
			b->err.msg[0] ? b->id == look->controller ? ", does not answer" : "does not answer" : "");
	}
	kt_table_render(&table, out, aligned);
}

static void add_features(struct kt_buf *out, const struct kt_clusterlook *look, bool aligned)
{
	static const struct kt_column columns[] = {
		{"FEATURE"}, {"LEVEL", .right = true}, {"FROM", .right = true}, {"TO", .right = true}, {NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	const struct kt_clusterbroker *b = first_asked(look);
	for (size_t i = 0; b && i < b->features.n; i++) {
		const struct kt_feature *f = &b->features.v[i];
		kt_table_add(&table, "%s", f->name);
		kt_table_add_count(&table, f->level);
		kt_table_add_count(&table, f->last < f->first ? -1 : f->first);
		kt_table_add_count(&table, f->last < f->first ? -1 : f->last);
	}
	if (!table.cells.n)
		return;
	kt_buf_adds(out, aligned ? "\n" : "");
	kt_table_render(&table, out, aligned);
}

static bool same_range(const struct kt_clusterbroker *a, const struct kt_clusterbroker *b, size_t key)
{
	return a->probe.versions.v[key].first == b->probe.versions.v[key].first &&
	       a->probe.versions.v[key].last == b->probe.versions.v[key].last;
}

/* The brokers, from `at` on, that speak the same versions of it as that one; "" when one before it does. */
static void add_same(struct kt_buf *ids, const struct kt_clusterlook *look, size_t at, size_t key)
{
	size_t same = 0;
	for (size_t i = 0; i < look->n; i++) {
		if (!look->v[i]->probe.works || !same_range(look->v[i], look->v[at], key))
			continue;
		if (i < at)
			return;
		kt_buf_addf(ids, "%s%d", same++ ? "," : "", (int)look->v[i]->id);
	}
	if (same == look->asked) {
		ids->len = 0;
		kt_buf_adds(ids, "all");
	}
}

static void add_versions(struct kt_buf *out, const struct kt_clusterlook *look, bool aligned)
{
	static const struct kt_column columns[] = {{"API"}, {"KEY", .right = true}, {"OLDEST", .right = true},
		{"NEWEST", .right = true}, {"BROKERS"}, {NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	for (size_t key = 0; key < KEYS; key++)
		for (size_t i = 0; i < look->n; i++) {
			kt_auto(kt_buf_fini) struct kt_buf ids = {0};
			const char *name = kt_api_name((int)key);
			if (!has_api(look->v[i], key))
				continue;
			add_same(&ids, look, i, key);
			if (!ids.len)
				continue;
			kt_table_add(&table, "%s", name ? name : "-");
			kt_table_add(&table, "%zu", key);
			kt_table_add(&table, "%d", look->v[i]->probe.versions.v[key].first);
			kt_table_add(&table, "%d", look->v[i]->probe.versions.v[key].last);
			kt_table_add(&table, "%s", kt_buf_cstr(&ids));
		}
	if (!table.cells.n)
		return;
	kt_buf_adds(out, aligned ? "\n" : "");
	kt_table_render(&table, out, aligned);
}

void kt_clusterview_text(struct kt_buf *out, const struct kt_clusterlook *look, bool versions, bool aligned)
{
	if (aligned) {
		kt_words_addf(out, "Cluster %s, ", look->id ? look->id : "without a name");
		if (look->controller >= 0)
			kt_buf_addf(out, "controller %d\n\n", (int)look->controller);
		else
			kt_buf_addf(out, "controller unknown: %s\n\n", look->unknown);
	}
	add_brokers(out, look, aligned);
	if (!versions)
		return;
	add_features(out, look, aligned);
	add_versions(out, look, aligned);
}

/* --- JSON --- */

static void add_json_versions(struct kt_buf *out, const struct kt_clusterbroker *b)
{
	kt_jsonout_begin(out, "apis", '[');
	for (size_t key = 0; key < KEYS; key++) {
		if (!has_api(b, key))
			continue;
		kt_jsonout_begin(out, NULL, '{');
		kt_jsonout_text(out, "api", kt_api_name((int)key));
		kt_jsonout_i64(out, "key", (int64_t)key);
		kt_jsonout_i64(out, "oldest", b->probe.versions.v[key].first);
		kt_jsonout_i64(out, "newest", b->probe.versions.v[key].last);
		kt_jsonout_end(out, '}');
	}
	kt_jsonout_end(out, ']');
}

static void add_json_features(struct kt_buf *out, const struct kt_clusterbroker *b)
{
	kt_jsonout_begin(out, "features", '[');
	for (size_t i = 0; b && i < b->features.n; i++) {
		const struct kt_feature *f = &b->features.v[i];
		kt_jsonout_begin(out, NULL, '{');
		kt_jsonout_words(out, "feature", f->name);
		kt_jsonout_count(out, "level", f->level);
		kt_jsonout_count(out, "from", f->last < f->first ? -1 : f->first);
		kt_jsonout_count(out, "to", f->last < f->first ? -1 : f->last);
		kt_jsonout_end(out, '}');
	}
	kt_jsonout_end(out, ']');
}

static void add_json_broker(
	struct kt_buf *out, const struct kt_clusterlook *look, const struct kt_clusterbroker *b, bool versions)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_i64(out, "broker", b->id);
	kt_jsonout_words(out, "host", b->host);
	kt_jsonout_i64(out, "port", b->port);
	kt_jsonout_words(out, "rack", b->rack && *b->rack ? b->rack : NULL);
	kt_jsonout_text(out, "speaks_as", release_of(b));
	if (look->controller >= 0)
		kt_jsonout_bool(out, "controller", b->id == look->controller);
	else
		kt_jsonout_null(out, "controller");
	kt_jsonout_words(out, "error", b->err.msg[0] ? b->err.msg : NULL);
	if (versions)
		add_json_versions(out, b);
	kt_jsonout_end(out, '}');
}

void kt_clusterview_json(struct kt_buf *out, const struct kt_clusterlook *look, bool versions)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_words(out, "cluster", look->id);
	kt_jsonout_count(out, "controller", look->controller);
	if (look->controller < 0)
		kt_jsonout_text(out, "controller_error", look->unknown);
	kt_jsonout_begin(out, "brokers", '[');
	for (size_t i = 0; i < look->n; i++)
		add_json_broker(out, look, look->v[i], versions);
	kt_jsonout_end(out, ']');
	add_json_features(out, first_asked(look));
	kt_jsonout_end(out, '}');
	kt_buf_addc(out, '\n');
}
