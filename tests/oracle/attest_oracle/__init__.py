# SPDX-License-Identifier: Apache-2.0
"""An independent verifier and maker of SGX and TDX evidence.

Written from the formats' specifications alone, never from the library under test: it judges the
library, and it makes the evidence for every branch that no real quote reaches."""
