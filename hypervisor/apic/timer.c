// SPDX-License-Identifier: Apache-2.0
/* The timer: counts down with APIC_FREQUENCY divided, in reference time. */
#include "apic/apic.h"

#include "partition/partition.h"
#include "partition/vp.h"
#include "x86/lapic.h"

#define LVT_PERIODIC BIT(17)

/* 1, 2, 4 .. 128 ticks for one count. */
static uint32_t divisor(const struct vp_apic *apic)
{
	uint32_t code = (apic->divide & 3) | (apic->divide >> 1 & 4);

	return code == 7 ? 1 : 2u << code;
}

static uint64_t ticks_now(const struct vp *vp)
{
	return partition_reference_time(vp->partition) * APIC_TICKS_PER_UNIT;
}

static uint64_t period(const struct vp_apic *apic)
{
	return (uint64_t)apic->initial_count * divisor(apic);
}

static void start(struct vp *vp)
{
	struct vp_apic *apic = &vp->apic;

	apic->deadline = apic->initial_count == 0 ? APIC_NEVER : ticks_now(vp) + period(apic);
	vp_timer_changed(vp);
}

/* What was due before a register changes happens before. */
static void settle(struct vp *vp)
{
	apic_timer_expire(vp, partition_reference_time(vp->partition));
}

void apic_timer_write_count(struct vp *vp, uint32_t count)
{
	settle(vp);
	vp->apic.initial_count = count;
	start(vp);
}

void apic_timer_write_divide(struct vp *vp, uint32_t divide)
{
	struct vp_apic *apic = &vp->apic;
	uint32_t left;

	settle(vp);
	left = apic_timer_count(vp);
	apic->divide = divide;
	/* What is left is counted at the new pace. */
	if (apic->deadline != APIC_NEVER) {
		apic->deadline = ticks_now(vp) + (uint64_t)left * divisor(apic);
		vp_timer_changed(vp);
	}
}

void apic_timer_write_lvt(struct vp *vp, uint32_t value)
{
	/* Changing between the modes changes what happens when it expires, not when. */
	settle(vp);
	vp->apic.lvt[APIC_LVT_TIMER] = value;
}

uint32_t apic_timer_count(const struct vp *vp)
{
	const struct vp_apic *apic = &vp->apic;
	uint64_t now = ticks_now(vp);
	uint64_t left;

	if (apic->deadline == APIC_NEVER)
		return 0;
	if (now < apic->deadline) {
		left = apic->deadline - now;
	} else {
		/* It has expired, and apic_timer_expire() is on its way. */
		if (!(apic->lvt[APIC_LVT_TIMER] & LVT_PERIODIC))
			return 0;
		left = period(apic) - (now - apic->deadline) % period(apic);
	}
	return (uint32_t)((left + divisor(apic) - 1) / divisor(apic));
}

void apic_timer_set(struct vp *vp, uint32_t initial, uint32_t left, uint32_t divide)
{
	struct vp_apic *apic = &vp->apic;

	apic->divide = divide & APIC_DIVIDE_BITS;
	apic->initial_count = initial;
	apic->deadline = APIC_NEVER;
	if (initial != 0 && left != 0)
		apic->deadline = ticks_now(vp) + (uint64_t)MIN(left, initial) * divisor(apic);
	vp_timer_changed(vp);
}

uint64_t apic_timer_next(const struct vp *vp)
{
	uint64_t deadline = vp->apic.deadline;

	return deadline == APIC_NEVER ? APIC_NEVER
				      : (deadline + APIC_TICKS_PER_UNIT - 1) / APIC_TICKS_PER_UNIT;
}

void apic_timer_expire(struct vp *vp, uint64_t now)
{
	struct vp_apic *apic = &vp->apic;
	uint64_t ticks = now * APIC_TICKS_PER_UNIT;

	if (ticks < apic->deadline || apic->deadline == APIC_NEVER)
		return;
	if (apic->lvt[APIC_LVT_TIMER] & LVT_PERIODIC)
		/* Periods that were missed are: an APIC keeps no count of them either. */
		apic->deadline += ((ticks - apic->deadline) / period(apic) + 1) * period(apic);
	else
		apic->deadline = APIC_NEVER;
	apic_raise_lvt(vp, APIC_LVT_TIMER);
}
