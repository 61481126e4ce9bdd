/* The floor under kt's figures: the least that a client can do with these bytes, on one socket, without a library.
 *
 *   floor write HOST:PORT TOPIC PARTITIONS <LINES     each line a record, acknowledged by all replicas
 *   floor read HOST:PORT TOPIC PARTITIONS >LINES      what the topic holds now, a newline after each value
 *   floor id HOST:PORT                                how many µs the answer with a producer id takes, median of 21
 *
 * One broker that leads all partitions, no compression, no retries, no groups: what makes a client useful is what it
 * leaves out. Records go in batches of the size that librdkafka makes, CRC32C included, five requests in flight.
 */
#include <endian.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "mem.h"
#include "num.h"
#include "when.h"

enum {
	PRODUCE = 0,
	FETCH = 1,
	INIT_PRODUCER_ID = 22,
	BATCH_HEADER = 61,    /* bytes before the first record of a batch, format 2 (KIP-98) */
	BATCH_BYTES = 900000, /* below the broker's message.max.bytes of a million */
	IN_FLIGHT = 5,
	BLOCK = 1 << 20,
	ANSWER_MOST = 128 << 20,
	FETCH_BYTES = 8 << 20, /* of all partitions in one answer */
	ID_ROUNDS = 21,
};

struct floor {
	int fd;
	const char *topic;
	int32_t n, correlation;
	struct kt_buf request, answer;
};

/* What is left of an answer, or of a batch in it. A read beyond the end gives zeros, and bad. */
struct view {
	const uint8_t *at, *end;
	bool bad;
};

static void put_int(struct kt_buf *b, uint64_t value, size_t bytes)
{
	uint64_t big = htobe64(value << (64 - 8 * bytes));
	kt_buf_add(b, &big, bytes);
}

static void put_string(struct kt_buf *b, const char *text)
{
	put_int(b, strlen(text), 2);
	kt_buf_adds(b, text);
}

/* The protocol's signed varint: zigzag, seven bits a byte. */
static size_t put_varint(uint8_t *at, int64_t value)
{
	uint64_t bits = (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
	size_t n = 0;
	for (; bits > 0x7f; bits >>= 7)
		at[n++] = (uint8_t)(bits | 0x80);
	at[n++] = (uint8_t)bits;
	return n;
}

static const uint8_t *skip(struct view *v, int64_t bytes)
{
	const uint8_t *at = v->at;
	v->bad = v->bad || bytes < 0 || bytes > v->end - v->at;
	if (!v->bad)
		v->at += bytes;
	return v->bad ? NULL : at;
}

static int64_t get_int(struct view *v, size_t bytes)
{
	uint64_t big = 0;
	const uint8_t *at = skip(v, (int64_t)bytes);
	if (at)
		memcpy(&big, at, bytes);
	return (int64_t)be64toh(big) >> (64 - 8 * bytes);
}

static int64_t get_varint(struct view *v)
{
	uint64_t bits = 0;
	for (unsigned shift = 0; shift < 64 && v->at < v->end; shift += 7) {
		uint8_t byte = *v->at++;
		bits |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return (int64_t)(bits >> 1) ^ -(int64_t)(bits & 1);
	}
	v->bad = true;
	return 0;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t crc32c_in_hardware(const char *data, size_t len)
{
	uint64_t crc = 0xffffffff, word;
	for (; len >= sizeof(word); data += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, data, sizeof(word));
		crc = __builtin_ia32_crc32di(crc, word);
	}
	for (; len; data++, len--)
		crc = __builtin_ia32_crc32qi((uint32_t)crc, (uint8_t)*data);
	return ~(uint32_t)crc;
}
#endif

static uint32_t crc32c(const char *data, size_t len)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("sse4.2"))
		return crc32c_in_hardware(data, len);
#endif
	uint32_t table[256], crc = 0xffffffff;
	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0x82f63b78 : 0);
	}
	for (; len; data++, len--)
		crc = crc >> 8 ^ table[(crc ^ (uint8_t)*data) & 0xff];
	return ~crc;
}

static int dial(struct floor *f, const char *address, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *host = kt_strdup(address);
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	char *port = strrchr(host, ':');
	if (!port)
		return kt_err_set(err, KT_USAGE, "%s: expected HOST:PORT", address);
	*port++ = '\0';
	if (getaddrinfo(host, port, &hints, &found) != 0)
		return kt_err_set(err, KT_UNREACHABLE, "%s is not an address", address);
	f->fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result = connect(f->fd, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return result < 0 ? kt_err_sys(err, "connecting to %s", address) : 0;
}

static int write_all(int fd, const struct kt_buf *b, struct kt_err *err)
{
	for (size_t done = 0; done < b->len;) {
		ssize_t n = write(fd, b->data + done, b->len - done);
		if (n < 0)
			return kt_err_sys(err, "writing");
		done += (size_t)n;
	}
	return 0;
}

static int read_all(int fd, char *to, size_t len, struct kt_err *err)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = read(fd, to + done, len - done);
		if (n < 0)
			return kt_err_sys(err, "reading an answer");
		if (n == 0)
			return kt_err_set(err, KT_FAILED, "the broker hung up");
		done += (size_t)n;
	}
	return 0;
}

