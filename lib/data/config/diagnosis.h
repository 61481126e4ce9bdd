/* Why a connection to a broker does not work, in sentences of our own with a next step. Whether librdkafka finds it
 * out in `kt produce` or kt itself in `kt check`, it is said in these words.
 *
 *   const struct kt_diagnosis *cause = kt_diagnosis_find("…: Connection refused", settings);
 *   if (cause)
 *           kt_err_set(err, cause->status, "%s: %s", broker, cause->text), kt_err_hint(err, "%s", cause->hint);
 */
#ifndef KT_DIAGNOSIS_H
#define KT_DIAGNOSIS_H

#include "err.h"
#include "settings.h"

/* A setting of ours, there when the client's certificate has expired: brokers only say that they refuse it. */
#define KT_EXPIRED "kt.expired"

enum kt_diagnosis_id {
	KT_DIAGNOSIS_CLOSED,
	KT_DIAGNOSIS_NO_TLS,
	KT_DIAGNOSIS_IS_TLS,
	KT_DIAGNOSIS_NO_CERTIFICATE,
	KT_DIAGNOSIS_BAD_CERTIFICATE,
	KT_DIAGNOSIS_CERTIFICATE_UNKNOWN,
	KT_DIAGNOSIS_UNKNOWN_CA,
	KT_DIAGNOSIS_CERTIFICATE_EXPIRED,
	KT_DIAGNOSIS_REFUSED_EXPIRED,
	KT_DIAGNOSIS_HANDSHAKE,
	KT_DIAGNOSIS_UNTRUSTED,
	KT_DIAGNOSIS_WANTS_SASL,
	KT_DIAGNOSIS_SCRAM,
	KT_DIAGNOSIS_TOKEN,
	KT_DIAGNOSIS_PASSWORD,
	KT_DIAGNOSIS_MECHANISM,
	KT_DIAGNOSIS_NO_SASL,
	KT_DIAGNOSIS_NOT_KAFKA,
	KT_DIAGNOSIS_REFUSED,
	KT_DIAGNOSIS_NO_SUCH_NAME,
	KT_DIAGNOSIS_SILENT,
	KT_DIAGNOSIS_DESCRIPTORS,
	KT_DIAGNOSIS_TOPIC_DENIED,
	KT_DIAGNOSIS_GROUP_DENIED,
	KT_CAUSES,
};

struct kt_diagnosis {
	const char *signs[5]; /* each is found in librdkafka's or OpenSSL's words for it; letter case does not matter */
	int status;
	bool final;       /* waiting does not help */
	const char *text; /* begins in lower case, after the broker's name and a colon */
	const char *hint;
};

const struct kt_diagnosis *kt_diagnosis(enum kt_diagnosis_id id);

/* The cause that a reason gives away, or NULL. settings: what the client has (a certificate, an expired one). */
const struct kt_diagnosis *kt_diagnosis_find(const char *reason, const struct kt_settings *settings);

/* Fills err: "WHAT: text", status and hint. Returns -1. */
int kt_diagnosis_tell(enum kt_diagnosis_id id, const char *what, struct kt_err *err);

/* Fills err with why a broker's certificate was refused: an X509_V_ERR_ of openssl/x509_vfy.h. Returns -1. */
int kt_diagnosis_certificate(
	int x509_error, const char *broker, const struct kt_settings *settings, struct kt_err *err);

/* True for the certificate of another host, whether it was compared as a name or as an address. */
bool kt_diagnosis_is_wrong_name(int x509_error);

/* Fills err for a client's key that does not belong to its certificate (mismatch) or cannot be read. Returns -1. */
int kt_diagnosis_key(bool mismatch, const struct kt_settings *settings, struct kt_err *err);

#endif
