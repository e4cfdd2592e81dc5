/* SPDX-License-Identifier: Apache-2.0 */
/* Every check of a verification, in the order of reports. One row: enumerator, id, what a failure
 * means for the exit code (E: better collateral could not mend it; C: it could), result code,
 * title, source of the rule, remedy. Ids are stable: programs and policies of others match on them.
 *
 * Sources: "QVL" is what Intel's quote verification library does (doc/verification.md lists where
 * this verifier is stricter and why); "PCK profile" is Intel's SGX PCK certificate and CRL profile
 * specification. */
#ifndef ATT_VERIFY_CHECKS_H
#define ATT_VERIFY_CHECKS_H

#define ATT_RENEW                                                                               \
	"fetch the collateral again; if it persists, the service or cache that gave it serves " \
	"bad data"
#define ATT_OTHER_PLATFORM \
	"this collateral is another platform's: fetch it for this quote's FMSPC and CA"
#define ATT_NOT_GENUINE \
	"do not trust this evidence: it was altered or was not made by a genuine platform"
#define ATT_CLOCK "check the verification time; if it is right, fetch the collateral again"

/* The six checks of a certificate chain; `first` is the enumerator's prefix. */
#define ATT_CHAIN_ROWS(X, first, id, cls, who, fix)                                          \
	X(first##_CHAIN_FORMAT, id ".chain_format", cls, ATT_E_FORMAT,                       \
	  who ": certificates in the required number and order",                             \
	  "PCK profile 1.3; RFC 5280 section 4.1", fix)                                      \
	X(first##_CHAIN_ISSUERS, id ".chain_issuers", cls, ATT_E_CHAIN,                      \
	  who ": names and key identifiers link up to the root",                             \
	  "RFC 5280 section 6.1.3 (a)(4); PCK profile 1.3", fix)                             \
	X(first##_CHAIN_CONSTRAINTS, id ".chain_constraints", cls, ATT_E_CHAIN,              \
	  who ": basic constraints, path length, key usage, critical extensions",            \
	  "RFC 5280 section 6.1.4 (k) to (o)", fix)                                          \
	X(first##_CHAIN_SIGNATURES, id ".chain_signatures", cls, ATT_E_SIGNATURE,            \
	  who ": every certificate is signed by the next",                                   \
	  "RFC 5280 section 6.1.3 (a)(1); QVL verifyPCKCertificate", fix)                    \
	X(first##_ROOT, id ".root", cls, ATT_E_CHAIN, who ": ends in a trusted root key",    \
	  "QVL verifyQuote step 4",                                                          \
	  "if this root is meant to be trusted, name it (--root); else " fix)                \
	X(first##_CHAIN_DATES, id ".chain_dates", cls, ATT_E_EXPIRED,                        \
	  who ": every certificate is inside its validity", "RFC 5280 section 6.1.3 (a)(2)", \
	  ATT_CLOCK)

#define ATT_CRL_ROWS(X, first, id, who)                                                           \
	X(first##_FORMAT, id ".format", C, ATT_E_FORMAT, who ": well-formed (DER, PEM or hex)",   \
	  "PCK profile 1.4; RFC 5280 section 5", ATT_RENEW)                                       \
	X(first##_ISSUER, id ".issuer", C, ATT_E_CHAIN,                                           \
	  who ": issued by the authority it speaks for", "RFC 5280 section 6.3.3 (b)", ATT_RENEW) \
	X(first##_SIGNATURE, id ".signature", C, ATT_E_SIGNATURE, who ": signature",              \
	  "RFC 5280 section 6.3.3 (g)", ATT_RENEW)                                                \
	X(first##_DATES, id ".dates", C, ATT_E_EXPIRED,                                           \
	  who ": thisUpdate and nextUpdate enclose the verification time",                        \
	  "RFC 5280 section 6.3.3 (a)", ATT_CLOCK)

