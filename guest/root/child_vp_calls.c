// SPDX-License-Identifier: Apache-2.0
/*
 * Calls about a child's VP: where its addresses lead, what CPUID says to it, who starts it; and
 * doorbells, by which it calls. Source: TLFS, the calls named; Linux's mshv driver.
 */
#include "abi/hv/bulkhead.h"
#include "abi/hv/cpuid.h"
#include "abi/hv/memory.h"
#include "abi/hv/msr.h"
#include "abi/hv/port.h"
#include "abi/hv/status.h"
#include "abi/hv/vp_calls.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/layout.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/child.h"
#include "root/root.h"
#include "root/synic_setup.h"
#include "x86/cpu.h"

#define READ  HV_TRANSLATE_GVA_VALIDATE_READ
#define WRITE HV_TRANSLATE_GVA_VALIDATE_WRITE

#define RAM \
	(HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE | HV_MAP_GPA_EXECUTABLE | HV_MAP_GPA_ADJUSTABLE)

/* Ports that a child's code asks to be looked at by, and our pages for ports and connections. */
#define LOOK       0xe0u
#define PORT_PAGES 4u
#define PORTS      (CHILD_MEMORY + 16)
#define BELL       77u

extern char tss[];

static struct child c;
static volatile uint64_t seen[4];

static void look(void)
{
	outb(LOOK, 0);
}

static bool looked(uint32_t index)
{
	volatile struct hv_x64_io_port_intercept_message *m = child_expect(
		&c, index, HVMSG_X64_IO_PORT_INTERCEPT);

	return m && EXPECT_EQ(m->port_number, LOOK);
}

/* The page that `gva` leads to, in *page; returns the result code. */
static uint32_t translate(uint64_t gva, uint64_t flags, uint64_t *page)
{
	struct hv_input_translate_virtual_address *in = hypercall_prepare();
	struct hv_output_translate_virtual_address out;

	in->partition_id = c.id;
	in->control_flags = flags;
	in->gva_page = gva >> PAGE_SHIFT;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_TRANSLATE_VIRTUAL_ADDRESS)), HV_STATUS_SUCCESS);
	memcpy(&out, hypercall_out, sizeof(out));
	*page = out.gpa_page;
	return out.result_code;
}

