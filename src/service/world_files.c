/* SPDX-License-Identifier: Apache-2.0 */
#include "service/world_files.h"

#include <string.h>
#include <sys/random.h>

#include "base/error.h"
#include "base/mem.h"
#include "codec/json.h"
#include "crypto/digest.h"
#include "crypto/rsa_sign.h"

#define STATE_MAX ((size_t)64 << 10)
#define PEM_MAX   ((size_t)16 << 10)

/* --- State --- */

static void wipe_buf(att_buf *b)
{
	if (b->ptr)
		att_wipe(b->ptr, b->cap);
	att_buf_free(b);
}

#define auto_secret __attribute__((cleanup(wipe_buf)))

void att_world_state_free(struct att_world_state *s)
{
	wipe_buf(&s->last);
}

static att_rc make_world(const struct att_world_options *o, int64_t now, att_sim_world **out,
			 att_err *err)
{
	struct att_sim_world_options w = { .intel_sim = o->intel_sim,
					   .processor_ca = o->processor_ca,
					   .born = o->timed ? o->time : now,
					   .seed = o->seed };

	if (!o->seed && getrandom(w.secret, sizeof(w.secret), 0) != (ssize_t)sizeof(w.secret))
		return att_fail(err, ATT_E_UNAVAILABLE, "the kernel gives no random bytes");
	att_rc rc = att_sim_world_new(&w, out, err);
	att_wipe(&w, sizeof(w));
	return rc;
}

static bool same_member(const att_json_doc *a, const att_json_doc *b, const char *name)
{
	return att_bytes_eq(att_json_slice(att_json_get(att_json_root(a), name)),
			    att_json_slice(att_json_get(att_json_root(b), name)));
}

/* What is on disk was made by a world too: it can be told by its own words. */
static att_rc check_same(const struct att_world_options *o, att_bytes saved, int64_t now,
			 att_err *err)
{
	att_auto_json att_json_doc mine = { 0 };
	att_auto_json att_json_doc theirs = { 0 };
	auto_secret att_buf text = { .cap = 0 };
	att_sim_world *w = NULL;

	att_rc rc = make_world(o, now, &w, err);
	if (!w)
		return rc;
	att_sim_world_save(w, &text);
	att_sim_world_free(w);
	rc = att_buf_ok(&text, err);
	if (rc == ATT_OK)
		rc = att_json_parse(att_buf_bytes(&text), &mine, err);
	if (rc == ATT_OK)
		rc = att_json_parse(saved, &theirs, err);
	if (rc != ATT_OK)
		return rc;
	if (o->intel_sim && !same_member(&mine, &theirs, "intel_sim"))
		return att_fail(err, ATT_E_MISMATCH,
				"the world in %s has random keys: intel is a profile of new worlds",
				o->dir);
	if (o->seed && !same_member(&mine, &theirs, "secret"))
		return att_fail(err, ATT_E_MISMATCH, "the world in %s was not made of this seed",
				o->dir);
	return ATT_OK;
}

static att_rc load_world(const struct att_world_options *o, int64_t now,
			 struct att_world_state *state, att_sim_world **out, att_err *err)
{
	state->last.max = STATE_MAX;
	att_rc rc = att_file_read(state->path, STATE_MAX, &state->last, err);
	if (rc == ATT_E_MISSING)
		return make_world(o, now, out, err);
	if (rc == ATT_OK && (o->seed || o->intel_sim))
		rc = check_same(o, att_buf_bytes(&state->last), now, err);
	if (rc == ATT_OK)
		rc = att_sim_world_load(att_buf_bytes(&state->last), out, err);
	if (rc == ATT_E_TRUNCATED || rc == ATT_E_TRAILING || rc == ATT_E_FORMAT)
		return att_wrap(err, ATT_E_FORMAT, "%s", state->path);
	return rc;
}

/* What kind of world it is, in its own words. */
static att_rc read_profile(const att_sim_world *w, struct att_world_state *state, att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };
	auto_secret att_buf text = { .cap = 0 };

	att_sim_world_save(w, &text);
	att_rc rc = att_buf_ok(&text, err);
	if (rc == ATT_OK)
		rc = att_json_parse(att_buf_bytes(&text), &doc, err);
	if (rc == ATT_OK &&
	    !att_json_bool(att_json_get(att_json_root(&doc), "intel_sim"), &state->intel_sim))
		rc = att_fail(err, ATT_E_FORMAT, "the world does not say whose keys it has");
	return rc;
}

