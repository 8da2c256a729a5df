// SPDX-License-Identifier: Apache-2.0
/* Properties of the root partition, and those that are Bulkhead's own. Source: TLFS, "Partition
 * Properties". */
#include "abi/hv/partition.h"

#include "abi/hv/bulkhead.h"
#include "abi/hv/msr.h"
#include "abi/hv/status.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

#define SELF HV_PARTITION_ID_SELF

static uint64_t get(uint64_t partition, uint32_t code, uint64_t *value)
{
	struct hv_input_get_partition_property *in = hypercall_prepare();
	uint64_t result;

	in->partition_id = partition;
	in->property_code = code;
	result = hypercall(CONTROL(HVCALL_GET_PARTITION_PROPERTY));
	memcpy(value, hypercall_out, sizeof(*value));
	return result;
}

static uint64_t set(uint64_t partition, uint32_t code, uint64_t value)
{
	struct hv_input_set_partition_property *in = hypercall_prepare();

	in->partition_id = partition;
	in->property_code = code;
	in->property_value = value;
	return hypercall(CONTROL(HVCALL_SET_PARTITION_PROPERTY));
}

/* The value comes to `offset` of the output page. */
static uint64_t get_ex_at(uint64_t partition, uint32_t code, uint64_t arg, uint64_t offset)
{
	struct hv_input_get_partition_property_ex *in = hypercall_prepare();

	in->partition_id = partition;
	in->property_code = code;
	in->arg = arg;
	return hypercall_at(CONTROL(HVCALL_GET_PARTITION_PROPERTY_EX), (uintptr_t)hypercall_in,
			    (uintptr_t)hypercall_out + offset);
}

static uint64_t get_ex(uint64_t partition, uint32_t code, uint64_t arg)
{
	return get_ex_at(partition, code, arg, 0);
}

TEST(id, "property: the root's partition id is 1")
{
	struct hv_output_get_partition_id out;

	hypercall_prepare();
	EXPECT_EQ(hypercall(CONTROL(HVCALL_GET_PARTITION_ID)), HV_STATUS_SUCCESS);
	memcpy(&out, hypercall_out, sizeof(out));
	EXPECT_EQ(out.partition_id, 1);
}

TEST(privileges, "property: the privileges are those of CPUID")
{
	struct cpuid_regs r = cpuid(HYPERV_CPUID_FEATURES, 0);
	uint64_t value;

	EXPECT_EQ(get(SELF, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, &value), HV_STATUS_SUCCESS);
	EXPECT_EQ(value, (uint64_t)r.ebx << 32 | r.eax);
	EXPECT_EQ(get(1, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, &value), HV_STATUS_SUCCESS);
	EXPECT_EQ(value, (uint64_t)r.ebx << 32 | r.eax);
}

TEST(values, "property: frequency, address width, time and identity agree with the registers")
{
	uint64_t value, before = rdmsr(HV_X64_MSR_TIME_REF_COUNT);

	EXPECT_EQ(get(SELF, HV_PARTITION_PROPERTY_PROCESSOR_CLOCK_FREQUENCY, &value),
		  HV_STATUS_SUCCESS);
	EXPECT_EQ(value, rdmsr(HV_X64_MSR_TSC_FREQUENCY));
	EXPECT_EQ(get(SELF, HV_PARTITION_PROPERTY_PHYSICAL_ADDRESS_WIDTH, &value),
		  HV_STATUS_SUCCESS);
	EXPECT_EQ(value, cpuid(0x80000008, 0).eax & 0xff);
	EXPECT_EQ(get(SELF, HV_PARTITION_PROPERTY_GUEST_OS_ID, &value), HV_STATUS_SUCCESS);
	EXPECT_EQ(value, ROOT_OS_ID);
	EXPECT_EQ(get(SELF, HV_PARTITION_PROPERTY_REFERENCE_TIME, &value), HV_STATUS_SUCCESS);
	EXPECT(value >= before && value <= rdmsr(HV_X64_MSR_TIME_REF_COUNT));
}

TEST(unknown, "property: unknown ones can be neither read nor set")
{
	static const uint32_t codes[] = {0, 0x00090008, 0x7fffffff, 0x80000000, 0xffffffff};
	uint64_t value;

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		test_about("property 0x%x", codes[i]);
		EXPECT_EQ(get(SELF, codes[i], &value), HV_STATUS_UNKNOWN_PROPERTY);
		EXPECT_EQ(value, 0xeeeeeeeeeeeeeeee);
		EXPECT_EQ(set(SELF, codes[i], 0), HV_STATUS_UNKNOWN_PROPERTY);
		EXPECT_EQ(get_ex(SELF, codes[i], 0), HV_STATUS_UNKNOWN_PROPERTY);
	}
}

