// SPDX-License-Identifier: Apache-2.0
#include "root/child.h"

#include "abi/hv/interrupt.h"
#include "abi/hv/memory.h"
#include "abi/hv/partition.h"
#include "abi/hv/scheduler.h"
#include "abi/hv/stats.h"
#include "abi/hv/status.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/layout.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

#define RAM \
	(HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE | HV_MAP_GPA_EXECUTABLE | HV_MAP_GPA_ADJUSTABLE)
#define MAP_MAX 509u

/* Dispatches that are ended by interrupts of ours before we give up. */
#define PATIENCE 100000u

/* Segment attributes: present, and what the descriptors of lib/start.S say. */
#define ATTRIBUTES_CODE64 0xa09b
#define ATTRIBUTES_CODE32 0xc09b
#define ATTRIBUTES_DATA   0xc093
#define ATTRIBUTES_REAL   0x0093
#define ATTRIBUTES_REAL_X 0x009b
#define ATTRIBUTES_TSS    0x008b

#define STACK_SIZE 0x4000u

/* Instruction bytes that a message carries at most. */
#define BYTES_MAX 15u

extern char bss_end[], tss[], child_return[];
extern const char child_memory_add[];

/* Where the innermost fault_call() goes on (lib/trap_entry.S): ours, while no child runs. */
extern uint64_t fault_context;

static uint8_t stacks[CHILD_VPS][STACK_SIZE] __aligned(16);

static uint64_t number_of(unsigned int index)
{
	return machine_page(index) >> PAGE_SHIFT;
}

uint64_t child_call(uint16_t code, uint64_t first, uint64_t second)
{
	return hypercall_fast(CONTROL_FAST(code), first, second);
}

void child_deposit(const struct child *c)
{
	struct hv_input_deposit_memory *in = hypercall_prepare();

	in->partition_id = c->id;
	for (uint32_t i = 0; i < CHILD_POOL_PAGES; i++)
		in->gpa_page_list[i] = number_of(c->first + CHILD_POOL + i);
	EXPECT_EQ(hypercall(CONTROL_REP(HVCALL_DEPOSIT_MEMORY, CHILD_POOL_PAGES)),
		  RESULT(HV_STATUS_SUCCESS, CHILD_POOL_PAGES));
}

void child_create(struct child *c, uint64_t features)
{
	child_create_with(c, features, 0);
}

void child_create_with(struct child *c, uint64_t features, uint64_t privileges)
{
	struct hv_input_create_partition *in;
	unsigned int first = c->first;

	*c = (struct child){.first = first};
	EXPECT_EQ(root_deposit(first + CHILD_SELF, CHILD_SELF_PAGES),
		  RESULT(HV_STATUS_SUCCESS, CHILD_SELF_PAGES));
	in = hypercall_prepare();
	in->flags = CHILD_FLAGS;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_CREATE_PARTITION)), HV_STATUS_SUCCESS);
	memcpy(&c->id, hypercall_out, sizeof(c->id));
	EXPECT_EQ(child_set_property(c, HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES, features),
		  HV_STATUS_SUCCESS);
	EXPECT_EQ(child_set_property(c, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, privileges),
		  HV_STATUS_SUCCESS);
	child_deposit(c);
	EXPECT_EQ(child_call(HVCALL_INITIALIZE_PARTITION, c->id, 0), HV_STATUS_SUCCESS);
}

void child_withdraw(const struct child *c)
{
	const uint64_t *pages = (const uint64_t *)(const void *)hypercall_out;
	uint64_t first = number_of(c->first + CHILD_POOL);
	uint32_t count = 0;
	uint64_t result;

	do {
		struct hv_input_withdraw_memory *in = hypercall_prepare();

		in->partition_id = c->id;
		result = hypercall(CONTROL_REP(HVCALL_WITHDRAW_MEMORY, 64));
		for (uint32_t i = 0; i < RESULT_REPS(result); i++) {
			EXPECT(pages[i] >= first && pages[i] < first + CHILD_POOL_PAGES);
			EXPECT_EQ(*(const uint64_t *)(pages[i] << PAGE_SHIFT), 0);
		}
		count += RESULT_REPS(result);
	} while ((result & HV_HYPERCALL_RESULT_MASK) == HV_STATUS_SUCCESS);
	EXPECT_EQ(count, CHILD_POOL_PAGES);
}

