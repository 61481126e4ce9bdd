#include "unpacking.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crashguard.h"
#include "when.h"

enum { LOOK_MS = 10, RETRY_MS = 250 };

/* What the three libraries call "no memory". */
enum { Z_NO_MEMORY = -4, LZ4F_NO_MEMORY = 9 };
static const unsigned long long zstd_damaged = -2ULL; /* ZSTD_CONTENTSIZE_ERROR */

static _Atomic int64_t most_bytes, most_batch_bytes;
static _Atomic int refusals;

/* Of a broker's thread. */
static __thread struct {
	int64_t looked_us, refused_us;
	bool refuses;
} here;

static int64_t number(const rd_kafka_conf_t *conf, const char *name)
{
	char text[32];
	size_t size = sizeof(text);
	return rd_kafka_conf_get(conf, name, text, &size) == RD_KAFKA_CONF_OK ? strtoll(text, NULL, 10) : 0;
}

static void raise_to(_Atomic int64_t *at, int64_t value)
{
	int64_t old = atomic_load(at);
	while (old < value && !atomic_compare_exchange_weak(at, &old, value))
		;
}

void kt_unpacking_arm(const rd_kafka_conf_t *conf)
{
	raise_to(&most_bytes, ((int64_t)KT_UNPACKED_MB << 20) + number(conf, "queued.max.messages.kbytes") * 1024);
	raise_to(&most_batch_bytes, number(conf, "receive.message.max.bytes"));
}

bool kt_unpacking_is_refusal(rd_kafka_resp_err_t code)
{
	int n = code == RD_KAFKA_RESP_ERR__BAD_COMPRESSION ? atomic_load(&refusals) : 0;
	while (n > 0 && !atomic_compare_exchange_weak(&refusals, &n, n - 1))
		;
	return n > 0;
}

/* What is resident says cheaply that all is well; what was freed and kept for later counts there. */
static int64_t resident_bytes(void)
{
	char text[128] = "";
	long pages;
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return INT64_MAX;
	ssize_t got = read(fd, text, sizeof(text) - 1);
	close(fd);
	return got > 0 && sscanf(text, "%*d %ld", &pages) == 1 ? pages * sysconf(_SC_PAGESIZE) : INT64_MAX;
}

static bool is_over(int64_t most)
{
	if (resident_bytes() < most)
		return false;
	struct mallinfo2 heap = mallinfo2();
	return (int64_t)(heap.uordblks + heap.hblkhd) > most;
}

/* Asked where the unpacking of a batch begins. A partition comes again after fetch.error.backoff.ms: then one batch may
 * begin whatever is in use, so that other users of memory do not keep it waiting for ever. */
static bool refuse(void)
{
	int64_t most = atomic_load(&most_bytes), now_us;
	if (!most || !kt_crashguard_is_here())
		return false;
	now_us = kt_clock_us();
	if (now_us - here.looked_us >= LOOK_MS * 1000) {
		here.looked_us = now_us;
		bool retried = here.refuses && now_us - here.refused_us >= RETRY_MS * 1000;
		here.refuses = !retried && is_over(most);
	}
	if (here.refuses) {
		here.refused_us = now_us;
		atomic_fetch_add(&refusals, 1);
	}
	return here.refuses;
}

/* A visible symbol of the program goes before that of a shared library (see ports.c): librdkafka calls these where it
 * begins a batch, in 2.0.2 as in later versions. One that has such a library built in does not, and is not bounded.
 * snappy makes at most twenty times as much, and needs none. */
#define VISIBLE __attribute__((visibility("default")))
#define REAL(name) ((__typeof__(&(name)))(uintptr_t)dlsym(RTLD_NEXT, #name))

VISIBLE unsigned long long ZSTD_getFrameContentSize(const void *in, size_t size);
VISIBLE unsigned long long ZSTD_getFrameContentSize(const void *in, size_t size)
{
	static _Atomic(__typeof__(&ZSTD_getFrameContentSize)) real;
	if (!real)
		real = REAL(ZSTD_getFrameContentSize);
	return refuse() || !real ? zstd_damaged : real(in, size);
}

VISIBLE size_t LZ4F_getFrameInfo(void *context, void *info, const void *in, size_t *size);
VISIBLE size_t LZ4F_getFrameInfo(void *context, void *info, const void *in, size_t *size)
{
	static _Atomic(__typeof__(&LZ4F_getFrameInfo)) real;
	if (!real)
		real = REAL(LZ4F_getFrameInfo);
	return refuse() || !real ? (size_t)-LZ4F_NO_MEMORY : real(context, info, in, size);
}

/* How z_stream begins; zlib's ABI has kept it since 1.0. */
struct z_begin {
	const void *next_in;
	unsigned avail_in;
	unsigned long total_in;
	void *next_out;
	unsigned avail_out;
	unsigned long total_out;
};

VISIBLE int inflateInit2_(void *stream, int bits, const char *version, int size);
VISIBLE int inflateInit2_(void *stream, int bits, const char *version, int size)
{
	static _Atomic(__typeof__(&inflateInit2_)) real;
	if (!real)
		real = REAL(inflateInit2_);
	return refuse() || !real ? Z_NO_MEMORY : real(stream, bits, version, size);
}

/* The library does not bound what gzip unpacks to. */
VISIBLE int inflate(void *stream, int flush);
VISIBLE int inflate(void *stream, int flush)
{
	static _Atomic(__typeof__(&inflate)) real;
	if (!real)
		real = REAL(inflate);
	int64_t most = atomic_load(&most_batch_bytes);
	if (!real || (most && (int64_t)((struct z_begin *)stream)->total_out > most && kt_crashguard_is_here()))
		return Z_NO_MEMORY;
	return real(stream, flush);
}
