/* SPDX-License-Identifier: Apache-2.0 */
/* How far two words are apart, for "did you mean". */
#ifndef ATT_BASE_DISTANCE_H
#define ATT_BASE_DISTANCE_H

#include "attest/base.h"

#define ATT_WORD_MAX 40u

/* Levenshtein's distance: the fewest bytes put in, taken out or replaced that make b of a. SIZE_MAX
 * when one of them is longer than ATT_WORD_MAX bytes. */
size_t att_distance(att_bytes a, att_bytes b);

#endif
