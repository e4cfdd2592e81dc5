# SPDX-License-Identifier: Apache-2.0
"""Cases for every branch that no real vector reaches; what each must give is written here by hand,
from the
specification, and compared with the oracle before anything else is judged by it."""
from . import collateral, convergence, evidence, levels, pki, signed_json
from .table import Scenario

MODULES = (levels, convergence, collateral, signed_json, pki, evidence)


def everything():
    found = [s for module in MODULES for s in module.scenarios()]
    names = [s.name for s in found]
    assert len(names) == len(set(names)), "a scenario's name is used twice"
    return found


__all__ = ["Scenario", "everything"]
