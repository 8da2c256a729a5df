// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "boot/linux.h"

/* A kernel image made by hand: four setup sectors and 64 KiB of gzip. */
#define SETUP   (5u * 512)
#define PAYLOAD 0x10000u
#define PREFIX  0x400u

static uint8_t file[SETUP + PAYLOAD];
static struct linux_image image;

static void put(uint32_t offset, uint64_t value, size_t size)
{
	memcpy(file + offset, &value, size);
}

static int setup(void **state)
{
	(void)state;
	memset(file, 0, sizeof(file));
	put(0x1f1, 4, 1);            /* setup_sects */
	put(0x1f4, PAYLOAD / 16, 4); /* syssize */
	put(0x1fe, 0xaa55, 2);
	put(0x200, 0x6aeb, 2); /* jump over 0x6a bytes: the header ends at 0x26c */
	put(0x202, 0x53726448, 4);
	put(0x206, 0x020f, 2);
	put(0x211, 1, 1); /* loaded high */
	put(0x22c, 0x7fffffff, 4);
	put(0x230, 0x200000, 4);
	put(0x234, 1, 1);
	put(0x238, 2047, 4);
	put(0x248, PREFIX, 4);
	put(0x24c, PAYLOAD - PREFIX, 4);
	put(0x258, 0x1000000, 8);
	put(0x260, 0x100000, 4);
	put(SETUP + PREFIX, 0x8b1f, 2);
	return 0;
}

static void expect_refused(const char *part)
{
	const char *problem = linux_image_parse(file, sizeof(file), &image);

	assert_non_null(problem);
	if (!strstr(problem, part))
		fail_msg("expected a complaint about \"%s\", got \"%s\"", part, problem);
}

static void test_good(void **state)
{
	(void)state;
	assert_null(linux_image_parse(file, sizeof(file), &image));
	assert_int_equal(image.payload_offset, SETUP);
	assert_int_equal(image.payload_size, PAYLOAD);
	assert_int_equal(image.preferred, 0x1000000);
	assert_int_equal(image.init_size, 0x100000);
	assert_int_equal(image.alignment, 0x200000);
	assert_int_equal(image.initrd_max, 0x7fffffff);
	assert_int_equal(image.command_line_max, 2047);
	assert_int_equal(image.setup_end, 0x26c);
	assert_true(image.relocatable);
}

/* syssize counts in units of 16 bytes: the last one may be cut, as long as the compressed part is
 * whole. */
static void test_last_unit_cut(void **state)
{
	(void)state;
	put(0x24c, PAYLOAD - PREFIX - 15, 4);
	assert_null(linux_image_parse(file, sizeof(file) - 15, &image));
	assert_int_equal(image.payload_size, PAYLOAD - 15);
}

static void test_not_a_kernel(void **state)
{
	(void)state;
	put(0x202, 0x53726449, 4);
	expect_refused("not a Linux bzImage");
	put(0x202, 0x53726448, 4);
	put(0x1fe, 0, 2);
	expect_refused("not a Linux bzImage");
	assert_non_null(linux_image_parse(file, 0, &image));
	assert_non_null(linux_image_parse(file, 0x28f, &image));
}

static void test_old(void **state)
{
	(void)state;
	put(0x206, 0x0209, 2);
	expect_refused("older than 2.10");
	put(0x206, 0x020a, 2);
	assert_null(linux_image_parse(file, sizeof(file), &image));
	put(0x211, 0, 1);
	expect_refused("zImage");
}

static void test_truncated(void **state)
{
	const char *problem;

	(void)state;
	problem = linux_image_parse(file, sizeof(file) - 16, &image);
	assert_non_null(problem);
	assert_non_null(strstr(problem, "truncated"));
	put(0x1f4, UINT32_MAX, 4);
	expect_refused("truncated");
	put(0x1f4, 0, 4);
	expect_refused("truncated");
}

