// SPDX-License-Identifier: Apache-2.0
/*
 * Logical processors: what the hypervisor keeps per CPU, reached through GS, and how one gets
 * another to look up from what it does.
 */
#ifndef X86_LP_H
#define X86_LP_H

#include "apic/apic.h"
#include "core/list.h"
#include "core/spinlock.h"
#include "core/types.h"
#include "x86/cpu.h"

struct gpa_space;
struct hypercall_buffers;
struct processors;
struct vp;

/* The 64-bit task state segment (APM volume 2, 12.2.5). */
struct __packed tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t iopb;
};
_Static_assert(sizeof(struct tss) == 104, "APM 12.2.5");

/* Stacks of an LP: where it runs, and one for each event that may come at a bad moment. */
enum lp_stack {
	LP_STACK_MAIN,
	LP_STACK_DOUBLE_FAULT,
	LP_STACK_NMI,
	LP_STACK_MACHINE_CHECK,
	LP_STACK_COUNT,
};

/* What an LP is doing, as far as others must know to reach it. */
enum lp_mode {
	LP_HOST,  /* executes hypervisor code; will look at requests before it leaves that */
	LP_GUEST, /* executes a VP, or is about to: an interrupt brings it back */
	LP_IDLE,  /* waits, interruptible */
};

/* An LP's index before the root has named it. */
#define LP_UNNAMED UINT32_MAX

struct lp {
	/* Written by its own CPU, or before that runs. */
	struct lp *self;
	uint32_t number; /* in the order of start: 0 is the boot processor */
	uint32_t apic_id;
	bool online;                            /* set once, by itself, when it has come up */
	bool extint;                            /* an 8259 may interrupt (x86/interrupt.c) */
	bool taken;                             /* an interrupt came since this was cleared */
	int extint_vector;                      /* what the 8259 said */
	struct apic_vectors level, level_ended; /* in service in the physical APIC; of these, ended
						   by the root */
	uint64_t timer_deadline; /* reference time the timer is set to, or UINT64_MAX */
	spa_t host_save;         /* the page VMRUN saves the host's state in (VM_HSAVE_PA) */
	spa_t host_vmcb;         /* what VMLOAD restores after an exit */
	struct hypercall_buffers *buffers;
	uint64_t entries; /* times it went to LP_GUEST; others read */
	uint32_t mode;    /* enum lp_mode; others read */
	/* Written by any. */
	uint32_t wake;  /* there is something to look at, since it last looked */
	bool nmi_kick;  /* the next non-maskable interrupt is a kick */
	uint32_t index; /* the LP index of hypercalls; guarded by the root partition's lock */
	struct vp *vp;  /* the VP it carries, set once */
	struct spinlock timer_lock;
	struct list timers;  /* VPs with a deadline, which look here; guarded by timer_lock */
	struct vp *child;    /* the child's VP it runs, or NULL; others read */
	uint64_t last_child; /* the serial number of whose translations may be here; its own */
	uint64_t gdt[5];
	struct tss tss;
};

static inline struct lp *this_lp(void)
{
	struct lp *lp;

	__asm__("mov %%gs:0, %0" : "=r"(lp));
	return lp;
}

/* Memory for an LP per processor, from the piece. Boot only. */
void lp_alloc(const struct processors *processors);

/* How many LPs there are; LP `number` (below that); the one with this APIC id or this index, NULL
 * if none. */
uint32_t lp_started(void);
struct lp *lp_number(uint32_t number);
struct lp *lp_with_apic_id(uint32_t apic_id);
struct lp *lp_with_index(uint32_t index);

/* Where an application processor arrives: sets itself up, waits for a VP, runs it for ever. */
void lp_main(struct lp *lp) __noreturn;

/* Load `lp`'s descriptor tables, task state and GS on the processor this runs on. Its stacks are
 * mapped. */
void lp_load_tables(struct lp *lp);

/* The highest address of a stack of LP `number`, 16-byte aligned. */
uint64_t lp_stack_top(uint32_t number, enum lp_stack stack);

/*
 * This processor is about to run its VP. Returns false, and it must not, if there is something to
 * look at. Else, until it has come back, it sees no change to memory mappings, and lp_sync() waits
 * for it.
 */
bool lp_enter_guest(struct lp *lp);
void lp_leave_guest(struct lp *lp);

/* Wait for an interrupt; not at all if somebody has kicked this LP since it last looked. */
void lp_idle(struct lp *lp);

/* Make `lp` look at what is asked of it, wherever it is. The request is made before. */
void lp_kick(struct lp *lp);

/* Let this LP, which is `lp`, look before it enters a VP. */
static inline void lp_wake_self(struct lp *lp)
{
	__atomic_store_n(&lp->wake, 1, __ATOMIC_SEQ_CST);
}

/* The timer of `lp`, this LP, has come: the VPs whose time it is are asked to look. */
void lp_timer_expired(struct lp *lp);

/* This LP looks: what was asked before is seen after. */
static inline void lp_look(struct lp *lp)
{
	__atomic_store_n(&lp->wake, 0, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Return when every LP that was executing VPs has left, or entered again with the mappings as they
 * are now. */
void lp_sync(void);

/* Called by the handlers: a non-maskable interrupt; a machine check. Returns true if that can be
 * survived. */
void lp_nmi(struct lp *lp);
bool lp_machine_check(struct lp *lp);

/* Stop all other processors for good: the panic's last act. */
void lp_stop_others(void);

#endif
