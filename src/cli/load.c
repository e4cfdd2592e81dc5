/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/load.h"

#include "base/error.h"
#include "cli/file.h"
#include "cli/verify.h"

enum cli_exit cli_failed(struct cli *c, const char *path, att_rc rc, const att_err *err)
{
	if (rc == ATT_E_IO)
		cli_error(c, "%s", err->msg);
	else
		cli_error(c, "%s: %s", path, err->msg);
	return rc == ATT_E_IO || rc == ATT_E_NOMEM || rc == ATT_E_UNAVAILABLE ? CLI_NO_ANSWER
									      : CLI_REFUSED;
}

static void free_case(struct cli_case *k)
{
	cli_case_free(k);
}

static att_rc load(const char *path, att_evidence **out, att_err *err)
{
	__attribute__((cleanup(free_case))) struct cli_case k = { 0 };
	att_auto_buf att_buf text = { 0 };
	char made_by[32];
	att_bytes verdict;

	att_rc rc = cli_read(path, ATT_JSON_TEXT_MAX, &text, err);
	if (rc != ATT_OK)
		return rc;
	if (!cli_bundle_looks(att_buf_bytes(&text))) {
		rc = att_evidence_parse(att_buf_bytes(&text), out, err);
		return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "%s", path);
	}
	rc = cli_bundle_read(att_buf_bytes(&text), &k, &verdict, made_by, err);
	if (rc == ATT_OK)
		rc = att_evidence_parse(att_buf_bytes(&k.evidence), out, err);
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "%s: saved file", path);
}

enum cli_exit cli_load_evidence(struct cli *c, const char *path, att_evidence **out)
{
	att_err err = { 0 };

	*out = NULL;
	att_rc rc = load(path, out, &err);
	if (rc == ATT_OK)
		return CLI_ACCEPTED;
	cli_error(c, "%s", err.msg);
	return rc == ATT_E_IO || rc == ATT_E_NOMEM ? CLI_NO_ANSWER : CLI_REFUSED;
}
