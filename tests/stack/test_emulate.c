// SPDX-License-Identifier: Apache-2.0
/* Instructions carried out for a guest: page tables, ports, and device registers in memory. */
#include "test.h"

#include "worker/emulate/emulate.h"
#include "worker/emulate/walk.h"
#include "worker/layout.h"

#define RAM_SIZE  0x40000u
#define CODE64    0xa09bu
#define CODE32    0xc09bu
#define CODE16    0x009bu
#define EFER_LONG 0x500u
#define CR0_PAGED UINT64_C(0x80000011)

static uint8_t ram[RAM_SIZE];
static struct guest_memory memory = {.count = 1, .regions = {{0, RAM_SIZE, ram}}};
static struct devices devices;
static struct hv_vp_register_page registers;
static const struct emulate emulate = {&memory, &devices, &registers};
static struct hv_x64_io_port_intercept_message port;

static void put64(uint64_t gpa, uint64_t value)
{
	memcpy(ram + gpa, &value, sizeof(value));
}

static void put32(uint64_t gpa, uint32_t value)
{
	memcpy(ram + gpa, &value, sizeof(value));
}

/* Long mode: 0x400000 shows 0x5000, 0x401000 nothing, the first 2 MiB themselves. */
static int setup(void **state)
{
	(void)state;
	memset(ram, 0, sizeof(ram));
	devices_reset(&devices);
	memset(&registers, 0, sizeof(registers));
	memset(&port, 0, sizeof(port));
	registers.cr0 = CR0_PAGED;
	registers.cr3 = 0x1000;
	registers.cr4 = 0x20;
	registers.efer = EFER_LONG;
	registers.segment_registers[1].attributes = CODE64;
	registers.rip = 0x8000;
	put64(0x1000, 0x2003);
	put64(0x2000, 0x3003);
	put64(0x2008, 0xc0000083); /* 1 GiB page: 0x40000000 shows 0xc0000000 */
	put64(0x2018, 0xc0000083); /* 0xc0000000 shows itself: the IO-APIC is there */
	put64(0x3000, 0x83);
	put64(0x3010, 0x4003);
	put64(0x4000, 0x5003);
	port.header.rip = registers.rip;
	port.header.instruction_length_cr8 = 1;
	port.header.cs = registers.segment_registers[1];
	return 0;
}

static void long_mode_is_walked(void **state)
{
	uint64_t gpa;

	(void)state;
	assert_true(walk_translate(&memory, &registers, 0x12345, &gpa));
	assert_int_equal(gpa, 0x12345);
	assert_true(walk_translate(&memory, &registers, 0x400123, &gpa));
	assert_int_equal(gpa, 0x5123);
	assert_true(walk_translate(&memory, &registers, 0x40001234, &gpa));
	assert_true(gpa == 0xc0001234);
	assert_false(walk_translate(&memory, &registers, 0x401000, &gpa));
	assert_false(walk_translate(&memory, &registers, UINT64_MAX, &gpa));
	/* five levels: one more table on top */
	put64(0x6000, 0x1003);
	registers.cr3 = 0x6000;
	registers.cr4 |= 0x1000;
	assert_true(walk_translate(&memory, &registers, 0x400123, &gpa));
	assert_int_equal(gpa, 0x5123);
	/* a table that is not in RAM */
	registers.cr3 = RAM_SIZE;
	assert_false(walk_translate(&memory, &registers, 0, &gpa));
}

static void older_modes_are_walked(void **state)
{
	uint64_t gpa;

	(void)state;
	registers.efer = 0;
	registers.segment_registers[1].attributes = CODE32;
	/* PAE: four pointers */
	registers.cr3 = 0x7020;
	put64(0x7020 + 8, 0x3001);
	assert_true(walk_translate(&memory, &registers, 0x40000123, &gpa));
	assert_int_equal(gpa, 0x123);
	/* two levels of 4-byte entries */
	registers.cr4 = 0x10;
	registers.cr3 = 0x9000;
	put32(0x9000, 0xa003);
	put32(0xa004, 0xb003);
	put32(0x9004, 0x00c02083); /* 4 MiB page with address bits 39:32 = 1 */
	assert_true(walk_translate(&memory, &registers, 0x1abc, &gpa));
	assert_int_equal(gpa, 0xbabc);
	assert_false(walk_translate(&memory, &registers, 0x2000, &gpa));
	assert_true(walk_translate(&memory, &registers, 0x400010, &gpa));
	assert_true(gpa == UINT64_C(0x100c00010));
	/* no paging */
	registers.cr0 = 0x11;
	assert_true(walk_translate(&memory, &registers, 0xfec00000, &gpa));
	assert_true(gpa == 0xfec00000);
}

