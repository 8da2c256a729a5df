// SPDX-License-Identifier: Apache-2.0
/*
 * The root's interrupt commands. Its interrupts go out by the physical APIC, which reaches its VPs
 * where they are; INIT and start-up messages are for its VPs, not for the processors, and are
 * delivered here.
 */
#include "core/counter.h"
#include "core/printk.h"
#include "intercept/intercept.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "x86/lapic.h"
#include "x86/lp.h"

COUNTER(inits, "ipi.init");
COUNTER(startups, "ipi.startup");
COUNTER(ipi_ignored, "ipi.ignored");

#define BROADCAST_X2APIC UINT32_MAX
#define BROADCAST_XAPIC  0xffu

/* True if the APIC of `vp` is addressed by `destination` in the sender's mode. */
static bool addressed(const struct vp *vp, uint32_t destination, bool logical, bool x2apic)
{
	uint32_t id = vp->lp->apic_id;

	if (destination == (x2apic ? BROADCAST_X2APIC : BROADCAST_XAPIC))
		return true;
	if (!logical)
		return id == destination;
	/* A logical id follows from the APIC id in x2APIC mode only; elsewhere it is the
	 * partition's choice. */
	return x2apic && id >> 4 == destination >> 16 && (destination & BIT(id & 15));
}

static void request(struct vp *vp, uint32_t bits, uint32_t vector)
{
	if (bits & VP_REQUEST_STARTUP)
		__atomic_store_n(&vp->startup_vector, vector, __ATOMIC_RELAXED);
	__atomic_fetch_or(&vp->requests, bits, __ATOMIC_SEQ_CST);
	lp_kick(vp->lp);
}

/* INIT and start-up go to every VP but the sender that the command addresses. */
static void deliver(struct vp *sender, uint32_t command, uint32_t destination)
{
	struct partition *p = sender->partition;
	uint64_t shorthand = command & LAPIC_ICR_SHORTHAND;
	bool init = (command & LAPIC_ICR_MODE) == LAPIC_ICR_MODE_INIT;

	counter_inc(init ? &inits : &startups);
	for (uint32_t i = 0; i < PARTITION_MAX_VPS; i++) {
		struct vp *vp = __atomic_load_n(&p->vps[i], __ATOMIC_ACQUIRE);
		bool hit = shorthand == LAPIC_ICR_ALL || shorthand == LAPIC_ICR_ALL_BUT_SELF;

		if (!vp || vp == sender)
			continue;
		if (shorthand == 0)
			hit = addressed(vp, destination, command & LAPIC_ICR_LOGICAL,
					lapic_is_x2apic());
		if (hit)
			request(vp, init ? VP_REQUEST_INIT : VP_REQUEST_STARTUP,
				command & LAPIC_ICR_VECTOR);
	}
}

bool intercept_ipi(struct vp *vp, uint64_t value)
{
	uint32_t command = (uint32_t)value;
	uint32_t destination = (uint32_t)(value >> 32);

	if (!lapic_is_x2apic())
		destination >>= 24;
	switch (command & LAPIC_ICR_MODE) {
	case LAPIC_ICR_MODE_INIT:
		/* The de-assert of old processors does nothing. */
		if ((command & LAPIC_ICR_LEVEL) && !(command & LAPIC_ICR_ASSERT))
			return true;
		deliver(vp, command, destination);
		return true;
	case LAPIC_ICR_MODE_STARTUP:
		deliver(vp, command, destination);
		return true;
	case LAPIC_ICR_MODE_SMI:
		counter_inc(&ipi_ignored);
		printk(LOG_DEBUG, "ipi: SMI from root VP %u ignored", vp->index);
		return true;
	default:
		return lapic_write_icr(value);
	}
}
