// SPDX-License-Identifier: Apache-2.0
#include "boot/linux.h"

#include "core/string.h"

/* Offsets in the image and, the same, in boot_params (boot.rst, "The Real-Mode Kernel Header" and
 * "zero-page"). */
enum {
	ACPI_RSDP = 0x070,
	EXT_RAMDISK_IMAGE = 0x0c0,
	EXT_RAMDISK_SIZE = 0x0c4,
	EXT_COMMAND_LINE = 0x0c8,
	EFI_SIGNATURE = 0x1c0,
	EFI_SYSTEM_TABLE = 0x1c4,
	EFI_DESCRIPTOR_BYTES = 0x1c8,
	EFI_DESCRIPTOR_VERSION = 0x1cc,
	EFI_MAP = 0x1d0,
	EFI_MAP_SIZE = 0x1d4,
	EFI_SYSTEM_TABLE_HIGH = 0x1d8,
	EFI_MAP_HIGH = 0x1dc,
	E820_ENTRIES = 0x1e8,
	SETUP_HEADER = 0x1f1,
	SETUP_SECTS = 0x1f1,
	SYSSIZE = 0x1f4,
	BOOT_FLAG = 0x1fe,
	JUMP = 0x200,
	HEADER_MAGIC = 0x202,
	VERSION = 0x206,
	TYPE_OF_LOADER = 0x210,
	LOADFLAGS = 0x211,
	CODE32_START = 0x214,
	RAMDISK_IMAGE = 0x218,
	RAMDISK_SIZE = 0x21c,
	CMD_LINE_PTR = 0x228,
	INITRD_ADDR_MAX = 0x22c,
	KERNEL_ALIGNMENT = 0x230,
	RELOCATABLE = 0x234,
	CMDLINE_SIZE = 0x238,
	PAYLOAD_OFFSET = 0x248,
	PAYLOAD_LENGTH = 0x24c,
	PREF_ADDRESS = 0x258,
	INIT_SIZE = 0x260,
	E820_TABLE = 0x2d0,
};

/* Offsets in struct screen_info, which boot_params begins with, and its kinds of display. */
enum {
	SCREEN_MODE = 0x06,
	SCREEN_COLUMNS = 0x07,
	SCREEN_LINES = 0x0e,
	SCREEN_KIND = 0x0f,
	SCREEN_FONT_HEIGHT = 0x10,
	SCREEN_WIDTH = 0x12,
	SCREEN_HEIGHT = 0x14,
	SCREEN_DEPTH = 0x16,
	SCREEN_BASE = 0x18,
	SCREEN_SIZE = 0x1c,
	SCREEN_PITCH = 0x24,
	SCREEN_COLORS = 0x26, /* size and position of red, green, blue and the rest */
	SCREEN_CAPABILITIES = 0x36,
	SCREEN_BASE_HIGH = 0x3a,

	KIND_VGA_TEXT = 0x01,
	KIND_VESA = 0x23, /* SCREEN_SIZE counts 64 KiB */
	KIND_EFI = 0x70,
	CAPABILITY_64BIT_BASE = 0x02,
};

#define EFI64_SIGNATURE  0x34364c45u /* "EL64" */
#define E820_MAX         128u
#define E820_SIZE        20u
#define HDRS             0x53726448u
#define LOADED_HIGH      0x01u
#define LOADER_UNDEFINED 0xffu
#define SECTOR           512u
#define HEADER_MIN       0x268u /* through init_size and handover_offset */
#define HEADER_END_MAX   0x290u
#define VERSION_NEEDED   0x020au /* 2.10: pref_address and init_size */

/* The compressed kernel begins with one of these. */
static const struct {
	uint8_t length;
	uint8_t bytes[6];
} payload_magics[] = {
	{2, {0x1f, 0x8b}},                     /* gzip */
	{3, {'B', 'Z', 'h'}},                  /* bzip2 */
	{3, {0x5d, 0x00, 0x00}},               /* LZMA */
	{6, {0xfd, '7', 'z', 'X', 'Z', 0x00}}, /* XZ */
	{5, {0x89, 'L', 'Z', 'O', 0x00}},      /* LZO */
	{4, {0x02, 0x21, 0x4c, 0x18}},         /* LZ4, legacy frame */
	{4, {0x28, 0xb5, 0x2f, 0xfd}},         /* Zstandard */
};

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) | (uint32_t)get16(p + 2) << 16;
}

