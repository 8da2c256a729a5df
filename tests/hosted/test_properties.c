// SPDX-License-Identifier: Apache-2.0
/* GET_PARTITION_ID and the calls on partition properties, our own log and counters among them. */
#include "test.h"

#include "fake.h"

#include "abi/hv/bulkhead.h"
#include "abi/hv/hypercall.h"
#include "abi/hv/partition.h"
#include "core/counter.h"
#include "core/log.h"

COUNTER(test_counter, "test.properties");

static int setup(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static uint64_t get(uint64_t partition_id, uint32_t code)
{
	const struct hv_input_get_partition_property input = {.partition_id = partition_id,
							      .property_code = code};

	return fake_call(HVCALL_GET_PARTITION_PROPERTY, &input, sizeof(input));
}

static uint64_t get_ex(uint64_t partition_id, uint32_t code, uint64_t arg)
{
	const struct hv_input_get_partition_property_ex input = {
		.partition_id = partition_id, .property_code = code, .arg = arg};

	return fake_call(HVCALL_GET_PARTITION_PROPERTY_EX, &input, sizeof(input));
}

static uint64_t set(uint64_t partition_id, uint32_t code, uint64_t value)
{
	const struct hv_input_set_partition_property input = {
		.partition_id = partition_id, .property_code = code, .property_value = value};

	return fake_call(HVCALL_SET_PARTITION_PROPERTY, &input, sizeof(input));
}

static uint64_t value(void)
{
	uint64_t v;

	memcpy(&v, fake_output(), sizeof(v));
	return v;
}

static void test_get(void **state)
{
	static const struct {
		uint32_t code;
		uint64_t value;
	} expected[] = {
		{HV_PARTITION_PROPERTY_REFERENCE_TIME, 987654321},
		{HV_PARTITION_PROPERTY_PHYSICAL_ADDRESS_WIDTH, 40},
		{HV_PARTITION_PROPERTY_PROCESSOR_CLOCK_FREQUENCY, 2400000000},
		{HV_PARTITION_PROPERTY_GUEST_OS_ID, 0x8100000000000000},
	};

	(void)state;
	fake.reference_time = 987654321;
	for (unsigned int i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_int_equal(get(HV_PARTITION_ID_SELF, expected[i].code), 0);
		assert_int_equal(value(), expected[i].value);
		assert_int_equal(get(PARTITION_ID_ROOT, expected[i].code), 0);
		assert_int_equal(value(), expected[i].value);
		/* The other call knows it too. */
		assert_int_equal(get_ex(HV_PARTITION_ID_SELF, expected[i].code, 0), 0);
		assert_int_equal(value(), expected[i].value);
	}
	assert_int_equal(get(HV_PARTITION_ID_SELF, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS), 0);
	assert_int_equal(value(), fake_root_privileges);
}

static void test_get_refusals(void **state)
{
	(void)state;
	assert_int_equal(get(HV_PARTITION_ID_SELF, 0), HV_STATUS_UNKNOWN_PROPERTY);
	assert_int_equal(get(HV_PARTITION_ID_SELF, HV_PARTITION_PROPERTY_SUSPEND),
			 HV_STATUS_UNKNOWN_PROPERTY);
	/* Too large for this call. */
	assert_int_equal(get(HV_PARTITION_ID_SELF, HV_PARTITION_PROPERTY_VMM_CAPABILITIES),
			 HV_STATUS_UNKNOWN_PROPERTY);
	assert_int_equal(get(HV_PARTITION_ID_SELF, BULKHEAD_PROPERTY_LOG),
			 HV_STATUS_UNKNOWN_PROPERTY);
	/* The partition comes before the property. */
	assert_int_equal(get(HV_PARTITION_ID_INVALID, 0), HV_STATUS_INVALID_PARTITION_ID);
	assert_int_equal(get(2, 0), HV_STATUS_INVALID_PARTITION_ID);
	assert_int_equal(get_ex(2, 0, 0), HV_STATUS_INVALID_PARTITION_ID);
	assert_int_equal(get_ex(HV_PARTITION_ID_SELF, 0, 0), HV_STATUS_UNKNOWN_PROPERTY);
	assert_int_equal(get_ex(HV_PARTITION_ID_SELF, 0x80000001, 0), HV_STATUS_UNKNOWN_PROPERTY);
}

static void test_set(void **state)
{
	uint64_t privileges = fake.root.privileges;

	(void)state;
	assert_int_equal(
		set(HV_PARTITION_ID_SELF, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, UINT64_MAX),
		HV_STATUS_OPERATION_DENIED);
	assert_int_equal(fake.root.privileges, privileges);
	assert_int_equal(set(HV_PARTITION_ID_SELF, HV_PARTITION_PROPERTY_VMM_CAPABILITIES, 0),
			 HV_STATUS_OPERATION_DENIED);
	assert_int_equal(set(HV_PARTITION_ID_SELF, BULKHEAD_PROPERTY_LOG, 0),
			 HV_STATUS_OPERATION_DENIED);
	assert_int_equal(set(HV_PARTITION_ID_SELF, HV_PARTITION_PROPERTY_TIME_FREEZE, 1),
			 HV_STATUS_UNKNOWN_PROPERTY);
	assert_int_equal(set(2, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, 1),
			 HV_STATUS_INVALID_PARTITION_ID);
}

static void test_vmm_capabilities(void **state)
{
	const struct hv_partition_property_banked *banked = fake_output();

	(void)state;
	assert_int_equal(get_ex(HV_PARTITION_ID_SELF, HV_PARTITION_PROPERTY_VMM_CAPABILITIES, 0),
			 0);
	assert_int_equal(banked->bank_count, 1);
	assert_int_equal(banked->reserved[0] | banked->reserved[1] | banked->reserved[2], 0);
	assert_int_equal(banked->bank[0], HV_VMM_CAPABILITY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES);
	/* Only the value is written. */
	assert_int_equal(((const uint8_t *)fake_output())[sizeof(*banked)], 0xEE);
}

/* What a partition may assign to a child follows from what it has itself. */
static void test_assignable_features(void **state)
{
	const struct hv_partition_property_banked *banked = fake_output();
	const uint32_t code = HV_PARTITION_PROPERTY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES;
	uint64_t features;

	(void)state;
	assert_int_equal(get_ex(HV_PARTITION_ID_SELF, code, 0), 0);
	assert_int_equal(banked->bank_count, 1);
	features = HV_SYNTHETIC_HYPERVISOR_PRESENT | HV_SYNTHETIC_HV1 |
		   HV_SYNTHETIC_ACCESS_PARTITION_REFERENCE_COUNTER |
		   HV_SYNTHETIC_ACCESS_SYNIC_REGS | HV_SYNTHETIC_ACCESS_HYPERCALL_REGS |
		   HV_SYNTHETIC_ACCESS_VP_INDEX | HV_SYNTHETIC_ACCESS_PARTITION_REFERENCE_TSC |
		   HV_SYNTHETIC_ACCESS_FREQUENCY_REGS | HV_SYNTHETIC_NOTIFY_LONG_SPIN_WAIT |
		   HV_SYNTHETIC_SIGNAL_EVENTS;
	/* What is no privilege is the hypervisor's to offer. */
	assert_int_equal(banked->bank[0], features | HV_SYNTHETIC_EXTENDED_GVA_RANGES |
						  HV_SYNTHETIC_FAST_HYPERCALL_OUTPUT |
						  HV_SYNTHETIC_START_VIRTUAL_PROCESSOR |
						  HV_SYNTHETIC_DIRECT_SYNTHETIC_TIMERS |
						  HV_SYNTHETIC_EXTENDED_PROCESSOR_MASKS |
						  HV_SYNTHETIC_TB_FLUSH_HYPERCALLS |
						  HV_SYNTHETIC_SYNTHETIC_CLUSTER_IPI);

	/* Nobody gives what they do not have. */
	fake.root.privileges &= ~(uint64_t)HV_MSR_VP_INDEX_AVAILABLE;
	assert_int_equal(get_ex(HV_PARTITION_ID_SELF, code, 0), 0);
	assert_false(banked->bank[0] & HV_SYNTHETIC_ACCESS_VP_INDEX);
	fake.root.privileges |= HV_MSR_VP_INDEX_AVAILABLE;

	/* Half of a feature is none of it. */
	fake.root.features &= ~HV_FEATURE_FREQUENCY_MSRS_AVAILABLE;
	fake.root.hints = HV_X64_CLUSTER_IPI_RECOMMENDED;
	assert_int_equal(get(HV_PARTITION_ID_SELF, HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES),
			 0);
	assert_int_equal(value(), (features & ~HV_SYNTHETIC_ACCESS_FREQUENCY_REGS) |
					  HV_SYNTHETIC_SYNTHETIC_CLUSTER_IPI);
}

static uint64_t log_end(void)
{
	const struct bulkhead_log_chunk *chunk = fake_output();
	uint64_t position = 0;

	for (;;) {
		assert_int_equal(get_ex(HV_PARTITION_ID_SELF, BULKHEAD_PROPERTY_LOG, position), 0);
		if (chunk->size == 0)
			return chunk->next;
		assert_int_equal(chunk->next, chunk->from + chunk->size);
		position = chunk->next;
	}
}

static void test_log(void **state)
{
	const struct bulkhead_log_chunk *chunk = fake_output();
	const struct bulkhead_log_record *record = (const void *)(chunk + 1);
	uint64_t position = log_end();

	(void)state;
	log_append(LOG_WARN, 42, "something", 9);
	assert_int_equal(get_ex(HV_PARTITION_ID_SELF, BULKHEAD_PROPERTY_LOG, position), 0);
	assert_int_equal(chunk->from, position);
	assert_int_equal(chunk->size, 32);
	assert_int_equal(chunk->next, position + 32);
	assert_int_equal(chunk->reserved, 0);
	assert_int_equal(record->level, LOG_WARN);
	assert_int_equal(record->time_100ns, 42);
	assert_int_equal(record->text_length, 9);
	assert_memory_equal(record->text, "something", 9);
	/* Nothing of the page beyond the chunk is written. */
	assert_int_equal(((const uint8_t *)fake_output())[sizeof(*chunk) + 32], 0xEE);
}

/* A log larger than a page comes in chunks of whole records that join without a gap. */
static void test_log_in_chunks(void **state)
{
	const struct bulkhead_log_chunk *chunk = fake_output();
	uint64_t position = log_end();
	unsigned int records = 0;
	unsigned int chunks = 0;

	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		char line[100];

		memset(line, 'a', sizeof(line));
		log_append(LOG_INFO, i, line, i % sizeof(line));
	}
	for (;; chunks++) {
		assert_int_equal(get_ex(HV_PARTITION_ID_SELF, BULKHEAD_PROPERTY_LOG, position), 0);
		assert_int_equal(chunk->from, position);
		if (chunk->size == 0)
			break;
		for (size_t at = 0; at < chunk->size; records++) {
			const struct bulkhead_log_record *record =
				(const void *)((const char *)(chunk + 1) + at);

			assert_int_equal(record->time_100ns, records);
			at += record->size;
		}
		position = chunk->next;
	}
	assert_int_equal(records, 200);
	assert_true(chunks > 2);
}

