// SPDX-License-Identifier: Apache-2.0
/* The SynIC's registers, messages and event flags. */
#include "test.h"

#include "fake.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/synic.h"
#include "synic/synic.h"

#define SINT   5u
#define VECTOR 0xF3u

static struct guest_message buffers[4];

static int setup(void **state)
{
	(void)state;
	fake_reset();
	memset(buffers, 0, sizeof(buffers));
	return 0;
}

static void write_msr(uint32_t msr, uint64_t value)
{
	assert_true(synic_write_msr(&fake.vp, msr, value));
}

static uint64_t read_msr(uint32_t msr)
{
	uint64_t value;

	assert_true(synic_read_msr(&fake.vp, msr, &value));
	return value;
}

static void enable(void)
{
	write_msr(HV_X64_MSR_SCONTROL, 1);
	write_msr(HV_X64_MSR_SIMP, 1);
	write_msr(HV_X64_MSR_SIEFP, 1);
	write_msr(HV_X64_MSR_SINT0 + SINT, VECTOR);
}

static struct hv_message *slot(unsigned int sint)
{
	return &((struct hv_message_page *)(void *)(fake_memory + FAKE_SIMP))->sint_message[sint];
}

static uint8_t flags(unsigned int sint, unsigned int byte)
{
	return ((struct hv_synic_event_flags_page *)(void *)(fake_memory + FAKE_SIEFP))
		->event_flags[sint]
		.flags[byte];
}

/* Send buffer `i`: type 0x10 + i, from port 0xABC000 + i, with i + 1 bytes. */
static enum hv_status send(unsigned int sint, unsigned int i)
{
	enum hv_status status;

	assert_true(message_buffer_free(&buffers[i].head));
	buffers[i].head.type = 0x10 + i;
	buffers[i].head.port_id = (0xABC000 + i) & 0xFFFFFF;
	buffers[i].head.payload_size = (i + 1) & 0xFF;
	memset(buffers[i].payload, (int)(0x50 + i), i + 1);
	status = message_send(&fake.vp, sint, &buffers[i]);
	if (status != HV_STATUS_SUCCESS)
		buffers[i].head.type = HVMSG_NONE;
	return status;
}

static void assert_slot(unsigned int sint, unsigned int i, bool pending)
{
	assert_int_equal(slot(sint)->header.message_type, 0x10 + i);
	assert_int_equal(slot(sint)->header.origination_id, 0xABC000 + i);
	assert_int_equal(slot(sint)->header.payload_size, i + 1);
	assert_int_equal(slot(sint)->header.message_flags, pending ? HV_MESSAGE_FLAG_PENDING : 0);
	assert_int_equal(slot(sint)->header.reserved, 0);
	for (unsigned int at = 0; at <= i; at++)
		assert_int_equal(((uint8_t *)slot(sint)->payload)[at], 0x50 + i);
}

static void empty(unsigned int sint)
{
	slot(sint)->header.message_type = HVMSG_NONE;
}

static void test_registers(void **state)
{
	static const uint32_t pages[] = {HV_X64_MSR_SIMP, HV_X64_MSR_SIEFP, HV_X64_MSR_SIRBP};
	uint64_t value;

	(void)state;
	assert_int_equal(read_msr(HV_X64_MSR_SCONTROL), 0);
	assert_int_equal(read_msr(HV_X64_MSR_SVERSION), 1);
	assert_false(synic_write_msr(&fake.vp, HV_X64_MSR_SVERSION, 1));
	assert_int_equal(read_msr(HV_X64_MSR_EOM), 0);
	assert_int_equal(read_msr(HV_X64_MSR_SIMP), FAKE_SIMP);
	assert_int_equal(read_msr(HV_X64_MSR_SIEFP), FAKE_SIEFP);
	assert_int_equal(read_msr(HV_X64_MSR_SIRBP), FAKE_SIRBP);
	for (unsigned int i = 0; i < 3; i++) {
		/* The page stays where it is, bits 11:1 are preserved. */
		value = read_msr(pages[i]);
		write_msr(pages[i], 0xFFFFFFFFFFFFFFFF);
		assert_int_equal(read_msr(pages[i]), value | 0xFFF);
		write_msr(pages[i], 0);
		assert_int_equal(read_msr(pages[i]), value);
	}
	write_msr(HV_X64_MSR_SCONTROL, 0xFFFFFFFFFFFFFFFE);
	assert_true(read_msr(HV_X64_MSR_SCONTROL) == 0xFFFFFFFFFFFFFFFE);

	fake.root.privileges &= ~(uint64_t)HV_MSR_SYNIC_AVAILABLE;
	for (uint32_t msr = HV_X64_MSR_SCONTROL; msr <= HV_X64_MSR_SINT15; msr++) {
		assert_false(synic_read_msr(&fake.vp, msr, &value));
		assert_false(synic_write_msr(&fake.vp, msr, 0x10000));
	}
	fake.root.privileges |= HV_MSR_SYNIC_AVAILABLE;
	for (uint32_t msr = 0x40000086; msr < HV_X64_MSR_SINT0; msr++) {
		assert_false(synic_read_msr(&fake.vp, msr, &value));
		assert_false(synic_write_msr(&fake.vp, msr, 0));
	}
}

