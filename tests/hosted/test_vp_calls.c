// SPDX-License-Identifier: Apache-2.0
/* Calls about the VPs of children: their state, where their addresses lead, CPUID, starting them.
 */
#include "test.h"

#include "child.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/vp_calls.h"
#include "abi/hv/vp_state.h"
#include "hypercall/handlers.h"
#include "partition/cpuid_result.h"
#include "partition/gpa_map.h"
#include "x86/cpu.h"

#define CHILD 16u
#define POOL  60u
#define PAGE  200u /* where the root wants the state */
#define XSAVE 201u
#define SIMP  202u
#define SIEFP 203u
#define RAM   256u /* of the child, from its address 0 on */

#define FULL (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE | HV_MAP_GPA_EXECUTABLE)

static struct partition *child;
static struct vp *vp;

static uint8_t *page(unsigned int number)
{
	return fake_memory + (size_t)number * PAGE_SIZE;
}

static int setup(void **state)
{
	(void)state;
	fake_reset();
	child = make_child(CHILD, POOL);
	vp = fake_child_vp(child, 2);
	vp->child.xsave = page(XSAVE);
	vp->synic.simp_page = SIMP * PAGE_SIZE;
	vp->synic.siefp_page = SIEFP * PAGE_SIZE;
	return 0;
}

/* Get or set the state of `type` by the page `number`, and `more` pages behind it. */
static uint64_t call_pages(uint16_t code, uint32_t type, uint64_t number, unsigned int count)
{
	struct {
		struct hv_input_vp_state header;
		uint64_t page[4];
	} input = {.header = {.partition_id = child->id,
			      .vp_index = 2,
			      .type = type,
			      .xsave_states = 7},
		   .page = {number, UINT64_MAX, UINT64_MAX, UINT64_MAX}};

	return fake_call(code | (uint64_t)count << HV_HYPERCALL_VARHEAD_OFFSET, &input,
			 sizeof(input));
}

static uint64_t call_timers(uint16_t code, const struct hv_synthetic_timers_state *timers,
			    unsigned int words)
{
	struct {
		struct hv_input_vp_state header;
		struct hv_synthetic_timers_state timers;
	} input = {.header = {.partition_id = child->id,
			      .vp_index = 2,
			      .type = HV_VP_STATE_SYNTHETIC_TIMERS}};

	if (timers)
		input.timers = *timers;
	return fake_call(code | (uint64_t)words << HV_HYPERCALL_VARHEAD_OFFSET, &input,
			 sizeof(input));
}

static void test_apic_state(void **state)
{
	struct hv_local_interrupt_controller_state *apic = (void *)page(PAGE);

	(void)state;
	vp->apic.id = 77;
	vp->apic.tpr = 5;
	memset(apic, 0xaa, PAGE_SIZE);
	assert_int_equal(call_pages(HVCALL_GET_VP_STATE, HV_VP_STATE_LAPIC, PAGE, 1), 0);
	assert_int_equal(apic->apic_id, 77);
	assert_int_equal(apic->remote_read, 5);
	/* No more than it is. */
	assert_int_equal(page(PAGE)[sizeof(*apic)], 0xaa);
	apic->apic_id = 78;
	/* More pages than it needs are not looked at. */
	assert_int_equal(call_pages(HVCALL_SET_VP_STATE, HV_VP_STATE_LAPIC, PAGE, 3), 0);
	assert_int_equal(vp->apic.id, 78);
	assert_int_equal(vp->child.owner, VP_OWNER_NONE);
}

static void test_xsave_state(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PAGE_SIZE; i++)
		page(XSAVE)[i] = (uint8_t)(i & 7);
	assert_int_equal(call_pages(HVCALL_GET_VP_STATE, HV_VP_STATE_XSAVE, PAGE, 1), 0);
	assert_memory_equal(page(PAGE), page(XSAVE), 576 + 7);
	page(PAGE)[0] = 5;
	assert_int_equal(call_pages(HVCALL_SET_VP_STATE, HV_VP_STATE_XSAVE, PAGE, 1), 0);
	assert_int_equal(page(XSAVE)[0], 5);
	/* One that no processor takes. */
	page(PAGE)[0] = 0xff;
	assert_int_equal(call_pages(HVCALL_SET_VP_STATE, HV_VP_STATE_XSAVE, PAGE, 1),
			 HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(page(XSAVE)[0], 5);
}

