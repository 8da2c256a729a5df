// SPDX-License-Identifier: Apache-2.0
/* A logical processor: what the hypervisor keeps per CPU, reached through GS. No lock: only its own
 * CPU uses it. */
#ifndef X86_LP_H
#define X86_LP_H

#include "core/types.h"
#include "x86/cpu.h"

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

struct lp {
	struct lp *self;
	uint32_t index;
	uint32_t apic_id;
	struct vp *vp;   /* the VP it carries */
	spa_t host_save; /* the page VMRUN saves the host's state in (VM_HSAVE_PA) */
	spa_t host_vmcb; /* what VMLOAD restores after an exit */
	uint64_t gdt[5];
	struct tss tss;
};

static inline struct lp *this_lp(void)
{
	struct lp *lp;

	__asm__("mov %%gs:0, %0" : "=r"(lp));
	return lp;
}

extern struct lp boot_lp;

/* Load `lp`'s descriptor tables, task state and GS on the processor this runs on. Its stacks are
 * mapped. */
void lp_load_tables(struct lp *lp);

/* The highest address of a stack of LP `index`, 16-byte aligned. */
uint64_t lp_stack_top(uint32_t index, enum lp_stack stack);

#endif
