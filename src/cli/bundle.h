/* SPDX-License-Identifier: Apache-2.0 */
/* The marks of a file that --save made; shared by its writer and its reader. */
#ifndef ATT_CLI_BUNDLE_H
#define ATT_CLI_BUNDLE_H

#define CLI_BUNDLE_FORMAT  "attest-bundle"
#define CLI_BUNDLE_VERSION 1

#endif