static void test_sint(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < SYNIC_SINT_COUNT; i++) {
		uint32_t msr = HV_X64_MSR_SINT0 + i;

		assert_int_equal(read_msr(msr), 0x10000);
		assert_false(synic_write_msr(&fake.vp, msr, 15));
		assert_false(synic_write_msr(&fake.vp, msr, HV_SYNIC_SINT_POLLING));
		assert_int_equal(read_msr(msr), 0x10000);
		write_msr(msr, 16 + i);
		assert_int_equal(read_msr(msr), 16 + i);
		write_msr(msr, HV_SYNIC_SINT_MASKED | 15);
		write_msr(msr, ~(uint64_t)0);
		assert_true(read_msr(msr) == ~(uint64_t)0);
	}
}

static void test_auto_eoi(void **state)
{
	const uint64_t auto_eoi = HV_SYNIC_SINT_AUTO_EOI;

	(void)state;
	for (unsigned int v = 0; v < 256; v++)
		assert_false(synic_vector_auto_eoi(&fake.vp, (uint8_t)v));
	write_msr(HV_X64_MSR_SINT0 + 2, VECTOR | auto_eoi);
	write_msr(HV_X64_MSR_SINT0 + 7, 0x41 | auto_eoi);
	for (unsigned int v = 0; v < 256; v++)
		assert_int_equal(synic_vector_auto_eoi(&fake.vp, (uint8_t)v),
				 v == VECTOR || v == 0x41);
	/* Two have it; when one is gone the other is still there. */
	write_msr(HV_X64_MSR_SINT0 + 3, VECTOR | auto_eoi);
	write_msr(HV_X64_MSR_SINT0 + 2, VECTOR);
	assert_true(synic_vector_auto_eoi(&fake.vp, VECTOR));
	write_msr(HV_X64_MSR_SINT0 + 3, VECTOR | auto_eoi | HV_SYNIC_SINT_MASKED);
	assert_false(synic_vector_auto_eoi(&fake.vp, VECTOR));
	write_msr(HV_X64_MSR_SINT0 + 3, VECTOR | auto_eoi | HV_SYNIC_SINT_POLLING);
	assert_false(synic_vector_auto_eoi(&fake.vp, VECTOR));
	assert_true(synic_vector_auto_eoi(&fake.vp, 0x41));
	synic_init(&fake.vp);
	assert_false(synic_vector_auto_eoi(&fake.vp, 0x41));
}

static void test_message(void **state)
{
	(void)state;
	enable();
	memset(slot(SINT)->payload, 0xEE, HV_MESSAGE_PAYLOAD_BYTE_COUNT);
	slot(SINT)->header.message_flags = 0xFF;
	slot(SINT)->header.reserved = 0xFFFF;
	assert_int_equal(send(SINT, 2), HV_STATUS_SUCCESS);
	assert_slot(SINT, 2, false);
	assert_int_equal(((uint8_t *)slot(SINT)->payload)[3], 0xEE);
	assert_int_equal(fake.interrupts[VECTOR], 1);
	assert_ptr_equal(fake.interrupted, &fake.vp);
	assert_true(message_buffer_free(&buffers[2].head));
	for (unsigned int i = 0; i < SYNIC_SINT_COUNT; i++)
		if (i != SINT)
			assert_int_equal(slot(i)->header.message_type, HVMSG_NONE);
}

