# SPDX-License-Identifier: Apache-2.0
"""A genuine, up-to-date platform of a given kind; a scenario changes one thing and takes the
bytes."""
from dataclasses import dataclass

from . import collateral
from .collateral import IsvLevelSpec, LevelSpec, ModuleSpec, QeIdentitySpec, TcbInfoSpec
from .pki import Pki, SgxExtension, pem, utc
from .quote import QuoteSpec, SgxBodySpec, TdBodySpec, default_qe

NOW = utc("2025-06-15T12:00:00Z")
KINDS = ("sgx3", "sgx4", "sgx5", "tdx4", "tdx5", "tdx15")


@dataclass
class Made:
    quote: bytes
    items: dict
    root: str  # PEM
    time: int


class World:
    """Specs to change freely; `make` derives everything else from them.

    Platform SVNs are all 5 with PCESVN 13; TDX module TDX_01 at SVN 5; QE at 8, TD QE at 4."""

    def __init__(self, kind="sgx3", ca=None, **extension):
        self.kind, self.tdx, self.now = kind, kind.startswith("tdx"), NOW
        # TDX runs on multi-package platforms: Intel's Platform CA issues their certificates.
        ca = ca or ("platform" if self.tdx else "processor")
        if ca == "platform":
            extension = {
                "instance_id": bytes(range(0x40, 0x50)),
                "configuration": {1: True, 2: False, 3: True},
                "sgx_type": 1,
                **extension,
            }
        self.pki = Pki(ca, SgxExtension(**extension))
        version = int(kind[3]) if kind != "tdx15" else 5
        if self.tdx:
            body = TdBodySpec(tee_tcb_svn2=(5, 1, 3) if kind == "tdx15" else None)
            self.tcb = TcbInfoSpec(
                [LevelSpec("UpToDate", tdx=(5, 0, 3))],
                "TDX",
                identities=[ModuleSpec("TDX_01", [IsvLevelSpec(5), IsvLevelSpec(2, "OutOfDate")])],
            )
        else:
            body = SgxBodySpec()
            self.tcb = TcbInfoSpec([LevelSpec("UpToDate")])
        self.qe_identity = QeIdentitySpec("TD_QE" if self.tdx else "QE")
        self.quote = QuoteSpec(version, body, default_qe(self.tdx), self.pki.leaf.key)
        self.root = None  # the PEM to pin instead of the PKI's root
        self.bring_chain = False  # also give the collateral the PCK chain
        self.chain = None  # the quote's chain (a list of DER) instead of the PKI's
        self.texts = {}  # exact signed texts instead of the specs'
        self.after = []  # functions of the finished items
        self.after_quote = []  # functions of the finished quote bytes, giving others

    def pck_pem(self):
        return "".join(pem(d) for d in (self.chain or self.pki.pck_chain()))

    def make(self):
        if self.quote.cert_type == 5 and not self.quote.cert_data:
            self.quote.cert_data = self.pck_pem().encode() + b"\0"
        items = collateral.items(
            self.pki,
            self.texts.get("tcb_info") or self.tcb.text(),
            self.texts.get("qe_identity") or self.qe_identity.text(),
        )
        if self.bring_chain:
            items["pck_certificate_chain"] = self.pck_pem()
        for change in self.after:
            change(items)
        quote = self.quote.bytes()
        for change in self.after_quote:
            quote = change(quote)
        return Made(quote, items, self.root or pem(self.pki.root.der()), self.now)
