// SPDX-License-Identifier: Apache-2.0
/*
 * Accesses of a child that its parent hears of: to ports and to memory. Source: TLFS, "Intercepts";
 * what Linux's mshv driver and its VMMs read of the messages.
 */
#include "abi/hv/cpuid.h"
#include "abi/hv/memory.h"
#include "abi/hv/msr.h"
#include "abi/hv/partition.h"
#include "abi/hv/port.h"
#include "abi/hv/status.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/layout.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/child.h"
#include "root/root.h"
#include "x86/cpu.h"

#define RW        (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE)
#define RAM       (RW | HV_MAP_GPA_EXECUTABLE | HV_MAP_GPA_ADJUSTABLE)
#define ROM       (HV_MAP_GPA_READABLE | HV_MAP_GPA_EXECUTABLE)
#define NO_ACCESS HV_MAP_GPA_NO_ACCESS
#define HOLE_PAGE (CHILD_HOLE >> PAGE_SHIFT)

extern const char child_port_out8[], child_port_in16[], child_port_outs[], child_port_rep_outs[],
	child_port_rep_ins[], child_port_wide[];
extern const char child_memory_load[], child_memory_store[], child_memory_immediate[],
	child_memory_add[], child_memory_jump[];
void child_ports(void);

static struct child c;

TEST(ports, "child intercepts: ports, of all sizes, strings and repetitions")
{
	static const struct {
		const char *code;
		uint8_t length;
		uint16_t port;
		uint8_t info;
		bool in;
	} list[] = {
		{child_port_out8, 2, 0x80, 1, false},
		{child_port_in16, 2, 0x1234, 2, true},
		{child_port_outs, 1, 0x1234, 1 | HV_IO_ACCESS_STRING, false},
		{child_port_rep_outs, 3, 0x1234, 2 | HV_IO_ACCESS_STRING | HV_IO_ACCESS_REP, false},
		{child_port_rep_ins, 2, 0x1234, 4 | HV_IO_ACCESS_STRING | HV_IO_ACCESS_REP, true},
		{child_port_wide, 2, 0x1234, 4 | HV_IO_ACCESS_STRING, false},
	};

	child_start(&c, child_ports);
	for (unsigned int i = 0; i < ARRAY_SIZE(list); i++) {
		volatile struct hv_x64_io_port_intercept_message *m = child_expect(
			&c, 0, HVMSG_X64_IO_PORT_INTERCEPT);

		test_about("instruction %u", i);
		if (!m)
			break;
		EXPECT_EQ(c.vp[0].message->header.payload_size, sizeof(*m));
		EXPECT_EQ(m->header.vp_index, 0);
		EXPECT_EQ(m->header.rip, (uintptr_t)list[i].code);
		EXPECT_EQ(m->header.instruction_length_cr8, list[i].length);
		EXPECT_EQ(m->header.intercept_access_type,
			  list[i].in ? HV_INTERCEPT_ACCESS_READ : HV_INTERCEPT_ACCESS_WRITE);
		EXPECT_EQ(m->header.rflags & RFLAGS_FIXED, RFLAGS_FIXED);
		EXPECT_EQ(m->header.cs.selector, CODE64);
		EXPECT_EQ(m->port_number, list[i].port);
		EXPECT_EQ(m->access_info, list[i].info);
		EXPECT_EQ(m->ds.selector, DATA);
		EXPECT_EQ(m->es.selector, DATA);
		if (list[i].info & HV_IO_ACCESS_STRING) {
			EXPECT_EQ(m->rcx, 7);
			EXPECT_EQ(m->rsi, (uintptr_t)child_ports);
			EXPECT_EQ(m->rdi, (uintptr_t)child_ports);
			EXPECT(m->instruction_byte_count >= list[i].length &&
			       m->instruction_byte_count <= 16);
			EXPECT(child_same_bytes(m->instruction_bytes, list[i].length,
						list[i].code));
		}
		child_resume(&c, 0, m->rax);
	}
	test_about(NULL);
	child_finish(&c);
	child_end(&c);
}

