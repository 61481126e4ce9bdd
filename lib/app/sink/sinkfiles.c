#include "sinkfiles.h"

#include "mem.h"
#include "num.h"
#include "say.h"
#include "sinkfile.h"
#include "sinkschema.h"
#include "waiting.h"
#include "when.h"

/* A partition, and its roll. */
struct part {
	struct kt_sinkname name; /* first and last: of the roll */
	int64_t next;            /* the offset of the next record, at least; KT_SINKDIR_NONE: none is known */
	bool passed;             /* no roll is open, and records were left out since the last one, */
	int64_t passed_from;     /* from this offset on */
	bool open;               /* there is a roll, */
	bool broken;             /* of which something could not be written: it does not count */
	int64_t begun_us;
	struct kt_sinkfile *files; /* of the roll */
	size_t n, cap, last;
	int64_t unlooked;             /* bytes since the roll's size was looked at */
	struct kt_sinkschema *schema; /* of Avro; held while the roll is open */
	struct kt_sinktext *text;     /* of text; from the first record on */
};

struct kt_sinkfiles {
	struct kt_sinkfiles_how how;
	struct kt_sinkdir dir;
	struct kt_sinkshape shape;
	struct kt_sinkschemas schemas;
	struct kt_sinklines lines;
	struct kt_sinkplace *places;
	size_t n_places;
	struct part **parts;
	size_t n, cap, last;
	size_t n_active;   /* files */
	bool lost;         /* a roll was not written: nothing after it counts for a group */
	uint64_t number;   /* of records taken */
	int64_t done;      /* files that were finished */
	int64_t oldest_us; /* when the oldest open roll was begun; INT64_MAX: none is open */
};

static void drop_roll(struct kt_sinkfiles *s, struct part *part)
{
	for (size_t i = 0; i < part->n; i++) {
		s->n_active -= part->files[i].active;
		kt_sinkfile_fini(&part->files[i]);
	}
	part->n = part->last = 0;
	if (part->schema)
		part->schema->held--;
	part->schema = NULL;
	part->open = part->broken = false;
	part->unlooked = 0;
}

static int broke(struct part *part)
{
	part->broken = true;
	return -1;
}

/* All files of the partition's roll are on the disk, and get their names, which are then to be settled. */
static int end_roll(struct kt_sinkfiles *s, struct part *part, struct kt_err *err)
{
	kt_auto(kt_sinkroll_fini) struct kt_sinkroll roll = {.name = part->name};
	for (size_t i = 0; i < part->n; i++) {
		if (kt_sinkfile_end(&part->files[i], &s->dir, &part->name, err) < 0)
			return broke(part);
		kt_strs_add(&roll.folders, part->files[i].folder);
	}
	if (kt_sinkdir_finish(&s->dir, &roll, err) < 0)
		return broke(part);
	s->done += (int64_t)part->n;
	drop_roll(s, part);
	return 0;
}

static int end_one(struct kt_sinkfiles *s, struct part *part, struct kt_err *err)
{
	return end_roll(s, part, err) < 0 ? -1 : kt_sinkdir_settle(&s->dir, err);
}

static void find_oldest(struct kt_sinkfiles *s)
{
	s->oldest_us = INT64_MAX;
	for (size_t i = 0; i < s->n; i++)
		if (s->parts[i]->open && s->parts[i]->begun_us < s->oldest_us)
			s->oldest_us = s->parts[i]->begun_us;
}

static bool is_of(const struct part *part, const struct kt_record *r)
{
	return part->name.partition == r->partition && kt_bytes_are(r->topic, part->name.topic);
}

/* Whether files of all that is read can have names, before anything is. */
static int begin(void *user, const struct kt_partitions *parts, struct kt_err *err)
{
	(void)user;
	for (size_t i = 0; i < parts->n; i++)
		if (!kt_sinkname_fits(parts->v[i].topic))
			return kt_err_set(err, KT_FAILED, "the name of topic %s is too long for names of files",
				parts->v[i].topic);
	return 0;
}

static void add_part(struct kt_sinkfiles *s, const struct kt_record *r)
{
	struct part *part = kt_calloc(1, sizeof(*part));
	snprintf(part->name.topic, sizeof(part->name.topic), "%.*s", (int)r->topic.len, r->topic.data);
	part->name.partition = r->partition;
	part->name.format = s->shape.format;
	part->name.packing = s->how.packing;
	part->next = kt_sinkdir_next(&s->dir, part->name.topic, r->partition);
	s->parts = kt_grow(s->parts, &s->cap, s->n + 1, sizeof(struct part *));
	s->parts[s->n++] = part;
}

