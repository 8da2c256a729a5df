// SPDX-License-Identifier: Apache-2.0
/*
 * The virtual local APIC of a VP: one for the root and for its children, in xAPIC mode (a page of
 * registers) and x2APIC mode (MSRs). No partition reaches a physical one. Sources: AMD64 APM volume
 * 2, chapter 16; Intel SDM volume 3A, chapter 11; TLFS, "Virtual Interrupts".
 *
 * Who may write what: any processor sets bits of irr and tmr (apic_raise and its like); everything
 * else is written by the processor that runs the VP, or while it does not run.
 */
#ifndef APIC_APIC_H
#define APIC_APIC_H

#include "core/types.h"

struct vp;

/* The timer's input clock, as HV_X64_MSR_APIC_FREQUENCY tells it: ticks per second and per unit of
 * reference time. */
#define APIC_FREQUENCY      200000000UL
#define APIC_TICKS_PER_UNIT 20u

/* Vectors below are the processor's exceptions. */
#define APIC_VECTOR_MIN 16u

/* No vector, and no time at all. */
#define APIC_NONE  (-1)
#define APIC_NEVER UINT64_MAX

enum apic_lvt {
	APIC_LVT_TIMER,
	APIC_LVT_THERMAL,
	APIC_LVT_PERFORMANCE,
	APIC_LVT_LINT0,
	APIC_LVT_LINT1,
	APIC_LVT_ERROR,
	APIC_LVT_COUNT,
};

/* A bit for each vector. */
struct apic_vectors {
	uint32_t word[8];
};

struct vp_apic {
	struct apic_vectors irr; /* requested */
	struct apic_vectors tmr; /* ... as level-triggered; what it says outlives the request */
	struct apic_vectors isr; /* in service */
	uint64_t base;           /* IA32_APIC_BASE: address, BSP, mode */
	uint32_t id;             /* all 32 bits; fixed */
	uint32_t tpr;
	uint32_t ldr; /* xAPIC mode; in the other it follows from the id */
	uint32_t dfr;
	uint32_t svr;
	uint32_t esr;    /* as last latched by a write */
	uint32_t errors; /* since then */
	uint32_t icr_low, icr_high;
	uint32_t lvt[APIC_LVT_COUNT];
	uint32_t initial_count, divide;
	uint64_t deadline;   /* of the timer, in ticks since reference time 0; APIC_NEVER: idle */
	bool eoi_granted;    /* the VP assist page says that the vector in service needs no EOI */
	bool look;           /* apic_next() may have an answer that the VP has not seen */
	bool extint_pending; /* an interrupt from outside (an 8259) waits, its vector unknown */
};

/* How apic_next() answers. */
struct apic_next {
	int vector; /* to be injected now, or APIC_NONE */
	int window; /* one waits for the VP to be able to take it: that vector, APIC_WINDOW_EXTINT
		       for one that knows no priorities, or APIC_NONE */
	bool returnable; /* the vector can go back (apic_return); not if it was an 8259's */
};
#define APIC_WINDOW_EXTINT 256

/* The state after power-on, with APIC id `id` and `base` as IA32_APIC_BASE. */
void apic_create(struct vp *vp, uint32_t id, uint64_t base);

/* What INIT does: all registers but the mode and the id. */
void apic_init(struct vp *vp);

bool apic_enabled(const struct vp *vp);   /* in any mode */
bool apic_is_x2apic(const struct vp *vp); /* in x2APIC mode */

/*
 * Raise `vector` (16..255) in `vp`, edge-triggered. Any processor, any lock held. Where its APIC
 * takes no interrupts (disabled by software) it is dropped, as an APIC does.
 */
void apic_raise(struct vp *vp, uint8_t vector);

/* The same for level-triggered ones. Returns false where it was dropped: no EOI will come. */
bool apic_raise_level(struct vp *vp, uint8_t vector);

/*
 * Deliver an interrupt from outside to the VPs of `p` that `destination` addresses: an APIC id, or
 * with `logical` a logical one. `type`: HV_X64_INTERRUPT_TYPE_; `level`: it has to be ended. Nobody
 * may have the address. Returns false for a type there is not, or a vector that is an exception's.
 * Any processor; p's VPs do not go away.
 */
struct partition;
bool apic_assert(const struct partition *p, uint32_t type, bool level, bool logical,
		 uint32_t destination, uint32_t vector);

/*
 * The interrupt to be injected into `vp`, if it can take one: `open`, RFLAGS.IF is set and there is
 * no interrupt shadow and no other event. Without `open` nothing is injected, but the answer says
 * whether there is something to wait for. With a vector the caller must inject it: it is in service
 * from now on. Own processor.
 */
struct apic_next apic_next(struct vp *vp, bool open);

/*
 * The last answer's `vector`, which was returnable, did not go in after all, and the VP has not
 * executed an instruction since: it waits again, and the next one may be another. Own processor.
 */
void apic_return(struct vp *vp, uint8_t vector);

