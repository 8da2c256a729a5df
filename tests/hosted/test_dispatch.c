// SPDX-License-Identifier: Apache-2.0
/*
 * The dispatcher: environment, order of the checks, forms, continuation. Calls with simple handlers
 * carry it.
 */
#include "test.h"

#include "fake.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/hypercall.h"
#include "abi/hv/interrupt.h"
#include "abi/hv/memory.h"
#include "abi/hv/partition.h"
#include "abi/hv/system.h"
#include "hypercall/hypercall.h"

#define FAST HV_HYPERCALL_FAST_BIT

/* In every page of the space but not memory, and beyond the space. */
#define HOLE   (FAKE_SIZE + PAGE_SIZE)
#define BEYOND FAKE_LIMIT

static struct fake_snapshot before;

static int setup(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

/* `control` is refused with `status`, and nothing has happened. */
static void assert_refused(uint64_t control, uint64_t input, uint64_t output, enum hv_status status)
{
	uint64_t result;

	fake_snapshot_take(&before);
	result = fake_hypercall(control, input, output);
	assert_int_equal(fake.raised, 0);
	assert_int_equal(result_status(result), status);
	assert_int_equal(fake.rounds, 1);
	assert_true(fake_snapshot_same(&before));
}

static void assert_undefined(uint64_t control, uint64_t input, uint64_t output)
{
	fake_snapshot_take(&before);
	fake_hypercall(control, input, output);
	assert_int_equal(fake.raised, VECTOR_UD);
	assert_true(fake_snapshot_same(&before));
}

/* Environment */

static void test_user_mode(void **state)
{
	(void)state;
	for (fake.cpl = 1; fake.cpl <= 3; fake.cpl++)
		assert_undefined(HVCALL_GET_PARTITION_ID, 0, FAKE_OUTPUT);
}

static void test_real_mode(void **state)
{
	(void)state;
	fake.protected_mode = false;
	fake.long_mode = false;
	assert_undefined(HVCALL_GET_PARTITION_ID, 0, FAKE_OUTPUT);
}

static void test_without_guest_os_id(void **state)
{
	(void)state;
	fake.root.guest_os_id = 0;
	assert_undefined(HVCALL_GET_PARTITION_ID, 0, FAKE_OUTPUT);
	assert_undefined(0xFFFF, 0, 0);
}

/* Order of the checks: a call wrong in two ways gets the status of the earlier check. */

static void test_code_comes_first(void **state)
{
	(void)state;
	assert_refused(0, 0, 0, HV_STATUS_INVALID_HYPERCALL_CODE);
	assert_refused(0xFFFF, 0, 0, HV_STATUS_INVALID_HYPERCALL_CODE);
	assert_refused(0x0132, 0, 0, HV_STATUS_INVALID_HYPERCALL_CODE);
	/* Declared, not served. */
	assert_refused(HVCALL_DISABLE_HYP_EX, 0, 0, HV_STATUS_INVALID_HYPERCALL_CODE);
	assert_refused(HVCALL_MAP_STATS_PAGE2, 0, 0, HV_STATUS_INVALID_HYPERCALL_CODE);
	assert_refused(HV_EXT_CALL_QUERY_CAPABILITIES, 0, 0, HV_STATUS_INVALID_HYPERCALL_CODE);
	/* With everything else wrong too. */
	fake.root.privileges = 0;
	assert_refused(0xFFFF | HV_HYPERCALL_RSVD_MASK, 1, 1, HV_STATUS_INVALID_HYPERCALL_CODE);
}

static void test_control_word_before_alignment(void **state)
{
	static const uint64_t reserved[] = {
		1ull << 27, 1ull << 28, 1ull << 29, 1ull << 30, 1ull << 31, 1ull << 44, 1ull << 45,
		1ull << 46, 1ull << 47, 1ull << 60, 1ull << 61, 1ull << 62, 1ull << 63,
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(reserved); i++) {
		assert_refused(HVCALL_GET_PARTITION_ID | reserved[i], 1, 1,
			       HV_STATUS_INVALID_HYPERCALL_INPUT);
		assert_refused(HVCALL_NOTIFY_LONG_SPIN_WAIT | FAST | reserved[i], 1, 1,
			       HV_STATUS_INVALID_HYPERCALL_INPUT);
	}
}

static void test_rep_fields(void **state)
{
	(void)state;
	/* A simple call takes none. */
	assert_refused(control_rep(HVCALL_GET_PARTITION_ID, 1), 0, FAKE_OUTPUT,
		       HV_STATUS_INVALID_HYPERCALL_INPUT);
	assert_refused(HVCALL_GET_PARTITION_ID | 1ull << 48, 0, FAKE_OUTPUT,
		       HV_STATUS_INVALID_HYPERCALL_INPUT);
	/* A rep call needs a count, and a start below it. */
	assert_refused(HVCALL_WITHDRAW_MEMORY, 1, 1, HV_STATUS_INVALID_HYPERCALL_INPUT);
	assert_refused(control_rep(HVCALL_WITHDRAW_MEMORY, 3) | 3ull << 48, 1, 1,
		       HV_STATUS_INVALID_HYPERCALL_INPUT);
	assert_refused(control_rep(HVCALL_WITHDRAW_MEMORY, 3) | 4095ull << 48, 1, 1,
		       HV_STATUS_INVALID_HYPERCALL_INPUT);
}

static void test_variable_header(void **state)
{
	(void)state;
	assert_refused(HVCALL_GET_PARTITION_ID | 1ull << 17, 0, FAKE_OUTPUT,
		       HV_STATUS_INVALID_HYPERCALL_INPUT);
	assert_refused(HVCALL_UNMAP_DEVICE_INTERRUPT | 1ull << 17, FAKE_INPUT, 0,
		       HV_STATUS_INVALID_HYPERCALL_INPUT);
	/* One more than a mask and 64 banks. */
	assert_refused(HVCALL_MAP_DEVICE_INTERRUPT | 66ull << 17, FAKE_INPUT, FAKE_OUTPUT,
		       HV_STATUS_INVALID_HYPERCALL_INPUT);
	assert_refused(HVCALL_MAP_DEVICE_INTERRUPT | 65ull << 17, FAKE_INPUT, FAKE_OUTPUT,
		       HV_STATUS_INVALID_PARTITION_ID);
}

static void test_alignment(void **state)
{
	const uint64_t get = HVCALL_GET_PARTITION_PROPERTY;

	(void)state;
	for (uint64_t i = 1; i < 8; i++) {
		assert_refused(get, FAKE_INPUT + i, FAKE_OUTPUT, HV_STATUS_INVALID_ALIGNMENT);
		assert_refused(get, FAKE_INPUT, FAKE_OUTPUT + i, HV_STATUS_INVALID_ALIGNMENT);
	}
	/* 16 bytes of input end within the page, or do not. */
	assert_refused(get, FAKE_INPUT + 4080, FAKE_OUTPUT, HV_STATUS_INVALID_PARTITION_ID);
	assert_refused(get, FAKE_INPUT + 4088, FAKE_OUTPUT, HV_STATUS_INVALID_ALIGNMENT);
	/* 32 bytes of output. */
	assert_refused(HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME, FAKE_INPUT, FAKE_OUTPUT + 4072,
		       HV_STATUS_INVALID_ALIGNMENT);
	/* Lists: 511 page numbers fit behind the header, 512 of output in a page. */
	assert_refused(control_rep(HVCALL_DEPOSIT_MEMORY, 512), FAKE_INPUT, 0,
		       HV_STATUS_INVALID_ALIGNMENT);
	assert_refused(control_rep(HVCALL_DEPOSIT_MEMORY, 4095), FAKE_INPUT, 0,
		       HV_STATUS_INVALID_ALIGNMENT);
	assert_refused(control_rep(HVCALL_DEPOSIT_MEMORY, 511), FAKE_INPUT + 8, 0,
		       HV_STATUS_INVALID_ALIGNMENT);
	assert_refused(control_rep(HVCALL_WITHDRAW_MEMORY, 513), FAKE_INPUT, FAKE_OUTPUT,
		       HV_STATUS_INVALID_ALIGNMENT);
	/* Beyond the space: the TLFS has the same status for it. */
	assert_refused(get, BEYOND, FAKE_OUTPUT, HV_STATUS_INVALID_ALIGNMENT);
	assert_refused(get, FAKE_INPUT, BEYOND, HV_STATUS_INVALID_ALIGNMENT);
	assert_refused(get, FAKE_INPUT, UINT64_MAX - 7, HV_STATUS_INVALID_ALIGNMENT);
}

static void test_alignment_before_privilege(void **state)
{
	(void)state;
	fake.root.privileges = 0;
	assert_refused(HVCALL_GET_PARTITION_ID, 0, 4, HV_STATUS_INVALID_ALIGNMENT);
	assert_refused(HVCALL_GET_PARTITION_ID, 0, BEYOND, HV_STATUS_INVALID_ALIGNMENT);
}

static void test_privilege_before_memory(void **state)
{
	(void)state;
	fake.root.privileges = 0;
	assert_refused(HVCALL_GET_PARTITION_ID, 0, HOLE, HV_STATUS_ACCESS_DENIED);
	assert_refused(HVCALL_GET_PARTITION_PROPERTY, HOLE, HOLE, HV_STATUS_ACCESS_DENIED);
}

static void test_every_privilege(void **state)
{
	static const struct {
		uint64_t control;
		uint32_t bit;
	} calls[] = {
		{HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME, HV_CPU_MANAGEMENT},
		{HVCALL_GET_PARTITION_PROPERTY, HV_CREATE_PARTITIONS},
		{HVCALL_SET_PARTITION_PROPERTY, HV_CREATE_PARTITIONS},
		{HVCALL_GET_PARTITION_PROPERTY_EX, HV_CREATE_PARTITIONS},
		{HVCALL_GET_PARTITION_ID, HV_ACCESS_PARTITION_ID},
		{HVCALL_DEPOSIT_MEMORY | 1ull << 32, HV_ACCESS_MEMORY_POOL},
		{HVCALL_WITHDRAW_MEMORY | 1ull << 32, HV_ACCESS_MEMORY_POOL},
		{HVCALL_GET_MEMORY_BALANCE, HV_ACCESS_MEMORY_POOL},
		{HVCALL_MAP_STATS_PAGE, HV_ACCESS_STATS},
		{HVCALL_UNMAP_STATS_PAGE, HV_ACCESS_STATS},
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++) {
		fake.root.privileges = fake_root_privileges & ~HV_PRIVILEGE_EBX(calls[i].bit);
		assert_refused(calls[i].control, FAKE_INPUT, FAKE_OUTPUT, HV_STATUS_ACCESS_DENIED);
		fake.root.privileges = HV_PRIVILEGE_EBX(calls[i].bit);
		assert_int_not_equal(
			result_status(fake_hypercall(calls[i].control, FAKE_INPUT, FAKE_OUTPUT)),
			HV_STATUS_ACCESS_DENIED);
	}
}

/* The machine is the root's: a child with every privilege is refused. */
static void test_root_only(void **state)
{
	static const uint16_t calls[] = {
		HVCALL_SET_SYSTEM_PROPERTY,  HVCALL_GET_SYSTEM_PROPERTY,
		HVCALL_MAP_DEVICE_INTERRUPT, HVCALL_UNMAP_DEVICE_INTERRUPT,
		HVCALL_ENTER_SLEEP_STATE,    HVCALL_NOTIFY_PARTITION_EVENT,
	};
	static struct partition parent;

	(void)state;
	fake.root.parent = &parent;
	fake.root.privileges = UINT64_MAX;
	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++)
		assert_refused(calls[i], FAKE_INPUT, FAKE_OUTPUT, HV_STATUS_ACCESS_DENIED);
}