/* Let the child begin at `code` with `rdi` and `rsi`. */
static void begin_at(const char *code, uint64_t rdi, uint64_t rsi)
{
	child_enter(&c, 0, (void (*)(void))(uintptr_t)code);
	EXPECT_EQ(child_set(&c, 0, HV_X64_REGISTER_RDI, rdi), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(child_set(&c, 0, HV_X64_REGISTER_RSI, rsi), RESULT(HV_STATUS_SUCCESS, 1));
	EXPECT_EQ(child_set(&c, 0, HV_X64_REGISTER_RAX, 0x1111), RESULT(HV_STATUS_SUCCESS, 1));
}

static const struct {
	const char *code;
	uint64_t offset;
	unsigned int access;
} accesses[] = {
	{child_memory_load, 0, HV_INTERCEPT_ACCESS_READ},
	{child_memory_store, 6 + 8 * 4, HV_INTERCEPT_ACCESS_WRITE},
	{child_memory_immediate, 0x10, HV_INTERCEPT_ACCESS_WRITE},
	{child_memory_add, 0, HV_INTERCEPT_ACCESS_WRITE},
};

TEST(unmapped, "child intercepts: memory that there is not, with its address and instruction")
{
	child_start(&c, child_ports);
	for (unsigned int i = 0; i < ARRAY_SIZE(accesses); i++) {
		test_about("access %u", i);
		begin_at(accesses[i].code, CHILD_HOLE + 0x123, 8);
		child_expect_memory(&c, HVMSG_UNMAPPED_GPA, accesses[i].code, accesses[i].access,
				    CHILD_HOLE + 0x123 + accesses[i].offset);
		/* As often as it is dispatched, until somebody does something about it. */
		child_expect_memory(&c, HVMSG_UNMAPPED_GPA, accesses[i].code, accesses[i].access,
				    CHILD_HOLE + 0x123 + accesses[i].offset);
	}
	test_about(NULL);
	begin_at(child_memory_jump, CHILD_HOLE + 0x456, 0);
	child_expect_memory(&c, HVMSG_UNMAPPED_GPA, (const char *)CHILD_HOLE + 0x456,
			    HV_INTERCEPT_ACCESS_EXECUTE, CHILD_HOLE + 0x456);
	child_end(&c);
}

TEST(no_access, "child intercepts: memory without access, filled, is used without another word")
{
	uint8_t *page = (uint8_t *)machine_page(CHILD_MEMORY);

	child_start(&c, child_ports);
	for (unsigned int i = 0; i < ARRAY_SIZE(accesses); i++) {
		test_about("access %u", i);
		EXPECT_EQ(child_map(&c, HOLE_PAGE, NO_ACCESS, 0, 1), RESULT(HV_STATUS_SUCCESS, 1));
		begin_at(accesses[i].code, CHILD_HOLE, 8);
		child_expect_memory(&c, HVMSG_GPA_INTERCEPT, accesses[i].code, accesses[i].access,
				    CHILD_HOLE + accesses[i].offset);
		memset(page, 0x5a, PAGE_SIZE);
		EXPECT_EQ(child_map(&c, HOLE_PAGE, RAM, CHILD_MEMORY, 1),
			  RESULT(HV_STATUS_SUCCESS, 1));
		child_finish(&c);
		EXPECT_EQ(page[accesses[i].offset] == 0x5a,
			  accesses[i].access == HV_INTERCEPT_ACCESS_READ);
	}
	test_about(NULL);
	EXPECT_EQ(child_map(&c, HOLE_PAGE, NO_ACCESS, 0, 1), RESULT(HV_STATUS_SUCCESS, 1));
	begin_at(child_memory_jump, CHILD_HOLE, 0);
	child_expect_memory(&c, HVMSG_GPA_INTERCEPT, (const char *)CHILD_HOLE,
			    HV_INTERCEPT_ACCESS_EXECUTE, CHILD_HOLE);
	memset(page, 0xc3, PAGE_SIZE);
	EXPECT_EQ(child_map(&c, HOLE_PAGE, RAM, CHILD_MEMORY, 1), RESULT(HV_STATUS_SUCCESS, 1));
	child_finish(&c);
	child_end(&c);
}

TEST(rights, "child intercepts: memory that may only be read, or not be executed")
{
	uint8_t *page = (uint8_t *)machine_page(CHILD_MEMORY);

	memset(page, 0xc3, PAGE_SIZE);
	child_start(&c, child_ports);
	EXPECT_EQ(child_map(&c, HOLE_PAGE, ROM, CHILD_MEMORY, 1), RESULT(HV_STATUS_SUCCESS, 1));
	for (unsigned int i = 0; i < ARRAY_SIZE(accesses); i++) {
		test_about("access %u", i);
		begin_at(accesses[i].code, CHILD_HOLE, 8);
		if (accesses[i].access == HV_INTERCEPT_ACCESS_READ)
			child_finish(&c);
		else
			child_expect_memory(&c, HVMSG_GPA_INTERCEPT, accesses[i].code,
					    accesses[i].access, CHILD_HOLE + accesses[i].offset);
	}
	test_about(NULL);
	begin_at(child_memory_jump, CHILD_HOLE, 0);
	child_finish(&c);
	for (unsigned int i = 0; i < PAGE_SIZE; i++)
		EXPECT_EQ(page[i], 0xc3);
	EXPECT_EQ(child_map(&c, HOLE_PAGE, RW, CHILD_MEMORY, 1), RESULT(HV_STATUS_SUCCESS, 1));
	begin_at(child_memory_jump, CHILD_HOLE, 0);
	child_expect_memory(&c, HVMSG_GPA_INTERCEPT, (const char *)CHILD_HOLE,
			    HV_INTERCEPT_ACCESS_EXECUTE, CHILD_HOLE);
	child_end(&c);
}

TEST(tables, "child intercepts: page tables that there are not, at the address of the entry")
{
	volatile struct hv_x64_memory_intercept_message *m;

	child_start(&c, child_ports);
	EXPECT_EQ(child_set(&c, 0, HV_X64_REGISTER_CR3, CHILD_HOLE), RESULT(HV_STATUS_SUCCESS, 1));
	m = child_expect(&c, 0, HVMSG_UNMAPPED_GPA);
	EXPECT_EQ(m->guest_physical_address & PAGE_MASK, CHILD_HOLE);
	/* The instruction cannot be read this way. */
	EXPECT_EQ(m->instruction_byte_count, 0);
	EXPECT_EQ(child_set(&c, 0, HV_X64_REGISTER_CR3, read_cr3()), RESULT(HV_STATUS_SUCCESS, 1));
	child_expect(&c, 0, HVMSG_X64_IO_PORT_INTERCEPT);
	child_end(&c);
}