static uint64_t get64(const uint8_t *p)
{
	return (uint64_t)get32(p) | (uint64_t)get32(p + 4) << 32;
}

static void put16(uint8_t *p, uint16_t v)
{
	memcpy(p, &v, sizeof(v));
}

static void put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

static void put64(uint8_t *p, uint64_t v)
{
	memcpy(p, &v, sizeof(v));
}

/* True if a compressed kernel can start with the `length` bytes at `p`. */
static bool known_payload(const uint8_t *p, uint32_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(payload_magics); i++)
		if (length >= payload_magics[i].length &&
		    memcmp(p, payload_magics[i].bytes, payload_magics[i].length) == 0)
			return true;
	return false;
}

const char *linux_image_parse(const void *image, uint64_t size, struct linux_image *out)
{
	const uint8_t *h = image;
	uint32_t sectors, offset, length;
	uint64_t end;

	if (size < HEADER_END_MAX || get16(h + BOOT_FLAG) != 0xaa55 ||
	    get32(h + HEADER_MAGIC) != HDRS)
		return "it is not a Linux bzImage (no boot protocol header)";
	if (get16(h + VERSION) < VERSION_NEEDED)
		return "its boot protocol is older than 2.10 (a kernel before Linux 2.6.31)";
	if (!(h[LOADFLAGS] & LOADED_HIGH))
		return "it is a zImage, which loads below 1 MiB";
	out->setup_end = HEADER_MAGIC + h[JUMP + 1];
	if (out->setup_end < HEADER_MIN || out->setup_end > HEADER_END_MAX)
		return "its setup header is damaged (impossible length)";

	sectors = h[SETUP_SECTS] ? h[SETUP_SECTS] : 4;
	out->payload_offset = (sectors + 1) * SECTOR;
	end = out->payload_offset + (uint64_t)get32(h + SYSSIZE) * 16;
	if (get32(h + SYSSIZE) == 0 || end - 15 > size)
		return "it ends too early: the file is truncated";
	out->payload_size = (uint32_t)(MIN(end, size) - out->payload_offset);

	offset = get32(h + PAYLOAD_OFFSET);
	length = get32(h + PAYLOAD_LENGTH);
	if (length != 0) {
		if (offset > out->payload_size || length > out->payload_size - offset)
			return "it is damaged: its compressed part lies outside the file";
		if (!known_payload(h + out->payload_offset + offset, length))
			return "it is damaged: its compressed part begins with none of the known "
			       "signatures";
	}

	out->alignment = get32(h + KERNEL_ALIGNMENT);
	out->preferred = get64(h + PREF_ADDRESS);
	out->init_size = get32(h + INIT_SIZE);
	out->relocatable = h[RELOCATABLE] != 0;
	out->initrd_max = get32(h + INITRD_ADDR_MAX);
	out->command_line_max = get32(h + CMDLINE_SIZE);
	if (out->alignment < PAGE_SIZE || (out->alignment & (out->alignment - 1)) != 0 ||
	    out->alignment > SIZE_1G || out->init_size < out->payload_size ||
	    out->preferred + out->init_size > SIZE_4G)
		return "its setup header is damaged (impossible alignment, address or size)";
	return NULL;
}

