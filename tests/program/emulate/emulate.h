/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel interfaces of trusted platforms, played: what a process sees of /dev/sgx under Occlum, of
 * Gramine's /dev/attestation, of configfs-tsm, /dev/tdx_guest and /dev/sev-guest. Written from the
 * interfaces' descriptions, sharing no code with what is tested. Two fronts stand before it:
 * preload.c (functions of libc) and fuse.c.
 *
 * The environment says what machine it is:
 *   EMULATE         words: occlum gramine tsm tdx-guest vsock sev-guest, and names of empty devices
 *                   (sgx_enclave, sgx_provision)
 *   EMULATE_QUOTE   a file: the quote that is given out, with the report data put in
 *   EMULATE_REPORT  a file: the SNP report, likewise
 *   EMULATE_CERTS   a file: the SNP certificate table
 *   EMULATE_SAME    set: the files are given out as they are
 *   EMULATE_TIME    seconds since 1970, in place of the present time (preload.c)
 *   EMULATE_FAULTS  words NAME=VALUE[:COUNT]; VALUE is a number, a word or an errno's name */
#ifndef EMULATE_H
#define EMULATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#define EMU_BLOB_MAX 65536

struct emu_blob {
	uint8_t b[EMU_BLOB_MAX];
	size_t len;
};

struct emu_file {
	int kind;
	char path[256];
	struct emu_blob *content; /* of a reading */
	struct emu_blob *written;
};

/* Reads the environment anew; forgets everything. */
void emu_reset(void);

/* Is the path ours, whether anything is there or not? */
bool emu_claims(const char *path);

/* 0, or minus an errno. */
int emu_open(const char *path, int flags, struct emu_file **out);
ssize_t emu_read(struct emu_file *f, void *buf, size_t n, size_t offset);
ssize_t emu_write(struct emu_file *f, const void *buf, size_t n);
int emu_flush(struct emu_file *f); /* close() is seen */
void emu_close(struct emu_file *f);
int emu_ioctl(struct emu_file *f, unsigned long request, void *arg);
int emu_mkdir(const char *path);
int emu_rmdir(const char *path);
int emu_stat(const char *path, struct stat *st);
/* The i-th name in a folder; NULL behind the last. */
const char *emu_list(const char *path, size_t i);

/* --- For the parts --- */

bool emu_has(const char *word);
/* A fault's errno, negative, 0 when there is none (left). */
int emu_fault(const char *name);
/* A fault's number; `otherwise` when there is none. Counted ones are used up. */
long emu_number(const char *name, long otherwise);
bool emu_word(const char *name, const char *word);

/* The quote or the SNP report with these report data; false when there is no such file. */
bool emu_evidence(const uint8_t report_data[64], struct emu_blob *out);
bool emu_snp_report(const uint8_t report_data[64], struct emu_blob *out);
bool emu_load(const char *variable, struct emu_blob *out);
/* An SGX REPORT for a target: the body of the quote; the MAC begins as the target does. */
bool emu_sgx_report(const uint8_t target[512], const uint8_t report_data[64], uint8_t report[432]);

int emu_occlum_ioctl(unsigned long request, void *arg);
#define EMU_VSOCK "/dev/vsock-to-the-host" /* stands for a socket */
/* Turns the framed request at `data` into the framed answer of qgsd; its length. */
size_t emu_qgs(uint8_t *data);
int emu_tdx_ioctl(unsigned long request, void *arg);
int emu_sev_ioctl(unsigned long request, void *arg);

int emu_tsm_get(const char *entry, const char *attribute, struct emu_blob *out);
int emu_tsm_put(const char *entry, const char *attribute, const struct emu_blob *in);
int emu_tsm_mkdir(const char *entry);
int emu_tsm_rmdir(const char *entry);
bool emu_tsm_entry(const char *entry);
/* 0: no such attribute; else its mode. */
unsigned emu_tsm_attribute(const char *attribute);
const char *emu_tsm_entry_at(size_t i);
const char *emu_tsm_attribute_at(size_t i);
void emu_tsm_reset(void);

int emu_gramine_get(const char *file, struct emu_blob *out);
int emu_gramine_put(const char *file, const struct emu_blob *in);
unsigned emu_gramine_file(const char *file);
const char *emu_gramine_file_at(size_t i);
void emu_gramine_reset(void);

#endif
