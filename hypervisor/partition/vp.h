// SPDX-License-Identifier: Apache-2.0
/*
 * Virtual processors. After an exit the whole visible state of a VP is here; what only the
 * processor's vendor understands stands behind `arch` (x86/svm).
 */
#ifndef PARTITION_VP_H
#define PARTITION_VP_H

#include "core/types.h"
#include "synic/synic.h"

struct lp;
struct partition;
struct vp_arch;

struct vp_regs {
	uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rip, rflags;
};

/* What a VP can be asked from elsewhere. */
#define VP_REQUEST_INIT    1u
#define VP_REQUEST_STARTUP 2u

struct vp {
	struct vp_regs regs;
	struct partition *partition;
	uint32_t index;
	struct vp_arch *arch;
	struct vp_synic synic;
	struct lp *lp;           /* the processor it runs on, for good */
	uint32_t requests;       /* VP_REQUEST_ bits; set by any processor, which then kicks */
	uint32_t startup_vector; /* of VP_REQUEST_STARTUP */
	bool waits_for_startup; /* stopped by INIT or never started; written by its own processor */
	uint64_t vp_assist_msr; /* HV_X64_MSR_VP_ASSIST_PAGE */
	uint64_t *stats; /* its statistics page (partition/stats.h), or NULL; guarded by the stats
			    lock */
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
 * When the next of the VP's timers expires (synic_timer_next()) may have changed. Called on the VP's
 * own processor, or elsewhere while it is stopped.
 */
void vp_timer_changed(struct vp *vp);

/* Exception vectors that the hypervisor raises in a VP. */
#define VECTOR_UD 6u
#define VECTOR_GP 13u

/* What follows is implemented over the vendor's virtual machine control block. The VP is not
 * running. */

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

/* Raise `vector` (VECTOR_UD, or VECTOR_GP with error code 0) at the current instruction on the next
 * entry. */
void vp_raise(struct vp *vp, unsigned int vector);

/* Read or write XMM register `index` (0..5) of the VP that just exited on this processor. */
void vp_read_xmm(struct vp *vp, unsigned int index, void *value);
void vp_write_xmm(struct vp *vp, unsigned int index, const void *value);

#endif
