/* C11's threads by POSIX's, for ThreadSanitizer alone: it knows only the latter, and librdkafka uses the former.
 * Threads that it did not see begin crash it, and mutexes that it does not see order nothing. In glibc the types are
 * the same (thrd_t, call_once's flag) or as large (mtx_t, cnd_t), and the program's functions go before the library's.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <threads.h>

_Static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t), "mtx_t is a pthread_mutex_t");
_Static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t), "cnd_t is a pthread_cond_t");

#define MUTEX(m) ((pthread_mutex_t *)(void *)(m))
#define COND(c) ((pthread_cond_t *)(void *)(c))

static int result(int code)
{
	return code == 0           ? thrd_success
	       : code == ETIMEDOUT ? thrd_timedout
	       : code == EBUSY     ? thrd_busy
	       : code == ENOMEM    ? thrd_nomem
				   : thrd_error;
}

int thrd_create(thrd_t *thread, thrd_start_t start, void *data)
{
	/* Both are called alike; what is returned is read as an int by thrd_join() alone. */
	return result(pthread_create(thread, NULL, (void *(*)(void *))(void (*)(void))start, data));
}

int thrd_join(thrd_t thread, int *status)
{
	void *value;
	int code = pthread_join(thread, &value);
	if (status)
		*status = (int)(intptr_t)value;
	return result(code);
}

thrd_t thrd_current(void)
{
	return pthread_self();
}

int mtx_init(mtx_t *m, int type)
{
	pthread_mutexattr_t attributes;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, type & mtx_recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
	int code = pthread_mutex_init(MUTEX(m), &attributes);
	pthread_mutexattr_destroy(&attributes);
	return result(code);
}

void mtx_destroy(mtx_t *m)
{
	pthread_mutex_destroy(MUTEX(m));
}

int mtx_lock(mtx_t *m)
{
	return result(pthread_mutex_lock(MUTEX(m)));
}

int mtx_unlock(mtx_t *m)
{
	return result(pthread_mutex_unlock(MUTEX(m)));
}

int cnd_init(cnd_t *c)
{
	return result(pthread_cond_init(COND(c), NULL));
}

void cnd_destroy(cnd_t *c)
{
	pthread_cond_destroy(COND(c));
}

int cnd_signal(cnd_t *c)
{
	return result(pthread_cond_signal(COND(c)));
}

int cnd_broadcast(cnd_t *c)
{
	return result(pthread_cond_broadcast(COND(c)));
}

int cnd_wait(cnd_t *c, mtx_t *m)
{
	return result(pthread_cond_wait(COND(c), MUTEX(m)));
}

int cnd_timedwait(cnd_t *restrict c, mtx_t *restrict m, const struct timespec *restrict until)
{
	return result(pthread_cond_timedwait(COND(c), MUTEX(m), until));
}

void call_once(once_flag *flag, void (*function)(void))
{
	pthread_once((pthread_once_t *)(void *)flag, function);
}