static att_rc open_kept(const struct att_world_options *o, const struct att_world_place *p,
			int64_t now, struct att_world_state *state, att_sim_world **out,
			att_err *err)
{
	char private[ATT_PATH_ROOM];

	att_world_path(p, ATT_WORLD_PRIVATE, private);
	if (!att_path_join(state->path, private, "state.json"))
		return att_fail(err, ATT_E_ARG, "the directory's name is too long");
	att_rc rc = load_world(o, now, state, out, err);
	return rc == ATT_OK ? att_world_state_save(state, *out, err) : rc;
}

att_rc att_world_open(const struct att_world_options *o, const struct att_world_place *p,
		      int64_t now, struct att_world_state *state, att_sim_world **out, att_err *err)
{
	*out = NULL;
	att_rc rc = p->kept ? open_kept(o, p, now, state, out, err) : make_world(o, now, out, err);
	if (rc == ATT_OK)
		rc = read_profile(*out, state, err);
	if (rc != ATT_OK) {
		att_sim_world_free(*out);
		*out = NULL;
	}
	return rc;
}

att_rc att_world_state_save(struct att_world_state *s, const att_sim_world *w, att_err *err)
{
	auto_secret att_buf text = { .max = STATE_MAX };

	if (!s->path[0])
		return ATT_OK;
	att_sim_world_save(w, &text);
	att_rc rc = att_buf_ok(&text, err);
	if (rc != ATT_OK || att_bytes_eq(att_buf_bytes(&text), att_buf_bytes(&s->last)))
		return rc;
	rc = att_file_write(s->path, att_buf_bytes(&text), 0600, err);
	if (rc != ATT_OK)
		return rc;
	wipe_buf(&s->last);
	s->last = text;
	text = (att_buf){ 0 };
	return ATT_OK;
}

/* --- Files --- */

static att_rc put_file(const struct att_world_place *p, const char *name, const att_buf *content,
		       att_err *err)
{
	char path[ATT_PATH_ROOM];

	att_rc rc = att_buf_ok(content, err);
	if (rc != ATT_OK)
		return rc;
	att_world_path(p, name, path);
	return att_file_write(path, att_buf_bytes(content), 0644, err);
}

/* The JSON form of Intel's file (sgx_default_qcnl.conf of the DCAP quote provider library). */
static att_rc put_qcnl(const struct att_world_place *p, att_err *err)
{
	att_auto_buf att_buf b = { 0 };
	att_jsonw w = att_jsonw_to(&b, 2);

	att_jw_object(&w);
	att_jw_name(&w, "pccs_url");
	att_jw_str(&w, p->pccs_url);
	/* Plain HTTP on the loopback interface: there is no certificate to check. */
	att_jw_name(&w, "use_secure_cert");
	att_jw_bool(&w, false);
	att_jw_name(&w, "retry_times");
	att_jw_int(&w, 3);
	att_jw_name(&w, "retry_delay");
	att_jw_int(&w, 1);
	att_jw_end_object(&w);
	att_put_str(&b, "\n");
	return put_file(p, ATT_WORLD_QCNL, &b, err);
}

/* `name` 'VALUE' for sh: everything but a quote stands for itself between quotes. */
static void put_shell(att_buf *b, const char *name, const char *value)
{
	att_putf(b, "export %s='", name);
	for (; *value; value++) {
		if (*value == '\'')
			att_put_str(b, "'\\''");
		else
			att_put_u8(b, (uint8_t)*value);
	}
	att_put_str(b, "'\n");
}

static att_rc put_env(const struct att_world_place *p, att_err *err)
{
	att_auto_buf att_buf b = { 0 };
	char value[ATT_PATH_ROOM];
	const char *name;

	att_put_str(&b, "# A simulated world of attest: `. ./env`, then work in it.\n");
	for (size_t i = 0; (name = att_world_env(p, i, value)); i++)
		put_shell(&b, name, value);
	return put_file(p, ATT_WORLD_ENV, &b, err);
}

static att_rc put_readme(const struct att_world_place *p, att_err *err)
{
	att_auto_buf att_buf b = { 0 };

	att_put_str(
	    &b, "A simulated world, made by `attest sim up`. Its evidence proves nothing about\n"
		"hardware: whoever runs the world can make any, and no verifier accepts it\n"
		"unless it is told to trust root.pem and to allow simulated platforms.\n"
		"\n"
		"  env                    . ./env: the environment of programs in this world\n"
		"  root.pem               the root certificate, for `attest verify --root`\n"
		"  policy/                policies that allow simulated platforms\n"
		"  signer.pem             a developer's key that signs enclaves, yours to use\n"
		"  sgx_default_qcnl.conf  where collateral is, for QCNL_CONF_PATH\n"
		"  pccs-ca.pem            the authority of the API's TLS certificate\n"
		"  cpu.sock aesm.socket   the simulated processor; AESM, as Intel's daemon has it\n"
		"  cache/                 collateral that programs of this world keep\n"
		"  control.sock           for `attest sim fault|status|stop`\n"
		"  private/               the world's secrets, if it keeps any\n"
		"\n"
		"  attest sim run --world DIR -- COMMAND   COMMAND in it, standard paths included\n"
		"  attest sim fault --world DIR tcb=outdated\n");
	return put_file(p, ATT_WORLD_README, &b, err);
}

