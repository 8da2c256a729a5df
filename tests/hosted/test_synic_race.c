// SPDX-License-Identifier: Apache-2.0
/*
 * Messages against a reader on another processor. The sender is executed instruction by instruction
 * (by the processor's trap flag), and the reader takes its turn at each of them in turn: whatever
 * the order, no message may wait with the reader not knowing of it.
 */
#include "test.h"

#include <signal.h>
#include <ucontext.h>

#include "fake.h"

#include "abi/hv/synic.h"
#include "synic/synic.h"

#define SINT      2u
#define VECTOR    0xF3u
#define TRAP_FLAG 0x100

static struct guest_message first, second;

/* The reader: what it has seen, and at which instruction of the sender it shall look. */
static volatile struct hv_message *slot;
static unsigned int reader_at;
static unsigned int instructions;
static bool stepping;
static bool eom_due;

/* As Linux's drivers read: empty the slot, a full barrier, then look for the flag. */
static void read_message(void)
{
	slot->header.message_type = HVMSG_NONE;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	eom_due = slot->header.message_flags & HV_MESSAGE_FLAG_PENDING;
}

static void on_trap(int number, siginfo_t *info, void *context)
{
	ucontext_t *interrupted = context;

	(void)number;
	(void)info;
	if (!stepping) {
		interrupted->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
		return;
	}
	interrupted->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
	if (instructions++ == reader_at)
		read_message();
}

static void send(struct guest_message *message, uint32_t type)
{
	message->head = (struct message_buffer){.type = type, .payload_size = 8};
	assert_int_equal(message_send(&fake.vp, SINT, message), HV_STATUS_SUCCESS);
}

/* Returns the number of instructions that sending the second message took. */
static unsigned int round_at(unsigned int instruction)
{
	fake_reset();
	slot = &((volatile struct hv_message_page *)(void *)(fake_memory + FAKE_SIMP))
			->sint_message[SINT];
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_SCONTROL, 1));
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_SIMP, 1));
	assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_SINT0 + SINT, VECTOR));
	send(&first, 1);
	second.head = (struct message_buffer){.type = 2, .payload_size = 8};
	reader_at = instruction;
	instructions = 0;
	eom_due = false;

	stepping = true;
	raise(SIGTRAP);
	message_send(&fake.vp, SINT, &second);
	stepping = false;
	raise(SIGTRAP);

	if (instructions <= reader_at)
		read_message();
	if (eom_due)
		assert_true(synic_write_msr(&fake.vp, HV_X64_MSR_EOM, 0));
	if (slot->header.message_type != 2)
		fail_msg("the message is lost when the slot is emptied at instruction %u of %u",
			 instruction, instructions);
	assert_int_equal(fake.interrupts[VECTOR], 2);
	assert_true(message_buffer_free(&second.head));
	return instructions;
}

static void test_reader_at_each_instruction(void **state)
{
	unsigned int count = round_at(UINT32_MAX);

	(void)state;
	/* Enough to have been in the middle of it. */
	assert_true(count > 50);
	for (unsigned int i = 0; i <= count; i++)
		round_at(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reader_at_each_instruction),
	};
	const struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};

	sigaction(SIGTRAP, &action, NULL);
	return cmocka_run_group_tests_name("synic_race", tests, NULL, NULL);
}
