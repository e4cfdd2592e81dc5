# SPDX-License-Identifier: Apache-2.0
"""Cases on disk: NAME/{quote.dat, collateral.json, case.json, root.pem}; the shape of the shared vectors."""
import json
from dataclasses import dataclass
from pathlib import Path

from .verify import INTEL_ROOT_POINT, verify
from .x509 import chain_of_pem, point


@dataclass
class Case:
    path: Path
    meta: dict

    @property
    def name(self):
        return self.path.name

    @property
    def time(self):
        return self.meta["time"]

    @property
    def expect(self):
        return self.meta["expect"]

    @property
    def root_file(self):
        """The root to pin; None for Intel's."""
        root = self.meta.get("root", "intel")
        return None if root == "intel" else self.path / root

    @property
    def quote_file(self):
        return self.path / "quote.dat"

    @property
    def collateral_file(self):
        return self.path / "collateral.json"

    def collateral(self):
        return collateral_of_json(self.collateral_file.read_bytes())

    def roots(self):
        if self.root_file is None:
            return [INTEL_ROOT_POINT]
        return [point(c.key) for c in chain_of_pem(self.root_file.read_bytes())]

    def verify(self):
        return verify(self.quote_file.read_bytes(), self.collateral(), self.roots(), self.time)


def collateral_of_json(text):
    return {name: value.encode() for name, value in json.loads(text).items()}


def load(folder):
    """The cases of a folder, by name."""
    return [Case(p.parent, json.loads(p.read_text())) for p in sorted(Path(folder).glob("*/case.json"))]