/* Without SynIC or page there is nobody to send to. */
static void test_disabled(void **state)
{
	bool newly;

	(void)state;
	enable();
	write_msr(HV_X64_MSR_SCONTROL, 0);
	assert_int_equal(send(SINT, 0), HV_STATUS_INVALID_SYNIC_STATE);
	assert_int_equal(synic_signal_event(&fake.vp, SINT, 3, &newly),
			 HV_STATUS_INVALID_SYNIC_STATE);
	write_msr(HV_X64_MSR_SCONTROL, 1);
	write_msr(HV_X64_MSR_SIMP, 0);
	write_msr(HV_X64_MSR_SIEFP, 0);
	assert_int_equal(send(SINT, 0), HV_STATUS_INVALID_SYNIC_STATE);
	assert_int_equal(synic_signal_event(&fake.vp, SINT, 3, &newly),
			 HV_STATUS_INVALID_SYNIC_STATE);
	assert_int_equal(slot(SINT)->header.message_type, HVMSG_NONE);
	assert_int_equal(flags(SINT, 0), 0);
	enable();
	write_msr(HV_X64_MSR_EOM, 0);
	assert_int_equal(slot(SINT)->header.message_type, HVMSG_NONE);
	assert_int_equal(fake.interrupts[VECTOR], 0);
}

/* One in the slot, three in the queue, in order; the slot says that there are more. */
static void test_queue(void **state)
{
	(void)state;
	enable();
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(send(SINT, i), HV_STATUS_SUCCESS);
		assert_slot(SINT, 0, i > 0);
	}
	assert_int_equal(fake.interrupts[VECTOR], 1);
	for (unsigned int i = 1; i < 4; i++) {
		assert_false(message_buffer_free(&buffers[i].head));
		/* With the slot full an EOM changes nothing. */
		write_msr(HV_X64_MSR_EOM, 0);
		assert_slot(SINT, i - 1, true);
		empty(SINT);
		write_msr(HV_X64_MSR_EOM, 0);
		assert_slot(SINT, i, i < 3);
		assert_int_equal(fake.interrupts[VECTOR], i + 1);
		assert_true(message_buffer_free(&buffers[i].head));
	}
	empty(SINT);
	write_msr(HV_X64_MSR_EOM, 0);
	assert_int_equal(slot(SINT)->header.message_type, HVMSG_NONE);
	assert_int_equal(fake.interrupts[VECTOR], 4);
}

/* An occupied slot belongs to its reader, but for the flag. */
static void test_full_slot_is_left_alone(void **state)
{
	struct hv_message before;

	(void)state;
	enable();
	assert_int_equal(send(SINT, 0), HV_STATUS_SUCCESS);
	memcpy(&before, slot(SINT), sizeof(before));
	assert_int_equal(send(SINT, 1), HV_STATUS_SUCCESS);
	before.header.message_flags = HV_MESSAGE_FLAG_PENDING;
	assert_memory_equal(slot(SINT), &before, sizeof(before));
}

/* Each thing that makes the hypervisor look at a queue again. */
static void test_rescans(void **state)
{
	(void)state;
	enable();
	send(SINT, 0);
	send(SINT, 1);
	empty(SINT);
	assert_false(synic_eoi(&fake.vp, VECTOR - 1));
	assert_int_equal(slot(SINT)->header.message_type, HVMSG_NONE);
	assert_true(synic_eoi(&fake.vp, VECTOR));
	assert_slot(SINT, 1, false);
	assert_false(synic_eoi(&fake.vp, VECTOR));

	/* Another message, which then waits in its place. */
	send(SINT, 2);
	empty(SINT);
	send(SINT, 3);
	assert_slot(SINT, 2, true);
	empty(SINT);
	write_msr(HV_X64_MSR_EOM, 0);
	assert_slot(SINT, 3, false);

	send(SINT, 0);
	empty(SINT);
	write_msr(HV_X64_MSR_SINT0 + SINT + 1, VECTOR);
	assert_int_equal(slot(SINT)->header.message_type, HVMSG_NONE);
	write_msr(HV_X64_MSR_SINT0 + SINT, VECTOR);
	assert_slot(SINT, 0, false);

	send(SINT, 1);
	write_msr(HV_X64_MSR_SIMP, 0);
	empty(SINT);
	write_msr(HV_X64_MSR_EOM, 0);
	assert_int_equal(slot(SINT)->header.message_type, HVMSG_NONE);
	write_msr(HV_X64_MSR_SIMP, 1);
	assert_slot(SINT, 1, false);

	send(SINT, 2);
	write_msr(HV_X64_MSR_SCONTROL, 0);
	empty(SINT);
	write_msr(HV_X64_MSR_EOM, 0);
	assert_int_equal(slot(SINT)->header.message_type, HVMSG_NONE);
	write_msr(HV_X64_MSR_SCONTROL, 1);
	assert_slot(SINT, 2, false);
}

