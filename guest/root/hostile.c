// SPDX-License-Identifier: Apache-2.0
/*
 * Hypercalls by a system that means harm: any code, form and parameter. Every call has an answer
 * that the TLFS knows, leaves the caller's registers as they were, and the hypervisor stays whole.
 */
#include "root/hostile.h"

#include "abi/hv/memory.h"
#include "abi/hv/msr.h"
#include "abi/hv/status.h"
#include "abi/hv/synic.h"
#include "core/string.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

/* Our pages: parameters are in the first ones, then come those that we deposit. */
#define ARENA_PAGES   16u
#define DEPOSIT_FIRST 64u
#define DEPOSITS      64u

/* Random deposits and withdrawals. */
#define DEPOSIT_ROUNDS 2000u

/* Calls in a test that is told no other number. */
#define CALLS       1000000u
#define CALLS_RACED 300000u

/* How often the hypervisor is asked whether it is intact. */
#define CALLS_A_CHECK 10000u

/* Vectors of message sources, which nobody sees. */
#define VECTOR_SINT 0x60u

/* How often messages are taken out of the message page. */
#define CALLS_A_MESSAGE 32u

/*
 * Calls that end the machine or take its memory away, by design: never made up at random, each with
 * tests of its own. Some of them nobody serves yet.
 */
static const struct {
	uint16_t code;
	const char *tests[2];
} acting[] = {
	{HVCALL_DEPOSIT_MEMORY,
	 {"hostile: random deposits and withdrawals move the pages they say, and no others",
	  "pool: what is not the root's ordinary memory cannot be deposited"}},
	{HVCALL_WITHDRAW_MEMORY,
	 {"hostile: random deposits and withdrawals move the pages they say, and no others",
	  "pool: withdrawing more than there is gives what there is, and says so"}},
	{HVCALL_SET_SYSTEM_PROPERTY,
	 {"system: sleep states that are not there, or were never described",
	  "system: properties that do not exist"}},
	{HVCALL_ENTER_SLEEP_STATE,
	 {"system: sleep states that are not there, or were never described",
	  "system: entering S5 powers the machine off"}},
	{HVCALL_DISABLE_HYP_EX,
	 {"calls: unknown codes, and known ones that nobody serves",
	  "calls: unknown codes, and known ones that nobody serves"}},
};

bool hostile_acts(uint16_t code)
{
	for (size_t i = 0; i < ARRAY_SIZE(acting); i++)
		if (acting[i].code == code)
			return true;
	return false;
}

TEST(directed, "hostile: each code that acts by design has tests of its own")
{
	for (size_t i = 0; i < ARRAY_SIZE(acting); i++)
		for (size_t j = 0; j < ARRAY_SIZE(acting[i].tests); j++) {
			test_about("code 0x%x: `%s`", acting[i].code, acting[i].tests[j]);
			EXPECT(test_exists(acting[i].tests[j]));
		}
}

static void user_hypercall(void *arg)
{
	hypercall_execute(arg, vmmcall_code);
}

TEST(user, "hostile: at level 3 every code is undefined in every form")
{
	static const uint64_t forms[] = {0, HV_HYPERCALL_FAST_BIT, CONTROL_REP(0, 1)};

	for (unsigned int code = 0; code < HOSTILE_CODES; code++)
		for (size_t form = 0; form < ARRAY_SIZE(forms); form++) {
			struct hypercall_regs r = {.rcx = CONTROL(code) | forms[form],
						   .rdx = (uintptr_t)hypercall_in,
						   .r8 = (uintptr_t)hypercall_out};

			hypercall_prepare();
			test_about("code 0x%x, form %lu", code, form);
			if (!EXPECT_FAULT(user_call(user_hypercall, &r), VECTOR_UD) ||
			    !EXPECT_EQ(fault.rip, (uintptr_t)vmmcall_code) ||
			    !EXPECT_EQ(hypercall_out[0], 0xee))
				return;
		}
	test_about(NULL);
	EXPECT(root_intact());
}

