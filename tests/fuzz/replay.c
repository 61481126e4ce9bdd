/* Stands in for libFuzzer: gives each file of the folder argv[1] to the target, whole and cut at every eighth. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20 };

/* A copy of exactly the right size, so that a sanitizer sees the first byte that is read too far. */
static void give(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	if (!copy)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static int replay(const char *folder, const char *name)
{
	static uint8_t input[INPUT_MAX];
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	if (!file)
		return -1;
	size_t size = fread(input, 1, sizeof(input), file);
	fclose(file);
	for (size_t eighth = 0; eighth <= 8; eighth++)
		give(input, size * eighth / 8);
	return 0;
}

int main(int argc, char **argv)
{
	struct dirent **names = NULL;
	int count = argc == 2 ? scandir(argv[1], &names, NULL, alphasort) : -1, number = 0, failed = 0;
	if (count < 0) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.') {
			int bad = replay(argv[1], names[i]->d_name) < 0;
			failed += bad;
			printf("%sok %d - %s\n", bad ? "not " : "", ++number, names[i]->d_name);
			fflush(stdout);
		}
		free(names[i]);
	}
	free(names);
	printf("1..%d\n", number);
	return failed != 0;
}
