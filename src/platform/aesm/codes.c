/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and names: aesm_error_t of Intel SGX PSW. The status words are what its library
 * libsgx_uae_service answers its callers. */
#include "platform/aesm/codes.h"

#include "base/error.h"
#include "base/mem.h"

#define RESTART "restart aesmd and read its log (journalctl -u aesmd)"
#define EPID    "use ECDSA (DCAP) attestation: EPID is no longer served by Intel"
#define PCCS    "check the PCCS address in /etc/sgx_default_qcnl.conf and that it answers"
#define STALE   "ask again: the key is made anew; else remove /var/opt/aesmd/data and restart aesmd"

/* sgx_status_t */
#define UNEXPECTED  0x0001u
#define PARAMETER   0x0002u
#define NOMEM       0x0003u
#define UNAVAILABLE 0x4001u

static const struct att_aesm_code codes[] = {
	{ 0, "SUCCESS", "it worked", "nothing", 0 },
	{ 1, "UNEXPECTED", "aesmd failed without saying why", RESTART, UNEXPECTED },
	{ 2, "NO_DEVICE", "aesmd finds no SGX device",
	  "enable SGX in the firmware, load the driver, give aesmd access to /dev/sgx_enclave",
	  0x2006 },
	{ 3, "PARAMETER", "aesmd refuses the request: a size, a key id or the report is wrong",
	  "ask for the target info and the quote size again and make a new report", PARAMETER },
	{ 4, "EPIDBLOB", "aesmd's EPID key blob is damaged", EPID, 0x4003 },
	{ 5, "EPID_REVOKED", "this platform's EPID key is revoked",
	  "update firmware and PSW; " EPID, 0x4005 },
	{ 6, "GET_LICENSETOKEN", "aesmd gives no launch token for this enclave",
	  "use a driver with flexible launch control, which needs none", 0x4004 },
	{ 7, "SESSION_INVALID", "the platform services session is gone", "open a new session",
	  UNEXPECTED },
	{ 8, "MAX_NUM_SESSION", "too many platform services sessions", "close some and try again",
	  UNEXPECTED },
	{ 9, "PSDA_UNAVAILABLE", "platform services are not there",
	  "do without: Intel has removed them on Linux", UNEXPECTED },
	{ 10, "EPH_SESSION_FAILED", "the platform services session failed",
	  "do without: Intel has removed them on Linux", UNEXPECTED },
	{ 11, "LONG_TERM_PAIRING_FAILED", "pairing with the platform services failed",
	  "do without: Intel has removed them on Linux", UNEXPECTED },
	{ 12, "NETWORK", "aesmd can not reach the provisioning server",
	  "check network, DNS and the proxy in /etc/aesmd.conf", 0x4007 },
	{ 13, "NETWORK_BUSY", "the provisioning server is busy", "try again later", 0x4007 },
	{ 14, "PROXY_SETTING_ASSIST", "aesmd needs a proxy to reach the network",
	  "set the proxy in /etc/aesmd.conf and restart aesmd", 0x4007 },
	{ 15, "FILE_ACCESS", "aesmd can not read or write one of its files",
	  "check owner and space of /var/opt/aesmd and that its enclaves are installed",
	  UNEXPECTED },
	{ 16, "SGX_PROVISION_FAILED", "provisioning of the EPID key failed", EPID, UNEXPECTED },
	{ 17, "SERVICE_STOPPED", "aesmd is stopping", "start aesmd", UNAVAILABLE },
	{ 18, "BUSY", "aesmd is busy", "try again", 0x400a },
	{ 19, "BACKEND_SERVER_BUSY", "the server behind aesmd is busy", "try again later", 0x400a },
	{ 20, "UPDATE_AVAILABLE", "an update of firmware or PSW is wanted first",
	  "update BIOS, microcode and the SGX packages", 0x4006 },
	{ 21, "OUT_OF_MEMORY", "aesmd is out of memory", "free memory and restart aesmd", NOMEM },
	{ 22, "MSG_ERROR", "aesmd could not talk to its server", RESTART, UNEXPECTED },
	{ 23, "THREAD_ERROR", "aesmd could not start a thread", RESTART, UNEXPECTED },
	{ 24, "SGX_DEVICE_NOT_AVAILABLE", "the SGX device is not available to aesmd",
	  "load the SGX driver and put aesmd into the group sgx_prv", UNEXPECTED },
	{ 25, "ENABLE_SGX_DEVICE_FAILED", "SGX could not be enabled",
	  "enable SGX in the firmware and reboot", UNEXPECTED },
	{ 26, "PLATFORM_INFO_BLOB_INVALID_SIG", "the platform info blob is not signed by Intel",
	  "pass on the blob of the attestation report as it came", UNEXPECTED },
	{ 28, "KDF_MISMATCH", "the two sides derive keys differently",
	  "use the same key derivation (KDF id 1) on both sides", 0x4011 },
	{ 29, "OUT_OF_EPC", "no enclave memory is left",
	  "stop other enclaves or raise the PRMRR size in the firmware", 0x2005 },
	{ 30, "SERVICE_UNAVAILABLE", "this service of aesmd is not running",
	  "install its plugin (libsgx-aesm-quote-ex-plugin, libsgx-aesm-ecdsa-plugin)",
	  UNAVAILABLE },
	{ 31, "UNRECOGNIZED_PLATFORM", "the provisioning server does not know this platform",
	  "register the platform with Intel (mpa_registration); EPID is not for servers", 0x4012 },
	{ 32, "ECDSA_ID_MISMATCH", "the stored key is of another attestation key id", STALE,
	  UNEXPECTED },
	{ 33, "PATHNAME_BUFFER_OVERFLOW", "a path of aesmd's enclaves is too long",
	  "install the SGX packages at their usual place", UNEXPECTED },
	{ 34, "ERROR_STORED_KEY", "the stored attestation key is damaged", STALE, UNEXPECTED },
	{ 35, "PUB_KEY_ID_MISMATCH", "the stored key has another public key id", STALE,
	  UNEXPECTED },
	{ 36, "INVALID_PCE_SIG_SCHEME", "the PCE signs in a way aesmd does not know",
	  "install the PCE and the quoting enclave of one release", UNEXPECTED },
	{ 37, "ATT_KEY_BLOB_ERROR", "the attestation key blob is damaged", STALE, UNEXPECTED },
	{ 38, "UNSUPPORTED_ATT_KEY_ID", "aesmd has no such attestation key",
	  "install libsgx-aesm-ecdsa-plugin, or ask which key ids there are", 0x8001 },
	{ 39, "UNSUPPORTED_LOADING_POLICY", "the policy of loading enclaves is not supported",
	  "use the default policy", UNEXPECTED },
	{ 40, "INTERFACE_UNAVAILABLE", "aesmd does not do this here",
	  "install the plugin for it, or use another call", UNEXPECTED },
	{ 41, "PLATFORM_LIB_UNAVAILABLE", "aesmd can not load its platform library",
	  "install libsgx-dcap-default-qpl", UNEXPECTED },
	{ 42, "ATT_KEY_NOT_INITIALIZED", "the attestation key is not made yet",
	  "call init quote ex and ask again", 0x8003 },
	{ 43, "ATT_KEY_CERT_DATA_INVALID", "the stored certification data is invalid", STALE,
	  UNEXPECTED },
	{ 44, "NO_PLATFORM_CERT_DATA", "there is no PCK certificate for this platform", PCCS,
	  0x8005 },
	{ 45, "ERROR_REPORT", "the report could not be used",
	  "make a new report for the target info of init quote", 0x3001 },
	{ 46, "ENCLAVE_LOST", "aesmd's enclave was lost (power transition)", "ask again",
	  UNAVAILABLE },
	{ 47, "INVALID_REPORT", "the report is not of this platform or not for the quoting enclave",
	  "make a new report for the target info of init quote", 0x3001 },
	{ 48, "ENCLAVE_LOAD_ERROR", "aesmd can not load its enclaves",
	  "put aesmd into the group sgx_prv; check /dev/sgx_provision and noexec of /dev",
	  UNAVAILABLE },
	{ 49, "UNABLE_TO_GENERATE_QE_REPORT", "the quoting enclave's own report could not be made",
	  "check target info and nonce in the QE report info", UNEXPECTED },
	{ 50, "KEY_CERTIFICATION_ERROR", "the PCE would not certify the attestation key",
	  "update PCE and quoting enclave; check the PCCS", 0x8002 },
	{ 51, "CONFIG_UNSUPPORTED", "this configuration of the platform is not supported",
	  "update BIOS and the SGX packages", 0x4013 },
};

