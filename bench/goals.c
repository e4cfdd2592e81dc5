/* SPDX-License-Identifier: Apache-2.0 */
/* Printing, and the project's goals. */
#include <stdio.h>
#include <string.h>

#include "measure.h"

enum direction { AT_LEAST, AT_MOST };

static const struct goal {
	const char *name;
	enum direction direction;
	double must;
	double aim;
} goals[] = {
	{ "ratio_cold", AT_LEAST, 0.72, 0.90 },
	{ "ratio_cold_tdx", AT_LEAST, 0.72, 0.90 },
	{ "ratio_warm", AT_LEAST, 0.90, 0.95 },
	{ "ratio_warm_tdx", AT_LEAST, 0.90, 0.95 },
	{ "ratio_warm_cycle", AT_LEAST, 0.90, 0.95 },
	{ "ratio_warm_cycle_tdx", AT_LEAST, 0.90, 0.95 },
	{ "ratio_known", AT_LEAST, 0.93, 0.98 },
	{ "ratio_known_tdx", AT_LEAST, 0.93, 0.98 },
	{ "ratio_known_cycle", AT_LEAST, 0.93, 0.98 },
	{ "ratio_known_cycle_tdx", AT_LEAST, 0.93, 0.98 },
	{ "ratio_threads", AT_LEAST, 1.85, 1.95 },
	{ "warm_allocations", AT_MOST, 0, 0 },
	{ "cli_verify_ms", AT_MOST, 12, 12 },
	{ "rss_mib", AT_MOST, 8, 8 },
	{ "libattest_so_kib", AT_MOST, 500, 500 },
	{ "ratio_simulated_quote", AT_MOST, 1, 1 }, /* of three signatures and a round trip */
	{ "fetch_collateral_ms", AT_MOST, 15, 15 },
};

static const char *meets(const struct goal *g, double value, double bound)
{
	bool met = g->direction == AT_LEAST ? value >= bound : value <= bound;

	return met ? "ok" : "below";
}

static void say_goal(const struct goal *g, double value)
{
	const char *sign = g->direction == AT_LEAST ? ">=" : "<=";

	if (g->must == g->aim)
		fprintf(stderr, "   goal %s %g: %s", sign, g->must, meets(g, value, g->must));
	else
		fprintf(stderr, "   goal %s %g: %s, aim %g: %s", sign, g->must,
			meets(g, value, g->must), g->aim, meets(g, value, g->aim));
}

void bench_print(const char *name, double value, const char *unit)
{
	printf("{\"name\":\"%s\",\"value\":%.6g,\"unit\":\"%s\"}\n", name, value, unit);
	fflush(stdout);
	fprintf(stderr, "  %-30s %12.6g %-6s", name, value, unit);
	for (size_t i = 0; i < sizeof(goals) / sizeof(goals[0]); i++) {
		if (strcmp(goals[i].name, name) == 0)
			say_goal(&goals[i], value);
	}
	fputc('\n', stderr);
}
