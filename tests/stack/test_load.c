// SPDX-License-Identifier: Apache-2.0
/* Kernels of all protocols: good ones land where they belong, bad ones are refused. */
#include "test.h"

#include "worker/layout.h"
#include "worker/load/entry.h"
#include "worker/load/load.h"

#define RAM_SIZE (32 * MIB)

static struct guest_memory memory;
static uint8_t file[8192];
static uint8_t initrd[5000];
static struct load_request request;
static struct load_entry entry;

static int setup(void **state)
{
	(void)state;
	memory_arrange(&memory, RAM_SIZE);
	memory.regions[0].host = calloc(1, RAM_SIZE);
	memset(file, 0, sizeof(file));
	memset(initrd, 0x5a, sizeof(initrd));
	request = (struct load_request){.kernel = {file, sizeof(file)},
					.command_line = "console=ttyS0",
					.rsdp = ACPI_ADDRESS};
	return memory.regions[0].host ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(memory.regions[0].host);
	return 0;
}

static void put(size_t at, uint64_t value, unsigned int size)
{
	memcpy(file + at, &value, size);
}

static uint64_t guest(uint64_t gpa, unsigned int size)
{
	uint64_t value = 0;

	assert_true(memory_read(&memory, gpa, &value, size));
	return value;
}

static void refused(const char *word)
{
	const char *problem = load_kernel(&memory, &request, &entry);

	assert_non_null(problem);
	assert_non_null(strstr(problem, word));
}

/* A mistake in an otherwise good file, and a word of what is said about it. */
struct mistake {
	size_t at;
	uint64_t value;
	unsigned int size;
	const char *word;
};

static void all_refused(void (*make)(void), const struct mistake *mistakes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		make();
		put(mistakes[i].at, mistakes[i].value, mistakes[i].size);
		refused(mistakes[i].word);
	}
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- bzImage */

static void make_bzimage(void)
{
	put(0x1f1, 1, 1); /* one sector of setup beside the boot sector */
	put(0x1fe, 0xaa55, 2);
	put(0x201, 0x66, 1); /* the header ends at 0x268 */
	memcpy(file + 0x202, "HdrS", 4);
	put(0x206, 0x020f, 2);
	put(0x211, 1, 1);
	put(0x22c, 0x7fffffff, 4);
	put(0x236, 1, 2); /* has a 64-bit entry */
	put(0x238, 100, 4);
	put(0x258, 16 * MIB, 8);
	put(0x260, MIB, 4);
	memset(file + 1024, 0xcc, sizeof(file) - 1024);
}

static void a_bzimage_starts_in_long_mode(void **state)
{
	(void)state;
	make_bzimage();
	request.initrd = (struct load_file){initrd, sizeof(initrd)};
	assert_null(load_kernel(&memory, &request, &entry));
	assert_true(entry.long_mode);
	assert_true(entry.rip == 16 * MIB + 0x200);
	assert_true(entry.rsi == BOOT_PARAMS_ADDRESS);
	assert_int_equal(guest(16 * MIB, 4), 0xcccccccc);
	assert_int_equal(guest(16 * MIB + sizeof(file) - 1024, 1), 0);
	/* what the kernel reads of it */
	assert_int_equal(guest(BOOT_PARAMS_ADDRESS + 0x202, 4), 0x53726448);
	assert_int_equal(guest(BOOT_PARAMS_ADDRESS + 0x210, 1), 0xff);
	assert_int_equal(guest(BOOT_PARAMS_ADDRESS + 0x228, 4), COMMAND_LINE);
	assert_int_equal(guest(BOOT_PARAMS_ADDRESS + 0x218, 4), RAM_SIZE - 2 * PAGE_SIZE_4K);
	assert_int_equal(guest(BOOT_PARAMS_ADDRESS + 0x21c, 4), sizeof(initrd));
	assert_int_equal(guest(BOOT_PARAMS_ADDRESS + 0x070, 8), ACPI_ADDRESS);
	assert_int_equal(guest(BOOT_PARAMS_ADDRESS + 0x1e8, 1), 4);
	assert_int_equal(guest(BOOT_PARAMS_ADDRESS + 0x2d0, 8), 0);
	assert_int_equal(guest(RAM_SIZE - 2 * PAGE_SIZE_4K, 4), 0x5a5a5a5a);
	assert_memory_equal(memory_at(&memory, COMMAND_LINE, 14), "console=ttyS0", 14);
	/* where it runs: one to one */
	entry_write_tables(&memory, &entry);
	assert_true(guest(PAGE_TABLES_ADDRESS, 8) == (PAGE_TABLES_ADDRESS + 0x1003));
	assert_true(guest(PAGE_TABLES_ADDRESS + 0x2000 + 8 * 8, 8) == (8 * PAGE_SIZE_2M | 0x83));
	assert_true(guest(GDT_ADDRESS + 0x10, 8) == UINT64_C(0x00af9b000000ffff));
}

