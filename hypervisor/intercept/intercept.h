// SPDX-License-Identifier: Apache-2.0
/* Exits of a VP that the hypervisor answers itself. The vendor's exit table (x86/svm) calls in
 * here. */
#ifndef INTERCEPT_INTERCEPT_H
#define INTERCEPT_INTERCEPT_H

#include "core/types.h"

struct vp;

/* Answer CPUID for the leaf in RAX and the subleaf in RCX. Does not advance. */
void intercept_cpuid(struct vp *vp);

/* What leaf `leaf` (0x40000000 to 0x400000ff) says to `partition`. */
struct cpuid_regs;
struct partition;
struct cpuid_regs intercept_synthetic_leaf(const struct partition *partition, uint32_t leaf);

/* Write EFER as the partition may. Returns false where #GP(0) is due. */
bool intercept_write_efer(struct vp *vp, uint64_t value);

/* Execute RDMSR or WRMSR on the register that RCX names, and advance; or raise #GP(0). */
void intercept_msr(struct vp *vp, bool write);

/*
 * A nested page fault of `vp` at `gpa`: if that is on the page of its APIC, do to the registers
 * what the instruction says, and advance. Returns false if it is not.
 */
bool intercept_apic_page(struct vp *vp, gpa_t gpa);

/* The VP touched what is not the partition's: refused with #GP(0), logged, counted. */
void intercept_forbidden(struct vp *vp, gpa_t gpa, bool write, bool fetch);

/* The VP shut down (triple fault). For the root that is the machine's reset. */
void intercept_shutdown(struct vp *vp);

/*
 * Native MSRs of the root that do not go straight to the processor: writes exit, and reads where
 * said. The synthetic ones lie outside what a processor can let pass and always exit. Ends with an
 * entry of count 0.
 */
struct intercept_msr_range {
	uint32_t first;
	uint32_t count;
	bool reads;
};
extern const struct intercept_msr_range intercept_root_msrs[];

#endif
