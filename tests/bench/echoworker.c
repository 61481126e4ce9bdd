/* A worker of kt work that does nothing, so that what is measured is kt: it answers each record with "ok".
 *
 *   echoworker lines|frames
 */
#include <endian.h>
#include <unistd.h>

#include "buf.h"

enum { BLOCK = 1 << 20, LENGTH = 4, ID = 8, VERDICT = 1 };

/* Answers what is whole of held. Returns how many bytes of it that was. */
static size_t answer_frames(const struct kt_buf *held, struct kt_buf *said)
{
	size_t at = 0;
	uint32_t size;
	while (held->len - at >= LENGTH) {
		memcpy(&size, held->data + at, LENGTH);
		size = be32toh(size);
		if (held->len - at - LENGTH < size)
			break;
		uint32_t length = htobe32(ID + VERDICT);
		kt_buf_add(said, &length, LENGTH);
		kt_buf_add(said, held->data + at + LENGTH, ID);
		kt_buf_addc(said, 0);
		at += LENGTH + size;
	}
	return at;
}

static size_t answer_lines(const struct kt_buf *held, struct kt_buf *said)
{
	size_t at = 0;
	const char *end;
	while (at < held->len && (end = memchr(held->data + at, '\n', held->len - at))) {
		kt_buf_adds(said, "ok\n");
		at = (size_t)(end - held->data) + 1;
	}
	return at;
}

int main(int argc, char **argv)
{
	struct kt_buf held = {0}, said = {0};
	ssize_t n;
	if (argc != 2 || (strcmp(argv[1], "lines") != 0 && strcmp(argv[1], "frames") != 0))
		return 2;
	bool frames = argv[1][0] == 'f';
	while ((n = read(STDIN_FILENO, kt_buf_reserve(&held, BLOCK), BLOCK)) > 0) {
		held.len += (size_t)n;
		size_t taken = (frames ? answer_frames : answer_lines)(&held, &said);
		held.len -= taken;
		memmove(held.data, held.data + taken, held.len);
		for (size_t at = 0; at < said.len; at += (size_t)n)
			if ((n = write(STDOUT_FILENO, said.data + at, said.len - at)) < 0)
				return 1;
		said.len = 0;
	}
	return 0;
}
