// SPDX-License-Identifier: Apache-2.0
/*
 * Virtual processors. After an exit the whole visible state of a VP is here; what only the
 * processor's vendor understands stands behind `arch` (x86/svm).
 */
#ifndef PARTITION_VP_H
#define PARTITION_VP_H

#include "apic/apic.h"
#include "core/list.h"
#include "core/spinlock.h"
#include "core/types.h"
#include "synic/synic.h"

struct hv_message;
struct hv_vp_register_page;
struct hv_x64_segment_register;
struct instruction;
struct lp;
struct partition;
struct vp_arch;

struct vp_regs {
	union {
		struct {
			uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
			uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
		};
		uint64_t general[16]; /* the same, as instructions encode them */
	};
	uint64_t rip, rflags;
};
_Static_assert(offsetof(struct vp_regs, rip) == sizeof(((struct vp_regs *)0)->general), "one each");

/* What a VP can be asked from elsewhere. */
#define VP_REQUEST_INIT          1u
#define VP_REQUEST_STARTUP       2u
#define VP_REQUEST_NMI           4u
#define VP_REQUEST_INTERRUPT     8u  /* its APIC has a new request */
#define VP_REQUEST_TIMER         16u /* a timer of it was set, or has expired */
#define VP_REQUEST_MACHINE_CHECK 32u
#define VP_REQUEST_FLUSH         64u  /* forget translations before the next entry */
#define VP_REQUEST_EXTINT        256u /* its parent has an interrupt for it that an 8259 sends */
#define VP_REQUEST_YIELD         128u /* of a child: somebody wants to look at it, or stop it */

/* Who may touch what is in a child's VP: whoever has taken it (scheduler/scheduler.h). */
enum vp_owner {
	VP_OWNER_NONE,
	VP_OWNER_DISPATCH, /* a processor runs it */
	VP_OWNER_ACCESS,   /* a hypercall reads or changes it */
};

/* Why a child's VP stopped executing. */
enum child_exit {
	CHILD_EXIT_INTERRUPT, /* a physical one, which is nothing of its own */
	CHILD_EXIT_WINDOW,    /* it can take an interrupt, or NMI, now; it changes its priority */
	CHILD_EXIT_CPUID,
	CHILD_EXIT_MSR,
	CHILD_EXIT_HYPERCALL,
	CHILD_EXIT_MEMORY,
	CHILD_EXIT_PORT,
	CHILD_EXIT_HALT,
	CHILD_EXIT_OTHER,
	CHILD_EXIT_COUNT,
};

/* Room for the number of each hypercall's row (hypercall/table.h); 0: there is none. */
#define VP_CALLS_MAX 104u

/* Memory type range registers: kept, and of no effect. */
#define VP_MTRR_VARIABLE 8u
struct vp_mtrr {
	uint64_t def_type;
	uint64_t fixed[11];
	uint64_t variable[2 * VP_MTRR_VARIABLE]; /* base and mask of each */
};

/* What a child's VP has besides a root's. Guarded by `lock`, or its owner's, as said. */
struct vp_child {
	struct spinlock lock;
	enum vp_owner owner; /* lock */
	bool blocked;        /* lock: it could not go on; its parent waits for a signal */
	bool explicit_suspend, intercept_suspend, dispatch_suspend; /* owner's; written with lock */
	bool halted, idle;  /* owner's: waits for an interrupt; ... whatever RFLAGS.IF says */
	struct vp *carrier; /* lock: the root's VP that dispatched it last */
	struct vp *told;    /* lock: the root's VP that `signal` was sent to last, or NULL */
	uint64_t signals;   /* lock: HV_REGISTER_VP_ROOT_SIGNAL_COUNT */
	struct guest_message signal; /* what its parent is told then; its own lock: the SynIC's */
	void *xsave;    /* owner's: vector and other extended state, while it does not run */
	uint64_t dr[4]; /* ... DR0 to DR3 */
	uint64_t xcr0, xss, tsc_aux, spec_ctrl;
	struct vp_mtrr mtrr;       /* owner's */
	uint64_t deliverability;   /* owner's: HV_REGISTER_DELIVERABILITY_NOTIFICATIONS */
	struct apic_vectors ended; /* owner's: level-triggered ones that its parent is to hear of */
	bool any_ended;
	bool shut_down;                   /* owner's: its parent is to hear that it cannot go on */
	const struct lp *last_lp;         /* owner's: where its translations may still be */
	uint64_t serial;                  /* which of all VPs there ever were; fixed */
	uint64_t exits[CHILD_EXIT_COUNT]; /* owner's, as are the calls that it made; others look */
	uint64_t calls[VP_CALLS_MAX];
};

