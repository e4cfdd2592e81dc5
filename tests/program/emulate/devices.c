/* SPDX-License-Identifier: Apache-2.0 */
/* The devices: requests by their numbers as written down, arguments by their offsets. */
#include "emulate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t get64(const uint8_t *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static void put64(uint8_t *p, uint64_t v)
{
	put32(p, (uint32_t)v);
	put32(p + 4, (uint32_t)(v >> 32));
}

static uint8_t *pointer(const uint8_t *p)
{
	return (uint8_t *)(uintptr_t)get64(p);
}

static struct emu_blob blob;

/* --- Occlum --- */

static int occlum_report(const uint8_t *arg)
{
	static const uint8_t zeros[512];
	const uint8_t *target = pointer(arg), *data = pointer(arg + 8);
	uint8_t *report = pointer(arg + 16);

	if (!report)
		return -EINVAL;
	return emu_sgx_report(target ? target : zeros, data ? data : zeros, report) ? 0 : -EINVAL;
}

static int occlum_quote(const uint8_t *arg)
{
	const uint8_t *size = pointer(arg + 8);

	if (!emu_evidence(pointer(arg), &blob) || get32(size) < blob.len)
		return -EINVAL;
	memcpy(pointer(arg + 16), blob.b, blob.len);
	return 0;
}

/* 0 OK, and 0xA001 (SGX_QL_QV_RESULT_CONFIG_NEEDED) for what is not the quote of this machine. */
static int occlum_verify(const uint8_t *arg)
{
	uint8_t *supplemental = pointer(arg + 40);
	uint32_t room = get32(arg + 32);

	if (!pointer(arg) || (supplemental && room < 64))
		return -EINVAL;
	emu_load("EMULATE_QUOTE", &blob);
	bool same = get32(arg + 8) == blob.len && memcmp(pointer(arg), blob.b, blob.len) == 0;
	put32(pointer(arg + 16), 0);
	put32(pointer(arg + 24), same ? 0 : 0xa001);
	if (supplemental)
		memset(supplemental, 0x77, room);
	return 0;
}

static int occlum_epid(const uint8_t *arg)
{
	uint8_t *quote = pointer(arg + 120);

	if (!quote || get32(arg + 116) < 64 + get32(arg + 112))
		return -EINVAL;
	memcpy(quote, arg, 64);           /* report data */
	memcpy(quote + 64, arg + 64, 4);  /* type */
	memcpy(quote + 68, arg + 68, 32); /* spid, nonce */
	if (get32(arg + 112))
		memcpy(quote + 100, pointer(arg + 104), get32(arg + 112));
	return 0;
}

static int occlum_key(const uint8_t *arg)
{
	const uint8_t *request = pointer(arg);
	uint8_t *key = pointer(arg + 8);

	if (!request || !key)
		return -EINVAL;
	for (int i = 0; i < 16; i++)
		key[i] = request[15 - i];
	return 0;
}

int emu_occlum_ioctl(unsigned long request, void *arg)
{
	char name[32];
	uint8_t *a = arg;

	snprintf(name, sizeof(name), "occlum.%lu", request & 0xff);
	int e = emu_fault(name);
	if (e)
		return e;
	switch (request) {
	case 0x80047300: /* IS_EDMM_SUPPORTED */
	case 0x80047306: /* DETECT_DCAP_DRIVER */
		put32(a, 1);
		return 0;
	case 0x80047301: /* GET_EPID_GROUP_ID */
		put32(a, 0x0b);
		return 0;
	case 0xc0807302:
		return occlum_epid(a);
	case 0x82007303: /* SELF_TARGET */
		memset(a, 0xa5, 512);
		return 0;
	case 0xc0187304:
		return occlum_report(a);
	case 0x41b07305: /* VERIFY_REPORT */
		return a[416] == 0xa5 ? 0 : -EINVAL;
	case 0x80047307: /* GET_DCAP_QUOTE_SIZE */
		emu_load("EMULATE_QUOTE", &blob);
		put32(a, (uint32_t)emu_number("occlum.size", (long)blob.len));
		return 0;
	case 0xc0187308:
		return occlum_quote(a);
	case 0x80047309: /* GET_DCAP_SUPPLEMENTAL_SIZE */
		put32(a, (uint32_t)emu_number("occlum.supplemental", 64));
		return 0;
	case 0xc030730a:
		return occlum_verify(a);
	case 0xc010730b:
		return occlum_key(a);
	default:
		return -EINVAL;
	}
}

/* --- TDX guest --- */

