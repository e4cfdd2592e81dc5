/* SPDX-License-Identifier: Apache-2.0 */
/* What certificates and CRLs have in common: the signed wrapper, names, serial numbers,
 * extensions. */
#ifndef ATT_CRYPTO_X509_PARTS_H
#define ATT_CRYPTO_X509_PARTS_H

#include "base/reader.h"

#define ATT_X509_EXTS_MAX 32u
#define ATT_X509_OID_MAX  10u

/* Contents of an OBJECT IDENTIFIER, for tables. */
struct att_oid {
	uint8_t len;
	uint8_t bytes[ATT_X509_OID_MAX];
};

bool att_oid_is(const struct att_oid *oid, att_bytes contents);

extern const struct att_oid att_oid_authority_key_id;

/* Ends the reading of an element inside `outer`: what failed or was left over in `inner` becomes a
 * failure of `outer`. */
void att_x509_leave(att_reader *outer, const att_reader *inner, const char *field);

/* SIGNED{tbs}: SEQUENCE { tbs, ecdsa-with-SHA256, BIT STRING with an ECDSA-Sig-Value }, all of
 * `der`. *inside reads the contents of tbs. */
struct att_x509_signed {
	att_bytes tbs;
	att_bytes signature;
	att_reader inside;
};
att_rc att_x509_signed(att_bytes der, struct att_x509_signed *out, att_err *err) ATT_MUST_USE;

/* AlgorithmIdentifier of ecdsa-with-SHA256, parameters absent (RFC 5758 section 3.2).
 * ATT_E_FORMAT, or ATT_E_UNSUPPORTED for another algorithm. */
att_rc att_x509_algorithm(att_reader *r, att_err *err) ATT_MUST_USE;

/* Contents of a positive INTEGER of at most 20 significant bytes (RFC 5280 section 4.1.2.2). */
att_bytes att_x509_serial(att_reader *r, const char *field);

/* A Name as a whole element, one attribute to a relative name; *cn gets the last commonName's
 * text. */
att_bytes att_x509_name(att_reader *r, att_bytes *cn, const char *field);

/* The extensions of one list, one after the other; no OID may come twice. */
struct att_x509_exts {
	att_reader list;
	size_t count;
	att_bytes seen[ATT_X509_EXTS_MAX];
};

struct att_x509_ext {
	att_bytes oid;
	bool critical;
	att_bytes value;
	att_reader inside; /* over `value` */
};

/* Starts on an Extensions element, which may not be empty. */
void att_x509_exts_enter(att_reader *r, struct att_x509_exts *exts);

/* The next extension; false at the end of the list and after a failure in it. */
bool att_x509_ext_next(struct att_x509_exts *exts, struct att_x509_ext *ext);

/* The keyIdentifier in an AuthorityKeyIdentifier (RFC 5280 section 4.2.1.1); empty when it has
 * none. */
att_bytes att_x509_key_id(att_reader *value);

#endif