static void begin_request(struct floor *f, int api, int version)
{
	f->request.len = 0;
	put_int(&f->request, 0, 4);
	put_int(&f->request, (uint64_t)api, 2);
	put_int(&f->request, (uint64_t)version, 2);
	put_int(&f->request, (uint64_t)++f->correlation, 4);
	put_string(&f->request, "floor");
}

static void patch(struct kt_buf *b, size_t at, uint32_t value)
{
	uint32_t big = htobe32(value);
	memcpy(b->data + at, &big, sizeof(big));
}

static int send_request(struct floor *f, struct kt_err *err)
{
	patch(&f->request, 0, (uint32_t)f->request.len - 4);
	return write_all(f->fd, &f->request, err);
}

/* The body of the next answer; answers come in the order of the requests. */
static int await_answer(struct floor *f, struct view *body, struct kt_err *err)
{
	uint32_t big;
	if (read_all(f->fd, (char *)&big, sizeof(big), err) < 0)
		return -1;
	size_t size = be32toh(big);
	if (size < 4 || size > ANSWER_MOST)
		return kt_err_set(err, KT_FAILED, "an answer of %zu bytes", size);
	f->answer.len = 0;
	if (read_all(f->fd, kt_buf_reserve(&f->answer, size), size, err) < 0)
		return -1;
	const uint8_t *data = (const uint8_t *)f->answer.data;
	*body = (struct view){data + 4, data + size, false};
	return 0;
}

static int check_code(const struct view *v, int64_t code, const char *what, struct kt_err *err)
{
	if (v->bad)
		return kt_err_set(err, KT_FAILED, "the answer about %s is cut short", what);
	return code ? kt_err_set(err, KT_FAILED, "%s: error %d", what, (int)code) : 0;
}

/* A Produce request of version 3 up to the batch in it, whose sizes and checksum are patched in by end_batch(). */
static size_t begin_batch(struct floor *f, int32_t partition)
{
	struct kt_buf *b = &f->request;
	int64_t now_ms = kt_now_ms();
	begin_request(f, PRODUCE, 3);
	put_int(b, UINT64_MAX, 2); /* no transaction */
	put_int(b, UINT64_MAX, 2); /* acks=all */
	put_int(b, 30000, 4);
	put_int(b, 1, 4);
	put_string(b, f->topic);
	put_int(b, 1, 4);
	put_int(b, (uint64_t)partition, 4);
	put_int(b, 0, 4);
	size_t start = b->len;
	put_int(b, 0, 8);
	put_int(b, 0, 4);
	put_int(b, UINT64_MAX, 4); /* leader epoch */
	put_int(b, 2, 1);
	put_int(b, 0, 4); /* the checksum, of all that follows */
	put_int(b, 0, 2);
	put_int(b, 0, 4);
	put_int(b, (uint64_t)now_ms, 8);
	put_int(b, (uint64_t)now_ms, 8);
	put_int(b, UINT64_MAX, 8); /* no producer id, epoch, sequence number */
	put_int(b, UINT64_MAX, 2);
	put_int(b, UINT64_MAX, 4);
	put_int(b, 0, 4);
	return start;
}

static void end_batch(struct floor *f, size_t start, int32_t records)
{
	struct kt_buf *b = &f->request;
	uint32_t size = (uint32_t)(b->len - start);
	patch(b, start - 4, size);
	patch(b, start + 8, size - 12);
	patch(b, start + 23, (uint32_t)records - 1);
	patch(b, start + 57, (uint32_t)records);
	patch(b, start + 17, crc32c(b->data + start + 21, size - 21));
}

static void add_record(struct kt_buf *b, int32_t delta, const char *value, size_t len)
{
	uint8_t head[32], size[10];
	size_t n = 0;
	head[n++] = 0;
	n += put_varint(head + n, 0);
	n += put_varint(head + n, delta);
	n += put_varint(head + n, -1);
	n += put_varint(head + n, (int64_t)len);
	kt_buf_reserve(b, len + sizeof(head) + sizeof(size));
	kt_buf_add(b, size, put_varint(size, (int64_t)(n + len + 1)));
	kt_buf_add(b, head, n);
	kt_buf_add(b, value, len);
	kt_buf_addc(b, 0);
}

