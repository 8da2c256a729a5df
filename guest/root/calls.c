// SPDX-License-Identifier: Apache-2.0
/* How hypercalls are made, and what the dispatcher refuses. Source: TLFS, "Hypercall Interface". */
#include "abi/hv/cpuid.h"
#include "abi/hv/memory.h"
#include "abi/hv/msr.h"
#include "abi/hv/partition.h"
#include "abi/hv/status.h"
#include "abi/hv/system.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/instructions.h"
#include "root/root.h"
#include "x86/cpu.h"

#define GET_ID     CONTROL(HVCALL_GET_PARTITION_ID)
#define GET_SYSTEM CONTROL(HVCALL_GET_SYSTEM_PROPERTY)
#define SPIN_WAIT  CONTROL(HVCALL_NOTIFY_LONG_SPIN_WAIT)

static uint64_t page_of(uint32_t msr)
{
	return rdmsr(msr) & HV_X64_MSR_PAGE_ADDRESS_MASK;
}

/* Ask for the scheduler type: a call with input and output. */
static void prepare_get_system(void)
{
	struct hv_input_get_system_property *in = hypercall_prepare();

	in->property_id = HV_SYSTEM_PROPERTY_SCHEDULER_TYPE;
}

static uint64_t output_word(unsigned int index)
{
	uint64_t value;

	memcpy(&value, hypercall_out + (size_t)index * 8, 8);
	return value;
}

TEST(page_contents, "calls: the hypercall page holds VMMCALL and RET")
{
	static const uint8_t expected[] = {0x0f, 0x01, 0xd9, 0xc3};
	const uint8_t *page = (const void *)page_of(HV_X64_MSR_HYPERCALL);

	EXPECT_EQ(memcmp(page, expected, sizeof(expected)), 0);
	for (size_t i = sizeof(expected); i < PAGE_SIZE; i++)
		if (page[i] != 0xcc && page[i] != 0x90 && page[i] != 0) {
			EXPECT_EQ(page[i], 0xcc);
			break;
		}
}

TEST(any_rip, "calls: through the page, a copy of it, and an instruction of one's own")
{
	static uint8_t copy[PAGE_SIZE] __aligned(PAGE_SIZE);
	const void *page = (const void *)page_of(HV_X64_MSR_HYPERCALL);
	const void *entry[] = {page, copy, vmmcall_code};

	memcpy(copy, page, sizeof(copy));
	for (size_t i = 0; i < ARRAY_SIZE(entry); i++) {
		struct hypercall_regs r = {.rcx = GET_ID, .r8 = (uintptr_t)hypercall_out};

		hypercall_prepare();
		test_about("entry %lu", i);
		hypercall_execute(&r, entry[i]);
		EXPECT_EQ(r.rax, RESULT(HV_STATUS_SUCCESS, 0));
		EXPECT_EQ(output_word(0), 1);
		EXPECT_EQ(output_word(1), 0xeeeeeeeeeeeeeeee);
	}
}

TEST(preserved, "calls: every register but RAX is preserved")
{
	struct hypercall_regs r, before;

	prepare_get_system();
	instructions_fill(&r);
	r.rcx = GET_SYSTEM;
	r.rdx = (uintptr_t)hypercall_in;
	r.r8 = (uintptr_t)hypercall_out;
	before = r;
	hypercall_execute(&r, vmmcall_code);
	EXPECT_EQ(r.rax, RESULT(HV_STATUS_SUCCESS, 0));
	EXPECT_EQ(output_word(0), HV_SCHEDULER_TYPE_ROOT);
	before.rax = r.rax;
	instructions_expect_same(&r, &before);
}

TEST(preserved_fast, "calls: every register but RAX is preserved by a fast and by a refused call")
{
	static const uint64_t controls[] = {SPIN_WAIT | HV_HYPERCALL_FAST_BIT, 0x0ffe,
					    GET_ID | BIT(31)};

	for (size_t i = 0; i < ARRAY_SIZE(controls); i++) {
		struct hypercall_regs r, before;

		instructions_fill(&r);
		r.rcx = controls[i];
		before = r;
		hypercall_execute(&r, vmmcall_code);
		before.rax = r.rax;
		instructions_expect_same(&r, &before);
	}
}

static void user_hypercall(void *arg)
{
	hypercall_execute(arg, vmmcall_code);
}

