// SPDX-License-Identifier: Apache-2.0
#include "lib/trap.h"

#include "core/string.h"
#include "lib/layout.h"
#include "x86/cpu.h"

/* An interrupt gate of 64-bit mode (APM volume 2, 4.8.4). */
struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist;
	uint8_t type;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};
_Static_assert(sizeof(struct gate) == 16, "a gate");

#define GATE_INTERRUPT 0x8e
#define GATE_USER      0xee
/* Distance of the stubs in trap_entry.S. */
#define STUB_SIZE      16u

extern char trap_stubs[];

void trap_dispatch(struct trap_frame *frame);
void fault_resume(void);
void user_enter(void *call);

/* Where the innermost fault_call() goes on; see trap_entry.S. */
extern uint64_t fault_context;

struct fault fault;

static struct gate idt[VECTOR_COUNT] __aligned(16);
static trap_handler *handlers[VECTOR_COUNT];

void trap_gate(unsigned int vector, const void *entry)
{
	uintptr_t code = entry ? (uintptr_t)entry
			       : (uintptr_t)trap_stubs + (uintptr_t)vector * STUB_SIZE;

	idt[vector] = (struct gate){
		.offset_low = (uint16_t)code,
		.selector = CODE64,
		.ist = vector == VECTOR_NMI || vector == VECTOR_DF,
		.type = vector == VECTOR_USER_RETURN ? GATE_USER : GATE_INTERRUPT,
		.offset_middle = (uint16_t)(code >> 16),
		.offset_high = (uint32_t)(code >> 32),
	};
}

void trap_init(void)
{
	struct __packed {
		uint16_t limit;
		uint64_t base;
	} pointer = {sizeof(idt) - 1, (uintptr_t)idt};

	for (unsigned int i = 0; i < VECTOR_COUNT; i++)
		trap_gate(i, NULL);
	__asm__ volatile("lidt %0" : : "m"(pointer));
}

void trap_handle(unsigned int vector, trap_handler *handler)
{
	handlers[vector] = handler;
}

void trap_dispatch(struct trap_frame *frame)
{
	if (handlers[frame->vector]) {
		handlers[frame->vector](frame);
		return;
	}
	if (fault_context == 0)
		trap_unexpected(frame);
	fault = (struct fault){
		.vector = (unsigned int)frame->vector,
		.error = frame->error,
		.rip = frame->rip,
		.cs = frame->cs,
		.rflags = frame->rflags,
		.cr2 = read_cr2(),
	};
	frame->rax = frame->vector;
	frame->rip = (uintptr_t)fault_resume;
	frame->cs = CODE64;
	frame->ss = DATA;
	frame->rsp = fault_context;
	frame->rflags = RFLAGS_FIXED;
}

struct user_call {
	void (*fn)(void *);
	void *arg;
};

unsigned int user_call(void (*fn)(void *), void *arg)
{
	struct user_call call = {fn, arg};
	unsigned int vector = fault_call(user_enter, &call);

	return vector == VECTOR_USER_RETURN ? FAULT_NONE : vector;
}

/* An access to a register or to memory. */
struct access {
	uint64_t address;
	uint64_t value;
};

static void do_rdmsr(void *arg)
{
	struct access *a = arg;

	a->value = rdmsr((uint32_t)a->address);
}

static void do_wrmsr(void *arg)
{
	const struct access *a = arg;

	wrmsr((uint32_t)a->address, a->value);
}

static void do_read(void *arg)
{
	struct access *a = arg;

	a->value = *(volatile uint64_t *)a->address;
}

static void do_write(void *arg)
{
	const struct access *a = arg;

	*(volatile uint64_t *)a->address = a->value;
}

static void do_execute(void *arg)
{
	const struct access *a = arg;

	((void (*)(void))a->address)();
}

unsigned int fault_rdmsr(uint32_t msr, uint64_t *value)
{
	struct access a = {.address = msr};
	unsigned int vector = fault_call(do_rdmsr, &a);

	*value = a.value;
	return vector;
}

unsigned int fault_wrmsr(uint32_t msr, uint64_t value)
{
	return fault_call(do_wrmsr, &(struct access){msr, value});
}

unsigned int fault_read(uint64_t address, uint64_t *value)
{
	struct access a = {.address = address};
	unsigned int vector = fault_call(do_read, &a);

	*value = a.value;
	return vector;
}

unsigned int fault_write(uint64_t address, uint64_t value)
{
	return fault_call(do_write, &(struct access){address, value});
}

unsigned int fault_execute(uint64_t address)
{
	return fault_call(do_execute, &(struct access){.address = address});
}