const struct att_aesm_code *att_aesm_code(uint32_t code)
{
	for (size_t i = 0; i < ATT_COUNT(codes); i++)
		if (codes[i].code == code)
			return &codes[i];
	return NULL;
}

bool att_aesm_is_busy(uint32_t code)
{
	return code == ATT_AESM_BUSY || code == ATT_AESM_BACKEND_SERVER_BUSY ||
	       code == ATT_AESM_NETWORK_BUSY;
}

static att_rc rc_of(uint32_t code)
{
	switch (code) {
	case ATT_AESM_PARAMETER:
	case ATT_AESM_INVALID_REPORT:
		return ATT_E_ARG;
	case ATT_AESM_UNSUPPORTED_ATT_KEY_ID:
	case ATT_AESM_INTERFACE_UNAVAILABLE:
		return ATT_E_UNSUPPORTED;
	default:
		return ATT_E_UNAVAILABLE;
	}
}

att_rc att_aesm_fail(att_err *err, uint32_t code, const char *what)
{
	const struct att_aesm_code *known = att_aesm_code(code);

	if (!known)
		return att_fail(err, ATT_E_UNAVAILABLE,
				"aesmd: %s: error %u, which no release is known to use; read its "
				"log (journalctl -u aesmd)",
				what, code);
	return att_fail(err, rc_of(code), "aesmd: %s: error %u (%s): %s; %s", what, code,
			known->name, known->cause, known->remedy);
}
