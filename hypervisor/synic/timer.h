// SPDX-License-Identifier: Apache-2.0
/*
 * The four synthetic timers of a VP (TLFS, "Synthetic Timers"). They are used on the VP's own
 * processor, or while the VP is stopped; nothing but their message buffers needs a lock.
 */
#ifndef SYNIC_TIMER_H
#define SYNIC_TIMER_H

#include "core/types.h"
#include "synic/message.h"

struct vp;

#define SYNIC_TIMER_COUNT 4u

/* No deadline. */
#define SYNIC_TIMER_NEVER UINT64_MAX

/*
 * The shortest period in units of 100 ns; whoever asks for less gets this. A VP that does nothing
 * but take its timer's interrupts is of no use to anybody.
 */
#define SYNIC_TIMER_PERIOD_MIN 2000u

struct synic_timer {
	uint64_t config;               /* HV_X64_MSR_STIMERn_CONFIG */
	uint64_t count;                /* HV_X64_MSR_STIMERn_COUNT, units of 100 ns */
	uint64_t deadline;             /* reference time of the next expiration */
	uint64_t expiration;           /* what the message says; guarded by the SynIC lock */
	struct message_buffer message; /* in message mode */
};

/* Registers zero, nothing runs. The timer's message must be in no queue. */
void synic_timer_reset(struct synic_timer *timer);

/*
 * Registers HV_X64_MSR_STIMER0_CONFIG to HV_X64_MSR_STIMER3_COUNT. Return false, nothing changed,
 * where #GP(0) is due: no privilege, reserved bits, direct mode where it is not offered or with a
 * vector below 16.
 */
bool synic_timer_read_msr(struct vp *vp, uint32_t msr, uint64_t *value);
bool synic_timer_write_msr(struct vp *vp, uint32_t msr, uint64_t value);

/*
 * All four, as HV_VP_STATE_SYNTHETIC_TIMERS has them. Setting returns false, nothing changed, if a
 * configuration is none that could be written. The VP, a child's, does not run, and is owned. Takes
 * the SynIC lock.
 */
struct hv_synthetic_timers_state;
void synic_timer_get_state(struct vp *vp, struct hv_synthetic_timers_state *state);
bool synic_timer_set_state(struct vp *vp, const struct hv_synthetic_timers_state *state);

/* The reference time at which the next timer expires, or SYNIC_TIMER_NEVER. */
uint64_t synic_timer_next(const struct vp *vp);

/*
 * Expire every timer that is due at reference time `now`, each once. Afterwards none is due at
 * `now`. Takes the SynIC lock.
 */
void synic_timer_expire(struct vp *vp, uint64_t now);

#endif