static void copies_cross_pages_and_stop_at_holes(void **state)
{
	uint8_t bytes[16];

	(void)state;
	memset(ram + 0x5ff8, 0x11, 8);
	assert_int_equal(walk_read(&memory, &registers, 0x400ff8, bytes, 16), 8);
	assert_false(walk_write(&memory, &registers, 0x400ff8, bytes, 16));
	put64(0x4008, 0x7003);
	memset(bytes, 0x22, 16);
	assert_true(walk_write(&memory, &registers, 0x400ff8, bytes, 16));
	assert_int_equal(ram[0x5fff], 0x22);
	assert_int_equal(ram[0x7007], 0x22);
	assert_int_equal(ram[0x6000], 0);
}

/* --- ports */

static void out(uint16_t number, unsigned int size, uint64_t value)
{
	port.port_number = number;
	port.access_info = (uint8_t)size;
	port.header.intercept_access_type = HV_INTERCEPT_ACCESS_WRITE;
	port.rax = value;
	assert_null(emulate_port(&emulate, &port));
}

static void a_byte_goes_out(void **state)
{
	(void)state;
	out(PORT_SERIAL, 1, 0xffffff41);
	assert_int_equal(devices.output[0], 0x41);
	assert_int_equal(registers.rip, 0x8001);
	assert_int_equal(registers.dirty, EMULATE_DIRTY_IP);
}

static void in_changes_as_much_of_rax_as_it_has_read(void **state)
{
	static const struct {
		unsigned int size;
		uint64_t rax;
	} cases[] = {{1, UINT64_C(0x11223344556677ff)},
		     {2, UINT64_C(0x112233445566ffff)},
		     {4, UINT64_C(0x00000000ffffffff)}};

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		registers.gp_registers[RAX] = UINT64_C(0x1122334455667788);
		port.port_number = 0x1000;
		port.access_info = (uint8_t)cases[i].size;
		assert_null(emulate_port(&emulate, &port));
		assert_true(registers.gp_registers[RAX] == cases[i].rax);
		assert_int_equal(registers.dirty, EMULATE_DIRTY_IP | EMULATE_DIRTY_GENERAL);
	}
	port.access_info = 3;
	assert_non_null(emulate_port(&emulate, &port));
}

static void a_string_goes_out(void **state)
{
	(void)state;
	memcpy(ram + 0x5000, "hello", 5);
	registers.gp_registers[RSI] = 0x400000;
	registers.gp_registers[RCX] = 5;
	out(PORT_SERIAL, 1 | HV_IO_ACCESS_STRING | HV_IO_ACCESS_REP, 0);
	assert_int_equal(devices.output_count, 5);
	assert_memory_equal(devices.output, "hello", 5);
	assert_int_equal(registers.gp_registers[RSI], 0x400005);
	assert_int_equal(registers.gp_registers[RCX], 0);
	assert_int_equal(registers.rip, 0x8001);
}

static void a_string_comes_in_downwards(void **state)
{
	(void)state;
	port.header.rflags = 0x400;
	registers.gp_registers[RDI] = 0x400004;
	registers.gp_registers[RCX] = 3;
	port.port_number = 0x1000;
	port.access_info = 2 | HV_IO_ACCESS_STRING | HV_IO_ACCESS_REP;
	assert_null(emulate_port(&emulate, &port));
	assert_int_equal(ram[0x5000], 0xff);
	assert_int_equal(ram[0x5005], 0xff);
	assert_int_equal(ram[0x5006], 0);
	assert_true(registers.gp_registers[RDI] == 0x3ffffe);
	assert_int_equal(registers.gp_registers[RCX], 0);
}

static void a_long_string_is_done_in_parts(void **state)
{
	(void)state;
	registers.gp_registers[RSI] = 0x8000;
	registers.gp_registers[RCX] = 1500;
	out(0x1000, 1 | HV_IO_ACCESS_STRING | HV_IO_ACCESS_REP, 0);
	assert_int_equal(registers.gp_registers[RCX], 476);
	assert_int_equal(registers.rip, 0x8000);
	out(0x1000, 1 | HV_IO_ACCESS_STRING | HV_IO_ACCESS_REP, 0);
	assert_int_equal(registers.rip, 0x8001);
}

