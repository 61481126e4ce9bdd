#include "sinkdbfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ending.h"
#include "mem.h"
#include "sig.h"

enum { LOOK_MS = 20 };

/* A byte that SQLite, whose own locks are at 1 GB, does not use. */
#define LOCKED_BYTE (INT64_MAX - 1)

static const char own_tables[] =
	"CREATE TABLE IF NOT EXISTS kt_sink_offsets(topic TEXT NOT NULL, partition INTEGER NOT NULL, "
	"next INTEGER NOT NULL, PRIMARY KEY(topic, partition)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS kt_sink_tables(topic TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, id BLOB) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS kt_sink_columns(\"table\" TEXT NOT NULL COLLATE NOCASE, place INTEGER NOT NULL, "
	"name TEXT NOT NULL, path TEXT NOT NULL, type TEXT NOT NULL, PRIMARY KEY(\"table\", place)) WITHOUT ROWID";

static int explain(const struct kt_sinkdbfile *f, struct kt_err *err)
{
	int kind = kt_sqlite.extended_errcode(f->db) & 0xff;
	int stopped = kt_owner_stopped(f->owner);
	if (kind == SQLITE_BUSY && stopped)
		return kt_ended(stopped, err, "while another program wrote %s", f->path);
	bool full = kind == SQLITE_FULL;
	kt_err_set(err, kind == SQLITE_NOTADB ? KT_USAGE : KT_FAILED, "%s: %s", f->path,
		full ? "there is no room for more" : kt_sqlite.errmsg(f->db));
	/* A file that may not become larger (`ulimit -f`) is an error as any other to SQLite. */
	if (full || kind == SQLITE_IOERR)
		return kt_err_hint(err, "it has what was committed before, and the next run goes on there%s",
			full ? "" : "; `ulimit -f` and quotas are limits too");
	if (kind == SQLITE_CANTOPEN || kind == SQLITE_READONLY)
		return kt_err_hint(err, "SQLite keeps files beside it: it and its folder have to be writable");
	return -1;
}

int kt_sinkdbfile_fail(struct kt_sinkdbfile *f, struct kt_err *err)
{
	explain(f, err);
	f->failed = true;
	/* Without an open one, as after a full disk, this is an error that changes nothing. */
	kt_sqlite.exec(f->db, "ROLLBACK", NULL, NULL, NULL);
	f->open = false;
	return -1;
}