static att_rc put_policy(const char *dir, const char *name, const char *alternative, att_err *err)
{
	att_auto_buf att_buf b = { 0 };
	char path[ATT_PATH_ROOM];

	att_putf(&b,
		 "{\n  \"version\": 1,\n  \"any_of\": [\n    { %s, \"allow_simulated\": true }\n"
		 "  ]\n}\n",
		 alternative);
	att_rc rc = att_buf_ok(&b, err);
	if (rc == ATT_OK && !att_path_join(path, dir, name))
		rc = att_fail(err, ATT_E_ARG, "the directory's name is too long");
	return rc == ATT_OK ? att_file_write(path, att_buf_bytes(&b), 0644, err) : rc;
}

static att_rc put_policies(const struct att_world_place *p, const att_rsa_signer *signer,
			   att_err *err)
{
	att_auto_buf att_buf b = { 0 };
	uint8_t modulus[ATT_RSA3072_LEN];
	uint8_t mr_signer[32];
	char dir[ATT_PATH_ROOM];

	att_rsa_signer_modulus(signer, modulus);
	att_rc rc = att_sha256_once(att_bytes_of(modulus, sizeof(modulus)), mr_signer)
			? ATT_OK
			: att_fail(err, ATT_E_UNAVAILABLE, "libcrypto has no SHA-256");
	att_put_str(&b, "\"mr_signer\": \"");
	att_put_hex(&b, att_bytes_of(mr_signer, sizeof(mr_signer)));
	att_put_str(&b, "\", \"isv_prod_id\": 0, \"min_isv_svn\": 0");
	att_put_u8(&b, 0);
	if (rc == ATT_OK)
		rc = att_buf_ok(&b, err);
	att_world_path(p, ATT_WORLD_POLICY, dir);
	if (rc == ATT_OK)
		rc = att_dir_make(dir, 0755, err);
	if (rc == ATT_OK)
		rc = put_policy(dir, "any.json", "\"any_measurement\": true", err);
	return rc == ATT_OK ? put_policy(dir, "signer.json", (const char *)b.ptr, err) : rc;
}

/* The developer's key: the one that is there, else a new one. */
static att_rc open_signer(const struct att_world_place *p, const char *seed, att_rsa_signer **out,
			  att_err *err)
{
	auto_secret att_buf pem = { .max = PEM_MAX };
	char path[ATT_PATH_ROOM];

	att_world_path(p, ATT_WORLD_SIGNER, path);
	att_rc rc = att_file_read(path, PEM_MAX, &pem, err);
	if (rc == ATT_OK)
		rc = att_rsa_signer_from_pem(att_buf_bytes(&pem), out, err);
	if (rc != ATT_E_MISSING)
		return rc == ATT_OK ? rc : att_wrap(err, rc, ATT_WORLD_SIGNER);
	if (seed)
		rc = att_rsa_signer_derive(att_bytes_of(seed, strlen(seed)), "developer", out, err);
	else
		rc = att_rsa_signer_generate(out, err);
	if (rc == ATT_OK)
		rc = att_rsa_signer_to_pem(*out, &pem, err);
	if (rc == ATT_OK)
		rc = att_file_write(path, att_buf_bytes(&pem), 0600, err);
	return rc;
}

att_rc att_world_empty_cache(const struct att_world_place *p, att_err *err)
{
	char path[ATT_PATH_ROOM];

	att_world_path(p, ATT_WORLD_CACHE, path);
	att_dir_remove(path);
	return att_dir_make(path, 0700, err);
}

att_rc att_world_put_files(const struct att_world_place *p, const att_sim_world *w,
			   const char *seed, att_err *err)
{
	att_auto_buf att_buf root = { 0 };
	att_rsa_signer *signer = NULL;

	att_put(&root, att_sim_world_root_pem(w));
	att_rc rc = put_file(p, ATT_WORLD_ROOT, &root, err);
	if (rc == ATT_OK)
		rc = put_qcnl(p, err);
	if (rc == ATT_OK)
		rc = put_env(p, err);
	if (rc == ATT_OK)
		rc = put_readme(p, err);
	if (rc == ATT_OK)
		rc = att_world_empty_cache(p, err);
	if (rc == ATT_OK)
		rc = open_signer(p, seed, &signer, err);
	if (rc == ATT_OK && signer)
		rc = put_policies(p, signer, err);
	att_rsa_signer_free(signer);
	return rc;
}
