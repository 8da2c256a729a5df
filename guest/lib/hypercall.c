// SPDX-License-Identifier: Apache-2.0
#include "lib/hypercall.h"

#include "core/string.h"
#include "lib/trap.h"

uint8_t hypercall_in[PAGE_SIZE] __aligned(PAGE_SIZE);
uint8_t hypercall_out[PAGE_SIZE] __aligned(PAGE_SIZE);

void *hypercall_prepare(void)
{
	memset(hypercall_in, 0, sizeof(hypercall_in));
	memset(hypercall_out, 0xee, sizeof(hypercall_out));
	return hypercall_in;
}

uint64_t hypercall_at(uint64_t control, uint64_t input_gpa, uint64_t output_gpa)
{
	struct hypercall_regs regs = {.rcx = control, .rdx = input_gpa, .r8 = output_gpa};

	hypercall_execute(&regs, vmmcall_code);
	return regs.rax;
}

uint64_t hypercall(uint64_t control)
{
	return hypercall_at(control, (uintptr_t)hypercall_in, (uintptr_t)hypercall_out);
}

uint64_t hypercall_fast(uint64_t control, uint64_t first, uint64_t second)
{
	return hypercall_at(control | HV_HYPERCALL_FAST_BIT, first, second);
}

static void execute(void *arg)
{
	hypercall_execute(arg, vmmcall_code);
}

unsigned int fault_hypercall(struct hypercall_regs *regs)
{
	return fault_call(execute, regs);
}
