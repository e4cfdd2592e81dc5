/* SPDX-License-Identifier: Apache-2.0 */
/* The contents of JSON strings that the reader has accepted, decoded. Internal to the codec. */
#ifndef ATT_CODEC_JSON_STRING_H
#define ATT_CODEC_JSON_STRING_H

#include "attest/base.h"

/* Order of two decoded strings by their bytes; a and b are what stands between the quotes.
 * `escaped` when either has a backslash. */
int att_json_compare(att_bytes a, att_bytes b, bool escaped);

/* Equality of a decoded string with bytes that are no JSON. */
bool att_json_equals(att_bytes raw, att_bytes bytes);

/* Decodes to out, which has room for raw.len bytes; returns the length. */
size_t att_json_unescape(att_bytes raw, uint8_t *out);

#endif