static void test_counters(void **state)
{
	const struct bulkhead_counters *header = fake_output();
	const struct bulkhead_counter *counter = (const void *)(header + 1);
	uint32_t first = 0;
	uint32_t total;
	unsigned int found = 0;
	unsigned int deposits = 0;

	(void)state;
	counter_inc(&test_counter);
	counter_inc(&test_counter);
	do {
		assert_int_equal(get_ex(HV_PARTITION_ID_SELF, BULKHEAD_PROPERTY_COUNTERS, first),
				 0);
		total = header->total;
		assert_int_equal(total, counters_end() - counters_begin());
		assert_true(header->count > 0);
		for (uint32_t i = 0; i < header->count; i++) {
			if (strcmp(counter[i].name, "test.properties") == 0) {
				assert_int_equal(counter[i].value, 2);
				found++;
			}
			if (strcmp(counter[i].name, "hypercall.deposit_memory") == 0)
				deposits++;
		}
		first += header->count;
	} while (first < total);
	assert_int_equal(first, total);
	assert_int_equal(found, 1);
	assert_int_equal(deposits, 1);

	/* Beyond the end there are none; a large index does not wrap around to a valid one. */
	assert_int_equal(get_ex(HV_PARTITION_ID_SELF, BULKHEAD_PROPERTY_COUNTERS, total), 0);
	assert_int_equal(header->count, 0);
	assert_int_equal(get_ex(HV_PARTITION_ID_SELF, BULKHEAD_PROPERTY_COUNTERS, UINT64_MAX), 0);
	assert_int_equal(header->count, 0);
	assert_int_equal(get_ex(HV_PARTITION_ID_SELF, BULKHEAD_PROPERTY_COUNTERS, 1ull << 60), 0);
	assert_int_equal(header->count, 0);
}

