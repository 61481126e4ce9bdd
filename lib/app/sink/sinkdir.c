#include "sinkdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

static const char note_part[] = KT_SINKROLL_FILE ".part";

enum { FILE_MODE = 0666, FOLDER_MODE = 0777 };

static int descriptor(const struct kt_sinkdir *dir)
{
	return dir->lock - 1;
}

/* FOLDER/NAME below the sink's folder, or NAME where folder is "". */
static char *path_of(const char *folder, const char *name)
{
	return kt_asprintf("%s%s%s", folder, *folder ? "/" : "", name);
}

static char *final_path(const char *folder, const struct kt_sinkname *name)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_sinkname_write(name, &text);
	return path_of(folder, kt_buf_cstr(&text));
}

static char *part_path(const char *folder, const struct kt_sinkname *name)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_sinkname_part(name, &text);
	return path_of(folder, kt_buf_cstr(&text));
}

static int fail(const struct kt_sinkdir *dir, const char *what, const char *path, struct kt_err *err)
{
	return kt_err_sys(err, "cannot %s %s/%s", what, dir->path, path);
}

/* What stands under a name that is only the sink's own has to be a file: anything else is not touched. */
static int remove_own(const struct kt_sinkdir *dir, const char *path, struct kt_err *err)
{
	struct stat info;
	if (fstatat(descriptor(dir), path, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fail(dir, "look at", path, err);
	if (!S_ISREG(info.st_mode))
		return kt_err_set(err, KT_FAILED, "%s/%s is in the way: it is not a file", dir->path, path);
	return unlinkat(descriptor(dir), path, 0) < 0 ? fail(dir, "remove", path, err) : 0;
}

static int create_own(const struct kt_sinkdir *dir, int *fd, const char *path, struct kt_err *err)
{
	if (remove_own(dir, path, err) < 0)
		return -1;
	*fd = openat(descriptor(dir), path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	return *fd < 0 ? fail(dir, "make", path, err) : 0;
}

/* "dt=…" and "dt=…/hour=…". */
static int make_folder(const struct kt_sinkdir *dir, const char *folder, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *path = kt_strdup(folder);
	for (char *end = path; *end;) {
		end += strcspn(end, "/");
		bool more = *end;
		*end = '\0';
		if (mkdirat(descriptor(dir), path, FOLDER_MODE) < 0 && errno != EEXIST)
			return fail(dir, "make the folder", path, err);
		if (!more)
			return 0;
		*end++ = '/';
	}
	return 0;
}

int kt_sinkdir_create(
	const struct kt_sinkdir *dir, int *fd, const char *folder, const struct kt_sinkname *name, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *path = part_path(folder, name);
	if (make_folder(dir, folder, err) < 0)
		return -1;
	return create_own(dir, fd, path, err);
}

int kt_sinkdir_reopen(
	const struct kt_sinkdir *dir, int *fd, const char *folder, const struct kt_sinkname *name, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *path = part_path(folder, name);
	*fd = openat(descriptor(dir), path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	return *fd < 0 ? fail(dir, "open", path, err) : 0;
}

void kt_sinkdir_remove(const struct kt_sinkdir *dir, const char *folder, const struct kt_sinkname *name)
{
	kt_auto(kt_free_ptr) char *path = part_path(folder, name);
	/* Of what the note names some may have their names: the next start gives theirs to the others. */
	if (!dir->noted)
		(void)!unlinkat(descriptor(dir), path, 0);
}

/* A folder's names are on the disk. Some file systems do not know that for folders. */
static int sync_folder(const struct kt_sinkdir *dir, const char *folder, struct kt_err *err)
{
	int fd = openat(descriptor(dir), *folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail(dir, "open", folder, err);
	int failed = fsync(fd) < 0 && errno != EINVAL ? errno : 0;
	close(fd);
	errno = failed;
	return failed ? fail(dir, "sync", folder, err) : 0;
}

/* These, and those that they are in. */
static int sync_folders(const struct kt_sinkdir *dir, const struct kt_strs *folders, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs all = {0};
	for (size_t i = 0; i < folders->n; i++) {
		kt_auto(kt_free_ptr) char *day = kt_strdup(folders->v[i]);
		char *slash = strchr(day, '/');
		kt_strs_add_new(&all, folders->v[i]);
		if (slash)
			*slash = '\0';
		kt_strs_add_new(&all, day);
	}
	kt_strs_add_new(&all, "");
	for (size_t i = 0; i < all.n; i++)
		if (sync_folder(dir, all.v[i], err) < 0)
			return -1;
	return 0;
}

/* As rename(2), but nothing is replaced. */
static int rename_fresh(int fd, const char *from, const char *to)
{
	if (renameat2(fd, from, fd, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (faccessat(fd, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return renameat(fd, from, fd, to);
}

/* again: it may have its name already. */
static int give_name(const struct kt_sinkdir *dir, const char *folder, const struct kt_sinkname *name, bool again,
	struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *part = part_path(folder, name);
	kt_auto(kt_free_ptr) char *path = final_path(folder, name);
	struct stat info;
	if (rename_fresh(descriptor(dir), part, path) == 0)
		return 0;
	if (errno == EEXIST)
		return kt_err_set(err, KT_FAILED, "%s/%s is there already", dir->path, path);
	if (errno != ENOENT)
		return fail(dir, "name", path, err);
	if (again && fstatat(descriptor(dir), path, &info, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	kt_err_set(err, KT_FAILED, "%s/%s is gone, which was to become %s", dir->path, part, path);
	if (again)
		kt_err_hint(err, "if its records are not missed, remove %s/" KT_SINKROLL_FILE, dir->path);
	return -1;
}

static int give_names(const struct kt_sinkdir *dir, const struct kt_sinkroll *roll, bool again, struct kt_err *err)
{
	for (size_t i = 0; i < roll->folders.n; i++)
		if (give_name(dir, roll->folders.v[i], &roll->name, again, err) < 0)
			return -1;
	return 0;
}

static int write_all(int fd, const struct kt_buf *text)
{
	for (size_t at = 0; at < text->len;) {
		ssize_t done = write(fd, text->data + at, text->len - at);
		if (done < 0 && errno != EINTR)
			return -1;
		at += done > 0 ? (size_t)done : 0;
	}
	return fsync(fd);
}

/* The note is there, whole and for good. */
static int write_note(struct kt_sinkdir *dir, const struct kt_sinkroll *roll, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	int fd;
	kt_sinkroll_write(roll, &text);
	if (create_own(dir, &fd, note_part, err) < 0)
		return -1;
	int failed = write_all(fd, &text) < 0 ? errno : 0;
	if (close(fd) < 0 && !failed)
		failed = errno;
	errno = failed;
	if (failed)
		return fail(dir, "write", note_part, err);
	if (rename_fresh(descriptor(dir), note_part, KT_SINKROLL_FILE) < 0)
		return fail(dir, "make", KT_SINKROLL_FILE, err);
	dir->noted = true;
	return sync_folder(dir, "", err);
}

static int remove_note(struct kt_sinkdir *dir, struct kt_err *err)
{
	if (unlinkat(descriptor(dir), KT_SINKROLL_FILE, 0) < 0)
		return fail(dir, "remove", KT_SINKROLL_FILE, err);
	dir->noted = false;
	return sync_folder(dir, "", err);
}

/* A roll of which somebody has removed a file does not count: with a note it would be half there. */
static int check_parts(const struct kt_sinkdir *dir, const struct kt_sinkroll *roll, struct kt_err *err)
{
	struct stat info;
	for (size_t i = 0; i < roll->folders.n; i++) {
		kt_auto(kt_free_ptr) char *part = part_path(roll->folders.v[i], &roll->name);
		if (fstatat(descriptor(dir), part, &info, AT_SYMLINK_NOFOLLOW) < 0)
			return fail(dir, "find", part, err);
	}
	return 0;
}

int kt_sinkdir_finish(struct kt_sinkdir *dir, const struct kt_sinkroll *roll, struct kt_err *err)
{
	if (roll->folders.n == 1) {
		kt_strs_add_new(&dir->unsettled, roll->folders.v[0]);
		return give_names(dir, roll, false, err);
	}
	/* With the note the files have to be there too. */
	if (check_parts(dir, roll, err) < 0 || sync_folders(dir, &roll->folders, err) < 0 ||
		write_note(dir, roll, err) < 0 || give_names(dir, roll, false, err) < 0 ||
		sync_folders(dir, &roll->folders, err) < 0)
		return -1;
	return remove_note(dir, err);
}

int kt_sinkdir_settle(struct kt_sinkdir *dir, struct kt_err *err)
{
	if (dir->unsettled.n && sync_folders(dir, &dir->unsettled, err) < 0)
		return -1;
	kt_strs_fini(&dir->unsettled);
	dir->unsettled = (struct kt_strs){0};
	return 0;
}

/* The note's text: 1; 0: there is no note. */
static int read_note(const struct kt_sinkdir *dir, struct kt_buf *text, struct kt_err *err)
{
	struct stat info;
	int fd = openat(descriptor(dir), KT_SINKROLL_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : fail(dir, "read", KT_SINKROLL_FILE, err);
	bool regular = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= KT_SINKROLL_BYTES;
	ssize_t got = regular ? read(fd, kt_buf_reserve(text, KT_SINKROLL_BYTES), KT_SINKROLL_BYTES) : 0;
	close(fd);
	if (got < 0)
		return fail(dir, "read", KT_SINKROLL_FILE, err);
	text->len = (size_t)got;
	return 1;
}

/* What an earlier sink was finishing when it was ended. */
static int recover(struct kt_sinkdir *dir, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_auto(kt_sinkroll_fini) struct kt_sinkroll roll = {0};
	int there = read_note(dir, &text, err);
	if (there <= 0)
		return there;
	if (kt_sinkroll_read(&roll, (struct kt_bytes){text.data, text.len}, err) < 0)
		return kt_err_wrap(err, "%s/" KT_SINKROLL_FILE, dir->path);
	if (give_names(dir, &roll, true, err) < 0 || sync_folders(dir, &roll.folders, err) < 0)
		return -1;
	return remove_note(dir, err);
}

static uint32_t number_of(struct kt_sinkdir *dir, const char *name)
{
	struct kt_uuid id = kt_idmap_name(&dir->ids, name, strlen(name));
	uint32_t *number = kt_idmap_put(&dir->ids, &id);
	if (*number == KT_IDMAP_NEW) {
		*number = (uint32_t)dir->names.n;
		kt_strs_add(&dir->names, name);
	}
	return *number;
}

static int add_file(
	struct kt_sinkdir *dir, uint32_t folder, const char *path, const struct kt_sinkname *name, struct kt_err *err)
{
	struct stat info;
	if (fstatat(descriptor(dir), path, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(dir, "look at", path, err);
	/* A link is what somebody may have put in the place of a file that was moved. */
	if (!S_ISREG(info.st_mode) && !S_ISLNK(info.st_mode))
		return kt_err_set(err, KT_FAILED, "%s/%s has the name of a sink's file and is none", dir->path, path);
	dir->files = kt_grow(dir->files, &dir->cap, dir->n_files + 1, sizeof(*dir->files));
	dir->files[dir->n_files++] = (struct kt_sinkdir_file){
		.first = name->first,
		.last = name->last,
		.topic = number_of(dir, name->topic),
		.folder = folder,
		.partition = name->partition,
		.format = name->format,
		.packing = name->packing,
	};
	return 0;
}

static int take_entry(
	struct kt_sinkdir *dir, const char *folder, uint32_t number, const char *entry, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *path = path_of(folder, entry);
	struct kt_sinkname name;
	if (kt_sinkname_is_part(entry) || (!*folder && !strcmp(entry, note_part)))
		return remove_own(dir, path, err);
	return kt_sinkname_read(&name, entry) ? add_file(dir, number, path, &name, err) : 0;
}

/* The folders of a folder that may hold files too. */
static bool is_below(const char *folder, const char *entry)
{
	return *folder ? !strchr(folder, '/') && kt_sinkname_is_hour(entry) : kt_sinkname_is_day(entry);
}

/* The names of a folder; those of folders in it go into below. */
static int look_into(struct kt_sinkdir *dir, const char *folder, struct kt_strs *below, struct kt_err *err)
{
	int fd = openat(descriptor(dir), *folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	if (!list)
		return fail(dir, "read", folder, err);
	uint32_t number = number_of(dir, folder);
	int result = 0;
	for (struct dirent *entry; result == 0;) {
		errno = 0;
		entry = readdir(list);
		/* Of a part of the names a partition would go on too early. */
		if (!entry && errno)
			result = fail(dir, "read", folder, err);
		if (!entry)
			break;
		if (is_below(folder, entry->d_name))
			kt_strs_take(below, path_of(folder, entry->d_name));
		else
			result = take_entry(dir, folder, number, entry->d_name, err);
	}
	closedir(list);
	return result;
}

static int look(struct kt_sinkdir *dir, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs days = {0};
	kt_auto(kt_strs_fini) struct kt_strs hours = {0};
	kt_auto(kt_strs_fini) struct kt_strs none = {0};
	if (look_into(dir, "", &days, err) < 0)
		return -1;
	for (size_t i = 0; i < days.n; i++)
		if (look_into(dir, days.v[i], &hours, err) < 0)
			return -1;
	for (size_t i = 0; i < hours.n; i++)
		if (look_into(dir, hours.v[i], &none, err) < 0)
			return -1;
	return 0;
}

static int by_offset(const void *left, const void *right)
{
	const struct kt_sinkdir_file *a = left, *b = right;
	if (a->topic != b->topic)
		return a->topic < b->topic ? -1 : 1;
	if (a->partition != b->partition)
		return a->partition < b->partition ? -1 : 1;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return a->last == b->last ? 0 : a->last < b->last ? -1 : 1;
}

static char *path_of_file(const struct kt_sinkdir *dir, const struct kt_sinkdir_file *file)
{
	struct kt_sinkname name = {.partition = file->partition,
		.first = file->first,
		.last = file->last,
		.format = file->format,
		.packing = file->packing};
	snprintf(name.topic, sizeof(name.topic), "%s", dir->names.v[file->topic]);
	return final_path(dir->names.v[file->folder], &name);
}

/* a is before b, and maybe of the same partition. */
static bool overlap(const struct kt_sinkdir_file *a, const struct kt_sinkdir_file *b)
{
	if (a->topic != b->topic || a->partition != b->partition || b->first > a->last)
		return false;
	return a->first != b->first || a->last != b->last || a->folder == b->folder || a->format != b->format ||
	       a->packing != b->packing;
}

static int check_overlaps(const struct kt_sinkdir *dir, struct kt_err *err)
{
	for (size_t i = 1; i < dir->n_files; i++) {
		const struct kt_sinkdir_file *a = &dir->files[i - 1], *b = &dir->files[i];
		if (!overlap(a, b))
			continue;
		kt_auto(kt_free_ptr) char *one = path_of_file(dir, a);
		kt_auto(kt_free_ptr) char *other = path_of_file(dir, b);
		kt_err_set(err, KT_FAILED, "%s: %s and %s hold the same offsets", dir->path, one, other);
		return kt_err_hint(err, "remove one of them: of both, some records would be there twice");
	}
	return 0;
}

static int lock_folder(struct kt_sinkdir *dir, struct kt_err *err)
{
	struct kt_err ignored;
	if (mkdir(dir->path, FOLDER_MODE) < 0 && errno != EEXIST)
		return kt_err_sys(err, "cannot make the folder %s", dir->path);
	int fd = open(dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		kt_err_sys(err, "%s", dir->path);
		err->status = errno == ENOTDIR ? KT_USAGE : KT_FAILED;
		return -1;
	}
	dir->lock = fd + 1;
	/* It may have just been made, and is to stay with its files. */
	(void)!sync_folder(dir, "..", &ignored);
	/* File systems that know no locks go without. */
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return 0;
	return kt_err_set(err, KT_FAILED, "another sink is writing to %s: there is one at a time", dir->path);
}

int kt_sinkdir_open(struct kt_sinkdir *dir, const char *path, struct kt_err *err)
{
	dir->path = path;
	if (lock_folder(dir, err) < 0 || recover(dir, err) < 0 || look(dir, err) < 0)
		return -1;
	if (dir->n_files)
		qsort(dir->files, dir->n_files, sizeof(*dir->files), by_offset);
	return check_overlaps(dir, err);
}

int64_t kt_sinkdir_next(struct kt_sinkdir *dir, const char *topic, int32_t partition)
{
	struct kt_uuid id = kt_idmap_name(&dir->ids, topic, strlen(topic));
	const uint32_t *number = kt_idmap_get(&dir->ids, &id);
	size_t low = 0, high = dir->n_files;
	if (!number)
		return KT_SINKDIR_NONE;
	const struct kt_sinkdir_file behind = {
		.topic = *number, .partition = partition, .first = INT64_MAX, .last = INT64_MAX};
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (by_offset(&dir->files[middle], &behind) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	const struct kt_sinkdir_file *last = low ? &dir->files[low - 1] : NULL;
	return last && last->topic == *number && last->partition == partition ? last->last + 1 : KT_SINKDIR_NONE;
}

void kt_sinkdir_close(struct kt_sinkdir *dir)
{
	if (dir->lock)
		close(descriptor(dir));
	free(dir->files);
	kt_strs_fini(&dir->names);
	kt_strs_fini(&dir->unsettled);
	kt_idmap_fini(&dir->ids);
	*dir = (struct kt_sinkdir){0};
}
