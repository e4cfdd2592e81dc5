/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

#define INTEL_HOST    "api.trustedservices.intel.com"
#define INTEL_DOMAIN  ".trustedservices.intel.com"
#define CERTIFICATION "/certification/"

static void free_url(CURLU **u)
{
	curl_url_cleanup(*u);
}

static void free_part(char **part)
{
	curl_free(*part);
}
#define auto_part __attribute__((cleanup(free_part)))

static bool is_loopback(const char *host)
{
	uint8_t v4[sizeof(struct in_addr)];

	if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, host, v4) == 1 && v4[0] == 127;
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text);
	size_t m = strlen(end);

	return n > m && strcasecmp(text + n - m, end) == 0;
}

static att_rc bad(att_err *err, const char *url, const char *why)
{
	return att_fail(err, ATT_E_FORMAT, "%.120s: %s", url, why);
}

/* No address carries a secret or what only a single request has. */
static att_rc check_parts(CURLU *u, const char *url, att_err *err)
{
	static const struct {
		CURLUPart part;
		const char *why;
	} none[] = {
		{ CURLUPART_USER, "a user name has no place in the address of a service" },
		{ CURLUPART_PASSWORD, "a password has no place in the address of a service" },
		{ CURLUPART_FRAGMENT, "'#' has no place in the address of a service" },
	};

	for (size_t i = 0; i < ATT_COUNT(none); i++) {
		auto_part char *text = NULL;

		if (curl_url_get(u, none[i].part, &text, 0) == CURLUE_OK)
			return bad(err, "the address", none[i].why);
	}
	for (const char *p = url; *p; p++) {
		if (*p <= 0x20 || *p > 0x7e)
			return bad(err, "the address",
				   "blanks and bytes beyond ASCII are not "
				   "allowed in it");
	}
	return ATT_OK;
}

static att_rc open_url(const char *url, CURLU **u, att_err *err)
{
	if (strlen(url) >= ATT_FETCH_URL_ROOM)
		return att_fail(err, ATT_E_FORMAT, "an address of %zu bytes, at most %u",
				strlen(url), ATT_FETCH_URL_ROOM - 1);
	*u = curl_url();
	if (!*u)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	CURLUcode code = curl_url_set(*u, CURLUPART_URL, url, 0);
	if (code == CURLUE_OUT_OF_MEMORY)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	if (code != CURLUE_OK)
		return bad(err, url, "expected an address that begins with https://");
	return check_parts(*u, url, err);
}

static att_rc get_part(CURLU *u, CURLUPart part, char **out, att_err *err)
{
	CURLUcode code = curl_url_get(u, part, out, 0);

	if (code == CURLUE_OK)
		return ATT_OK;
	if (code == CURLUE_OUT_OF_MEMORY)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	return bad(err, "the address", "expected a scheme, a host and a path");
}

static att_rc check_scheme(const char *url, const char *scheme, const char *host, bool *tls,
			   att_err *err)
{
	*tls = strcmp(scheme, "https") == 0;
	if (*tls || (strcmp(scheme, "http") == 0 && is_loopback(host)))
		return ATT_OK;
	return bad(err, url, "expected https://; http:// goes to this machine (localhost) only");
}

/* "…/sgx/certification/v4/" ends the prefix and says the version. */
static att_rc read_version(const char *url, char *path, struct att_fetch_base *out, att_err *err)
{
	char *at = strstr(path, "/sgx" CERTIFICATION);

	if (!at)
		at = strstr(path, "/tdx" CERTIFICATION);
	if (at) {
		const char *version = at + strlen("/sgx" CERTIFICATION);
		size_t n = strcspn(version, "/");

		if (n != 2 || version[0] != 'v' || (version[1] != '3' && version[1] != '4') ||
		    (version[2] && version[3]))
			return bad(err, url,
				   "expected nothing behind /sgx/certification/v3/ or v4/");
		out->version = (unsigned)(version[1] - '0');
		*at = 0;
	}
	for (size_t n = strlen(path); n && path[n - 1] == '/'; n--)
		path[n - 1] = 0;
	return ATT_OK;
}

att_rc att_fetch_base_read(const char *url, struct att_fetch_base *out, att_err *err)
{
	__attribute__((cleanup(free_url))) CURLU *u = NULL;
	auto_part char *scheme = NULL;
	auto_part char *host = NULL;
	auto_part char *path = NULL;
	auto_part char *port = NULL;
	auto_part char *query = NULL;

	*out = (struct att_fetch_base){ 0 };
	att_rc rc = open_url(url, &u, err);
	if (rc == ATT_OK)
		rc = get_part(u, CURLUPART_SCHEME, &scheme, err);
	if (rc == ATT_OK)
		rc = get_part(u, CURLUPART_HOST, &host, err);
	if (rc == ATT_OK)
		rc = get_part(u, CURLUPART_PATH, &path, err);
	if (rc == ATT_OK)
		rc = check_scheme(url, scheme, host, &out->tls, err);
	if (rc == ATT_OK && curl_url_get(u, CURLUPART_QUERY, &query, 0) == CURLUE_OK)
		rc = bad(err, url, "'?' has no place in the address of a service");
	if (rc == ATT_OK)
		rc = read_version(url, path, out, err);
	if (rc != ATT_OK)
		return rc;
	bool has_port = curl_url_get(u, CURLUPART_PORT, &port, 0) == CURLUE_OK;
	snprintf(out->text, sizeof(out->text), "%s://%s%s%s%s", scheme, host, has_port ? ":" : "",
		 has_port ? port : "", path);
	out->loopback = is_loopback(host);
	out->intel = strcasecmp(host, INTEL_HOST) == 0;
	return ATT_OK;
}

att_rc att_fetch_crl_url_check(const char *url, att_err *err)
{
	__attribute__((cleanup(free_url))) CURLU *u = NULL;
	auto_part char *scheme = NULL;
	auto_part char *host = NULL;
	bool tls;

	att_rc rc = open_url(url, &u, err);
	if (rc == ATT_OK)
		rc = get_part(u, CURLUPART_SCHEME, &scheme, err);
	if (rc == ATT_OK)
		rc = get_part(u, CURLUPART_HOST, &host, err);
	if (rc != ATT_OK)
		return rc;
	if (strcmp(scheme, "http") == 0 && ends_with(host, INTEL_DOMAIN))
		return ATT_OK;
	return check_scheme(url, scheme, host, &tls, err);
}
