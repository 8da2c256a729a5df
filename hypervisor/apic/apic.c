// SPDX-License-Identifier: Apache-2.0
/* A root VP has its processor's APIC: what is raised in the VP is sent there. */
#include "apic/apic.h"

#include "partition/vp.h"
#include "x86/lapic.h"
#include "x86/lp.h"

void apic_raise(struct vp *vp, uint8_t vector)
{
	lapic_send(vp->lp->apic_id, (uint32_t)LAPIC_ICR_ASSERT | vector);
}

void vp_timer_changed(struct vp *vp)
{
	/* The root has the processor's timer; no partition has synthetic ones. */
	(void)vp;
}