TEST(translate, "child VP calls: addresses lead where they lead the child")
{
	uint64_t page;

	child_start(&c, look);
	looked(0);
	EXPECT_EQ(translate((uintptr_t)&seen, READ | WRITE, &page), HV_TRANSLATE_GVA_SUCCESS);
	EXPECT_EQ(page, (uintptr_t)&seen >> PAGE_SHIFT);
	EXPECT_EQ(translate(CHILD_HOLE, READ, &page), HV_TRANSLATE_GVA_GPA_UNMAPPED);
	EXPECT_EQ(page, CHILD_HOLE >> PAGE_SHIFT);
	EXPECT_EQ(translate(BIT(47) - PAGE_SIZE, READ, &page), HV_TRANSLATE_GVA_PAGE_NOT_PRESENT);
	EXPECT_EQ(child_map(&c, CHILD_HOLE >> PAGE_SHIFT, HV_MAP_GPA_READABLE, CHILD_MEMORY, 1),
		  RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(translate(CHILD_HOLE, READ, &page), HV_TRANSLATE_GVA_SUCCESS);
	EXPECT_EQ(translate(CHILD_HOLE, WRITE, &page), HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS);
	/* Without paging. */
	EXPECT_EQ(child_set(&c, 0, HV_X64_REGISTER_EFER, 0), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(child_set(&c, 0, HV_X64_REGISTER_CR0, CR0_PE | CR0_ET),
		  RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(translate(BIT(31), READ, &page), HV_TRANSLATE_GVA_GPA_UNMAPPED);
	EXPECT_EQ(page, BIT(31) >> PAGE_SHIFT);
	child_end(&c);
}

/* Leaves that differ from VP to VP, or depend on its control registers, are among them. */
static const uint32_t leaves[] = {0,          1,          7,          0xb,       0xd,
				  0x40000000, 0x40000003, 0x80000001, 0x80000008};
static volatile struct hv_cpuid_values told[ARRAY_SIZE(leaves)];

static void in_cpuid(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(leaves); i++) {
		struct cpuid_regs r = cpuid(leaves[i], 0);

		told[i].eax = r.eax;
		told[i].ebx = r.ebx;
		told[i].ecx = r.ecx;
		told[i].edx = r.edx;
	}
	look();
}

TEST(cpuid_values, "child VP calls: CPUID says to its parent what it says to the child")
{
	const struct hv_cpuid_values *values = (const void *)hypercall_out;
	struct {
		struct hv_input_get_vp_cpuid_values header;
		struct hv_cpuid_leaf_info leaf[ARRAY_SIZE(leaves)];
	} * in;

	child_start(&c, in_cpuid);
	looked(0);
	in = hypercall_prepare();
	in->header.partition_id = c.id;
	for (unsigned int i = 0; i < ARRAY_SIZE(leaves); i++)
		in->leaf[i].eax = leaves[i];
	EXPECT_EQ(hypercall(CONTROL_REP(HVCALL_GET_VP_CPUID_VALUES, ARRAY_SIZE(leaves))),
		  RESULT(HV_STATUS_SUCCESS, ARRAY_SIZE(leaves)));
	for (unsigned int i = 0; i < ARRAY_SIZE(leaves); i++) {
		test_about("leaf 0x%x", leaves[i]);
		EXPECT_EQ(values[i].eax, told[i].eax);
		EXPECT_EQ(values[i].ebx, told[i].ebx);
		EXPECT_EQ(values[i].ecx, told[i].ecx);
		EXPECT_EQ(values[i].edx, told[i].edx);
	}
	test_about(NULL);
	in->header.flags = 4;
	EXPECT_EQ(hypercall(CONTROL_REP(HVCALL_GET_VP_CPUID_VALUES, 1)),
		  HV_STATUS_INVALID_PARAMETER);
	child_end(&c);
}

/* Parameters of the child's calls, and its second VP's stack. */
static uint8_t input[PAGE_SIZE] __aligned(PAGE_SIZE), output[PAGE_SIZE] __aligned(PAGE_SIZE);
static uint8_t stack[PAGE_SIZE] __aligned(16);
static uint64_t control;

static void in_call(void)
{
	struct hypercall_regs regs = {
		.rcx = control, .rdx = (uintptr_t)input, .r8 = (uintptr_t)output};

	wrmsr(HV_X64_MSR_GUEST_OS_ID, ROOT_OS_ID);
	seen[0] = fault_hypercall(&regs);
	seen[1] = regs.rax;
}

/* The result of a call that VP 0 makes. */
static uint64_t childs_call(uint64_t wanted)
{
	control = wanted;
	child_enter(&c, 0, in_call);
	child_finish(&c);
	EXPECT_EQ(seen[0], FAULT_NONE);
	return seen[1];
}

static void in_second(void)
{
	seen[2] = rdmsr(HV_X64_MSR_VP_INDEX);
	for (;;)
		look();
}

static struct hv_x64_segment_register segment(uint16_t selector, uint16_t attributes)
{
	return (struct hv_x64_segment_register){
		.limit = UINT32_MAX, .selector = selector, .attributes = attributes};
}

static struct hv_x64_table_register table(const uint8_t *pointer)
{
	struct hv_x64_table_register value = {0};

	memcpy(&value.limit, pointer, 2);
	memcpy(&value.base, pointer + 2, 8);
	return value;
}

/* VP `index` is to execute in_second(), as this code runs. */
static void prepare_start(uint32_t index)
{
	const struct hv_x64_segment_register data = segment(DATA, 0xc093);
	struct hv_input_start_vp *in = (void *)input;
	struct hv_initial_vp_context *context = &in->context;
	uint8_t gdtr[10], idtr[10];

	__asm__ volatile("sgdt %0; sidt %1" : "=m"(gdtr), "=m"(idtr));
	memset(input, 0, sizeof(input));
	in->partition_id = HV_PARTITION_ID_SELF;
	in->vp_index = index;
	context->rip = (uintptr_t)in_second;
	context->rsp = (uintptr_t)stack + sizeof(stack) - 8;
	context->rflags = RFLAGS_FIXED;
	context->cs = segment(CODE64, 0xa09b);
	context->ds = context->es = context->fs = context->gs = context->ss = data;
	context->tr = segment(TSS, 0x008b);
	context->tr.base = (uintptr_t)tss;
	context->tr.limit = 0x67;
	context->ldtr = segment(0, 0x0082);
	context->idtr = table(idtr);
	context->gdtr = table(gdtr);
	context->efer = rdmsr(MSR_EFER);
	context->cr0 = read_cr0();
	context->cr3 = read_cr3();
	context->cr4 = read_cr4();
	context->pat = rdmsr(MSR_PAT);
}

TEST(start, "child VP calls: a VP starts another one where it wants, if it may")
{
	const uint64_t start = CONTROL(HVCALL_START_VP);

	child_create_with(&c, CHILD_FEATURES, HV_PRIVILEGE_EBX(HV_START_VIRTUAL_PROCESSOR));
	child_share_image(&c);
	child_add_vp(&c, 0);
	child_add_vp(&c, 1);
	EXPECT_EQ(child_set(&c, 1, HV_REGISTER_EXPLICIT_SUSPEND, 0), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(child_run(&c, 1), CHILD_BLOCKED);
	prepare_start(2);
	EXPECT_EQ(childs_call(start), HV_STATUS_INVALID_VP_INDEX);
	prepare_start(1);
	((struct hv_input_start_vp *)(void *)input)->context.efer |= EFER_SVME;
	EXPECT_EQ(childs_call(start), HV_STATUS_INVALID_PARAMETER);
	prepare_start(1);
	((struct hv_input_start_vp *)(void *)input)->partition_id = 1;
	EXPECT_EQ(childs_call(start), HV_STATUS_INVALID_PARTITION_ID);
	EXPECT_EQ(c.vp[1].stats[202], 1);
	prepare_start(1);
	EXPECT_EQ(childs_call(start), HV_STATUS_SUCCESS);
	EXPECT_EQ(c.vp[1].stats[202], 0);
	EXPECT_EQ(childs_call(start), HV_STATUS_INVALID_VP_STATE);
	looked(1);
	EXPECT_EQ(seen[2], 1);
	EXPECT(root_intact());
	child_end(&c);

	child_start(&c, in_call);
	child_add_vp(&c, 1);
	EXPECT_EQ(childs_call(start), HV_STATUS_ACCESS_DENIED);
	child_end(&c);
}

TEST(apic_ids, "child VP calls: a VP finds others by the ids of their APICs")
{
	struct {
		struct hv_input_get_vp_index_from_apic_id header;
		uint32_t id[3];
	} *in = (void *)input;
	const uint32_t *index = (const void *)output;

	child_start(&c, in_call);
	child_add_vp(&c, 1);
	memset(input, 0, sizeof(input));
	in->header.partition_id = HV_PARTITION_ID_SELF;
	in->id[0] = 1;
	in->id[2] = 7;
	EXPECT_EQ(childs_call(CONTROL_REP(HVCALL_GET_VP_INDEX_FROM_APIC_ID, 3)),
		  RESULT(HV_STATUS_INVALID_PARAMETER, 2));
	EXPECT_EQ(index[0], 1);
	EXPECT_EQ(index[1], 0);
	child_end(&c);
}

/* What the hypervisor has counted of the child under `name`; all ones if it does not count that. */
static uint64_t counted(const char *name)
{
	const struct bulkhead_counters *header = (const void *)hypercall_out;
	const struct bulkhead_counter *counter = (const void *)(header + 1);

	for (uint64_t first = 0;; first += header->count) {
		struct hv_input_get_partition_property_ex *in = hypercall_prepare();

		in->partition_id = c.id;
		in->property_code = BULKHEAD_PROPERTY_COUNTERS;
		in->arg = first;
		if (!EXPECT_EQ(hypercall(CONTROL(HVCALL_GET_PARTITION_PROPERTY_EX)),
			       HV_STATUS_SUCCESS) ||
		    header->count == 0)
			return UINT64_MAX;
		for (uint32_t i = 0; i < header->count; i++)
			if (strcmp(counter[i].name, name) == 0)
				return counter[i].value;
	}
}

TEST(counters, "child VP calls: its exits and its calls are counted, for each child")
{
	struct hv_input_get_partition_property_ex *in;

	child_start(&c, in_cpuid);
	EXPECT_EQ(counted("exit.cpuid"), 0);
	looked(0);
	EXPECT_EQ(counted("exit.cpuid"), ARRAY_SIZE(leaves));
	EXPECT_EQ(counted("exit.port"), 1);
	EXPECT_EQ(counted("exit.hypercall"), 0);
	EXPECT_EQ(childs_call(CONTROL_FAST(HVCALL_NOTIFY_LONG_SPIN_WAIT)), HV_STATUS_SUCCESS);
	EXPECT_EQ(childs_call(CONTROL(HVCALL_START_VP)), HV_STATUS_ACCESS_DENIED);
	EXPECT_EQ(childs_call(CONTROL(0x2345)), HV_STATUS_INVALID_HYPERCALL_CODE);
	EXPECT_EQ(counted("exit.hypercall"), 3);
	EXPECT_EQ(counted("hypercall.notify_long_spin_wait"), 1);
	EXPECT_EQ(counted("hypercall.start_vp"), 1);
	EXPECT_EQ(counted("hypercall.unknown"), 1);
	EXPECT_EQ(counted("hypercall.send_ipi"), 0);
	EXPECT_EQ(counted("exit.msr"), 3);
	EXPECT_EQ(counted("exit.nothing"), UINT64_MAX);
	in = hypercall_prepare();
	in->partition_id = c.id;
	in->property_code = BULKHEAD_PROPERTY_COUNTERS;
	in->arg = UINT64_MAX;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_GET_PARTITION_PROPERTY_EX)), HV_STATUS_SUCCESS);
	EXPECT_EQ(((const struct bulkhead_counters *)(const void *)hypercall_out)->count, 0);
	child_end(&c);
}

