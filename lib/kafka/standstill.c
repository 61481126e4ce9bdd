#include "standstill.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

static const int64_t second_ns = 1000000000, ms_ns = 1000000;
static atomic_bool forgives;

/* In one word, so that no thread sees the one without the other: when a thread looked last, and what does not count, in
 * ms. */
enum { LOST_BITS = 26, MOST_LOST = (1 << LOST_BITS) - 1 };
static _Atomic uint64_t seen_and_lost;

typedef int clock_fn(clockid_t clock, struct timespec *now);

static clock_fn *real_clock(void)
{
	static _Atomic(clock_fn *) real;
	if (!real)
		real = (clock_fn *)(uintptr_t)dlsym(RTLD_NEXT, "clock_gettime");
	return real;
}

static int64_t now_ns(clock_fn *real)
{
	struct timespec now;
	return real(CLOCK_MONOTONIC, &now) == 0 ? now.tv_sec * second_ns + now.tv_nsec : 0;
}

/* Without a lock: a signal's handler may look at the clock, too. Whoever finds that another thread has looked meanwhile
 * looks once more, so that what was lost is subtracted from a time that is after it. */
static int64_t counted_ns(clock_fn *real)
{
	uint64_t was = atomic_load(&seen_and_lost), is;
	int64_t now, seen, lost;
	do {
		now = now_ns(real);
		seen = (int64_t)(was >> LOST_BITS);
		lost = (int64_t)(was & MOST_LOST);
		int64_t over = now / ms_ns - seen - KT_STANDSTILL_MOST_MS;
		if (over > 0 && over <= MOST_LOST - lost)
			lost += over;
		if (now / ms_ns > seen)
			seen = now / ms_ns;
		is = (uint64_t)seen << LOST_BITS | (uint64_t)lost;
	} while (is != was && !atomic_compare_exchange_weak(&seen_and_lost, &was, is));
	return now - lost * ms_ns;
}

/* A visible symbol of the program goes before libc's for every shared library (see ports.c). */
__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *now)
{
	clock_fn *real = real_clock();
	if (!real) {
		errno = ENOSYS;
		return -1;
	}
	if (clock != CLOCK_MONOTONIC || !atomic_load_explicit(&forgives, memory_order_relaxed))
		return real(clock, now);
	int64_t ns = counted_ns(real);
	*now = (struct timespec){.tv_sec = ns / second_ns, .tv_nsec = ns % second_ns};
	return 0;
}

void kt_standstill_forgive(void)
{
	clock_fn *real = real_clock();
	if (!real || atomic_load(&forgives))
		return;
	atomic_store(&seen_and_lost, (uint64_t)(now_ns(real) / ms_ns) << LOST_BITS);
	atomic_store(&forgives, true);
}