TEST(read_only, "property: those of the root that exist are not its to set")
{
	static const uint32_t codes[] = {
		HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS,
		HV_PARTITION_PROPERTY_REFERENCE_TIME,
		HV_PARTITION_PROPERTY_PROCESSOR_CLOCK_FREQUENCY,
		HV_PARTITION_PROPERTY_VMM_CAPABILITIES,
		BULKHEAD_PROPERTY_LOG,
		BULKHEAD_PROPERTY_COUNTERS,
		BULKHEAD_PROPERTY_INTEGRITY,
	};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		test_about("property 0x%x", codes[i]);
		EXPECT_EQ(set(SELF, codes[i], 0), HV_STATUS_OPERATION_DENIED);
	}
}

TEST(other_partition, "property: of partitions that do not exist")
{
	static const uint64_t ids[] = {0, 2, 0xffffffff, SELF - 1};
	uint64_t value;

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		test_about("partition 0x%lx", ids[i]);
		EXPECT_EQ(get(ids[i], HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, &value),
			  HV_STATUS_INVALID_PARTITION_ID);
		EXPECT_EQ(set(ids[i], HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, 0),
			  HV_STATUS_INVALID_PARTITION_ID);
		EXPECT_EQ(get_ex(ids[i], HV_PARTITION_PROPERTY_VMM_CAPABILITIES, 0),
			  HV_STATUS_INVALID_PARTITION_ID);
	}
}

TEST(vmm_capabilities, "property: the capabilities that Linux's mshv driver asks for")
{
	struct hv_partition_property_banked value;

	EXPECT_EQ(get_ex(SELF, HV_PARTITION_PROPERTY_VMM_CAPABILITIES, 0), HV_STATUS_SUCCESS);
	memcpy(&value, hypercall_out, sizeof(value));
	EXPECT_EQ(value.bank_count, 1);
	EXPECT_EQ(value.reserved[0] | value.reserved[1] | value.reserved[2], 0);
	EXPECT(value.bank[0] & HV_VMM_CAPABILITY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES);
	/* The scheduler is the root's, and pages are the hypervisor's to place. */
	EXPECT_EQ(value.bank[0] & (HV_VMM_CAPABILITY_VMM_CAN_PROVIDE_OVERLAY_GPFN |
				   HV_VMM_CAPABILITY_VMM_ENABLE_INTEGRATED_SCHEDULER),
		  0);
}

TEST(assignable, "property: a child can be given the features of the root, and others")
{
	struct hv_partition_property_banked value;
	uint64_t own;

	EXPECT_EQ(get(SELF, HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES, &own),
		  HV_STATUS_SUCCESS);
	EXPECT_EQ(own & 3, HV_SYNTHETIC_HYPERVISOR_PRESENT | HV_SYNTHETIC_HV1);
	EXPECT_EQ(get_ex(SELF, HV_PARTITION_PROPERTY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES, 0),
		  HV_STATUS_SUCCESS);
	memcpy(&value, hypercall_out, sizeof(value));
	EXPECT_EQ(value.bank_count, 1);
	EXPECT_EQ(value.bank[0] & own, own);
}

TEST(small_output, "property: a value that does not fit into what is left of the page")
{
	EXPECT_EQ(get_ex_at(SELF, HV_PARTITION_PROPERTY_VMM_CAPABILITIES, 0, PAGE_SIZE - 16),
		  HV_STATUS_SUCCESS);
	EXPECT_EQ(get_ex_at(SELF, HV_PARTITION_PROPERTY_VMM_CAPABILITIES, 0, PAGE_SIZE - 8),
		  HV_STATUS_INVALID_ALIGNMENT);
	EXPECT_EQ(get_ex_at(SELF, BULKHEAD_PROPERTY_LOG, 0, PAGE_SIZE - 24),
		  HV_STATUS_INVALID_ALIGNMENT);
	EXPECT_EQ(get_ex_at(SELF, BULKHEAD_PROPERTY_COUNTERS, 0, PAGE_SIZE - 64),
		  HV_STATUS_INVALID_ALIGNMENT);
	/* A property of the plain kind through the same call. */
	EXPECT_EQ(get_ex_at(SELF, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, 0, PAGE_SIZE - 8),
		  HV_STATUS_SUCCESS);
}

