/* Keys and stores for a test, made here and now by openssl: none is kept in the repository. In a folder of the test's
 * own, which cleaned() removes.
 */
#ifndef KT_TEST_STORES_H
#define KT_TEST_STORES_H

#include <unistd.h>

#include "file.h"
#include "keystore.h"
#include "tap.h"

static char dir[] = "/tmp/kt-keystore-test-XXXXXX";
static struct kt_err err;
static struct kt_buf file, pem;

/* Runs a shell command in the folder. */
static bool shell(const char *command)
{
	char line[1024];
	snprintf(line, sizeof(line), "cd %s && { %s; } >log 2>&1", dir, command);
	return system(line) == 0;
}

static bool made(void)
{
	static int state;
	if (!state)
		state = mkdtemp(dir) && shell("openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt "
					      "-subj /CN=TestCA -days 2 && openssl req -newkey rsa:2048 -nodes -keyout "
					      "c.key -out c.csr -subj /O=x/CN=client58 && openssl x509 -req -in c.csr "
					      "-CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out c.crt")
				? 1
				: -1;
	if (state < 0)
		printf("# no openssl to make keys with: skipped\n");
	return state > 0;
}

static int load(const char *name)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file.len = pem.len = 0;
	err = (struct kt_err){0};
	return kt_file_read(&file, path, KT_STORE_MAX, &err);
}

static int certificates(const char *name, const char *password)
{
	if (load(name) < 0 || kt_store_certificates(&pem, file.data, file.len, password, name, &err) < 0)
		return -1;
	int n = 0;
	for (const char *at = kt_buf_cstr(&pem); (at = strstr(at, "-----BEGIN CERTIFICATE-----")); at++)
		n++;
	return n;
}

static int keystore(const char *name, const char *password, struct kt_keystore *out)
{
	*out = (struct kt_keystore){0};
	return load(name) < 0 ? -1 : kt_keystore_open(out, file.data, file.len, password, name, &err);
}

#define EXPORT "openssl pkcs12 -export -inkey c.key -in c.crt -certfile ca.crt -name client58 -passout pass:cc2023 "

static void clean_up(void)
{
	if (made())
		CHECK(shell("rm -rf \"$PWD\""));
	kt_buf_fini(&file);
	kt_buf_fini(&pem);
}

#endif
