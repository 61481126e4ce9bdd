/* The media types of the REST proxy's API, as Content-Type and Accept name them. */
#include "restbody.h"

static const struct {
	const char *type;
	enum kt_rest_format format;
} types[] = {
	{"application/vnd.kafka.json.v2+json", KT_REST_JSON},
	{"application/vnd.kafka.binary.v2+json", KT_REST_BINARY},
	{"application/vnd.kafka.text.v2+json", KT_REST_TEXT},
	{"application/vnd.kafka.v2+json", KT_REST_BINARY},
	{"application/json", KT_REST_BINARY},
};

static bool is_type(const char *text, enum kt_rest_format *format)
{
	size_t len = strcspn(text, ",; ");
	for (size_t i = 0; i < KT_LEN(types); i++) {
		*format = types[i].format;
		if (len == strlen(types[i].type) && !strncasecmp(text, types[i].type, len))
			return true;
	}
	return false;
}

bool kt_rest_format(const char *text, enum kt_rest_format *format)
{
	for (; *text; text += strcspn(text, ","), text += *text == ',') {
		text += strspn(text, " \t");
		if (is_type(text, format))
			return true;
	}
	return false;
}

const char *kt_rest_type(enum kt_rest_format format)
{
	size_t i = 0;
	while (types[i].format != format)
		i++;
	return types[i].type;
}
