/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/mem.h"
#include "cli/measure.h"

#define HEX(t, name, field) cli_put_hex(t, name, att_bytes_of((field), sizeof(field)))

/* "r-x", "rw-", "tcs": SECINFO for people. */
static void put_access(struct cli_tree *t, const char *name, uint64_t secinfo)
{
	char text[4] = "tcs";

	if ((secinfo & ATT_SECINFO_TYPE) != ATT_SECINFO_TCS) {
		text[0] = secinfo & ATT_SECINFO_R ? 'r' : '-';
		text[1] = secinfo & ATT_SECINFO_W ? 'w' : '-';
		text[2] = secinfo & ATT_SECINFO_X ? 'x' : '-';
	}
	cli_put_str(t, name, text);
}

/* A name from the file: cut, and safe by what the tree does with text from outside. */
static void put_name(struct cli_tree *t, const char *name, att_bytes bytes)
{
	char text[64];

	if (bytes.len == 0) {
		cli_put_null(t, name);
		return;
	}
	int len = bytes.len < sizeof(text) ? (int)bytes.len : (int)sizeof(text) - 1;
	snprintf(text, sizeof(text), "%.*s", len, (const char *)bytes.ptr);
	cli_put_str(t, name, text);
}

static void show_signed(struct cli_tree *t, const struct cli_signed *by)
{
	const struct att_sigstruct *s = &by->sigstruct;

	cli_object(t, NULL);
	cli_put_str(t, "file", by->path);
	cli_put_bool(t, "matches", by->matches);
	cli_put_bool(t, "signature_ok", by->signature_ok);
	HEX(t, "enclave_hash", s->enclave_hash);
	HEX(t, "mr_signer", by->mr_signer);
	cli_put_int(t, "isv_prod_id", s->isv_prod_id);
	cli_put_int(t, "isv_svn", s->isv_svn);
	cli_put_bool(t, "debug", (s->attributes & ATT_SGX_ATTR_DEBUG) != 0);
	cli_put_flags(t, "attributes", s->attributes);
	cli_put_flags(t, "attributes_mask", s->attributes_mask);
	cli_put_flags(t, "xfrm", s->xfrm);
	cli_put_flags(t, "xfrm_mask", s->xfrm_mask);
	cli_put_flags(t, "misc_select", s->misc_select);
	cli_put_flags(t, "misc_mask", s->misc_mask);
	HEX(t, "isv_ext_prod_id", s->isv_ext_prod_id);
	HEX(t, "isv_family_id", s->isv_family_id);
	cli_put_flags(t, "vendor", s->vendor);
	cli_put_flags(t, "date", s->date);
	cli_end(t);
}

struct listing {
	struct cli_tree *t;
	const att_image *image;
};

static att_rc show_region(void *ctx, const struct att_image_region *r)
{
	const struct listing *l = ctx;

	cli_object(l->t, NULL);
	cli_put_str(l->t, "name", r->name);
	put_name(l->t, "section", att_image_section_at(l->image, r->offset));
	cli_put_flags(l->t, "offset", r->offset);
	cli_put_int(l->t, "pages", (int64_t)r->pages);
	cli_put_int(l->t, "pages_measured", (int64_t)r->pages_measured);
	cli_put_flags(l->t, "secinfo", r->secinfo);
	put_access(l->t, "access", r->secinfo);
	cli_put_bool(l->t, "one_secinfo", r->one_secinfo);
	HEX(l->t, "sha256", r->sha256);
	cli_end(l->t);
	return ATT_OK;
}

att_rc cli_show_measured(struct cli_tree *t, const struct cli_measured *m, bool explain,
			 att_err *err)
{
	struct listing l = { .t = t, .image = m->image };
	uint8_t again[32];

	cli_put_str(t, "file", m->path);
	cli_put_str(t, "kind", att_image_kind_name(att_image_kind(m->image)));
	HEX(t, "mr_enclave", m->mr_enclave);
	cli_put_flags(t, "size", att_image_size(m->image));
	cli_put_int(t, "ssa_frame_size", att_image_ssa_frame_size(m->image));
	cli_put_int(t, "pages", (int64_t)att_image_pages(m->image));
	cli_put_int(t, "pages_measured", (int64_t)att_image_pages_measured(m->image));
	cli_list(t, "sigstructs");
	for (size_t i = 0; i < m->by_count; i++)
		show_signed(t, &m->by[i]);
	cli_end(t);
	if (!explain)
		return ATT_OK;
	cli_table(t, "regions");
	att_rc rc = att_image_explain(m->image, show_region, &l, again, err);
	cli_end(t);
	return rc;
}

static const char *difference_name(enum att_image_difference what)
{
	static const char *const names[] = { NULL,      "only_first", "only_second",
					     "secinfo", "measured",   "content" };

	return (size_t)what < ATT_COUNT(names) ? names[what] : NULL;
}

static void show_side(struct cli_tree *t, const char *name, const struct att_image_diff *d,
		      size_t i)
{
	if (!d->region[i]) {
		cli_put_null(t, name);
		return;
	}
	cli_object(t, name);
	cli_put_str(t, "region", d->region[i]);
	put_name(t, "section", d->section[i]);
	cli_put_flags(t, "secinfo", d->secinfo[i]);
	put_access(t, "access", d->secinfo[i]);
	cli_end(t);
}

static void show_first_page(struct cli_tree *t, const struct att_image_diff *d)
{
	if (d->first == ATT_DIFF_NONE) {
		cli_put_null(t, "first_page");
		return;
	}
	cli_object(t, "first_page");
	cli_put_str(t, "what", difference_name(d->first));
	cli_put_flags(t, "offset", d->offset);
	if (d->first == ATT_DIFF_CONTENT)
		cli_put_flags(t, "byte", d->byte);
	else
		cli_put_null(t, "byte");
	show_side(t, "first", d, 0);
	show_side(t, "second", d, 1);
	cli_end(t);
}

void cli_show_difference(struct cli_tree *t, const struct att_image_diff *d)
{
	cli_put_bool(t, "size", d->size);
	cli_put_bool(t, "ssa_frame_size", d->ssa_frame_size);
	cli_put_bool(t, "order", d->order);
	if (d->order)
		cli_put_flags(t, "order_offset", d->order_offset);
	else
		cli_put_null(t, "order_offset");
	cli_put_int(t, "pages", (int64_t)d->pages);
	cli_put_int(t, "only_first", (int64_t)d->only_first);
	cli_put_int(t, "only_second", (int64_t)d->only_second);
	cli_put_int(t, "secinfo", (int64_t)d->flags);
	cli_put_int(t, "measured", (int64_t)d->measured);
	cli_put_int(t, "content", (int64_t)d->content);
	show_first_page(t, d);
}
