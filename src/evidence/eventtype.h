/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATT_EVIDENCE_EVENTTYPE_H
#define ATT_EVIDENCE_EVENTTYPE_H

#include <stdint.h>

/* The name of an event type ("EV_SEPARATOR"); "unknown" for any other. Static. */
const char *att_event_type_name(uint32_t type);

#endif