static void a_string_stops_at_a_hole(void **state)
{
	(void)state;
	registers.gp_registers[RSI] = 0x400ffe;
	registers.gp_registers[RCX] = 4;
	out(PORT_SERIAL, 1 | HV_IO_ACCESS_STRING | HV_IO_ACCESS_REP, 0);
	assert_int_equal(registers.gp_registers[RCX], 2);
	assert_int_equal(registers.rip, 0x8000);
	assert_non_null(emulate_port(&emulate, &port));
	/* nothing is taken from a port that has no place to go */
	serial_receive(&devices.serial, (const uint8_t *)"x", 1);
	registers.gp_registers[RDI] = 0x401000;
	port.header.intercept_access_type = HV_INTERCEPT_ACCESS_READ;
	assert_non_null(emulate_port(&emulate, &port));
	assert_int_equal(devices.serial.rx_count, 1);
}

static void addresses_wrap_as_wide_as_they_are(void **state)
{
	(void)state;
	registers.efer = 0;
	registers.cr0 = 0x10;
	registers.segment_registers[1].attributes = CODE16;
	port.header.cs = registers.segment_registers[1];
	port.ds.base = 0x10000;
	ram[0x1ffff] = 'a';
	ram[0x10000] = 'b';
	registers.gp_registers[RSI] = 0xaffff;
	registers.gp_registers[RCX] = 0xff0002;
	out(PORT_SERIAL, 1 | HV_IO_ACCESS_STRING | HV_IO_ACCESS_REP, 0);
	assert_memory_equal(devices.output, "ab", 2);
	assert_int_equal(registers.gp_registers[RSI], 0xa0001);
	assert_int_equal(registers.gp_registers[RCX], 0xff0000);
}

/* --- memory: registers of the IO-APIC at 0xfec00000, its select register being the first */

#define SELECT IOAPIC_BASE

static const char *run(const char *text, size_t size, uint64_t gpa)
{
	registers.dirty = 0;
	registers.rip = 0x8000;
	return emulate_memory(&emulate, gpa, (const uint8_t *)text, size);
}

#define RUN(bytes, gpa) assert_null(run(bytes, sizeof(bytes) - 1, gpa))

static void moves_reach_registers_of_devices(void **state)
{
	(void)state;
	registers.gp_registers[RBX] = UINT64_C(0xffffffff00000010);
	RUN("\x89\x18", SELECT); /* mov [rax], ebx */
	assert_int_equal(devices.ioapic.select, 0x10);
	assert_int_equal(registers.rip, 0x8002);
	registers.gp_registers[RCX] = UINT64_MAX;
	RUN("\x8b\x48\x10", SELECT + 0x10); /* mov ecx, [rax+0x10] */
	assert_int_equal(registers.gp_registers[RCX], 0x10000);
	assert_int_equal(registers.rip, 0x8003);
	RUN("\xc7\x00\x01\x00\x00\x00", SELECT); /* mov dword [rax], 1 */
	assert_int_equal(devices.ioapic.select, 1);
	RUN("\x44\x8b\x00", SELECT + 0x10); /* mov r8d, [rax] */
	assert_int_equal(registers.gp_registers[8], 0x00170020);
}

static void narrow_reads_are_ones(void **state)
{
	(void)state;
	registers.gp_registers[RAX] = 0;
	RUN("\x8a\x20", SELECT); /* mov ah, [rax] */
	assert_int_equal(registers.gp_registers[RAX], 0xff00);
	RUN("\x0f\xb6\x00", SELECT); /* movzx eax, byte [rax] */
	assert_int_equal(registers.gp_registers[RAX], 0xff);
	RUN("\x48\x0f\xbe\x00", SELECT); /* movsx rax, byte [rax] */
	assert_true(registers.gp_registers[RAX] == UINT64_MAX);
}

static void arithmetic_sets_flags(void **state)
{
	(void)state;
	RUN("\xc7\x00\x01\x00\x00\x00", SELECT);
	RUN("\x83\x38\x01", SELECT); /* cmp dword [rax], 1 */
	assert_int_equal(registers.rflags & 0x8d5, 0x44);
	RUN("\x83\x38\x02", SELECT); /* 1 - 2 */
	assert_int_equal(registers.rflags & 0x8d5, 0x95);
	RUN("\xf7\x00\x02\x00\x00\x00", SELECT); /* test dword [rax], 2 */
	assert_int_equal(registers.rflags & 0x8d5, 0x44);
	RUN("\x83\x08\x10", SELECT); /* or dword [rax], 16 */
	assert_int_equal(devices.ioapic.select, 0x11);
	RUN("\x83\x20\xfe", SELECT); /* and dword [rax], ~1 */
	assert_int_equal(devices.ioapic.select, 0x10);
	registers.gp_registers[RBX] = 0x55;
	RUN("\x87\x18", SELECT); /* xchg [rax], ebx */
	assert_int_equal(devices.ioapic.select, 0x55);
	assert_int_equal(registers.gp_registers[RBX], 0x10);
}