static void an_old_bzimage_starts_in_protected_mode(void **state)
{
	(void)state;
	make_bzimage();
	put(0x236, 0, 2);
	assert_null(load_kernel(&memory, &request, &entry));
	assert_false(entry.long_mode);
	assert_true(entry.rip == 16 * MIB);
	entry_write_tables(&memory, &entry);
	assert_true(guest(GDT_ADDRESS + 0x10, 8) == UINT64_C(0x00cf9b000000ffff));
}

static void bad_bzimages_are_refused(void **state)
{
	static const struct mistake mistakes[] = {
		{0x206, 0x0209, 2, "too old"},
		{0x211, 0, 1, "too old"},
		{0x201, 0x10, 1, "too short"},
		{0x1f1, 0x40, 1, "before the kernel begins"},
		{0x258, 0, 8, "no memory"},
		{0x258, UINT64_MAX, 8, "no memory"},
		{0x258, LOW_RAM_END, 8, "does not fit"},
		{0x260, UINT32_MAX, 4, "does not fit"},
		{0x238, 12, 4, "command line"},
	};

	(void)state;
	all_refused(make_bzimage, mistakes, COUNT(mistakes));
}

static void an_initrd_has_to_fit_beside_the_kernel(void **state)
{
	(void)state;
	make_bzimage();
	request.initrd = (struct load_file){initrd, sizeof(initrd)};
	put(0x22c, 17 * MIB + sizeof(initrd) - 1, 4); /* its last byte may be there: not aligned */
	assert_null(load_kernel(&memory, &request, &entry));
	assert_int_equal(guest(BOOT_PARAMS_ADDRESS + 0x218, 4), 17 * MIB);
	put(0x22c, 17 * MIB + sizeof(initrd) - 2, 4);
	refused("initial RAM disk");
	put(0x22c, 100, 4);
	refused("initial RAM disk");
	put(0x22c, UINT32_MAX, 4);
	assert_null(load_kernel(&memory, &request, &entry));
}

/* --- ELF */

#define NOTE_AT 0x200u
#define DATA_AT 0x400u

static void make_elf64(void)
{
	memcpy(file, "\177ELF\2\1\1", 7);
	put(16, 2, 2);
	put(18, 62, 2);
	put(24, 0x1234, 8);
	put(32, 64, 8);
	put(54, 56, 2);
	put(56, 2, 2);
	/* a segment of 16 bytes, 32 in memory */
	put(64, 1, 4);
	put(64 + 8, DATA_AT, 8);
	put(64 + 24, 2 * MIB, 8);
	put(64 + 32, 16, 8);
	put(64 + 40, 32, 8);
	/* notes */
	put(120, 4, 4);
	put(120 + 8, NOTE_AT, 8);
	put(120 + 32, 40, 8);
	put(120 + 40, 40, 8);
	memset(file + DATA_AT, 0x77, 16);
	/* another note before the one that counts */
	put(NOTE_AT, 3, 4);
	put(NOTE_AT + 4, 4, 4);
	put(NOTE_AT + 8, 1, 4);
	memcpy(file + NOTE_AT + 12, "GNU", 4);
	put(NOTE_AT + 20, 4, 4);
	put(NOTE_AT + 24, 4, 4);
	put(NOTE_AT + 28, 18, 4);
	memcpy(file + NOTE_AT + 32, "Xen", 4);
	put(NOTE_AT + 36, 0x200040, 4);
}