static void test_synic_pages(void **state)
{
	(void)state;
	memset(page(SIMP), 0x11, PAGE_SIZE);
	memset(page(SIEFP), 0x22, PAGE_SIZE);
	assert_int_equal(call_pages(HVCALL_GET_VP_STATE, HV_VP_STATE_SIM_PAGE, PAGE, 1), 0);
	assert_memory_equal(page(PAGE), page(SIMP), PAGE_SIZE);
	assert_int_equal(call_pages(HVCALL_SET_VP_STATE, HV_VP_STATE_SIEF_PAGE, PAGE, 1), 0);
	assert_int_equal(page(SIEFP)[PAGE_SIZE - 1], 0x11);
	memset(page(PAGE), 0x33, PAGE_SIZE);
	assert_int_equal(call_pages(HVCALL_SET_VP_STATE, HV_VP_STATE_SIM_PAGE, PAGE, 1), 0);
	assert_memory_equal(page(SIMP), page(PAGE), PAGE_SIZE);
}

static void test_timers(void **state)
{
	const unsigned int words = sizeof(struct hv_synthetic_timers_state) / 8;
	struct hv_synthetic_timers_state timers = {0}, *out = fake_output();
	struct hv_message_page *messages = (void *)page(SIMP);

	(void)state;
	child->privileges |= HV_MSR_SYNTIMER_AVAILABLE | HV_MSR_SYNIC_AVAILABLE;
	vp->synic.scontrol = HV_SYNIC_CONTROL_ENABLE;
	vp->synic.simp = HV_X64_MSR_PAGE_ENABLE;
	messages->sint_message[4].header.message_type = 1; /* not read yet */
	fake.reference_time = 1000000;
	timers.timer[0] = (struct hv_synthetic_timer_state){
		.config = HV_STIMER_ENABLE | HV_STIMER_PERIODIC | 3u << HV_STIMER_SINT_SHIFT,
		.count = 50000,
		.adjustment = 1012345};
	timers.timer[1] = (struct hv_synthetic_timer_state){.flags = HV_STIMER_STATE_UNDELIVERED,
							    .config = 4u << HV_STIMER_SINT_SHIFT,
							    .count = 77,
							    .undelivered_expiration = 88};
	timers.timer[3] = (struct hv_synthetic_timer_state){
		.config = HV_STIMER_ENABLE | 5u << HV_STIMER_SINT_SHIFT, .count = 2000000};
	assert_int_equal(call_timers(HVCALL_SET_VP_STATE, &timers, words), 0);
	assert_int_equal(vp->synic.timer[0].deadline, 1012345);
	assert_int_equal(vp->synic.timer[3].deadline, 2000000);
	assert_false(message_buffer_free(&vp->synic.timer[1].message));

	assert_int_equal(call_timers(HVCALL_GET_VP_STATE, NULL, 0), 0);
	assert_memory_equal(out, &timers, sizeof(timers));

	/* Bits that no timer has: nothing changes. */
	timers.timer[0].count = 1;
	timers.timer[2].config = 1ull << 63;
	assert_int_equal(call_timers(HVCALL_SET_VP_STATE, &timers, words),
			 HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(vp->synic.timer[0].count, 50000);
	timers.timer[2].config = 0;
	assert_int_equal(call_timers(HVCALL_SET_VP_STATE, &timers, words - 1),
			 HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(call_timers(HVCALL_SET_VP_STATE, &timers, words + 1),
			 HV_STATUS_INVALID_PARAMETER);
}

static void test_state_refusals(void **state)
{
	static const uint16_t codes[] = {HVCALL_GET_VP_STATE, HVCALL_SET_VP_STATE};
	(void)state;
	fake.page[PAGE + 1].access = 0;
	vp->apic.id = 12;
	for (unsigned int i = 0; i < ARRAY_SIZE(codes); i++) {
		struct hv_input_vp_state input = {
			.partition_id = child->id, .vp_index = 3, .type = HV_VP_STATE_LAPIC};

		assert_int_equal(call_pages(codes[i], HV_VP_STATE_LAPIC, PAGE, 0),
				 HV_STATUS_INVALID_PARAMETER);
		assert_int_equal(call_pages(codes[i], HV_VP_STATE_LAPIC, PAGE + 1, 1),
				 HV_STATUS_INVALID_PARAMETER);
		assert_int_equal(call_pages(codes[i], HV_VP_STATE_LAPIC, FAKE_PAGES, 1),
				 HV_STATUS_INVALID_PARAMETER);
		assert_int_equal(call_pages(codes[i], HV_VP_STATE_LAPIC, UINT64_MAX, 1),
				 HV_STATUS_INVALID_PARAMETER);
		assert_int_equal(call_pages(codes[i], 0x80000004, PAGE, 1),
				 HV_STATUS_INVALID_PARAMETER);
		assert_int_equal(call_pages(codes[i], 3, PAGE, 1), HV_STATUS_INVALID_PARAMETER);
		assert_int_equal(fake_call(codes[i], &input, sizeof(input)),
				 HV_STATUS_INVALID_VP_INDEX);
		input.vp_index = 2;
		input.input_vtl = 1;
		assert_int_equal(fake_call(codes[i], &input, sizeof(input)),
				 HV_STATUS_INVALID_PARAMETER);
		input.partition_id = HV_PARTITION_ID_SELF;
		input.input_vtl = 0;
		assert_int_equal(fake_call(codes[i], &input, sizeof(input)),
				 HV_STATUS_INVALID_PARTITION_ID);
		assert_int_equal(vp->apic.id, 12);
		assert_int_equal(page(PAGE)[0], 0);
		assert_int_equal(vp->child.owner, VP_OWNER_NONE);
	}
}

/* Long mode in the child, whose tables are at 0 to 3 of its memory, for the address 0x201000. */
static void enable_paging(uint64_t leaf)
{
	uint64_t *tables = (uint64_t *)(void *)page(RAM);

	assert_int_equal(call_map(child->id, 0, FULL, RAM, 1, 16), 16ull << 32);
	tables[0] = 0x1007;
	tables[512] = 0x2007;
	tables[1024 + 1] = 0x3007;
	tables[1536 + 1] = leaf;
	vp->regs.r8 = CR0_PE | CR0_PG | CR0_WP;
	vp->regs.r9 = 0;
	vp->regs.r10 = CR4_PAE;
	vp->regs.r11 = EFER_LME | EFER_LMA | EFER_NXE;
}

/* The result code of translating; *out: all of the answer. */
static unsigned int translated(uint64_t gva, uint64_t flags,
			       struct hv_output_translate_virtual_address *out)
{
	const struct hv_input_translate_virtual_address input = {.partition_id = child->id,
								 .vp_index = 2,
								 .control_flags = flags,
								 .gva_page = gva >> PAGE_SHIFT};

	assert_int_equal(fake_call(HVCALL_TRANSLATE_VIRTUAL_ADDRESS, &input, sizeof(input)), 0);
	memcpy(out, fake_output(), sizeof(*out));
	return out->result_code;
}

static void test_translate(void **state)
{
	const uint64_t read = HV_TRANSLATE_GVA_VALIDATE_READ;
	const uint64_t write = HV_TRANSLATE_GVA_VALIDATE_WRITE;
	const uint64_t execute = HV_TRANSLATE_GVA_VALIDATE_EXECUTE;
	const uint64_t user = HV_TRANSLATE_GVA_USER_ACCESS;
	struct hv_output_translate_virtual_address out;
	uint64_t *leaf = (uint64_t *)(void *)page(RAM + 3) + 1;

	(void)state;
	/* Read-only, the supervisor's, not to be executed. */
	enable_paging(0x5001 | 1ull << 63);
	assert_int_equal(translated(0x201000, read, &out), HV_TRANSLATE_GVA_SUCCESS);
	assert_int_equal(out.gpa_page, 5);
	assert_int_equal(out.cache_type, 6);
	assert_int_equal(out.overlay_page, 0);
	assert_int_equal(translated(0x201000, write, &out), HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION);
	assert_int_equal(translated(0x201000, execute, &out), HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION);
	assert_int_equal(translated(0x201000, read | execute, &out),
			 HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION);
	assert_int_equal(translated(0x201000, read | user, &out),
			 HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION);
	fake.cpl = 0;
	/* Without asking for rights, only the way counts. */
	assert_int_equal(translated(0x201000, user, &out), HV_TRANSLATE_GVA_SUCCESS);
	assert_int_equal(translated(0x202000, read, &out), HV_TRANSLATE_GVA_PAGE_NOT_PRESENT);
	assert_int_equal(translated(0x8000000000000000, read, &out),
			 HV_TRANSLATE_GVA_PAGE_NOT_PRESENT);
	/* The entries are as they were, until that is asked for. */
	assert_int_equal(*leaf, 0x5001 | 1ull << 63);
	assert_int_equal(translated(0x201000, read | HV_TRANSLATE_GVA_SET_TABLE_BITS, &out), 0);
	assert_int_equal(*leaf, 0x5021 | 1ull << 63);

	*leaf = 0x5001 | 1ull << 50; /* beyond the physical addresses */
	assert_int_equal(translated(0x201000, read, &out),
			 HV_TRANSLATE_GVA_INVALID_PAGE_TABLE_FLAGS);
	/* SMAP, and what overrides it. */
	*leaf = 0x5007;
	vp->regs.r10 |= CR4_SMAP;
	assert_int_equal(translated(0x201000, read, &out), HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION);
	assert_int_equal(translated(0x201000, read | HV_TRANSLATE_GVA_OVERRIDE_SMAP, &out), 0);
	assert_int_equal(translated(0x201000, read | HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT, &out), 0);
	vp->regs.rflags = RFLAGS_AC;
	assert_int_equal(translated(0x201000, read, &out), 0);
	assert_int_equal(translated(0x201000, read | HV_TRANSLATE_GVA_ENFORCE_SMAP, &out),
			 HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION);
	/* Without paging an address is what it says. */
	vp->regs.r8 = CR0_PE;
	assert_int_equal(translated(0x7000, write, &out), 0);
	assert_int_equal(out.gpa_page, 7);
}

/* What the child's own memory says at the end of the way. */
static void test_translate_memory(void **state)
{
	const uint64_t read = HV_TRANSLATE_GVA_VALIDATE_READ;
	const uint64_t write = HV_TRANSLATE_GVA_VALIDATE_WRITE;
	struct hv_output_translate_virtual_address out;
	uint64_t *leaf = (uint64_t *)(void *)page(RAM + 3) + 1;

	(void)state;
	enable_paging(0x100007);
	assert_int_equal(translated(0x201000, read, &out), HV_TRANSLATE_GVA_GPA_UNMAPPED);
	assert_int_equal(out.gpa_page, 0x100);
	assert_int_equal(call_map(child->id, 0x100, HV_MAP_GPA_READABLE, RAM + 32, 1, 1),
			 1ull << 32);
	assert_int_equal(translated(0x201000, read, &out), 0);
	assert_int_equal(translated(0x201000, write, &out), HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS);
	/* Not here at the moment: its parent brings it. */
	assert_int_equal(call_map(child->id, 0x100, HV_MAP_GPA_NO_ACCESS, 0, 0, 1), 1ull << 32);
	assert_int_equal(translated(0x201000, write, &out), 0);
	/* A table that is not here, and one that there is not. */
	assert_int_equal(call_map(child->id, 2, HV_MAP_GPA_NO_ACCESS, 0, 0, 1), 1ull << 32);
	assert_int_equal(translated(0x201000, read, &out), HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS);
	assert_int_equal(call_unmap(child->id, 2, 0, 1), 1ull << 32);
	assert_int_equal(translated(0x201000, read, &out), HV_TRANSLATE_GVA_GPA_UNMAPPED);
	assert_int_equal(call_map(child->id, 2, FULL, RAM + 2, 1, 1), 1ull << 32);

	/* A page of the hypervisor's. */
	assert_true(gpa_overlay_map(&child->gpa, 0x6000, child->hypercall_page, false));
	*leaf = 0x6007;
	assert_int_equal(translated(0x201000, read, &out), 0);
	assert_int_equal(out.overlay_page, 1);
	assert_int_equal(translated(0x201000, write, &out),
			 HV_TRANSLATE_GVA_GPA_ILLEGAL_OVERLAY_ACCESS);
	gpa_overlay_unmap(&child->gpa, 0x6000);
	assert_int_equal(translated(0x201000, write, &out), 0);
	assert_int_equal(out.overlay_page, 0);
}

static void test_translate_refusals(void **state)
{
	struct hv_input_translate_virtual_address input = {
		.partition_id = child->id, .vp_index = 2, .control_flags = 0x400};

	(void)state;
	assert_int_equal(fake_call(HVCALL_TRANSLATE_VIRTUAL_ADDRESS, &input, sizeof(input)),
			 HV_STATUS_INVALID_PARAMETER);
	input.control_flags = HV_TRANSLATE_GVA_USER_ACCESS | HV_TRANSLATE_GVA_SUPERVISOR_ACCESS;
	assert_int_equal(fake_call(HVCALL_TRANSLATE_VIRTUAL_ADDRESS, &input, sizeof(input)),
			 HV_STATUS_INVALID_PARAMETER);
	input.control_flags = 0;
	input.vp_index = HV_ANY_VP;
	assert_int_equal(fake_call(HVCALL_TRANSLATE_VIRTUAL_ADDRESS, &input, sizeof(input)),
			 HV_STATUS_INVALID_VP_INDEX);
}

static void test_cpuid_values(void **state)
{
	const struct cpuid_result result = {
		.vp_index = HV_ANY_VP, .leaf = 0x1234, .value = {0xff}, .mask = {0xf0}};
	struct {
		struct hv_input_get_vp_cpuid_values header;
		struct hv_cpuid_leaf_info leaf[80];
	} input = {.header = {.partition_id = child->id, .vp_index = 2}};
	const struct hv_cpuid_values *values = fake_output();

	(void)state;
	vp->child.xcr0 = 3;
	for (uint32_t i = 0; i < 80; i++)
		input.leaf[i] = (struct hv_cpuid_leaf_info){.eax = i, .ecx = 100 - i, .xfem = 7};
	/* More than a round. */
	assert_int_equal(
		fake_call(control_rep(HVCALL_GET_VP_CPUID_VALUES, 80), &input, sizeof(input)),
		80ull << 32);
	for (uint32_t i = 0; i < 80; i++) {
		assert_int_equal(values[i].eax, i);
		assert_int_equal(values[i].ebx, 100 - i);
		assert_int_equal(values[i].ecx, 3);
		assert_int_equal(values[i].edx, 2);
	}
	input.header.flags = HV_GET_VP_CPUID_VALUES_USE_XFEM;
	input.leaf[0].eax = 0x1234;
	assert_int_equal(cpuid_result_add(child, &result), 0);
	assert_int_equal(
		fake_call(control_rep(HVCALL_GET_VP_CPUID_VALUES, 1), &input, sizeof(input)),
		1ull << 32);
	assert_int_equal(values[0].eax, 0x1234);
	assert_int_equal(values[0].ecx, 7);
	input.header.flags = HV_GET_VP_CPUID_VALUES_REGISTERED;
	assert_int_equal(
		fake_call(control_rep(HVCALL_GET_VP_CPUID_VALUES, 1), &input, sizeof(input)),
		1ull << 32);
	assert_int_equal(values[0].eax, 0x12f4);
	input.header.flags = 4;
	assert_int_equal(
		fake_call(control_rep(HVCALL_GET_VP_CPUID_VALUES, 1), &input, sizeof(input)),
		HV_STATUS_INVALID_PARAMETER);
}

/* Make a call as the child's VP 0 would; it has no memory, so its input is the root's. */
static enum hv_status start_as_child(const struct hv_input_start_vp *input)
{
	struct hypercall call = {.caller = child, .code = HVCALL_START_VP};

	return hvcall_start_vp(&call, input, NULL);
}

static void test_start_vp(void **state)
{
	struct hv_input_start_vp input = {.partition_id = HV_PARTITION_ID_SELF,
					  .vp_index = 2,
					  .context = {.rip = 0x1234,
						      .rsp = 0x5678,
						      .cs = {.base = 0x9000},
						      .efer = EFER_LME,
						      .cr0 = CR0_PE,
						      .cr3 = 0x4000}};

	(void)state;
	/* It runs already. */
	assert_int_equal(start_as_child(&input), HV_STATUS_INVALID_VP_STATE);
	vp->waits_for_startup = true;
	input.target_vtl = 1;
	assert_int_equal(start_as_child(&input), HV_STATUS_INVALID_PARAMETER);
	input.target_vtl = 0;
	input.context.efer = EFER_SVME;
	assert_int_equal(start_as_child(&input), HV_STATUS_INVALID_PARAMETER);
	input.context.efer = EFER_LME;
	input.vp_index = 5;
	assert_int_equal(start_as_child(&input), HV_STATUS_INVALID_VP_INDEX);
	input.vp_index = 2;
	input.partition_id = PARTITION_ID_ROOT;
	assert_int_equal(start_as_child(&input), HV_STATUS_INVALID_PARTITION_ID);
	input.partition_id = child->id;
	assert_true(vp->waits_for_startup);

	assert_int_equal(start_as_child(&input), HV_STATUS_SUCCESS);
	assert_false(vp->waits_for_startup);
	assert_int_equal(vp->regs.rip, 0x1234);
	assert_int_equal(vp->regs.rsp, 0x5678);
	assert_int_equal(vp->regs.r15, 0x9000);
	assert_int_equal(vp->regs.r9, 0x4000);
	assert_int_equal(vp->regs.r11, EFER_LME);
	assert_int_equal(vp->regs.rflags, RFLAGS_FIXED);
	assert_int_equal(vp->child.owner, VP_OWNER_NONE);
	/* The root has other ways. */
	assert_int_equal(fake_call(HVCALL_START_VP, &input, sizeof(input)),
			 HV_STATUS_ACCESS_DENIED);
}

static void test_index_from_apic_id(void **state)
{
	struct {
		struct hv_input_get_vp_index_from_apic_id header;
		uint32_t apic_id[4];
	} input = {.header = {.partition_id = child->id}, .apic_id = {40, 9, 40, 1}};
	uint32_t index[4];

	(void)state;
	vp->apic.id = 40;
	fake_child_vp(child, 0)->apic.id = 9;
	assert_int_equal(
		fake_call(control_rep(HVCALL_GET_VP_INDEX_FROM_APIC_ID, 3), &input, sizeof(input)),
		3ull << 32);
	memcpy(index, fake_output(), sizeof(index));
	assert_int_equal(index[0], 2);
	assert_int_equal(index[1], 0);
	assert_int_equal(index[2], 2);
	/* Nobody has the last one; what was found before is delivered. */
	assert_int_equal(
		fake_call(control_rep(HVCALL_GET_VP_INDEX_FROM_APIC_ID, 4), &input, sizeof(input)),
		3ull << 32 | HV_STATUS_INVALID_PARAMETER);
	/* One's own. */
	fake.root.vp_limit = 1;
	input.header.partition_id = HV_PARTITION_ID_SELF;
	input.apic_id[0] = fake.vp.apic.id;
	assert_int_equal(
		fake_call(control_rep(HVCALL_GET_VP_INDEX_FROM_APIC_ID, 1), &input, sizeof(input)),
		1ull << 32);
	memcpy(index, fake_output(), sizeof(index));
	assert_int_equal(index[0], 0);
	input.header.target_vtl = 1;
	assert_int_equal(
		fake_call(control_rep(HVCALL_GET_VP_INDEX_FROM_APIC_ID, 1), &input, sizeof(input)),
		HV_STATUS_INVALID_PARAMETER);
	input.header.partition_id = 12345;
	assert_int_equal(
		fake_call(control_rep(HVCALL_GET_VP_INDEX_FROM_APIC_ID, 1), &input, sizeof(input)),
		HV_STATUS_INVALID_PARTITION_ID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_apic_state, setup),
		cmocka_unit_test_setup(test_xsave_state, setup),
		cmocka_unit_test_setup(test_synic_pages, setup),
		cmocka_unit_test_setup(test_timers, setup),
		cmocka_unit_test_setup(test_state_refusals, setup),
		cmocka_unit_test_setup(test_translate, setup),
		cmocka_unit_test_setup(test_translate_memory, setup),
		cmocka_unit_test_setup(test_translate_refusals, setup),
		cmocka_unit_test_setup(test_cpuid_values, setup),
		cmocka_unit_test_setup(test_start_vp, setup),
		cmocka_unit_test_setup(test_index_from_apic_id, setup),
	};

	return cmocka_run_group_tests_name("vp_calls", tests, NULL, NULL);
}