void child_end(struct child *c)
{
	EXPECT_EQ(child_call(HVCALL_FINALIZE_PARTITION, c->id, 0), HV_STATUS_SUCCESS);
	child_withdraw(c);
	EXPECT_EQ(child_call(HVCALL_DELETE_PARTITION, c->id, 0), HV_STATUS_SUCCESS);
	EXPECT_EQ(root_withdraw(CHILD_SELF_PAGES), RESULT(HV_STATUS_SUCCESS, CHILD_SELF_PAGES));
}

/* The state page of `type`, where we see it. */
static void *map_state_page(const struct child *c, uint32_t index, uint16_t type)
{
	struct hv_input_map_vp_state_page *in = hypercall_prepare();
	uint64_t number;

	in->partition_id = c->id;
	in->vp_index = index;
	in->type = type;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_MAP_VP_STATE_PAGE)), HV_STATUS_SUCCESS);
	memcpy(&number, hypercall_out, sizeof(number));
	return (void *)(number << PAGE_SHIFT);
}

void child_add_vp(struct child *c, uint32_t index)
{
	struct hv_input_create_vp *create = hypercall_prepare();
	struct hv_input_stats_page *stats;
	uint64_t number;

	create->partition_id = c->id;
	create->vp_index = index;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_CREATE_VP)), HV_STATUS_SUCCESS);
	c->vp[index].message = map_state_page(c, index, HV_VP_STATE_PAGE_INTERCEPT_MESSAGE);
	c->vp[index].page = map_state_page(c, index, HV_VP_STATE_PAGE_REGISTERS);
	stats = hypercall_prepare();
	stats->type = HV_STATS_OBJECT_VP;
	stats->identity.vp.partition_id = c->id;
	stats->identity.vp.vp_index = index;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_MAP_STATS_PAGE)), HV_STATUS_SUCCESS);
	memcpy(&number, hypercall_out, sizeof(number));
	c->vp[index].stats = (volatile uint64_t *)(number << PAGE_SHIFT);
}

static uint64_t map(const struct child *c, uint64_t base, uint32_t flags, uint64_t page,
		    uint32_t count)
{
	struct hv_input_map_gpa_pages *in = hypercall_prepare();

	in->target_partition_id = c->id;
	in->target_gpa_base = base;
	in->map_flags = flags;
	for (uint32_t i = 0; i < count; i++)
		in->source_gpa_page_list[i] = flags & HV_MAP_GPA_NO_ACCESS ? 0 : page + i;
	return hypercall(CONTROL_REP(HVCALL_MAP_GPA_PAGES, count));
}

uint64_t child_map(const struct child *c, uint64_t base, uint32_t flags, unsigned int first,
		   uint32_t count)
{
	return map(c, base, flags, number_of(first), count);
}

static void share(const struct child *c, uint64_t start, uint64_t end)
{
	uint32_t count;

	for (uint64_t at = start >> PAGE_SHIFT; at < end >> PAGE_SHIFT; at += count) {
		count = (uint32_t)MIN((end >> PAGE_SHIFT) - at, (uint64_t)MAP_MAX);
		if (!EXPECT_EQ(map(c, at, RAM, at, count), RESULT(HV_STATUS_SUCCESS, count)))
			return;
	}
}

void child_share_image(struct child *c)
{
	/* All but the pages that tests give away. */
	share(c, GUEST_LOAD, machine_page(0));
	share(c, machine_page(MACHINE_PAGES - 1) + PAGE_SIZE, (uintptr_t)bss_end);
}

uint64_t child_set_wide(const struct child *c, uint32_t index, uint32_t name,
			const union hv_register_value *value)
{
	struct {
		struct hv_input_vp_registers header;
		struct hv_register_assoc element;
	} *in = hypercall_prepare();

	in->header.partition_id = c->id;
	in->header.vp_index = index;
	in->element.name = name;
	in->element.value = *value;
	return hypercall(CONTROL_REP(HVCALL_SET_VP_REGISTERS, 1));
}