static void test_damaged(void **state)
{
	static const struct {
		uint32_t offset;
		uint64_t value;
		size_t size;
	} damages[] = {
		{0x201, 0x10, 1},            /* header ends before the fields we need */
		{0x201, 0xff, 1},            /* ... or reaches into what is not header */
		{0x248, PAYLOAD, 4},         /* compressed part behind the end */
		{0x24c, PAYLOAD, 4},         /* ... longer than the file */
		{0x248, UINT32_MAX, 4},      /* ... wrapping */
		{SETUP + PREFIX, 0x4242, 2}, /* no compression known */
		{0x230, 0, 4},               /* alignment */
		{0x230, 0x300000, 4},
		{0x230, 0x80000000, 4},
		{0x258, 0xfff00001, 8}, /* beyond 4 GiB */
		{0x260, 0x1000, 4},     /* smaller than the kernel itself */
	};

	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		setup(state);
		put(damages[i].offset, damages[i].value, damages[i].size);
		expect_refused("damaged");
	}
}

static void test_params(void **state)
{
	static uint8_t params[LINUX_PARAMS_SIZE];
	struct memory_map map = {0};
	struct linux_boot boot = {.memory = &map,
				  .rsdp = 0x123456789a,
				  .command_line = "console=ttyS0 quiet",
				  .initrd = 0x2abcd000,
				  .initrd_size = 0x1234,
				  .load_address = 0x1000000,
				  .params = 0x10000};
	uint64_t quad;
	uint32_t word;

	(void)state;
	memset(params, 0xff, sizeof(params));
	memory_map_add(&map, 0, 0x9fc00, MEMORY_RAM);
	memory_map_add(&map, 0x100000, 0x40000000, MEMORY_RAM);
	memory_map_add(&map, 0x3f000000, 0x40000000, MEMORY_RESERVED);
	assert_null(linux_image_parse(file, sizeof(file), &image));
	assert_null(linux_fill_params(params, &image, file, &boot));

	assert_memory_equal(params + 0x202, "HdrS", 4);
	memcpy(&word, params + 0x214, 4);
	assert_int_equal(word, 0x1000000);
	memcpy(&word, params + 0x218, 4);
	assert_int_equal(word, 0x2abcd000);
	memcpy(&word, params + 0x21c, 4);
	assert_int_equal(word, 0x1234);
	memcpy(&word, params + 0x228, 4);
	assert_int_equal(word, 0x11000);
	assert_string_equal((char *)params + 0x1000, "console=ttyS0 quiet");
	memcpy(&quad, params + 0x70, 8);
	assert_int_equal(quad, 0x123456789a);
	assert_int_equal(params[0x1e8], 3);
	memcpy(&quad, params + 0x2d0 + 2 * 20, 8);
	assert_int_equal(quad, 0x3f000000);
	memcpy(&quad, params + 0x2d0 + 2 * 20 + 8, 8);
	assert_int_equal(quad, 0x1000000);
	memcpy(&word, params + 0x2d0 + 2 * 20 + 16, 4);
	assert_int_equal(word, MEMORY_RESERVED);
	assert_int_equal(params[0x1ef],
			 0); /* the sentinel: a loader that cleared what is not header */
	memcpy(&quad, params + LINUX_GDT_OFFSET + LINUX_CODE_SELECTOR, 8);
	assert_int_equal(quad, 0x00cf9b000000ffff);
}

