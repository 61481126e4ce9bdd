#include "scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "esc.h"
#include "num.h"

/* base64 of "n,,": no channel binding. */
#define CHANNEL "c=biws"

bool kt_scram_knows(const char *mechanism)
{
	return !strcmp(mechanism, "SCRAM-SHA-256") || !strcmp(mechanism, "SCRAM-SHA-512");
}

static void add_nonce(struct kt_buf *out)
{
	unsigned char random[24];
	RAND_bytes(random, sizeof(random));
	kt_buf_add_base64(out, random, sizeof(random));
}

/* RFC 5802 section 5.1: commas and equals signs in the name are escaped. */
static void add_name(struct kt_buf *out, const char *user)
{
	for (; *user; user++) {
		if (*user == ',')
			kt_buf_adds(out, "=2C");
		else if (*user == '=')
			kt_buf_adds(out, "=3D");
		else
			kt_buf_addc(out, *user);
	}
}

int kt_scram_begin(struct kt_scram *s, const char *mechanism, const char *nonce, struct kt_buf *out, struct kt_err *err)
{
	if (!kt_scram_knows(mechanism))
		return kt_err_set(err, KT_USAGE, "%.40s is not a kind of SCRAM that kt speaks", mechanism);
	s->hash = strcmp(mechanism, "SCRAM-SHA-256") ? "SHA512" : "SHA256";
	s->size = (size_t)EVP_MD_get_size(EVP_get_digestbyname(s->hash));
	kt_buf_adds(&s->first_bare, "n=");
	add_name(&s->first_bare, s->user);
	kt_buf_adds(&s->first_bare, ",r=");
	s->nonce_at = s->first_bare.len;
	if (nonce)
		kt_buf_adds(&s->first_bare, nonce);
	else
		add_nonce(&s->first_bare);
	kt_buf_adds(out, "n,,");
	kt_buf_add(out, s->first_bare.data, s->first_bare.len);
	return 0;
}

/* The value of the attribute `name` that the text begins with, up to a comma; the text then begins after it. */
static bool attribute(struct kt_bytes *text, char name, struct kt_bytes *value)
{
	if (text->len < 2 || text->data[0] != name || text->data[1] != '=')
		return false;
	const char *start = text->data + 2, *comma = memchr(start, ',', text->len - 2);
	size_t len = comma ? (size_t)(comma - start) : text->len - 2;
	size_t used = 2 + len + (comma != NULL);
	*value = (struct kt_bytes){start, len};
	*text = (struct kt_bytes){text->data + used, text->len - used};
	return true;
}

static int not_scram(struct kt_err *err)
{
	return kt_err_set(err, KT_FAILED, "it does not speak SCRAM as RFC 5802 has it");
}

/* Salt, count of iterations, and the nonce, which has to begin with ours and to go on. */
static int read_first(const struct kt_scram *s, struct kt_bytes text, struct kt_bytes *nonce, struct kt_buf *salt,
	int64_t *iterations, struct kt_err *err)
{
	struct kt_bytes encoded, count;
	struct kt_err ignored;
	char digits[24];
	size_t own = s->first_bare.len - s->nonce_at;
	if (!attribute(&text, 'r', nonce) || !attribute(&text, 's', &encoded) || !attribute(&text, 'i', &count) ||
		nonce->len <= own || memcmp(nonce->data, s->first_bare.data + s->nonce_at, own) != 0 ||
		kt_base64_decode(salt, encoded.data, encoded.len) < 0 || !salt->len || count.len >= sizeof(digits))
		return not_scram(err);
	snprintf(digits, sizeof(digits), "%.*s", (int)count.len, count.data);
	if (kt_parse_i64(digits, 1, INT64_MAX, iterations, &ignored) < 0)
		return not_scram(err);
	if (*iterations < KT_SCRAM_LEAST || *iterations > KT_SCRAM_MOST)
		return kt_err_set(err, KT_FAILED,
			"it asks for %s iterations of SCRAM's hash, and %d to %d are sensible", digits, KT_SCRAM_LEAST,
			KT_SCRAM_MOST);
	return 0;
}

static void hmac(const struct kt_scram *s, const unsigned char *key, const void *text, size_t len, unsigned char *out)
{
	unsigned size = 0;
	HMAC(EVP_get_digestbyname(s->hash), key, (int)s->size, text, len, out, &size);
}

/* RFC 5802 section 3: the proof, and the signature that the server has to answer with. */
static void prove(struct kt_scram *s, const unsigned char *salted, const struct kt_buf *message, unsigned char *proof)
{
	unsigned char client_key[KT_SCRAM_HASH], stored_key[KT_SCRAM_HASH], server_key[KT_SCRAM_HASH];
	hmac(s, salted, "Client Key", 10, client_key);
	EVP_Digest(client_key, s->size, stored_key, NULL, EVP_get_digestbyname(s->hash), NULL);
	hmac(s, stored_key, message->data, message->len, proof);
	for (size_t i = 0; i < s->size; i++)
		proof[i] ^= client_key[i];
	hmac(s, salted, "Server Key", 10, server_key);
	hmac(s, server_key, message->data, message->len, s->signature);
	explicit_bzero(client_key, sizeof(client_key));
	explicit_bzero(server_key, sizeof(server_key));
}

int kt_scram_answer(struct kt_scram *s, struct kt_bytes server_first, struct kt_buf *out, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf salt = {0}, message = {0};
	unsigned char salted[KT_SCRAM_HASH], proof[KT_SCRAM_HASH];
	struct kt_bytes nonce = {0};
	int64_t iterations;
	if (read_first(s, server_first, &nonce, &salt, &iterations, err) < 0)
		return -1;
	PKCS5_PBKDF2_HMAC(s->password, (int)strlen(s->password), (const unsigned char *)salt.data, (int)salt.len,
		(int)iterations, EVP_get_digestbyname(s->hash), (int)s->size, salted);
	/* AuthMessage: the first messages of both, and the last one without its proof. */
	kt_buf_add(&message, s->first_bare.data, s->first_bare.len);
	kt_buf_addc(&message, ',');
	kt_buf_add(&message, server_first.data, server_first.len);
	kt_buf_addc(&message, ',');
	size_t final_at = message.len;
	kt_buf_adds(&message, CHANNEL ",r=");
	kt_buf_add(&message, nonce.data, nonce.len);
	prove(s, salted, &message, proof);
	explicit_bzero(salted, sizeof(salted));
	kt_buf_add(out, message.data + final_at, message.len - final_at);
	kt_buf_adds(out, ",p=");
	kt_buf_add_base64(out, proof, s->size);
	return 0;
}

int kt_scram_verify(struct kt_scram *s, struct kt_bytes server_final, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf signature = {0};
	struct kt_bytes value;
	if (!attribute(&server_final, 'v', &value) || kt_base64_decode(&signature, value.data, value.len) < 0)
		return not_scram(err);
	if (signature.len == s->size && !CRYPTO_memcmp(signature.data, s->signature, s->size))
		return 0;
	kt_err_set(err, KT_FAILED, "it accepts the password without knowing it");
	return kt_err_hint(err, "somebody may be posing as the broker: ask the cluster's operator");
}

void kt_scram_fini(struct kt_scram *s)
{
	explicit_bzero(s->signature, sizeof(s->signature));
	kt_buf_fini(&s->first_bare);
}
