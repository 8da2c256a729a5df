// SPDX-License-Identifier: Apache-2.0
/* Hypercalls in every form the interface has. Source: TLFS, "Hypercall Interface". */
#ifndef GUEST_HYPERCALL_H
#define GUEST_HYPERCALL_H

#include "abi/hv/hypercall.h"
#include "core/types.h"

/* All that a hypercall takes and leaves. */
struct hypercall_regs {
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rflags; /* out only */
	uint64_t xmm[16][2];
};

/*
 * Load `regs`, call the code at `entry` (the hypercall page, a copy of it, or vmmcall_code), and
 * store what the registers are then.
 */
void hypercall_execute(struct hypercall_regs *regs, const void *entry);

/* The same in 32-bit code (compatibility mode), where R8 to R15 are not looked at. */
void hypercall_execute32(struct hypercall_regs *regs);

/* VMMCALL; RET, and the instruction that hypercall_execute32() executes. */
extern const char vmmcall_code[], vmmcall_code32[];

/* The input value (control word) of a call. */
#define CONTROL(code)      ((uint64_t)(code))
#define CONTROL_FAST(code) (CONTROL(code) | HV_HYPERCALL_FAST_BIT)
#define CONTROL_VARIABLE(code, words) \
	(CONTROL(code) | (uint64_t)(words) << HV_HYPERCALL_VARHEAD_OFFSET)
#define CONTROL_REP(code, count) (CONTROL(code) | (uint64_t)(count) << HV_HYPERCALL_REP_COMP_OFFSET)
#define CONTROL_REP_START(start) ((uint64_t)(start) << HV_HYPERCALL_REP_START_OFFSET)

/* What a call answers, as results look in the result register. */
#define RESULT(status, reps) ((uint64_t)(status) | (uint64_t)(reps) << HV_HYPERCALL_REP_COMP_OFFSET)
#define RESULT_REPS(result)  ((uint32_t)((result) >> HV_HYPERCALL_REP_COMP_OFFSET))

/* Pages for input and output, zeroed by hypercall_prepare(). */
extern uint8_t hypercall_in[PAGE_SIZE], hypercall_out[PAGE_SIZE];

/* Zero the input page, fill the output page with 0xee; returns the input page. */
void *hypercall_prepare(void);

/* Memory form with the two pages; fast form with 16 bytes of input. Each returns the result. */
uint64_t hypercall(uint64_t control);
uint64_t hypercall_at(uint64_t control, uint64_t input_gpa, uint64_t output_gpa);
uint64_t hypercall_fast(uint64_t control, uint64_t first, uint64_t second);

/*
 * Memory form at level 0, or raising what it raises: the vector (FAULT_NONE: `result` is set).
 */
unsigned int fault_hypercall(struct hypercall_regs *regs);

#endif
