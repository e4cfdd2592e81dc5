/* SPDX-License-Identifier: Apache-2.0 */
/* Keys made for these tests and used nowhere else, and reports made by hand. */
#ifndef ATT_TEST_APPRAISE_TOKENS_H
#define ATT_TEST_APPRAISE_TOKENS_H

#include "fixture.h"

#define SIGN_KEY                                                             \
	"-----BEGIN PRIVATE KEY-----\n"                                      \
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKdvugrssm479InRy\n" \
	"ry135rf8pTuIwFLqEeGoRLogX0ehRANCAARBJ4nQh89HJf5UnDKKJB+czzDZn/dm\n" \
	"okfULGCxf/vOSDEf+6dkF740NA0x7d1qeQJlhSEurWHFzSXNYyxz61ud\n"         \
	"-----END PRIVATE KEY-----\n"

#define PUBLIC_KEY                                                           \
	"-----BEGIN PUBLIC KEY-----\n"                                       \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQSeJ0IfPRyX+VJwyiiQfnM8w2Z/3\n" \
	"ZqJH1CxgsX/7zkgxH/unZBe+NDQNMe3dankCZYUhLq1hxc0lzWMsc+tbnQ==\n"     \
	"-----END PUBLIC KEY-----\n"

#define OTHER_KEY                                                            \
	"-----BEGIN PUBLIC KEY-----\n"                                       \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEpkB2VnJMnR4MNThbgTENOxSWSIDT\n" \
	"kVzfnF7BnCPP4xmbYI6YzsqkHBDY3aIB3krsKPkW3gQjfr6gQ27daGjg8A==\n"     \
	"-----END PUBLIC KEY-----\n"

#define NONCE "0123456789abcdef"

/* Every check passed. */
static inline void fixture_report(struct att_report *r, const struct att_verdict *v)
{
	memset(r, 0, sizeof(*r));
	att_report_reset(r, NOW);
	r->facts = v->facts;
	r->facts.tcb.advisories = r->facts.advisories;
	for (int c = 0; c < CK_COUNT; c++)
		r->rec[c].outcome = ATT_PASS;
}

static inline struct att_ear_in fixture_ear(enum att_ear_profile profile,
					    const struct att_report *r, const struct att_verdict *v)
{
	return (struct att_ear_in){
		.profile = profile,
		.report = r,
		.verdict = v,
		.nonce = TEXT(NONCE),
		.issued_at = NOW,
		.expires_at = NOW + 300,
		.sign_key = TEXT(SIGN_KEY),
	};
}

#endif