/* Our ring of doorbells, as Linux's driver sets it up. */
static volatile struct hv_synic_event_ring *ring(void)
{
	volatile struct hv_synic_event_ring_page *page =
		(volatile void *)(rdmsr(HV_X64_MSR_SIRBP) & HV_X64_MSR_PAGE_ADDRESS_MASK);

	return &page->sint_event_ring[HV_SYNIC_DOORBELL_SINT_INDEX];
}

static void bells_on(void)
{
	synic_on(0);
	wrmsr(HV_X64_MSR_SIRBP, rdmsr(HV_X64_MSR_SIRBP) | HV_SYNIC_SIRBP_ENABLE);
	wrmsr(HV_X64_MSR_SINT0 + HV_SYNIC_INTERCEPTION_SINT_INDEX, SYNIC_TEST_VECTOR);
	wrmsr(HV_X64_MSR_SINT0 + HV_SYNIC_DOORBELL_SINT_INDEX,
	      SYNIC_TEST_VECTOR | HV_SYNIC_SINT_AS_INTERCEPT);
}

static void bells_off(void)
{
	wrmsr(HV_X64_MSR_SINT0 + HV_SYNIC_DOORBELL_SINT_INDEX, HV_SYNIC_SINT_RESET_VALUE);
	wrmsr(HV_X64_MSR_SINT0 + HV_SYNIC_INTERCEPTION_SINT_INDEX, HV_SYNIC_SINT_RESET_VALUE);
	wrmsr(HV_X64_MSR_SIRBP, rdmsr(HV_X64_MSR_SIRBP) & ~HV_SYNIC_SIRBP_ENABLE);
	synic_off();
}

