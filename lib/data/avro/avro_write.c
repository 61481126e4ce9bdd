#include "avro_write.h"

#include <endian.h>

void kt_avro_add_long(struct kt_buf *out, int64_t n)
{
	uint64_t rest = (uint64_t)n << 1 ^ (uint64_t)(n >> 63);
	for (; rest > 0x7f; rest >>= 7)
		kt_buf_addc(out, (char)(rest | 0x80));
	kt_buf_addc(out, (char)rest);
}

void kt_avro_add_bytes(struct kt_buf *out, const void *data, size_t len)
{
	kt_avro_add_long(out, (int64_t)len);
	kt_buf_add(out, data, len);
}

void kt_avro_add_float(struct kt_buf *out, float n)
{
	uint32_t bits;
	memcpy(&bits, &n, sizeof(bits));
	bits = htole32(bits);
	kt_buf_add(out, &bits, sizeof(bits));
}

void kt_avro_add_double(struct kt_buf *out, double n)
{
	uint64_t bits;
	memcpy(&bits, &n, sizeof(bits));
	bits = htole64(bits);
	kt_buf_add(out, &bits, sizeof(bits));
}

void kt_avro_add_head(struct kt_buf *out, const char *schema, size_t len, const char *codec)
{
	kt_buf_add(out, "Obj\1", 4);
	kt_avro_add_long(out, 2);
	kt_avro_add_bytes(out, "avro.schema", 11);
	kt_avro_add_bytes(out, schema, len);
	kt_avro_add_bytes(out, "avro.codec", 10);
	kt_avro_add_bytes(out, codec, strlen(codec));
	kt_avro_add_long(out, 0);
}
