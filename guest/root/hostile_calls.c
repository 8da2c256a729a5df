// SPDX-License-Identifier: Apache-2.0
#include "root/hostile.h"

#include "abi/hv/bulkhead.h"
#include "abi/hv/cpuid.h"
#include "abi/hv/interrupt.h"
#include "abi/hv/msr.h"
#include "abi/hv/partition.h"
#include "abi/hv/port.h"
#include "abi/hv/stats.h"
#include "abi/hv/system.h"
#include "abi/hv/vp.h"
#include "core/string.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "x86/cpu.h"

/* Words of input that are filled: more than any call takes but lists. */
#define INPUT_WORDS 64u

#define PICK(list) ((list)[hostile_below(ARRAY_SIZE(list))])

/* What makes the words of a call's registers differ. */
#define STEP 0x0123456789abcdefUL

static uint64_t state;
/* Pages of the hypervisor that we see, or see and write; the end of the address space. */
static uint64_t overlays[6];
static uint64_t limit;
/* Ids of partitions that somebody may want to harm. */
static uint64_t known[HOSTILE_KNOWN];
static unsigned int known_count;

void hostile_begin(uint64_t seed)
{
	static const uint32_t registers[ARRAY_SIZE(overlays)] = {
		HV_X64_MSR_HYPERCALL, HV_X64_MSR_REFERENCE_TSC, HV_X64_MSR_VP_ASSIST_PAGE,
		HV_X64_MSR_SIMP,      HV_X64_MSR_SIEFP,         HV_X64_MSR_SIRBP};

	state = seed;
	limit = BIT(cpuid(0x80000008, 0).eax & 0xff);
	known_count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(overlays); i++) {
		/* A child does not have all of them. */
		if (fault_rdmsr(registers[i], &overlays[i]) != FAULT_NONE)
			overlays[i] = 0;
		overlays[i] &= HV_X64_MSR_PAGE_ADDRESS_MASK;
	}
}

void hostile_know(uint64_t id)
{
	if (known_count < HOSTILE_KNOWN)
		known[known_count++] = id;
}

uint64_t hostile_random(void)
{
	uint64_t value;

	/* A counter, scrambled twice. */
	state += 0x9e3779b97f4a7c15;
	value = (state ^ state >> 30) * 0xbf58476d1ce4e5b9;
	value = (value ^ value >> 27) * 0x94d049bb133111eb;
	return value ^ value >> 31;
}

uint64_t hostile_below(uint64_t bound)
{
	return (hostile_random() >> 16) % bound;
}

static bool one_in(uint64_t n)
{
	return hostile_below(n) == 0;
}

/* Any word, of a kind that somebody may think of. */
static uint64_t any_word(void)
{
	switch (hostile_below(6)) {
	case 0:
		return 0;
	case 1:
		return hostile_below(5);
	case 2:
		return BIT(hostile_below(64));
	case 3:
		return HV_PARTITION_ID_SELF - hostile_below(3);
	case 4:
		return hostile_random() & UINT32_MAX;
	default:
		return hostile_random();
	}
}

static uint64_t partition_id(void)
{
	static const uint64_t ids[] = {HV_PARTITION_ID_SELF, HV_PARTITION_ID_SELF, 1, 1, 0, 2};

	if (known_count > 0 && one_in(2))
		return known[hostile_below(known_count)];
	return PICK(ids);
}

/* An index of a processor, or of nothing. */
static uint32_t index(void)
{
	static const uint32_t beyond[] = {63, 64, 255, 256, UINT32_MAX};

	return one_in(8) ? PICK(beyond) : (uint32_t)hostile_below(4);
}

static uint32_t property(void)
{
	static const uint32_t codes[] = {
		HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS,
		HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
		HV_PARTITION_PROPERTY_REFERENCE_TIME,
		HV_PARTITION_PROPERTY_PHYSICAL_ADDRESS_WIDTH,
		HV_PARTITION_PROPERTY_PROCESSOR_CLOCK_FREQUENCY,
		HV_PARTITION_PROPERTY_GUEST_OS_ID,
		HV_PARTITION_PROPERTY_VMM_CAPABILITIES,
		HV_PARTITION_PROPERTY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES,
		BULKHEAD_PROPERTY_LOG,
		BULKHEAD_PROPERTY_COUNTERS,
	};

	return one_in(8) ? (uint32_t)hostile_random() : PICK(codes);
}