/* True if an interrupt waits that only RFLAGS.IF may hold back. Own processor. */
bool apic_has_interrupt(struct vp *vp);

/* End of interrupt: the highest vector in service is done. Own processor. */
void apic_eoi(struct vp *vp);

/*
 * Take back the leave to end the interrupt in service without an EOI, unless it was used: then it
 * has ended. Before the VP assist page is switched off, for one. Own processor.
 */
void apic_withdraw_grant(struct vp *vp);

/*
 * Registers by their number in the page divided by 16, which is that of the MSR less 0x800. Own
 * processor. The MSR forms return false where #GP(0) is due.
 */
bool apic_read_msr(struct vp *vp, uint32_t msr, uint64_t *value);
bool apic_write_msr(struct vp *vp, uint32_t msr, uint64_t value);

/* `size` bytes (1..8) at `offset` (below 4096) of the page, in xAPIC mode. */
uint64_t apic_read_page(struct vp *vp, uint32_t offset, unsigned int size);
void apic_write_page(struct vp *vp, uint32_t offset, unsigned int size, uint64_t value);

/* IA32_APIC_BASE. The page cannot move. Returns false where #GP(0) is due. */
bool apic_write_base(struct vp *vp, uint64_t value);

/* HV_X64_MSR_ICR and HV_X64_MSR_TPR. Return false where #GP(0) is due. */
uint64_t apic_read_icr(const struct vp *vp);
bool apic_write_icr(struct vp *vp, uint64_t value);
bool apic_write_tpr(struct vp *vp, uint64_t value);

/*
 * All of the APIC at once, as HV_VP_STATE_LAPIC has it; but for the mode (IA32_APIC_BASE) and TPR
 * (CR8). Setting drops what cannot be. The VP, a child's, does not run, and is owned.
 */
struct hv_local_interrupt_controller_state;
void apic_get_state(struct vp *vp, struct hv_local_interrupt_controller_state *state);
void apic_set_state(struct vp *vp, const struct hv_local_interrupt_controller_state *state);

/* When the timer expires next, in reference time, rounded up; APIC_NEVER if it does not. */
uint64_t apic_timer_next(const struct vp *vp);

/* Do what is due at reference time `now`. */
void apic_timer_expire(struct vp *vp, uint64_t now);

/* --- within the room */

#define APIC_SVR_ENABLE BIT(8)

/* Error status (ESR). */
#define APIC_ERROR_SEND_ILLEGAL_VECTOR    BIT(5)
#define APIC_ERROR_RECEIVE_ILLEGAL_VECTOR BIT(6)
#define APIC_ERROR_ILLEGAL_REGISTER       BIT(7)

static inline bool apic_software_enabled(const struct vp_apic *apic)
{
	return __atomic_load_n(&apic->svr, __ATOMIC_RELAXED) & APIC_SVR_ENABLE;
}

static inline bool apic_vector_test(const struct apic_vectors *v, unsigned int vector)
{
	return __atomic_load_n(&v->word[vector / 32], __ATOMIC_RELAXED) & 1u << vector % 32;
}

/* The highest vector set, or APIC_NONE. */
int apic_vector_highest(const struct apic_vectors *v);

/* The processor priority: of what is in service and of TPR, whichever is higher (APM 16.6.4). */
uint32_t apic_ppr(struct vp *vp);

/* Note an error (APIC_ERROR_), which may raise the interrupt of the error LVT. */
void apic_error(struct vp *vp, uint32_t error);

/* Raise what entry `lvt` of the local vector table says. */
void apic_raise_lvt(struct vp *vp, enum apic_lvt lvt);

/* Carry out the command in the ICR's two halves (ipi.c). */
void apic_send(struct vp *vp, uint32_t command, uint32_t destination);

/* The VP has ended interrupts that the assist page let it end by itself: take note. */
void apic_settle_eoi(struct vp *vp);

/* A register by its offset in the page, of those that there are in both modes; what can be written
 * to an entry of the local vector table (registers.c). */
uint32_t apic_read_own(struct vp *vp, uint32_t reg);
uint32_t apic_lvt_defined(enum apic_lvt lvt);

/* Bits that exist. */
#define APIC_SVR_DEFINED  0x3ffu /* vector, enable, and focus checking, which does nothing */
#define APIC_DFR_RESERVED 0x0fffffffu
#define APIC_DIVIDE_BITS  0xbu
#define APIC_XAPIC_BYTE   0xff000000u /* where xAPIC mode has ids and destinations */

/* The timer's registers (timer.c). */
void apic_timer_write_count(struct vp *vp, uint32_t count);
void apic_timer_write_divide(struct vp *vp, uint32_t divide);
void apic_timer_write_lvt(struct vp *vp, uint32_t value);
uint32_t apic_timer_count(const struct vp *vp);
/* All of them, and what is left of the count. */
void apic_timer_set(struct vp *vp, uint32_t initial, uint32_t left, uint32_t divide);

#endif
