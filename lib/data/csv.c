#include "csv.h"

void kt_csv_field(struct kt_buf *out, struct kt_bytes text)
{
	bool plain = text.len > 0;
	for (size_t i = 0; i < text.len && plain; i++)
		plain = !strchr("\",\r\n", text.data[i]) || !text.data[i];
	if (plain) {
		kt_buf_add(out, text.data, text.len);
		return;
	}
	kt_buf_addc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '"')
			kt_buf_addc(out, '"');
		kt_buf_addc(out, text.data[i]);
	}
	kt_buf_addc(out, '"');
}