static uint64_t counter_value(const char *name)
{
	for (const struct counter *c = counters_begin(); c < counters_end(); c++)
		if (strcmp(c->name, name) == 0)
			return counter_read(c);
	fail_msg("no counter %s", name);
	return 0;
}

static void test_calls_are_counted(void **state)
{
	uint64_t calls = counter_value("hypercall.get_partition_property");
	uint64_t unknown = counter_value("hypercall.unknown");
	uint64_t declared = counter_value("hypercall.create_partition");
	uint64_t undefined = counter_value("hypercall.undefined");

	(void)state;
	get(HV_PARTITION_ID_SELF, HV_PARTITION_PROPERTY_GUEST_OS_ID);
	get(2, 0);
	fake_hypercall(0xFFFF, 0, 0);
	fake_hypercall(HVCALL_CREATE_PARTITION, 0, 0);
	fake.cpl = 3;
	fake_hypercall(0xFFFF, 0, 0);
	assert_int_equal(counter_value("hypercall.get_partition_property"), calls + 2);
	assert_int_equal(counter_value("hypercall.unknown"), unknown + 1);
	assert_int_equal(counter_value("hypercall.create_partition"), declared + 1);
	assert_int_equal(counter_value("hypercall.undefined"), undefined + 1);
}

/* A value that does not end within the caller's page: its output block would span two. */
static void test_value_does_not_fit(void **state)
{
	static const struct {
		uint32_t code;
		uint32_t size;
	} smallest[] = {
		{HV_PARTITION_PROPERTY_GUEST_OS_ID, 8},
		{HV_PARTITION_PROPERTY_VMM_CAPABILITIES, 16},
		{BULKHEAD_PROPERTY_LOG, 24 + 16 + LOG_LINE_MAX},
		{BULKHEAD_PROPERTY_COUNTERS, 8 + 64},
	};
	struct hv_input_get_partition_property_ex input = {.partition_id = HV_PARTITION_ID_SELF};
	gpa_t end = FAKE_OUTPUT + PAGE_SIZE;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(smallest); i++) {
		input.property_code = smallest[i].code;
		memcpy(fake_memory + FAKE_INPUT, &input, sizeof(input));
		assert_int_equal(fake_hypercall(HVCALL_GET_PARTITION_PROPERTY_EX, FAKE_INPUT,
						end - smallest[i].size),
				 0);
		assert_int_equal(fake_memory[end], 0);
		if (smallest[i].size == 8)
			continue;
		assert_int_equal(fake_hypercall(HVCALL_GET_PARTITION_PROPERTY_EX, FAKE_INPUT,
						end - smallest[i].size + 8),
				 HV_STATUS_INVALID_ALIGNMENT);
	}
}