static struct part *find_part(struct kt_sinkfiles *s, const struct kt_record *r)
{
	if (s->last < s->n && is_of(s->parts[s->last], r))
		return s->parts[s->last];
	for (s->last = 0; s->last < s->n && !is_of(s->parts[s->last], r);)
		s->last++;
	if (s->last == s->n)
		add_part(s, r);
	return s->parts[s->last];
}

/* Which folder it goes to, as a number. */
static int64_t slot_of(const struct kt_sinkfiles *s, const struct kt_record *r)
{
	int64_t ms = s->how.folders == KT_SINKFOLDERS_HOUR ? 3600000 : 86400000;
	if (s->how.folders == KT_SINKFOLDERS_NONE)
		return 0;
	if (r->tstype == KT_TS_NONE)
		return INT64_MIN;
	return r->ts_ms / ms - (r->ts_ms % ms < 0);
}

static struct kt_sinkfile *add_file(struct kt_sinkfiles *s, struct part *part, const struct kt_record *r, int64_t slot)
{
	kt_auto(kt_buf_fini) struct kt_buf folder = {0};
	kt_sinkname_folder(s->how.folders, r, &folder);
	/* Times that no folder is named by share one. */
	for (size_t i = 0; i < part->n; i++)
		if (!strcmp(part->files[i].folder, kt_buf_cstr(&folder)))
			return &part->files[i];
	part->files = kt_grow(part->files, &part->cap, part->n + 1, sizeof(*part->files));
	struct kt_sinkfile *file = &part->files[part->n++];
	*file = (struct kt_sinkfile){
		.shape = &s->shape, .text = part->text, .folder = kt_strdup(kt_buf_cstr(&folder)), .slot = slot};
	if (part->schema)
		file->schema = (struct kt_bytes){part->schema->text.data, part->schema->text.len};
	return file;
}

static struct kt_sinkfile *find_file(struct kt_sinkfiles *s, struct part *part, const struct kt_record *r)
{
	int64_t slot = slot_of(s, r);
	if (part->last < part->n && part->files[part->last].slot == slot)
		return &part->files[part->last];
	for (size_t i = 0; i < part->n; i++) {
		if (part->files[i].slot != slot)
			continue;
		part->last = i;
		return &part->files[i];
	}
	return add_file(s, part, r, slot);
}

/* Of the files that are open the one that was not used longest is closed for now. */
static int rest_one(struct kt_sinkfiles *s, struct kt_err *err)
{
	struct part *of = NULL;
	struct kt_sinkfile *oldest = NULL;
	for (size_t i = 0; i < s->n; i++) {
		for (size_t k = 0; k < s->parts[i]->n; k++) {
			struct kt_sinkfile *file = &s->parts[i]->files[k];
			if (!file->active || (oldest && oldest->used < file->used))
				continue;
			oldest = file;
			of = s->parts[i];
		}
	}
	oldest->active = false;
	s->n_active--;
	return kt_sinkfile_rest(oldest, &s->dir, &of->name, err) < 0 ? broke(of) : 0;
}

static int wake(struct kt_sinkfiles *s, struct kt_sinkfile *file, struct kt_err *err)
{
	file->used = ++s->number;
	if (file->active)
		return 0;
	if (s->n_active == KT_SINKFILES_OPEN && rest_one(s, err) < 0)
		return -1;
	file->active = true;
	s->n_active++;
	return 0;
}

static bool is_large(const struct kt_sinkfiles *s, struct part *part)
{
	int64_t bytes = 0;
	if (part->unlooked < KT_SINKFILE_BLOCK && part->unlooked < s->how.roll_bytes)
		return false;
	part->unlooked = 0;
	for (size_t i = 0; i < part->n; i++)
		bytes += kt_sinkfile_bytes(&part->files[i]);
	return bytes >= s->how.roll_bytes;
}

static void begin_roll(
	struct kt_sinkfiles *s, struct part *part, const struct kt_record *r, struct kt_sinkschema *schema)
{
	if (part->open)
		return;
	part->open = true;
	part->begun_us = kt_clock_us();
	part->name.first = part->passed ? part->passed_from : r->offset;
	part->name.last = part->name.first - 1;
	part->passed = false;
	part->schema = schema;
	if (schema)
		schema->held++;
	if (part->begun_us < s->oldest_us)
		s->oldest_us = part->begun_us;
}

