#include "schemafile.h"

#include "file.h"

static const char *const types[] = {"avro", "json", "protobuf", NULL};
static const char *const api_types[] = {"AVRO", "JSON", "PROTOBUF"};

#define OPTS struct kt_schemafile_opts
/* clang-format off */
const struct kt_opt kt_schemafile_opts[] = {
	{.name = "SUBJECT", .positional = true, KT_STR(subject), .help = "the subject, TOPIC-value for a topic's values"},
	{.name = "FILE", .positional = true, KT_STR(file), .comp = KT_COMP_FILE, .help = "the schema; - is stdin"},
	{.name = "type", KT_ENUM(type, types), .def = "avro", .help = "what kind of schema it is"},
	{.name = "reference", .also = "references", KT_LIST(references), .arg = "NAME=SUBJECT:VERSION",
		.help = "another one that it refers to by that name; may be repeated"},
	KT_END,
};
/* clang-format on */

int kt_schemafile_read(
	struct kt_buf *text, struct kt_subject_schema *schema, const struct kt_schemafile_opts *o, struct kt_err *err)
{
	if (!o->subject || !o->file)
		return kt_err_set(err, KT_USAGE, "a subject and a file with the schema are needed");
	if (kt_file_read(text, strcmp(o->file, "-") ? o->file : "/dev/stdin", KT_AVRO_SCHEMA_MAX, err) < 0)
		return -1;
	if (!text->len)
		return kt_err_set(err, KT_USAGE, "%.200s is empty", o->file);
	*schema = (struct kt_subject_schema){.text = text, .type = api_types[o->type], .references = &o->references};
	return 0;
}