/* The log and the counters are the machine's: not for children, and not about them. */
static void test_not_for_children(void **state)
{
	static struct partition parent;

	(void)state;
	fake.root.parent = &parent;
	assert_int_equal(get_ex(HV_PARTITION_ID_SELF, BULKHEAD_PROPERTY_LOG, 0),
			 HV_STATUS_UNKNOWN_PROPERTY);
	assert_int_equal(get_ex(HV_PARTITION_ID_SELF, BULKHEAD_PROPERTY_COUNTERS, 0),
			 HV_STATUS_UNKNOWN_PROPERTY);
	assert_int_equal(set(HV_PARTITION_ID_SELF, BULKHEAD_PROPERTY_LOG, 0),
			 HV_STATUS_UNKNOWN_PROPERTY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_get, setup),
		cmocka_unit_test_setup(test_get_refusals, setup),
		cmocka_unit_test_setup(test_set, setup),
		cmocka_unit_test_setup(test_vmm_capabilities, setup),
		cmocka_unit_test_setup(test_assignable_features, setup),
		cmocka_unit_test_setup(test_log, setup),
		cmocka_unit_test_setup(test_log_in_chunks, setup),
		cmocka_unit_test_setup(test_counters, setup),
		cmocka_unit_test_setup(test_calls_are_counted, setup),
		cmocka_unit_test_setup(test_value_does_not_fit, setup),
		cmocka_unit_test_setup(test_not_for_children, setup),
	};

	return cmocka_run_group_tests_name("properties", tests, NULL, NULL);
}