/* Appends the record, or what it holds, to its file. data: NULL: it is a line as it is. */
static int append(struct kt_sinkfiles *s, struct part *part, const struct kt_record *r, const struct kt_sinkdata *data,
	struct kt_err *err)
{
	struct kt_sinkfile *file = find_file(s, part, r);
	if (wake(s, file, err) < 0) {
		/* A roll that was begun for this record has nothing. */
		if (part->name.last < part->name.first)
			drop_roll(s, part);
		return -1;
	}
	struct kt_buf *out = kt_sinkfile_room(file);
	size_t before = out->len;
	if (data)
		kt_buf_add(out, data->bytes.data, data->bytes.len);
	else
		kt_sinktext_add(part->text, r, false, out);
	part->unlooked += (int64_t)(out->len - before);
	part->name.last = r->offset;
	part->next = r->offset + 1;
	return kt_sinkfile_added(file, data ? data->count : 1, &s->dir, &part->name, err) < 0 ? broke(part) : 0;
}

/* Whether the roll cannot take the record: its schema is another one, or it has as many folders as it may have. */
static bool is_over(const struct part *part, const struct kt_sinkschema *schema)
{
	return part->open && (part->schema != schema || part->n == KT_SINKROLL_FOLDERS);
}

static int check_offset(
	const struct kt_sinkfiles *s, const struct part *part, const struct kt_record *r, struct kt_err *err)
{
	if (r->offset >= part->next)
		return 0;
	return kt_err_set(err, KT_FAILED,
		"%s [%d] goes on at offset %lld, and %s has it up to %lld: the topic was recreated or cut",
		part->name.topic, (int)r->partition, (long long)r->offset, s->how.path, (long long)part->next);
}

/* What is left out is within the span of the roll, or of the next one. */
static int pass(void *user, const struct kt_record *r, struct kt_err *err)
{
	struct kt_sinkfiles *s = user;
	struct part *part = find_part(s, r);
	if (check_offset(s, part, r, err) < 0)
		return -1;
	if (part->open) {
		part->name.last = r->offset;
	} else if (!part->passed) {
		part->passed = true;
		part->passed_from = r->offset;
	}
	part->next = r->offset + 1;
	return 0;
}

/* What it is in its file: data, or with NULL a line. 0; 1: the filter leaves it out; -1. */
static int shape(struct kt_sinkfiles *s, struct part *part, const struct kt_record *r, struct kt_sinkdata **data,
	struct kt_sinkschema **schema, struct kt_err *err)
{
	*schema = NULL;
	if (s->shape.format == KT_SINKFORMAT_AVRO) {
		*schema = kt_sinkschemas_take(&s->schemas, r, *data);
		return 0;
	}
	if (!part->text && !(part->text = kt_sinklines_text(&s->lines, part->name.topic, err)))
		return -1;
	if (s->lines.decode.on)
		return kt_sinklines_take(&s->lines, part->text, r, *data, err);
	*data = NULL;
	return 0;
}

static int take(void *user, const struct kt_record *r, struct kt_err *err)
{
	struct kt_sinkfiles *s = user;
	struct kt_sinkdata room, *data = &room;
	struct kt_sinkschema *schema;
	struct part *part = find_part(s, r);
	if (check_offset(s, part, r, err) < 0)
		return -1;
	int left_out = shape(s, part, r, &data, &schema, err);
	if (left_out)
		return left_out < 0 || pass(s, r, err) < 0 ? -1 : 1;
	if (is_over(part, schema) && end_one(s, part, err) < 0)
		return -1;
	begin_roll(s, part, r, schema);
	if (append(s, part, r, data, err) < 0)
		return -1;
	if (is_large(s, part) && end_one(s, part, err) < 0)
		return -1;
	if (!part->open)
		find_oldest(s);
	return 0;
}

static void remove_roll(struct kt_sinkfiles *s, struct part *part)
{
	for (size_t i = 0; i < part->n; i++)
		kt_sinkdir_remove(&s->dir, part->files[i].folder, &part->name);
	drop_roll(s, part);
	s->lost = true;
}

/* A roll that could not be written gives its room to the others, which may still be kept. */
static int remove_broken(struct kt_sinkfiles *s, struct kt_err *err)
{
	int result = 0;
	for (size_t i = 0; i < s->n; i++) {
		struct part *part = s->parts[i];
		if (!part->broken)
			continue;
		result = kt_err_set(err, KT_FAILED, "%s [%d] was not written from offset %lld on", part->name.topic,
			(int)part->name.partition, (long long)part->name.first);
		remove_roll(s, part);
	}
	return result;
}

/* The open files of a roll that is about to end. */
static int begin_end(struct kt_sinkfiles *s, struct part *part, struct kt_err *err)
{
	for (size_t i = 0; i < part->n; i++)
		if (part->files[i].active && kt_sinkfile_whole(&part->files[i], &s->dir, &part->name, err) < 0)
			return broke(part);
	return 0;
}