static void fill_map_interrupt(struct hv_input_map_device_interrupt *in)
{
	in->partition_id = partition_id();
	in->device_id = hostile_below(4) << HV_DEVICE_TYPE_SHIFT | hostile_below(0x10000);
	in->interrupt_type = (uint32_t)hostile_below(4);
	in->trigger_mode = (uint32_t)hostile_below(2) + one_in(16);
	in->vector_count = 1 + one_in(16);
	in->target_vector = (uint32_t)hostile_below(0x110);
	in->target_flags = (uint32_t)hostile_below(4);
	in->target = hostile_below(4);
	/* The mask of valid banks and a bank, should there be a variable header. */
	((uint64_t *)(in + 1))[0] = hostile_below(4);
	((uint64_t *)(in + 1))[1] = any_word();
}

static void fill_unmap_interrupt(struct hv_input_unmap_device_interrupt *in)
{
	in->partition_id = partition_id();
	in->device_id = hostile_below(4) << HV_DEVICE_TYPE_SHIFT;
	in->interrupt_entry.source = (uint32_t)hostile_below(4);
	in->interrupt_entry.data = hostile_random();
}

static void fill_stats(struct hv_input_stats_page *in)
{
	memset(&in->identity, 0, sizeof(in->identity));
	in->type = (uint32_t)hostile_below(6);
	switch (in->type) {
	case HV_STATS_OBJECT_LOGICAL_PROCESSOR:
		in->identity.lp.lp_index = index();
		break;
	case HV_STATS_OBJECT_PARTITION:
		in->identity.partition.partition_id = partition_id();
		break;
	case HV_STATS_OBJECT_VP:
		in->identity.vp.partition_id = partition_id();
		in->identity.vp.vp_index = index();
		break;
	default:
		break;
	}
	in->identity.hv.stats_area_type = (uint8_t)(one_in(8) ? hostile_below(4) : 0);
}

/* Ids of ports and connections: few, so that they meet. */
static uint32_t small_id(void)
{
	return (uint32_t)hostile_below(4);
}

static void fill_port(struct hv_input_create_port *in)
{
	in->port_partition_id = partition_id();
	in->port_id = small_id();
	in->connection_partition_id = one_in(4) ? hostile_below(3) : 0;
	in->port_info.port_type = one_in(8) ? (uint32_t)hostile_below(5)
					    : 1 + (uint32_t)hostile_below(2);
	in->port_info.target_sint = 1 + (uint32_t)hostile_below(16);
	in->port_info.target_vp = one_in(4) ? HV_ANY_VP : index() & 1;
	in->port_info.base_flag_number = (uint16_t)hostile_below(2048);
	in->port_info.flag_count = (uint16_t)hostile_below(64);
}

static void fill_connection(struct hv_input_connect_port *in)
{
	in->connection_partition_id = partition_id();
	in->connection_id = small_id();
	in->port_partition_id = partition_id();
	in->port_id = small_id();
	in->connection_info.port_type = 1 + (uint32_t)hostile_below(2);
}

/* What is sent over ports, directly, or as an interrupt. */
static void fill_sent(uint16_t code, void *input)
{
	uint64_t *words = input;
	uint32_t *halves = input;

	switch (code) {
	case HVCALL_POST_MESSAGE:
		halves[0] = small_id();
		halves[2] = 1 + (uint32_t)hostile_below(3);
		halves[3] = (uint32_t)hostile_below(250);
		break;
	case HVCALL_SIGNAL_EVENT:
		words[0] = small_id() | hostile_below(64) << 32;
		break;
	case HVCALL_SIGNAL_EVENT_DIRECT:
		words[0] = partition_id();
		halves[2] = index();
		halves[3] = (uint32_t)(hostile_below(18) << 8 | hostile_below(2200) << 16);
		break;
	case HVCALL_POST_MESSAGE_DIRECT:
		words[0] = partition_id();
		halves[2] = index();
		halves[3] = 0;
		halves[4] = (uint32_t)hostile_below(18);
		halves[5] = 1 + (uint32_t)hostile_below(3);
		halves[6] = (uint32_t)hostile_below(250);
		break;
	case HVCALL_SEND_IPI:
		words[0] = hostile_below(0x110);
		words[1] = hostile_below(4);
		break;
	default:
		words[0] = hostile_below(0x110);
		words[1] = hostile_below(3);
		words[2] = hostile_below(4);
		break;
	}
}

