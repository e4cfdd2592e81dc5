/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/exchange.h"

#include <curl/curl.h>
#include <pthread.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

#define HANDLES_KEPT 8u
#define HEADER_MAX   ((size_t)64 << 10)

struct att_exchanger {
	pthread_mutex_t lock;
	CURL *idle[HANDLES_KEPT]; /* each keeps its connections */
	size_t idle_count;
	char *ca_file;
	char *proxy;
	char *no_proxy;
	size_t body_max;
};

/* The headers that matter; others are not kept, whoever sends them how often. */
static const char *const kept[] = {
	"Content-Type",
	"Date",
	"Error-Code",
	"Error-Message",
	"Location",
	"Request-ID",
	"Retry-After",
	"SGX-Enclave-Identity-Issuer-Chain",
	"SGX-FMSPC",
	"SGX-PCK-CRL-Issuer-Chain",
	"SGX-PCK-Certificate-CA-Type",
	"SGX-PCK-Certificate-Issuer-Chain",
	"SGX-TCB-Info-Issuer-Chain",
	"SGX-TCBm",
	"TCB-Evaluation-Data-Numbers-Issuer-Chain",
	"TCB-Info-Issuer-Chain",
	"Warning",
};

static char *dup_or_null(const char *s, bool *failed)
{
	char *copy = s ? strdup(s) : NULL;

	*failed = *failed || (s && !copy);
	return copy;
}

att_rc att_exchanger_new(const struct att_exchanger_options *options, att_exchanger **out,
			 att_err *err)
{
	bool failed = false;

	*out = NULL;
	att_exchanger *x = (att_exchanger *)calloc(1, sizeof(*x));
	if (!x)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	pthread_mutex_init(&x->lock, NULL);
	x->ca_file = dup_or_null(options->ca_file, &failed);
	x->proxy = dup_or_null(options->proxy, &failed);
	x->no_proxy = dup_or_null(options->no_proxy, &failed);
	x->body_max = options->body_max;
	if (failed) {
		att_exchanger_free(x);
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	}
	*out = x;
	return ATT_OK;
}

void att_exchanger_free(att_exchanger *x)
{
	if (!x)
		return;
	for (size_t i = 0; i < x->idle_count; i++)
		curl_easy_cleanup(x->idle[i]);
	free(x->ca_file);
	free(x->proxy);
	free(x->no_proxy);
	pthread_mutex_destroy(&x->lock);
	free(x);
}

static CURL *take_handle(att_exchanger *x)
{
	CURL *h = NULL;

	pthread_mutex_lock(&x->lock);
	if (x->idle_count)
		h = x->idle[--x->idle_count];
	pthread_mutex_unlock(&x->lock);
	return h ? h : curl_easy_init();
}

static void give_back(att_exchanger *x, CURL *h)
{
	curl_easy_reset(h); /* options go, connections stay */
	pthread_mutex_lock(&x->lock);
	if (x->idle_count < HANDLES_KEPT) {
		x->idle[x->idle_count++] = h;
		h = NULL;
	}
	pthread_mutex_unlock(&x->lock);
	if (h)
		curl_easy_cleanup(h);
}

/* What the callbacks fill. */
struct arrival {
	struct att_http_response *out;
	size_t body_max;
	bool too_large;
	bool bad_header;
	bool no_memory;
	bool asked; /* libcurl has begun */
};

static size_t take_body(char *p, size_t size, size_t count, void *arg)
{
	struct arrival *a = (struct arrival *)arg;
	size_t n = size * count; /* curl: size is 1 */

	if (n > a->body_max - a->out->body.len) {
		a->too_large = true;
		return 0;
	}
	att_put_mem(&a->out->body, p, n);
	a->no_memory = a->no_memory || a->out->body.failed;
	return a->out->body.failed ? 0 : n;
}

static const char *kept_name(const char *p, size_t len)
{
	for (size_t i = 0; i < ATT_COUNT(kept); i++) {
		if (strlen(kept[i]) == len && strncasecmp(kept[i], p, len) == 0)
			return kept[i];
	}
	return NULL;
}

static void keep_header(struct arrival *a, const char *name, const char *value, size_t len)
{
	while (len && (*value == ' ' || *value == '\t')) {
		value++;
		len--;
	}
	while (len && strchr(" \t\r\n", value[len - 1]))
		len--;
	a->bad_header = len > HEADER_MAX;
	for (size_t i = 0; i < len; i++)
		a->bad_header = a->bad_header || value[i] < 0x20 || value[i] > 0x7e;
	if (a->bad_header)
		return;
	att_auto_mem char *copy = (char *)att_bytes_dup(att_bytes_of(value, len));
	if (copy)
		att_http_put_header(a->out, name, copy);
	a->no_memory = a->no_memory || !copy || a->out->body.failed;
}

/* One line of a header; a line "HTTP/…" begins another answer (after 100 Continue). The first of
 * several headers with one name is the one that counts. */
static size_t take_header(char *p, size_t size, size_t count, void *arg)
{
	struct arrival *a = (struct arrival *)arg;
	size_t n = size * count;
	const char *colon = (const char *)memchr(p, ':', n);

	if (n >= 5 && memcmp(p, "HTTP/", 5) == 0) {
		size_t max = a->out->body.max;
		att_http_response_free(a->out);
		a->out->body.max = max;
		return n;
	}
	if (!colon)
		return n;
	const char *name = kept_name(p, (size_t)(colon - p));
	if (name && !att_http_response_header(a->out, name))
		keep_header(a, name, colon + 1, n - (size_t)(colon + 1 - p));
	return a->bad_header || a->no_memory ? 0 : n;
}