static int commit(void *user, const struct kt_partitions *parts, struct kt_err *err)
{
	struct kt_sinkfiles *s = user;
	kt_auto(kt_waiting_end) struct kt_waiting wait = {.owner = s->how.owner};
	struct kt_err later;
	int result = remove_broken(s, err);
	(void)parts;
	for (size_t i = 0; i < s->n; i++) {
		if (!s->parts[i]->open || begin_end(s, s->parts[i], result < 0 ? &later : err) == 0)
			continue;
		remove_roll(s, s->parts[i]);
		result = -1;
	}
	for (size_t i = 0; i < s->n; i++) {
		struct part *part = s->parts[i];
		kt_waiting_say(&wait, "the disk, for the files of %s", s->how.path);
		if (part->open && end_roll(s, part, result < 0 ? &later : err) < 0) {
			remove_roll(s, part);
			result = -1;
		}
	}
	if (kt_sinkdir_settle(&s->dir, result < 0 ? &later : err) < 0)
		result = -1;
	s->oldest_us = INT64_MAX;
	return s->lost && result == 0 ? kt_err_set(err, KT_FAILED, "not all records were written") : result;
}

static int64_t due_ms(void *user)
{
	const struct kt_sinkfiles *s = user;
	return s->oldest_us == INT64_MAX ? INT64_MAX : kt_left_ms(s->oldest_us, s->how.roll_ms);
}

struct kt_sinkstore kt_sinkfiles_store(struct kt_sinkfiles *s)
{
	return (struct kt_sinkstore){.user = s,
		.filters = s->lines.decode.on,
		.begin = begin,
		.take = take,
		.pass = pass,
		.commit = commit,
		.due_ms = due_ms};
}

/* Of each partition the last file. */
static void note_places(struct kt_sinkfiles *s)
{
	const struct kt_sinkdir *dir = &s->dir;
	s->places = kt_calloc(dir->n_files + 1, sizeof(*s->places));
	for (size_t i = 0; i < dir->n_files; i++) {
		const struct kt_sinkdir_file *file = &dir->files[i], *next = file + 1;
		if (i + 1 < dir->n_files && next->topic == file->topic && next->partition == file->partition)
			continue;
		s->places[s->n_places++] = (struct kt_sinkplace){
			.topic = dir->names.v[file->topic], .partition = file->partition, .next = file->last + 1};
	}
}

int kt_sinkfiles_open(struct kt_sinkfiles **out, const struct kt_sinkfiles_how *how, struct kt_err *err)
{
	kt_auto(kt_sinkfiles_close) struct kt_sinkfiles *s = kt_calloc(1, sizeof(*s));
	kt_auto(kt_sinkpack_free) struct kt_sinkpack *pack = NULL;
	s->how = *how;
	s->oldest_us = INT64_MAX;
	s->shape = (struct kt_sinkshape){.format = how->lines.format, .packing = how->packing};
	if (kt_sinklines_open(&s->lines, &how->lines, err) < 0)
		return -1;
	/* What is not there is to be said before anything is made. */
	if (how->packing && kt_sinkpack_open(&pack, how->packing, err) < 0)
		return -1;
	if (s->shape.format == KT_SINKFORMAT_AVRO && kt_sinkblocks_open(&s->shape.blocks, how->codec, err) < 0)
		return -1;
	if (kt_sinkdir_open(&s->dir, how->path, err) < 0)
		return -1;
	note_places(s);
	*out = kt_steal(s);
	return 0;
}

const struct kt_sinkplace *kt_sinkfiles_places(const struct kt_sinkfiles *s, size_t *n)
{
	*n = s->n_places;
	return s->places;
}

int64_t kt_sinkfiles_count(const struct kt_sinkfiles *s)
{
	return s->done;
}

void kt_sinkfiles_say(const struct kt_sinkfiles *s)
{
	char digits[32];
	int64_t plain = s->schemas.data ? s->schemas.plain : 0;
	kt_sinklines_say(&s->lines);
	if (plain)
		kt_say(KT_NORMAL, "%s value%s in files of whole records", kt_group_digits(plain, digits),
			plain == 1 ? " is not an Avro container: it is" : "s are not Avro containers: they are");
}

void kt_sinkfiles_close(struct kt_sinkfiles **at)
{
	struct kt_sinkfiles *s = *at;
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		drop_roll(s, s->parts[i]);
		free(s->parts[i]->files);
		free(s->parts[i]);
	}
	free(s->parts);
	free(s->places);
	kt_sinkblocks_close(&s->shape.blocks);
	kt_sinklines_fini(&s->lines);
	kt_sinkschemas_fini(&s->schemas);
	kt_sinkdir_close(&s->dir);
	free(s);
	*at = NULL;
}
