/* SPDX-License-Identifier: Apache-2.0 */
/* Result tokens: as a whole token, whose signature can not be guessed, and as the payload of
 * one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appraise/ear.h"
#include "codec/jose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A public point of P-256 that signed nothing. */
static const char key[] =
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY\","
    "\"y\":\"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU\"}";

#define NOW INT64_C(1752919277)

static void demand(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "ear: %s\n", what);
	abort();
}

static void as_payload(att_bytes payload)
{
	att_ear *e = NULL;
	att_err err;

	if (att_ear_read(payload, NOW, false, &e, &err) != ATT_OK) {
		demand(e == NULL && err.msg[0], "refused in silence");
		return;
	}
	demand(att_ear_expires_at(e) > NOW, "expired, and read");
	demand(att_ear_issued_at(e) <= NOW, "not yet issued, and read");
	demand(att_ear_status(e) != NULL, "no status");
	demand(att_ear_claims(e).len == payload.len, "other claims");
	(void)att_ear_answers(e, att_bytes_of("0123456789abcdef", 16));
	att_ear_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_bytes in = att_bytes_of(data, size);
	att_auto_jws struct att_jws j = { 0 };
	att_ear *e = NULL;

	as_payload(in);
	if (att_jws_split(in, &j, NULL) == ATT_OK) {
		demand(j.payload != NULL, "no payload");
		as_payload(att_bytes_of(j.payload, j.payload_len));
	}
	demand(att_ear_parse(in, att_bytes_of(key, sizeof(key) - 1), NOW, true, &e, NULL) != ATT_OK,
	       "a signature that nobody made");
	demand(e == NULL, "an object without success");
	return 0;
}