uint64_t child_set(const struct child *c, uint32_t index, uint32_t name, uint64_t value)
{
	return child_set_wide(c, index, name, &(union hv_register_value){.reg64 = value});
}

uint64_t child_try_get(const struct child *c, uint32_t index, uint32_t name,
		       union hv_register_value *value)
{
	struct {
		struct hv_input_vp_registers header;
		uint32_t name;
	} *in = hypercall_prepare();
	uint64_t result;

	in->header.partition_id = c->id;
	in->header.vp_index = index;
	in->name = name;
	result = hypercall(CONTROL_REP(HVCALL_GET_VP_REGISTERS, 1));
	memcpy(value, hypercall_out, sizeof(*value));
	return result;
}

union hv_register_value child_get(const struct child *c, uint32_t index, uint32_t name)
{
	union hv_register_value value;

	EXPECT_EQ(child_try_get(c, index, name, &value), RESULT(HV_STATUS_SUCCESS, 1));
	return value;
}

static void set(const struct child *c, uint32_t index, uint32_t name, uint64_t value)
{
	EXPECT_EQ(child_set(c, index, name, value), RESULT(HV_STATUS_SUCCESS, 1));
}

static void set_segment(const struct child *c, uint32_t index, uint32_t name, uint64_t base,
			uint32_t limit, uint16_t selector, uint16_t attributes)
{
	const union hv_register_value value = {
		.segment = {.base = base,
			    .limit = limit,
			    .selector = selector,
			    .attributes = attributes},
	};

	EXPECT_EQ(child_set_wide(c, index, name, &value), RESULT(HV_STATUS_SUCCESS, 1));
}

static void set_data_segments(const struct child *c, uint32_t index, uint32_t limit,
			      uint16_t selector, uint16_t attributes)
{
	static const uint32_t names[] = {HV_X64_REGISTER_ES, HV_X64_REGISTER_SS, HV_X64_REGISTER_DS,
					 HV_X64_REGISTER_FS, HV_X64_REGISTER_GS};

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		set_segment(c, index, names[i], 0, limit, selector, attributes);
}

static void set_table(const struct child *c, uint32_t index, uint32_t name, const void *pointer)
{
	union hv_register_value value = {0};

	memcpy(&value.table.limit, pointer, 2);
	memcpy(&value.table.base, (const uint8_t *)pointer + 2, 8);
	EXPECT_EQ(child_set_wide(c, index, name, &value), RESULT(HV_STATUS_SUCCESS, 1));
}

void child_enter(struct child *c, uint32_t index, void (*fn)(void))
{
	uint64_t *top = (uint64_t *)(void *)(stacks[index] + STACK_SIZE) - 1;
	uint8_t gdtr[10], idtr[10];

	__asm__ volatile("sgdt %0; sidt %1" : "=m"(gdtr), "=m"(idtr));
	c->fault_context = 0;
	*top = (uintptr_t)child_return;
	set_segment(c, index, HV_X64_REGISTER_CS, 0, UINT32_MAX, CODE64, ATTRIBUTES_CODE64);
	set_data_segments(c, index, UINT32_MAX, DATA, ATTRIBUTES_DATA);
	set_segment(c, index, HV_X64_REGISTER_TR, (uintptr_t)tss, 0x67, TSS, ATTRIBUTES_TSS);
	set_table(c, index, HV_X64_REGISTER_GDTR, gdtr);
	set_table(c, index, HV_X64_REGISTER_IDTR, idtr);
	set(c, index, HV_X64_REGISTER_CR0, read_cr0());
	set(c, index, HV_X64_REGISTER_CR3, read_cr3());
	set(c, index, HV_X64_REGISTER_CR4, read_cr4());
	set(c, index, HV_X64_REGISTER_EFER, rdmsr(MSR_EFER));
	set(c, index, HV_X64_REGISTER_RFLAGS, RFLAGS_FIXED);
	set(c, index, HV_X64_REGISTER_RIP, (uintptr_t)fn);
	set(c, index, HV_X64_REGISTER_RSP, (uintptr_t)top);
	set(c, index, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0);
	set(c, index, HV_REGISTER_EXPLICIT_SUSPEND, 0);
}

