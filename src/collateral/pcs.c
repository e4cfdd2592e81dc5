/* SPDX-License-Identifier: Apache-2.0 */
#include "collateral/pcs.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"

enum param {
	P_QEID,
	P_ENCRYPTED_PPID,
	P_CPUSVN,
	P_PCESVN,
	P_PCEID,
	P_CA,
	P_ENCODING,
	P_FMSPC,
	P_UPDATE,
	P_NUMBER,
	P_PLATFORM,
	P_URI,
	P_SOURCE,
	P_TYPE,
	P_FMSPCS,
	P_COUNT
};
#define BIT(p) (1u << (p))

enum method { GET = 1, POST = 2, PUT = 4 };
enum version { V3 = 1, V4 = 2 };

#define EVALUATION (BIT(P_UPDATE) | BIT(P_NUMBER))

/* One route; `required` and `optional` are masks of BIT(enum param), of its GET. */
struct route {
	const char *path; /* behind /sgx/certification/vN/ */
	const char *chain_header;
	const char *chain_header_v3; /* NULL: as in version 4 */
	unsigned methods;
	unsigned versions;
	bool tdx; /* below /tdx/ too, in version 4 */
	uint32_t required;
	uint32_t optional;
};

#define PCK_CHAIN      "SGX-PCK-Certificate-Issuer-Chain"
#define IDENTITY_CHAIN "SGX-Enclave-Identity-Issuer-Chain"

static const struct route routes[ATT_PCS_COUNT] = {
	[ATT_PCS_PCKCERT] = { "pckcert", PCK_CHAIN, NULL, GET | POST, V3 | V4, false,
			      BIT(P_CPUSVN) | BIT(P_PCESVN) | BIT(P_PCEID),
			      BIT(P_QEID) | BIT(P_ENCRYPTED_PPID) },
	[ATT_PCS_PCKCERTS] = { "pckcerts", PCK_CHAIN, NULL, GET | POST, V3 | V4, false,
			       BIT(P_ENCRYPTED_PPID) | BIT(P_PCEID), 0 },
	[ATT_PCS_PCKCERTS_CONFIG] = { "pckcerts/config", PCK_CHAIN, NULL, GET, V3 | V4, false,
				      BIT(P_ENCRYPTED_PPID) | BIT(P_PCEID) | BIT(P_CPUSVN), 0 },
	[ATT_PCS_PCKCRL] = { "pckcrl", "SGX-PCK-CRL-Issuer-Chain", NULL, GET, V3 | V4, false,
			     BIT(P_CA), BIT(P_ENCODING) },
	[ATT_PCS_TCB] = { "tcb", "TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain", GET, V3 | V4,
			  true, BIT(P_FMSPC), EVALUATION },
	[ATT_PCS_QE_IDENTITY] = { "qe/identity", IDENTITY_CHAIN, NULL, GET, V3 | V4, true, 0,
				  EVALUATION },
	[ATT_PCS_QVE_IDENTITY] = { "qve/identity", IDENTITY_CHAIN, NULL, GET, V3 | V4, false, 0,
				   EVALUATION },
	[ATT_PCS_QAE_IDENTITY] = { "qae/identity", IDENTITY_CHAIN, NULL, GET, V4, false, 0,
				   EVALUATION },
	[ATT_PCS_FMSPCS] = { "fmspcs", NULL, NULL, GET, V4, false, 0, BIT(P_PLATFORM) },
	[ATT_PCS_EVALUATION_NUMBERS] = { "tcbevaluationdatanumbers",
					 "TCB-Evaluation-Data-Numbers-Issuer-Chain", NULL, GET, V4,
					 true, 0, 0 },
	[ATT_PCS_ROOT_CA_CRL] = { "rootcacrl", NULL, NULL, GET, V3 | V4, false, 0, 0 },
	[ATT_PCS_CRL] = { "crl", NULL, NULL, GET, V3 | V4, false, BIT(P_URI), 0 },
	[ATT_PCS_PLATFORMS] = { "platforms", NULL, NULL, GET | POST, V3 | V4, false, 0,
				BIT(P_SOURCE) | BIT(P_FMSPCS) },
	[ATT_PCS_PLATFORM_COLLATERAL] = { "platformcollateral", NULL, NULL, PUT, V3 | V4, false, 0,
					  0 },
	[ATT_PCS_REFRESH] = { "refresh", NULL, NULL, GET | POST, V3 | V4, false, 0,
			      BIT(P_TYPE) | BIT(P_FMSPCS) },
	[ATT_PCS_APPRAISAL_POLICY] = { "appraisalpolicy", NULL, NULL, GET | PUT, V3 | V4, false,
				       BIT(P_FMSPC), 0 },
};