static void test_eoi_needed(void **state)
{
	(void)state;
	enable();
	send(SINT, 0);
	assert_false(synic_eoi_needed(&fake.vp, VECTOR));
	send(SINT, 1);
	for (unsigned int v = 0; v < 256; v++)
		assert_int_equal(synic_eoi_needed(&fake.vp, (uint8_t)v), v == VECTOR);
	write_msr(HV_X64_MSR_SINT0 + SINT, VECTOR | HV_SYNIC_SINT_MASKED);
	assert_false(synic_eoi_needed(&fake.vp, VECTOR));
	empty(SINT);
	assert_false(synic_eoi(&fake.vp, VECTOR));
	write_msr(HV_X64_MSR_SINT0 + SINT, VECTOR);
	assert_false(synic_eoi_needed(&fake.vp, VECTOR));
}

/* Masked and polling sources get their messages, and no interrupt. */
static void test_silent_sources(void **state)
{
	static const uint64_t values[] = {
		VECTOR | HV_SYNIC_SINT_MASKED,
		VECTOR | HV_SYNIC_SINT_POLLING,
		VECTOR | HV_SYNIC_SINT_MASKED | HV_SYNIC_SINT_POLLING,
	};

	(void)state;
	enable();
	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++) {
		write_msr(HV_X64_MSR_SINT0 + SINT, values[i]);
		assert_int_equal(send(SINT, 0), HV_STATUS_SUCCESS);
		assert_int_equal(send(SINT, 1), HV_STATUS_SUCCESS);
		assert_slot(SINT, 0, true);
		empty(SINT);
		write_msr(HV_X64_MSR_EOM, 0);
		assert_slot(SINT, 1, false);
		empty(SINT);
	}
	assert_int_equal(fake.interrupts[VECTOR], 0);
}

/* The queues of the sixteen sources are apart. */
static void test_queues_are_apart(void **state)
{
	(void)state;
	enable();
	write_msr(HV_X64_MSR_SINT0 + 15, 0x77);
	send(SINT, 0);
	send(SINT, 1);
	send(15, 2);
	send(15, 3);
	assert_slot(SINT, 0, true);
	assert_slot(15, 2, true);
	empty(15);
	/* One EOM looks at all of them. */
	write_msr(HV_X64_MSR_EOM, 0);
	assert_slot(15, 3, false);
	assert_slot(SINT, 0, true);
	empty(SINT);
	write_msr(HV_X64_MSR_EOM, 0);
	assert_slot(SINT, 1, false);
	assert_int_equal(fake.interrupts[VECTOR], 2);
	assert_int_equal(fake.interrupts[0x77], 2);
}

static void test_recall(void **state)
{
	(void)state;
	enable();
	send(SINT, 0);
	for (unsigned int i = 1; i < 4; i++)
		send(SINT, i);
	message_recall(&fake.vp, SINT, &buffers[2], 1);
	assert_true(message_buffer_free(&buffers[2].head));
	assert_false(message_buffer_free(&buffers[3].head));
	empty(SINT);
	write_msr(HV_X64_MSR_EOM, 0);
	assert_slot(SINT, 1, true);
	empty(SINT);
	write_msr(HV_X64_MSR_EOM, 0);
	assert_slot(SINT, 3, false);
	/* The last of the queue, and then one behind it. */
	send(SINT, 0);
	send(SINT, 1);
	message_recall(&fake.vp, SINT, &buffers[1], 1);
	send(SINT, 2);
	empty(SINT);
	write_msr(HV_X64_MSR_EOM, 0);
	assert_slot(SINT, 0, true);
	empty(SINT);
	write_msr(HV_X64_MSR_EOM, 0);
	assert_slot(SINT, 2, false);
	message_recall(&fake.vp, SINT, buffers, 4);
	empty(SINT);
	write_msr(HV_X64_MSR_EOM, 0);
	assert_int_equal(slot(SINT)->header.message_type, HVMSG_NONE);
}

