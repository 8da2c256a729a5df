// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "boot/multiboot2.h"

#define AT 0x5000UL /* where the information would stand */

/* The information of a loader, made tag by tag. */
static _Alignas(8) uint8_t info[16384];
static uint32_t used;
static struct boot_info boot;

static void put(const void *data, size_t size)
{
	memcpy(info + used, data, size);
	used += (uint32_t)size;
	memcpy(info, &used, 4);
}

static void put32(uint32_t value)
{
	put(&value, 4);
}

static void put64(uint64_t value)
{
	put(&value, 8);
}

/* Begin a tag whose contents, `size` bytes, follow. Returns where those will stand. */
static uint32_t tag(uint32_t type, size_t size)
{
	used = (used + 7) & ~7u;
	put32(type);
	put32((uint32_t)size + 8);
	return used;
}

static int setup(void **state)
{
	(void)state;
	memset(info, 0, sizeof(info));
	used = 0;
	put64(0);
	return 0;
}

static void module(uint32_t start, uint32_t end, const char *line)
{
	tag(3, 8 + strlen(line) + 1);
	put32(start);
	put32(end);
	put(line, strlen(line) + 1);
}

static void memory_map(void)
{
	tag(6, 8 + 2 * 24);
	put32(24);
	put32(0);
	put64(0);
	put64(0x9f000);
	put64(1);
	put64(0x100000);
	put64(0x3ff00000);
	put64(1);
}

static void efi_map(void)
{
	tag(17, 8 + 48);
	put32(48);
	put32(1);
	put64(7);
	put64(0x100000);
	put64(0);
	put64(0x100);
	put64(8);
	put64(0);
}

static void framebuffer(uint8_t type, uint32_t width)
{
	const uint8_t colors[] = {16, 8, 8, 8, 0, 8};

	tag(8, 24 + sizeof(colors));
	put64(0xfd0000000);
	put32(4096);
	put32(width);
	put32(768);
	put32(32u | (uint32_t)type << 8);
	put(colors, sizeof(colors));
}

static void expect_read(void)
{
	tag(0, 0);
	assert_int_equal(multiboot2_size(info), used);
	assert_null(multiboot2_read(&boot, info, AT));
}

static void expect_refused(const char *part)
{
	const char *problem = multiboot2_read(&boot, info, AT);

	assert_non_null(problem);
	if (!strstr(problem, part))
		fail_msg("expected a complaint about \"%s\", got \"%s\"", part, problem);
}

static void test_bios(void **state)
{
	const char line[] = "bulkhead  log=debug console=com2";

	(void)state;
	tag(1, sizeof(line));
	put(line, sizeof(line));
	module(0x200000, 0x900000, "vmlinuz console=ttyS0 quiet");
	module(0x900000, 0xa00000, "initrd");
	module(0xa00000, 0xb00000, "something else");
	memory_map();
	expect_read();
	assert_string_equal(boot.command_line, "log=debug console=com2");
	assert_int_equal(boot.kernel.start, 0x200000);
	assert_int_equal(boot.kernel.size, 0x700000);
	assert_string_equal(boot.kernel.command_line, "console=ttyS0 quiet");
	assert_int_equal(boot.initrd.start, 0x900000);
	assert_int_equal(boot.initrd.size, 0x100000);
	assert_string_equal(boot.initrd.command_line, "");
	assert_int_equal(boot.memory.count, 2);
	assert_int_equal(memory_map_ram_end(&boot.memory), 0x40000000);
	assert_true(boot.bios);
	assert_int_equal(boot.display, DISPLAY_UNKNOWN);
	assert_int_equal(boot.rsdp, 0);
	assert_int_equal(boot.efi.system_table, 0);
	assert_int_equal(boot.loader.start, AT);
	assert_int_equal(boot.loader.end, AT + used);
}

/* The firmware's map counts, not what the loader made of it. */
static void test_uefi(void **state)
{
	uint32_t map, rsdp;

	(void)state;
	memory_map();
	efi_map();
	map = used - 48;
	tag(12, 8);
	put64(0x7f9ee018);
	tag(14, 20);
	put("RSD PTR ", 8);
	put64(0);
	put32(0);
	rsdp = tag(15, 36);
	put("RSD PTR ", 8);
	used += 28;
	expect_read();
	assert_false(boot.bios);
	assert_int_equal(boot.memory.count, 1);
	assert_true(memory_map_is(&boot.memory, 0x100000, 0x200000, MEMORY_RAM));
	assert_int_equal(boot.efi.system_table, 0x7f9ee018);
	assert_int_equal(boot.efi.map, AT + map);
	assert_int_equal(boot.efi.map_size, 48);
	assert_int_equal(boot.efi.descriptor_size, 48);
	assert_int_equal(boot.efi.descriptor_version, 1);
	assert_int_equal(boot.rsdp, AT + rsdp);
}

/* Descriptors of a size that nobody has are not looked at: the loader's map counts then. */
static void test_uefi_map_of_odd_descriptors(void **state)
{
	const uint32_t sizes[] = {0, 39, 257, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		setup(state);
		memory_map();
		efi_map();
		memcpy(info + used - 56, &sizes[i], 4);
		tag(12, 8);
		put64(0x7f9ee018);
		expect_read();
		assert_int_equal(boot.memory.count, 2);
		assert_int_equal(boot.efi.system_table, 0);
		assert_int_equal(boot.efi.map_size, 0);
	}
}

