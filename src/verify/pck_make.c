/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of a PCK chain's text alone. */
#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"
#include "collateral/pck.h"
#include "verify/run.h"

static void pck_destroy(struct att_entry *e)
{
	struct att_pck *p = (struct att_pck *)(void *)e;

	att_chain_free(&p->chain);
	free((void *)(uintptr_t)p->entry.key.ptr);
	free(p);
}

att_rc att_pck_make(att_bytes text, const struct att_compiled *known, att_p256 *tools,
		    struct att_pck **out, att_err *err)
{
	struct att_pck *p = calloc(1, sizeof(*p));
	uint8_t *key = att_bytes_dup(text);

	if (!p || !key) {
		free(p);
		free(key);
		return att_fail(err, ATT_E_NOMEM, "PCK chain: out of memory");
	}
	p->entry = (struct att_entry){ .refs = 1,
				       .key = att_bytes_of(key, text.len),
				       .destroy = pck_destroy };
	att_err bad = { 0 };
	att_rc rc = att_chain_read(text, &att_role_pck, known, &p->chain, &bad);
	p->chain.bad = bad;
	p->chain.bad.rc = rc;
	if (rc == ATT_OK) {
		att_chain_check_signatures(&p->chain, known, tools);
		p->extension_bad.rc = att_pck_ext_parse(p->chain.cert[0].sgx_extension,
							&p->platform, &p->extension_bad);
	}
	if (rc == ATT_E_NOMEM) {
		att_entry_unref(&p->entry);
		return att_fail(err, ATT_E_NOMEM, "PCK chain: out of memory");
	}
	*out = p;
	return ATT_OK;
}
