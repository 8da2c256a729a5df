// SPDX-License-Identifier: Apache-2.0
/* The local APIC of a VP. */
#ifndef APIC_APIC_H
#define APIC_APIC_H

#include "core/types.h"

struct vp;

/*
 * Raise the edge-triggered interrupt `vector` (16..255) in `vp`, and wake it. On any processor,
 * with any lock held.
 */
void apic_raise(struct vp *vp, uint8_t vector);

#endif
