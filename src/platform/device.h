/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel interfaces that attesters talk to: devices, and files of configfs and /dev/attestation.
 * A call that a signal interrupts is made again; a reading goes on until the end of the file. */
#ifndef ATT_PLATFORM_DEVICE_H
#define ATT_PLATFORM_DEVICE_H

#include "attest/base.h"
#include "base/buf.h"

/* What these return: 0, or what errno said. */

int att_sys_open(const char *path, int flags, int *fd) ATT_MUST_USE;
void att_sys_close(int *fd);
#define att_auto_fd __attribute__((cleanup(att_sys_close)))

int att_sys_ioctl(int fd, unsigned long request, void *arg) ATT_MUST_USE;

/* Appends the file's whole content to `out`; EFBIG when that is more than `max` bytes, ENOMEM. */
int att_sys_read_file(const char *path, size_t max, att_buf *out) ATT_MUST_USE;

/* Writes the bytes in one call, as kernel attributes want them; a short write is EIO. */
int att_sys_write_file(const char *path, att_bytes in) ATT_MUST_USE;

int att_sys_mkdir(const char *path) ATT_MUST_USE;
int att_sys_rmdir(const char *path) ATT_MUST_USE;

/* Is there anything at this path, and of this type (S_IFDIR, S_IFCHR; 0: any)? */
bool att_sys_there(const char *path, unsigned type);

/* "PATH: what errno said, REMEDY" as a failure: ATT_E_UNAVAILABLE when nothing answers there
 * (ENOENT, ENXIO, ENODEV, ENOTDIR, ENOTTY) or it is busy, ATT_E_NOMEM, ATT_E_FORMAT when it is too
 * large, else ATT_E_IO. `remedy` may be NULL. */
att_rc att_sys_fail(att_err *err, int error, const char *what, const char *remedy);

/* Waiting out a busy interface: each call to att_pause() waits twice as long as the one before,
 * until the sum is `limit_ms`; then it says false at once. */
struct att_pause {
	unsigned limit_ms;
	unsigned next_ms;
	unsigned spent_ms;
};
struct att_pause att_pause_within(unsigned limit_ms);
bool att_pause(struct att_pause *p) ATT_MUST_USE;

#endif