void child_start(struct child *c, void (*fn)(void))
{
	child_create(c, CHILD_FEATURES);
	child_share_image(c);
	child_add_vp(c, 0);
	child_enter(c, 0, fn);
}

void *child_memory(const struct child *c, unsigned int page)
{
	return (void *)machine_page(c->first + CHILD_MEMORY + page);
}

static void start_copy(struct child *c, const char *code, const char *end)
{
	child_create(c, CHILD_FEATURES);
	for (unsigned int i = 0; i < CHILD_PAGES; i++)
		memset(child_memory(c, i), 0, PAGE_SIZE);
	memcpy(child_memory(c, CHILD_CODE >> PAGE_SHIFT), code, (size_t)(end - code));
	EXPECT_EQ(child_map(c, 0, RAM, c->first + CHILD_MEMORY, CHILD_PAGES),
		  RESULT(HV_STATUS_SUCCESS, CHILD_PAGES));
	child_add_vp(c, 0);
	set(c, 0, HV_X64_REGISTER_RIP, CHILD_CODE);
	set(c, 0, HV_X64_REGISTER_RSP, CHILD_STACK);
	set(c, 0, HV_REGISTER_EXPLICIT_SUSPEND, 0);
}

void child_start_real(struct child *c, const char *code, const char *end)
{
	start_copy(c, code, end);
	set_segment(c, 0, HV_X64_REGISTER_CS, 0, 0xffff, 0, ATTRIBUTES_REAL_X);
	set_data_segments(c, 0, 0xffff, 0, ATTRIBUTES_REAL);
}

void child_start_flat(struct child *c, const char *code, const char *end)
{
	start_copy(c, code, end);
	set_segment(c, 0, HV_X64_REGISTER_CS, 0, UINT32_MAX, CODE32, ATTRIBUTES_CODE32);
	set_data_segments(c, 0, UINT32_MAX, DATA, ATTRIBUTES_DATA);
	set(c, 0, HV_X64_REGISTER_CR0, CR0_PE | CR0_ET);
}

uint64_t child_dispatch(struct child *c, uint32_t index, uint32_t flags, uint32_t *state,
			uint32_t *event)
{
	struct hv_input_dispatch_vp *in = hypercall_prepare();

	in->partition_id = c->id;
	in->vp_index = index;
	in->flags = flags;
	return child_dispatch_prepared(c, state, event);
}

uint64_t child_dispatch_prepared(struct child *c, uint32_t *state, uint32_t *event)
{
	struct hv_output_dispatch_vp out;
	uint64_t own = fault_context, result;

	fault_context = c->fault_context;
	result = hypercall(CONTROL(HVCALL_DISPATCH_VP));
	c->fault_context = fault_context;
	fault_context = own;
	memcpy(&out, hypercall_out, sizeof(out));
	*state = out.dispatch_state;
	*event = out.dispatch_event;
	return result;
}

enum child_stop child_run(struct child *c, uint32_t index)
{
	struct child_vp *vp = &c->vp[index];
	uint32_t state, event;

	for (unsigned int i = 0; i < PATIENCE; i++) {
		uint32_t flags = vp->intercepted ? HV_DISPATCH_VP_FLAG_CLEAR_INTERCEPT_SUSPEND : 0;

		if (child_dispatch(c, index, flags, &state, &event) != HV_STATUS_SUCCESS)
			return CHILD_REFUSED;
		vp->intercepted = event == HV_VP_DISPATCH_EVENT_INTERCEPT;
		if (state == HV_VP_DISPATCH_STATE_BLOCKED)
			return event == HV_VP_DISPATCH_EVENT_SUSPEND ? CHILD_SUSPENDED
								     : CHILD_BLOCKED;
		if (vp->intercepted)
			return CHILD_MESSAGE;
		/* Something of ours waits to be let in. */
		__asm__ volatile("sti; nop; cli" : : : "memory");
	}
	return CHILD_READY;
}

