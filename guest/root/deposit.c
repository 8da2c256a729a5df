// SPDX-License-Identifier: Apache-2.0
/* Our own pool, which is all that the benchmarks need of root.h. */
#include "abi/hv/memory.h"
#include "lib/hypercall.h"
#include "root/root.h"

uint64_t root_withdraw(uint32_t count)
{
	struct hv_input_withdraw_memory *in = hypercall_prepare();

	in->partition_id = HV_PARTITION_ID_SELF;
	return hypercall(CONTROL_REP(HVCALL_WITHDRAW_MEMORY, count));
}

uint64_t root_deposit(unsigned int first, uint32_t count)
{
	struct hv_input_deposit_memory *in = hypercall_prepare();

	in->partition_id = HV_PARTITION_ID_SELF;
	for (uint32_t i = 0; i < count; i++)
		in->gpa_page_list[i] = machine_page(first + i) >> PAGE_SHIFT;
	return hypercall(CONTROL_REP(HVCALL_DEPOSIT_MEMORY, count));
}