static void make_bell(uint64_t value)
{
	struct hv_input_create_port *port = hypercall_prepare();
	struct hv_input_connect_port *connection;

	port->port_partition_id = HV_PARTITION_ID_SELF;
	port->port_id = BELL;
	port->connection_partition_id = c.id;
	port->port_info.port_type = HV_PORT_TYPE_DOORBELL;
	port->port_info.target_sint = HV_SYNIC_DOORBELL_SINT_INDEX;
	port->port_info.target_vp = HV_ANY_VP;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_CREATE_PORT)), HV_STATUS_SUCCESS);
	connection = hypercall_prepare();
	connection->connection_partition_id = c.id;
	connection->connection_id = BELL;
	connection->port_partition_id = HV_PARTITION_ID_SELF;
	connection->port_id = BELL;
	connection->connection_info.port_type = HV_PORT_TYPE_DOORBELL;
	connection->connection_info.gpa = CHILD_HOLE;
	connection->connection_info.trigger_value = value;
	connection->connection_info.flags = HV_DOORBELL_FLAG_SIZE_4;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_CONNECT_PORT)), HV_STATUS_SUCCESS);
}

/* Writes that ring, each with a look, and one that does not. */
static void in_ringing(void)
{
	for (unsigned int i = 0; i < 2; i++) {
		*(volatile uint32_t *)CHILD_HOLE = 5;
		look();
	}
	*(volatile uint32_t *)CHILD_HOLE = 6;
}

