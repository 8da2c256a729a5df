// SPDX-License-Identifier: Apache-2.0
/*
 * The synthetic interrupt controller of a VP: its registers and pages, the messages and event flags
 * that come in by them (TLFS, "Inter-partition communication").
 */
#ifndef SYNIC_SYNIC_H
#define SYNIC_SYNIC_H

#include "abi/hv/msr.h"
#include "abi/hv/status.h"
#include "core/machine.h"
#include "core/spinlock.h"
#include "core/types.h"
#include "synic/message.h"
#include "synic/timer.h"

#define SYNIC_SINT_COUNT 16u

struct vp;

struct vp_synic {
	struct spinlock lock; /* guards all that follows but the timers */
	/* Registers; only the VP's own processor writes them, or another while the VP is stopped.
	 */
	uint64_t scontrol;
	uint64_t siefp;
	uint64_t simp;
	uint64_t sirbp;
	uint64_t sint[SYNIC_SINT_COUNT];
	spa_t siefp_page, simp_page, sirbp_page; /* the hypervisor's; fixed */
	uint64_t auto_eoi[4]; /* bit v: an unmasked SINT with auto-EOI has vector v */
	struct message_queue queue[SYNIC_SINT_COUNT];
	uint32_t queued; /* bit n: the queue of SINT n is not empty */
	struct synic_timer timer[SYNIC_TIMER_COUNT];
	/* The ring of doorbells (ring.c). */
	uint32_t ring_head;                /* the entry to be filled next */
	struct guest_message ring_message; /* that there is something in it; by the ports lock */
};

/*
 * Where `page`, that of the register `value` (SIMP, SIEFP, SIRBP), is, or NULL while it or the
 * SynIC is disabled.
 */
static inline void *synic_page(const struct vp_synic *synic, uint64_t value, spa_t page)
{
	if (!(synic->scontrol & HV_SYNIC_CONTROL_ENABLE) || !(value & HV_X64_MSR_PAGE_ENABLE))
		return NULL;
	return spa_to_virt(page);
}

/* True if the SINT register `sint` is masked. Polling unmasks it, but it raises nothing then. */
static inline bool synic_sint_masked(uint64_t sint)
{
	return (sint & (HV_SYNIC_SINT_MASKED | HV_SYNIC_SINT_POLLING)) == HV_SYNIC_SINT_MASKED;
}

/* True if the SINT register `sint` raises its vector. */
static inline bool synic_sint_raises(uint64_t sint)
{
	return !(sint & (HV_SYNIC_SINT_MASKED | HV_SYNIC_SINT_POLLING));
}

/* The state after creation; the page registers point to the pages given, disabled. */
void synic_reset(struct vp_synic *synic, spa_t siefp, spa_t simp, spa_t sirbp);

/*
 * The VP got INIT: registers as after creation, pages cleared, timers stopped, messages that wait
 * dropped. Takes the partition's lock and the SynIC's. The VP
 * is not running.
 */
void synic_init(struct vp *vp);

/*
 * The VP, a child's, is about to be deleted: its pages are not in its partition's space any more,
 * and messages that wait are dropped. Holds the partition's lock; takes the SynIC lock.
 */
void synic_destroy(struct vp *vp);

/*
 * SCONTROL to SINT15, and the timers'. Return false, nothing changed, where #GP(0) is due: no such
 * register, no privilege, read-only, bad value. Writing takes the partition's lock and the
 * SynIC's.
 */
bool synic_read_msr(struct vp *vp, uint32_t msr, uint64_t *value);
bool synic_write_msr(struct vp *vp, uint32_t msr, uint64_t value);

/*
 * The pages of a child's VP, wherever it sees them: replace the message page by `data`, or with
 * `events` the event flags page. Takes the SynIC lock.
 */
void synic_set_page(struct vp *vp, bool events, const void *data);

/*
 * `vp` ended the interrupt `vector`: deliver what waited for that. On the VP's own processor; takes
 * the SynIC lock. Returns true if a message was delivered.
 */
bool synic_eoi(struct vp *vp, uint8_t vector);

/*
 * True if messages wait for the end of interrupt `vector`, so that it must be told. On the VP's own
 * processor. A message that begins to wait right after is announced in the slot it waits for.
 */
bool synic_eoi_needed(const struct vp *vp, uint8_t vector);

/* True if `vector` ends by itself when it is delivered: an unmasked SINT with auto-EOI has it. */
bool synic_vector_auto_eoi(const struct vp *vp, uint8_t vector);

/*
 * Put `message` (its type not HVMSG_NONE, its payload size valid) into the empty slot of `sint`
 * (0..15) of `vp`; it waits nowhere. Takes the SynIC lock. Returns HV_STATUS_SUCCESS;
 * HV_STATUS_INVALID_SYNIC_STATE: the SynIC or its message page is disabled, or the SINT masked;
 * HV_STATUS_OBJECT_IN_USE: the slot is full, or others wait for it.
 */
enum hv_status synic_post_message(struct vp *vp, unsigned int sint,
				  const struct hv_message *message);

/*
 * Set event flag `flag` (0..2047) of `sint` (0..15) of `vp`; *newly_signaled says whether it was
 * clear. Takes the SynIC lock. Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_SYNIC_STATE: the SynIC
 * or its event flags page is disabled, or the SINT masked.
 */
enum hv_status synic_signal_event(struct vp *vp, unsigned int sint, unsigned int flag,
				  bool *newly_signaled);

/*
 * Put `port_id` (not 0) into the ring of doorbells of `vp`, and tell its reader. Holds the ports
 * lock, takes the SynIC lock. Returns HV_STATUS_SUCCESS; HV_STATUS_INSUFFICIENT_BUFFERS: it is
 * full, and says so, its reader will ask for more; HV_STATUS_INVALID_SYNIC_STATE: the SynIC, its
 * message or ring page is disabled, or SINT 5 masked or not an intercept: `port_id` may be in the
 * ring, but nobody was told.
 */
enum hv_status synic_ring_append(struct vp *vp, uint32_t port_id);

/* The reader of the ring is gone; the next one begins at its start. Takes the SynIC lock. */
void synic_ring_reset(struct vp *vp);

/*
 * Which of the SINTs in the mask `sints` of `vp` could take a message now: enabled, not masked,
 * slot empty, nothing queued. A full slot says from now on that more is pending, so that its reader
 * tells when it is empty. Takes the SynIC lock.
 */
uint16_t synic_deliverable_sints(struct vp *vp, uint16_t sints);

#endif
