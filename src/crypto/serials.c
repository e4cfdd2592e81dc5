/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "codec/der.h"
#include "crypto/serials.h"

static int by_serial(const void *a, const void *b)
{
	const att_bytes *x = a, *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->ptr, y->ptr, x->len);
}

void att_serials_free(struct att_serials *s)
{
	free(s->list);
	*s = (struct att_serials){ 0 };
}

att_rc att_serials_make(const struct att_crl *crl, struct att_serials *out, att_err *err)
{
	att_reader r = att_reader_of(crl->revoked);

	*out = (struct att_serials){ 0 };
	if (crl->revoked_count == 0)
		return ATT_OK;
	out->list = calloc(crl->revoked_count, sizeof(*out->list));
	if (!out->list)
		return att_fail(err, ATT_E_NOMEM, "out of memory for %zu serial numbers",
				crl->revoked_count);
	while (out->count < crl->revoked_count) {
		att_reader entry = att_der_enter(&r, ATT_DER_SEQUENCE, "revokedCertificate");

		out->list[out->count++] = att_der_get(&entry, ATT_DER_INTEGER, "userCertificate");
	}
	/* A list that att_crl_parse() did not read can not clear anyone. */
	att_rc rc = att_reader_end(&r, err);
	if (rc != ATT_OK) {
		att_serials_free(out);
		return rc;
	}
	qsort(out->list, out->count, sizeof(*out->list), by_serial);
	return ATT_OK;
}

bool att_serials_has(const struct att_serials *s, att_bytes serial)
{
	return s->count > 0 &&
	       bsearch(&serial, s->list, s->count, sizeof(*s->list), by_serial) != NULL;
}
