/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration of the caching service: an existing default.json of Intel's PCCS as it is (JSON
 * with // comments), and our own members beside it. doc/pccs.md has the table. */
#ifndef ATT_SERVICE_PCCS_CONFIG_H
#define ATT_SERVICE_PCCS_CONFIG_H

#include "attest/base.h"
#include "service/pccs/cron.h"

#define ATT_PCCS_CONFIG_MAX ((size_t)256 << 10)
#define ATT_PCCS_TOKEN_HASH 64 /* SHA-512 */
#define ATT_PCCS_PATH_MAX   1024

enum att_pccs_mode { ATT_PCCS_LAZY, ATT_PCCS_REQ, ATT_PCCS_OFFLINE };

enum att_pccs_level {
	ATT_PCCS_LOG_ERROR,
	ATT_PCCS_LOG_WARN,
	ATT_PCCS_LOG_INFO,
	ATT_PCCS_LOG_DEBUG
};

struct att_pccs_token {
	bool set; /* nobody has the token of a hash that is not set */
	uint8_t hash[ATT_PCCS_TOKEN_HASH];
};

struct att_pccs_config {
	int64_t port;
	char hosts[256];
	char uri[ATT_PCCS_PATH_MAX];
	char api_key[129]; /* secret */
	char proxy[ATT_PCCS_PATH_MAX];
	bool has_schedule;
	struct att_cron schedule;
	struct att_pccs_token user;
	struct att_pccs_token admin;
	int64_t body_max;        /* bytes */
	int64_t headers_seconds; /* 0: the server's own */
	int64_t request_seconds;
	int64_t keep_alive_seconds;
	enum att_pccs_mode mode;
	enum att_pccs_level level;
	/* ours */
	char store[ATT_PCCS_PATH_MAX]; /* a file, or a postgresql:// URL (secret) */
	char tls_certificate[ATT_PCCS_PATH_MAX];
	char tls_key[ATT_PCCS_PATH_MAX];
	char root[ATT_PCCS_PATH_MAX]; /* a root certificate in place of Intel's */
	char upstream_ca[ATT_PCCS_PATH_MAX];
	char bundle[ATT_PCCS_PATH_MAX];
	char api_key_file[ATT_PCCS_PATH_MAX];
	int64_t rate;           /* requests a second and peer; 0: no limit */
	int64_t connections;    /* 0: the server's own */
	int64_t refresh_before; /* seconds before its expiry that an entry is refreshed */
};

/* Called with what a person should know: an unknown member, one that has no meaning here. */
typedef void att_pccs_note(void *ctx, const char *text);

/* What holds where a file says nothing: Intel's defaults, LAZY. */
void att_pccs_config_default(struct att_pccs_config *c) ATT_NONNULL(1);

/* Reads a configuration into *c, whose members stay where the file has none. ATT_E_FORMAT (with the
 * member's name; values of secrets are not repeated), ATT_E_NOMEM. */
att_rc att_pccs_config_read(att_bytes text, struct att_pccs_config *c, att_pccs_note *note,
			    void *ctx, att_err *err) ATT_MUST_USE ATT_NONNULL(2, 3);

/* The words of the modes ("LAZY"), for options and messages. */
bool att_pccs_mode_of(const char *name, enum att_pccs_mode *out) ATT_MUST_USE ATT_NONNULL(1, 2);
const char *att_pccs_mode_name(enum att_pccs_mode mode);

/* Is this the token whose SHA-512 stands in `t`? In constant time once the hash is made. */
bool att_pccs_token_is(const struct att_pccs_token *t, const char *token) ATT_MUST_USE
    ATT_NONNULL(1);

#endif