static void put_be32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* What qgsd answers a framed request with: its header, and the quote. */
size_t emu_qgs(uint8_t *data)
{
	static uint8_t report_data[64];
	uint32_t error = (uint32_t)emu_number("qgs.error", 0);

	memcpy(report_data, data + 4 + 24 + 128, 64); /* REPORTMACSTRUCT: report data at 128 */
	if (get32(data + 4 + 4) != 0 || get32(data + 4 + 16) != 1024 ||
	    !emu_evidence(report_data, &blob))
		error = 0x12001;
	uint32_t len = error ? 0 : (uint32_t)blob.len;
	uint32_t size = 24 + len;
	put_be32(data, size);
	put32(data + 4, 1); /* version 1.0 */
	put32(data + 8, 1); /* GET_QUOTE_RESP */
	put32(data + 12, size);
	put32(data + 16, error);
	put32(data + 20, 0);
	put32(data + 24, len);
	memcpy(data + 28, blob.b, len);
	return 4 + size;
}

static int tdx_quote(const uint8_t *arg)
{
	uint8_t *buf = pointer(arg);

	if (get64(arg + 8) < 24 + 4 + 24 || get64(buf) != 1 || get32(buf + 16) != 4 + 24 + 1024)
		return -EINVAL;
	uint64_t status = (uint64_t)emu_number("tdx.status", 0);
	put64(buf + 8, status);
	if (status == 0)
		put32(buf + 20, (uint32_t)emu_qgs(buf + 24));
	if (emu_number("tdx.length", 0))
		put32(buf + 20, 0x7fffffff);
	return 0;
}

int emu_tdx_ioctl(unsigned long request, void *arg)
{
	uint8_t *a = arg;
	int e;

	switch (request) {
	case 0xc4405401: /* TDX_CMD_GET_REPORT0 */
		e = emu_fault("tdx.report");
		if (e)
			return e;
		memset(a + 64, 0, 1024);
		a[64] = 0x81;
		memcpy(a + 64 + 128, a, 64);
		return 0;
	case 0x80105404:
	case 0xc0105404: /* GET_QUOTE of two older drivers */
		if (!emu_word("tdx.driver", request == 0x80105404 ? "older" : "v3"))
			return -ENOTTY;
		e = emu_fault("tdx.quote");
		return e ? e : tdx_quote(a);
	default:
		return -ENOTTY;
	}
}

/* --- SEV-SNP guest --- */

static int vmm_error(uint8_t *arg, uint32_t vmm, uint32_t firmware)
{
	put64(arg + 24, (uint64_t)vmm << 32 | firmware);
	return -EIO;
}

static int snp_response(uint8_t *arg, const uint8_t *req)
{
	uint8_t *resp = pointer(arg + 16);

	if (arg[0] == 0 || !req || !resp)
		return -EINVAL;
	if (emu_number("sev.busy", 0))
		return vmm_error(arg, 2, 0);
	uint32_t firmware = (uint32_t)emu_number("sev.firmware", 0);
	if (firmware)
		return vmm_error(arg, 0, firmware);
	for (int i = 68; i < 96; i++)
		if (req[i])
			return -EINVAL;
	if (!emu_snp_report(req, &blob))
		return -EIO;
	memset(resp, 0, 4000);
	put32(resp, (uint32_t)emu_number("sev.status", 0));
	put32(resp + 4, (uint32_t)emu_number("sev.size", 1184));
	memcpy(resp + 32, blob.b, 1184);
	return 0;
}

static int snp_extended(uint8_t *arg)
{
	static struct emu_blob certs;
	uint8_t *req = pointer(arg + 8);
	uint32_t len = get32(req + 104);

	if (len % 4096 || len > (uint32_t)emu_number("sev.most", 1 << 20))
		return -EINVAL;
	emu_load("EMULATE_CERTS", &certs);
	uint32_t need = (uint32_t)emu_number("sev.need", (long)((certs.len + 4095) / 4096 * 4096));
	if (len < need) {
		put32(req + 104, need);
		return vmm_error(arg, 1, 0);
	}
	int e = snp_response(arg, req);
	if (e == 0)
		memcpy(pointer(req + 96), certs.b, certs.len);
	return e;
}

int emu_sev_ioctl(unsigned long request, void *arg)
{
	int e;

	switch (request) {
	case 0xc0205300: /* SNP_GET_REPORT */
		e = emu_fault("sev.report");
		return e ? e : snp_response(arg, pointer((uint8_t *)arg + 8));
	case 0xc0205302: /* SNP_GET_EXT_REPORT */
		e = emu_fault("sev.ext");
		return e ? e : snp_extended(arg);
	default:
		return -ENOTTY;
	}
}
