/* SPDX-License-Identifier: Apache-2.0 */
/* What answers.c and answers_pck.c share. */
#ifndef ATT_PLATFORM_SIM_ANSWERS_INTERNAL_H
#define ATT_PLATFORM_SIM_ANSWERS_INTERNAL_H

#include "collateral/pcs.h"
#include "platform/sim/world_internal.h"

#define ATT_TYPE_JSON  "application/json"
#define ATT_TYPE_PEM   "application/x-pem-file"
#define ATT_TYPE_CRL   "application/pkix-crl"
#define ATT_TYPE_CERT  "application/pkix-cert"
#define ATT_TYPE_TEXT  "text/plain; charset=utf-8"
#define ATT_TYPE_BYTES "application/octet-stream"

/* One request, half answered. */
struct att_sim_asked {
	att_sim_world *w;
	enum att_sim_flavour flavour;
	const struct att_http_request *http;
	struct att_pcs_request r;
	int64_t now;
	struct att_http_response *out;
};

/* An answer that is none: PCS says why in two headers, PCCS in the body. */
void att_sim_refuse(const struct att_sim_asked *a, int status, const char *code,
		    const char *message);

/* Status 200 with that type; the body is written beside. */
void att_sim_accept(const struct att_sim_asked *a, const char *type);

/* The header with the answer's issuer chain: the PEM, percent-encoded. */
void att_sim_put_chain_header(const struct att_sim_asked *a, const att_buf *pem);

/* pckcert, pckcerts, pckcerts/config by GET or POST; registration of platforms and packages. */
att_rc att_sim_answer_pck(const struct att_sim_asked *a, att_err *err) ATT_MUST_USE;
void att_sim_answer_registration(const struct att_sim_asked *a, bool package);

#endif