static void test_inaccessible_memory(void **state)
{
	const uint64_t get = HVCALL_GET_PARTITION_PROPERTY;

	(void)state;
	assert_refused(get, HOLE, FAKE_OUTPUT, HV_STATUS_INVALID_PARAMETER);
	assert_refused(get, FAKE_INPUT, HOLE, HV_STATUS_INVALID_PARAMETER);
	fake.page[FAKE_OUTPUT / PAGE_SIZE].access = GPA_READ;
	assert_refused(get, FAKE_INPUT, FAKE_OUTPUT, HV_STATUS_INVALID_PARAMETER);
	/* Read-only input is enough. */
	fake.page[FAKE_INPUT / PAGE_SIZE].access = GPA_READ;
	assert_refused(get, FAKE_INPUT, FAKE_INPUT, HV_STATUS_INVALID_PARAMETER);
	fake.page[FAKE_OUTPUT / PAGE_SIZE].access = GPA_READ | GPA_WRITE;
	assert_refused(get, FAKE_INPUT, FAKE_OUTPUT, HV_STATUS_INVALID_PARTITION_ID);
	/* A page that was given away is no place for parameters. */
	fake_deposit(FAKE_FREE, 1);
	assert_refused(get, FAKE_FREE * PAGE_SIZE, FAKE_OUTPUT, HV_STATUS_INVALID_PARAMETER);
	assert_refused(get, FAKE_INPUT, FAKE_FREE * PAGE_SIZE, HV_STATUS_INVALID_PARAMETER);
}