struct vp {
	struct vp_regs regs;
	struct partition *partition;
	uint32_t index;
	struct vp_arch *arch;
	struct vp_apic apic;
	struct vp_synic synic;
	struct lp *lp;           /* the processor it runs on: the root's for good, a child's while
				    dispatched */
	uint32_t requests;       /* VP_REQUEST_ bits (vp_request) */
	uint32_t startup_vector; /* of VP_REQUEST_STARTUP */
	bool waits_for_startup; /* stopped by INIT or never started; written by its own processor */
	bool nmi_pending;       /* a non-maskable interrupt is to go in; by its own processor */
	bool machine_check_pending; /* a machine check is; the same */
	struct vp_child child;
	struct list timer_link; /* in the timers of timer_lp, if that is not NULL */
	struct lp *timer_lp;
	uint64_t deadline;      /* the machine's reference time at which a timer of it expires */
	uint64_t vp_assist_msr; /* HV_X64_MSR_VP_ASSIST_PAGE */
	spa_t assist_page;      /* ... and its page, the hypervisor's; fixed */
	uint64_t *stats; /* its statistics page (partition/stats.h), or NULL; changes with the stats
			    lock, the partition's and child.lock held */
	/* Of a child's, shared with its parent (partition/state_page.h), or NULL; by the
	 * partition's lock. */
	void *register_page; /* struct hv_vp_register_page */
	void *message_page;  /* struct hv_message: the last intercept */
};

/*
 * The new value of a page register (hypercall, TSC page, assist, SynIC pages) of a partition whose
 * pages the hypervisor places, the root: bits 63:12 stay, the low ones are the partition's.
 */
static inline uint64_t vp_placed_page_register(uint64_t old, uint64_t value)
{
	return (old & PAGE_MASK) | (value & ~PAGE_MASK);
}

/*
 * Ask `bits` (VP_REQUEST_) of `vp`: it sees them before it executes its next instruction, wherever
 * it is. Any processor, any lock held.
 */
void vp_request(struct vp *vp, uint32_t bits);

/*
 * True if a processor executes `vp`, of a child, or is about to: from then on the partition is not
 * finalized and the VP not removed. It becomes so with the partition's lock held, in the state
 * PARTITION_INITIALIZED. Holds that lock, takes child.lock: who has just let go of the VP does not
 * look at it any more.
 */
bool vp_is_dispatched(struct vp *vp);

/*
 * End `vp`, of a child, whose lock is held: everything that was allocated for it goes back into the
 * pool of its partition, the VP last. It is not dispatched, and the partition does not know it any
 * more; its state pages and statistics page are gone already.
 */
void vp_destroy(struct vp *vp);

/*
 * When the next of the VP's timers expires (synic_timer_next(), apic_timer_next()) may have
 * changed. Own processor.
 */
void vp_timer_changed(struct vp *vp);

/* `vp` has no timers any more: it is about to be deleted. It does not run. */
void vp_forget_timers(struct vp *vp);

/*
 * Do what was asked of `vp`, which has left. Returns when it can run. Own processor.
 */
void vp_handle_requests(struct vp *vp);

/*
 * Let the processor rest until `vp` has an interrupt to take (if RFLAGS.IF allowed it), a
 * non-maskable one, or INIT. Own processor.
 */
void vp_idle(struct vp *vp);

