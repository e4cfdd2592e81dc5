/* SPDX-License-Identifier: Apache-2.0 */
/* The API of Intel's Provisioning Certification Service (PCS, versions 3 and 4) and of its caching
 * service (PCCS): which requests there are, how they are written, how their answers are headed. The
 * client, the caching service and the simulated provisioning service all stand on this one table.
 * Sources: Intel PCS API documentation v3 and v4; PCCS's own API document. */
#ifndef ATT_COLLATERAL_PCS_H
#define ATT_COLLATERAL_PCS_H

#include "attest/base.h"
#include "attest/collateral.h"
#include "codec/http.h"

enum att_pcs_what {
	ATT_PCS_PCKCERT,             /* GET (POST with a platform manifest) */
	ATT_PCS_PCKCERTS,            /* GET, POST */
	ATT_PCS_PCKCERTS_CONFIG,     /* GET */
	ATT_PCS_PCKCRL,              /* GET */
	ATT_PCS_TCB,                 /* GET, sgx and tdx */
	ATT_PCS_QE_IDENTITY,         /* GET, sgx and tdx */
	ATT_PCS_QVE_IDENTITY,        /* GET */
	ATT_PCS_QAE_IDENTITY,        /* GET */
	ATT_PCS_FMSPCS,              /* GET, v4 */
	ATT_PCS_EVALUATION_NUMBERS,  /* GET, v4, sgx and tdx */
	ATT_PCS_ROOT_CA_CRL,         /* GET, PCCS only */
	ATT_PCS_CRL,                 /* GET, PCCS only: uri= */
	ATT_PCS_PLATFORMS,           /* POST, GET: PCCS only */
	ATT_PCS_PLATFORM_COLLATERAL, /* PUT, PCCS only */
	ATT_PCS_REFRESH,             /* GET, POST: PCCS only */
	ATT_PCS_APPRAISAL_POLICY,    /* PUT, GET: PCCS only */
	ATT_PCS_COUNT
};

enum att_pcs_update { ATT_PCS_UPDATE_NONE, ATT_PCS_UPDATE_STANDARD, ATT_PCS_UPDATE_EARLY };

/* A request, understood: which resource, of which version, for what. Hexadecimal parameters are
 * kept as lower-case text, checked for length; absent ones are empty. */
struct att_pcs_request {
	enum att_pcs_what what;
	bool tdx;         /* below /tdx/, else /sgx/ */
	unsigned version; /* 3 or 4 */
	enum att_pcs_update update;
	uint32_t evaluation_number; /* tcbEvaluationDataNumber; 0: not given */
	char fmspc[13];
	char ca[16];    /* "processor" or "platform" */
	bool der;       /* encoding=der */
	bool pem;       /* encoding=pem */
	char qeid[261]; /* up to 130 bytes */
	char cpusvn[33];
	char pcesvn[5];
	char pceid[5];
	char encrypted_ppid[769];
	char platform[16];  /* of fmspcs: "all", "client", "E3", "E5" */
	const char *uri;    /* of crl; lent by the HTTP request */
	const char *source; /* of GET platforms; lent */
	const char *type;   /* of refresh; lent */
	const char *fmspcs; /* of refresh and platforms: a list; lent */
};

/* Understands path and parameters of `http`. ATT_E_MISSING: no such route (404). ATT_E_UNSUPPORTED:
 * the route has no such method (405). ATT_E_FORMAT: a parameter is missing, malformed, unknown in
 * value, or excludes another (400); parameters with unknown names are passed over, as PCS does. */
att_rc att_pcs_read(const struct att_http_request *http, struct att_pcs_request *out,
		    att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

/* Appends path and query ("/sgx/certification/v4/tcb?fmspc=…&update=early"). */
void att_pcs_put_target(att_buf *b, const struct att_pcs_request *r) ATT_NONNULL(1, 2);

/* The header that carries the answer's issuer chain in that version ("TCB-Info-Issuer-Chain";
 * version 3: "SGX-TCB-Info-Issuer-Chain"); NULL where the answer has none. Static. */
const char *att_pcs_chain_header(const struct att_pcs_request *r) ATT_NONNULL(1);

/* "tcb", "pckcrl" and so on: for messages, metrics and cache keys. Static. */
const char *att_pcs_name(enum att_pcs_what what);

#endif
