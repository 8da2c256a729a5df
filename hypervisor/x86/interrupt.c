// SPDX-License-Identifier: Apache-2.0
#include "x86/interrupt.h"

#include "core/counter.h"
#include "core/machine.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "x86/cpu.h"
#include "x86/exception.h"
#include "x86/lapic.h"
#include "x86/lp.h"
#include "x86/time.h"

COUNTER(device, "interrupt.device");       /* from outside, passed on */
COUNTER(level, "interrupt.level");         /* ... of these, level-triggered */
COUNTER(extint, "interrupt.extint");       /* ... from an 8259 */
COUNTER(own, "interrupt.own");             /* kicks and timers of the hypervisor */
COUNTER(spurious, "interrupt.spurious");   /* withdrawn before they were taken */
COUNTER(unclaimed, "interrupt.unclaimed"); /* that no APIC takes: levels, and illegal vectors */

void interrupt_setup(void)
{
	lapic_reset(INTERRUPT_VECTOR_SPURIOUS);
	lapic_write(LAPIC_LVT_TIMER, INTERRUPT_VECTOR);
}

static bool is_open_extint(uint32_t entry)
{
	return !(entry & LAPIC_LVT_MASKED) && (entry & LAPIC_ICR_MODE) == LAPIC_LVT_MODE_EXTINT;
}

/* Emulators notice that a mask has withdrawn a request only when the priority is written. */
static void write_pin(uint16_t reg, uint32_t value)
{
	lapic_write(reg, value);
	lapic_write(LAPIC_TPR, 0);
}

/* Hold back what comes from an 8259, or let it come again. */
static void hold_extint(struct lp *lp, bool hold)
{
	static const uint16_t pins[] = {LAPIC_LVT_LINT0, LAPIC_LVT_LINT1};
	uint32_t masked = hold ? (uint32_t)LAPIC_LVT_MASKED : 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(pins); i++)
		if (is_open_extint(lp->vp->apic.lvt[APIC_LVT_LINT0 + i]))
			write_pin(pins[i], LAPIC_LVT_MODE_EXTINT | masked);
}

bool interrupt_held_back(const struct lp *lp)
{
	int vector = apic_vector_highest(&lp->level);

	return vector != APIC_NONE && (uint32_t)vector >> 4 >= INTERRUPT_VECTOR >> 4;
}

void interrupt_take(struct lp *lp)
{
	if (!lp->extint) {
		interrupt_window();
		return;
	}
	/*
	 * To take an interrupt of an 8259 is to ask it for the vector, and that is for the VP to
	 * do when it can take it: by then it may have given it other vectors. If nothing else was
	 * there it is what wants in.
	 */
	lp->taken = false;
	hold_extint(lp, true);
	interrupt_window();
	if (lp->taken) {
		hold_extint(lp, false);
	} else {
		lp->vp->apic.extint_pending = true;
		lp->vp->apic.look = true;
	}
}

/* A child's 8259 is its parent's, which has told the vector; it may have taken it back. */
static int acknowledge_parent(struct partition *p)
{
	uint32_t asserted = __atomic_exchange_n(&p->extint, 0, __ATOMIC_SEQ_CST);

	return asserted & EXTINT_PENDING ? (int)(asserted & 0xff) : APIC_NONE;
}

int vp_acknowledge_extint(struct vp *vp)
{
	struct lp *lp = vp->lp;

	if (!partition_is_root(vp->partition))
		return acknowledge_parent(vp->partition);
	lp->extint_vector = APIC_NONE;
	if (!lp->extint)
		return APIC_NONE;
	hold_extint(lp, false);
	interrupt_window();
	hold_extint(lp, false);
	return lp->extint_vector;
}

/*
 * The timer has run down, or it was a kick. It may run down before the deadline: that can be
 * further than it counts, and the two clocks are not exactly one. Then it is set again, and after a
 * kick too: what it still counts does not tell the two apart, for emulators are known to show a
 * count that is older than the interrupt.
 */
static void expire_timer(struct lp *lp)
{
	uint64_t deadline = lp->timer_deadline;

	if (deadline == UINT64_MAX)
		return;
	lp->timer_deadline = UINT64_MAX;
	if (machine_reference_time() < deadline)
		interrupt_set_timer(lp, deadline);
	else
		lp_timer_expired(lp);
}

void interrupt_wait(struct lp *lp)
{
	if (lp->extint || interrupt_held_back(lp)) {
		interrupt_take(lp);
		expire_timer(lp);
	} else if (__atomic_load_n(&lp->wake, __ATOMIC_SEQ_CST) == 0) {
		interrupt_rest();
	}
}

void interrupt_set_timer(struct lp *lp, uint64_t deadline)
{
	uint64_t now, count;

	if (deadline == lp->timer_deadline)
		return;
	lp->timer_deadline = deadline;
	if (deadline == UINT64_MAX) {
		lapic_write(LAPIC_INITIAL_COUNT, 0);
		return;
	}
	now = machine_reference_time();
	count = deadline > now ? time_to_apic_ticks(deadline - now) : 0;
	/* One tick more, for what a division cut off; none would be no timer. */
	lapic_write(LAPIC_INITIAL_COUNT, (uint32_t)MIN(count + 1, UINT32_MAX));
}

static bool vector_test(uint32_t reg, uint8_t vector)
{
	return lapic_read(reg + vector / 32 * 16u) & 1u << vector % 32;
}

/*
 * A device's interrupt. An edge has done its work in the physical APIC; a level stays in service
 * there until the VP has dealt with the device, or it would come again at once.
 */