static void test_post(void **state)
{
	struct hv_message message = {
		.header = {.message_type = 0x80000050,
			   .payload_size = 240,
			   .message_flags = 0xFF,
			   .origination_id = 0x123456789},
	};

	(void)state;
	memset(message.payload, 0x5A, sizeof(message.payload));
	assert_int_equal(synic_post_message(&fake.vp, SINT, &message),
			 HV_STATUS_INVALID_SYNIC_STATE);
	enable();
	assert_int_equal(synic_post_message(&fake.vp, SINT, &message), HV_STATUS_SUCCESS);
	assert_int_equal(fake.interrupts[VECTOR], 1);
	message.header.message_flags = 0;
	assert_memory_equal(slot(SINT), &message, sizeof(message));

	message.header.message_type = 7;
	assert_int_equal(synic_post_message(&fake.vp, SINT, &message), HV_STATUS_OBJECT_IN_USE);
	assert_int_equal(slot(SINT)->header.message_type, 0x80000050);
	/* Those that wait come first. */
	send(SINT, 1);
	empty(SINT);
	assert_int_equal(synic_post_message(&fake.vp, SINT, &message), HV_STATUS_OBJECT_IN_USE);
	assert_slot(SINT, 1, false);
	empty(SINT);
	assert_int_equal(synic_post_message(&fake.vp, SINT, &message), HV_STATUS_SUCCESS);
	assert_int_equal(fake.interrupts[VECTOR], 3);

	empty(SINT);
	write_msr(HV_X64_MSR_SINT0 + SINT, VECTOR | HV_SYNIC_SINT_MASKED);
	assert_int_equal(synic_post_message(&fake.vp, SINT, &message),
			 HV_STATUS_INVALID_SYNIC_STATE);
	write_msr(HV_X64_MSR_SINT0 + SINT, VECTOR | HV_SYNIC_SINT_POLLING);
	assert_int_equal(synic_post_message(&fake.vp, SINT, &message), HV_STATUS_SUCCESS);
	assert_int_equal(fake.interrupts[VECTOR], 3);
}

static void test_event(void **state)
{
	bool newly;

	(void)state;
	enable();
	for (unsigned int flag = 0; flag < HV_EVENT_FLAGS_COUNT; flag++) {
		assert_int_equal(synic_signal_event(&fake.vp, SINT, flag, &newly), 0);
		assert_true(newly);
		assert_int_equal(fake.interrupts[VECTOR], flag + 1);
		assert_int_equal(flags(SINT, flag / 8), (2u << flag % 8) - 1);
	}
	/* Set already: nothing new, no interrupt. */
	assert_int_equal(synic_signal_event(&fake.vp, SINT, 2047, &newly), 0);
	assert_false(newly);
	assert_int_equal(fake.interrupts[VECTOR], HV_EVENT_FLAGS_COUNT);
	for (unsigned int byte = 0; byte < 256; byte++) {
		assert_int_equal(flags(SINT - 1, byte), 0);
		assert_int_equal(flags(SINT + 1, byte), 0);
	}

	write_msr(HV_X64_MSR_SINT0 + 1, 0x55 | HV_SYNIC_SINT_MASKED);
	assert_int_equal(synic_signal_event(&fake.vp, 1, 9, &newly), HV_STATUS_INVALID_SYNIC_STATE);
	assert_int_equal(flags(1, 1), 0);
	write_msr(HV_X64_MSR_SINT0 + 1, 0x55 | HV_SYNIC_SINT_MASKED | HV_SYNIC_SINT_POLLING);
	assert_int_equal(synic_signal_event(&fake.vp, 1, 9, &newly), HV_STATUS_SUCCESS);
	assert_true(newly);
	assert_int_equal(flags(1, 1), 2);
	assert_int_equal(fake.interrupts[0x55], 0);
}

