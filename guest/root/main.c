// SPDX-License-Identifier: Apache-2.0
/* The test kernel that runs as the root partition: which tests, and what each of them finds. */
#include "abi/hv/memory.h"
#include "abi/hv/msr.h"
#include "abi/hv/status.h"
#include "lib/console.h"
#include "lib/hypercall.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

/* Pages that are withdrawn at a time when a test left some behind. */
#define BATCH 64u

void guest_main(void);

void root_identify(void)
{
	wrmsr(HV_X64_MSR_GUEST_OS_ID, ROOT_OS_ID);
	wrmsr(HV_X64_MSR_HYPERCALL, rdmsr(HV_X64_MSR_HYPERCALL) | HV_X64_MSR_HYPERCALL_ENABLE);
}

uint64_t root_balance(uint64_t *in_use)
{
	struct hv_input_get_memory_balance *in = hypercall_prepare();
	const struct hv_output_get_memory_balance *out = (const void *)hypercall_out;

	in->partition_id = HV_PARTITION_ID_SELF;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_GET_MEMORY_BALANCE)), HV_STATUS_SUCCESS);
	if (in_use)
		*in_use = out->pages_in_use;
	return out->pages_available;
}

/* A test gives back what it deposited; the next one shall not suffer if it did not. */
static void after(void)
{
	uint64_t in_use, available;

	root_identify();
	available = root_balance(&in_use);
	test_about("left in the memory pool");
	EXPECT_EQ(available, 0);
	EXPECT_EQ(in_use, 0);
	while (available > 0 && RESULT_REPS(root_withdraw(BATCH)) > 0)
		available = root_balance(NULL);
}

uint64_t root_option(const char *name, uint64_t otherwise)
{
	const char *p = machine_option(name);
	uint64_t value = 0;

	if (!p)
		return otherwise;
	for (; (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f'); p++)
		value = value << 4 | (uint64_t)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
	return value;
}

void guest_main(void)
{
	machine_quiet();
	console_init();
	trap_init();
	machine_exit(test_run(machine_option("tests="), root_identify, after) == 0);
}