TEST(user, "calls: undefined at level 3")
{
	struct hypercall_regs r = {.rcx = GET_ID, .r8 = (uintptr_t)hypercall_out};

	hypercall_prepare();
	EXPECT_FAULT(user_call(user_hypercall, &r), VECTOR_UD);
	EXPECT_EQ(fault.rip, (uintptr_t)vmmcall_code);
	EXPECT_EQ(output_word(0), 0xeeeeeeeeeeeeeeee);
}

TEST(no_identity, "calls: undefined before the guest named itself")
{
	struct hypercall_regs r = {.rcx = GET_ID, .r8 = (uintptr_t)hypercall_out};

	hypercall_prepare();
	wrmsr(HV_X64_MSR_GUEST_OS_ID, 0);
	EXPECT_FAULT(fault_hypercall(&r), VECTOR_UD);
	EXPECT_EQ(fault.rip, (uintptr_t)vmmcall_code);
	EXPECT_EQ(output_word(0), 0xeeeeeeeeeeeeeeee);
	root_identify();
	EXPECT_FINE(fault_hypercall(&r));
	EXPECT_EQ(r.rax, 0);
}

TEST(unknown, "calls: unknown codes, and known ones that nobody serves")
{
	static const uint16_t codes[] = {0x0000,
					 0x0005,
					 0x0fff,
					 0x4242,
					 0xffff,
					 HVCALL_SWITCH_VIRTUAL_ADDRESS_SPACE,
					 HVCALL_MODIFY_VTL_PROTECTION_MASK,
					 HVCALL_ENABLE_VP_VTL,
					 HVCALL_POST_DEBUG_DATA,
					 HVCALL_DISABLE_HYP_EX,
					 HV_EXT_CALL_QUERY_CAPABILITIES};

	hypercall_prepare();
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		test_about("code 0x%x", codes[i]);
		EXPECT_EQ(hypercall(codes[i]), HV_STATUS_INVALID_HYPERCALL_CODE);
	}
}

TEST(reserved, "calls: each reserved bit of the control word, and the nested one")
{
	for (unsigned int bit = 27; bit < 64; bit++) {
		if (!(BIT(bit) & (HV_HYPERCALL_RSVD_MASK | HV_HYPERCALL_NESTED)))
			continue;
		prepare_get_system();
		test_about("bit %u", bit);
		EXPECT_EQ(hypercall(GET_SYSTEM | BIT(bit)), HV_STATUS_INVALID_HYPERCALL_INPUT);
		EXPECT_EQ(output_word(0), 0xeeeeeeeeeeeeeeee);
	}
}

TEST(reps, "calls: rep fields that do not fit the class of the call")
{
	prepare_get_system();
	EXPECT_EQ(hypercall(GET_SYSTEM | CONTROL_REP(0, 1)), HV_STATUS_INVALID_HYPERCALL_INPUT);
	EXPECT_EQ(hypercall(GET_SYSTEM | CONTROL_REP_START(1)), HV_STATUS_INVALID_HYPERCALL_INPUT);
	EXPECT_EQ(hypercall(CONTROL_REP(HVCALL_DEPOSIT_MEMORY, 0)),
		  HV_STATUS_INVALID_HYPERCALL_INPUT);
	EXPECT_EQ(hypercall(CONTROL_REP(HVCALL_WITHDRAW_MEMORY, 3) | CONTROL_REP_START(3)),
		  HV_STATUS_INVALID_HYPERCALL_INPUT);
	EXPECT_EQ(hypercall(CONTROL_REP(HVCALL_WITHDRAW_MEMORY, 3) | CONTROL_REP_START(4)),
		  HV_STATUS_INVALID_HYPERCALL_INPUT);
}

TEST(variable, "calls: a variable header where none belongs")
{
	prepare_get_system();
	EXPECT_EQ(hypercall(GET_SYSTEM | CONTROL_VARIABLE(0, 1)),
		  HV_STATUS_INVALID_HYPERCALL_INPUT);
	EXPECT_EQ(hypercall(CONTROL_REP(HVCALL_WITHDRAW_MEMORY, 1) | CONTROL_VARIABLE(0, 1)),
		  HV_STATUS_INVALID_HYPERCALL_INPUT);
	/* One word for the mask of banks, one for each bank: 65. */
	EXPECT_EQ(hypercall(CONTROL_VARIABLE(HVCALL_MAP_DEVICE_INTERRUPT, 66)),
		  HV_STATUS_INVALID_HYPERCALL_INPUT);
}

