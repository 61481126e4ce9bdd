#include "recordcommand.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mem.h"
#include "recordjson.h"

static void drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* A file in memory, at its beginning. */
static int file_of(const char *data, size_t len, struct kt_err *err)
{
	kt_auto(drop) int fd = memfd_create("record", MFD_CLOEXEC);
	for (size_t done = 0; fd >= 0 && done < len;) {
		ssize_t n = pwrite(fd, data + done, len - done, (off_t)done);
		if (n < 0 && errno != EINTR)
			return kt_err_sys(err, "handing over the record");
		done += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0)
		return kt_err_sys(err, "handing over the record");
	int file = fd;
	fd = -1;
	return file;
}

static void add_variables(struct kt_strs *out, const struct kt_record *r, int64_t attempt)
{
	bool fits = r->key.len <= KT_RECORDCOMMAND_KEY && !(r->key.data && memchr(r->key.data, 0, r->key.len));
	kt_strs_take(out, kt_asprintf("KT_RECORD_TOPIC=%.*s", (int)r->topic.len, r->topic.data));
	kt_strs_take(out, kt_asprintf("KT_RECORD_PARTITION=%d", (int)r->partition));
	kt_strs_take(out, kt_asprintf("KT_RECORD_OFFSET=%lld", (long long)r->offset));
	if (r->key.data && fits)
		kt_strs_take(out, kt_asprintf("KT_RECORD_KEY=%.*s", (int)r->key.len, r->key.data));
	else if (r->key.data)
		kt_strs_add(out, "KT_RECORD_KEY_OMITTED=1");
	if (r->tstype != KT_TS_NONE)
		kt_strs_take(out, kt_asprintf("KT_RECORD_TIMESTAMP=%lld", (long long)r->ts_ms));
	kt_strs_take(out, kt_asprintf("KT_RECORD_ATTEMPT=%lld", (long long)attempt));
}

int kt_recordcommand_start(struct kt_child *child, const struct kt_recordcommand *command,
	const struct kt_record *record, int64_t attempt, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs variables = {0};
	kt_auto(kt_buf_fini) struct kt_buf head = {0};
	child->fd = -1;
	add_variables(&variables, record, attempt);
	kt_recordjson_head(&head, record, KT_ENC_UTF8);
	kt_buf_addc(&head, '\n');
	kt_auto(drop) int body = file_of(record->value.data, record->value.len, err);
	kt_auto(drop) int json = body < 0 ? -1 : file_of(head.data, head.len, err);
	if (json < 0)
		return -1;
	const struct kt_child_how how = {
		.in = body,
		.out = command->out,
		.err = command->err,
		.third = json,
		.environment = &variables,
		.without = "KT_RECORD_",
		.apart = true,
		.closed = true,
		.tied = command->tied,
	};
	return kt_child_start(child, command->words, &how, err);
}