/* Forms */

static void test_memory_form(void **state)
{
	const struct hv_output_get_partition_id *output = fake_output();

	(void)state;
	/* No input: its register may hold anything. */
	assert_int_equal(fake_hypercall(HVCALL_GET_PARTITION_ID, UINT64_MAX, FAKE_OUTPUT), 0);
	assert_int_equal(output->partition_id, PARTITION_ID_ROOT);
	assert_int_equal(fake.vp.regs.rcx, HVCALL_GET_PARTITION_ID);
	assert_int_equal(fake.vp.regs.rdx, UINT64_MAX);
	assert_int_equal(fake.vp.regs.r8, FAKE_OUTPUT);
	/* No output either way: the same for R8. */
	assert_int_equal(fake_hypercall(HVCALL_NOTIFY_LONG_SPIN_WAIT, FAKE_INPUT, UINT64_MAX), 0);
}

static void test_output_page_may_be_input_page(void **state)
{
	struct hv_input_get_partition_property input = {
		.partition_id = HV_PARTITION_ID_SELF,
		.property_code = HV_PARTITION_PROPERTY_GUEST_OS_ID,
	};
	uint64_t value;

	(void)state;
	memcpy(fake_memory + FAKE_INPUT, &input, sizeof(input));
	assert_int_equal(fake_hypercall(HVCALL_GET_PARTITION_PROPERTY, FAKE_INPUT, FAKE_INPUT), 0);
	memcpy(&value, fake_memory + FAKE_INPUT, sizeof(value));
	assert_int_equal(value, fake.root.guest_os_id);
}