int kt_sinkdbfile_exec(struct kt_sinkdbfile *f, const char *sql, struct kt_err *err)
{
	return kt_sqlite.exec(f->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : kt_sinkdbfile_fail(f, err);
}

int kt_sinkdbfile_prepare(struct kt_sinkdbfile *f, const char *sql, sqlite3_stmt **out, struct kt_err *err)
{
	return kt_sqlite.prepare_v2(f->db, sql, -1, out, NULL) == SQLITE_OK ? 0 : kt_sinkdbfile_fail(f, err);
}

int kt_sinkdbfile_step(struct kt_sinkdbfile *f, sqlite3_stmt *statement, struct kt_err *err)
{
	int code = kt_sqlite.step(statement);
	if (code != SQLITE_DONE && code != SQLITE_ROW) {
		kt_sinkdbfile_fail(f, err);
		kt_sqlite.reset(statement);
		return -1;
	}
	kt_sqlite.reset(statement);
	return 0;
}

int kt_sinkdbfile_has(struct kt_sinkdbfile *f, const char *name, bool *has, struct kt_err *err)
{
	static const char sql[] =
		"SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE";
	sqlite3_stmt *one = NULL;
	if (kt_sinkdbfile_prepare(f, sql, &one, err) < 0)
		return -1;
	kt_sqlite.bind_text64(one, 1, name, strlen(name), SQLITE_STATIC, SQLITE_UTF8);
	int code = kt_sqlite.step(one);
	*has = code == SQLITE_ROW;
	int result = *has || code == SQLITE_DONE ? 0 : kt_sinkdbfile_fail(f, err);
	kt_sqlite.finalize(one);
	return result;
}

/* SQLite asks whether to try again for a lock that somebody else has. */
static int wait_for_others(void *user, int times)
{
	struct kt_sinkdbfile *f = user;
	if (!times)
		kt_waiting_end(&f->wait);
	kt_waiting_say(&f->wait, "another program to let go of %s", f->path);
	kt_wait(NULL, 0, LOOK_MS);
	return !kt_owner_stopped(f->owner);
}

static int open_plain(struct kt_sinkdbfile *f, struct kt_err *err)
{
	struct stat info;
	if (stat(f->path, &info) == 0 && !S_ISREG(info.st_mode))
		return kt_err_set(err, KT_USAGE, "%s is not a regular file", f->path);
	kt_auto(kt_sig_restore) struct kt_sig_fatal fatal = kt_sig_fatal();
	f->lock_fd = open(f->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
	if (f->lock_fd < 0) {
		f->lock_fd = 0;
		return kt_err_sys(err, "opening %s", f->path);
	}
	return 0;
}

/* A lock that belongs to the descriptor: what SQLite does with its own does not touch it. It has to be taken before
 * SQLite opens the file, and closed after it: closing any descriptor takes the process's locks of the other kind. */
static int lock(struct kt_sinkdbfile *f, struct kt_err *err)
{
	struct flock byte = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCKED_BYTE, .l_len = 1};
	if (open_plain(f, err) < 0)
		return -1;
	/* File systems that know no locks go without. */
	if (fcntl(f->lock_fd, F_OFD_SETLK, &byte) == 0 || (errno != EAGAIN && errno != EACCES))
		return 0;
	kt_err_set(err, KT_FAILED, "another sink writes %s", f->path);
	return kt_err_hint(err, "a sink takes several topics: kt sink sqlite FILE TOPIC TOPIC");
}

/* Readers see the last commit while the next one is written, and each commit is on the disk when it is done. */
static int set_up(struct kt_sinkdbfile *f, struct kt_err *err)
{
	static const char begin[] = "BEGIN IMMEDIATE", end[] = "COMMIT";
	static const char put[] = "INSERT INTO kt_sink_offsets VALUES(?,?,?) "
				  "ON CONFLICT DO UPDATE SET next = excluded.next";
	if (kt_sinkdbfile_exec(f, "PRAGMA journal_mode=WAL", err) < 0 ||
		kt_sinkdbfile_exec(f, "PRAGMA synchronous=FULL", err) < 0 ||
		kt_sinkdbfile_prepare(f, begin, &f->begin, err) < 0 ||
		kt_sinkdbfile_prepare(f, end, &f->commit, err) < 0 || kt_sinkdbfile_begin(f, err) < 0 ||
		kt_sinkdbfile_exec(f, own_tables, err) < 0 || kt_sinkdbfile_commit(f, err) < 0)
		return -1;
	return kt_sinkdbfile_prepare(f, put, &f->put_place, err);
}

int kt_sinkdbfile_open(struct kt_sinkdbfile *f, const char *path, const struct kt_owner *owner, struct kt_err *err)
{
	*f = (struct kt_sinkdbfile){.path = path, .owner = owner, .wait.owner = owner};
	/* Names such as :memory: and file:x mean something else to SQLite, alone. */
	kt_auto(kt_free_ptr) char *plain = kt_asprintf("%s%s", *path == '/' ? "" : "./", path);
	if (kt_sqlite_load(err) < 0 || lock(f, err) < 0)
		return -1;
	if (kt_sqlite.open_v2(plain, &f->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return f->db ? explain(f, err) : kt_err_set(err, KT_FAILED, "%s: no memory", path);
	kt_sqlite.busy_handler(f->db, wait_for_others, f);
	return set_up(f, err);
}

int kt_sinkdbfile_begin(struct kt_sinkdbfile *f, struct kt_err *err)
{
	if (f->open)
		return 0;
	int result = kt_sinkdbfile_step(f, f->begin, err);
	kt_waiting_end(&f->wait);
	f->open = result == 0;
	return result;
}

/* SQLite goes on in a file that nobody can open any more. */
static int check_place(const struct kt_sinkdbfile *f, struct kt_err *err)
{
	struct stat ours, there;
	if (stat(f->path, &there) == 0 && fstat(f->lock_fd, &ours) == 0 && ours.st_ino == there.st_ino &&
		ours.st_dev == there.st_dev)
		return 0;
	return kt_err_set(err, KT_FAILED, "%s was removed or replaced while it was written", f->path);
}

int kt_sinkdbfile_commit(struct kt_sinkdbfile *f, struct kt_err *err)
{
	if (f->failed)
		return kt_err_set(err, KT_FAILED, "%s: nothing more is kept", f->path);
	if (!f->open)
		return 0;
	if (check_place(f, err) < 0) {
		f->failed = true;
		return -1;
	}
	int result = kt_sinkdbfile_step(f, f->commit, err);
	f->open = false;
	return result;
}

int kt_sinkdbfile_places(struct kt_sinkdbfile *f, struct kt_sinkplace **out, size_t *n, struct kt_err *err)
{
	sqlite3_stmt *all = NULL;
	size_t cap = 0;
	int code;
	*n = 0;
	if (kt_sinkdbfile_prepare(f, "SELECT topic, partition, next FROM kt_sink_offsets", &all, err) < 0)
		return -1;
	while ((code = kt_sqlite.step(all)) == SQLITE_ROW) {
		const unsigned char *topic = kt_sqlite.column_text(all, 0);
		*out = kt_grow(*out, &cap, *n + 1, sizeof(**out));
		(*out)[(*n)++] = (struct kt_sinkplace){.topic = kt_strdup(topic ? (const char *)topic : ""),
			.partition = kt_sqlite.column_int(all, 1),
			.next = kt_sqlite.column_int64(all, 2)};
	}
	kt_sqlite.finalize(all);
	return code == SQLITE_DONE ? 0 : kt_sinkdbfile_fail(f, err);
}

int kt_sinkdbfile_put_place(
	struct kt_sinkdbfile *f, const char *topic, int32_t partition, int64_t next, struct kt_err *err)
{
	kt_sqlite.bind_text64(f->put_place, 1, topic, strlen(topic), SQLITE_STATIC, SQLITE_UTF8);
	kt_sqlite.bind_int(f->put_place, 2, partition);
	kt_sqlite.bind_int64(f->put_place, 3, next);
	return kt_sinkdbfile_step(f, f->put_place, err);
}

void kt_sinkdbfile_close(struct kt_sinkdbfile *f)
{
	if (f->db) {
		kt_sqlite.finalize(f->begin);
		kt_sqlite.finalize(f->commit);
		kt_sqlite.finalize(f->put_place);
		kt_sqlite.close(f->db);
	}
	if (f->lock_fd)
		close(f->lock_fd);
	*f = (struct kt_sinkdbfile){0};
}
