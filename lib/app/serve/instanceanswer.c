/* What is told of a consumer instance. */
#include "instances_own.h"
#include "jsonout.h"

void kt_instance_write_records(struct kt_instance *i, size_t most_bytes, struct kt_answer *answer)
{
	struct kt_buf *out = &answer->body;
	struct kt_groupframe *f = kt_instance_reads(i) ? kt_groupreader_take(i->reader, SIZE_MAX, true) : NULL;
	/* Told once: the next read goes on behind it. */
	if (f && f->unreadable) {
		kt_serve_error_v2(answer, 422, 42203, kt_buf_cstr(&f->text));
		kt_groupframe_unref(f);
		return;
	}
	answer->type = kt_rest_type(i->config.format);
	kt_jsonout_begin(out, NULL, '[');
	while (f) {
		kt_jsonout_key(out, NULL);
		kt_buf_add(out, f->text.data, f->text.len);
		kt_groupframe_unref(f);
		f = out->len < most_bytes ? kt_groupreader_take(i->reader, most_bytes - out->len, false) : NULL;
	}
	kt_jsonout_end(out, ']');
}

struct writer {
	struct kt_buf *out;
	const struct kt_instance_parts *wanted; /* NULL: all */
};

static bool is_wanted(const struct kt_instance_parts *wanted, const struct kt_grouppart *part)
{
	if (!wanted || !wanted->listed)
		return true;
	for (size_t i = 0; i < wanted->n; i++)
		if (wanted->v[i].partition == part->partition &&
			!strcmp(wanted->topics.v[wanted->v[i].topic], part->topic))
			return true;
	return false;
}

static void begin_part(struct kt_buf *out, const struct kt_grouppart *part)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_words(out, "topic", part->topic);
	kt_jsonout_i64(out, "partition", part->partition);
}

static void write_offset(void *user, const struct kt_grouppart *part)
{
	struct writer *w = user;
	if (part->committed < 0 || !is_wanted(w->wanted, part))
		return;
	begin_part(w->out, part);
	kt_jsonout_i64(w->out, "offset", part->committed);
	kt_jsonout_words(w->out, "metadata", "");
	kt_jsonout_end(w->out, '}');
}

static void write_part(void *user, const struct kt_grouppart *part)
{
	const struct writer *w = user;
	begin_part(w->out, part);
	kt_jsonout_end(w->out, '}');
}

static void write_parts(struct kt_instance *i, const char *name, const struct kt_instance_parts *wanted,
	void (*each)(void *user, const struct kt_grouppart *part), struct kt_answer *answer)
{
	struct writer w = {&answer->body, wanted};
	answer->type = KT_SERVE_V2_TYPE;
	kt_jsonout_begin(w.out, NULL, '{');
	kt_jsonout_begin(w.out, name, '[');
	if (kt_instance_reads(i))
		kt_groupreader_parts(i->reader, each, &w);
	kt_jsonout_end(w.out, ']');
	kt_jsonout_end(w.out, '}');
}

void kt_instance_write_offsets(struct kt_instance *i, const struct kt_instance_parts *wanted, struct kt_answer *answer)
{
	write_parts(i, "offsets", wanted, write_offset, answer);
}

void kt_instance_write_assignments(struct kt_instance *i, struct kt_answer *answer)
{
	write_parts(i, "partitions", NULL, write_part, answer);
}

void kt_instance_write_topics(const struct kt_instance *i, struct kt_answer *answer)
{
	struct kt_buf *out = &answer->body;
	answer->type = KT_SERVE_V2_TYPE;
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_begin(out, "topics", '[');
	for (size_t k = 0; k < i->topics.n; k++)
		kt_jsonout_words(out, NULL, i->topics.v[k]);
	kt_jsonout_end(out, ']');
	kt_jsonout_end(out, '}');
}

/* What a proxy says, where it can stand in an address; or else what is known here. */
static const char *forwarded(
	const struct kt_http_request *request, const char *header, const char *letters, const char *known)
{
	const char *said = kt_http_header(request, header);
	return *said && !said[strspn(said, letters)] ? said : known;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"

void kt_instance_write_new(const struct kt_instance *i, const struct kt_serve_listener *at,
	const struct kt_http_request *request, struct kt_answer *answer)
{
	kt_auto(kt_buf_fini) struct kt_buf uri = {0};
	bool tls = at->serve->how.files.cert && !at->how->open;
	const char *proto = forwarded(request, "X-Forwarded-Proto", "htps", tls ? "https" : "http");
	const char *host = forwarded(request, "X-Forwarded-Host", LETTERS ":[]", kt_http_header(request, "Host"));
	const char *prefix = forwarded(request, "X-Forwarded-Prefix", LETTERS "/~%", "");
	size_t prefix_len = strlen(prefix), path_len = strcspn(request->target, "?");
	while (prefix_len && prefix[prefix_len - 1] == '/')
		prefix_len--;
	while (path_len && request->target[path_len - 1] == '/')
		path_len--;
	/* The group as the client has written it, so that it needs no escapes here. */
	kt_buf_addf(&uri, "%s://%s%.*s%.*s/instances/%s", proto, host, (int)prefix_len, prefix, (int)path_len,
		request->target, i->config.name);
	answer->type = KT_SERVE_V2_TYPE;
	kt_jsonout_begin(&answer->body, NULL, '{');
	kt_jsonout_words(&answer->body, "instance_id", i->config.name);
	kt_jsonout_words(&answer->body, "base_uri", kt_buf_cstr(&uri));
	kt_jsonout_end(&answer->body, '}');
}
