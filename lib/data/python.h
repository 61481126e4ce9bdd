/* Text and bytes as Python's repr() shows them, which is what its print() makes of them inside lists and dicts. */
#ifndef KT_PYTHON_H
#define KT_PYTHON_H

#include "buf.h"

/* What Python prints for bytes: b'…', with \n \t \r \\ and quotes by Python's rules (b"…" when the bytes hold a single
 * and no double quote), \xNN for other non-printing bytes; None for null. */
void kt_python_bytes(struct kt_buf *out, struct kt_bytes bytes);

/* The same for text: '…', where characters that Unicode calls printable stand as they are and others are escaped as
 * \xNN, \uNNNN or \UNNNNNNNN (by the Unicode of the Python that this was built with). False, and out as before, when
 * it is not UTF-8. */
bool kt_python_string(struct kt_buf *out, const void *data, size_t len);

/* One item of the list that confluent-kafka 2.2 hands to on_assign. */
void kt_python_partition(struct kt_buf *out, const char *topic, int32_t partition);

#endif