static void pass_on(struct lp *lp, uint8_t vector)
{
	counter_inc(&device);
	/* No APIC accepts one of these. Emulated ones do. */
	if (vector < APIC_VECTOR_MIN) {
		counter_inc(&unclaimed);
		lapic_write(LAPIC_EOI, 0);
		return;
	}
	if (!vector_test(LAPIC_TMR, vector)) {
		lapic_write(LAPIC_EOI, 0);
		if (lp->vp)
			apic_raise(lp->vp, vector);
		return;
	}
	counter_inc(&level);
	lp->level.word[vector / 32] |= 1u << vector % 32;
	/* What is not taken would only come again: it stays until it can be (vp_apic_enabled). */
	if (!lp->vp || !apic_raise_level(lp->vp, vector))
		counter_inc(&unclaimed);
}

void interrupt_handle(uint64_t number)
{
	struct lp *lp = this_lp();
	uint8_t vector = (uint8_t)number;

	lp->taken = true;
	if (vector == INTERRUPT_VECTOR) {
		counter_inc(&own);
		lapic_write(LAPIC_EOI, 0);
		expire_timer(lp);
	} else if (lp->extint && !vector_test(LAPIC_ISR, vector)) {
		/* One at a time: the next would overwrite it. */
		counter_inc(&extint);
		lp->extint_vector = vector;
		hold_extint(lp, true);
	} else if (vector == INTERRUPT_VECTOR_SPURIOUS) {
		counter_inc(&spurious);
	} else {
		pass_on(lp, vector);
	}
}

/*
 * The physical APIC ends what is highest in service, so an end that comes out of turn waits: edges
 * are not in service here, so lp->level is all there is.
 */
void interrupt_level_ended(struct lp *lp, uint8_t vector)
{
	struct apic_vectors *service = &lp->level, *ended = &lp->level_ended;
	int highest;

	ended->word[vector / 32] |= service->word[vector / 32] & 1u << vector % 32;
	while ((highest = apic_vector_highest(service)) != APIC_NONE &&
	       apic_vector_test(ended, (unsigned int)highest)) {
		uint32_t bit = 1u << highest % 32;

		service->word[highest / 32] &= ~bit;
		ended->word[highest / 32] &= ~bit;
		lapic_write(LAPIC_EOI, 0);
	}
}

void vp_interrupt_ended(struct vp *vp, uint8_t vector)
{
	if (partition_is_root(vp->partition)) {
		if (apic_vector_test(&vp->lp->level, vector))
			interrupt_level_ended(vp->lp, vector);
	} else if (apic_vector_test(&vp->apic.tmr, vector)) {
		/* The one who asserted it wants to know. */
		vp->child.ended.word[vector / 32] |= 1u << vector % 32;
		vp->child.any_ended = true;
	}
}

void vp_apic_enabled(struct vp *vp)
{
	const struct vp_apic *apic = &vp->apic;

	/* What is in service on this processor is none of a child's business. */
	if (!partition_is_root(vp->partition))
		return;
	for (unsigned int v = APIC_VECTOR_MIN; v <= UINT8_MAX; v++)
		if (apic_vector_test(&vp->lp->level, v) && !apic_vector_test(&apic->irr, v) &&
		    !apic_vector_test(&apic->isr, v))
			interrupt_level_ended(vp->lp, (uint8_t)v);
}

bool machine_vector_taken(uint8_t vector)
{
	return vector == INTERRUPT_VECTOR || vector == INTERRUPT_VECTOR_SPURIOUS;
}

/* Pins and sources of this processor that are the root's to route. */
static const struct {
	uint8_t lvt;
	uint16_t reg;
} routed[] = {
	{APIC_LVT_THERMAL, LAPIC_LVT_THERMAL},
	{APIC_LVT_PERFORMANCE, LAPIC_LVT_PERFORMANCE},
	{APIC_LVT_LINT0, LAPIC_LVT_LINT0},
	{APIC_LVT_LINT1, LAPIC_LVT_LINT1},
};

/* True if `entry` sends what the hypervisor passes on: a vector of the root's, an NMI, an 8259. */
static bool routable(unsigned int lvt, uint32_t entry)
{
	uint8_t vector = (uint8_t)entry;

	switch (entry & LAPIC_ICR_MODE) {
	case LAPIC_LVT_MODE_FIXED:
		return vector >= APIC_VECTOR_MIN && !machine_vector_taken(vector);
	case LAPIC_LVT_MODE_NMI:
		return true;
	case LAPIC_LVT_MODE_EXTINT:
		return lvt == APIC_LVT_LINT0 || lvt == APIC_LVT_LINT1;
	default:
		return false;
	}
}

/* True if `vp` is the VP that this processor carries. While VPs are built it is not. */
static bool carried(const struct vp *vp)
{
	return this_lp()->vp == vp;
}

void vp_apic_lvt_changed(struct vp *vp, unsigned int lvt, uint32_t value)
{
	if (!carried(vp))
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(routed); i++)
		if (routed[i].lvt == lvt)
			write_pin(routed[i].reg,
				  routable(lvt, value) ? value : (uint32_t)LAPIC_LVT_MASKED);
	vp->lp->extint = is_open_extint(vp->apic.lvt[APIC_LVT_LINT0]) ||
			 is_open_extint(vp->apic.lvt[APIC_LVT_LINT1]);
	vp->apic.extint_pending = vp->apic.extint_pending && vp->lp->extint;
}

void vp_apic_lvt_reset(struct vp *vp)
{
	if (!carried(vp))
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(routed); i++)
		write_pin(routed[i].reg, (uint32_t)LAPIC_LVT_MASKED);
	vp->lp->extint = false;
	/* What was in service has lost the one who would have ended it. */
	for (int vector; (vector = apic_vector_highest(&vp->lp->level)) != APIC_NONE;)
		interrupt_level_ended(vp->lp, (uint8_t)vector);
}
