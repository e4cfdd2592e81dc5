/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/cpu.h"

#include <string.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

static void cpuid_of(uint32_t leaf, uint32_t sub, uint32_t out[4])
{
	memset(out, 0, 4 * sizeof(out[0]));
	(void)__get_cpuid_count(leaf, sub, &out[0], &out[1], &out[2], &out[3]);
}

void att_cpu_look(struct att_cpu *out)
{
	att_cpu_read(cpuid_of, out);
}
#else
void att_cpu_look(struct att_cpu *out)
{
	*out = (struct att_cpu){ 0 };
}
#endif

enum { EAX, EBX, ECX, EDX };

static bool bit(uint32_t v, unsigned n)
{
	return (v >> n & 1) != 0;
}

static void put_text(char *to, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		to[i] = (char)(v >> (8 * i) & 0xff);
}

/* The twelve letters of a leaf that names somebody. */
static void read_name(const uint32_t r[4], char out[static 13])
{
	put_text(out, r[EBX]);
	put_text(out + 4, r[EDX]);
	put_text(out + 8, r[ECX]);
	out[12] = 0;
}

static void read_sgx(att_cpuid cpuid, struct att_cpu *c)
{
	uint32_t r[4];

	cpuid(7, 0, r);
	c->sgx = bit(r[EBX], 2);
	c->flc = c->sgx && bit(r[ECX], 30);
	if (!c->sgx)
		return;
	cpuid(0x12, 0, r);
	c->sgx1 = bit(r[EAX], 0);
	c->sgx2 = bit(r[EAX], 1);
	cpuid(0x12, 1, r);
	c->kss = bit(r[EAX], 7);
}

void att_cpu_read(att_cpuid cpuid, struct att_cpu *out)
{
	uint32_t r[4];
	char name[13];

	*out = (struct att_cpu){ .known = true };
	cpuid(0, 0, r);
	uint32_t last = r[EAX];
	read_name(r, out->vendor);
	cpuid(1, 0, r);
	out->hypervisor = bit(r[ECX], 31);
	if (last >= 7)
		read_sgx(cpuid, out);
	if (last >= 0x21) {
		cpuid(0x21, 0, r);
		read_name(r, name);
		out->tdx_guest = strcmp(name, "IntelTDX    ") == 0;
	}
	cpuid(0x80000000, 0, r);
	if (r[EAX] < 0x8000001f)
		return;
	cpuid(0x8000001f, 0, r);
	out->sev = bit(r[EAX], 1);
	out->sev_snp = bit(r[EAX], 4);
}