static void test_output_at_the_end_of_a_page(void **state)
{
	uint8_t next = fake_memory[FAKE_OUTPUT + PAGE_SIZE];

	(void)state;
	assert_int_equal(fake_hypercall(HVCALL_GET_PARTITION_ID, 0, FAKE_OUTPUT + 4088), 0);
	assert_int_equal(fake_memory[FAKE_OUTPUT + 4088], PARTITION_ID_ROOT);
	assert_int_equal(fake_memory[FAKE_OUTPUT + PAGE_SIZE], next);
}

static void test_failed_call_writes_no_output(void **state)
{
	struct hv_input_get_partition_property input = {.partition_id = HV_PARTITION_ID_SELF,
							.property_code = 0x12345678};
	uint8_t untouched[PAGE_SIZE];

	(void)state;
	memset(untouched, 0xEE, sizeof(untouched));
	assert_int_equal(fake_call(HVCALL_GET_PARTITION_PROPERTY, &input, sizeof(input)),
			 HV_STATUS_UNKNOWN_PROPERTY);
	assert_memory_equal(fake_output(), untouched, sizeof(untouched));
}

static void test_fast_form(void **state)
{
	(void)state;
	assert_int_equal(fake_hypercall(HVCALL_NOTIFY_LONG_SPIN_WAIT | FAST, 12345, UINT64_MAX), 0);
	/* Registers are values, not addresses: nothing to align. */
	assert_int_equal(fake_hypercall(HVCALL_ENTER_SLEEP_STATE | FAST, 3, 1),
			 HV_STATUS_INVALID_PARAMETER);
	/* 8 bytes of header and one element. */
	assert_int_equal(fake_hypercall(control_rep(HVCALL_DEPOSIT_MEMORY, 1) | FAST,
					HV_PARTITION_ID_SELF, FAKE_FREE),
			 1ull << 32);
	assert_int_equal(fake.root.pool.free_count, 1);
	assert_true(fake.page[FAKE_FREE].revoked);
}

