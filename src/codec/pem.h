/* SPDX-License-Identifier: Apache-2.0 */
/* PEM (RFC 7468, strict labels, base64 with line breaks). */
#ifndef ATT_CODEC_PEM_H
#define ATT_CODEC_PEM_H

#include "base/reader.h"

/* Reads the next PEM block with the label ("CERTIFICATE", "X509 CRL") from r, white space before it
 * skipped, and decodes it into out. `*out_len`: room before, length after. Label mismatch, text
 * between blocks, explanatory headers or a bad base64 are ATT_E_FORMAT with the absolute offset; a
 * block without its END line is ATT_E_TRUNCATED. r stays where it was after these.
 * ATT_E_MISSING when only white space (and at most one final NUL) is left. */
att_rc att_pem_next(att_reader *r, const char *label, uint8_t *out, size_t *out_len,
		    att_err *err) ATT_MUST_USE;

/* True when the text, after white space, starts with "-----BEGIN ". */
bool att_pem_looks(att_bytes in);

struct att_buf;
/* Appends one block: 64 characters a line, "\n" line ends. */
void att_put_pem(struct att_buf *b, const char *label, att_bytes der);

#endif
