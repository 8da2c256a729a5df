// SPDX-License-Identifier: Apache-2.0
/*
 * Exceptions of the hypervisor itself: all of them but NMIs, and machine checks that it survives,
 * are its end (a panic with the registers). Where interrupts come in.
 */
#ifndef X86_EXCEPTION_H
#define X86_EXCEPTION_H

#include "core/types.h"

#define EXCEPTION_COUNT      32u
#define EXCEPTION_ENTRY_SIZE 16u

#define EXCEPTION_NMI 2u
#define EXCEPTION_DF  8u
#define EXCEPTION_PF  14u
#define EXCEPTION_MC  18u

/* What the entry code leaves on the stack, lowest address first. */
struct exception_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rdi, rsi, rbp, rbx, rdx, rcx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

/* EXCEPTION_COUNT entry points, EXCEPTION_ENTRY_SIZE bytes apart. */
extern const char exception_entries[];

/* Entry points of interrupts, from vector EXCEPTION_COUNT to 255, INTERRUPT_ENTRY_SIZE bytes apart:
 * interrupt_handle(). */
#define INTERRUPT_ENTRY_SIZE 8u
extern const char interrupt_entries[];

/*
 * Let all pending interrupts in, or wait for one. It is here and nowhere else that they arrive, so
 * that one with the vector of an exception is known by where it came.
 */
void interrupt_window(void);
void interrupt_rest(void);
extern const char interrupt_windows[], interrupt_windows_end[];

void exception_handle(struct exception_frame *frame);

#endif
