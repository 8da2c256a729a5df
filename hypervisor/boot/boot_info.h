// SPDX-License-Identifier: Apache-2.0
/* What the loader told us, in our own words: whoever booted us fills this in (boot/multiboot.c,
 * boot/multiboot2.c). */
#ifndef BOOT_BOOT_INFO_H
#define BOOT_BOOT_INFO_H

#include "boot/arguments.h"
#include "boot/memory_map.h"
#include "core/types.h"

struct boot_module {
	spa_t start;
	uint64_t size; /* bytes; 0: the module was not given */
	char command_line[BOOT_COMMAND_LINE_MAX];
};

/* The mode that the loader says the display is in. */
enum boot_display {
	DISPLAY_UNKNOWN,
	DISPLAY_TEXT, /* 80 x 25 characters */
	DISPLAY_GRAPHICS,
};

/* Where the bits of a color stand in a pixel. */
struct boot_color {
	uint8_t position, size;
};

/* A linear framebuffer that the loader left switched on. */
struct boot_framebuffer {
	spa_t address;
	uint32_t pitch;         /* bytes from line to line */
	uint32_t width, height; /* pixels, 65535 at most; width 0: there is none */
	uint8_t depth;          /* bits of a pixel */
	struct boot_color red, green, blue;
};

/* What 64-bit UEFI firmware left behind after ExitBootServices(). */
struct boot_efi {
	spa_t system_table; /* 0: nothing of this is known */
	spa_t map;          /* its memory map, where the loader put it */
	uint32_t map_size;  /* bytes */
	uint32_t descriptor_size;
	uint32_t descriptor_version;
};

struct boot_info {
	char command_line[BOOT_COMMAND_LINE_MAX]; /* the hypervisor's options */
	struct memory_map memory;                 /* as firmware reports it */
	struct boot_module kernel;                /* the root partition's kernel */
	struct boot_module initrd;                /* and its initial RAM disk, optional */
	spa_t rsdp;                               /* the ACPI root pointer, 0: not told */
	bool bios;                                /* its areas in low memory mean something */
	enum boot_display display;
	struct boot_framebuffer framebuffer;
	struct boot_efi efi;
	struct memory_range loader; /* what `rsdp` and `efi.map` point into: to be left alone */
};

/*
 * Say on every console what is wrong with this machine or its configuration and what to do about
 * it, and stop. For everything that keeps us from starting the root partition; the format is one
 * sentence or two.
 */
void boot_fail(const char *fmt, ...) __noreturn __printf(1, 2);

#endif