/*
 * The VP's APIC says: `vector` has ended (what it began with, a level or since then an edge too, it
 * does not know); it takes interrupts again; entry `lvt` (enum apic_lvt) of the local vector table
 * has a new value; the whole table is about to be reset. Own processor.
 */
void vp_interrupt_ended(struct vp *vp, uint8_t vector);
void vp_apic_enabled(struct vp *vp);
void vp_apic_lvt_changed(struct vp *vp, unsigned int lvt, uint32_t value);
void vp_apic_lvt_reset(struct vp *vp);

/*
 * The VP takes an interrupt from outside: ask the 8259 for its vector. Returns APIC_NONE if it has
 * none any more. Own processor.
 */
int vp_acknowledge_extint(struct vp *vp);

/* True if the VP's APIC has x2APIC mode. */
bool vp_has_x2apic(const struct vp *vp);

/* Take the requests of the root's `vp` that change nothing but what goes into it next. Own
 * processor. */
void vp_take_light_requests(struct vp *vp);

/* Take all requests of a child's `vp`, which is owned, and do what they say. Returns them. */
uint32_t vp_take_child_requests(struct vp *vp);

/* Exception vectors that the hypervisor raises in a VP. */
#define VECTOR_UD 6u
#define VECTOR_GP 13u

/* What follows is implemented over the vendor's virtual machine control block. The VP is not
 * running. What looks at a child's instruction takes its partition's lock: vp_advance(),
 * vp_length(), vp_decode(), vp_instruction_bytes(). */

/* Current privilege level, 0..3. */
unsigned int vp_cpl(const struct vp *vp);
/* True in protected mode (CR0.PE), long mode included. */
bool vp_protected_mode(const struct vp *vp);
/* True when executing 64-bit code (EFER.LMA and CS.L). */
bool vp_long_mode(const struct vp *vp);

/*
 * Step over the instruction at RIP, `length` bytes (1..15) without prefixes, and over those that it
 * has; ends an interrupt shadow.
 */
void vp_advance(struct vp *vp, unsigned int length);

/* The same for one of `length` bytes, prefixes included. */
void vp_step(struct vp *vp, unsigned int length);

/* Decode the instruction at RIP. Returns false if it cannot be read or is none. */
bool vp_decode(struct vp *vp, struct instruction *insn);

/* Raise `vector` (VECTOR_UD, or VECTOR_GP with error code 0) at the current instruction on the next
 * entry. */
void vp_raise(struct vp *vp, unsigned int vector);

/* Segment register `name` (HV_X64_REGISTER_ES to _TR), as the interface has it. */
void vp_get_segment(const struct vp *vp, uint32_t name, struct hv_x64_segment_register *value);
void vp_set_segment(struct vp *vp, uint32_t name, const struct hv_x64_segment_register *value);

/* HV_EXECUTION_STATE_ bits. */
uint16_t vp_execution_state(const struct vp *vp);

/* True if a non-maskable interrupt, or an interrupt of high priority, could go in now. */
bool vp_nmi_open(const struct vp *vp);
bool vp_interrupt_open(const struct vp *vp);

/* Let `vp`, of a child, exit as soon as an interrupt could go in. Holds until it is entered. */
void vp_interrupt_window(struct vp *vp);

/* Up to 15 bytes of the instruction at RIP into `bytes`. Returns how many could be read. */
unsigned int vp_instruction_bytes(struct vp *vp, uint8_t *bytes);

/* The length of the instruction at RIP, which is `plain` bytes long without prefixes. */
unsigned int vp_length(struct vp *vp, unsigned int plain);

/* HV_REGISTER_PENDING_EVENT0 as its parent sets it: an exception to go in next. Returns false for
 * anything else. */
bool vp_set_pending_event(struct vp *vp, uint64_t low, uint64_t high);

/* Read or write XMM register `index` (0..5) of the VP that just exited on this processor. */
void vp_read_xmm(struct vp *vp, unsigned int index, void *value);
void vp_write_xmm(struct vp *vp, unsigned int index, const void *value);

#endif
