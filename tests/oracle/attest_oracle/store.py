# SPDX-License-Identifier: Apache-2.0
"""Cases on disk: NAME/{quote.dat, collateral.json, case.json, root.pem}; the shape of the shared
vectors."""
import json
from dataclasses import dataclass
from pathlib import Path

from .signed_json import BadJson, strict_object
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
        """What a command is given; `collateral` reads the JSON form that is always beside it."""
        return self.path / self.meta.get("collateral", "collateral.json")

    def collateral(self):
        return collateral_of_json((self.path / "collateral.json").read_bytes())

    def roots(self):
        if self.root_file is None:
            return [INTEL_ROOT_POINT]
        return [point(c.key) for c in chain_of_pem(self.root_file.read_bytes())]

    def verify(self):
        return verify(self.quote_file.read_bytes(), self.collateral(), self.roots(), self.time)


def collateral_of_json(text):
    """Item name → bytes; ValueError when it is no object of texts."""
    try:
        items = strict_object(text)
    except BadJson as e:
        raise ValueError(str(e)) from e
    if not all(isinstance(value, str) for value in items.values()):
        raise ValueError("a member is no text")
    return {name: value.encode() for name, value in items.items()}


def load_one(folder):
    return Case(Path(folder), json.loads((Path(folder) / "case.json").read_text()))


def load(folder):
    """The cases of a folder, by name."""
    return [load_one(p.parent) for p in sorted(Path(folder).glob("*/case.json"))]
