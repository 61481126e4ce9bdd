#include "mem.h"

#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

static kt_noreturn void out_of_memory(void)
{
	static const char text[] = "kt: out of memory\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)ignored;
	abort();
}

void kt_mem_keep(void)
{
	/* The largest threshold that glibc takes. librdkafka's threads allocate messages that ours frees: while they
	 * have an arena of their own, nothing else waits for its lock (a fifth of the CPU time of decoding); with an
	 * arena for every thread, memory that was freed would be of use to no other. */
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, 128 << 20);
	mallopt(M_ARENA_MAX, 4);
}

void *kt_malloc(size_t size)
{
	void *p = malloc(size ? size : 1);
	if (!p)
		out_of_memory();
	return p;
}

void *kt_calloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);
	if (!p)
		out_of_memory();
	return p;
}

void *kt_realloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);
	if (!p)
		out_of_memory();
	return p;
}

char *kt_strndup(const char *text, size_t len)
{
	char *copy = kt_malloc(len + 1);
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *kt_strdup(const char *text)
{
	return kt_strndup(text, strlen(text));
}

char *kt_asprintf(const char *format, ...)
{
	char *text;
	va_list args;
	va_start(args, format);
	int len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		out_of_memory();
	return text;
}

void kt_free_ptr(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}

void kt_wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
}

void *kt_grow(void *array, size_t *cap, size_t need, size_t size)
{
	if (need <= *cap && array)
		return array;
	size_t wanted = *cap ? *cap : 8;
	while (wanted < need)
		wanted *= 2;
	*cap = wanted;
	return kt_realloc(array, wanted * size);
}