/* Parameters that make sense to a call of `code`, where there are any. */
static void fill(uint16_t code, void *input)
{
	uint64_t *words = input;
	uint32_t *halves = input;

	switch (code) {
	case HVCALL_GET_PARTITION_PROPERTY:
	case HVCALL_SET_PARTITION_PROPERTY:
	case HVCALL_GET_PARTITION_PROPERTY_EX:
		words[0] = partition_id();
		words[1] = property();
		break;
	case HVCALL_GET_MEMORY_BALANCE:
		words[0] = partition_id();
		break;
	case HVCALL_CREATE_VP:
		words[0] = partition_id();
		words[1] = index();
		words[4] = index();
		break;
	case HVCALL_ADD_LOGICAL_PROCESSOR:
		halves[0] = index();
		halves[1] = index();
		break;
	case HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME:
	case HVCALL_NOTIFY_PARTITION_EVENT:
		halves[0] = (uint32_t)hostile_below(6);
		break;
	case HVCALL_GET_SYSTEM_PROPERTY:
		halves[0] = one_in(2) ? HV_SYSTEM_PROPERTY_SCHEDULER_TYPE
				      : (uint32_t)hostile_below(64);
		break;
	case HVCALL_MAP_STATS_PAGE:
	case HVCALL_UNMAP_STATS_PAGE:
		fill_stats(input);
		break;
	case HVCALL_MAP_DEVICE_INTERRUPT:
		fill_map_interrupt(input);
		break;
	case HVCALL_CREATE_PORT:
		fill_port(input);
		break;
	case HVCALL_CONNECT_PORT:
		fill_connection(input);
		break;
	case HVCALL_DELETE_PORT:
	case HVCALL_DISCONNECT_PORT:
		/* Seldom one that is there, so that it is used first. */
		words[0] = partition_id();
		words[1] = one_in(16) ? small_id() : hostile_random() & UINT32_MAX;
		break;
	case HVCALL_POST_MESSAGE:
	case HVCALL_SIGNAL_EVENT:
	case HVCALL_SIGNAL_EVENT_DIRECT:
	case HVCALL_POST_MESSAGE_DIRECT:
	case HVCALL_SEND_IPI:
	case HVCALL_SEND_IPI_EX:
		fill_sent(code, input);
		break;
	case HVCALL_UNMAP_DEVICE_INTERRUPT:
		fill_unmap_interrupt(input);
		break;
	default:
		/* What is left begins with a partition, if it is about one. */
		if (known_count > 0 && one_in(2))
			words[0] = partition_id();
		break;
	}
}

/* One of the codes that fill() knows, or of those without input. */
static uint16_t served_code(void)
{
	static const uint16_t codes[] = {
		HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME,
		HVCALL_NOTIFY_LONG_SPIN_WAIT,
		HVCALL_GET_PARTITION_PROPERTY,
		HVCALL_SET_PARTITION_PROPERTY,
		HVCALL_GET_PARTITION_ID,
		HVCALL_GET_MEMORY_BALANCE,
		HVCALL_CREATE_VP,
		HVCALL_MAP_STATS_PAGE,
		HVCALL_UNMAP_STATS_PAGE,
		HVCALL_ADD_LOGICAL_PROCESSOR,
		HVCALL_GET_SYSTEM_PROPERTY,
		HVCALL_MAP_DEVICE_INTERRUPT,
		HVCALL_UNMAP_DEVICE_INTERRUPT,
		HVCALL_NOTIFY_PARTITION_EVENT,
		HVCALL_GET_PARTITION_PROPERTY_EX,
		HVCALL_CREATE_PORT,
		HVCALL_DELETE_PORT,
		HVCALL_CONNECT_PORT,
		HVCALL_DISCONNECT_PORT,
		HVCALL_POST_MESSAGE,
		HVCALL_SIGNAL_EVENT,
		HVCALL_POST_MESSAGE_DIRECT,
		HVCALL_SIGNAL_EVENT_DIRECT,
		HVCALL_SEND_IPI,
		HVCALL_SEND_IPI_EX,
	};

	return PICK(codes);
}