/* The statuses of abi/hv/status.h. */
static bool is_status(uint64_t status)
{
	static const uint8_t known[] = {
		0x00, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e,
		0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d,
		0x1e, 0x20, 0x41, 0x50, 0x57, 0x58, 0x71, 0x73, 0x75, 0x78, 0x79, 0x83, 0x86, 0x87,
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i] == status)
			return true;
	return false;
}

/* True if a status can only come from the call's own handler, not from the dispatcher. */
static bool of_handler(uint64_t status)
{
	return status == HV_STATUS_SUCCESS || status > HV_STATUS_ACCESS_DENIED;
}

struct hostile_tally hostile_tally[HOSTILE_CODES];

static void count(const struct hostile_call *call, bool undefined, uint64_t status)
{
	struct hostile_tally *tally = &hostile_tally[call->code % HOSTILE_CODES];

	if (call->code >= HOSTILE_CODES)
		return;
	tally->calls++;
	if (undefined)
		tally->undefined++;
	else if (!of_handler(status))
		tally->refused++;
	else
		tally->handled++;
	if (!undefined && status == HV_STATUS_SUCCESS)
		tally->succeeded++;
}

static void execute(void *arg)
{
	struct hostile_call *call = arg;

	if (call->narrow)
		hypercall_execute32(&call->regs);
	else
		hypercall_execute(&call->regs, vmmcall_code);
}

/* Only the result may differ; 32-bit code has no more than the lower halves. */
static bool preserved(const struct hostile_call *before, const struct hostile_call *after)
{
	const struct hypercall_regs *a = &after->regs, *b = &before->regs;

	if (memcmp(a->xmm, b->xmm, sizeof(a->xmm)) != 0)
		return false;
	if (before->narrow)
		return (uint32_t)(a->rbx ^ b->rbx) == 0 && (uint32_t)(a->rcx ^ b->rcx) == 0 &&
		       (uint32_t)(a->rsi ^ b->rsi) == 0 && (uint32_t)(a->rdi ^ b->rdi) == 0 &&
		       (uint32_t)(a->rbp ^ b->rbp) == 0;
	return memcmp(&a->rbx, &b->rbx,
		      offsetof(struct hypercall_regs, rflags) -
			      offsetof(struct hypercall_regs, rbx)) == 0;
}

bool hostile_try(const struct hostile_call *call)
{
	struct hostile_call done = *call;
	unsigned int vector = fault_call(execute, &done);
	uint64_t result = done.regs.rax, control = call->regs.rcx;
	uint64_t reps;

	count(call, vector != FAULT_NONE, result & HV_HYPERCALL_RESULT_MASK);
	if (vector != FAULT_NONE)
		return EXPECT_EQ(vector, VECTOR_UD) &&
		       EXPECT_EQ(fault.rip,
				 (uintptr_t)(call->narrow ? vmmcall_code32 : vmmcall_code));
	if (call->narrow) {
		result = done.regs.rdx << 32 | (uint32_t)result;
		control = call->regs.rdx << 32 | (uint32_t)call->regs.rax;
	}
	reps = (control & HV_HYPERCALL_REP_COMP_MASK) >> HV_HYPERCALL_REP_COMP_OFFSET;
	return EXPECT(is_status(result & HV_HYPERCALL_RESULT_MASK)) &&
	       EXPECT_EQ(result & ~(HV_HYPERCALL_RESULT_MASK | HV_HYPERCALL_REP_COMP_MASK), 0) &&
	       EXPECT(RESULT_REPS(result) <= reps) && EXPECT(preserved(call, &done));
}