TEST(alignment, "calls: input and output not aligned to 8 bytes")
{
	uint64_t in = (uintptr_t)hypercall_in, out = (uintptr_t)hypercall_out;

	for (unsigned int i = 1; i < 8; i++) {
		prepare_get_system();
		test_about("offset %u", i);
		EXPECT_EQ(hypercall_at(GET_SYSTEM, in + i, out), HV_STATUS_INVALID_ALIGNMENT);
		EXPECT_EQ(hypercall_at(GET_SYSTEM, in, out + i), HV_STATUS_INVALID_ALIGNMENT);
		EXPECT_EQ(output_word(0), 0xeeeeeeeeeeeeeeee);
	}
}

TEST(crossing, "calls: input and output that cross a page, or end with it")
{
	uint64_t in = (uintptr_t)hypercall_in, out = (uintptr_t)hypercall_out;
	struct hv_input_get_system_property request = {
		.property_id = HV_SYSTEM_PROPERTY_SCHEDULER_TYPE};

	hypercall_prepare();
	memcpy(hypercall_in + PAGE_SIZE - sizeof(request), &request, sizeof(request));
	EXPECT_EQ(hypercall_at(GET_SYSTEM, in + PAGE_SIZE - 8, out), HV_STATUS_INVALID_ALIGNMENT);
	EXPECT_EQ(hypercall_at(GET_SYSTEM, in + PAGE_SIZE - sizeof(request), out + PAGE_SIZE - 8),
		  HV_STATUS_SUCCESS);
	EXPECT_EQ(output_word(PAGE_SIZE / 8 - 1), HV_SCHEDULER_TYPE_ROOT);
	/* The list of pages is input, and output, too. */
	EXPECT_EQ(hypercall_at(CONTROL_REP(HVCALL_DEPOSIT_MEMORY, 512), in, 0),
		  HV_STATUS_INVALID_ALIGNMENT);
	EXPECT_EQ(hypercall_at(CONTROL_REP(HVCALL_WITHDRAW_MEMORY, 2), in, out + PAGE_SIZE - 8),
		  HV_STATUS_INVALID_ALIGNMENT);
}

TEST(outside, "calls: input and output beyond the address space")
{
	uint64_t limit = BIT(cpuid(0x80000008, 0).eax & 0xff);
	uint64_t in = (uintptr_t)hypercall_in, out = (uintptr_t)hypercall_out;
	const uint64_t list[] = {limit, limit + PAGE_SIZE, BIT(52), BIT(63), 0xfffffffffffff000};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		prepare_get_system();
		test_about("gpa 0x%lx", list[i]);
		EXPECT_EQ(hypercall_at(GET_SYSTEM, list[i], out), HV_STATUS_INVALID_ALIGNMENT);
		EXPECT_EQ(hypercall_at(GET_SYSTEM, in, list[i]), HV_STATUS_INVALID_ALIGNMENT);
	}
}

TEST(no_memory, "calls: input and output in the hypervisor's memory, in devices, in nothing")
{
	uint64_t in = (uintptr_t)hypercall_in, out = (uintptr_t)hypercall_out;
	const uint64_t list[] = {root_hidden_page(), 0xfee00000, 0xfec00000, 0x200000000};
	struct hypercall_regs r;

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		prepare_get_system();
		test_about("gpa 0x%lx", list[i]);
		r = (struct hypercall_regs){.rcx = GET_SYSTEM, .rdx = list[i], .r8 = out};
		EXPECT_FINE(fault_hypercall(&r));
		EXPECT_EQ(r.rax, HV_STATUS_INVALID_PARAMETER);
		r = (struct hypercall_regs){.rcx = GET_SYSTEM, .rdx = in, .r8 = list[i]};
		EXPECT_FINE(fault_hypercall(&r));
		EXPECT_EQ(r.rax, HV_STATUS_INVALID_PARAMETER);
	}
}

TEST(read_only, "calls: output on pages of the hypervisor that can only be read")
{
	static const uint32_t list[] = {HV_X64_MSR_HYPERCALL, HV_X64_MSR_REFERENCE_TSC};
	uint64_t in = (uintptr_t)hypercall_in;

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		uint64_t page = page_of(list[i]);
		uint64_t before = *(volatile uint64_t *)(page + 0x800);

		prepare_get_system();
		test_about("msr 0x%x", list[i]);
		EXPECT_EQ(hypercall_at(GET_SYSTEM, in, page + 0x800), HV_STATUS_INVALID_PARAMETER);
		EXPECT_EQ(*(volatile uint64_t *)(page + 0x800), before);
	}
}

