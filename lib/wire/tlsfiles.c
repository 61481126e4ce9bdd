#include "tlsfiles.h"

#include <sys/stat.h>

#include "file.h"
#include "keystore.h"

static int read_file(struct kt_buf *out, const struct kt_setting *file, struct kt_err *err)
{
	if (kt_file_read(out, file->value, KT_STORE_MAX, err) == 0)
		return 0;
	err->status = KT_USAGE;
	return kt_err_wrap(err, "%s: %s", file->origin, file->key);
}

/* The file that a setting names, or the text of its sibling; neither is not an error. */
static int read_either(struct kt_buf *out, const struct kt_settings *s, const char *location, const char *text,
	const char **name, struct kt_err *err)
{
	const struct kt_setting *file = kt_settings_get(s, location), *given = kt_settings_get(s, text);
	if (file) {
		*name = file->value;
		return read_file(out, file, err);
	}
	if (given) {
		*name = given->origin;
		kt_buf_adds(out, given->value);
	}
	return 0;
}

static int read_store(struct kt_tlsfiles *out, const struct kt_setting *store, const char *password, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf file = {0};
	out->name = store->value;
	if (read_file(&file, store, err) < 0)
		return -1;
	if (kt_keystore_pem(&out->key, file.data, file.len, password, store->value, err) < 0)
		return -1;
	kt_buf_add(&out->certificates, out->key.data, out->key.len);
	return 0;
}

static int read_client(struct kt_tlsfiles *out, const struct kt_settings *s, struct kt_err *err)
{
	const char *key_name;
	const struct kt_setting *store = kt_settings_get(s, "ssl.keystore.location");
	if (store)
		return read_store(out, store, kt_settings_text(s, "ssl.keystore.password", ""), err);
	out->key_password = kt_settings_text(s, "ssl.key.password", NULL);
	if (read_either(&out->certificates, s, "ssl.certificate.location", "ssl.certificate.pem", &out->name, err) < 0)
		return -1;
	return read_either(&out->key, s, "ssl.key.location", "ssl.key.pem", &key_name, err);
}

static int read_cas(struct kt_tlsfiles *out, const struct kt_settings *s, struct kt_err *err)
{
	const char *location = kt_settings_text(s, "ssl.ca.location", NULL);
	struct stat info;
	out->ca_name = "the CAs of this machine";
	if (location && !strcmp(location, "probe"))
		return 0;
	if (location && stat(location, &info) == 0 && S_ISDIR(info.st_mode)) {
		out->ca_dir = out->ca_name = location;
		return 0;
	}
	return read_either(&out->cas, s, "ssl.ca.location", "ssl.ca.pem", &out->ca_name, err);
}

int kt_tlsfiles_read(struct kt_tlsfiles *out, const struct kt_settings *settings, struct kt_err *err)
{
	if (read_client(out, settings, err) == 0 && read_cas(out, settings, err) == 0)
		return 0;
	kt_tlsfiles_fini(out);
	return -1;
}

void kt_tlsfiles_fini(struct kt_tlsfiles *creds)
{
	kt_buf_wipe(&creds->certificates);
	kt_buf_wipe(&creds->key);
	kt_buf_fini(&creds->cas);
	*creds = (struct kt_tlsfiles){0};
}
