/* The whole numbers of Avro's binary encoding: 7 bits a byte, the lowest first, signs folded into the last bit. */
#ifndef KT_ZIGZAG_H
#define KT_ZIGZAG_H

#include "base.h"

enum kt_zigzag { KT_ZIGZAG_FINE, KT_ZIGZAG_CUT, KT_ZIGZAG_LONG };

/* Reads the number at *at, which is then moved after it. KT_ZIGZAG_CUT: end comes first; KT_ZIGZAG_LONG: more than 64
 * bits. */
static inline enum kt_zigzag kt_zigzag_read(const unsigned char **at, const unsigned char *end, int64_t *n)
{
	uint64_t value = 0;
	unsigned shift = 0;
	for (const unsigned char *byte = *at; byte < end; shift += 7) {
		if (shift == 63 && *byte > 1)
			return KT_ZIGZAG_LONG;
		value |= (uint64_t)(*byte & 0x7f) << shift;
		if (*byte++ < 0x80) {
			*n = (int64_t)(value >> 1 ^ -(value & 1));
			*at = byte;
			return KT_ZIGZAG_FINE;
		}
	}
	return KT_ZIGZAG_CUT;
}

#endif