static void test_fast_form_that_cannot_be(void **state)
{
	(void)state;
	fake.root.features = UINT32_MAX;
	/* More than the registers hold, a value of any size, a list of output. */
	assert_refused(HVCALL_MAP_DEVICE_INTERRUPT | FAST, 0, 0, HV_STATUS_INVALID_HYPERCALL_INPUT);
	assert_refused(control_rep(HVCALL_DEPOSIT_MEMORY, 14) | FAST, HV_PARTITION_ID_SELF,
		       FAKE_FREE, HV_STATUS_INVALID_HYPERCALL_INPUT);
	assert_refused(HVCALL_GET_PARTITION_PROPERTY_EX | FAST, 0, 0,
		       HV_STATUS_INVALID_HYPERCALL_INPUT);
	assert_refused(control_rep(HVCALL_WITHDRAW_MEMORY, 1) | FAST, HV_PARTITION_ID_SELF, 0,
		       HV_STATUS_INVALID_HYPERCALL_INPUT);
}

static void test_xmm_needs_its_feature(void **state)
{
	(void)state;
	assert_undefined(HVCALL_SET_PARTITION_PROPERTY | FAST, 0, 0);
	assert_undefined(HVCALL_GET_PARTITION_ID | FAST, 0, 0);
	/* One feature does not stand for the other. */
	fake.root.features = HV_X64_HYPERCALL_XMM_INPUT_AVAILABLE;
	assert_undefined(HVCALL_GET_PARTITION_ID | FAST, 0, 0);
	fake.root.features = HV_X64_HYPERCALL_XMM_OUTPUT_AVAILABLE;
	assert_undefined(HVCALL_SET_PARTITION_PROPERTY | FAST, 0, 0);
	assert_undefined(HVCALL_MAP_STATS_PAGE | FAST, 0, 0);
	/* What cannot be at all is refused before. */
	assert_refused(HVCALL_MAP_DEVICE_INTERRUPT | FAST, 0, 0, HV_STATUS_INVALID_HYPERCALL_INPUT);
}

static void test_xmm_input(void **state)
{
	struct hv_input_set_system_property input = {
		.property_id = HV_SYSTEM_PROPERTY_SLEEP_STATE,
		.set_sleep_state_info = {.sleep_state = 5, .pm1a_slp_typ = 3, .pm1b_slp_typ = 4},
	};
	const uint8_t *bytes = (const uint8_t *)&input;
	uint64_t words[2];

	(void)state;
	fake.root.features = HV_X64_HYPERCALL_XMM_INPUT_AVAILABLE;
	memcpy(words, bytes, sizeof(words));
	memcpy(fake.xmm, bytes + 16, sizeof(input) - 16);
	assert_int_equal(fake_hypercall(HVCALL_SET_SYSTEM_PROPERTY | FAST, words[0], words[1]), 0);
	assert_int_equal(fake.slp_typa, 3);
	assert_int_equal(fake.slp_typb, 4);

	/* An element that comes from XMM0 and one from its upper half. */
	words[0] = FAKE_FREE + 1;
	words[1] = FAKE_FREE + 2;
	memcpy(fake.xmm[0], words, sizeof(words));
	assert_int_equal(fake_hypercall(control_rep(HVCALL_DEPOSIT_MEMORY, 3) | FAST,
					HV_PARTITION_ID_SELF, FAKE_FREE),
			 3ull << 32);
	assert_true(fake.page[FAKE_FREE].revoked);
	assert_true(fake.page[FAKE_FREE + 1].revoked);
	assert_true(fake.page[FAKE_FREE + 2].revoked);
}

