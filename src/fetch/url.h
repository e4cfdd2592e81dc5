/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of services: which are asked at all, and what is put before a target. */
#ifndef ATT_FETCH_URL_H
#define ATT_FETCH_URL_H

#include "attest/base.h"

#define ATT_FETCH_URL_ROOM 512u

/* An endpoint's address taken apart. */
struct att_fetch_base {
	char text[ATT_FETCH_URL_ROOM]; /* "https://HOST:PORT/PREFIX", no '/' at its end */
	unsigned version;              /* 3 or 4 where the address says it, else 0 */
	bool tls;
	bool intel;    /* Intel's own service */
	bool loopback; /* this machine's: no proxy leads there */
};

/* "http" only to this machine's loopback; no user or password, no query, no fragment. ATT_E_FORMAT,
 * ATT_E_NOMEM. */
att_rc att_fetch_base_read(const char *url, struct att_fetch_base *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2);

/* May a CRL be fetched from this address? https; http to the loopback or to a host of Intel's
 * distribution points: a CRL is signed. Errors as above. */
att_rc att_fetch_crl_url_check(const char *url, att_err *err) ATT_MUST_USE ATT_NONNULL(1);

#endif