volatile void *child_expect(struct child *c, uint32_t index, uint32_t type)
{
	volatile const struct hv_message *message = c->vp[index].message;

	if (!EXPECT_EQ(child_run(c, index), CHILD_MESSAGE) ||
	    !EXPECT_EQ(message->header.message_type, type)) {
		test_note("the child stands at 0x%lx",
			  child_get(c, index, HV_X64_REGISTER_RIP).reg64);
		return NULL;
	}
	EXPECT_EQ(message->header.origination_id, c->id);
	return c->vp[index].message->payload;
}

bool child_finish(struct child *c)
{
	volatile const struct hv_x64_io_port_intercept_message *m = child_expect(
		c, 0, HVMSG_X64_IO_PORT_INTERCEPT);

	return m && EXPECT_EQ(m->port_number, CHILD_DONE);
}

void child_resume(struct child *c, uint32_t index, uint64_t rax)
{
	volatile const struct hv_x64_intercept_message_header *header =
		(volatile const void *)c->vp[index].message->payload;
	struct hv_vp_register_page *page = c->vp[index].page;

	page->gp_registers[0] = rax;
	page->rip += header->instruction_length_cr8 & 0xf;
	page->dirty |= 1u << HV_X64_REGISTER_CLASS_GENERAL | 1u << HV_X64_REGISTER_CLASS_IP;
}

uint64_t child_set_property(const struct child *c, uint32_t code, uint64_t value)
{
	struct hv_input_set_partition_property *in = hypercall_prepare();

	in->partition_id = c->id;
	in->property_code = code;
	in->property_value = value;
	return hypercall(CONTROL(HVCALL_SET_PARTITION_PROPERTY));
}

uint64_t child_intercept(const struct child *c, uint32_t type, uint32_t access)
{
	struct hv_input_install_intercept *in = hypercall_prepare();

	in->partition_id = c->id;
	in->intercept_type = type;
	in->access_type = access;
	return hypercall(CONTROL(HVCALL_INSTALL_INTERCEPT));
}

uint64_t child_assert(const struct child *c, uint32_t type, uint32_t control, uint64_t destination,
		      uint32_t vector)
{
	struct hv_input_assert_virtual_interrupt *in = hypercall_prepare();

	in->partition_id = c->id;
	in->interrupt_type = type;
	in->control = control;
	in->destination = destination;
	in->requested_vector = vector;
	return hypercall(CONTROL(HVCALL_ASSERT_VIRTUAL_INTERRUPT));
}

bool child_same_bytes(const volatile uint8_t *bytes, unsigned int count, const char *code)
{
	for (unsigned int i = 0; i < count; i++)
		if (bytes[i] != (uint8_t)code[i])
			return false;
	return true;
}

volatile struct hv_x64_memory_intercept_message *child_expect_memory(struct child *c, uint32_t type,
								     const char *code,
								     unsigned int access,
								     uint64_t gpa)
{
	volatile struct hv_x64_memory_intercept_message *m = child_expect(c, 0, type);

	if (!m)
		return NULL;
	EXPECT_EQ(c->vp[0].message->header.payload_size, sizeof(*m));
	EXPECT_EQ(m->header.rip, (uintptr_t)code);
	/* Emulators read first what an instruction is about to change. */
	if (code != child_memory_add)
		EXPECT_EQ(m->header.intercept_access_type, access);
	EXPECT_EQ(m->guest_physical_address, gpa);
	EXPECT_EQ(m->cache_type, HV_CACHE_TYPE_WRITE_BACK);
	if (access == HV_INTERCEPT_ACCESS_EXECUTE) {
		EXPECT_EQ(m->instruction_byte_count, 0);
	} else {
		EXPECT_EQ(m->instruction_byte_count, BYTES_MAX);
		EXPECT(child_same_bytes(m->instruction_bytes, BYTES_MAX, code));
	}
	return m;
}
