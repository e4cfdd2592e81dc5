/* SPDX-License-Identifier: Apache-2.0 */
/* TCB infos, bare and as a service's answer; levels come out in order, advisories sorted. */
#include <stdlib.h>
#include <string.h>

#include "collateral/tcbinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_advisories(const struct att_advisories *a)
{
	for (size_t i = 1; i < a->count; i++) {
		if (strcmp(a->ids[i - 1], a->ids[i]) >= 0)
			abort();
	}
}

static void check_info(const struct att_tcbinfo *t)
{
	if (t->level_count == 0 || (t->version != 2 && t->version != 3))
		abort();
	for (size_t i = 0; i < t->level_count; i++) {
		check_advisories(&t->levels[i].advisories);
		if (!att_tcb_status_name(t->levels[i].status))
			abort();
		if (i > 0 && memcmp(t->levels[i - 1].sgx, t->levels[i].sgx, 16) < 0)
			abort();
	}
	for (size_t i = 0; i < t->module_count; i++) {
		for (size_t k = 0; k < t->modules[i].level_count; k++)
			check_advisories(&t->modules[i].levels[k].advisories);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_auto_json att_json_doc doc = { 0 };
	struct att_tcbinfo t;
	uint8_t signature[64];
	att_json object;
	bool found;
	att_err err;

	if (att_json_parse(att_bytes_of(data, size), &doc, &err) != ATT_OK ||
	    att_answer_split(&doc, "tcbInfo", &found, &object, signature, &err) != ATT_OK)
		return 0;
	if (att_tcbinfo_parse(found ? object : att_json_root(&doc), &t, &err) == ATT_OK)
		check_info(&t);
	att_tcbinfo_free(&t);
	return 0;
}
