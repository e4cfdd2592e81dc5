/* SPDX-License-Identifier: Apache-2.0 */
/* tdx_measure: reads lines "add GPA", "extend GPA HEX", "image GPA HEX", "rtmr HEX" from standard
 * input, numbers in hex, and prints MRTD and one RTMR. For tests/oracle/test_tdx_measure.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "platform/sim/tdx_measure.h"

#define TEXT_MAX  65536
#define BYTES_MAX (TEXT_MAX / 2)

static void must(bool good)
{
	if (!good) {
		fputs("tdx_measure: bad input\n", stderr);
		exit(1);
	}
}

static void print(const char *name, const uint8_t mr[static ATT_TDX_MR])
{
	char text[2 * ATT_TDX_MR + 1];

	att_hex_encode(att_bytes_of(mr, ATT_TDX_MR), text);
	printf("%s %s\n", name, text);
}

int main(void)
{
	static char text[TEXT_MAX + 1];
	static uint8_t bytes[BYTES_MAX];
	uint8_t mrtd[ATT_TDX_MR], rtmr[ATT_TDX_MR] = { 0 };
	unsigned long long gpa;
	char what[16];
	att_mrtd *m;

	must(att_mrtd_new(&m, NULL) == ATT_OK);
	while (scanf("%15s", what) == 1) {
		bool is_rtmr = strcmp(what, "rtmr") == 0;

		must(is_rtmr || scanf("%llx", &gpa) == 1);
		if (strcmp(what, "add") == 0) {
			must(att_mrtd_add(m, gpa, NULL) == ATT_OK);
			continue;
		}
		must(scanf("%65536s", text) == 1);
		size_t len = strlen(text) / 2;
		must(att_hex_decode(att_bytes_of(text, strlen(text)), bytes, len, NULL) == ATT_OK);
		if (is_rtmr)
			must(len == ATT_TDX_MR && att_rtmr_extend(rtmr, bytes, NULL) == ATT_OK);
		else if (strcmp(what, "image") == 0)
			must(att_mrtd_image(m, gpa, att_bytes_of(bytes, len), NULL) == ATT_OK);
		else
			must(len == ATT_TDX_CHUNK &&
			     att_mrtd_extend(m, gpa, bytes, NULL) == ATT_OK);
	}
	must(att_mrtd_finish(m, mrtd, NULL) == ATT_OK);
	att_mrtd_free(m);
	print("MRTD", mrtd);
	print("RTMR", rtmr);
	return 0;
}
