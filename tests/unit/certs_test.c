#include "certs.h"

#include <unistd.h>

#include "file.h"
#include "tap.h"

static char dir[] = "/tmp/kt-certs-test-XXXXXX";
static struct kt_err err;

/* Keys are made here and now: none is kept in the repository. */
static bool made(void)
{
	static int state;
	char line[1024];
	if (state)
		return state > 0;
	state = -1;
	if (!mkdtemp(dir))
		return false;
	snprintf(line, sizeof(line),
		"cd %s && { openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=TestCA "
		"-days 2 && "
		"openssl req -newkey rsa:2048 -nodes -keyout c.key -out c.csr -subj /O=x/CN=client58 && "
		"echo subjectAltName=DNS:h,IP:127.0.0.1 >ext && openssl x509 -req -in c.csr -CA ca.crt -CAkey ca.key "
		"-CAcreateserial -days 20 -extfile ext -out c.crt && openssl req -x509 -newkey rsa:2048 -nodes -keyout "
		"o.key "
		"-out o.crt -subj /CN=other -days 2 && openssl rsa -aes256 -in c.key -passout pass:pw -out sealed.key; "
		"} >log 2>&1",
		dir);
	if (system(line) == 0)
		state = 1;
	else
		printf("# no openssl to make keys with: skipped\n");
	return state > 0;
}

static struct kt_bytes load(const char *name)
{
	static struct kt_buf files[4];
	static int next;
	char path[128];
	struct kt_buf *file = &files[next++ % 4];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file->len = 0;
	if (kt_file_read(file, path, 1 << 20, &err) < 0)
		TAP_FAIL("%s", err.msg);
	return (struct kt_bytes){file->data, file->len};
}

TEST(a_certificate)
{
	struct kt_cert cert;
	if (!made())
		return;
	struct kt_bytes pem = load("c.crt");
	CHECK_INT(kt_cert_read(&cert, pem.data, pem.len, "c.crt", &err), 0);
	CHECK_STR(cert.subject, "CN=client58,O=x");
	CHECK_STR(cert.issuer, "CN=TestCA");
	CHECK_STR(cert.names, "DNS:h, IP Address:127.0.0.1");
	CHECK_INT(strlen(cert.until), 10);
	CHECK(cert.days == 19 || cert.days == 20);
	CHECK(!cert.expired && !cert.early);
	CHECK_INT(kt_cert_read(&cert, "no PEM", 6, "x", &err), -1);
	CHECK_STR(err.msg, "x holds no certificate in PEM");
	CHECK_INT(kt_cert_read(&cert, NULL, 0, "x", &err), -1);
}

TEST(keys)
{
	if (!made())
		return;
	struct kt_bytes pem = load("c.crt"), own = load("c.key"), other = load("o.key"), sealed = load("sealed.key");
	CHECK_INT(kt_key_fits(pem.data, pem.len, own.data, own.len, NULL), KT_KEY_FITS);
	CHECK_INT(kt_key_fits(pem.data, pem.len, other.data, other.len, NULL), KT_KEY_MISMATCH);
	CHECK_INT(kt_key_fits(pem.data, pem.len, sealed.data, sealed.len, "pw"), KT_KEY_FITS);
	CHECK_INT(kt_key_fits(pem.data, pem.len, sealed.data, sealed.len, "wrong"), KT_KEY_UNREADABLE);
	CHECK_INT(kt_key_fits(pem.data, pem.len, sealed.data, sealed.len, NULL), KT_KEY_UNREADABLE);
	CHECK_INT(kt_key_fits(pem.data, pem.len, pem.data, pem.len, NULL), KT_KEY_UNREADABLE);
}

TEST(chains)
{
	struct kt_cert expired;
	if (!made())
		return;
	struct kt_bytes pem = load("c.crt"), ca = load("ca.crt"), other = load("o.crt");
	CHECK(kt_cert_reaches(pem.data, pem.len, ca.data, ca.len));
	CHECK(!kt_cert_reaches(pem.data, pem.len, other.data, other.len));
	CHECK(!kt_cert_reaches("", 0, ca.data, ca.len));
	CHECK_INT(kt_certs_count(ca.data, ca.len, &expired), 1);
	CHECK(!expired.expired);
	CHECK_INT(kt_certs_count(NULL, 0, &expired), 0);
	char line[64];
	snprintf(line, sizeof(line), "rm -rf %s", dir);
	CHECK_INT(system(line), 0);
}
