#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json.h"
#include "shortest.h"

enum { DAY_S = 86400, OFFSET_S = 7200 };

#define FOLDER "logs"
#define TARGET_SIMULATOR "experiment_producer::simulator"
#define TARGET_EVENTS "experiment_producer::events"

static int open_file(struct kt_journal *j, const char *path, struct kt_err *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return kt_err_sys(err, "cannot write the log %s", path);
	if (j->fd >= 0)
		close(j->fd);
	j->fd = fd;
	return 0;
}

static int open_daily(struct kt_journal *j, int64_t day, struct kt_err *err)
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

int kt_journal_open(struct kt_journal *j, const char *path, struct kt_err *err)
{
	*j = (struct kt_journal){.path = path, .fd = -1};
	return path ? open_file(j, path, err) : open_daily(j, time(NULL) / DAY_S, err);
}

static void fail(struct kt_journal *j)
{
	if (!j->failed.msg[0])
		kt_err_sys(&j->failed, "writing the log%s%s", j->path ? " " : "", j->path ? j->path : "");
	close(j->fd);
	j->fd = -1;
}

/* What cannot be written whole, as on a full disk, is at least no beginning for the next line. */
static void write_line(struct kt_journal *j)
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
static void add_timestamp(struct kt_journal *j)
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
	kt_buf_addf(&j->line, "{\"timestamp\":\"%s.%06ld+02\"", j->prefix, now.tv_nsec / 1000);
}

/* False: there is nothing to write to. */
static bool begin(struct kt_journal *j, const char *level)
{
	if (j->fd >= 0 && !j->path && time(NULL) / DAY_S != j->day && open_daily(j, time(NULL) / DAY_S, &j->failed) < 0)
		fail(j);
	if (j->fd < 0)
		return false;
	j->line.len = 0;
	add_timestamp(j);
	kt_buf_addf(&j->line, ",\"level\":\"%s\",\"fields\":{", level);
	return true;
}

static void add_member(struct kt_buf *line, const char *name, const char *text, size_t len)
{
	if (line->data[line->len - 1] != '{')
		kt_buf_addc(line, ',');
	kt_json_string(line, name, strlen(name));
	kt_buf_addc(line, ':');
	kt_json_string(line, text, len);
}

static void add_number(struct kt_buf *line, const char *name, float value)
{
	if (line->data[line->len - 1] != '{')
		kt_buf_addc(line, ',');
	kt_json_string(line, name, strlen(name));
	kt_buf_addc(line, ':');
	kt_json_double(line, (double)value);
}

static void add_span(struct kt_buf *line, const char *name, const char *member, const char *id)
{
	kt_buf_addc(line, '{');
	add_member(line, member, id, KT_UUID_LEN);
	add_member(line, "name", name, strlen(name));
	kt_buf_addc(line, '}');
}

static void end(struct kt_journal *j, const char *target, const char *id, const char *measurement)
{
	struct kt_buf *line = &j->line;
	kt_buf_addf(line, "},\"target\":\"%s\",\"span\":", target);
	if (measurement)
		add_span(line, "measurement", "measurement_id", measurement);
	else
		add_span(line, "experiment", "experiment_id", id);
	kt_buf_adds(line, ",\"spans\":[");
	add_span(line, "experiment", "experiment_id", id);
	if (measurement) {
		kt_buf_addc(line, ',');
		add_span(line, "measurement", "measurement_id", measurement);
	}
	kt_buf_adds(line, "]}\n");
	write_line(j);
}

void kt_journal_configuration(struct kt_journal *j, const struct kt_experiment *e)
{
	const char *researcher = e->load->researcher;
	if (!begin(j, "INFO"))
		return;
	kt_buf_adds(&j->line, "\"stage\":\"configuration\"");
	add_member(&j->line, "researcher", researcher, strlen(researcher));
	end(j, TARGET_SIMULATOR, e->id, NULL);
}

void kt_journal_stage(struct kt_journal *j, const char *id, const char *stage)
{
	if (!begin(j, "INFO"))
		return;
	add_member(&j->line, "stage", stage, strlen(stage));
	end(j, TARGET_SIMULATOR, id, NULL);
}

void kt_journal_terminated(
	struct kt_journal *j, const char *id, int64_t elapsed_ms, int64_t stabilization_ms, int64_t carry_out_ms)
{
	if (!begin(j, "INFO"))
		return;
	/* Numbers as strings, as in the original. */
	kt_buf_addf(&j->line,
		"\"stage\":\"" KT_STAGE_TERMINATED
		"\",\"elapsed\":\"%lld\",\"stabilization\":\"%lld\",\"carry_out\":\"%lld\"",
		(long long)elapsed_ms, (long long)stabilization_ms, (long long)carry_out_ms);
	end(j, TARGET_SIMULATOR, id, NULL);
}

void kt_journal_sample(struct kt_journal *j, const struct kt_experiment *e, const struct kt_sample *sample)
{
	const char *range = kt_range_names[sample->range];
	if (!begin(j, "DEBUG"))
		return;
	add_number(&j->line, "avg_temperature", sample->average);
	end(j, TARGET_EVENTS, e->id, sample->measurement);
	if (range && begin(j, "DEBUG")) {
		add_member(&j->line, "range_event", range, strlen(range));
		end(j, TARGET_EVENTS, e->id, sample->measurement);
	}
	for (int64_t i = 0; i < e->load->sensors && begin(j, "DEBUG"); i++) {
		add_member(&j->line, "sensor", e->sensors[i], KT_UUID_LEN);
		add_number(&j->line, "temperature", sample->temperatures[i]);
		end(j, TARGET_SIMULATOR, e->id, sample->measurement);
	}
}

void kt_journal_failure(struct kt_journal *j, const char *id, const char *measurement, enum kt_event_kind kind,
	int64_t count, int64_t maybe, const char *why)
{
	if (!begin(j, "ERROR"))
		return;
	add_member(&j->line, "message", "Failed to produce message", 25);
	add_member(&j->line, "record_name", kt_event_names[kind], strlen(kt_event_names[kind]));
	kt_buf_addf(&j->line, ",\"count\":%lld,\"maybe_written\":%lld", (long long)count, (long long)maybe);
	add_member(&j->line, "error", why, strlen(why));
	end(j, TARGET_SIMULATOR, id, measurement);
}

void kt_journal_close(struct kt_journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
	kt_buf_fini(&j->line);
}