/* INIT: registers, pages and queues as new; the pages stay where they are. */
static void test_init(void **state)
{
	bool newly;

	(void)state;
	enable();
	write_msr(HV_X64_MSR_SIRBP, 1);
	memset(fake_memory + FAKE_SIRBP, 0xEE, PAGE_SIZE);
	for (unsigned int i = 0; i < 4; i++)
		send(SINT, i);
	synic_signal_event(&fake.vp, SINT, 77, &newly);
	synic_init(&fake.vp);
	for (unsigned int i = 0; i < 4; i++)
		assert_true(message_buffer_free(&buffers[i].head));
	assert_int_equal(read_msr(HV_X64_MSR_SCONTROL), 0);
	assert_int_equal(read_msr(HV_X64_MSR_SIMP), FAKE_SIMP);
	assert_int_equal(read_msr(HV_X64_MSR_SIEFP), FAKE_SIEFP);
	assert_int_equal(read_msr(HV_X64_MSR_SIRBP), FAKE_SIRBP);
	for (uint32_t i = 0; i < SYNIC_SINT_COUNT; i++)
		assert_int_equal(read_msr(HV_X64_MSR_SINT0 + i), HV_SYNIC_SINT_RESET_VALUE);
	for (size_t at = FAKE_SIMP; at < FAKE_SIRBP + PAGE_SIZE; at++)
		assert_int_equal(fake_memory[at], 0);
	enable();
	write_msr(HV_X64_MSR_EOM, 0);
	assert_int_equal(slot(SINT)->header.message_type, HVMSG_NONE);
	assert_false(synic_eoi_needed(&fake.vp, VECTOR));
	assert_int_equal(send(SINT, 1), HV_STATUS_SUCCESS);
	assert_slot(SINT, 1, false);
}

/* Any order of sending, reading and EOMs: messages come out as they went in, none twice. */
static void test_random(void **state)
{
	unsigned int sent = 0;
	unsigned int received = 0;

	(void)state;
	enable();
	srand(6);
	for (unsigned int step = 0; step < 100000; step++) {
		if (rand() % 2 && message_buffer_free(&buffers[sent % 4].head)) {
			assert_int_equal(send(SINT, sent % 4), HV_STATUS_SUCCESS);
			sent++;
		}
		if (rand() % 2 && slot(SINT)->header.message_type != HVMSG_NONE) {
			uint8_t pending;

			assert_int_equal(slot(SINT)->header.message_type, 0x10 + received % 4);
			received++;
			empty(SINT);
			pending = slot(SINT)->header.message_flags & HV_MESSAGE_FLAG_PENDING;
			/* Exactly one message may be in the slot, the others are queued. */
			assert_int_equal(pending != 0, sent > received);
			if (pending && rand() % 2)
				write_msr(HV_X64_MSR_EOM, 0);
			else if (pending)
				assert_true(synic_eoi(&fake.vp, VECTOR));
			assert_int_equal(slot(SINT)->header.message_type != HVMSG_NONE,
					 sent > received);
		}
		assert_int_equal(fake.interrupts[VECTOR],
				 received + (slot(SINT)->header.message_type != HVMSG_NONE));
	}
	assert_true(received > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_registers, setup),
		cmocka_unit_test_setup(test_sint, setup),
		cmocka_unit_test_setup(test_auto_eoi, setup),
		cmocka_unit_test_setup(test_message, setup),
		cmocka_unit_test_setup(test_disabled, setup),
		cmocka_unit_test_setup(test_queue, setup),
		cmocka_unit_test_setup(test_full_slot_is_left_alone, setup),
		cmocka_unit_test_setup(test_rescans, setup),
		cmocka_unit_test_setup(test_eoi_needed, setup),
		cmocka_unit_test_setup(test_silent_sources, setup),
		cmocka_unit_test_setup(test_queues_are_apart, setup),
		cmocka_unit_test_setup(test_recall, setup),
		cmocka_unit_test_setup(test_post, setup),
		cmocka_unit_test_setup(test_event, setup),
		cmocka_unit_test_setup(test_init, setup),
		cmocka_unit_test_setup(test_random, setup),
	};

	return cmocka_run_group_tests_name("synic", tests, NULL, NULL);
}