/* Check the records of a chunk; returns how many. `last` is the time of the last one. */
static unsigned int check_records(const struct bulkhead_log_chunk *chunk, uint64_t *last)
{
	const uint8_t *at = (const uint8_t *)(chunk + 1);
	const uint8_t *end = at + chunk->size;
	unsigned int count = 0;

	while (at < end) {
		const struct bulkhead_log_record *record = (const void *)at;

		test_about("record %u at position 0x%lx", count, chunk->from);
		if (!EXPECT(record->size % 8 == 0 && record->size >= sizeof(*record)) ||
		    !EXPECT(record->size <= end - at) ||
		    !EXPECT(record->text_length <= record->size - sizeof(*record)))
			break;
		EXPECT(record->level >= 3 && record->level <= 7);
		EXPECT(record->time_100ns >= *last);
		for (uint32_t i = 0; i < record->text_length; i++)
			if (!EXPECT((uint8_t)record->text[i] >= ' '))
				break;
		*last = record->time_100ns;
		at += record->size;
		count++;
	}
	test_about(NULL);
	return count;
}

TEST(log, "property: the log can be read in chunks of whole records, to its end")
{
	const struct bulkhead_log_chunk *chunk = (const void *)hypercall_out;
	uint64_t position = 0, last = 0;
	unsigned int records = 0, rounds = 0;

	do {
		if (!EXPECT_EQ(get_ex(SELF, BULKHEAD_PROPERTY_LOG, position), HV_STATUS_SUCCESS))
			return;
		EXPECT(chunk->from >= position);
		EXPECT_EQ(chunk->reserved, 0);
		if (!EXPECT(chunk->size <= PAGE_SIZE - sizeof(*chunk)))
			return;
		records += check_records(chunk, &last);
		if (chunk->size > 0)
			EXPECT(chunk->next > chunk->from);
		position = chunk->next;
	} while (chunk->size > 0 && ++rounds < 1000);
	EXPECT(rounds < 1000);
	EXPECT(records > 3);
	EXPECT(last <= rdmsr(HV_X64_MSR_TIME_REF_COUNT));
	test_note("%u records up to position 0x%lx", records, position);
}

TEST(log_new, "property: the log has a record of what was refused since, and where")
{
	const struct bulkhead_log_chunk *chunk = (const void *)hypercall_out;
	const struct bulkhead_log_record *record = (const void *)(chunk + 1);
	uint64_t position = 0, last = 0, value;

	while (get_ex(SELF, BULKHEAD_PROPERTY_LOG, position) == HV_STATUS_SUCCESS &&
	       chunk->size > 0)
		position = chunk->next;
	EXPECT_FAULT(fault_rdmsr(MSR_VM_HSAVE_PA, &value), VECTOR_GP);
	EXPECT_EQ(get_ex(SELF, BULKHEAD_PROPERTY_LOG, position), HV_STATUS_SUCCESS);
	EXPECT_EQ(chunk->from, position);
	EXPECT_EQ(check_records(chunk, &last), 1);
	EXPECT(record->text_length > 4 && memcmp(record->text, "msr:", 4) == 0);
}

TEST(log_position, "property: the log takes any position without harm")
{
	static const uint64_t positions[] = {1, 7, 0x1000, BIT(40), BIT(63), UINT64_MAX};
	const struct bulkhead_log_chunk *chunk = (const void *)hypercall_out;

	for (size_t i = 0; i < ARRAY_SIZE(positions); i++) {
		test_about("position 0x%lx", positions[i]);
		EXPECT_EQ(get_ex(SELF, BULKHEAD_PROPERTY_LOG, positions[i]), HV_STATUS_SUCCESS);
		EXPECT(chunk->size <= PAGE_SIZE - sizeof(*chunk));
	}
}

uint64_t root_counter(const char *name)
{
	const struct bulkhead_counters *header = (const void *)hypercall_out;
	const struct bulkhead_counter *list = (const void *)(header + 1);
	uint32_t first = 0;

	do {
		if (get_ex(SELF, BULKHEAD_PROPERTY_COUNTERS, first) != HV_STATUS_SUCCESS)
			break;
		for (uint32_t i = 0; i < header->count; i++)
			if (strcmp(list[i].name, name) == 0)
				return list[i].value;
		first += header->count;
	} while (header->count > 0);
	return UINT64_MAX;
}