/* A kernel of 64 bits can do nothing with tables of 32, but there is no BIOS then, either. */
static void test_uefi_of_32_bits(void **state)
{
	(void)state;
	memory_map();
	tag(11, 4);
	put32(0x7f9ee018);
	expect_read();
	assert_false(boot.bios);
	assert_int_equal(boot.efi.system_table, 0);
	assert_int_equal(boot.memory.count, 2);
}

static void test_old_root_pointer(void **state)
{
	uint32_t rsdp;

	(void)state;
	memory_map();
	rsdp = tag(14, 20);
	put("RSD PTR ", 8);
	used += 12;
	expect_read();
	assert_int_equal(boot.rsdp, AT + rsdp);
	/* Revision 2 is longer than this tag. */
	info[rsdp + 15] = 2;
	assert_null(multiboot2_read(&boot, info, AT));
	assert_int_equal(boot.rsdp, 0);
}

static void test_displays(void **state)
{
	(void)state;
	memory_map();
	framebuffer(1, 1024);
	expect_read();
	assert_int_equal(boot.display, DISPLAY_GRAPHICS);
	assert_int_equal(boot.framebuffer.address, 0xfd0000000);
	assert_int_equal(boot.framebuffer.pitch, 4096);
	assert_int_equal(boot.framebuffer.width, 1024);
	assert_int_equal(boot.framebuffer.height, 768);
	assert_int_equal(boot.framebuffer.depth, 32);
	assert_int_equal(boot.framebuffer.red.position, 16);
	assert_int_equal(boot.framebuffer.red.size, 8);
	assert_int_equal(boot.framebuffer.blue.position, 0);

	setup(state);
	memory_map();
	framebuffer(2, 80);
	expect_read();
	assert_int_equal(boot.display, DISPLAY_TEXT);
	assert_int_equal(boot.framebuffer.width, 0);

	/* No more than the boot protocol of Linux can say. */
	setup(state);
	memory_map();
	framebuffer(1, 65536);
	expect_read();
	assert_int_equal(boot.display, DISPLAY_GRAPHICS);
	assert_int_equal(boot.framebuffer.width, 0);
}

static void test_lines(void **state)
{
	static char line[BOOT_COMMAND_LINE_MAX + 8];

	(void)state;
	/* Arguments of 2047 bytes fit. */
	memset(line, 'x', sizeof(line));
	line[4] = ' ';
	line[5 + BOOT_COMMAND_LINE_MAX - 1] = '\0';
	memory_map();
	module(0x200000, 0x300000, line);
	expect_read();
	assert_int_equal(strlen(boot.kernel.command_line), BOOT_COMMAND_LINE_MAX - 1);

	setup(state);
	memory_map();
	line[5 + BOOT_COMMAND_LINE_MAX - 1] = 'x';
	line[5 + BOOT_COMMAND_LINE_MAX] = '\0';
	module(0x200000, 0x300000, line);
	tag(0, 0);
	expect_refused("a module's command line");

	setup(state);
	memory_map();
	tag(1, strlen(line) + 1);
	put(line, strlen(line) + 1);
	tag(0, 0);
	expect_refused("the hypervisor's command line");

	/* A line without an end ends with its tag. */
	setup(state);
	memory_map();
	tag(1, 8);
	put("a quiet", 7);
	put("!", 1);
	tag(9, 8);
	put("further.", 8);
	expect_read();
	assert_string_equal(boot.command_line, "quiet!");
}

static void test_damaged(void **state)
{
	uint32_t at;

	(void)state;
	memory_map();
	expect_refused("no end");

	setup(state);
	tag(0, 0);
	expect_refused("no memory map");

	/* A tag shorter than its own header, and one that reaches beyond everything. */
	setup(state);
	at = tag(6, 0) - 4;
	tag(0, 0);
	memcpy(info + at, &(uint32_t){7}, 4);
	expect_refused("longer than all of it");
	memcpy(info + at, &(uint32_t){used}, 4);
	expect_refused("longer than all of it");

	/* Entries shorter than what they must hold. */
	setup(state);
	tag(6, 8 + 16);
	put32(16);
	put32(0);
	put64(0);
	put64(0x1000);
	tag(0, 0);
	expect_refused("no memory map");

	setup(state);
	memcpy(info, &(uint32_t){4}, 4);
	expect_refused("no end");
}

static void test_too_many_ranges(void **state)
{
	(void)state;
	tag(6, 8 + (MEMORY_MAP_MAX + 1) * 24);
	put32(24);
	put32(0);
	for (uint64_t i = 0; i <= MEMORY_MAP_MAX; i++) {
		put64(i * 0x2000);
		put64(0x1000);
		put64(1);
	}
	tag(0, 0);
	expect_refused("more than 128 memory ranges");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_bios, setup),
		cmocka_unit_test_setup(test_uefi, setup),
		cmocka_unit_test_setup(test_uefi_map_of_odd_descriptors, setup),
		cmocka_unit_test_setup(test_uefi_of_32_bits, setup),
		cmocka_unit_test_setup(test_old_root_pointer, setup),
		cmocka_unit_test_setup(test_displays, setup),
		cmocka_unit_test_setup(test_lines, setup),
		cmocka_unit_test_setup(test_damaged, setup),
		cmocka_unit_test_setup(test_too_many_ranges, setup),
	};

	return cmocka_run_group_tests_name("Multiboot2", tests, NULL, NULL);
}
