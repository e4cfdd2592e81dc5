/* SPDX-License-Identifier: Apache-2.0 */
/* How a TDX module measures: the build-time measurement MRTD, and the run-time registers RTMR.
 * doc/tdx-measurement.md has the facts and where they are from. */
#ifndef ATT_PLATFORM_SIM_TDX_MEASURE_H
#define ATT_PLATFORM_SIM_TDX_MEASURE_H

#include "attest/base.h"

#define ATT_TDX_PAGE  4096u
#define ATT_TDX_CHUNK 256u
#define ATT_TDX_MR    48

typedef struct att_mrtd att_mrtd;

/* A TD about to be built. ATT_E_NOMEM, ATT_E_UNAVAILABLE (no SHA-384). */
att_rc att_mrtd_new(att_mrtd **out, att_err *err) ATT_MUST_USE ATT_NONNULL(1);
void att_mrtd_free(att_mrtd *m);

/* TDH.MEM.PAGE.ADD: a private page at the guest physical address. ATT_E_ARG: not of 4 KiB. */
att_rc att_mrtd_add(att_mrtd *m, uint64_t gpa, att_err *err) ATT_MUST_USE ATT_NONNULL(1);

/* TDH.MR.EXTEND: 256 bytes at the guest physical address. ATT_E_ARG: not a multiple of 256. */
att_rc att_mrtd_extend(att_mrtd *m, uint64_t gpa, const uint8_t chunk[static ATT_TDX_CHUNK],
		       att_err *err) ATT_MUST_USE ATT_NONNULL(1);

/* An image of whole pages from `gpa` on: every page added, then extended chunk by chunk.
 * ATT_E_ARG: not of whole pages. */
att_rc att_mrtd_image(att_mrtd *m, uint64_t gpa, att_bytes image, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1);

/* TDH.MR.FINALIZE: the MRTD; nothing may follow. */
att_rc att_mrtd_finish(att_mrtd *m, uint8_t mrtd[static ATT_TDX_MR], att_err *err) ATT_MUST_USE
    ATT_NONNULL(1);

/* TDG.MR.RTMR.EXTEND: rtmr = SHA-384(rtmr || data). ATT_E_UNAVAILABLE. */
att_rc att_rtmr_extend(uint8_t rtmr[static ATT_TDX_MR], const uint8_t data[static ATT_TDX_MR],
		       att_err *err) ATT_MUST_USE;

#endif