/* Where the boot protocol keeps the display: struct screen_info. */
static void test_display(void **state)
{
	static uint8_t params[LINUX_PARAMS_SIZE];
	const struct boot_framebuffer framebuffer = {.address = 0x8fd000000,
						     .pitch = 5120,
						     .width = 1280,
						     .height = 801,
						     .depth = 32,
						     .red = {16, 8},
						     .green = {8, 8},
						     .blue = {0, 8}};
	const uint8_t colors[] = {8, 16, 8, 8, 8, 0, 8, 24};
	struct memory_map map = {0};
	struct linux_boot boot = {.memory = &map, .command_line = "", .vga_text = true};
	uint32_t word;

	(void)state;
	assert_null(linux_image_parse(file, sizeof(file), &image));
	assert_null(linux_fill_params(params, &image, file, &boot));
	assert_int_equal(params[0x0f], 1);
	assert_int_equal(params[0x07], 80);

	boot.vga_text = false;
	assert_null(linux_fill_params(params, &image, file, &boot));
	assert_int_equal(params[0x0f], 0);

	boot.framebuffer = framebuffer;
	assert_null(linux_fill_params(params, &image, file, &boot));
	assert_int_equal(params[0x0f], 0x23);
	assert_int_equal(params[0x12] | params[0x13] << 8, 1280);
	assert_int_equal(params[0x14] | params[0x15] << 8, 801);
	assert_int_equal(params[0x16], 32);
	memcpy(&word, params + 0x18, 4);
	assert_int_equal(word, 0xfd000000);
	memcpy(&word, params + 0x1c, 4); /* in units of 64 KiB */
	assert_int_equal(word, 63);
	assert_int_equal(params[0x24] | params[0x25] << 8, 5120);
	assert_memory_equal(params + 0x26, colors, sizeof(colors));
	memcpy(&word, params + 0x36, 4);
	assert_int_equal(word, 2);
	memcpy(&word, params + 0x3a, 4);
	assert_int_equal(word, 8);

	boot.efi.system_table = 1;
	assert_null(linux_fill_params(params, &image, file, &boot));
	assert_int_equal(params[0x0f], 0x70);
	memcpy(&word, params + 0x1c, 4);
	assert_int_equal(word, 5120 * 801);
}

/* struct efi_info: eight words at 0x1c0. */
static void test_efi(void **state)
{
	static uint8_t params[LINUX_PARAMS_SIZE];
	const uint32_t expected[] = {0x34364c45, 0x7f9ee018, 48, 1, 0x7ee12000, 0x1230, 2, 1};
	const uint8_t nothing[sizeof(expected)] = {0};
	struct memory_map map = {0};
	struct linux_boot boot = {.memory = &map, .command_line = ""};

	(void)state;
	assert_null(linux_image_parse(file, sizeof(file), &image));
	assert_null(linux_fill_params(params, &image, file, &boot));
	assert_memory_equal(params + 0x1c0, nothing, sizeof(nothing));
	boot.efi = (struct boot_efi){.system_table = 0x27f9ee018,
				     .map = 0x17ee12000,
				     .map_size = 0x1230,
				     .descriptor_size = 48,
				     .descriptor_version = 1};
	assert_null(linux_fill_params(params, &image, file, &boot));
	assert_memory_equal(params + 0x1c0, expected, sizeof(expected));
}

static void test_params_refused(void **state)
{
	static uint8_t params[LINUX_PARAMS_SIZE];
	static char line[5000];
	struct memory_map map = {0};
	struct linux_boot boot = {.memory = &map, .command_line = line};

	(void)state;
	assert_null(linux_image_parse(file, sizeof(file), &image));
	memset(line, 'x', 2048);
	assert_non_null(linux_fill_params(params, &image, file, &boot));
	line[2047] = '\0';
	assert_null(linux_fill_params(params, &image, file, &boot));
	image.command_line_max = UINT32_MAX;
	memset(line, 'x', 4096);
	line[4096] = '\0';
	assert_non_null(linux_fill_params(params, &image, file, &boot));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_good, setup),
		cmocka_unit_test_setup(test_last_unit_cut, setup),
		cmocka_unit_test_setup(test_not_a_kernel, setup),
		cmocka_unit_test_setup(test_old, setup),
		cmocka_unit_test_setup(test_truncated, setup),
		cmocka_unit_test_setup(test_damaged, setup),
		cmocka_unit_test_setup(test_params, setup),
		cmocka_unit_test_setup(test_display, setup),
		cmocka_unit_test_setup(test_efi, setup),
		cmocka_unit_test_setup(test_params_refused, setup),
	};

	return cmocka_run_group_tests_name("Linux boot protocol", tests, NULL, NULL);
}