static void a_pvh_kernel_starts_in_protected_mode(void **state)
{
	uint64_t list, map;

	(void)state;
	make_elf64();
	request.initrd = (struct load_file){initrd, sizeof(initrd)};
	memset(memory_at(&memory, 2 * MIB, 64), 0xff, 64);
	assert_null(load_kernel(&memory, &request, &entry));
	assert_false(entry.long_mode);
	assert_int_equal(entry.rip, 0x200040);
	assert_int_equal(entry.rbx, BOOT_PARAMS_ADDRESS);
	assert_int_equal(guest(2 * MIB + 12, 4), 0x77777777);
	assert_int_equal(guest(2 * MIB + 16, 8), 0);
	assert_int_equal(guest(2 * MIB + 31, 1), 0);
	assert_int_equal(guest(2 * MIB + 32, 1), 0xff);
	assert_int_equal(guest(BOOT_PARAMS_ADDRESS, 4), 0x336ec578);
	assert_int_equal(guest(BOOT_PARAMS_ADDRESS + 12, 4), 1);
	list = guest(BOOT_PARAMS_ADDRESS + 16, 8);
	assert_int_equal(guest(list, 8), RAM_SIZE - 2 * PAGE_SIZE_4K);
	assert_int_equal(guest(list + 8, 8), sizeof(initrd));
	assert_int_equal(guest(BOOT_PARAMS_ADDRESS + 24, 8), COMMAND_LINE);
	assert_int_equal(guest(BOOT_PARAMS_ADDRESS + 32, 8), ACPI_ADDRESS);
	map = guest(BOOT_PARAMS_ADDRESS + 40, 8);
	assert_int_equal(guest(BOOT_PARAMS_ADDRESS + 48, 4), 4);
	assert_int_equal(guest(map + 16, 4), E820_RAM);
}

static void bad_elf_files_are_refused(void **state)
{
	static const struct mistake mistakes[] = {
		{4, 3, 1, "neither"},                         /* class */
		{5, 2, 1, "neither"},                         /* big endian */
		{16, 1, 2, "neither"},                        /* an object file */
		{18, 40, 2, "neither"},                       /* of another processor */
		{32, UINT64_MAX, 8, "neither"},               /* headers outside */
		{32, sizeof(file) - 100, 8, "neither"},       /* half of them */
		{54, 8, 2, "neither"},                        /* of no size */
		{56, 0, 2, "neither"},                        /* none */
		{56, UINT16_MAX, 2, "neither"},               /* too many */
		{NOTE_AT + 4, UINT32_MAX, 4, "neither"},      /* a note larger than all */
		{NOTE_AT + 20, UINT32_MAX - 2, 4, "neither"}, /* the same by rounding */
		{64 + 8, UINT64_MAX, 8, "ends before"},       /* a segment outside the file */
		{64 + 32, UINT64_MAX, 8, "ends before"},
		{64 + 40, 8, 8, "more bytes in the file"},
		{64 + 24, 0x1000, 8, "below 1 MiB"},
		{64 + 24, RAM_SIZE - 8, 8, "does not fit"},
		{64 + 24, UINT64_MAX - 8, 8, "does not fit"},
		{64 + 40, UINT64_MAX, 8, "does not fit"},
		{64, 2, 4, "nothing to load"},
	};

	(void)state;
	all_refused(make_elf64, mistakes, COUNT(mistakes));
}

/* --- Multiboot */

#define HEADER_AT 0x80u

static void make_flat(void)
{
	put(HEADER_AT, 0x1badb002, 4);
	put(HEADER_AT + 4, 0x10003, 4);
	put(HEADER_AT + 8, 0 - (uint32_t)(0x1badb002 + 0x10003), 4);
	put(HEADER_AT + 12, 2 * MIB + 0x40, 4); /* the header */
	put(HEADER_AT + 16, 2 * MIB, 4);        /* load from 0x40 of the file on */
	put(HEADER_AT + 20, 2 * MIB + 0x1000, 4);
	put(HEADER_AT + 24, 2 * MIB + 0x2000, 4);
	put(HEADER_AT + 28, 2 * MIB + 0x60, 4);
	memset(file + 0xa0, 0x99, 16);
}

