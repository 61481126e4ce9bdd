#include "registry_answer.h"

#include <jansson.h>

#include "esc.h"
#include "mem.h"

static json_t *load(const char *text, size_t len, struct kt_err *err)
{
	json_error_t problem;
	json_t *json = len > KT_REGISTRY_ANSWER_MAX ? NULL : json_loadb(text, len, 0, &problem);
	if (len > KT_REGISTRY_ANSWER_MAX)
		kt_err_set(err, KT_FAILED, "the answer is larger than %d bytes", KT_REGISTRY_ANSWER_MAX);
	else if (!json)
		kt_err_set(err, KT_FAILED, "the answer is not JSON");
	return json;
}

static int read_references(struct kt_registry_answer *out, const json_t *list, struct kt_err *err)
{
	size_t i, n = json_array_size(list);
	const json_t *json;
	if (n > KT_REGISTRY_REFERENCES)
		return kt_err_set(err, KT_FAILED, "%zu references, more than %d", n, KT_REGISTRY_REFERENCES);
	out->references = kt_calloc(n, sizeof(*out->references));
	json_array_foreach(list, i, json)
	{
		const char *subject = json_string_value(json_object_get(json, "subject"));
		const json_t *version = json_object_get(json, "version");
		if (!subject || !*subject || !json_is_integer(version))
			return kt_err_set(err, KT_FAILED, "reference %zu has no subject and version", i + 1);
		const char *name = json_string_value(json_object_get(json, "name"));
		out->references[out->n_references++] =
			(struct kt_registry_reference){.name = kt_strdup(name ? name : subject),
				.subject = kt_strdup(subject),
				.version = json_integer_value(version)};
	}
	return 0;
}

static int read_schema(struct kt_registry_answer *out, const json_t *json, struct kt_err *err)
{
	const json_t *schema = json_object_get(json, "schema");
	const char *type = json_string_value(json_object_get(json, "schemaType"));
	if (!json_is_string(schema))
		return kt_err_set(err, KT_FAILED, "the answer holds no schema");
	out->schema = kt_strdup(json_string_value(schema));
	out->type = kt_strdup(type ? type : "AVRO");
	out->id = json_integer_value(json_object_get(json, "id"));
	out->version = json_integer_value(json_object_get(json, "version"));
	return read_references(out, json_object_get(json, "references"), err);
}

int kt_registry_answer_read(struct kt_registry_answer *out, const char *text, size_t len, struct kt_err *err)
{
	json_t *json = load(text, len, err);
	int result = json ? read_schema(out, json, err) : -1;
	json_decref(json);
	if (result < 0)
		kt_registry_answer_fini(out);
	return result;
}

void kt_registry_answer_fini(struct kt_registry_answer *answer)
{
	for (size_t i = 0; i < answer->n_references; i++) {
		free(answer->references[i].name);
		free(answer->references[i].subject);
	}
	free(answer->references);
	free(answer->schema);
	free(answer->type);
	*answer = (struct kt_registry_answer){0};
}

int64_t kt_registry_answer_error(char *message, size_t size, const char *text, size_t len)
{
	struct kt_err ignored;
	json_t *json = load(text, len, &ignored);
	const json_t *words = json_object_get(json, "message");
	int64_t code = json_integer_value(json_object_get(json, "error_code"));
	message[0] = '\0';
	if (json_is_string(words))
		kt_quote(message, size, (struct kt_bytes){json_string_value(words), json_string_length(words)});
	json_decref(json);
	return code;
}

int kt_registry_answer_id(int64_t *id, const char *text, size_t len, struct kt_err *err)
{
	json_t *json = load(text, len, err);
	const json_t *number = json_object_get(json, "id");
	int result = json ? 0 : -1;
	if (json &&
		(!json_is_integer(number) || json_integer_value(number) < 0 || json_integer_value(number) > UINT32_MAX))
		result = kt_err_set(err, KT_FAILED, "the answer holds no number of a schema");
	if (result == 0)
		*id = json_integer_value(number);
	json_decref(json);
	return result;
}

static int take_names(struct kt_strs *out, const json_t *list, struct kt_err *err)
{
	size_t i;
	const json_t *json;
	if (!json_is_array(list))
		return kt_err_set(err, KT_FAILED, "the answer is not a list");
	json_array_foreach(list, i, json)
	{
		const char *name = json_string_value(json);
		if (!name)
			return kt_err_set(err, KT_FAILED, "the answer's element %zu is not a name", i + 1);
		kt_strs_add(out, name);
	}
	return 0;
}

int kt_registry_answer_names(struct kt_strs *out, const char *text, size_t len, struct kt_err *err)
{
	json_t *json = load(text, len, err);
	int result = json ? take_names(out, json, err) : -1;
	json_decref(json);
	return result;
}

static int take_numbers(int64_t *numbers, size_t *n, const json_t *list, struct kt_err *err)
{
	size_t i;
	const json_t *json;
	json_array_foreach(list, i, json)
	{
		if (!json_is_integer(json))
			return kt_err_set(err, KT_FAILED, "the answer's element %zu is not a number", i + 1);
		numbers[(*n)++] = json_integer_value(json);
	}
	return 0;
}

int kt_registry_answer_numbers(int64_t **numbers, size_t *n, const char *text, size_t len, struct kt_err *err)
{
	/* One number is JSON too, but not to jansson without being told. */
	kt_auto(kt_buf_fini) struct kt_buf wrapped = {0};
	size_t blank = 0;
	while (blank < len && (text[blank] == ' ' || text[blank] == '\n' || text[blank] == '\r' || text[blank] == '\t'))
		blank++;
	bool list = blank < len && text[blank] == '[';
	kt_buf_adds(&wrapped, list ? "" : "[");
	kt_buf_add(&wrapped, text, len);
	kt_buf_adds(&wrapped, list ? "" : "]");
	json_t *json = load(wrapped.data, wrapped.len, err);
	*n = 0;
	*numbers = json ? kt_calloc(json_array_size(json) + 1, sizeof(**numbers)) : NULL;
	int result = json ? take_numbers(*numbers, n, json, err) : -1;
	json_decref(json);
	if (result < 0) {
		free(*numbers);
		*numbers = NULL;
	}
	return result;
}

int kt_registry_answer_fits(bool *fits, struct kt_strs *why, const char *text, size_t len, struct kt_err *err)
{
	json_t *json = load(text, len, err);
	const json_t *answer = json_object_get(json, "is_compatible"), *messages = json_object_get(json, "messages");
	int result = json ? 0 : -1;
	if (json && !json_is_boolean(answer))
		result = kt_err_set(err, KT_FAILED, "the answer does not say whether it is compatible");
	if (result == 0)
		*fits = json_is_true(answer);
	if (result == 0 && json_is_array(messages))
		result = take_names(why, messages, err);
	json_decref(json);
	return result;
}