void hostile_open(void)
{
	wrmsr(HV_X64_MSR_SIMP, rdmsr(HV_X64_MSR_SIMP) | HV_SYNIC_SIMP_ENABLE);
	wrmsr(HV_X64_MSR_SIEFP, rdmsr(HV_X64_MSR_SIEFP) | HV_SYNIC_SIEFP_ENABLE);
	for (uint32_t sint = 1; sint < HV_SYNIC_SINT_COUNT / 2; sint++)
		wrmsr(HV_X64_MSR_SINT0 + sint, (VECTOR_SINT + sint) | HV_SYNIC_SINT_POLLING);
	wrmsr(HV_X64_MSR_SCONTROL, HV_SYNIC_CONTROL_ENABLE);
}

void hostile_take_messages(void)
{
	memset((void *)(rdmsr(HV_X64_MSR_SIMP) & HV_X64_MSR_PAGE_ADDRESS_MASK), 0, PAGE_SIZE);
	wrmsr(HV_X64_MSR_EOM, 0);
}

void hostile_note(uint64_t number, const struct hostile_call *call)
{
	test_note("call %lu: code 0x%x%s rax %lx rbx %lx rcx %lx rdx %lx rsi %lx "
		  "rdi %lx r8 %lx",
		  number, call->code, call->narrow ? " (32-bit)" : "", call->regs.rax,
		  call->regs.rbx, call->regs.rcx, call->regs.rdx, call->regs.rsi, call->regs.rdi,
		  call->regs.r8);
}

/*
 * Make `calls` calls of the sequence that `seed` begins, with half of our deposits in the pool.
 * Ends with the first failure. Returns whether there was none.
 */
static bool make_calls(uint64_t arena, unsigned int arena_pages, uint64_t seed, uint64_t calls)
{
	static uint64_t closed[2 * DEPOSITS];
	const struct hostile_places places = {arena, arena_pages, closed, ARRAY_SIZE(closed)};
	struct machine_range piece;
	struct hostile_call call;
	bool good = true;

	if (!root_piece(&piece) ||
	    !EXPECT_EQ(root_deposit(DEPOSIT_FIRST, DEPOSITS), RESULT(HV_STATUS_SUCCESS, DEPOSITS)))
		return false;
	test_note("%lu calls from seed=%lx on", calls, seed);
	hostile_begin(seed);
	for (unsigned int i = 0; i < DEPOSITS; i++) {
		closed[2 * i] = machine_page(DEPOSIT_FIRST + i);
		closed[2 * i + 1] = piece.start +
				    hostile_below((piece.end - piece.start) / PAGE_SIZE) *
					    PAGE_SIZE;
	}
	for (uint64_t n = 0; n < calls && good; n++) {
		/* Each code once, then as chance will have it. */
		uint16_t code = (uint16_t)n;

		if (n >= HOSTILE_CODES || hostile_acts(code))
			code = hostile_code();
		if (n % CALLS_A_MESSAGE == 0)
			hostile_take_messages();
		if (n % CALLS_A_CHECK == 0)
			good = root_intact();
		hostile_make(&call, code, &places);
		good = good && hostile_try(&call);
		if (!good)
			hostile_note(n, &call);
	}
	return root_intact() && good;
}

void hostile_close(void)
{
	wrmsr(HV_X64_MSR_SCONTROL, 0);
	wrmsr(HV_X64_MSR_GUEST_OS_ID, 0);
	root_identify();
}

/* Lists of the model: which of our pages are deposited. */
static bool deposited[DEPOSITS];

static unsigned int deposited_count(void)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < DEPOSITS; i++)
		count += deposited[i];
	return count;
}

/* A page number of ours, seldom one that is not. */
static uint64_t page_number(const struct machine_range *piece, unsigned int *index)
{
	*index = DEPOSITS;
	switch (hostile_below(64)) {
	case 0:
		return hostile_random() | BIT(63 - hostile_below(16));
	case 1:
		return (piece->start >> PAGE_SHIFT) +
		       hostile_below((piece->end - piece->start) >> PAGE_SHIFT);
	default:
		*index = (unsigned int)hostile_below(DEPOSITS);
		return machine_page(DEPOSIT_FIRST + *index) >> PAGE_SHIFT;
	}
}