static void a_multiboot_image_is_loaded_by_its_addresses(void **state)
{
	uint64_t info = BOOT_PARAMS_ADDRESS;

	(void)state;
	make_flat();
	request.initrd = (struct load_file){initrd, sizeof(initrd)};
	memset(memory_at(&memory, 2 * MIB, 0x3000), 0xff, 0x3000);
	assert_null(load_kernel(&memory, &request, &entry));
	assert_false(entry.long_mode);
	assert_int_equal(entry.rip, 2 * MIB + 0x60);
	assert_int_equal(entry.rax, 0x2badb002);
	assert_int_equal(entry.rbx, info);
	assert_int_equal(guest(2 * MIB + 0x60, 4), 0x99999999);
	assert_int_equal(guest(2 * MIB + 0x1000, 8), 0);
	assert_int_equal(guest(2 * MIB + 0x1fff, 1), 0);
	assert_int_equal(guest(2 * MIB + 0x2000, 1), 0xff);
	assert_int_equal(guest(info, 4), 0x24d);
	assert_int_equal(guest(info + 8, 4), (RAM_SIZE - MIB) >> 10);
	assert_memory_equal(memory_at(&memory, guest(info + 16, 4), 8), "kernel c", 8);
	assert_int_equal(guest(info + 20, 4), 1);
	assert_int_equal(guest(guest(info + 24, 4) + 4, 4) - guest(guest(info + 24, 4), 4),
			 sizeof(initrd));
	assert_int_equal(guest(info + 44, 4), 4 * 24);
	assert_int_equal(guest(guest(info + 48, 4), 4), 20);
}

static void a_multiboot_elf_is_loaded_by_its_segments(void **state)
{
	(void)state;
	make_elf64();
	put(120, 0, 4); /* no notes */
	put(HEADER_AT + 0x100, 0x1badb002, 4);
	put(HEADER_AT + 0x108, 0 - (uint32_t)0x1badb002, 4);
	assert_null(load_kernel(&memory, &request, &entry));
	assert_int_equal(entry.rip, 0x1234);
	assert_int_equal(guest(2 * MIB, 4), 0x77777777);
	assert_int_equal(guest(BOOT_PARAMS_ADDRESS, 4) & 8, 0);
}

static void bad_multiboot_images_are_refused(void **state)
{
	static const struct mistake mistakes[] = {
		{HEADER_AT + 8, 0, 4, "neither"},
		{HEADER_AT + 12, 2 * MIB + 0x1000, 4, "contradicts"},
		{HEADER_AT + 16, 3 * MIB, 4, "contradicts"},
		{HEADER_AT + 20, MIB, 4, "ends before"},
		{HEADER_AT + 20, 3 * MIB, 4, "ends before"},
		{HEADER_AT + 24, UINT32_MAX, 4, "does not fit"},
	};

	(void)state;
	all_refused(make_flat, mistakes, COUNT(mistakes));
	make_flat();
	put(HEADER_AT + 4, 0x10007, 4); /* video */
	put(HEADER_AT + 8, 0 - (uint32_t)(0x1badb002 + 0x10007), 4);
	refused("has not");
	make_flat();
	put(HEADER_AT + 4, 3, 4);
	put(HEADER_AT + 8, 0 - (uint32_t)(0x1badb002 + 3), 4);
	refused("no ELF file");
	make_flat();
	put(HEADER_AT + 12, 0x40, 4);
	put(HEADER_AT + 16, 0, 4);
	put(HEADER_AT + 20, 0x1000, 4);
	refused("below 1 MiB");
	make_flat();
	request.kernel.size = HEADER_AT + 20;
	refused("within its Multiboot header");
}

static void other_files_are_refused(void **state)
{
	(void)state;
	refused("neither");
	request.kernel.size = 3;
	refused("neither");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_bzimage_starts_in_long_mode),
		TEST(an_old_bzimage_starts_in_protected_mode),
		TEST(bad_bzimages_are_refused),
		TEST(an_initrd_has_to_fit_beside_the_kernel),
		TEST(a_pvh_kernel_starts_in_protected_mode),
		TEST(bad_elf_files_are_refused),
		TEST(a_multiboot_image_is_loaded_by_its_addresses),
		TEST(a_multiboot_elf_is_loaded_by_its_segments),
		TEST(bad_multiboot_images_are_refused),
		TEST(other_files_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
