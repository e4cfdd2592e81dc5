/* SPDX-License-Identifier: Apache-2.0 */
/* Lines to a running simulated world: what is read is written and read again to the same. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "service/world_control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct att_control c = { 0 };
	struct att_control again = { 0 };
	att_auto_buf att_buf line = { 0 };

	if (att_control_parse(att_bytes_of(data, size), &c, NULL) != ATT_OK)
		return 0;
	att_control_write(&c, &line);
	if (line.failed || line.len == 0 || line.ptr[line.len - 1] != '\n' ||
	    memchr(line.ptr, '\n', line.len - 1))
		abort();
	/* Escapes can make it longer than a line may be. */
	att_rc rc = att_control_parse(att_buf_bytes(&line), &again, NULL);
	if (rc != ATT_OK && line.len <= ATT_CONTROL_LINE_MAX)
		abort();
	if (rc == ATT_OK &&
	    (again.what != c.what || again.set_count != c.set_count || again.reset != c.reset))
		abort();
	att_control_free(&c);
	att_control_free(&again);
	return 0;
}
