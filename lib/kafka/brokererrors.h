/* What went wrong between a client and its brokers, collected from librdkafka's callbacks (on any thread) and told in
 * sentences of our own with a next step. Used by client.c alone; apart from it so that the wording can be tested.
 */
#ifndef KT_BROKERERRORS_H
#define KT_BROKERERRORS_H

#include <pthread.h>

#include "err.h"
#include "settings.h"

struct kt_brokererrors_broker {
	char name[128];   /* host:port */
	char reason[256]; /* the last one, without librdkafka's decoration */
	int code;         /* rd_kafka_resp_err_t */
};

struct kt_brokererrors {
	pthread_mutex_t lock;
	const struct kt_settings *settings; /* borrowed */
	const char *list;                   /* the bootstrap brokers as they were given; borrowed */
	size_t n_bootstrap;
	bool tls;       /* security.protocol is ssl or sasl_ssl */
	bool lost;      /* all brokers down, and not told yet */
	bool down;      /* the same until an answer is noted */
	bool refused;   /* a certificate, and not told yet */
	bool starved;   /* no thread could be started for a broker */
	bool named;     /* a broker is known by its id: one of the others has named it */
	int x509_error; /* an X509_V_ERR_ of openssl/x509_vfy.h, or 0 */
	char x509_broker[128];
	struct kt_brokererrors_broker brokers[16]; /* further ones are not remembered */
	size_t n_brokers;
};

void kt_brokererrors_init(struct kt_brokererrors *t, const struct kt_settings *settings, const char *list);
void kt_brokererrors_fini(struct kt_brokererrors *t);

/* Notes an error with librdkafka's reason ("ssl://h:9093/bootstrap: Connect to … failed: Connection refused (after 0ms
 * in state CONNECT)"). Returns true for ALL_BROKERS_DOWN. */
bool kt_brokererrors_note(struct kt_brokererrors *t, int code, const char *reason);

/* Whether all brokers went down since it was last asked. */
bool kt_brokererrors_take_lost(struct kt_brokererrors *t);

/* Whether all brokers went down, and nothing that they answered was noted since. */
bool kt_brokererrors_is_down(struct kt_brokererrors *t);
void kt_brokererrors_note_answer(struct kt_brokererrors *t);

/* Whether what happened to a broker last is that it took a request and did not answer: fills name (size bytes). */
bool kt_brokererrors_is_silent(struct kt_brokererrors *t, char *name, size_t size);

/* Fills err with the certificate that was refused since it was last asked, and returns true; or false. */
bool kt_brokererrors_take_refused(struct kt_brokererrors *t, struct kt_err *err);

/* Notes how the check of a broker's certificate went: an X509_V_ERR_ or 0, which clears what was noted of it. */
void kt_brokererrors_certificate(struct kt_brokererrors *t, const char *broker, int x509_error);

/* Whether the last check of some broker's certificate failed, and whether that was for another host name only. */
bool kt_brokererrors_is_refused(struct kt_brokererrors *t);
bool kt_brokererrors_is_wrong_name(struct kt_brokererrors *t);

/* True when waiting longer cannot help: every bootstrap broker failed for TLS, credentials or an unknown name. Not once
 * one of them has named others, whose errors say nothing about it. */
bool kt_brokererrors_is_final(struct kt_brokererrors *t);

/* Why there is no connection, as far as that is known, in a few words: "connection refused", with the broker's name in
 * front where there are several. False, and nothing written, when nothing is known. */
bool kt_brokererrors_why(struct kt_brokererrors *t, char *out, size_t size);

/* Fills err with what was noted. Returns -1. */
int kt_brokererrors_tell(struct kt_brokererrors *t, struct kt_err *err);

/* Fills err for a handle that could not be made, from librdkafka's text. Returns -1. */
int kt_brokererrors_setup(struct kt_brokererrors *t, const char *text, struct kt_err *err);

/* Fills err for a request that failed with code. Returns -1. */
int kt_brokererrors_request(struct kt_brokererrors *t, int code, const char *what, struct kt_err *err);

#endif
