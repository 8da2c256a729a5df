// SPDX-License-Identifier: Apache-2.0
/* The calls by which the fake's root makes children and gives them memory, for tests about those.
 */
#ifndef TESTS_HOSTED_CHILD_H
#define TESTS_HOSTED_CHILD_H

#include "fake.h"

#include "abi/hv/hypercall.h"
#include "abi/hv/memory.h"
#include "abi/hv/partition.h"

#define CHILD_FLAGS                                                                            \
	(HV_PARTITION_CREATION_FLAG_EXO_PARTITION | HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED | \
	 HV_PARTITION_CREATION_FLAG_INTERCEPT_MESSAGE_PAGE_ENABLED)

/* Each returns the result of its call. */

static inline uint64_t call_create(uint64_t flags)
{
	const struct hv_input_create_partition input = {.flags = flags,
							.compatibility_version = 0x609};

	return fake_call(HVCALL_CREATE_PARTITION, &input, sizeof(input));
}

/* INITIALIZE, FINALIZE, DELETE: as Linux calls them, in registers. */
static inline uint64_t call_id(uint16_t code, uint64_t id)
{
	return fake_hypercall(code | HV_HYPERCALL_FAST_BIT, id, 0);
}

static inline uint64_t call_deposit(uint64_t id, uint64_t first, uint32_t count)
{
	struct {
		uint64_t id;
		uint64_t page[HV_DEPOSIT_MAX];
	} input = {.id = id};

	for (uint32_t i = 0; i < count && i < HV_DEPOSIT_MAX; i++)
		input.page[i] = first + i;
	return fake_call(control_rep(HVCALL_DEPOSIT_MEMORY, count), &input, sizeof(input));
}

static inline uint64_t call_withdraw(uint64_t id, uint32_t count)
{
	const struct hv_input_withdraw_memory input = {.partition_id = id};

	return fake_call(control_rep(HVCALL_WITHDRAW_MEMORY, count), &input, sizeof(input));
}

#define CALL_MAP_MAX 509u

/* Map `count` pages from page number `page` on; `step` 0 gives the same source to all. */
static inline uint64_t call_map(uint64_t id, uint64_t base, uint32_t flags, uint64_t page,
				uint64_t step, uint32_t count)
{
	static uint8_t block[PAGE_SIZE] __aligned(8);
	struct hv_input_map_gpa_pages *input = (struct hv_input_map_gpa_pages *)(void *)block;

	*input = (struct hv_input_map_gpa_pages){.target_partition_id = id,
						 .target_gpa_base = base,
						 .map_flags = flags,
						 .padding = 0xA5A5A5A5};
	for (uint32_t i = 0; i < count && i < CALL_MAP_MAX; i++)
		input->source_gpa_page_list[i] = page + i * step;
	return fake_call(control_rep(HVCALL_MAP_GPA_PAGES, count), block, sizeof(block));
}

static inline uint64_t call_unmap(uint64_t id, uint64_t base, uint32_t flags, uint32_t count)
{
	const struct hv_input_unmap_gpa_pages input = {.target_partition_id = id,
						       .target_gpa_base = base,
						       .unmap_flags = flags,
						       .padding = 0xA5A5A5A5};

	return fake_call(control_rep(HVCALL_UNMAP_GPA_PAGES, count), &input, sizeof(input));
}

/* Pages that an initialized child takes: its topmost table and those of its registers. */
#define INITIALIZED 3

/*
 * A child made from page `first` (the root's), initialized with `count` pages from behind it. The
 * caller drops no reference: it stays until it is deleted.
 */
static inline struct partition *make_child(uint64_t first, uint32_t count)
{
	struct partition *child;
	uint64_t id;

	fake_deposit(first, 1);
	assert_int_equal(call_create(CHILD_FLAGS), 0);
	memcpy(&id, fake_output(), sizeof(id));
	child = partition_get_child(&fake.root, id);
	assert_non_null(child);
	partition_put(child);
	fake_deposit_to(child, first + 1, count);
	assert_int_equal(call_id(HVCALL_INITIALIZE_PARTITION, id), 0);
	return child;
}

#endif