TEST(doorbells, "child VP calls: a write rings without its parent's help, another is its parent's")
{
	volatile struct hv_message *slot;

	EXPECT_EQ(root_deposit(PORTS, PORT_PAGES), RESULT(HV_STATUS_SUCCESS, PORT_PAGES));
	bells_on();
	slot = synic_slot(HV_SYNIC_INTERCEPTION_SINT_INDEX);
	child_start(&c, in_ringing);
	make_bell(5);
	looked(0);
	EXPECT_EQ(ring()->data[0], BELL);
	EXPECT_EQ(ring()->data[1], 0);
	EXPECT_EQ(slot->header.message_type, HVMSG_SYNIC_SINT_INTERCEPT);
	slot->header.message_type = HVMSG_NONE;
	child_resume(&c, 0, 0);
	/* We have been told, and have not looked yet. */
	looked(0);
	EXPECT_EQ(ring()->data[1], BELL);
	EXPECT_EQ(slot->header.message_type, HVMSG_NONE);
	child_resume(&c, 0, 0);
	child_expect(&c, 0, HVMSG_UNMAPPED_GPA);
	EXPECT_EQ(ring()->data[2], 0);

	EXPECT_EQ(child_call(HVCALL_DISCONNECT_PORT, c.id,
			     BELL | (uint64_t)HV_DISCONNECT_DOORBELL << 32),
		  HV_STATUS_SUCCESS);
	child_enter(&c, 0, in_ringing);
	child_expect(&c, 0, HVMSG_UNMAPPED_GPA);
	EXPECT_EQ(child_call(HVCALL_DELETE_PORT, HV_PARTITION_ID_SELF, BELL), HV_STATUS_SUCCESS);
	EXPECT_EQ(root_withdraw(PORT_PAGES), RESULT(HV_STATUS_SUCCESS, PORT_PAGES));
	child_end(&c);
	for (unsigned int i = 0; i < HV_SYNIC_EVENT_RING_MESSAGE_COUNT; i++)
		ring()->data[i] = 0;
	ring()->signal_masked = 0;
	bells_off();
}
