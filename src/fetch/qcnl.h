/* SPDX-License-Identifier: Apache-2.0 */
/* /etc/sgx_default_qcnl.conf, the configuration of Intel's quote provider library, in both forms:
 * JSON (with comments of // and of slash and star), and KEY=VALUE as it was before. As the library
 * does it, the text is tried as JSON first. Where the file is, the program says. */
#ifndef ATT_FETCH_QCNL_H
#define ATT_FETCH_QCNL_H

#include "attest/base.h"

#define ATT_QCNL_MAX         ((size_t)64 << 10) /* bytes of the file */
#define ATT_QCNL_CUSTOM_MAX  16u
#define ATT_QCNL_DEFAULT_URL "https://localhost:8081/sgx/certification/v4/"

enum att_qcnl_form { ATT_QCNL_JSON = 1, ATT_QCNL_KEY_VALUE };
enum att_qcnl_update { ATT_QCNL_UPDATE_NONE, ATT_QCNL_UPDATE_STANDARD, ATT_QCNL_UPDATE_EARLY };

/* Texts are NULL, and numbers -1, where the file says nothing. */
struct att_qcnl {
	enum att_qcnl_form form;
	char *pccs_url;
	bool use_secure_cert; /* true unless the file says otherwise */
	char *collateral_service;
	enum att_qcnl_update update;
	char *pccs_api_version; /* "3.0", "3.1" */
	int64_t retry_times;
	int64_t retry_delay; /* seconds */
	char *local_pck_url;
	int64_t pck_cache_expire_hours;
	int64_t verify_collateral_cache_expire_hours;
	bool local_cache_only;
	/* custom_request_options.get_cert: "name: value" and "name=value", NULL-terminated. */
	char *headers[ATT_QCNL_CUSTOM_MAX + 1];
	char *params[ATT_QCNL_CUSTOM_MAX + 1];
	char unknown[64]; /* the first key that nobody knows: a hint for people; else empty */
};

/* ATT_E_FORMAT says what is wrong, in the form that the text looks like, with its line;
 * ATT_E_NOMEM. *out is empty after a failure, and to be freed after success. */
att_rc att_qcnl_parse(att_bytes text, struct att_qcnl *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);
void att_qcnl_free(struct att_qcnl *q);

#endif
