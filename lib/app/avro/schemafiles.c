#include "schemafiles.h"

#include <dirent.h>

#include "avro_join.h"
#include "avro_reader.h"
#include "file.h"
#include "mem.h"
#include "num.h"
#include "say.h"

/* The number in a file's name, "17.avsc", or KT_AVRO_NO_ID. */
static int64_t id_of(const char *name)
{
	struct kt_err ignored;
	int64_t id;
	kt_auto(kt_free_ptr) char *stem = kt_strndup(name, strcspn(name, "."));
	return kt_parse_i64(stem, 0, UINT32_MAX, &id, &ignored) < 0 ? KT_AVRO_NO_ID : id;
}

static struct kt_schemafile *add(struct kt_schemafiles *files, char *taken, int64_t id, bool named)
{
	files->v = kt_grow(files->v, &files->cap, files->n + 1, sizeof(*files->v));
	files->v[files->n] = (struct kt_schemafile){.path = taken, .id = id, .named = named};
	return &files->v[files->n++];
}

static int is_schema(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');
	return dot && dot != entry->d_name && !strcmp(dot, ".avsc");
}

static int list_dir(struct kt_schemafiles *files, const char *dir, struct kt_err *err)
{
	struct dirent **entries = NULL;
	int n = scandir(dir, &entries, is_schema, alphasort);
	if (n < 0) {
		kt_err_sys(err, "reading the directory %s", dir);
		err->status = KT_USAGE;
		return -1;
	}
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		add(files, kt_asprintf("%s/%s", dir, name), id_of(name), false);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

/* Whether it is a schema that is complete by itself; with join, after the types of others were put into it. */
static int check(struct kt_schemafile *file, struct kt_avro_pool *join, struct kt_err *err)
{
	struct kt_avro_schema *schema = NULL;
	kt_auto(kt_buf_fini) struct kt_buf whole = {0};
	if (join && kt_avro_pool_join(join, &whole, file->text.data, file->text.len, err) < 0)
		return -1;
	const struct kt_buf *text = join ? &whole : &file->text;
	if (kt_avro_schema_parse(&schema, text->data, text->len, err) < 0)
		return -1;
	kt_avro_schema_free(schema);
	if (join) {
		struct kt_buf before = file->text;
		file->text = whole;
		whole = before;
	}
	return 0;
}

/* A file that cannot be used, whatever the others are. */
static int refuse(struct kt_schemafiles *files, struct kt_schemafile *file, struct kt_err *err)
{
	if (err->status == KT_FAILED)
		err->status = KT_USAGE;
	kt_err_wrap(err, "%s", file->path);
	if (file->named || files->n == 1)
		return -1;
	kt_say(KT_WARNING, "left out: %s", err->msg);
	*err = (struct kt_err){0};
	kt_buf_fini(&file->text);
	free(file->path);
	struct kt_schemafile *end = files->v + files->n--;
	memmove(file, file + 1, (size_t)((char *)end - (char *)(file + 1)));
	return 0;
}

/* Reads them all into the pool, whose texts are then the files. */
static int read_texts(struct kt_schemafiles *files, struct kt_avro_pool *pool, struct kt_err *err)
{
	for (size_t i = 0; i < files->n;) {
		struct kt_schemafile *file = &files->v[i];
		if (kt_file_read(&file->text, file->path, KT_AVRO_SCHEMA_MAX, err) < 0)
			return file->named ? -1 : refuse(files, file, err);
		if (kt_avro_pool_add(pool, kt_buf_cstr(&file->text), file->text.len, err) == 0)
			i++;
		else if (refuse(files, file, err) < 0)
			return -1;
	}
	return 0;
}

static int group_of(const struct kt_schemafile *file)
{
	return (file->named ? 0 : 2) + file->wanted;
}

/* Those that were named, then the folder's; within each, first those that nobody refers to. */
static void sort(struct kt_schemafiles *files)
{
	struct kt_schemafile *sorted = kt_calloc(files->n, sizeof(*sorted));
	size_t n = 0;
	for (int group = 0; group < 4; group++)
		for (size_t i = 0; i < files->n; i++)
			if (group_of(&files->v[i]) == group)
				sorted[n++] = files->v[i];
	free(files->v);
	files->v = sorted;
	files->cap = files->n;
}

int kt_schemafiles_read(struct kt_schemafiles *files, const struct kt_strs *named, const char *dir, struct kt_err *err)
{
	kt_auto(kt_avro_pool_fini) struct kt_avro_pool pool = {0};
	for (size_t i = 0; i < named->n; i++)
		add(files, kt_strdup(named->v[i]), KT_AVRO_NO_ID, true);
	if ((dir && list_dir(files, dir, err) < 0) || read_texts(files, &pool, err) < 0)
		return -1;
	for (size_t i = 0; i < files->n; i++) {
		struct kt_err alone = {0};
		if (check(&files->v[i], NULL, &alone) < 0)
			(void)check(&files->v[i], &pool, err);
	}
	for (size_t i = 0; i < pool.n; i++)
		files->v[i].wanted = pool.wanted[i];
	for (size_t i = 0; i < files->n;) {
		if (check(&files->v[i], NULL, err) == 0)
			i++;
		else if (refuse(files, &files->v[i], err) < 0)
			return -1;
	}
	sort(files);
	return 0;
}

void kt_schemafiles_fini(struct kt_schemafiles *files)
{
	for (size_t i = 0; i < files->n; i++) {
		free(files->v[i].path);
		kt_buf_fini(&files->v[i].text);
	}
	free(files->v);
	*files = (struct kt_schemafiles){0};
}
