/* SPDX-License-Identifier: Apache-2.0 */
/* Attesters: report data in, evidence out, on whatever platform this machine is. */
#ifndef ATTEST_ATTESTER_H
#define ATTEST_ATTESTER_H

#include "attest/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ATT_REPORT_DATA 64

typedef struct att_attester att_attester;

/* What a caller may say of where and how; zero means the platform's own way. Borrowed only while
 * att_attester_open() runs. */
struct att_attester_options {
	const char *format;  /* of simulated evidence: "sgx3" to "tdx15"; NULL: sgx3 */
	const char *sim_cpu; /* socket of a simulated CPU; NULL: no simulated world is announced */
	const char *image;   /* sim: the enclave image; NULL: this process's executable */
	const char *sigstruct; /* sim: its SIGSTRUCT; NULL: made with `signer` */
	const char *signer;    /* sim: an RSA-3072 private key in PEM */
	unsigned timeout_ms;   /* of one exchange with a daemon; 0: 15000 */
};

/* What an attester made beside the evidence itself. */
struct att_quoted {
	uint8_t *evidence; /* owned: att_quoted_clear() */
	size_t evidence_len;
	uint8_t *certificates; /* SNP: the host's certificate table; NULL elsewhere or when empty */
	size_t certificates_len;
	char attester[16]; /* which one made it */
};
ATT_API void att_quoted_clear(struct att_quoted *q);

/* Opens the attester of that name: "sim", "occlum", "gramine", "aesm", "tsm", "tdx-guest",
 * "sev-guest", or "auto": the first of those, in this order, whose interface is there and can be
 * used; "sim" only when options->sim_cpu announces a world. Nothing is quoted yet.
 * ATT_E_ARG (unknown name), ATT_E_UNAVAILABLE (no such interface here: the message says what was
 * looked for), ATT_E_IO (it is there and can not be used), ATT_E_NOMEM. "sim" also says what is
 * wrong with its options: ATT_E_ARG (format), ATT_E_FORMAT and its like (image, SIGSTRUCT, key),
 * ATT_E_SIGNATURE, ATT_E_MISMATCH (the SIGSTRUCT is not this image's), ATT_E_DENIED (EINIT refuses
 * what it asks for). */
ATT_API att_rc att_attester_open(const char *name, const struct att_attester_options *options,
				 att_attester **out, att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3);
ATT_API void att_attester_free(att_attester *a);

/* The name of what was opened: never "auto". Static. */
ATT_API const char *att_attester_name(const att_attester *a) ATT_NONNULL(1);

/* Evidence with that report data. The evidence is as the platform gave it, and is not verified.
 * ATT_E_UNAVAILABLE (the platform can not now; the message says why and what to do), ATT_E_IO,
 * ATT_E_FORMAT (the platform gave what can be no evidence), ATT_E_NOMEM. */
ATT_API att_rc att_attester_quote(att_attester *a, const uint8_t report_data[ATT_REPORT_DATA],
				  struct att_quoted *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2, 3);

#ifdef __cplusplus
}
#endif
#endif
