#include "crashguard.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include "err.h"
#include "esc.h"
#include "mem.h"
#include "version.h"

enum { SENTENCE = 1024, STACK = 32 * 1024 };

/* A sanitizer reports the others itself. */
static const int crashes[] = {
	SIGABRT,
#ifndef __SANITIZE_ADDRESS__
	SIGSEGV,
	SIGBUS,
	SIGFPE,
	SIGILL,
#endif
};

/* Written when the thread begins, since little is allowed when it crashes. Empty in threads that are not the library's.
 * The stack is needed for the signal of a stack that is full: SCRAM puts what the broker sent onto it. */
static __thread char sentence[SENTENCE];
/* AddressSanitizer takes no stack that begins between two words. */
static __thread _Alignas(max_align_t) char stack[STACK];

static void on_crash(int number)
{
	(void)number;
	/* The handler is gone by now: what happened happens once more, and ends the process. */
	if (!sentence[0])
		return;
	ssize_t ignored = write(STDERR_FILENO, sentence, strlen(sentence));
	(void)ignored;
	_exit(KT_FAILED);
}

static void guard_process(void)
{
	struct sigaction crash = {.sa_handler = on_crash, .sa_flags = (int)(SA_ONSTACK | SA_RESETHAND)};
	sigemptyset(&crash.sa_mask);
	for (size_t i = 0; i < KT_LEN(crashes); i++)
		sigaction(crashes[i], &crash, NULL);
}

/* The library's threads begin with all signals blocked, and a crash is not held back: it kills without a handler. */
static void guard_thread(void)
{
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < KT_LEN(crashes); i++)
		sigaddset(&set, crashes[i]);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof(stack)}, NULL);
}

/* The library calls a broker's thread "sasl_ssl://HOST:PORT/bootstrap". */
static rd_kafka_resp_err_t on_thread(rd_kafka_t *rk, rd_kafka_thread_type_t type, const char *name, void *brokers)
{
	(void)rk;
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	const char *start = strstr(name, "://"), *where = type == RD_KAFKA_THREAD_BROKER && start ? start + 3 : brokers;
	int len = (int)(where == brokers ? strlen(where) : strcspn(where, "/"));
	kt_words_addf(&text,
		"kt: the Kafka library (librdkafka %s) crashed while it talked to %.*s: this is a fault of "
		"the library, and a sound broker does not provoke it",
		kt_rdkafka_version(), len < 300 ? len : 300, where);
	snprintf(sentence, sizeof(sentence), "%s\nhint: `kt check` asks the brokers without that library\n",
		kt_buf_cstr(&text));
	guard_thread();
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_new(rd_kafka_t *rk, const rd_kafka_conf_t *conf, void *brokers, char *why, size_t size)
{
	(void)conf, (void)why, (void)size;
	return rd_kafka_interceptor_add_on_thread_start(rk, "kt", on_thread, brokers);
}

void kt_crashguard_add(rd_kafka_conf_t *conf, const char *brokers)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, guard_process);
	rd_kafka_conf_interceptor_add_on_new(conf, "kt", on_new, (void *)(uintptr_t)brokers);
}

bool kt_crashguard_is_here(void)
{
	return *sentence;
}

/* Reachable to the end, so that a leak checker does not take them for lost. */
struct spoilt {
	rd_kafka_conf_t *conf;
	struct spoilt *next;
};
static _Atomic(struct spoilt *) spoilt;

void kt_crashguard_spoilt(rd_kafka_conf_t *conf)
{
	struct spoilt *one = kt_calloc(1, sizeof(*one));
	one->conf = conf;
	one->next = atomic_load(&spoilt);
	while (!atomic_compare_exchange_weak(&spoilt, &one->next, one))
		;
}