static const struct {
	const char *name;
	enum method method;
} methods[] = { { "GET", GET }, { "HEAD", GET }, { "POST", POST }, { "PUT", PUT } };

static const struct {
	const char *text;
	bool tdx;
	unsigned version;
} prefixes[] = {
	{ "/sgx/certification/v3/", false, 3 },
	{ "/sgx/certification/v4/", false, 4 },
	{ "/tdx/certification/v4/", true, 4 },
};

static const char *const names[P_COUNT] = {
	[P_QEID] = "qeid",         [P_ENCRYPTED_PPID] = "encrypted_ppid",
	[P_CPUSVN] = "cpusvn",     [P_PCESVN] = "pcesvn",
	[P_PCEID] = "pceid",       [P_CA] = "ca",
	[P_ENCODING] = "encoding", [P_FMSPC] = "fmspc",
	[P_UPDATE] = "update",     [P_NUMBER] = "tcbEvaluationDataNumber",
	[P_PLATFORM] = "platform", [P_URI] = "uri",
	[P_SOURCE] = "source",     [P_TYPE] = "type",
	[P_FMSPCS] = "fmspc",
};

const char *att_pcs_name(enum att_pcs_what what)
{
	return what < ATT_PCS_COUNT ? routes[what].path : "unknown";
}

const char *att_pcs_chain_header(const struct att_pcs_request *r)
{
	const struct route *route = &routes[r->what];

	return r->version == 3 && route->chain_header_v3 ? route->chain_header_v3
							 : route->chain_header;
}

/* --- Reading --- */

static att_rc read_route(const char *path, struct att_pcs_request *out, att_err *err)
{
	for (size_t i = 0; i < ATT_COUNT(prefixes); i++) {
		size_t len = strlen(prefixes[i].text);

		if (strncmp(path, prefixes[i].text, len) != 0)
			continue;
		for (int w = 0; w < ATT_PCS_COUNT; w++) {
			if (strcmp(path + len, routes[w].path) != 0)
				continue;
			if (prefixes[i].tdx && !routes[w].tdx)
				continue;
			if (!(routes[w].versions & (prefixes[i].version == 3 ? V3 : V4)))
				continue;
			out->what = (enum att_pcs_what)w;
			out->tdx = prefixes[i].tdx;
			out->version = prefixes[i].version;
			return ATT_OK;
		}
	}
	return att_fail(err, ATT_E_MISSING, "no such route");
}

static att_rc read_method(const char *name, const struct route *route, enum method *out,
			  att_err *err)
{
	for (size_t i = 0; i < ATT_COUNT(methods); i++) {
		if (strcmp(name, methods[i].name) == 0 && (route->methods & methods[i].method)) {
			*out = methods[i].method;
			return ATT_OK;
		}
	}
	return att_fail(err, ATT_E_UNSUPPORTED, "%s has no method %s", route->path, name);
}

/* Whole bytes in hex, `min` to `max` digits, kept in lower case; `out` has room for max and a
 * NUL. */
static att_rc read_hex(const char *name, const char *value, size_t min, size_t max, char *out,
		       att_err *err)
{
	size_t len = strlen(value);

	if (len < min || len > max || len % 2)
		return min == max ? att_fail(err, ATT_E_FORMAT,
					     "%s: expected %zu hex digits, seen %zu characters",
					     name, max, len)
				  : att_fail(err, ATT_E_FORMAT,
					     "%s: expected %zu to %zu hex digits, two a byte, seen "
					     "%zu characters",
					     name, min, max, len);
	for (size_t i = 0; i < len; i++) {
		char c = value[i];

		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return att_fail_at(err, ATT_E_FORMAT, i, "%s: expected a hex digit", name);
		out[i] = c;
	}
	out[len] = 0;
	return ATT_OK;
}

