#include "loadlog.h"

#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "experiment_show.h"
#include "json.h"
#include "jsonout.h"
#include "list.h"
#include "say.h"
#include "shortest.h"
#include "sig.h"

enum { DAY_S = 86400, OFFSET_S = 7200 };

#define FOLDER "logs"

enum target { SIMULATOR, EVENTS };
static const char *const targets[KT_LOADLOG_TARGETS] = {
	"experiment_producer::simulator", "experiment_producer::events"};

enum level { OFF, ERROR, WARN, INFO, DEBUG, TRACE, LEVELS };
static const char *const levels[LEVELS] = {"OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"};

static int open_file(struct kt_loadlog *j, const char *path, struct kt_err *err)
{
	kt_auto(kt_sig_restore) struct kt_sig_fatal fatal = kt_sig_fatal();
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return kt_err_sys(err, "cannot write the log %s", path);
	if (j->fd >= 0)
		close(j->fd);
	j->fd = fd;
	return 0;
}

static int open_daily(struct kt_loadlog *j, int64_t day, struct kt_err *err)
{
	char path[64];
	struct tm tm;
	time_t midnight = (time_t)(day * DAY_S);
	if (mkdir(FOLDER, 0777) < 0 && errno != EEXIST)
		return kt_err_sys(err, "cannot make the directory %s", FOLDER);
	gmtime_r(&midnight, &tm);
	strftime(path, sizeof(path), FOLDER "/producer.json.log.%F", &tm);
	if (open_file(j, path, err) < 0)
		return -1;
	j->day = day;
	return 0;
}

int kt_loadlog_open(struct kt_loadlog *j, const char *path, struct kt_err *err)
{
	*j = (struct kt_loadlog){.path = path, .fd = -1, .levels = {DEBUG, DEBUG}};
	return path ? open_file(j, path, err) : open_daily(j, time(NULL) / DAY_S, err);
}

/* A level by its name or number, or -1. */
static int level_of(const char *word)
{
	for (int level = 0; level < LEVELS; level++)
		if (!strcasecmp(word, levels[level]) || (word[0] == '0' + level && !word[1]))
			return level;
	return -1;
}

/* "debug", "experiment_producer::events=trace", "experiment_producer": what it says about each target goes to most,
 * where nothing longer did. False: it is about none. */
static bool read_directive(char *text, int most[KT_LOADLOG_TARGETS], size_t lengths[KT_LOADLOG_TARGETS])
{
	char *equals = strchr(text, '=');
	int level = level_of(equals ? equals + 1 : text);
	size_t len = equals ? (size_t)(equals - text) : level < 0 ? strlen(text) : 0;
	bool found = false;
	if (level < 0 && equals)
		return false;
	for (int t = 0; t < KT_LOADLOG_TARGETS; t++) {
		if (strncmp(targets[t], text, len) != 0)
			continue;
		found = true;
		if (len < lengths[t])
			continue;
		lengths[t] = len;
		most[t] = level < 0 ? TRACE : level;
	}
	return found;
}

void kt_loadlog_filter(struct kt_loadlog *j, const char *directives)
{
	kt_auto(kt_strs_fini) struct kt_strs list = {0};
	int most[KT_LOADLOG_TARGETS] = {OFF, OFF};
	size_t lengths[KT_LOADLOG_TARGETS] = {0};
	bool any = false;
	kt_strs_split(&list, directives, ",");
	for (size_t i = 0; i < list.n; i++) {
		bool found = read_directive(list.v[i], most, lengths);
		any |= found;
		if (!found)
			kt_say(KT_WARNING, "RUST_LOG: \"%.60s\" means nothing here", list.v[i]);
	}
	if (any)
		memcpy(j->levels, most, sizeof(most));
}

static void fail(struct kt_loadlog *j)
{
	if (!j->failed.msg[0])
		kt_err_sys(&j->failed, "writing the log%s%s", j->path ? " " : "", j->path ? j->path : "");
	close(j->fd);
	j->fd = -1;
}

/* What cannot be written whole, as on a full disk, is at least no beginning for the next line. */
static void write_line(struct kt_loadlog *j)
{
	ssize_t done;
	do
		done = write(j->fd, j->line.data, j->line.len);
	while (done < 0 && errno == EINTR);
	if (done == (ssize_t)j->line.len)
		return;
	int cause = done < 0 ? errno : ENOSPC;
	if (done > 0 && write(j->fd, "\n", 1) < 0)
		cause = errno;
	errno = cause;
	fail(j);
}

/* The original shows every time as that of a zone two hours east. */
static void add_timestamp(struct kt_loadlog *j)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec != j->second) {
		struct tm tm;
		time_t shown = now.tv_sec + OFFSET_S;
		gmtime_r(&shown, &tm);
		strftime(j->prefix, sizeof(j->prefix), "%FT%T", &tm);
		j->second = now.tv_sec;
	}
	kt_jsonout_key(&j->line, "timestamp");
	kt_buf_addf(&j->line, "\"%s.%06ld+02\"", j->prefix, now.tv_nsec / 1000);
}

/* False: this is not wanted, or there is nothing to write to. */
static bool begin(struct kt_loadlog *j, enum target target, enum level level)
{
	if ((int)level > j->levels[target])
		return false;
	if (j->fd >= 0 && !j->path && time(NULL) / DAY_S != j->day && open_daily(j, time(NULL) / DAY_S, &j->failed) < 0)
		fail(j);
	if (j->fd < 0)
		return false;
	j->line.len = 0;
	kt_jsonout_begin(&j->line, NULL, '{');
	add_timestamp(j);
	kt_jsonout_text(&j->line, "level", levels[level]);
	kt_jsonout_begin(&j->line, "fields", '{');
	return true;
}

