/* SPDX-License-Identifier: Apache-2.0 */
#include "service/pccs/store.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"

void att_pccs_record_free(struct att_pccs_record *r)
{
	free(r->owned);
	*r = (struct att_pccs_record){ 0 };
}

bool att_pccs_copy_text(char *out, size_t room, const char *text)
{
	size_t len = strlen(text);

	if (len >= room)
		return false;
	memcpy(out, text, len + 1);
	return true;
}

att_rc att_pccs_record_own(struct att_pccs_record *out, att_bytes body, att_bytes chain,
			   att_err *err)
{
	/* One more byte, so that an empty record is no empty allocation. */
	out->owned = malloc(body.len + chain.len + 1);
	if (!out->owned)
		return att_fail(err, ATT_E_NOMEM, "record: out of memory");
	if (body.len)
		memcpy(out->owned, body.ptr, body.len);
	if (chain.len)
		memcpy(out->owned + body.len, chain.ptr, chain.len);
	out->owned[body.len + chain.len] = 0;
	out->body = att_bytes_of(out->owned, body.len);
	out->chain = att_bytes_of(out->owned + body.len, chain.len);
	return ATT_OK;
}

void att_pccs_store_close(att_pccs_store *s)
{
	if (s)
		s->ops->close(s);
}