/* Deposit a random list. It succeeds if each page is ours and there only once. */
static void deposit_some(const struct machine_range *piece)
{
	struct hv_input_deposit_memory *in = hypercall_prepare();
	uint64_t count = 1 + hostile_below(6);
	bool now[DEPOSITS], good = true;
	unsigned int index;

	memcpy(now, deposited, sizeof(now));
	in->partition_id = HV_PARTITION_ID_SELF;
	for (uint64_t i = 0; i < count; i++) {
		in->gpa_page_list[i] = page_number(piece, &index);
		good = good && index < DEPOSITS && !now[index];
		if (index < DEPOSITS)
			now[index] = true;
	}
	EXPECT_EQ(hypercall(CONTROL_REP(HVCALL_DEPOSIT_MEMORY, count)),
		  good ? RESULT(HV_STATUS_SUCCESS, count) : HV_STATUS_INVALID_PARAMETER);
	if (good)
		memcpy(deposited, now, sizeof(now));
}

/* Withdraw a few: pages that were deposited, each once. */
static void withdraw_some(void)
{
	uint32_t count = 1 + (uint32_t)hostile_below(8);
	uint32_t there = MIN(count, deposited_count());
	uint64_t number;

	EXPECT_EQ(root_withdraw(count),
		  RESULT(there == count ? HV_STATUS_SUCCESS : HV_STATUS_NO_RESOURCES, there));
	for (uint32_t i = 0; i < there; i++) {
		memcpy(&number, hypercall_out + (size_t)i * 8, 8);
		number -= machine_page(DEPOSIT_FIRST) >> PAGE_SHIFT;
		if (EXPECT(number < DEPOSITS && deposited[number]))
			deposited[number] = false;
	}
}

TEST(deposits, "hostile: random deposits and withdrawals move the pages they say, and no others")
{
	struct machine_range piece;
	uint64_t seed = root_option("seed=", rdtsc()), value;

	if (!root_piece(&piece))
		return;
	test_note("seed=%lx", seed);
	hostile_begin(seed);
	memset(deposited, 0, sizeof(deposited));
	for (unsigned int n = 0; n < DEPOSIT_ROUNDS; n++) {
		unsigned int page = (unsigned int)hostile_below(DEPOSITS);

		test_about("round %u", n);
		if (hostile_below(2))
			deposit_some(&piece);
		else
			withdraw_some();
		if (!EXPECT_EQ(root_balance(NULL), deposited_count()) ||
		    !EXPECT_EQ(fault_read(machine_page(DEPOSIT_FIRST + page), &value),
			       deposited[page] ? VECTOR_GP : FAULT_NONE) ||
		    (n % 100 == 0 && !root_intact()))
			break;
	}
	test_about(NULL);
	hostile_close();
	for (unsigned int i = 0; i < DEPOSITS; i++)
		EXPECT_FINE(fault_read(machine_page(DEPOSIT_FIRST + i), &value));
	EXPECT(root_intact());
}

