/* SPDX-License-Identifier: Apache-2.0 */
/* One quote, judged by a policy with libattest.
 *
 *     cc -o verify verify.c $(pkg-config --cflags --libs libattest)
 *     ./verify quote.dat collateral.json policy.json [root.pem]
 *
 * Ends with 0 when the policy accepts the quote, else with 1 and one line that says why. */
#include <attest/attest.h>
#include <stdio.h>
#include <time.h>

/* Everything that is made on the way. All of it is freed at the end, made or not. */
struct session {
	att_evidence *evidence;
	att_collateral *collateral;
	att_policy *policy;
	att_roots *roots;
	att_verdict *verdict;
	att_result *result;
};

/* The library opens no file. One byte more than it takes lets it refuse what is too large; a file
 * that can not be read gives an empty view, which it refuses as well. */
static uint8_t room[ATT_COLLATERAL_MAX + 1];

static att_bytes read_file(const char *path)
{
	FILE *f = fopen(path, "rb");

	if (!f) {
		perror(path);
		return att_bytes_of(NULL, 0);
	}
	size_t len = fread(room, 1, sizeof(room), f);
	fclose(f);
	return att_bytes_of(room, len);
}

static att_rc judge(struct session *s, char **path, const char *root, att_err *err)
{
	/* What is parsed is copied, and not trusted yet. */
	att_rc rc = att_evidence_parse(read_file(path[0]), &s->evidence, err);
	if (rc == ATT_OK)
		rc = att_collateral_parse(read_file(path[1]), &s->collateral, err);
	if (rc == ATT_OK)
		rc = att_policy_parse(read_file(path[2]), &s->policy, err);
	if (rc != ATT_OK)
		return rc;

	s->roots = root ? att_roots_new() : att_roots_intel();
	if (!s->roots)
		return ATT_E_NOMEM;
	if (root)
		rc = att_roots_add(s->roots, read_file(root), "root", err);
	if (rc != ATT_OK)
		return rc;

	/* Authentic? A service gives the nonce it sent, or the hash of the peer's key, as
	 * bound_data: without that, an old quote is as good as a new one. */
	struct att_verify_in in = {
		.evidence = s->evidence,
		.collateral = s->collateral,
		.roots = s->roots,
		.now = time(NULL),
		.bound_data = ATT_UNBOUND,
	};
	rc = att_verify(&in, NULL, &s->verdict, err);
	if (rc != ATT_OK)
		return rc;

	/* Good enough? Only a result says yes. */
	return att_appraise(s->verdict, s->policy, NULL, &s->result, err);
}

int main(int argc, char **argv)
{
	struct session s = { 0 };
	att_err err = { 0 };

	if (argc != 4 && argc != 5) {
		fprintf(stderr, "usage: verify QUOTE COLLATERAL POLICY [ROOT]\n");
		return 1;
	}
	att_rc rc = judge(&s, argv + 1, argc == 5 ? argv[4] : NULL, &err);
	if (rc == ATT_OK) {
		const att_verdict *v = att_result_verdict(s.result);
		printf("accepted: %s, TCB %s\n", att_kind_name(att_verdict_claims(v)->kind),
		       att_tcb_status_name(att_verdict_tcb(v)->status));
	} else {
		fprintf(stderr, "refused: %s: %s\n", att_rc_name(rc), err.msg);
	}

	att_result_free(s.result);
	att_verdict_free(s.verdict);
	att_roots_free(s.roots);
	att_policy_free(s.policy);
	att_collateral_free(s.collateral);
	att_evidence_free(s.evidence);
	return rc == ATT_OK ? 0 : 1;
}
