/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into the command: of the allocations that attest's own code asks for, the one that
 * FAIL_ALLOC names (1 is the first) fails. At the end their number goes to the file that
 * COUNT_ALLOC names. Those of libcrypto and libc are left alone: what happens inside them is
 * theirs. */
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t n);
void *__libc_realloc(void *p, size_t n);

static unsigned long calls;
static unsigned long fail_at;

#define OBJECTS_MAX 4

static struct {
	uintptr_t from;
	uintptr_t to;
} ours[OBJECTS_MAX]; /* the code of the program and of its library */
static size_t our_count;

static int refused(const void *caller)
{
	uintptr_t at = (uintptr_t)caller;

	for (size_t i = 0; i < our_count; i++) {
		if (at >= ours[i].from && at < ours[i].to)
			return ++calls == fail_at;
	}
	return 0;
}

/* The program has no name here; it comes first. */
static int look(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	(void)data;
	if (our_count > 0 && !strstr(info->dlpi_name, "libattest"))
		return 0;
	for (int i = 0; i < info->dlpi_phnum && our_count < OBJECTS_MAX; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type != PT_LOAD || !(p->p_flags & PF_X))
			continue;
		ours[our_count].from = info->dlpi_addr + p->p_vaddr;
		ours[our_count++].to = info->dlpi_addr + p->p_vaddr + p->p_memsz;
	}
	return 0;
}

void *malloc(size_t n)
{
	return refused(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *calloc(size_t count, size_t n)
{
	return refused(__builtin_return_address(0)) ? NULL : __libc_calloc(count, n);
}

void *realloc(void *p, size_t n)
{
	return refused(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n);
}

__attribute__((constructor)) static void start(void)
{
	const char *at = getenv("FAIL_ALLOC");

	dl_iterate_phdr(look, NULL);
	fail_at = at ? strtoul(at, NULL, 10) : 0;
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("COUNT_ALLOC");
	char text[24];

	if (!path)
		return;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int n = snprintf(text, sizeof(text), "%lu\n", calls);
	if (fd < 0 || write(fd, text, (size_t)n) != n)
		_exit(9);
	close(fd);
}
