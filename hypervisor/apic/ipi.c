// SPDX-License-Identifier: Apache-2.0
/* Interrupt commands: from the ICR of one VP to the APICs of others. */
#include "apic/apic.h"

#include "abi/hv/interrupt.h"
#include "core/counter.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "x86/lapic.h"

COUNTER(ipis, "ipi.sent");
COUNTER(inits, "ipi.init");
COUNTER(startups, "ipi.startup");
COUNTER(nmis, "ipi.nmi");
COUNTER(ipi_ignored, "ipi.ignored");

#define BROADCAST_X2APIC UINT32_MAX
#define BROADCAST_XAPIC  0xffu
#define DFR_MODEL_SHIFT  28
#define DFR_MODEL_FLAT   0xfu

/* True if the logical destination `mda` of the sender's mode addresses `vp` (APM 16.6.1, 16.12). */
static bool logical_match(const struct vp *vp, uint32_t mda)
{
	const struct vp_apic *apic = &vp->apic;
	uint32_t logical = apic->ldr >> 24;

	if (apic_is_x2apic(vp))
		return apic->id >> 4 == mda >> 16 && (mda & 1u << (apic->id & 15));
	if (apic->dfr >> DFR_MODEL_SHIFT == DFR_MODEL_FLAT)
		return logical & mda;
	/* Clusters of four: the same one, and a member in common. */
	return (logical ^ mda) >> 4 == 0 && (logical & mda & 0xf);
}

static bool addressed(const struct vp *sender, const struct vp *vp, uint32_t command,
		      uint32_t destination)
{
	switch (command & LAPIC_ICR_SHORTHAND) {
	case LAPIC_ICR_SELF:
		return vp == sender;
	case LAPIC_ICR_ALL:
		return true;
	case LAPIC_ICR_ALL_BUT_SELF:
		return vp != sender;
	default:
		break;
	}
	if (destination == (apic_is_x2apic(sender) ? BROADCAST_X2APIC : BROADCAST_XAPIC))
		return true;
	return command & LAPIC_ICR_LOGICAL ? logical_match(vp, destination)
					   : vp->apic.id == destination;
}

/* One interrupt of any kind for `vp`. */
static void deliver(struct vp *sender, struct vp *vp, uint32_t command)
{
	switch (command & LAPIC_ICR_MODE) {
	case LAPIC_ICR_MODE_NMI:
		counter_inc(&nmis);
		vp_request(vp, VP_REQUEST_NMI);
		break;
	case LAPIC_ICR_MODE_INIT:
		if (vp == sender)
			break;
		counter_inc(&inits);
		/* An earlier start-up message meant nothing, or is undone. */
		__atomic_fetch_and(&vp->requests, ~VP_REQUEST_STARTUP, __ATOMIC_SEQ_CST);
		vp_request(vp, VP_REQUEST_INIT);
		break;
	case LAPIC_ICR_MODE_STARTUP:
		if (vp == sender)
			break;
		counter_inc(&startups);
		__atomic_store_n(&vp->startup_vector, command & LAPIC_ICR_VECTOR, __ATOMIC_RELAXED);
		vp_request(vp, VP_REQUEST_STARTUP);
		break;
	default:
		counter_inc(&ipis);
		apic_raise(vp, (uint8_t)command);
		break;
	}
}

/* Of those addressed that take interrupts at all, the one that has the least to do. */
static void deliver_lowest(struct vp *sender, uint32_t command, uint32_t destination)
{
	const struct partition *p = sender->partition;
	struct vp *best = NULL;

	for (uint32_t i = 0; i < p->vp_limit; i++) {
		struct vp *vp = partition_vp(p, i);

		if (vp && addressed(sender, vp, command, destination) &&
		    apic_software_enabled(&vp->apic) && (!best || vp->apic.tpr < best->apic.tpr))
			best = vp;
	}
	if (best)
		deliver(sender, best, command);
}