static void put_display(uint8_t *p, const struct linux_boot *boot)
{
	const struct boot_framebuffer *f = &boot->framebuffer;
	uint32_t size = f->pitch * f->height;
	uint8_t used = (uint8_t)(f->red.size + f->green.size + f->blue.size);

	if (boot->vga_text) {
		p[SCREEN_MODE] = 3;
		p[SCREEN_COLUMNS] = 80;
		p[SCREEN_LINES] = 25;
		p[SCREEN_KIND] = KIND_VGA_TEXT;
		p[SCREEN_FONT_HEIGHT] = 16;
	} else if (f->width != 0) {
		p[SCREEN_KIND] = boot->efi.system_table ? KIND_EFI : KIND_VESA;
		put16(p + SCREEN_WIDTH, (uint16_t)f->width);
		put16(p + SCREEN_HEIGHT, (uint16_t)f->height);
		put16(p + SCREEN_DEPTH, f->depth);
		put32(p + SCREEN_BASE, (uint32_t)f->address);
		put32(p + SCREEN_SIZE, boot->efi.system_table ? size : (size + 0xffff) >> 16);
		put16(p + SCREEN_PITCH, (uint16_t)f->pitch);
		p[SCREEN_COLORS] = f->red.size;
		p[SCREEN_COLORS + 1] = f->red.position;
		p[SCREEN_COLORS + 2] = f->green.size;
		p[SCREEN_COLORS + 3] = f->green.position;
		p[SCREEN_COLORS + 4] = f->blue.size;
		p[SCREEN_COLORS + 5] = f->blue.position;
		/* What is left of a pixel stands above the colors. */
		p[SCREEN_COLORS + 6] = f->depth > used ? (uint8_t)(f->depth - used) : 0;
		p[SCREEN_COLORS + 7] = f->depth > used ? used : 0;
		put32(p + SCREEN_CAPABILITIES, f->address >> 32 ? CAPABILITY_64BIT_BASE : 0);
		put32(p + SCREEN_BASE_HIGH, (uint32_t)(f->address >> 32));
	}
}

static void put_efi(uint8_t *p, const struct boot_efi *efi)
{
	if (efi->system_table == 0)
		return;
	put32(p + EFI_SIGNATURE, EFI64_SIGNATURE);
	put32(p + EFI_SYSTEM_TABLE, (uint32_t)efi->system_table);
	put32(p + EFI_SYSTEM_TABLE_HIGH, (uint32_t)(efi->system_table >> 32));
	put32(p + EFI_DESCRIPTOR_BYTES, efi->descriptor_size);
	put32(p + EFI_DESCRIPTOR_VERSION, efi->descriptor_version);
	put32(p + EFI_MAP, (uint32_t)efi->map);
	put32(p + EFI_MAP_HIGH, (uint32_t)(efi->map >> 32));
	put32(p + EFI_MAP_SIZE, efi->map_size);
}

/* The flat segments the 32-bit entry point expects, at the selectors it expects. */
static const uint64_t linux_gdt[] = {0, 0, 0x00cf9b000000ffff, 0x00cf93000000ffff};
_Static_assert(sizeof(linux_gdt) == LINUX_GDT_SIZE, "four descriptors");

const char *linux_fill_params(void *params, const struct linux_image *image, const void *file,
			      const struct linux_boot *boot)
{
	uint8_t *p = params;
	size_t length = strlen(boot->command_line);

	if (length > image->command_line_max || length >= PAGE_SIZE)
		return "its command line is longer than it takes";
	if (boot->memory->count > E820_MAX)
		return "the memory map has more ranges than the boot protocol carries (128)";

	memset(p, 0, LINUX_PARAMS_SIZE);
	memcpy(p + SETUP_HEADER, (const uint8_t *)file + SETUP_HEADER,
	       image->setup_end - SETUP_HEADER);
	memcpy(p + LINUX_COMMAND_LINE_OFFSET, boot->command_line, length + 1);
	memcpy(p + LINUX_GDT_OFFSET, linux_gdt, sizeof(linux_gdt));

	p[TYPE_OF_LOADER] = LOADER_UNDEFINED;
	put32(p + CODE32_START, (uint32_t)boot->load_address);
	put32(p + CMD_LINE_PTR, (uint32_t)(boot->params + LINUX_COMMAND_LINE_OFFSET));
	put32(p + RAMDISK_IMAGE, (uint32_t)boot->initrd);
	put32(p + RAMDISK_SIZE, (uint32_t)boot->initrd_size);
	put32(p + EXT_RAMDISK_IMAGE, (uint32_t)(boot->initrd >> 32));
	put32(p + EXT_RAMDISK_SIZE, (uint32_t)(boot->initrd_size >> 32));
	put32(p + EXT_COMMAND_LINE, 0);
	put64(p + ACPI_RSDP, boot->rsdp);

	put_display(p, boot);
	put_efi(p, &boot->efi);

	p[E820_ENTRIES] = (uint8_t)boot->memory->count;
	for (uint32_t i = 0; i < boot->memory->count; i++) {
		const struct memory_range *r = &boot->memory->range[i];
		uint8_t *e = p + E820_TABLE + (size_t)i * E820_SIZE;

		put64(e, r->start);
		put64(e + 8, r->end - r->start);
		put32(e + 16, r->type);
	}
	return NULL;
}
