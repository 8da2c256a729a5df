// SPDX-License-Identifier: Apache-2.0
/*
 * What the APICs ask of the rest of the hypervisor, in place of which they are tested: a partition
 * of FAKE_VPS VPs, a clock, a SynIC that has opinions about vectors, a processor that notes what it
 * is told.
 */
#ifndef TESTS_HOSTED_APIC_FAKE_H
#define TESTS_HOSTED_APIC_FAKE_H

#include "abi/hv/synic.h"
#include "apic/apic.h"
#include "core/types.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "x86/cpu.h"
#include "x86/lapic.h"

#define FAKE_VPS       4u
#define FAKE_APIC_BASE 0xfee00000UL

struct apic_fake {
	struct partition partition;
	struct vp vp[FAKE_VPS];
	struct hv_vp_assist_page assist[FAKE_VPS];
	uint64_t time; /* the reference time */
	bool has_x2apic;
	bool eoi_needed[256], auto_eoi[256];
	int extint; /* what the 8259 will say */

	/* What happened since apic_fake_reset(), or since a test cleared it. */
	unsigned int ended[256];      /* ends that synic_eoi() heard of */
	unsigned int ended_here[256]; /* ... and vp_interrupt_ended() */
	unsigned int timer_changes, enables;
	unsigned int lvt_changes[APIC_LVT_COUNT], lvt_resets;
	uint32_t lvt[APIC_LVT_COUNT]; /* as last told */
};

extern struct apic_fake fake;

/*
 * All as new: the APICs enabled by software, in x2APIC mode if `x2apic`, their ids `ids` or 0 to 3;
 * assist pages enabled.
 */
void apic_fake_reset(bool x2apic, const uint32_t *ids);

/* The VP's registers by either way, as the mode has them; the write must be accepted. */
uint32_t apic_fake_read(struct vp *vp, uint32_t reg);
void apic_fake_write(struct vp *vp, uint32_t reg, uint32_t value);

/* Send the command `low` to `destination`, an id or a logical one as the mode has them. */
void apic_fake_send(struct vp *vp, uint32_t low, uint32_t destination);

/* The VP's "no EOI required" bit: look, and clear it as the VP does, saying whether it was set. */
bool apic_fake_granted(const struct vp *vp);
bool apic_fake_take_grant(struct vp *vp);

/* The requests that the VP got, and forget them. */
uint32_t apic_fake_requests(struct vp *vp);

/* True if the bit of `vector` is set in the registers from `reg` on (LAPIC_ISR, LAPIC_TMR,
 * LAPIC_IRR). */
bool apic_fake_bit(struct vp *vp, uint32_t reg, unsigned int vector);

#endif
