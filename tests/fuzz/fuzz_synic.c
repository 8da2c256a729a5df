// SPDX-License-Identifier: Apache-2.0
/*
 * The SynIC of a VP under libFuzzer: its registers, timers, messages and events in any order, with
 * a reader of the pages that does as it likes. After each operation queues, buffers and registers
 * agree.
 *
 * An input is operations of a byte each and what they take:
 *   0..3  write, 4 read: a register's number less 0x40000080, and eight bytes
 *   5     time goes on by two bytes; timers expire    6  a slot is emptied, and EOM
 *   7     the end of an interrupt: its vector         8  a slot's byte becomes another
 *   9     a message of a port: port, type, size      10  an event of a port
 *   11    a message posted directly: SINT            12  INIT
 *   13    the ports go, and come again
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/hypercall.h"
#include "abi/hv/msr.h"
#include "abi/hv/synic.h"
#include "synic/port.h"
#include "synic/synic.h"

/* Ports 1 to MESSAGE_PORTS for messages, the next for events, to SINTs of the same numbers. */
#define MESSAGE_PORTS 3u
#define EVENT_PORT    (MESSAGE_PORTS + 1)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reader {
	const uint8_t *data;
	size_t left;
};

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static uint64_t take(struct reader *r, unsigned int bytes)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < bytes && r->left > 0; i++, r->left--)
		value |= (uint64_t)*r->data++ << (8 * i);
	return value;
}

static void make_ports(void)
{
	for (uint32_t id = 1; id <= EVENT_PORT; id++) {
		bool event = id == EVENT_PORT;
		const struct hv_port_info info = {
			.port_type = event ? HV_PORT_TYPE_EVENT : HV_PORT_TYPE_MESSAGE,
			.target_sint = id,
			.target_vp = id == 1 ? HV_ANY_VP : 0,
			.base_flag_number = event ? 2000 : 0,
			.flag_count = event ? 48 : 0,
		};

		require(port_create(&fake.root, id, 0, &info) == HV_STATUS_SUCCESS &&
				port_connect(&fake.root, id, &fake.root, id, info.port_type) ==
					HV_STATUS_SUCCESS,
			"a port cannot be made");
	}
}

static struct hv_message *slot(uint64_t sint)
{
	struct hv_message_page *page = (struct hv_message_page *)(void *)(fake_memory + FAKE_SIMP);

	return &page->sint_message[sint % SYNIC_SINT_COUNT];
}

static void access_register(struct reader *r, bool write)
{
	uint32_t msr = HV_X64_MSR_SCONTROL + (uint32_t)take(r, 1) % 64;
	uint64_t value = take(r, 8);
	uint64_t found;

	if (!write) {
		synic_read_msr(&fake.vp, msr, &found);
		return;
	}
	if (synic_write_msr(&fake.vp, msr, value))
		require(synic_read_msr(&fake.vp, msr, &found),
			"a register can be written, not read");
}

static void pass_time(struct reader *r)
{
	fake.reference_time += take(r, 2);
	synic_timer_expire(&fake.vp, fake.reference_time);
	require(synic_timer_next(&fake.vp) > fake.reference_time, "a timer is due for ever");
}

static void send(struct reader *r)
{
	static const uint8_t payload[HV_MESSAGE_PAYLOAD_BYTE_COUNT] = {1, 2, 3};
	uint32_t port = (uint32_t)take(r, 1) % (EVENT_PORT + 2);
	uint32_t type = (uint32_t)take(r, 1) + 1;
	uint32_t length = (uint32_t)take(r, 1) % (sizeof(payload) + 1);

	port_post_message(&fake.vp, port, type, payload, length);
}

static void post_directly(struct reader *r)
{
	const struct hv_message message = {
		.header = {.message_type = HVMSG_HYPERCALL_INTERCEPT, .payload_size = 200}};

	synic_post_message(&fake.vp, (unsigned int)take(r, 1) % SYNIC_SINT_COUNT, &message);
}