TEST(ignored, "calls: addresses of parameters that the call does not have are ignored")
{
	hypercall_prepare();
	EXPECT_EQ(hypercall_at(GET_ID, 0, (uintptr_t)hypercall_out), HV_STATUS_SUCCESS);
	EXPECT_EQ(hypercall_at(GET_ID, 0xfffffffffffffff3, (uintptr_t)hypercall_out),
		  HV_STATUS_SUCCESS);
	EXPECT_EQ(hypercall_at(SPIN_WAIT, (uintptr_t)hypercall_in, 0xfffffffffffffff3),
		  HV_STATUS_SUCCESS);
}

TEST(same_page, "calls: input and output in the same page")
{
	prepare_get_system();
	EXPECT_EQ(hypercall_at(GET_SYSTEM, (uintptr_t)hypercall_in, (uintptr_t)hypercall_in + 16),
		  HV_STATUS_SUCCESS);
	EXPECT_EQ(hypercall_in[16], HV_SCHEDULER_TYPE_ROOT);
}

TEST(order, "calls: of several mistakes the one in the code, then the control word, is told")
{
	EXPECT_EQ(hypercall_at(0x4242 | BIT(31), 3, 3), HV_STATUS_INVALID_HYPERCALL_CODE);
	EXPECT_EQ(hypercall_at(GET_SYSTEM | BIT(31), 3, 3), HV_STATUS_INVALID_HYPERCALL_INPUT);
	EXPECT_EQ(hypercall_at(GET_SYSTEM, 3, 0xfee00000), HV_STATUS_INVALID_ALIGNMENT);
}

TEST(fast, "calls: fast ones take their input from registers")
{
	hypercall_prepare();
	EXPECT_EQ(hypercall_fast(SPIN_WAIT, 1000, 0), HV_STATUS_SUCCESS);
	EXPECT_EQ(hypercall_fast(CONTROL(HVCALL_NOTIFY_PARTITION_EVENT),
				 HV_PARTITION_ALL_LOGICAL_PROCESSORS_STARTED, 0),
		  HV_STATUS_SUCCESS);
	EXPECT_EQ(hypercall_fast(CONTROL(HVCALL_NOTIFY_PARTITION_EVENT), 99, 0),
		  HV_STATUS_INVALID_PARAMETER);
}

/* A fast call with more than fits two registers, with what CPUID says about XMM registers. */
static void expect_xmm(struct hypercall_regs *r, uint32_t feature, uint64_t result)
{
	unsigned int vector = fault_hypercall(r);

	if (!(cpuid(HYPERV_CPUID_FEATURES, 0).edx & feature)) {
		EXPECT_EQ(vector, VECTOR_UD);
		return;
	}
	EXPECT_EQ(vector, FAULT_NONE);
	EXPECT_EQ(r->rax, result);
}

TEST(xmm_input, "calls: input in XMM registers works where CPUID offers it, else is undefined")
{
	/* SET_SYSTEM_PROPERTY takes 72 bytes; property 0 does not exist. */
	struct hypercall_regs r = {.rcx = CONTROL_FAST(HVCALL_SET_SYSTEM_PROPERTY)};

	expect_xmm(&r, HV_X64_HYPERCALL_XMM_INPUT_AVAILABLE, HV_STATUS_UNKNOWN_PROPERTY);
}

TEST(xmm_output, "calls: output in XMM registers works where CPUID offers it, else is undefined")
{
	struct hypercall_regs r = {.rcx = CONTROL_FAST(HVCALL_GET_SYSTEM_PROPERTY),
				   .rdx = HV_SYSTEM_PROPERTY_SCHEDULER_TYPE};

	expect_xmm(&r, HV_X64_HYPERCALL_XMM_OUTPUT_AVAILABLE, HV_STATUS_SUCCESS);
	if (cpuid(HYPERV_CPUID_FEATURES, 0).edx & HV_X64_HYPERCALL_XMM_OUTPUT_AVAILABLE)
		EXPECT_EQ(r.xmm[0][0], HV_SCHEDULER_TYPE_ROOT);
}