static void add_id(struct kt_buf *line, const char *name, const char *id)
{
	kt_jsonout_key(line, name);
	kt_json_string(line, id, KT_UUID_LEN);
}

static void add_number(struct kt_buf *line, const char *name, float value)
{
	kt_jsonout_key(line, name);
	kt_json_double(line, (double)value);
}

/* Numbers as strings, as in the original. */
static void add_digits(struct kt_buf *line, const char *name, int64_t n)
{
	char digits[32];
	snprintf(digits, sizeof(digits), "%lld", (long long)n);
	kt_jsonout_text(line, name, digits);
}

/* in: what it is a member of; NULL: an element. */
static void add_span(struct kt_buf *line, const char *in, const char *name, const char *member, const char *id)
{
	kt_jsonout_begin(line, in, '{');
	add_id(line, member, id);
	kt_jsonout_text(line, "name", name);
	kt_jsonout_end(line, '}');
}

static void end(struct kt_loadlog *j, enum target target, const char *id, const char *measurement)
{
	struct kt_buf *line = &j->line;
	kt_jsonout_end(line, '}');
	kt_jsonout_text(line, "target", targets[target]);
	if (measurement)
		add_span(line, "span", "measurement", "measurement_id", measurement);
	else
		add_span(line, "span", "experiment", "experiment_id", id);
	kt_jsonout_begin(line, "spans", '[');
	add_span(line, NULL, "experiment", "experiment_id", id);
	if (measurement)
		add_span(line, NULL, "measurement", "measurement_id", measurement);
	kt_buf_adds(line, "]}\n");
	write_line(j);
}

void kt_loadlog_configuration(struct kt_loadlog *j, const struct kt_experiment *e)
{
	if (!begin(j, SIMULATOR, INFO))
		return;
	kt_jsonout_text(&j->line, "stage", "configuration");
	kt_jsonout_text(&j->line, "researcher", e->load->researcher);
	end(j, SIMULATOR, e->id, NULL);
}

void kt_loadlog_stage(struct kt_loadlog *j, const char *id, const char *stage)
{
	if (!begin(j, SIMULATOR, INFO))
		return;
	kt_jsonout_text(&j->line, "stage", stage);
	end(j, SIMULATOR, id, NULL);
}

void kt_loadlog_terminated(
	struct kt_loadlog *j, const char *id, int64_t elapsed_ms, int64_t stabilization_ms, int64_t carry_out_ms)
{
	if (!begin(j, SIMULATOR, INFO))
		return;
	kt_jsonout_text(&j->line, "stage", KT_STAGE_TERMINATED);
	add_digits(&j->line, "elapsed", elapsed_ms);
	add_digits(&j->line, "stabilization", stabilization_ms);
	add_digits(&j->line, "carry_out", carry_out_ms);
	end(j, SIMULATOR, id, NULL);
}

void kt_loadlog_sample(struct kt_loadlog *j, const struct kt_experiment *e, const struct kt_sample *sample)
{
	const char *range = kt_range_names[sample->range];
	if (begin(j, EVENTS, DEBUG)) {
		add_number(&j->line, "avg_temperature", sample->average);
		end(j, EVENTS, e->id, sample->measurement);
	}
	if (range && begin(j, EVENTS, DEBUG)) {
		kt_jsonout_text(&j->line, "range_event", range);
		end(j, EVENTS, e->id, sample->measurement);
	}
	for (int64_t i = 0; i < e->load->sensors && begin(j, SIMULATOR, DEBUG); i++) {
		add_id(&j->line, "sensor", e->sensors[i]);
		add_number(&j->line, "temperature", sample->temperatures[i]);
		end(j, SIMULATOR, e->id, sample->measurement);
	}
}

void kt_loadlog_message(
	struct kt_loadlog *j, const char *id, const char *measurement, enum kt_event_kind kind, struct kt_bytes value)
{
	if (!begin(j, EVENTS, TRACE))
		return;
	kt_jsonout_text(&j->line, "topic", kind == KT_EVENT_DOCUMENT ? j->document : j->topic);
	kt_jsonout_key(&j->line, "key");
	kt_buf_addf(&j->line, "\"Some(\\\"%.*s\\\")\"", KT_UUID_LEN, id);
	j->text.len = 0;
	kt_event_show(&j->text, &j->schemas[kind], kind, value);
	kt_jsonout_key(&j->line, "record");
	kt_json_string(&j->line, kt_buf_cstr(&j->text), j->text.len);
	end(j, EVENTS, id, measurement);
}

void kt_loadlog_failure(struct kt_loadlog *j, const char *id, const char *measurement, enum kt_event_kind kind,
	int64_t count, int64_t maybe, const char *why)
{
	if (!begin(j, SIMULATOR, ERROR))
		return;
	kt_jsonout_text(&j->line, "message", "Failed to produce message");
	kt_jsonout_text(&j->line, "record_name", kt_event_names[kind]);
	kt_jsonout_i64(&j->line, "count", count);
	kt_jsonout_i64(&j->line, "maybe_written", maybe);
	kt_jsonout_text(&j->line, "error", why);
	end(j, SIMULATOR, id, measurement);
}

void kt_loadlog_close(struct kt_loadlog *j)
{
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
	kt_buf_fini(&j->line);
	kt_buf_fini(&j->text);
	for (int kind = 0; kind < KT_EVENT_KINDS; kind++) {
		kt_avro_schema_free(j->schemas[kind]);
		j->schemas[kind] = NULL;
	}
}