#define ATT_SIGNED_JSON_ROWS(X, first, id, who)                                         \
	X(first##_SIGNATURE, id ".signature", C, ATT_E_SIGNATURE,                       \
	  who ": signature over the bytes received",                                    \
	  "Intel PCS API v4; QVL verifyTCBInfo, verifyEnclaveIdentity", ATT_RENEW)      \
	X(first##_FORMAT, id ".format", C, ATT_E_FORMAT, who ": content",               \
	  "Intel PCS API v4 data structures", ATT_RENEW)                                \
	X(first##_KIND, id ".kind", C, ATT_E_MISMATCH, who ": is for this kind of TEE", \
	  "QVL verifyQuote",                                                            \
	  "fetch the collateral for this kind of quote (SGX and TDX have their own)")   \
	X(first##_DATES, id ".dates", C, ATT_E_EXPIRED,                                 \
	  who ": issueDate and nextUpdate enclose the verification time",               \
	  "Intel PCS API v4; QVL verifyTCBInfo", ATT_CLOCK)

#define ATT_CHECK_TABLE(X)                                                                         \
	X(EV_FORMAT, "evidence.format", E, ATT_E_FORMAT, "evidence: well-formed",                  \
	  "Intel SGX/TDX DCAP quote formats v3, v4, v5",                                           \
	  "check that the file is a whole quote, in binary, hex, base64 or PEM")                   \
	X(EV_KIND, "evidence.kind", E, ATT_E_UNSUPPORTED, "evidence: is a quote",                  \
	  "Intel SGX SDM section 40.15",                                                           \
	  "a REPORT proves something on its own platform only: have the quoting enclave make a "   \
	  "quote of it; SEV-SNP reports can be printed (attest inspect), not verified yet")        \
	X(EV_PADDING, "evidence.padding", E, ATT_E_TRAILING,                                       \
	  "evidence: nothing behind the signature data",                                           \
	  "Intel DCAP quote formats: size of signature data",                                      \
	  "harmless zero padding; cloud providers add it")                                         \
	X(CO_FORMAT, "collateral.format", C, ATT_E_FORMAT, "collateral: readable",                 \
	  "doc/collateral.md", ATT_RENEW)                                                          \
	X(CO_COMPLETE, "collateral.complete", C, ATT_E_MISSING,                                    \
	  "collateral: every required item is there",                                              \
	  "sgx_ql_qve_collateral_t; doc/collateral.md",                                            \
	  "fetch the missing items (`attest collateral show` lists what is there)")                \
	X(Q_VENDOR, "quote.qe_vendor", E, ATT_E_UNSUPPORTED,                                       \
	  "quote: made by Intel's quoting enclave", "Intel DCAP quote format: QE vendor ID",       \
	  ATT_NOT_GENUINE)                                                                         \
	X(Q_CERT, "quote.certification_data", E, ATT_E_UNSUPPORTED,                                \
	  "quote: certification data of a usable type",                                            \
	  "Intel DCAP quote format: certification data types 1 to 5",                              \
	  "ask the attester for a quote that carries its PCK certificate chain (type 5)")          \
	ATT_CHAIN_ROWS(X, PCK, "pck", E, "PCK chain", ATT_NOT_GENUINE)                             \
	X(PCK_AGREES, "pck.chain_agrees", C, ATT_E_MISMATCH,                                       \
	  "PCK chain: the quote's and the collateral's are the same",                              \
	  "doc/verification.md, PCK chain", ATT_OTHER_PLATFORM)                                    \
	X(PCK_EXTENSION, "pck.sgx_extension", E, ATT_E_FORMAT, "PCK certificate: SGX extension",   \
	  "PCK profile 1.3.5", ATT_NOT_GENUINE)                                                    \
	ATT_CHAIN_ROWS(X, CI, "pck_crl_issuer", C, "CRL issuer chain", ATT_RENEW)                  \
	X(CI_INTERMEDIATE, "pck_crl_issuer.intermediate", C, ATT_E_MISMATCH,                       \
	  "CRL issuer chain: holds the PCK chain's intermediate CA",                               \
	  "Intel PCS API v4, pckcrl: ca=processor or platform", ATT_OTHER_PLATFORM)                \
	ATT_CRL_ROWS(X, RC, "root_crl", "root CA CRL")                                             \
	ATT_CRL_ROWS(X, PC, "pck_crl", "PCK CRL")                                                  \
	X(PCK_CA_REVOKED, "pck.intermediate_revocation", E, ATT_E_REVOKED,                         \
	  "PCK chain: the intermediate CA is not revoked",                                         \
	  "QVL verifyPCKCertificate; RFC 5280 section 6.3.3 (f)",                                  \
	  "no quote of this CA can be trusted any more: provision the platform again")             \
	X(PCK_REVOKED, "pck.revocation", E, ATT_E_REVOKED,                                         \
	  "PCK chain: the PCK certificate is not revoked", "QVL verifyPCKCertificate",             \
	  "this platform's key is compromised or withdrawn: do not use the platform")              \
	ATT_CHAIN_ROWS(X, TS, "tcb_signer", C, "TCB info signer", ATT_RENEW)                       \
	X(TS_REVOKED, "tcb_signer.revocation", C, ATT_E_REVOKED, "TCB info signer: not revoked",   \
	  "QVL verifyTCBInfo", ATT_RENEW)                                                          \
	ATT_SIGNED_JSON_ROWS(X, TI, "tcb_info", "TCB info")                                        \
	X(TI_FMSPC, "tcb_info.fmspc", C, ATT_E_MISMATCH, "TCB info: is for this platform's FMSPC", \
	  "QVL verifyQuote", ATT_OTHER_PLATFORM)                                                   \
	X(TI_PCEID, "tcb_info.pce_id", C, ATT_E_MISMATCH, "TCB info: is for this platform's PCE",  \
	  "QVL verifyQuote", ATT_OTHER_PLATFORM)                                                   \
	ATT_CHAIN_ROWS(X, QS, "qe_signer", C, "QE identity signer", ATT_RENEW)                     \
	X(QS_REVOKED, "qe_signer.revocation", C, ATT_E_REVOKED, "QE identity signer: not revoked", \
	  "QVL verifyEnclaveIdentity", ATT_RENEW)                                                  \
	ATT_SIGNED_JSON_ROWS(X, QI, "qe_identity", "QE identity")                                  \
	X(QR_SIGNATURE, "qe_report.signature", E, ATT_E_SIGNATURE,                                 \
	  "QE report: signed by the PCK key", "QVL verifyQuote", ATT_NOT_GENUINE)                  \
	X(QR_BINDING, "qe_report.binding", E, ATT_E_MISMATCH,                                      \
	  "QE report: vouches for the attestation key and QE authentication data",                 \
	  "Intel DCAP quote format: QE report data", ATT_NOT_GENUINE)                              \
	X(QR_TAIL, "qe_report.data_tail", E, ATT_E_MISMATCH,                                       \
	  "QE report: the rest of the report data is zero",                                        \
	  "Intel DCAP quote format: QE report data (32 zero bytes)", ATT_NOT_GENUINE)              \
	X(QE_MISCSELECT, "qe.misc_select", E, ATT_E_MISMATCH, "quoting enclave: MISCSELECT",       \
	  "QVL verifyQuote, QE identity", ATT_NOT_GENUINE)                                         \
	X(QE_ATTRIBUTES, "qe.attributes", E, ATT_E_MISMATCH, "quoting enclave: ATTRIBUTES",        \
	  "QVL verifyQuote, QE identity", ATT_NOT_GENUINE)                                         \
	X(QE_SIGNER, "qe.mr_signer", E, ATT_E_MISMATCH, "quoting enclave: MRSIGNER",               \
	  "QVL verifyQuote, QE identity", ATT_NOT_GENUINE)                                         \
	X(QE_PRODID, "qe.isv_prod_id", E, ATT_E_MISMATCH, "quoting enclave: product id",           \
	  "QVL verifyQuote, QE identity", ATT_NOT_GENUINE)                                         \
	X(QE_LEVEL, "qe.tcb_level", E, ATT_E_REVOKED, "quoting enclave: TCB level",                \
	  "QVL verifyQuote, QE identity tcbLevels",                                                \
	  "update the platform's quoting enclave (DCAP packages, aesmd or qgsd) and make a new "   \
	  "quote")                                                                                 \
	X(Q_KEY, "quote.attestation_key", E, ATT_E_FORMAT,                                         \
	  "quote: attestation key is a point of P-256",                                            \
	  "Intel DCAP quote format; SEC 1 section 3.2.2", ATT_NOT_GENUINE)                         \
	X(Q_SIGNATURE, "quote.signature", E, ATT_E_SIGNATURE,                                      \
	  "quote: signed by the attestation key", "QVL verifyQuote", ATT_NOT_GENUINE)              \
	X(TM_IDENTITY, "tdx_module.identity", E, ATT_E_MISMATCH,                                   \
	  "TDX module: its version is known to the TCB info",                                      \
	  "QVL verifyQuote, tdxModuleIdentities",                                                  \
	  "fetch newer TCB info; if it persists, the platform runs a TDX module Intel does not "   \
	  "list")                                                                                  \
	X(TM_SIGNER, "tdx_module.mr_signer", E, ATT_E_MISMATCH, "TDX module: signer",              \
	  "QVL verifyQuote, tdxModule", ATT_NOT_GENUINE)                                           \
	X(TM_ATTRIBUTES, "tdx_module.attributes", E, ATT_E_MISMATCH,                               \
	  "TDX module: attributes are zero and as expected", "QVL verifyQuote, tdxModule",         \
	  ATT_NOT_GENUINE)                                                                         \
	X(TM_LEVEL, "tdx_module.tcb_level", E, ATT_E_REVOKED, "TDX module: TCB level",             \
	  "QVL verifyQuote, tdxModuleIdentities tcbLevels",                                        \
	  "update the TDX module on the host and relaunch the TD")                                 \
	X(TCB_SGX, "tcb.sgx_level", E, ATT_E_UNSUPPORTED, "platform: SGX TCB level",               \
	  "Intel PCS API v4, get TCB info: determining the TCB status",                            \
	  "update the platform's firmware and microcode, then let it be provisioned again")        \
	X(TCB_TDX, "tcb.tdx_level", E, ATT_E_UNSUPPORTED, "platform: TDX TCB level",               \
	  "Intel PCS API v4, get TCB info: determining the TCB status",                            \
	  "update the platform's firmware, SEAM loader and TDX module, then relaunch the TD")      \
	X(TCB_RELAUNCH, "tcb.relaunch", E, ATT_E_MISMATCH,                                         \
	  "platform: would relaunching the TD mend its TCB?",                                      \
	  "QVL: TD relaunch advised (TDX 1.5)",                                                    \
	  "relaunch the TD: the platform was updated under it")                                    \
	X(TCB_STATUS, "tcb.status", E, ATT_E_REVOKED, "platform, TDX module and QE converged",     \
	  "QVL convergeTcbStatusWithQeTcbStatus",                                                  \
	  "update the parts named above; a policy may accept this status, unless it is Revoked "   \
	  "or NotSupported")                                                                       \
	X(EV_REPORT_DATA, "evidence.report_data", E, ATT_E_MISMATCH,                               \
	  "evidence: report data is what the caller expects", "RFC 9334 section 10 (freshness)",   \
	  "this evidence was made for another key, nonce or session")

enum att_check_no {
#define ATT_ROW(sym, ...) CK_##sym,
	ATT_CHECK_TABLE(ATT_ROW)
#undef ATT_ROW
	    CK_COUNT
};

/* Offsets inside the six rows of a chain. */
enum { CHAIN_FORMAT, CHAIN_ISSUERS, CHAIN_CONSTRAINTS, CHAIN_SIGNATURES, CHAIN_ROOT, CHAIN_DATES };

#endif