TEST(never_fast, "calls: those with lists or values of any size have no fast form")
{
	EXPECT_EQ(hypercall_fast(CONTROL_REP(HVCALL_WITHDRAW_MEMORY, 1), HV_PARTITION_ID_SELF, 0),
		  HV_STATUS_INVALID_HYPERCALL_INPUT);
	EXPECT_EQ(hypercall_fast(CONTROL_REP(HVCALL_DEPOSIT_MEMORY, 20), HV_PARTITION_ID_SELF, 0),
		  HV_STATUS_INVALID_HYPERCALL_INPUT);
	EXPECT_EQ(
		hypercall_fast(CONTROL(HVCALL_GET_PARTITION_PROPERTY_EX), HV_PARTITION_ID_SELF, 0),
		HV_STATUS_INVALID_HYPERCALL_INPUT);
}

/* A call in 32-bit registers; the upper halves are noise. */
static uint64_t call32(struct hypercall_regs *r, uint64_t control, uint64_t in, uint64_t out)
{
	const uint64_t noise = 0xa5a5a5a500000000;

	r->rdx = noise | control >> 32;
	r->rax = noise | (uint32_t)control;
	r->rbx = noise | in >> 32;
	r->rcx = noise | (uint32_t)in;
	r->rdi = noise | out >> 32;
	r->rsi = noise | (uint32_t)out;
	hypercall_execute32(r);
	return (uint32_t)r->rax | r->rdx << 32;
}

TEST(wide32, "calls: 32-bit code passes everything in pairs of registers")
{
	struct hypercall_regs r = {.rbp = 0x55555555};

	prepare_get_system();
	EXPECT_EQ(call32(&r, GET_SYSTEM, (uintptr_t)hypercall_in, (uintptr_t)hypercall_out),
		  HV_STATUS_SUCCESS);
	EXPECT_EQ(output_word(0), HV_SCHEDULER_TYPE_ROOT);
	EXPECT_EQ((uint32_t)r.rbx, 0);
	EXPECT_EQ((uint32_t)r.rcx, (uintptr_t)hypercall_in);
	EXPECT_EQ((uint32_t)r.rsi, (uintptr_t)hypercall_out);
	EXPECT_EQ((uint32_t)r.rbp, 0x55555555);
	EXPECT_EQ(call32(&r, GET_SYSTEM, BIT(60), (uintptr_t)hypercall_out),
		  HV_STATUS_INVALID_ALIGNMENT);
	EXPECT_EQ(call32(&r, GET_SYSTEM | BIT(63), 0, 0), HV_STATUS_INVALID_HYPERCALL_INPUT);
	EXPECT_EQ(call32(&r, SPIN_WAIT | HV_HYPERCALL_FAST_BIT, 1, 2), HV_STATUS_SUCCESS);
}

TEST(rep32, "calls: a rep call in 32-bit code goes on to its end")
{
	struct hv_input_withdraw_memory *in;
	struct hypercall_regs r = {0};
	uint64_t control = CONTROL_REP(HVCALL_WITHDRAW_MEMORY, 200);

	EXPECT_EQ(root_deposit(0, 200), RESULT(HV_STATUS_SUCCESS, 200));
	in = hypercall_prepare();
	in->partition_id = HV_PARTITION_ID_SELF;
	EXPECT_EQ(call32(&r, control, (uintptr_t)hypercall_in, (uintptr_t)hypercall_out),
		  RESULT(HV_STATUS_SUCCESS, 200));
	EXPECT_EQ(root_balance(NULL), 0);
}

TEST(rep_step,
     "calls: single step sees a rep call of many rounds as one instruction, or its rounds")
{
	static uint64_t where[512];
	struct hv_input_withdraw_memory *in;
	unsigned int count, behind = 0;
	struct hypercall_regs r = {.rcx = CONTROL_REP(HVCALL_WITHDRAW_MEMORY, 300),
				   .rdx = (uintptr_t)hypercall_in,
				   .r8 = (uintptr_t)hypercall_out};

	EXPECT_EQ(root_deposit(0, 300), RESULT(HV_STATUS_SUCCESS, 300));
	in = hypercall_prepare();
	in->partition_id = HV_PARTITION_ID_SELF;
	count = instructions_step(&r, vmmcall_code, where, ARRAY_SIZE(where));
	EXPECT(count < ARRAY_SIZE(where));
	for (unsigned int i = 0; i < count; i++)
		behind += where[i] == (uintptr_t)vmmcall_code + 3;
	EXPECT_EQ(behind, 1);
	EXPECT_EQ(r.rax, RESULT(HV_STATUS_SUCCESS, 300));
}