/* Commands that an APIC carries out; others are noted in the counter. */
static bool legal(struct vp *vp, uint32_t command)
{
	switch (command & LAPIC_ICR_MODE) {
	case LAPIC_ICR_MODE_FIXED:
	case LAPIC_ICR_MODE_LOWEST:
		if ((command & LAPIC_ICR_VECTOR) >= APIC_VECTOR_MIN)
			return true;
		apic_error(vp, (uint32_t)APIC_ERROR_SEND_ILLEGAL_VECTOR);
		return false;
	case LAPIC_ICR_MODE_INIT:
		/* The de-assert of old processors does nothing. */
		if ((command & LAPIC_ICR_LEVEL) && !(command & LAPIC_ICR_ASSERT))
			return false;
		return true;
	case LAPIC_ICR_MODE_NMI:
	case LAPIC_ICR_MODE_STARTUP:
		return true;
	default: /* SMI: the machine's; remote read and external interrupts: no more */
		counter_inc(&ipi_ignored);
		return false;
	}
}

void apic_send(struct vp *vp, uint32_t command, uint32_t destination)
{
	const struct partition *p = vp->partition;

	if (!legal(vp, command))
		return;
	if ((command & LAPIC_ICR_SHORTHAND) == LAPIC_ICR_SELF) {
		deliver(vp, vp, command);
		return;
	}
	if ((command & LAPIC_ICR_MODE) == LAPIC_ICR_MODE_LOWEST) {
		deliver_lowest(vp, command, destination);
		return;
	}
	for (uint32_t i = 0; i < p->vp_limit; i++) {
		struct vp *target = partition_vp(p, i);

		if (target && addressed(vp, target, command, destination))
			deliver(vp, target, command);
	}
}

/* True if an 8259 gets through to `vp`: by its pin, or past an APIC that is off. */
static bool takes_extint(const struct vp *vp)
{
	uint32_t lint0 = vp->apic.lvt[APIC_LVT_LINT0];

	return !apic_enabled(vp) ||
	       (!(lint0 & LAPIC_LVT_MASKED) && (lint0 & LAPIC_ICR_MODE) == LAPIC_LVT_MODE_EXTINT);
}

static void assert_one(struct vp *vp, uint32_t type, bool level, uint8_t vector)
{
	switch (type) {
	case HV_X64_INTERRUPT_TYPE_NMI:
		vp_request(vp, VP_REQUEST_NMI);
		break;
	case HV_X64_INTERRUPT_TYPE_INIT:
		vp_request(vp, VP_REQUEST_INIT);
		break;
	case HV_X64_INTERRUPT_TYPE_SIPI:
		__atomic_store_n(&vp->startup_vector, vector, __ATOMIC_RELAXED);
		vp_request(vp, VP_REQUEST_STARTUP);
		break;
	case HV_X64_INTERRUPT_TYPE_EXTINT:
		if (takes_extint(vp)) {
			__atomic_store_n(&vp->partition->extint, EXTINT_PENDING | vector,
					 __ATOMIC_SEQ_CST);
			vp_request(vp, VP_REQUEST_EXTINT);
		}
		break;
	default:
		if (level)
			apic_raise_level(vp, vector);
		else
			apic_raise(vp, vector);
		break;
	}
}

static bool assertable(uint32_t type, uint32_t vector)
{
	switch (type) {
	case HV_X64_INTERRUPT_TYPE_FIXED:
	case HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY:
		return vector >= APIC_VECTOR_MIN && vector <= 0xff;
	case HV_X64_INTERRUPT_TYPE_NMI:
	case HV_X64_INTERRUPT_TYPE_INIT:
		return true;
	case HV_X64_INTERRUPT_TYPE_SIPI:
	case HV_X64_INTERRUPT_TYPE_EXTINT:
		return vector <= 0xff;
	default:
		return false;
	}
}

bool apic_assert(const struct partition *p, uint32_t type, bool level, bool logical,
		 uint32_t destination, uint32_t vector)
{
	struct vp *best = NULL;

	if (!assertable(type, vector))
		return false;
	for (uint32_t i = 0; i < p->vp_limit; i++) {
		struct vp *vp = partition_vp(p, i);

		if (!vp ||
		    !(destination == BROADCAST_X2APIC ||
		      (!apic_is_x2apic(vp) && destination == BROADCAST_XAPIC) ||
		      (logical ? logical_match(vp, destination) : vp->apic.id == destination)))
			continue;
		if (type != HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY)
			assert_one(vp, type, level, (uint8_t)vector);
		else if (apic_software_enabled(&vp->apic) &&
			 (!best || vp->apic.tpr < best->apic.tpr))
			best = vp;
	}
	if (best)
		assert_one(best, HV_X64_INTERRUPT_TYPE_FIXED, level, (uint8_t)vector);
	return true;
}
