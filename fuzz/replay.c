/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz harness without a fuzzer: every seed as it is, then a fixed number of changed
 * ones. The changes come from a fixed generator, so that a finding of one machine is a finding
 * of all. This is what `make test` runs; the search for new paths is libFuzzer's.
 *
 * usage: replay_NAME RUNS DIRECTORY... */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEED_MAX  ((size_t)300000)
#define SEEDS_MAX 4096

struct seed {
	uint8_t *data;
	size_t size;
};

static struct seed seeds[SEEDS_MAX];
static size_t seed_count;

/* xorshift64*: any generator will do that is the same everywhere. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

static void load_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(SEED_MAX);

	if (!f || !data) {
		fprintf(stderr, "%s: can not be read\n", path);
		exit(1);
	}
	size_t size = fread(data, 1, SEED_MAX, f);

	fclose(f);
	uint8_t *exact = realloc(data, size ? size : 1);

	seeds[seed_count++] = (struct seed){ exact ? exact : data, size };
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void load_directory(const char *path)
{
	struct dirent **names;
	int count = scandir(path, &names, NULL, by_name);

	for (int i = 0; i < count; i++) {
		char file[4096];

		if (names[i]->d_name[0] != '.' && seed_count < SEEDS_MAX &&
		    snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name) <
			(int)sizeof(file))
			load_file(file);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

/* One to four changes of the kinds parsers trip over. */
static size_t change(uint8_t *data, size_t size, uint64_t *state)
{
	static const uint8_t edges[] = { 0x00, 0x01, 0x7f, 0x80, 0xff, '"', '{', '-' };
	size_t changes = 1 + next_random(state) % 4;

	while (changes-- > 0 && size > 0) {
		size_t at = next_random(state) % size;
		uint64_t how = next_random(state);

		switch (how % 6) {
		case 0:
			data[at] ^= (uint8_t)(1u << (how >> 8) % 8);
			break;
		case 1:
			data[at] = edges[(how >> 8) % sizeof(edges)];
			break;
		case 2:
			data[at] = (uint8_t)(how >> 8);
			break;
		case 3:
			size = at;
			break;
		case 4: /* a byte less */
			memmove(data + at, data + at + 1, size - at - 1);
			size--;
			break;
		default: /* a byte again */
			if (size < SEED_MAX) {
				memmove(data + at + 1, data + at, size - at);
				size++;
			}
			break;
		}
	}
	return size;
}

/* A copy of exactly its size: a read behind the end is a finding for the sanitizer or valgrind. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);

	if (!exact)
		exit(1);
	memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

int main(int argc, char **argv)
{
	static uint8_t work[SEED_MAX];
	uint64_t state = UINT64_C(0x9e3779b97f4a7c15);

	if (argc < 3) {
		fprintf(stderr, "usage: %s RUNS DIRECTORY...\n", argv[0]);
		return 1;
	}
	for (int i = 2; i < argc; i++)
		load_directory(argv[i]);
	if (seed_count == 0) {
		fprintf(stderr, "no seed in the directories given\n");
		return 1;
	}
	run(work, 0);
	for (size_t i = 0; i < seed_count; i++)
		run(seeds[i].data, seeds[i].size);
	for (long runs = strtol(argv[1], NULL, 10); runs > 0; runs--) {
		const struct seed *from = &seeds[next_random(&state) % seed_count];

		memcpy(work, from->data, from->size);
		run(work, change(work, from->size, &state));
	}
	printf("%zu seeds\n", seed_count);
	for (size_t i = 0; i < seed_count; i++)
		free(seeds[i].data);
	return 0;
}
