// SPDX-License-Identifier: Apache-2.0
/* Single instructions, each followed by RET, that the processor leaves to the hypervisor. */
#ifndef GUEST_INSTRUCTIONS_H
#define GUEST_INSTRUCTIONS_H

#include "lib/hypercall.h"

extern const char code_cpuid[], code_rdmsr[], code_wrmsr[], code_invd[], code_wbinvd[];
extern const char code_vmrun[], code_vmload[], code_vmsave[], code_stgi[], code_clgi[];
extern const char code_skinit[], code_invlpga[], code_vmcall[];
extern const char code_cpuid_prefixed[], code_rdmsr_prefixed[], code_vmmcall_prefixed[];

/* All registers of `regs` to values of their own. */
void instructions_fill(struct hypercall_regs *regs);

/* Check that all general and XMM registers are the same; of the flags those of arithmetic are not
 * compared. */
void instructions_expect_same(const struct hypercall_regs *actual,
			      const struct hypercall_regs *expected);

/* In level 0 code: STI; CPUID; CLI, the last one here. */
void code_sti_cpuid(void);
extern const char code_sti_cpuid_cli[];

/*
 * Execute the code at `entry` under single step with `regs`; `where` receives the addresses at
 * which the debug exceptions came, as many as `max`. Returns how many came.
 */
unsigned int instructions_step(struct hypercall_regs *regs, const void *entry, uint64_t *where,
			       unsigned int max);

#endif
