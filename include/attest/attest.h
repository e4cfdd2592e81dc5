/* SPDX-License-Identifier: Apache-2.0 */
/* Everything libattest offers. */
#ifndef ATTEST_ATTEST_H
#define ATTEST_ATTEST_H

#include "attest/base.h"
#include "attest/evidence.h"
#include "attest/collateral.h"
#include "attest/verify.h"
#include "attest/appraise.h"
#include "attest/inspect.h"

#endif
