// SPDX-License-Identifier: Apache-2.0
/*
 * What a boot loader leaves, under libFuzzer: an input is the information structure itself (its
 * first word, the size, is put right). Whatever it says, what comes out of it lies within it, and
 * the memory map of UEFI with our piece cut out says the same but for the piece.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/efi_map.h"
#include "boot/multiboot2.h"

#define AT          0x10000UL
#define PIECE_START 0x200000UL
#define PIECE_END   0x400000UL

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void check_efi(const struct boot_info *boot, const uint8_t *info)
{
	const struct boot_efi *efi = &boot->efi;
	uint32_t room = efi->map_size * 3 + efi->descriptor_size;
	struct memory_map with = boot->memory, cut = {0};
	uint8_t *out = malloc(room);
	uint32_t used;

	used = efi_map_reserve(out, room, info + (efi->map - AT), efi->map_size,
			       efi->descriptor_size, PIECE_START, PIECE_END);
	require(used <= room, "the map fits");
	require(used > 0 || efi->map_size < efi->descriptor_size, "three times the room suffices");
	if (used > 0 && efi_map_read(&cut, out, used, efi->descriptor_size) &&
	    memory_map_add(&with, PIECE_START, PIECE_END, MEMORY_RESERVED)) {
		for (uint32_t i = 0; i < cut.count; i++)
			if (cut.range[i].type == MEMORY_RAM)
				require(cut.range[i].end <= PIECE_START ||
						cut.range[i].start >= PIECE_END,
					"no RAM in the piece");
		require(memory_map_ram(&cut) >= memory_map_ram(&with), "no other RAM is lost");
	}
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct boot_info boot;
	uint32_t length = (uint32_t)size;
	uint8_t *info;

	if (size < 8 || size > MULTIBOOT2_INFO_MAX)
		return 0;
	info = malloc(size);
	memcpy(info, data, size);
	memcpy(info, &length, sizeof(length));
	if (!multiboot2_read(&boot, info, AT)) {
		require(boot.rsdp == 0 || (boot.rsdp >= AT && boot.rsdp + 20 <= AT + size),
			"the root pointer lies within");
		require(boot.efi.map_size == 0 || (boot.efi.map >= AT &&
						   boot.efi.map + boot.efi.map_size <= AT + size),
			"the map lies within");
		if (boot.efi.system_table != 0)
			check_efi(&boot, info);
	}
	free(info);
	return 0;
}