static void test_xmm_output(void **state)
{
	uint64_t words[4];

	(void)state;
	fake.root.features = HV_X64_HYPERCALL_XMM_OUTPUT_AVAILABLE;
	fake.reference_time = 4711;

	/* No input: output starts in RDX. */
	assert_int_equal(fake_hypercall(HVCALL_GET_PARTITION_ID | FAST, 1, 2), 0);
	assert_int_equal(fake.vp.regs.rdx, PARTITION_ID_ROOT);

	/* 16 bytes of input: output starts in XMM0, RDX and R8 stay. */
	memset(fake.xmm, 0xEE, sizeof(fake.xmm));
	assert_int_equal(fake_hypercall(HVCALL_GET_PARTITION_PROPERTY | FAST, HV_PARTITION_ID_SELF,
					HV_PARTITION_PROPERTY_REFERENCE_TIME),
			 0);
	memcpy(words, fake.xmm, sizeof(words));
	assert_int_equal(words[0], 4711);
	assert_int_equal(words[2], 0xEEEEEEEEEEEEEEEE);
	assert_int_equal(fake.vp.regs.rdx, HV_PARTITION_ID_SELF);

	/* 8 bytes of input fill a register pair; 32 bytes of output two XMM registers. */
	assert_int_equal(fake_hypercall(HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME | FAST, 0, 99), 0);
	memcpy(words, fake.xmm, sizeof(words));
	assert_int_equal(words[0], 4711);
	assert_int_equal(words[1], 4711);
	assert_int_equal(words[2], 0);
	assert_int_equal(fake.vp.regs.r8, 99);

	/* Nothing is written by a call that fails. */
	memset(fake.xmm, 0xEE, sizeof(fake.xmm));
	assert_int_equal(fake_hypercall(HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME | FAST, 1, 99),
			 HV_STATUS_INVALID_LP_INDEX);
	memcpy(words, fake.xmm, sizeof(words));
	assert_int_equal(words[0], 0xEEEEEEEEEEEEEEEE);
}

static void test_xmm_input_and_output(void **state)
{
	(void)state;
	fake.root.features = HV_X64_HYPERCALL_XMM_OUTPUT_AVAILABLE |
			     HV_X64_HYPERCALL_XMM_INPUT_AVAILABLE;
	/* 24 bytes of input end in XMM0, so output is in XMM1: MAP_STATS_PAGE of the hypervisor. */
	fake_deposit(FAKE_FREE, 1);
	memset(fake.xmm, 0, sizeof(fake.xmm));
	assert_int_equal(fake_hypercall(HVCALL_MAP_STATS_PAGE | FAST, 1, 0), 0);
	assert_int_equal(fake.xmm[1][0], FAKE_FREE);
	assert_int_equal(fake.xmm[0][0], 0);
}

/* The 32-bit convention. */

static void call_32(uint64_t control, uint64_t input, uint64_t output)
{
	fake.long_mode = false;
	fake.advanced = 0;
	fake.raised = 0;
	fake.vp.regs = (struct vp_regs){
		.rdx = control >> 32,
		.rax = (uint32_t)control,
		.rbx = input >> 32,
		.rcx = (uint32_t)input,
		.rdi = output >> 32,
		.rsi = (uint32_t)output,
		.r8 = 0x8888,
		.rip = 0x100,
	};
	for (fake.rounds = 1; fake.rounds < 1000; fake.rounds++) {
		hypercall_dispatch(&fake.vp);
		if (fake.advanced || fake.raised)
			break;
	}
}

static void test_32_bit_registers(void **state)
{
	uint64_t id;

	(void)state;
	call_32(HVCALL_GET_PARTITION_ID, 0, FAKE_OUTPUT);
	assert_int_equal(fake.advanced, 3);
	assert_int_equal(fake.vp.regs.rax, 0);
	assert_int_equal(fake.vp.regs.rdx, 0);
	assert_int_equal(fake.vp.regs.rbx, 0);
	assert_int_equal(fake.vp.regs.rcx, 0);
	assert_int_equal(fake.vp.regs.rsi, FAKE_OUTPUT);
	assert_int_equal(fake.vp.regs.rdi, 0);
	assert_int_equal(fake.vp.regs.r8, 0x8888);
	memcpy(&id, fake_output(), sizeof(id));
	assert_int_equal(id, PARTITION_ID_ROOT);

	/* High halves count. */
	call_32(HVCALL_GET_PARTITION_ID, 0, FAKE_OUTPUT | 1ull << 41);
	assert_int_equal(fake.vp.regs.rax, HV_STATUS_INVALID_ALIGNMENT);
	call_32(HVCALL_GET_PARTITION_ID | 1ull << 63, 0, FAKE_OUTPUT);
	assert_int_equal(fake.vp.regs.rax, HV_STATUS_INVALID_HYPERCALL_INPUT);
	assert_int_equal(fake.vp.regs.rdx, 0);
}