/* Served codes, and how often the root may have success with them. */
static const struct {
	uint16_t code;
	uint32_t at_least, at_most;
} served[] = {
	{HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME, 1, UINT32_MAX},
	{HVCALL_NOTIFY_LONG_SPIN_WAIT, 1, UINT32_MAX},
	{HVCALL_GET_PARTITION_PROPERTY, 1, UINT32_MAX},
	{HVCALL_SET_PARTITION_PROPERTY, 0, 0},
	{HVCALL_GET_PARTITION_ID, 1, UINT32_MAX},
	{HVCALL_GET_MEMORY_BALANCE, 1, UINT32_MAX},
	{HVCALL_CREATE_VP, 0, 1}, /* on a second processor, once */
	{HVCALL_MAP_STATS_PAGE, 1, UINT32_MAX},
	{HVCALL_UNMAP_STATS_PAGE, 1, UINT32_MAX},
	{HVCALL_ADD_LOGICAL_PROCESSOR, 0, 1},
	{HVCALL_GET_SYSTEM_PROPERTY, 1, UINT32_MAX},
	{HVCALL_MAP_DEVICE_INTERRUPT, 1, UINT32_MAX},
	{HVCALL_UNMAP_DEVICE_INTERRUPT, 1, UINT32_MAX},
	{HVCALL_NOTIFY_PARTITION_EVENT, 1, UINT32_MAX},
	{HVCALL_GET_PARTITION_PROPERTY_EX, 1, UINT32_MAX},
	{HVCALL_CREATE_PORT, 1, UINT32_MAX},
	{HVCALL_DELETE_PORT, 1, UINT32_MAX},
	{HVCALL_CONNECT_PORT, 1, UINT32_MAX},
	{HVCALL_DISCONNECT_PORT, 1, UINT32_MAX},
	{HVCALL_POST_MESSAGE, 1, UINT32_MAX},
	{HVCALL_SIGNAL_EVENT, 1, UINT32_MAX},
	{HVCALL_POST_MESSAGE_DIRECT, 1, UINT32_MAX},
	{HVCALL_SIGNAL_EVENT_DIRECT, 1, UINT32_MAX},
	{HVCALL_SEND_IPI, 1, UINT32_MAX},
	{HVCALL_SEND_IPI_EX, 1, UINT32_MAX},
};

/*
 * Say what became of the calls: all codes were tried, and the handlers of served ones reached. Of
 * parameters that are `raced` for few are still right, and what needs several such calls before it
 * may never succeed.
 */
static void report(bool raced)
{
	uint32_t calls = 0, handled = 0, undefined = 0;

	for (unsigned int code = 0; code < HOSTILE_CODES; code++) {
		test_about("code 0x%x", code);
		EXPECT(hostile_tally[code].calls > 0 || hostile_acts((uint16_t)code));
		calls += hostile_tally[code].calls;
		handled += hostile_tally[code].handled;
		undefined += hostile_tally[code].undefined;
	}
	for (size_t i = 0; i < ARRAY_SIZE(served); i++) {
		uint16_t code = served[i].code;

		test_about("code 0x%x", code);
		test_note("code 0x%x: %u calls, %u undefined, %u refused, %u handled, %u succeeded",
			  code, hostile_tally[code].calls, hostile_tally[code].undefined,
			  hostile_tally[code].refused, hostile_tally[code].handled,
			  hostile_tally[code].succeeded);
		EXPECT(hostile_tally[code].handled > 0);
		EXPECT(raced || hostile_tally[code].succeeded >= served[i].at_least);
		EXPECT(hostile_tally[code].succeeded <= served[i].at_most);
	}
	test_about(NULL);
	test_note("codes below 0x%x: %u calls, %u undefined, %u handled", HOSTILE_CODES, calls,
		  undefined, handled);
}

/* `calls` calls or as many as the command line says, of another sequence each time or its. */
static void try_calls(uint64_t arena, unsigned int arena_pages, uint64_t calls, bool raced)
{
	uint64_t begin = rdmsr(HV_X64_MSR_TIME_REF_COUNT);

	memset(hostile_tally, 0, sizeof(hostile_tally));
	hostile_open();
	if (make_calls(arena, arena_pages, root_option("seed=", rdtsc()),
		       root_option("calls=", calls)))
		report(raced);
	test_note("%lu ms", (rdmsr(HV_X64_MSR_TIME_REF_COUNT) - begin) / 10000);
	hostile_close();
}

TEST_ENDING(TEST_LONG, calls, "hostile: calls of any kind, each with a status that exists")
{
	try_calls(machine_page(0), ARENA_PAGES, CALLS, false);
}

TEST_ENDING(TEST_LONG, raced, "hostile: calls whose parameters another processor changes meanwhile")
{
	if (!root_start_second(racer_code16, racer_code16_end)) {
		test_skip("there is only one processor");
		return;
	}
	try_calls(RACE_ARENA, RACE_PAGES, CALLS_RACED, true);
}
