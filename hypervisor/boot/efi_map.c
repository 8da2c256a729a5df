// SPDX-License-Identifier: Apache-2.0
#include "boot/efi_map.h"

#include "core/string.h"

/* Memory types (UEFI 2.10, tables 7.5 and 7.6). */
enum efi_memory_type {
	EFI_RESERVED = 0,
	EFI_LOADER_CODE = 1,
	EFI_LOADER_DATA = 2,
	EFI_BOOT_SERVICES_CODE = 3,
	EFI_BOOT_SERVICES_DATA = 4,
	EFI_CONVENTIONAL = 7,
	EFI_UNUSABLE = 8,
	EFI_ACPI_RECLAIM = 9,
	EFI_ACPI_NVS = 10,
};

#define EFI_MEMORY_WB BIT(3)  /* can be cached */
#define EFI_MEMORY_SP BIT(18) /* meant for something special */

struct efi_descriptor {
	uint32_t type;
	uint32_t pad;
	uint64_t start;
	uint64_t virtual_start;
	uint64_t pages;
	uint64_t attributes;
};
_Static_assert(sizeof(struct efi_descriptor) == EFI_DESCRIPTOR_SIZE, "UEFI 7.2.3");

/* The end of what `d` describes; its start where that makes no sense. */
static spa_t end_of(const struct efi_descriptor *d)
{
	if (!IS_ALIGNED(d->start, PAGE_SIZE) || d->pages > (UINT64_MAX - d->start) / PAGE_SIZE)
		return d->start;
	return d->start + d->pages * PAGE_SIZE;
}

static enum memory_type type_of(const struct efi_descriptor *d)
{
	switch (d->type) {
	case EFI_LOADER_CODE:
	case EFI_LOADER_DATA:
	case EFI_BOOT_SERVICES_CODE:
	case EFI_BOOT_SERVICES_DATA:
	case EFI_CONVENTIONAL:
		return (d->attributes & (EFI_MEMORY_WB | EFI_MEMORY_SP)) == EFI_MEMORY_WB
			       ? MEMORY_RAM
			       : MEMORY_RESERVED;
	case EFI_UNUSABLE:
		return MEMORY_UNUSABLE;
	case EFI_ACPI_RECLAIM:
		return MEMORY_ACPI;
	case EFI_ACPI_NVS:
		return MEMORY_NVS;
	default:
		return MEMORY_RESERVED;
	}
}

bool efi_map_read(struct memory_map *out, const void *map, uint32_t size, uint32_t descriptor_size)
{
	for (uint32_t at = 0; size - at >= descriptor_size; at += descriptor_size) {
		struct efi_descriptor d;

		memcpy(&d, (const uint8_t *)map + at, sizeof(d));
		if (!memory_map_add(out, d.start, end_of(&d), type_of(&d)))
			return false;
	}
	return true;
}

/* Where efi_map_reserve() writes to. */
struct writer {
	uint8_t *out;
	uint32_t size, used, descriptor_size;
	bool full;
};

/* Write `d` with the range [start, end), and what newer versions add as it stands at `like`. */
static void put(struct writer *w, const uint8_t *like, spa_t start, spa_t end,
		const struct efi_descriptor *d)
{
	struct efi_descriptor part = *d;

	if (start >= end)
		return;
	if (w->size - w->used < w->descriptor_size) {
		w->full = true;
		return;
	}
	part.start = start;
	part.pages = (end - start) / PAGE_SIZE;
	memcpy(w->out + w->used, like, w->descriptor_size);
	memcpy(w->out + w->used, &part, sizeof(part));
	w->used += w->descriptor_size;
}

uint32_t efi_map_reserve(void *out, uint32_t out_size, const void *map, uint32_t size,
			 uint32_t descriptor_size, spa_t start, spa_t end)
{
	const struct efi_descriptor reserved = {.type = EFI_RESERVED, .attributes = EFI_MEMORY_WB};
	struct writer w = {.out = out, .size = out_size, .descriptor_size = descriptor_size};
	bool placed = false;

	for (uint32_t at = 0; size - at >= descriptor_size; at += descriptor_size) {
		const uint8_t *from = (const uint8_t *)map + at;
		struct efi_descriptor d;
		spa_t d_end;

		memcpy(&d, from, sizeof(d));
		d_end = end_of(&d);
		put(&w, from, d.start, MIN(d_end, start), &d);
		/* In order, if the map was. */
		if (!placed && d_end > start) {
			put(&w, from, start, end, &reserved);
			placed = true;
		}
		put(&w, from, MAX(d.start, end), d_end, &d);
	}
	if (!placed && size >= descriptor_size)
		put(&w, map, start, end, &reserved);
	return w.full ? 0 : w.used;
}
