/* What ./dev bench measures `kt avro-decode` against: a container file read and its blocks unpacked, and nothing else.
 *
 *   inflate FILE
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "avro_container.h"

enum { UNPACKED_MAX = 1 << 20 };

static int unpack(z_stream *z, struct kt_bytes block, struct kt_err *err)
{
	static unsigned char out[UNPACKED_MAX];
	z->next_in = (unsigned char *)(uintptr_t)block.data;
	z->avail_in = (unsigned)block.len;
	z->next_out = out;
	z->avail_out = sizeof(out);
	if (inflateReset(z) != Z_OK || inflate(z, Z_FINISH) != Z_STREAM_END)
		return kt_err_set(err, KT_FAILED, "a block is damaged, or larger than %d bytes", UNPACKED_MAX);
	return 0;
}

static int unpack_all(struct kt_bytes file, struct kt_err *err)
{
	z_stream z = {0};
	struct kt_avro_header header;
	size_t used;
	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return kt_err_set(err, KT_FAILED, "no memory");
	int more = kt_avro_header_read(&header, file, true, &used, err);
	while (more > 0) {
		struct kt_avro_block block;
		file = (struct kt_bytes){file.data + used, file.len - used};
		if (!file.len)
			break;
		more = kt_avro_block_read(&block, file, true, header.sync, &used, err);
		if (more > 0 && unpack(&z, block.data, err) < 0)
			more = -1;
	}
	inflateEnd(&z);
	return more < 0 ? -1 : 0;
}

static int run(const char *path, struct kt_err *err)
{
	struct stat info;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &info) < 0)
		return kt_err_sys(err, "opening %s", path);
	size_t len = (size_t)info.st_size;
	char *data = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return kt_err_sys(err, "reading %s", path);
	int result = unpack_all((struct kt_bytes){data, len}, err);
	munmap(data, len);
	close(fd);
	return result;
}

int main(int argc, char **argv)
{
	struct kt_err err = {0};
	if (argc == 2 && run(argv[1], &err) == 0)
		return 0;
	fprintf(stderr, "inflate: %s\n", argc == 2 ? err.msg : "inflate FILE");
	return 1;
}
