/* SPDX-License-Identifier: Apache-2.0 */
/* The collateral object, and what the readers of its forms share. */
#ifndef ATT_COLLATERAL_ITEMS_H
#define ATT_COLLATERAL_ITEMS_H

#include "attest/collateral.h"
#include "base/mem.h"

struct att_collateral {
	struct {
		uint8_t *ptr;
		size_t len;
	} items[ATT_ITEM_COUNT];
	const char *form;
};

ATT_DEFINE_CLEANUP(att_collateral, att_collateral, att_collateral_free)
#define att_auto_collateral __attribute__((cleanup(att_collateral_cleanup)))

/* The seven members of Intel's sgx_ql_qve_collateral_t in their order: what a verification
 * needs. */
#define ATT_QVE_ITEMS 7
extern const enum att_item att_qve_items[ATT_QVE_ITEMS];

/* tee_type: 0 is SGX, 0x81 TDX. */
bool att_qve_tee_ok(uint32_t tee_type);

/* Each fills an object that is empty but for its form. */
att_rc att_json_form_read(att_bytes in, att_collateral *c, att_err *err) ATT_MUST_USE;
att_rc att_oe_endorsements_read(att_bytes in, att_collateral *c, att_err *err) ATT_MUST_USE;
att_rc att_qve_flat_read(att_bytes in, att_collateral *c, att_err *err) ATT_MUST_USE;

#endif
