// SPDX-License-Identifier: Apache-2.0
/*
 * Exceptions and interrupts. A test expects one by running the code that shall raise it under
 * fault_call() (or user_call(), at level 3), or takes it with a handler and goes on.
 */
#ifndef GUEST_TRAP_H
#define GUEST_TRAP_H

#include "core/types.h"

enum {
	VECTOR_DB = 1,
	VECTOR_NMI = 2,
	VECTOR_BP = 3,
	VECTOR_UD = 6,
	VECTOR_DF = 8,
	VECTOR_GP = 13,
	VECTOR_PF = 14,
	VECTOR_COUNT = 256,
	FAULT_NONE = VECTOR_COUNT, /* nothing was raised */
};

/* What an exception or interrupt interrupted, as the entry code stores it. */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

/* The last exception that ended a fault_call() or user_call(). */
struct fault {
	unsigned int vector;
	uint64_t error;
	uint64_t rip;
	uint64_t cs;
	uint64_t rflags;
	uint64_t cr2;
};
extern struct fault fault;

/* Load the interrupt descriptor table. Once, before anything else here. */
void trap_init(void);

/*
 * Run fn(arg) until it returns (FAULT_NONE) or raises what nobody handles: then its work stops
 * there, `fault` says what it was and the vector is returned. Interrupts are off afterwards. Nests.
 */
unsigned int fault_call(void (*fn)(void *), void *arg);

/* The same at privilege level 3, where the whole image may be executed, read and written. */
unsigned int user_call(void (*fn)(void *), void *arg);

/* Let `handler` (NULL: nobody again) take `vector`; it may change the frame it returns to. */
typedef void trap_handler(struct trap_frame *frame);
void trap_handle(unsigned int vector, trap_handler *handler);

/*
 * Let the code at `entry` itself (NULL: a handler again) take `vector`. It finds what the processor
 * pushed on the stack, and ends with IRETQ.
 */
void trap_gate(unsigned int vector, const void *entry);

/* What to do with an exception outside any fault_call(): says so and ends the machine. */
void trap_unexpected(const struct trap_frame *frame) __noreturn;

/* Single accesses that may fault: the vector raised, or FAULT_NONE. */
unsigned int fault_rdmsr(uint32_t msr, uint64_t *value);
unsigned int fault_wrmsr(uint32_t msr, uint64_t value);
unsigned int fault_read(uint64_t address, uint64_t *value);
unsigned int fault_write(uint64_t address, uint64_t value);
/* Call the code at `address`. */
unsigned int fault_execute(uint64_t address);

#endif