static void operation(struct reader *r)
{
	uint8_t *byte;

	switch (take(r, 1) % 14) {
	case 4:
		access_register(r, false);
		break;
	case 5:
		pass_time(r);
		break;
	case 6:
		slot(take(r, 1))->header.message_type = HVMSG_NONE;
		synic_write_msr(&fake.vp, HV_X64_MSR_EOM, 0);
		break;
	case 7:
		synic_eoi(&fake.vp, (uint8_t)take(r, 1));
		break;
	case 8:
		byte = (uint8_t *)slot(take(r, 1));
		byte[take(r, 1)] = (uint8_t)take(r, 1);
		break;
	case 9:
		send(r);
		break;
	case 10:
		port_signal_event(&fake.vp, EVENT_PORT, (uint32_t)take(r, 1) % 64);
		break;
	case 11:
		post_directly(r);
		break;
	case 12:
		synic_init(&fake.vp);
		require(fake.vp.synic.queued == 0 &&
				synic_timer_next(&fake.vp) == SYNIC_TIMER_NEVER,
			"INIT has left something behind");
		break;
	case 13:
		port_delete_all(&fake.root);
		require(fake.root.pool.used_count == 0, "a page of a port is still in use");
		make_ports();
		break;
	default:
		access_register(r, true);
		break;
	}
}

/* Queues end, hold what is not free, and are where the mask says. */
static void check_queues(void)
{
	const struct vp_synic *synic = &fake.vp.synic;
	unsigned int waiting = 0;

	for (unsigned int i = 0; i < SYNIC_SINT_COUNT; i++) {
		const struct message_buffer *buffer = synic->queue[i].first;

		require((synic->queued >> i & 1) == (buffer != NULL),
			"the mask of queues is wrong");
		for (; buffer; buffer = buffer->next) {
			require(!message_buffer_free(buffer), "a free message waits");
			require(buffer->next || buffer == synic->queue[i].last,
				"a queue has another end");
			require(++waiting <=
					SYNIC_TIMER_COUNT + MESSAGE_PORTS * HV_PORT_MESSAGE_BUFFERS,
				"more messages wait than there are");
		}
	}
}

static void check_registers(void)
{
	const struct vp_synic *synic = &fake.vp.synic;
	bool expected[256] = {false};

	for (unsigned int i = 0; i < SYNIC_SINT_COUNT; i++) {
		uint64_t sint = synic->sint[i];

		if (!(sint & (HV_SYNIC_SINT_MASKED | HV_SYNIC_SINT_POLLING)) &&
		    (sint & HV_SYNIC_SINT_AUTO_EOI))
			expected[sint & 0xFF] = true;
	}
	for (unsigned int v = 0; v < 256; v++)
		require(synic_vector_auto_eoi(&fake.vp, (uint8_t)v) == expected[v],
			"a vector ends by itself, or not");
	for (unsigned int i = 0; i < SYNIC_TIMER_COUNT; i++) {
		const struct synic_timer *timer = &synic->timer[i];
		bool runs = (timer->config & HV_STIMER_ENABLE) && timer->count != 0;

		require(runs || timer->deadline == SYNIC_TIMER_NEVER,
			"a timer that is disabled runs");
	}
	require((synic->simp & PAGE_MASK) == FAKE_SIMP &&
			(synic->siefp & PAGE_MASK) == FAKE_SIEFP &&
			(synic->sirbp & PAGE_MASK) == FAKE_SIRBP,
		"a page has moved");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = {.data = data, .left = size};

	fake_reset_machine();
	memset(fake_memory + FAKE_SIMP, 0, FAKE_SIRBP + PAGE_SIZE - FAKE_SIMP);
	fake.root.privileges |= HV_MSR_SYNTIMER_AVAILABLE;
	fake.root.features |= HV_STIMER_DIRECT_MODE_AVAILABLE;
	fake_deposit(FAKE_FREE, 10);
	make_ports();
	while (r.left > 0) {
		operation(&r);
		check_queues();
		check_registers();
	}
	return 0;
}