static void test_32_bit_fast(void **state)
{
	(void)state;
	call_32(control_rep(HVCALL_DEPOSIT_MEMORY, 1) | FAST, HV_PARTITION_ID_SELF, FAKE_FREE);
	assert_int_equal(fake.vp.regs.rax, 0);
	assert_int_equal(fake.vp.regs.rdx, 1); /* one element completed */
	assert_int_equal(fake.root.pool.free_count, 1);
	/* Output in registers is for 64-bit callers. */
	fake.root.features = UINT32_MAX;
	call_32(HVCALL_GET_PARTITION_ID | FAST, 0, 0);
	assert_int_equal(fake.vp.regs.rax, HV_STATUS_INVALID_HYPERCALL_INPUT);
}

static void test_32_bit_continuation(void **state)
{
	const struct hv_input_withdraw_memory input = {.partition_id = HV_PARTITION_ID_SELF};

	(void)state;
	fake_deposit(FAKE_FREE, 150);
	memcpy(fake_memory + FAKE_INPUT, &input, sizeof(input));
	call_32(control_rep(HVCALL_WITHDRAW_MEMORY, 150), FAKE_INPUT, FAKE_OUTPUT);
	assert_int_equal(fake.rounds, 3);
	assert_int_equal(fake.vp.regs.rax, 0);
	assert_int_equal(fake.vp.regs.rdx, 150);
	assert_int_equal(fake.root.pool.free_count, 0);
}

/* Continuation */

static void test_continuation(void **state)
{
	const struct hv_input_withdraw_memory input = {.partition_id = HV_PARTITION_ID_SELF};
	const uint64_t *numbers = fake_output();
	bool seen[FAKE_PAGES] = {false};
	uint64_t result;

	(void)state;
	fake_deposit(FAKE_FREE, 512);
	result = fake_call(control_rep(HVCALL_WITHDRAW_MEMORY, 512), &input, sizeof(input));
	assert_int_equal(result_status(result), HV_STATUS_SUCCESS);
	assert_int_equal(result_reps(result), 512);
	assert_int_equal(fake.rounds, 512 / HYPERCALL_REP_BATCH);
	/* The control word shows the last start. */
	assert_int_equal(fake.vp.regs.rcx, control_rep(HVCALL_WITHDRAW_MEMORY, 512) |
						   (uint64_t)(512 - HYPERCALL_REP_BATCH) << 48);
	for (unsigned int i = 0; i < 512; i++) {
		assert_in_range(numbers[i], FAKE_FREE, FAKE_FREE + 511);
		assert_false(seen[numbers[i]]);
		seen[numbers[i]] = true;
	}
}

/* One round leaves RIP and RAX alone and only moves the start. */
static void test_one_round(void **state)
{
	const struct hv_input_withdraw_memory input = {.partition_id = HV_PARTITION_ID_SELF};
	const uint64_t control = control_rep(HVCALL_WITHDRAW_MEMORY, 100);

	(void)state;
	fake_deposit(FAKE_FREE, 100);
	memcpy(fake_memory + FAKE_INPUT, &input, sizeof(input));
	fake.vp.regs = (struct vp_regs){
		.rax = 77, .rcx = control, .rdx = FAKE_INPUT, .r8 = FAKE_OUTPUT, .rip = 0x500};
	fake.advanced = 0;
	hypercall_dispatch(&fake.vp);
	assert_int_equal(fake.advanced, 0);
	assert_int_equal(fake.vp.regs.rip, 0x500);
	assert_int_equal(fake.vp.regs.rax, 77);
	assert_int_equal(fake.vp.regs.rcx, control | (uint64_t)HYPERCALL_REP_BATCH << 48);
	assert_int_equal(fake.root.pool.free_count, 100 - HYPERCALL_REP_BATCH);
	hypercall_dispatch(&fake.vp);
	assert_int_equal(fake.advanced, 3);
	assert_int_equal(fake.vp.regs.rax, 100ull << 32);
}

