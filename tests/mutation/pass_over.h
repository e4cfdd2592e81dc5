/* SPDX-License-Identifier: Apache-2.0 */
/* Put before src/verify/report.c in the mutated command, whose ATT_MUTATION asks this function. */
#ifndef PASS_OVER_H
#define PASS_OVER_H

/* The number of a check plus one when this run passes over it, else 0. */
int att_passed_over(int check);

#endif
