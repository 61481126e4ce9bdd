#include "configjson.h"

#include "json.h"
#include "jsonout.h"

void kt_configjson(struct kt_buf *buf, const struct kt_configs *configs)
{
	if (configs->state != KT_CONFIGS_READ) {
		kt_jsonout_null(buf, "configs");
		kt_jsonout_text(buf, "configs_error", kt_configs_state_texts[configs->state]);
		return;
	}
	kt_jsonout_begin(buf, "configs", '{');
	for (size_t i = 0; i < configs->n; i++) {
		const struct kt_config *config = &configs->v[i];
		kt_jsonout_key(buf, NULL);
		kt_json_words(buf, config->name);
		kt_buf_adds(buf, ":{");
		kt_jsonout_words(buf, "value", config->value);
		kt_jsonout_text(buf, "source", config->source);
		if (config->sensitive)
			kt_jsonout_bool(buf, "sensitive", true);
		if (config->read_only)
			kt_jsonout_bool(buf, "read_only", true);
		kt_jsonout_end(buf, '}');
	}
	kt_jsonout_end(buf, '}');
}
