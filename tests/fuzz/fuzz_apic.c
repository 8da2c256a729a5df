// SPDX-License-Identifier: Apache-2.0
/*
 * The virtual APICs under libFuzzer: four VPs that write their registers, send, take and end
 * interrupts, switch modes and scribble on their assist pages. After each operation every APIC is
 * in a state that it can be in.
 *
 * An input is operations of a byte each (bits 5:4: the VP) and what they take:
 *   0  write a register: offset in the page / 16, where within it, eight bytes
 *   1  read one: offset in the page / 16, where within it
 *   2  a device's interrupt: vector, whether it is a level
 *   3  the VP is about to be entered: whether it is open
 *   4  it ends an interrupt    5  time goes on by three bytes, and timers expire
 *   6  IA32_APIC_BASE is written: the two bytes with the modes; or INIT
 *   7  the word of the assist page, and whether the page is enabled
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apic_fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reader {
	const uint8_t *data;
	size_t left;
};

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static uint64_t take(struct reader *r, unsigned int bytes)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < bytes && r->left > 0; i++, r->left--)
		value |= (uint64_t)*r->data++ << (8 * i);
	return value;
}

static void write_register(struct vp *vp, struct reader *r)
{
	uint32_t reg = (uint32_t)take(r, 1), within = (uint32_t)take(r, 1);
	uint64_t value = take(r, 8);

	apic_write_msr(vp, MSR_X2APIC_FIRST + reg, value);
	if (apic_enabled(vp) && !apic_is_x2apic(vp))
		apic_write_page(vp, reg * 16 + within % 16, within / 16 % 8 + 1, value);
}

static void read_register(struct vp *vp, struct reader *r)
{
	uint32_t reg = (uint32_t)take(r, 1), within = (uint32_t)take(r, 1);
	uint64_t value;

	apic_read_msr(vp, MSR_X2APIC_FIRST + reg, &value);
	if (apic_enabled(vp) && !apic_is_x2apic(vp))
		apic_read_page(vp, reg * 16 + within % 16, within / 16 % 8 + 1);
}

/* With `back` what goes in goes back at once. */
static void enter(struct vp *vp, bool open, bool back)
{
	bool has = apic_has_interrupt(vp);
	struct apic_next next = apic_next(vp, open);

	require(next.vector == APIC_NONE || open, "an interrupt where none can go in");
	require(open || has == (next.window != APIC_NONE &&
				(uint32_t)next.window >> 4 > vp->apic.tpr >> 4),
		"a window for nothing, or none for something");
	if (next.vector == APIC_NONE)
		return;
	require(has, "an interrupt that nobody waited for");
	require(next.vector == apic_vector_highest(&vp->apic.isr),
		"in no service, or not the highest");
	require((uint32_t)next.vector >> 4 > vp->apic.tpr >> 4, "against TPR");
	if (!back)
		return;
	apic_return(vp, (uint8_t)next.vector);
	require(!apic_vector_test(&vp->apic.isr, (uint8_t)next.vector), "returned but in service");
	require(apic_has_interrupt(vp), "returned and forgotten");
}

static void write_assist(struct vp *vp, struct reader *r)
{
	uint32_t word = (uint32_t)take(r, 1);
	bool enable = take(r, 1) & 1;

	fake.assist[vp->index].apic_assist = word;
	/* As the register's write does. */
	apic_withdraw_grant(vp);
	vp->vp_assist_msr = (vp->vp_assist_msr & PAGE_MASK) |
			    (enable ? HV_X64_MSR_VP_ASSIST_PAGE_ENABLE : 0);
}

static void check(struct vp *vp)
{
	const struct vp_apic *apic = &vp->apic;
	uint64_t mode = apic->base & (APIC_BASE_ENABLE | APIC_BASE_X2APIC);

	require((apic->base & PAGE_MASK) == FAKE_APIC_BASE && mode != APIC_BASE_X2APIC, "the base");
	require(((apic->irr.word[0] | apic->isr.word[0]) & 0xffff) == 0, "vectors of exceptions");
	for (unsigned int class = 1; class < 16; class ++)
		require(__builtin_popcount(apic->isr.word[class / 2] >> class % 2 * 16 & 0xffff) <=
				1,
			"two of a class in service");
	require(apic->tpr <= 0xff, "TPR");
	require(apic_timer_next(vp) > 0, "a timer from before time");
	require(!apic->eoi_granted || apic_vector_highest(&apic->isr) != APIC_NONE,
		"leave to end nothing");
	require(mode != 0 || !apic_software_enabled(apic), "switched off, but enabled");
	for (unsigned int i = 0; i < APIC_LVT_COUNT; i++)
		require(apic_software_enabled(apic) || (apic->lvt[i] & LAPIC_LVT_MASKED),
			"disabled, but an entry is open");
}

static void operate(struct reader *r)
{
	uint8_t op = (uint8_t)take(r, 1);
	struct vp *vp = &fake.vp[op >> 4 & 3];
	uint64_t value;

	switch (op & 7) {
	case 0:
		write_register(vp, r);
		break;
	case 1:
		read_register(vp, r);
		break;
	case 2:
		value = take(r, 2);
		if (value & 0x100)
			apic_raise_level(vp, (uint8_t)MAX(value & 0xff, APIC_VECTOR_MIN));
		else
			apic_raise(vp, (uint8_t)MAX(value & 0xff, APIC_VECTOR_MIN));
		break;
	case 3:
		value = take(r, 1);
		enter(vp, value & 1, value & 2);
		break;
	case 4:
		if (!apic_fake_take_grant(vp))
			apic_eoi(vp);
		break;
	case 5:
		fake.time += take(r, 3);
		apic_timer_expire(vp, fake.time);
		require(apic_timer_next(vp) > fake.time, "a timer that is due");
		break;
	case 6:
		value = take(r, 2);
		if (value == 0xffff)
			apic_init(vp);
		else
			apic_write_base(vp, FAKE_APIC_BASE | value);
		break;
	default:
		write_assist(vp, r);
		break;
	}
	for (unsigned int i = 0; i < FAKE_VPS; i++)
		check(&fake.vp[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = {data, size};

	apic_fake_reset(false, NULL);
	fake.time = 1;
	while (r.left > 0)
		operate(&r);
	return 0;
}