static int await_produced(struct floor *f, struct kt_err *err)
{
	struct view v = {0};
	if (await_answer(f, &v, err) < 0)
		return -1;
	skip(&v, 4);
	skip(&v, get_int(&v, 2));
	skip(&v, 4 + 4);
	int64_t code = get_int(&v, 2);
	return check_code(&v, code, "producing", err);
}

struct writer {
	size_t start; /* of the batch in the request, 0: none is begun */
	int32_t in_batch, turn, waiting;
};

static int send_batch(struct floor *f, struct writer *w, struct kt_err *err)
{
	end_batch(f, w->start, w->in_batch);
	w->start = 0;
	w->in_batch = 0;
	if (w->waiting == IN_FLIGHT) {
		w->waiting--;
		if (await_produced(f, err) < 0)
			return -1;
	}
	w->waiting++;
	return send_request(f, err);
}

static int write_line(struct floor *f, struct writer *w, const char *line, size_t len, struct kt_err *err)
{
	if (w->start && f->request.len + len > BATCH_BYTES && send_batch(f, w, err) < 0)
		return -1;
	if (!w->start)
		w->start = begin_batch(f, w->turn++ % f->n);
	add_record(&f->request, w->in_batch++, line, len);
	return 0;
}

static int write_lines(struct floor *f, struct kt_err *err)
{
	struct writer w = {0};
	kt_auto(kt_buf_fini) struct kt_buf block = {0};
	for (;;) {
		ssize_t got = read(STDIN_FILENO, kt_buf_reserve(&block, BLOCK), BLOCK);
		if (got < 0)
			return kt_err_sys(err, "reading");
		if (got == 0)
			break;
		block.len += (size_t)got;
		const char *at = block.data, *end = at + block.len, *newline;
		for (; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1)
			if (write_line(f, &w, at, (size_t)(newline - at), err) < 0)
				return -1;
		block.len = (size_t)(end - at);
		memmove(block.data, at, block.len);
	}
	if (w.start && send_batch(f, &w, err) < 0)
		return -1;
	for (; w.waiting; w.waiting--)
		if (await_produced(f, err) < 0)
			return -1;
	return 0;
}

struct part {
	int64_t next, end;
	bool known;
	struct view records; /* of the last answer */
};

static int ask_for_records(struct floor *f, const struct part *parts, struct kt_err *err)
{
	struct kt_buf *b = &f->request;
	begin_request(f, FETCH, 4);
	put_int(b, UINT64_MAX, 4);
	put_int(b, 500, 4); /* ms to wait for at least one byte */
	put_int(b, 1, 4);
	put_int(b, FETCH_BYTES, 4);
	put_int(b, 0, 1);
	put_int(b, 1, 4);
	put_string(b, f->topic);
	size_t count_at = b->len;
	int32_t count = 0;
	put_int(b, 0, 4);
	for (int32_t i = 0; i < f->n; i++) {
		if (parts[i].known && parts[i].next >= parts[i].end)
			continue;
		put_int(b, (uint64_t)i, 4);
		put_int(b, (uint64_t)parts[i].next, 8);
		put_int(b, BLOCK, 4);
		count++;
	}
	patch(b, count_at, (uint32_t)count);
	return send_request(f, err);
}

/* Where the next question begins is in the heads of the batches: it can be asked before the records are looked at. */
static void skip_batches(struct part *p)
{
	struct view v = p->records;
	while (v.end - v.at >= BATCH_HEADER) {
		int64_t base = get_int(&v, 8), len = get_int(&v, 4);
		struct view head = v;
		skip(&head, 4 + 1 + 4 + 2);
		int64_t last = get_int(&head, 4);
		/* The last batch may be cut off by the limit of the answer. */
		if (!skip(&v, len))
			return;
		p->next = base + last + 1;
		p->records.end = v.at;
	}
	p->records.end = v.at;
}

static int take_answer(struct floor *f, struct part *parts, struct kt_err *err)
{
	struct view v;
	if (await_answer(f, &v, err) < 0)
		return -1;
	for (int32_t i = 0; i < f->n; i++)
		parts[i].records = (struct view){0};
	skip(&v, 4 + 4);
	skip(&v, get_int(&v, 2));
	for (int64_t n = get_int(&v, 4); n > 0 && !v.bad; n--) {
		int64_t id = get_int(&v, 4), code = get_int(&v, 2), end = get_int(&v, 8);
		skip(&v, 8);
		int64_t aborted = get_int(&v, 4);
		skip(&v, aborted > 0 ? aborted * 16 : 0);
		int64_t size = get_int(&v, 4);
		const uint8_t *records = skip(&v, size > 0 ? size : 0);
		if (check_code(&v, code, "fetching", err) < 0)
			return -1;
		if (id < 0 || id >= f->n)
			return kt_err_set(err, KT_FAILED, "an answer about partition %lld", (long long)id);
		struct part *p = &parts[id];
		if (!p->known)
			p->end = end;
		p->known = true;
		p->records = (struct view){records, records + (size > 0 ? size : 0), false};
		skip_batches(p);
	}
	return check_code(&v, 0, "fetching", err);
}

