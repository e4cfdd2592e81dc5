/* SPDX-License-Identifier: Apache-2.0 */
/* The DER cursor over any bytes: what it takes has exactly one encoding, which is written again
 * here from tag and contents, and the typed getters agree with it on where an element ends. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "codec/der.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEPTH_MAX 64

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void check_encoding(att_bytes whole, uint8_t tag, att_bytes contents)
{
	att_auto_buf att_buf b = { 0 };

	att_put_u8(&b, tag);
	size_t len = contents.len;
	if (len < 0x80) {
		att_put_u8(&b, (uint8_t)len);
	} else {
		unsigned n = len < 0x100 ? 1 : len < 0x10000 ? 2 : len < 0x1000000 ? 3 : 4;
		att_put_u8(&b, (uint8_t)(0x80 | n));
		while (n-- > 0)
			att_put_u8(&b, (uint8_t)(len >> (8 * n)));
	}
	att_put(&b, contents);
	demand(att_buf_ok(&b, NULL) == ATT_OK);
	demand(att_bytes_eq(att_buf_bytes(&b), whole));
}

/* Every typed getter on the element at r: it takes all of it or fails, whatever the tag. */
static void check_getters(const att_reader *r, uint8_t tag, size_t whole)
{
	for (unsigned which = 0; which < 5; which++) {
		att_reader t = *r;
		att_bytes out;
		switch (which) {
		case 0:
			demand(att_der_uint(&t, tag, "uint") >= 0);
			break;
		case 1:
			att_der_bool(&t, "bool");
			break;
		case 2:
			att_der_bits(&t, "bits");
			break;
		case 3:
			att_der_time(&t, "time");
			break;
		case 4:
			demand(att_der_optional(&t, tag, &out, "optional"));
			break;
		}
		if (att_reader_ok(&t, NULL) == ATT_OK)
			demand(att_tell(&t) - att_tell(r) == whole);
		else
			demand(att_left(&t) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_reader stack[DEPTH_MAX] = { att_reader_of(att_bytes_of(data, size)) };
	unsigned depth = 1;

	while (depth > 0) {
		att_reader *r = &stack[depth - 1];
		att_reader before = *r;
		uint8_t peeked = att_der_peek(r);
		uint8_t tag;
		att_bytes whole = att_der_element(r, &tag, "element");
		if (att_reader_ok(r, NULL) != ATT_OK) {
			demand(whole.len == 0 && tag == 0);
			depth--;
			continue;
		}
		demand(tag == peeked && tag != 0);
		demand(att_tell(r) - att_tell(&before) == whole.len);

		att_reader again = before;
		att_bytes contents = att_der_get(&again, tag, "contents");
		demand(att_tell(&again) == att_tell(r));
		check_encoding(whole, tag, contents);
		check_getters(&before, tag, whole.len);

		att_reader enter = before;
		att_reader inner = att_der_enter(&enter, tag, "inner");
		demand(att_left(&inner) == contents.len);
		demand(att_tell(&inner) + contents.len == att_tell(r));
		if ((tag & 0x20) && depth < DEPTH_MAX)
			stack[depth++] = inner;
	}
	return 0;
}
