# SPDX-License-Identifier: Apache-2.0
"""Verification of SGX and TDX quotes: a pure function of quote, collateral, pinned root keys and
time.

Every check that can run does; each failure is a `Fault`, its family the id of a check. `mendable`
tells whether better collateral could take the fault away (exit code 3), or not (exit code 2)."""
import hashlib
from dataclasses import dataclass, field

from . import tcb
from .der import BadDer
from .parse import REPORT_LEN, TEE_SGX, TEE_TDX, Malformed, parse_quote
from .pck import parse_pck_extension
from .signed_json import BadJson, parse_qe_identity, parse_tcb_info
from .x509 import (
    BadCertificate,
    chain_faults,
    chain_of_pem,
    crl_of_text,
    key_of_point,
    point,
    raw_signature_ok,
)

# Intel SGX Root CA, production: the uncompressed point of its public key.
INTEL_ROOT_POINT = bytes.fromhex(
    "040ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f5"
    "67918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394"
)

REQUIRED = (
    "pck_crl_issuer_chain",
    "root_ca_crl",
    "pck_crl",
    "tcb_info_issuer_chain",
    "tcb_info",
    "tcb_info_signature",
    "qe_identity_issuer_chain",
    "qe_identity",
    "qe_identity_signature",
)


@dataclass
class Fault:
    family: str
    mendable: bool
    text: str


@dataclass
class Outcome:
    faults: list = field(default_factory=list)
    tcb_status: str = None
    platform: tcb.Part = field(default_factory=tcb.Part)
    module: tcb.Part = field(default_factory=tcb.Part)
    qe: tcb.Part = field(default_factory=tcb.Part)
    firm: bool = True  # the level search ran on input of which nothing but dates is in doubt
    padding: int = 0
    issued: set = field(
        default_factory=set
    )  # issue dates of every certificate, CRL and signed text
    expires: set = field(default_factory=set)  # and when each ends

    @property
    def authentic(self):
        return not self.faults

    @property
    def exit_code(self):
        """2 or 3 of evidence that is not authentic; 0 when it is (a policy may still refuse it)."""
        if not self.faults:
            return 0
        return 3 if all(f.mendable for f in self.faults) else 2

    @property
    def advisories(self):
        return sorted(
            {a for part in (self.platform, self.module, self.qe) for a in part.advisories}
        )

    def families(self):
        return sorted({f.family for f in self.faults})