static void strings_between_ram_and_a_device(void **state)
{
	(void)state;
	put32(0x5000, 1);
	registers.gp_registers[RSI] = 0x400000;
	registers.gp_registers[RDI] = IOAPIC_BASE;
	registers.gp_registers[RCX] = 1;
	RUN("\xf3\xa5", SELECT); /* rep movsd */
	assert_int_equal(devices.ioapic.select, 1);
	assert_int_equal(registers.gp_registers[RCX], 0);
	assert_int_equal(registers.gp_registers[RSI], 0x400004);
	assert_int_equal(registers.rip, 0x8002);
	registers.gp_registers[RSI] = IOAPIC_BASE + 0x10;
	registers.gp_registers[RDI] = 0x400100;
	RUN("\xa5", SELECT + 0x10); /* movsd the other way */
	assert_memory_equal(ram + 0x5100, "\x20\x00\x17\x00", 4);
	registers.gp_registers[RAX] = 2;
	registers.gp_registers[RDI] = IOAPIC_BASE;
	RUN("\xab", SELECT); /* stosd */
	assert_int_equal(devices.ioapic.select, 2);
	registers.gp_registers[RSI] = 0x401000;
	assert_non_null(run("\xa5", 1, SELECT));
}

static void missing_bytes_are_fetched(void **state)
{
	(void)state;
	memcpy(ram + 0x8000, "\xc7\x00\x07\x00\x00\x00", 6);
	assert_null(run(NULL, 0, SELECT));
	assert_int_equal(devices.ioapic.select, 7);
	devices.ioapic.select = 0;
	assert_null(run("\xc7\x00", 2, SELECT)); /* cut off */
	assert_int_equal(devices.ioapic.select, 7);
	registers.rip = 0x401000;
	assert_non_null(emulate_memory(&emulate, SELECT, NULL, 0));
}

/* The same bytes are one instruction in long mode and two in protected mode. */
static void old_modes_are_decoded_as_such(void **state)
{
	(void)state;
	registers.gp_registers[RBX] = 5;
	RUN("\x41\x89\x18", SELECT); /* mov [r8], ebx */
	assert_int_equal(devices.ioapic.select, 5);
	registers.efer = 0;
	registers.segment_registers[1].attributes = CODE32;
	registers.cr0 = 0x11;
	assert_non_null(run("\x41\x89\x18", 3, SELECT)); /* inc ecx */
	RUN("\x89\x18", SELECT);
	assert_int_equal(registers.rip, 0x8002);
}

static void what_is_not_known_is_said(void **state)
{
	(void)state;
	assert_non_null(run("\x0f\x11\x00", 3, SELECT));     /* movups [rax], xmm0 */
	assert_non_null(run("\xff\x00", 2, SELECT));         /* inc dword [rax] */
	assert_non_null(run("\xf2\x0f\x10\x00", 4, SELECT)); /* movsd xmm0, [rax] */
	assert_non_null(run("\x90", 1, SELECT));
	assert_int_equal(registers.rip, 0x8000);
	assert_int_equal(registers.dirty, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(long_mode_is_walked, setup),
		cmocka_unit_test_setup(older_modes_are_walked, setup),
		cmocka_unit_test_setup(copies_cross_pages_and_stop_at_holes, setup),
		cmocka_unit_test_setup(a_byte_goes_out, setup),
		cmocka_unit_test_setup(in_changes_as_much_of_rax_as_it_has_read, setup),
		cmocka_unit_test_setup(a_string_goes_out, setup),
		cmocka_unit_test_setup(a_string_comes_in_downwards, setup),
		cmocka_unit_test_setup(a_long_string_is_done_in_parts, setup),
		cmocka_unit_test_setup(a_string_stops_at_a_hole, setup),
		cmocka_unit_test_setup(addresses_wrap_as_wide_as_they_are, setup),
		cmocka_unit_test_setup(moves_reach_registers_of_devices, setup),
		cmocka_unit_test_setup(narrow_reads_are_ones, setup),
		cmocka_unit_test_setup(arithmetic_sets_flags, setup),
		cmocka_unit_test_setup(strings_between_ram_and_a_device, setup),
		cmocka_unit_test_setup(missing_bytes_are_fetched, setup),
		cmocka_unit_test_setup(old_modes_are_decoded_as_such, setup),
		cmocka_unit_test_setup(what_is_not_known_is_said, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
