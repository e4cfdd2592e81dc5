/* SPDX-License-Identifier: Apache-2.0 */
/* The provisioning service as the caching service asks it: fetch/client.h behind
 * struct att_pccs_upstream. */
#ifndef ATT_SERVICE_PCCS_UPSTREAM_H
#define ATT_SERVICE_PCCS_UPSTREAM_H

#include "service/loop.h"
#include "service/pccs/pccs.h"

typedef struct att_pccs_link att_pccs_link;

struct att_pccs_link_options {
	const char *url;     /* with or without /sgx/certification/vN/ */
	const char *api_key; /* NULL or "": none */
	const char *proxy;   /* likewise */
	const char *ca_file; /* likewise: the system's */
	struct att_clock clock;
};

/* The root's CRL is asked of Intel's distribution point where the URL is Intel's, else of
 * /IntelSGXRootCA.der on the URL's host. Errors as att_pcs_client_new(). */
att_rc att_pccs_link_new(const struct att_pccs_link_options *options, att_pccs_link **out,
			 att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);
void att_pccs_link_free(att_pccs_link *l);
struct att_pccs_upstream att_pccs_link_upstream(att_pccs_link *l) ATT_NONNULL(1);

#endif
