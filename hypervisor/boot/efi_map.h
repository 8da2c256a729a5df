// SPDX-License-Identifier: Apache-2.0
/* The memory map of UEFI firmware (UEFI 2.10, 7.2.3): what it means to us, and to the root. */
#ifndef BOOT_EFI_MAP_H
#define BOOT_EFI_MAP_H

#include "boot/memory_map.h"
#include "core/types.h"

/* Bytes of a descriptor that version 1 defines; newer ones may be longer. */
#define EFI_DESCRIPTOR_SIZE 40u
/* No firmware's are longer than this. */
#define EFI_DESCRIPTOR_MAX  256u

/*
 * Add what the `size` bytes at `map`, descriptors of `descriptor_size` (EFI_DESCRIPTOR_SIZE at
 * least) bytes each, say of memory after ExitBootServices(). Returns false if there are too many
 * ranges.
 */
bool efi_map_read(struct memory_map *out, const void *map, uint32_t size, uint32_t descriptor_size);

/*
 * Write the same map to `out`, of `out_size` bytes, with all of [start, end), page aligned, as one
 * reserved range. Two descriptors more than there were suffice where none overlap. Returns how many
 * bytes were written, 0 if they did not fit.
 */
uint32_t efi_map_reserve(void *out, uint32_t out_size, const void *map, uint32_t size,
			 uint32_t descriptor_size, spa_t start, spa_t end);

#endif