/* The position of `value` among the words, separated by '|'. */
static att_rc read_word(const char *name, const char *value, const char *words, size_t *which,
			att_err *err)
{
	size_t len = strlen(value);
	const char *at = words;

	for (*which = 0;; (*which)++) {
		size_t n = strcspn(at, "|");

		if (n == len && memcmp(at, value, n) == 0)
			return ATT_OK;
		if (!at[n])
			return att_fail(err, ATT_E_FORMAT, "%s: expected %s", name, words);
		at += n + 1;
	}
}

static att_rc read_number(const char *name, const char *value, uint32_t *out, att_err *err)
{
	uint32_t n = 0;
	size_t len = strlen(value);
	bool good = len > 0 && len <= 9 && value[0] != '0';

	for (size_t i = 0; good && i < len; i++) {
		good = value[i] >= '0' && value[i] <= '9';
		n = n * 10 + (uint32_t)(value[i] - '0');
	}
	if (!good)
		return att_fail(err, ATT_E_FORMAT, "%s: expected a number from 1 to 999999999",
				name);
	*out = n;
	return ATT_OK;
}

static att_rc read_words(enum param p, const char *v, struct att_pcs_request *r, att_err *err)
{
	static const char *const platforms[] = { "all", "client", "E3", "E5" };
	size_t which = 0;
	att_rc rc;

	switch (p) {
	case P_CA:
		rc = read_word(names[p], v, "processor|platform", &which, err);
		if (rc == ATT_OK)
			memcpy(r->ca, v, strlen(v) + 1);
		return rc;
	case P_ENCODING:
		rc = read_word(names[p], v, "pem|der", &which, err);
		r->pem = rc == ATT_OK && which == 0;
		r->der = rc == ATT_OK && which == 1;
		return rc;
	case P_UPDATE:
		rc = read_word(names[p], v, "standard|early", &which, err);
		r->update = which ? ATT_PCS_UPDATE_EARLY : ATT_PCS_UPDATE_STANDARD;
		return rc;
	default:
		rc = read_word(names[p], v, "all|client|E3|E5", &which, err);
		if (rc == ATT_OK)
			memcpy(r->platform, platforms[which], strlen(platforms[which]) + 1);
		return rc;
	}
}

static att_rc read_param(enum param p, const char *v, struct att_pcs_request *r, att_err *err)
{
	switch (p) {
	case P_QEID:
		return read_hex(names[p], v, 2, sizeof(r->qeid) - 1, r->qeid, err);
	case P_ENCRYPTED_PPID:
		return read_hex(names[p], v, sizeof(r->encrypted_ppid) - 1,
				sizeof(r->encrypted_ppid) - 1, r->encrypted_ppid, err);
	case P_CPUSVN:
		return read_hex(names[p], v, sizeof(r->cpusvn) - 1, sizeof(r->cpusvn) - 1,
				r->cpusvn, err);
	case P_PCESVN:
		return read_hex(names[p], v, sizeof(r->pcesvn) - 1, sizeof(r->pcesvn) - 1,
				r->pcesvn, err);
	case P_PCEID:
		return read_hex(names[p], v, sizeof(r->pceid) - 1, sizeof(r->pceid) - 1, r->pceid,
				err);
	case P_FMSPC:
		return read_hex(names[p], v, sizeof(r->fmspc) - 1, sizeof(r->fmspc) - 1, r->fmspc,
				err);
	case P_NUMBER:
		return read_number(names[p], v, &r->evaluation_number, err);
	case P_URI:
		r->uri = v;
		return ATT_OK;
	case P_SOURCE:
		r->source = v;
		return ATT_OK;
	case P_TYPE:
		r->type = v;
		return ATT_OK;
	case P_FMSPCS:
		r->fmspcs = v;
		return ATT_OK;
	default:
		return read_words(p, v, r, err);
	}
}

