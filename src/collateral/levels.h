/* SPDX-License-Identifier: Apache-2.0 */
/* TCB levels: what the levels of the platform, of a TDX module and of an enclave have in common. */
#ifndef ATT_COLLATERAL_LEVELS_H
#define ATT_COLLATERAL_LEVELS_H

#include "collateral/fields.h"
#include "collateral/tcbinfo.h"

/* Everything a document points to lives in one block: counted first, then cut from. */
struct att_room {
	size_t modules;
	size_t levels;
	size_t ids;   /* advisory ids */
	size_t bytes; /* of their texts */
};

struct att_cut {
	void *block;
	struct att_tdx_module *modules;
	struct att_level *levels;
	const char **ids;
	char *bytes;
};

/* Adds what an array of levels needs; checks the caps. What is no level counts nothing: reading it
 * will fail. */
att_rc att_room_add_levels(struct att_room *room, att_json levels, att_err *err) ATT_MUST_USE;
/* One zeroed block for all of it; free(cut->block). */
att_rc att_room_make(const struct att_room *room, struct att_cut *cut, att_err *err) ATT_MUST_USE;

/* tcbDate, tcbStatus and advisoryIDs of one level; *tcb gets its `tcb` object. */
att_rc att_level_read(att_json level, uint32_t allowed, struct att_cut *cut, struct att_level *out,
		      att_json *tcb, att_err *err) ATT_MUST_USE;

/* Levels of one isvsvn each (TDX modules, enclaves): at least one, no isvsvn twice, in the order of
 * the document. `levels` is an array that the room was counted for. */
att_rc att_isv_levels_read(att_json levels, uint32_t allowed, struct att_cut *cut,
			   struct att_level **out, size_t *count, att_err *err) ATT_MUST_USE;

/* Levels of the platform: at least one, no two for the same SVNs, sorted descending. Fills levels
 * and the component texts of t, whose version and tdx are set. `levels` as above. */
att_rc att_platform_levels_read(att_json levels, struct att_cut *cut, struct att_tcbinfo *t,
				att_err *err) ATT_MUST_USE;

#endif