static void write_values(struct view v, struct kt_buf *out)
{
	while (v.end - v.at >= BATCH_HEADER && !v.bad) {
		skip(&v, BATCH_HEADER - 4);
		for (int64_t n = get_int(&v, 4); n > 0 && !v.bad; n--) {
			get_varint(&v);
			skip(&v, 1);
			get_varint(&v);
			get_varint(&v);
			int64_t key = get_varint(&v);
			skip(&v, key > 0 ? key : 0);
			int64_t len = get_varint(&v);
			const uint8_t *value = skip(&v, len > 0 ? len : 0);
			if (value)
				kt_buf_add(out, value, len > 0 ? (size_t)len : 0);
			kt_buf_addc(out, '\n');
			for (int64_t headers = 2 * get_varint(&v); headers > 0 && !v.bad; headers--)
				skip(&v, get_varint(&v));
		}
	}
}

static int write_answer(const struct floor *f, const struct part *parts, struct kt_buf *out, struct kt_err *err)
{
	for (int32_t i = 0; i < f->n; i++) {
		write_values(parts[i].records, out);
		if (out->len >= BLOCK) {
			if (write_all(STDOUT_FILENO, out, err) < 0)
				return -1;
			out->len = 0;
		}
	}
	return 0;
}

static int read_topic(struct floor *f, struct kt_err *err)
{
	kt_auto(kt_free_ptr) struct part *parts = kt_calloc((size_t)f->n, sizeof(*parts));
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	if (ask_for_records(f, parts, err) < 0)
		return -1;
	for (bool more = true; more;) {
		if (take_answer(f, parts, err) < 0)
			return -1;
		more = false;
		for (int32_t i = 0; i < f->n; i++)
			more = more || !parts[i].known || parts[i].next < parts[i].end;
		if ((more && ask_for_records(f, parts, err) < 0) || write_answer(f, parts, &out, err) < 0)
			return -1;
	}
	return write_all(STDOUT_FILENO, &out, err);
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static int time_ids(struct floor *f, struct kt_err *err)
{
	int64_t took_us[ID_ROUNDS];
	for (int i = 0; i < ID_ROUNDS; i++) {
		struct view v;
		int64_t start_us = kt_clock_us();
		begin_request(f, INIT_PRODUCER_ID, 0);
		put_int(&f->request, UINT64_MAX, 2);
		put_int(&f->request, 60000, 4);
		if (send_request(f, err) < 0 || await_answer(f, &v, err) < 0)
			return -1;
		took_us[i] = kt_clock_us() - start_us;
		skip(&v, 4);
		int64_t code = get_int(&v, 2);
		if (check_code(&v, code, "asking for a producer id", err) < 0)
			return -1;
	}
	qsort(took_us, ID_ROUNDS, sizeof(*took_us), by_size);
	printf("%lld\n", (long long)took_us[ID_ROUNDS / 2]);
	return 0;
}

static int run(int argc, char **argv, struct kt_err *err)
{
	static const struct {
		const char *word;
		int words;
		int (*run)(struct floor *f, struct kt_err *err);
	} modes[] = {{"write", 5, write_lines}, {"read", 5, read_topic}, {"id", 3, time_ids}};
	struct floor f = {.topic = argc > 3 ? argv[3] : NULL};
	int64_t n = 1;
	for (size_t i = 0; i < KT_LEN(modes); i++) {
		if (argc != modes[i].words || strcmp(argv[1], modes[i].word) != 0)
			continue;
		if (argc > 4 && kt_parse_i64(argv[4], 1, 10000, &n, err) < 0)
			return -1;
		f.n = (int32_t)n;
		int result = dial(&f, argv[2], err) < 0 ? -1 : modes[i].run(&f, err);
		close(f.fd);
		kt_buf_fini(&f.request);
		kt_buf_fini(&f.answer);
		return result;
	}
	return kt_err_set(err, KT_USAGE, "floor write|read HOST:PORT TOPIC PARTITIONS, or floor id HOST:PORT");
}

int main(int argc, char **argv)
{
	struct kt_err err = {0};
	if (run(argc, argv, &err) == 0)
		return 0;
	fprintf(stderr, "floor: %s\n", err.msg);
	return err.status;
}
