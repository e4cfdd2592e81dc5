/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and CRLs put together from parts in hex, so that a test changes just one of them. */
#ifndef TEST_CRYPTO_DER_MAKER_H
#define TEST_CRYPTO_DER_MAKER_H

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define ECDSA_WITH_SHA256 "300a06082a8648ce3d040302"
#define NAME_A            "300c310a300806035504030c0141"
/* A BIT STRING's contents: no unused bits, and an ECDSA-Sig-Value. */
#define SOME_SIGNATURE "003006020101020102"

static inline void put_hex_bytes(att_buf *b, const char *hex)
{
	uint8_t byte;

	for (; *hex; hex += 2) {
		if (att_hex_decode(att_bytes_of(hex, 2), &byte, 1, NULL) != ATT_OK)
			abort();
		att_put_u8(b, byte);
	}
}

/* One element around what `inside` holds; empties it. */
static inline void put_element(att_buf *b, uint8_t tag, att_buf *inside)
{
	att_put_u8(b, tag);
	if (inside->len < 0x80) {
		att_put_u8(b, (uint8_t)inside->len);
	} else if (inside->len < 0x100) {
		att_put_u8(b, 0x81);
		att_put_u8(b, (uint8_t)inside->len);
	} else {
		att_put_u8(b, 0x82);
		att_put_be16(b, (uint16_t)inside->len);
	}
	att_put(b, att_buf_bytes(inside));
	inside->len = 0;
}

/* One extension: its OID's contents, "" or the BOOLEAN as an element, the value. */
struct ext_hex {
	const char *oid;
	const char *critical;
	const char *value;
};

static inline void put_extension(att_buf *b, const struct ext_hex *e)
{
	att_auto_buf att_buf part = { 0 }, whole = { 0 };

	put_hex_bytes(&part, e->oid);
	put_element(&whole, 0x06, &part);
	put_hex_bytes(&whole, e->critical);
	put_hex_bytes(&part, e->value);
	put_element(&whole, 0x04, &part);
	put_element(b, 0x30, &whole);
}

/* SIGNED: `tbs` holds the contents of the signed part. */
static inline void put_signed(att_buf *out, att_buf *tbs, const char *algorithm,
			      const char *signature)
{
	att_auto_buf att_buf whole = { 0 }, bits = { 0 };

	put_element(&whole, 0x30, tbs);
	put_hex_bytes(&whole, algorithm);
	put_hex_bytes(&bits, signature);
	put_element(&whole, 0x03, &bits);
	put_element(out, 0x30, &whole);
}

#endif