uint16_t hostile_code(void)
{
	uint16_t code;

	do {
		switch (hostile_below(16)) {
		case 0:
			code = (uint16_t)(HV_EXT_CALL_QUERY_CAPABILITIES + hostile_below(8));
			break;
		case 1:
			code = (uint16_t)hostile_random();
			break;
		case 2:
		case 3:
		case 4:
		case 5:
		case 6:
		case 7:
			code = (uint16_t)hostile_below(HOSTILE_CODES);
			break;
		default:
			code = served_code();
			break;
		}
	} while (hostile_acts(code));
	return code;
}

static uint64_t make_control(uint16_t code)
{
	uint64_t control = CONTROL(code);
	uint64_t noise = hostile_random() & ~HV_HYPERCALL_CODE_MASK;

	if (one_in(4))
		control |= HV_HYPERCALL_FAST_BIT;
	if (one_in(8) || code == HVCALL_MAP_DEVICE_INTERRUPT || code == HVCALL_SEND_IPI_EX)
		control |= hostile_below(4) << HV_HYPERCALL_VARHEAD_OFFSET;
	if (one_in(8))
		control |= hostile_below(6) << HV_HYPERCALL_REP_COMP_OFFSET |
			   CONTROL_REP_START(hostile_below(6));
	if (one_in(16))
		control |= noise & hostile_random();
	return control;
}

/* A place that no call must take a parameter from or put one to. */
static uint64_t nowhere(const struct hostile_places *places)
{
	static const uint64_t devices[] = {0xa0000, 0xfec00000, 0xfee00000, 0xffff0000};

	switch (hostile_below(4)) {
	case 0:
		return PICK(devices);
	case 1:
		return limit - PAGE_SIZE * hostile_below(3);
	case 2:
		return hostile_random() | BIT(63 - hostile_below(8));
	default:
		return places->closed[hostile_below(places->closed_count)];
	}
}

static uint64_t make_address(const struct hostile_places *places)
{
	uint64_t page = places->arena + hostile_below(places->arena_pages) * PAGE_SIZE;

	switch (hostile_below(32)) {
	case 0:
		return page + hostile_below(PAGE_SIZE); /* most are not aligned, or too far back */
	case 1:
		return PICK(overlays) + hostile_below(PAGE_SIZE / 8) * 8;
	case 2:
	case 3:
		return nowhere(places) + hostile_below(PAGE_SIZE / 8) * 8;
	default:
		return page + (one_in(2) ? hostile_below(PAGE_SIZE / 16) * 8 : 0);
	}
}

static bool in_arena(const struct hostile_places *places, uint64_t address)
{
	return address >= places->arena &&
	       address - places->arena < places->arena_pages * PAGE_SIZE;
}

/* Put `words` where the input is, as far as that is ours and in one page. */
static void put_input(const struct hostile_places *places, uint64_t address, const uint64_t *words)
{
	size_t room = PAGE_SIZE - address % PAGE_SIZE;

	if (in_arena(places, address))
		memcpy((void *)address, words, MIN(room, INPUT_WORDS * sizeof(*words)));
}

void hostile_make(struct hostile_call *call, uint16_t code, const struct hostile_places *places)
{
	struct hypercall_regs *r = &call->regs;
	uint64_t words[INPUT_WORDS], control, input, output;
	uint64_t *reg = (uint64_t *)r;

	call->code = code;
	call->narrow = one_in(16);
	control = make_control(call->code);
	for (size_t i = 0; i < INPUT_WORDS; i++)
		words[i] = any_word();
	if (!one_in(8))
		fill(call->code, words);

	for (size_t i = 0; i < sizeof(*r) / sizeof(*reg); i++)
		reg[i] = state + i * STEP;
	if (control & HV_HYPERCALL_FAST_BIT) {
		input = words[0];
		output = words[1];
		memcpy(r->xmm, words + 2, sizeof(r->xmm));
	} else {
		input = make_address(places);
		output = make_address(places);
		put_input(places, input, words);
	}
	if (call->narrow) {
		r->rdx = control >> 32;
		r->rax = (uint32_t)control;
		r->rbx = input >> 32;
		r->rcx = (uint32_t)input;
		r->rdi = output >> 32;
		r->rsi = (uint32_t)output;
		r->rbp = (uint32_t)r->rbp;
	} else {
		r->rcx = control;
		r->rdx = input;
		r->r8 = output;
	}
}