class _Run:
    def __init__(self, quote, collateral, roots, now):
        self.out, self.collateral, self.roots, self.now = Outcome(), collateral, set(roots), now
        self.raw = quote
        self.quote = self.leaf = self.intermediate = self.extension = self.root = None
        self.pck_good = False

    def fail(self, family, mendable, text, dates_only=False):
        self.out.faults.append(Fault(family, mendable, text))
        if not dates_only:
            self.out.firm = False
        return False

    def dated(self, *objects):
        """Notes the validity of certificates, CRLs and signed texts; are all of them valid now?"""
        spans = []
        for o in objects:
            spans.append(
                (o.not_before, o.not_after)
                if hasattr(o, "not_before")
                else (getattr(o, "issue", None) or o.this_update, o.next_update)
            )
        self.out.issued.update(start for start, _ in spans)
        self.out.expires.update(end for _, end in spans)
        return all(start <= self.now <= end for start, end in spans)

    def item(self, name):
        return self.collateral.get(name) or None

    # --- the PCK chain ---

    def _quote_chain(self):
        """The chain of the quote itself (types 4 and 5), and whether collateral completes it."""
        q = self.quote
        chain = chain_of_pem(q.cert_data)
        if q.cert_type == 5:
            if len(chain) != 3:
                raise BadCertificate(f"{len(chain)} certificates in the quote, not 3")
            return chain
        if len(chain) != 1:
            raise BadCertificate(f"{len(chain)} certificates in data of type 4, not 1")
        if self.issuer_chain is None:
            return None
        return chain + self.issuer_chain

    def pck_chain(self):
        self.issuer_chain = None
        text = self.item("pck_crl_issuer_chain")
        if text is not None:
            try:
                chain = chain_of_pem(text)
                if len(chain) != 2:
                    raise BadCertificate(f"{len(chain)} certificates, not 2")
                self.issuer_chain = chain
            except BadCertificate as e:
                self.fail("pck_crl_issuer.chain_format", True, str(e))
        brought = None
        if self.item("pck_certificate_chain"):
            try:
                brought = chain_of_pem(self.item("pck_certificate_chain"))
                if len(brought) != 3:
                    raise BadCertificate(f"{len(brought)} certificates, not 3")
            except BadCertificate as e:
                brought = []
                self.fail(
                    "pck.chain_agrees" if self.quote.cert_type == 5 else "pck.chain_format",
                    True,
                    str(e),
                )
        if self.quote.cert_type <= 3:
            if brought is None:
                self.fail("collateral.complete", True, "pck_certificate_chain")
            return brought or None
        try:
            chain = self._quote_chain()
        except BadCertificate as e:
            self.fail("pck.chain_format", False, str(e))
            return None
        if (
            self.quote.cert_type == 5
            and brought
            and [c.der for c in brought] != [c.der for c in chain]
        ):
            self.fail("pck.chain_agrees", True, "this collateral is another platform's")
        return chain

    def brought(self, i):
        """Did the collateral bring certificate i of the PCK chain? Then better collateral could
        mend it."""
        return self.quote.cert_type <= 3 or (self.quote.cert_type == 4 and i > 0)

    def pck(self):
        chain = self.pck_chain()
        if chain is None:
            self.out.firm = False
            return
        leaf, intermediate, root = chain
        faults = chain_faults(chain)
        for i, name in enumerate(("SGX PCK Certificate", "CA", "SGX Root CA")):
            if name not in chain[i].subject_cn:
                faults.append(("issuers", i, f"{chain[i].subject_cn} is no {name}"))
        for kind, i, f in faults:
            # A leaf of the evidence that does not link up may be completed with the wrong CA.
            self.fail(f"pck.chain_{kind}", self.brought(i + 1 if kind != "constraints" else i), f)
        if point(root.key) not in self.roots:
            self.fail("pck.root", self.brought(2), "the chain's root is not pinned")
            faults.append(("root", 2, "not pinned"))
        for i, c in enumerate(chain):
            if not self.dated(c):
                self.fail(
                    "pck.chain_dates",
                    self.brought(i),
                    f"certificate {i} is outside its dates",
                    dates_only=True,
                )
        try:
            if leaf.sgx is None:
                raise BadDer("no SGX extension")
            self.extension = parse_pck_extension(leaf.sgx)
        except BadDer as e:
            self.fail("pck.sgx_extension", self.brought(0), str(e))
        self.leaf, self.intermediate, self.root = leaf, intermediate, root
        self.pck_good = not faults

    def crl_issuer_chain(self):
        if not self.issuer_chain:
            return
        inter, root = self.issuer_chain
        # The chain begins with a CA: judged as the rest of a chain under an absent leaf.
        for kind, _, f in chain_faults([None, inter, root]):
            self.fail(f"pck_crl_issuer.chain_{kind}", True, f)
        if point(root.key) not in self.roots:
            self.fail("pck_crl_issuer.root", True, "root is not pinned")
        if not self.dated(*self.issuer_chain):
            self.fail("pck_crl_issuer.chain_dates", True, "outside its dates", dates_only=True)
        # An authority's certificate may be issued again for the same name and key.
        same = self.intermediate is not None and (inter.subject, point(inter.key)) == (
            self.intermediate.subject,
            point(self.intermediate.key),
        )
        if self.intermediate is not None and not same:
            self.fail(
                "pck_crl_issuer.intermediate", True, "does not hold the PCK chain's intermediate"
            )

    # --- CRLs and revocation ---

    def crl(self, item, name, issuer):
        data = self.item(item)
        if data is None:
            return None
        try:
            crl = crl_of_text(data)
        except BadCertificate as e:
            self.fail(f"{name}.format", True, str(e))
            return None
        if issuer is None:
            return None
        other_ca = (
            name == "pck_crl" and self.issuer_chain and crl.issuer != self.issuer_chain[0].subject
        )
        if crl.issuer != issuer.subject or other_ca:
            self.fail(f"{name}.issuer", True, "another issuer")
        elif not crl.signed_by(issuer.key):
            self.fail(f"{name}.signature", True, "not signed by its issuer")
        if issuer.usage is None or not issuer.usage.crl_sign:
            self.fail(f"{name}.issuer", True, "its issuer may not sign CRLs")
        if not self.dated(crl):
            self.fail(f"{name}.dates", True, "outside its dates", dates_only=True)
        return crl

    # --- signed JSON ---

    def signed_json(self, name, signer_id, parser, root_crl):
        chain_text = self.item(f"{name}_issuer_chain")
        text, signature = self.item(name), self.item(f"{name}_signature")
        if chain_text is None or text is None or signature is None:
            self.out.firm = False
            return None
        good = True
        try:
            chain = chain_of_pem(chain_text)
            if len(chain) != 2:
                raise BadCertificate(f"{len(chain)} certificates, not 2")
        except BadCertificate as e:
            return self.fail(f"{signer_id}.chain_format", True, str(e)) or None
        signer, root = chain
        faults = chain_faults(chain)
        if "SGX TCB Signing" not in signer.subject_cn:
            faults.append(("issuers", 0, f"{signer.subject_cn} is no TCB signer"))
        for kind, _, f in faults:
            good = self.fail(f"{signer_id}.chain_{kind}", True, f)
        if point(root.key) not in self.roots:
            good = self.fail(f"{signer_id}.root", True, "root is not pinned")
        if not self.dated(*chain):
            self.fail(f"{signer_id}.chain_dates", True, "outside its dates", dates_only=True)
        if root_crl is not None and root_crl.lists(signer):
            self.fail(f"{signer_id}.revocation", True, "the TCB signer is revoked")
        try:
            rs = bytes.fromhex(signature.rstrip(b"\0").decode("ascii"))
        except ValueError:
            rs = b""
        if not raw_signature_ok(signer.key, rs, text):
            good = self.fail(f"{name}.signature", True, "not signed by the TCB signer")
        if not good:
            return None
        try:
            parsed = parser(text)
        except BadJson as e:
            return self.fail(f"{name}.format", True, str(e)) or None
        if not self.dated(parsed):
            self.fail(f"{name}.dates", True, "outside its dates", dates_only=True)
        return parsed

    def match_tcb_info(self, info):
        """Is this the TCB info of this platform?"""
        good = True
        if info.id != ("TDX" if self.quote.tee == TEE_TDX else "SGX"):
            good = self.fail("tcb_info.kind", True, f"TCB info of {info.id}")
        if self.extension is None:
            return False
        if info.fmspc != self.extension.fmspc:
            good = self.fail("tcb_info.fmspc", True, f"FMSPC {info.fmspc.hex()}")
        if info.pce_id != self.extension.pce_id:
            good = self.fail("tcb_info.pce_id", True, f"PCEID {info.pce_id.hex()}")
        return good

    # --- the quote ---

    def qe_report(self):
        q = self.quote
        if not self.pck_good:
            return False
        good = True
        if not raw_signature_ok(self.leaf.key, q.qe_signature, q.qe_report):
            good = self.fail("qe_report.signature", False, "not signed by the PCK")
        if q.qe_report[320:352] != hashlib.sha256(q.key + q.qe_auth).digest():
            good = self.fail("qe_report.binding", False, "does not bind the attestation key")
        if any(q.qe_report[352:384]):
            good = self.fail(
                "qe_report.data_tail", False, "report data beyond the hash is not zero"
            )
        key = key_of_point(q.key)
        if key is None:
            good = self.fail("quote.attestation_key", False, "no point of P-256")
        elif not raw_signature_ok(key, q.signature, q.signed):
            good = self.fail("quote.signature", False, "not signed by the attestation key")
        return good

    def qe_status(self, identity, qe_good):
        q = self.quote
        if identity is None:
            return None
        if identity.id != ("TD_QE" if q.tee == TEE_TDX else "QE"):
            self.fail("qe_identity.kind", True, f"identity of {identity.id}")
            return None
        if not qe_good:
            return None
        r = q.qe_report
        masked = lambda value, mask: bytes(v & m for v, m in zip(value, mask))
        good = True
        if masked(r[16:20], identity.misc_mask) != identity.misc_select:
            good = self.fail("qe.misc_select", False, r[16:20].hex())
        if masked(r[48:64], identity.attributes_mask) != identity.attributes:
            good = self.fail("qe.attributes", False, r[48:64].hex())
        if r[128:160] != identity.mr_signer:
            good = self.fail("qe.mr_signer", False, r[128:160].hex())
        if int.from_bytes(r[256:258], "little") != identity.isv_prod_id:
            good = self.fail("qe.isv_prod_id", False, r[256:258].hex())
        if not good:
            return None
        i = tcb.first_isv_level(identity.levels, int.from_bytes(r[258:260], "little"))
        if i is None:
            return tcb.Part(tcb.NOT_SUPPORTED)
        # Anything but UpToDate and Revoked counts as OutOfDate.
        status = identity.levels[i].status
        return tcb.part_of(
            identity.levels, i, status if status in ("UpToDate", "Revoked") else "OutOfDate"
        )

    def module_status(self, info):
        """The TDX module of a TD (its own identity from module version 1 on); None: refused."""
        svn = self.quote.body.tee_tcb_svn
        expected, part = info.module, tcb.Part()
        if svn[1] > 0:
            if not info.identities:
                self.fail("tdx_module.identity", False, "TCB info has no module identities")
                return None
            expected = tcb.module_identity(info, svn[1])
            if expected is None:
                self.fail("tdx_module.identity", False, f"no identity of TDX_{svn[1]:02X}")
                return None
            i = tcb.first_isv_level(expected.levels, svn[0])
            part = tcb.Part(tcb.NOT_SUPPORTED) if i is None else tcb.part_of(expected.levels, i)
        good = True
        if self.quote.body.mr_signer_seam != expected.mr_signer:
            good = self.fail("tdx_module.mr_signer", False, "mrsigner_seam differs")
        seam = self.quote.body.seam_attributes
        if any(seam) or seam != expected.attributes:
            good = self.fail(
                "tdx_module.attributes", False, "seam_attributes are not zero and as stated"
            )
        return part if good else None

    def levels(self, info, identity, qe_good):
        out = self.out
        qe = self.qe_status(identity, qe_good)
        if qe is not None:
            out.qe = qe
        if info is None or not self.match_tcb_info(info) or not self.pck_good:
            out.firm = False
            return
        sgx = tcb.match_sgx(info, self.extension)
        if self.quote.tee == TEE_SGX:
            module, level = tcb.Part(), sgx
        else:
            if not qe_good:
                out.firm = False
                return
            module = self.module_status(info)
            if module is None:
                out.firm = False
                return
            level = tcb.match_tdx(info, self.extension, self.quote.body.tee_tcb_svn)
        out.module = module
        out.platform = (
            tcb.Part(tcb.NOT_SUPPORTED) if level is None else tcb.part_of(info.levels, level)
        )
        if qe is None:
            out.firm = False
        self.converge(info, sgx, qe.status if qe else None)

    def converge(self, info, sgx, qe):
        out = self.out
        status = out.platform.status
        if self.quote.tee == TEE_TDX:
            status = tcb.converge(status, out.module.status)
            svn2 = self.quote.body.tee_tcb_svn2
            if svn2 is not None and status not in ("Revoked", tcb.NOT_SUPPORTED):
                try:
                    status = tcb.relaunch(
                        info, info.levels[sgx].status, status, out.module.status, qe, svn2
                    )
                except tcb.ModuleMismatch as e:
                    self.fail("tcb.relaunch", False, str(e))
                    return
        if not (self.quote.tee == TEE_TDX and status == "Revoked"):
            status = tcb.converge(status, qe)
        out.tcb_status = status
        if status == "Revoked":
            self.out.faults.append(Fault("tcb.status", False, "TCB level is revoked"))
        elif status == tcb.NOT_SUPPORTED:
            self.out.faults.append(Fault("tcb.status", False, "no TCB level matches"))

    def all(self):
        if len(self.raw) == REPORT_LEN:
            self.fail("evidence.kind", False, "a REPORT is no quote")
            return self.out
        try:
            self.quote = parse_quote(self.raw)
        except Malformed as e:
            self.fail(e.family, False, str(e))
            return self.out
        self.out.padding = self.quote.padding
        for name in REQUIRED:
            if self.item(name) is None:
                self.fail("collateral.complete", True, name)
        self.pck()
        self.crl_issuer_chain()
        root_crl = self.crl("root_ca_crl", "root_crl", self.root)
        pck_crl = self.crl("pck_crl", "pck_crl", self.intermediate)
        if root_crl is not None and root_crl.lists(self.intermediate):
            self.fail("pck.intermediate_revocation", False, "the intermediate is revoked")
        elif root_crl is not None and self.issuer_chain and root_crl.lists(self.issuer_chain[0]):
            self.fail("pck.intermediate_revocation", True, "the CRL issuer's is revoked")
        if pck_crl is not None and pck_crl.lists(self.leaf):
            self.fail("pck.revocation", False, "the PCK certificate is revoked")
        info = self.signed_json("tcb_info", "tcb_signer", parse_tcb_info, root_crl)
        identity = self.signed_json("qe_identity", "qe_signer", parse_qe_identity, root_crl)
        self.levels(info, identity, self.qe_report())
        return self.out


def verify(quote, collateral, roots, now):
    """`collateral`: item name → bytes, as received; `roots`: uncompressed points of the pinned
    keys."""
    return _Run(quote, collateral, roots, now).all()