static bool set_tls(CURL *h, const att_exchanger *x, const struct att_exchange *e)
{
	CURLcode c = curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);

	if (c == CURLE_OK && e->insecure)
		c = curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 0L);
	if (c == CURLE_OK && e->insecure)
		c = curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 0L);
	if (c == CURLE_OK && x->ca_file)
		c = curl_easy_setopt(h, CURLOPT_CAINFO, x->ca_file);
	if (c == CURLE_OK && x->ca_file)
		c = curl_easy_setopt(h, CURLOPT_CAPATH, (char *)NULL);
	return c == CURLE_OK;
}

/* libcurl would read proxies from the environment; here the program says. */
static bool set_route(CURL *h, const att_exchanger *x, const struct att_exchange *e)
{
	const char *proxy = x->proxy && !e->direct ? x->proxy : "";

	return curl_easy_setopt(h, CURLOPT_URL, e->url) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_PROXY, proxy) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_NOPROXY, x->no_proxy ? x->no_proxy : "") == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)e->connect_ms) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)e->timeout_ms) == CURLE_OK;
}

static bool set_sinks(CURL *h, struct arrival *a, char *words)
{
	return curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_WRITEDATA, (void *)a) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_HEADERDATA, (void *)a) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_ERRORBUFFER, words) == CURLE_OK;
}

static bool add_line(struct curl_slist **list, const char *line)
{
	struct curl_slist *more = curl_slist_append(*list, line);

	if (more)
		*list = more;
	return more != NULL;
}

static bool set_request(CURL *h, const struct att_exchange *e, struct curl_slist **list)
{
	bool ok = true;

	for (size_t i = 0; e->headers && e->headers[i]; i++)
		ok = ok && add_line(list, e->headers[i]);
	if (e->post) {
		ok = ok && add_line(list, "Content-Type: application/json");
		ok = ok && add_line(list, "Expect:");
		ok = ok && curl_easy_setopt(h, CURLOPT_POST, 1L) == CURLE_OK &&
		     curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)e->body.len) ==
			 CURLE_OK &&
		     curl_easy_setopt(h, CURLOPT_COPYPOSTFIELDS,
				      e->body.len ? (const char *)e->body.ptr : "") == CURLE_OK;
	}
	return ok && curl_easy_setopt(h, CURLOPT_HTTPHEADER, *list) == CURLE_OK;
}

static enum att_exchange_failure failure_of(CURLcode code, const struct arrival *a)
{
	if (a->no_memory || (code == CURLE_OUT_OF_MEMORY && !a->asked))
		return ATT_EXCHANGE_MEMORY;
	if (a->too_large || a->bad_header)
		return ATT_EXCHANGE_BAD;
	switch (code) {
	case CURLE_OK:
		return ATT_EXCHANGE_ANSWERED;
	case CURLE_OPERATION_TIMEDOUT:
		return ATT_EXCHANGE_SLOW;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
		return ATT_EXCHANGE_UNTRUSTED;
	case CURLE_OUT_OF_MEMORY: /* said of a line that is too long too, which anybody may send */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_BAD_CONTENT_ENCODING:
		return ATT_EXCHANGE_BAD;
	default:
		return ATT_EXCHANGE_UNREACHED;
	}
}

static att_rc say_failure(enum att_exchange_failure f, CURLcode code, const struct arrival *a,
			  const char *words, att_err *err)
{
	const char *said = words[0] ? words : curl_easy_strerror(code);

	switch (f) {
	case ATT_EXCHANGE_ANSWERED:
		return ATT_OK;
	case ATT_EXCHANGE_MEMORY:
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	case ATT_EXCHANGE_SLOW:
		return att_fail(err, ATT_E_UNAVAILABLE, "no whole answer in time (%.120s)", said);
	case ATT_EXCHANGE_UNTRUSTED:
		return att_fail(err, ATT_E_IO,
				"its TLS certificate is not trusted (%.100s); name the CA that "
				"issued it",
				said);
	case ATT_EXCHANGE_BAD:
		if (a->too_large)
			return att_fail(err, ATT_E_FORMAT, "the answer is larger than %zu bytes",
					a->body_max);
		if (a->bad_header)
			return att_fail(err, ATT_E_FORMAT,
					"a header of the answer is too long or not printable");
		if (code == CURLE_OUT_OF_MEMORY)
			return att_fail(err, ATT_E_FORMAT,
					"a line of the answer is too long, or memory is short");
		return att_fail(err, ATT_E_FORMAT, "the answer is no HTTP (%.120s)", said);
	default:
		return att_fail(err, ATT_E_IO, "no answer (%.150s)", said);
	}
}

att_rc att_exchange(att_exchanger *x, const struct att_exchange *e, struct att_http_response *out,
		    enum att_exchange_failure *failure, att_err *err)
{
	char words[CURL_ERROR_SIZE] = { 0 };
	struct arrival a = { .out = out, .body_max = x->body_max };
	struct curl_slist *list = NULL;
	CURLcode code = CURLE_OUT_OF_MEMORY;
	long status = 0;

	out->body.max = x->body_max + 1;
	CURL *h = take_handle(x);
	if (h && set_tls(h, x, e) && set_route(h, x, e) && set_sinks(h, &a, words) &&
	    set_request(h, e, &list)) {
		a.asked = true;
		code = curl_easy_perform(h);
	}
	if (code == CURLE_OK)
		code = curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
	*failure = failure_of(code, &a);
	att_rc rc = say_failure(*failure, code, &a, words, err);
	if (h)
		give_back(x, h);
	curl_slist_free_all(list);
	if (rc != ATT_OK)
		att_http_response_free(out);
	out->status = rc == ATT_OK ? (int)status : 0;
	return rc;
}