static att_rc read_params(const struct att_http_request *http, const struct route *route,
			  enum method method, struct att_pcs_request *r, att_err *err)
{
	for (int p = 0; p < P_COUNT; p++) {
		bool required = method == GET && (route->required & BIT(p));

		if (!((route->required | route->optional) & BIT(p)))
			continue;
		const char *value = att_http_param(http, names[p]);
		if (required && (!value || !*value))
			return att_fail(err, ATT_E_FORMAT, "%s: the parameter %s is missing",
					route->path, names[p]);
		att_rc rc = value ? read_param((enum param)p, value, r, err) : ATT_OK;
		if (rc != ATT_OK)
			return rc;
	}
	if (r->update != ATT_PCS_UPDATE_NONE && r->evaluation_number)
		return att_fail(err, ATT_E_FORMAT, "%s and %s exclude each other", names[P_UPDATE],
				names[P_NUMBER]);
	if (r->what == ATT_PCS_PCKCERT && method == GET && !r->qeid[0] && !r->encrypted_ppid[0])
		return att_fail(err, ATT_E_FORMAT, "%s: the parameter %s or %s is missing",
				route->path, names[P_QEID], names[P_ENCRYPTED_PPID]);
	/* PCCS: source=[FMSPC,...] asks for the cached platforms of that list. */
	if (r->what == ATT_PCS_PLATFORMS && !r->fmspcs && r->source && r->source[0] == '[')
		r->fmspcs = r->source;
	return ATT_OK;
}

att_rc att_pcs_read(const struct att_http_request *http, struct att_pcs_request *out, att_err *err)
{
	struct att_pcs_request r = { 0 };
	enum method method = GET;

	*out = r;
	if (!http->path)
		return att_fail(err, ATT_E_MISSING, "no such route");
	att_rc rc = read_route(http->path, &r, err);
	if (rc == ATT_OK)
		rc = read_method(http->method, &routes[r.what], &method, err);
	if (rc == ATT_OK)
		rc = read_params(http, &routes[r.what], method, &r, err);
	if (rc == ATT_OK)
		*out = r;
	return rc;
}

/* --- Writing --- */

static void put_param(att_buf *b, enum param p, const char *value, char *separator)
{
	if (!value || !value[0])
		return;
	att_putf(b, "%c%s=", *separator, names[p]);
	att_http_put_percent(b, att_bytes_of(value, strlen(value)));
	*separator = '&';
}

void att_pcs_put_target(att_buf *b, const struct att_pcs_request *r)
{
	static const char *const update[] = { [ATT_PCS_UPDATE_NONE] = NULL,
					      [ATT_PCS_UPDATE_STANDARD] = "standard",
					      [ATT_PCS_UPDATE_EARLY] = "early" };
	const struct route *route = &routes[r->what];
	uint32_t has = route->required | route->optional;
	char separator = '?';
	const char *value[P_COUNT] = {
		[P_QEID] = r->qeid,
		[P_ENCRYPTED_PPID] = r->encrypted_ppid,
		[P_CPUSVN] = r->cpusvn,
		[P_PCESVN] = r->pcesvn,
		[P_PCEID] = r->pceid,
		[P_CA] = r->ca,
		[P_ENCODING] = r->der   ? "der"
			       : r->pem ? "pem"
					: NULL,
		[P_FMSPC] = r->fmspc,
		[P_UPDATE] = update[r->update],
		[P_PLATFORM] = r->platform,
		[P_URI] = r->uri,
		[P_SOURCE] = r->source,
		[P_TYPE] = r->type,
		[P_FMSPCS] = r->fmspcs == r->source ? NULL : r->fmspcs,
	};

	att_putf(b, "/%s/certification/v%u/%s", r->tdx ? "tdx" : "sgx", r->version, route->path);
	for (int p = 0; p < P_COUNT; p++) {
		if (has & BIT(p))
			put_param(b, (enum param)p, value[p], &separator);
	}
	if (r->evaluation_number && (has & BIT(P_NUMBER)))
		att_putf(b, "%c%s=%u", separator, names[P_NUMBER], r->evaluation_number);
}