TEST(counters, "property: counters can be listed to the end, each with a name")
{
	const struct bulkhead_counters *header = (const void *)hypercall_out;
	const struct bulkhead_counter *list = (const void *)(header + 1);
	uint32_t first = 0, total = 0;

	do {
		if (!EXPECT_EQ(get_ex(SELF, BULKHEAD_PROPERTY_COUNTERS, first), HV_STATUS_SUCCESS))
			return;
		EXPECT(total == 0 || header->total == total);
		total = header->total;
		if (!EXPECT(header->count <= (PAGE_SIZE - sizeof(*header)) / sizeof(*list)))
			return;
		for (uint32_t i = 0; i < header->count; i++) {
			test_about("counter %u", first + i);
			EXPECT(list[i].name[0] > ' ');
			EXPECT_EQ(list[i].name[sizeof(list[i].name) - 1], 0);
		}
		first += header->count;
	} while (header->count > 0);
	test_about(NULL);
	EXPECT_EQ(first, total);
	EXPECT(total > 20);
	EXPECT_EQ(get_ex(SELF, BULKHEAD_PROPERTY_COUNTERS, UINT64_MAX), HV_STATUS_SUCCESS);
	EXPECT_EQ(header->count, 0);
	test_note("%u counters", total);
}

TEST(counters_count, "property: counters count what they say, exactly")
{
	uint64_t exits = root_counter("exit.cpuid");
	uint64_t calls = root_counter("hypercall.get_partition_id");
	uint64_t value;
	uint64_t refused = root_counter("msr.refused");

	EXPECT(exits != UINT64_MAX && calls != UINT64_MAX && refused != UINT64_MAX);
	for (unsigned int i = 0; i < 17; i++)
		cpuid(0x40000000, 0);
	for (unsigned int i = 0; i < 5; i++)
		hypercall_at(CONTROL(HVCALL_GET_PARTITION_ID), 0, (uintptr_t)hypercall_out);
	fault_rdmsr(MSR_VM_HSAVE_PA, &value);
	EXPECT_EQ(root_counter("exit.cpuid") - exits, 17);
	EXPECT_EQ(root_counter("hypercall.get_partition_id") - calls, 5);
	EXPECT_EQ(root_counter("msr.refused") - refused, 1);
}

bool root_integrity(struct bulkhead_integrity *found)
{
	bool asked = EXPECT_EQ(get_ex(SELF, BULKHEAD_PROPERTY_INTEGRITY, 0), HV_STATUS_SUCCESS);

	memcpy(found, hypercall_out, sizeof(*found));
	return asked;
}

bool root_intact(void)
{
	struct bulkhead_integrity found;

	if (!root_integrity(&found))
		return false;
	if (found.violations > 0)
		test_note("it does not hold that %s (0x%lx)", found.first, found.place);
	return EXPECT_EQ(found.violations, 0) && EXPECT_EQ(found.checksum, found.sealed);
}

TEST(integrity, "property: the hypervisor finds nothing wrong with itself")
{
	struct bulkhead_integrity found;
	uint64_t begin = rdmsr(HV_X64_MSR_TIME_REF_COUNT);

	EXPECT_EQ(get_ex_at(SELF, BULKHEAD_PROPERTY_INTEGRITY, 0, PAGE_SIZE - 104),
		  HV_STATUS_INVALID_ALIGNMENT);
	EXPECT_EQ(get_ex_at(SELF, BULKHEAD_PROPERTY_INTEGRITY, 0, PAGE_SIZE - sizeof(found)),
		  HV_STATUS_SUCCESS);
	memcpy(&found, hypercall_out + PAGE_SIZE - sizeof(found), sizeof(found));
	EXPECT_EQ(found.version, BULKHEAD_INTEGRITY_VERSION);
	EXPECT(found.checksum != 0);
	EXPECT_EQ(found.place, 0);
	EXPECT_EQ(found.first[0], 0);
	EXPECT(root_intact());
	test_note("%lu statements in %lu us", found.checked,
		  (rdmsr(HV_X64_MSR_TIME_REF_COUNT) - begin) / 20);
	/* The pool's pages are among what is checked. */
	EXPECT_EQ(root_deposit(0, 100), RESULT(HV_STATUS_SUCCESS, 100));
	begin = found.checked;
	EXPECT(root_integrity(&found));
	EXPECT_EQ(found.violations, 0);
	EXPECT(found.checked >= begin + 300);
	EXPECT_EQ(root_withdraw(100), RESULT(HV_STATUS_SUCCESS, 100));
	EXPECT(root_intact());
}
