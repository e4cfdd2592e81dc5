/* SPDX-License-Identifier: Apache-2.0 */
/* A private view of the file system and of the network for this process and its children: the
 * host's own is never changed. */
#ifndef ATT_SERVICE_NAMESPACE_H
#define ATT_SERVICE_NAMESPACE_H

#include "attest/base.h"

#define ATT_NS_MOUNTS  1u
#define ATT_NS_NETWORK 2u /* with nothing but a loopback interface, which is up */

/* Moves this process, which must have one thread, into new namespaces of those kinds: plainly where
 * it may, else through a new user namespace in which its user and group are the only ones. Mounts
 * do not spread out of it from then on. ATT_E_UNAVAILABLE: the system refuses. */
att_rc att_ns_enter(unsigned kinds, att_err *err) ATT_MUST_USE;

/* Lets `source` (a file or a socket) be at `path`, whose directories need not exist: the deepest
 * that does is then covered by one that shows the same and the new. ATT_E_UNAVAILABLE. */
att_rc att_ns_graft(const char *source, const char *path, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2);

/* Covers a directory by an empty one. ATT_E_UNAVAILABLE. */
att_rc att_ns_hide(const char *path, att_err *err) ATT_MUST_USE ATT_NONNULL(1);

#endif
