/* SPDX-License-Identifier: Apache-2.0 */
/* What each peer of a server has open and may still ask: connections counted, requests by a token
 * bucket. A bounded table; the time is an argument. */
#ifndef ATT_SERVICE_PEERS_H
#define ATT_SERVICE_PEERS_H

#include "attest/base.h"

#define ATT_PEER_KEY 16

struct att_peers_limits {
	unsigned connections;    /* of one peer; 0: no limit */
	unsigned requests_per_s; /* of one peer; 0: no limit */
	unsigned burst;          /* requests at once; 0: requests_per_s */
	unsigned table;          /* peers that are remembered */
};

typedef struct att_peers att_peers;
struct att_peer;

/* ATT_E_NOMEM. */
att_rc att_peers_new(const struct att_peers_limits *limits, att_peers **out,
		     att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);
void att_peers_free(att_peers *p);

/* Counts a connection of the peer with that key: an IPv4 address and zeros, or the first 8 bytes of
 * an IPv6 address (one subscriber has a whole /64). NULL: it has too many, or the table is full of
 * peers that are connected. A peer that left is remembered as long as there is room, so that coming
 * again does not fill its bucket. */
struct att_peer *att_peers_enter(att_peers *p, const uint8_t key[static ATT_PEER_KEY],
				 int64_t now_ms) ATT_NONNULL(1);
void att_peers_leave(struct att_peer *peer) ATT_NONNULL(1);

/* Takes one request out of the peer's bucket. 0: it may ask; else the seconds until it may. */
unsigned att_peers_ask(att_peers *p, struct att_peer *peer, int64_t now_ms) ATT_NONNULL(1, 2);

#endif