/* A caller that starts in the middle gets output there, and an absolute count. */
static void test_start_in_the_middle(void **state)
{
	const struct hv_input_withdraw_memory input = {.partition_id = HV_PARTITION_ID_SELF};
	const uint64_t *numbers = fake_output();
	uint64_t result;

	(void)state;
	fake_deposit(FAKE_FREE, 2);
	result = fake_call(control_rep(HVCALL_WITHDRAW_MEMORY, 7) | 5ull << 48, &input,
			   sizeof(input));
	assert_int_equal(result, 7ull << 32);
	assert_int_equal(numbers[4], 0xEEEEEEEEEEEEEEEE);
	assert_in_range(numbers[5], FAKE_FREE, FAKE_FREE + 1);
	assert_in_range(numbers[6], FAKE_FREE, FAKE_FREE + 1);
	assert_int_equal(numbers[7], 0xEEEEEEEEEEEEEEEE);
	/* Also where it fails at once. */
	result = fake_call(control_rep(HVCALL_WITHDRAW_MEMORY, 7) | 5ull << 48, &input,
			   sizeof(input));
	assert_int_equal(result_status(result), HV_STATUS_NO_RESOURCES);
	assert_int_equal(result_reps(result), 5);
	/*
	 * Or is refused before the handler sees it; but what a bad control word says counts for
	 * nothing.
	 */
	fake.page[FAKE_OUTPUT / PAGE_SIZE].access = GPA_READ;
	result = fake_call(control_rep(HVCALL_WITHDRAW_MEMORY, 7) | 5ull << 48, &input,
			   sizeof(input));
	assert_int_equal(result, 5ull << 32 | HV_STATUS_INVALID_PARAMETER);
	result = fake_call(control_rep(HVCALL_WITHDRAW_MEMORY, 5) | 6ull << 48, &input,
			   sizeof(input));
	assert_int_equal(result, HV_STATUS_INVALID_HYPERCALL_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_user_mode, setup),
		cmocka_unit_test_setup(test_real_mode, setup),
		cmocka_unit_test_setup(test_without_guest_os_id, setup),
		cmocka_unit_test_setup(test_code_comes_first, setup),
		cmocka_unit_test_setup(test_control_word_before_alignment, setup),
		cmocka_unit_test_setup(test_rep_fields, setup),
		cmocka_unit_test_setup(test_variable_header, setup),
		cmocka_unit_test_setup(test_alignment, setup),
		cmocka_unit_test_setup(test_alignment_before_privilege, setup),
		cmocka_unit_test_setup(test_privilege_before_memory, setup),
		cmocka_unit_test_setup(test_every_privilege, setup),
		cmocka_unit_test_setup(test_root_only, setup),
		cmocka_unit_test_setup(test_inaccessible_memory, setup),
		cmocka_unit_test_setup(test_memory_form, setup),
		cmocka_unit_test_setup(test_output_page_may_be_input_page, setup),
		cmocka_unit_test_setup(test_output_at_the_end_of_a_page, setup),
		cmocka_unit_test_setup(test_failed_call_writes_no_output, setup),
		cmocka_unit_test_setup(test_fast_form, setup),
		cmocka_unit_test_setup(test_fast_form_that_cannot_be, setup),
		cmocka_unit_test_setup(test_xmm_needs_its_feature, setup),
		cmocka_unit_test_setup(test_xmm_input, setup),
		cmocka_unit_test_setup(test_xmm_output, setup),
		cmocka_unit_test_setup(test_xmm_input_and_output, setup),
		cmocka_unit_test_setup(test_32_bit_registers, setup),
		cmocka_unit_test_setup(test_32_bit_fast, setup),
		cmocka_unit_test_setup(test_32_bit_continuation, setup),
		cmocka_unit_test_setup(test_continuation, setup),
		cmocka_unit_test_setup(test_one_round, setup),
		cmocka_unit_test_setup(test_start_in_the_middle, setup),
	};

	return cmocka_run_group_tests_name("dispatch", tests, NULL, NULL);
}
