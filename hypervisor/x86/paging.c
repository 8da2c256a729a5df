// SPDX-License-Identifier: Apache-2.0
#include "x86/paging.h"

#include "boot/piece.h"
#include "core/machine.h"
#include "core/panic.h"
#include "x86/cpu.h"
#include "x86/layout.h"
#include "x86/lp.h"

#define PTE_PRESENT BIT(0)
#define PTE_WRITE   BIT(1)
#define PTE_PWT     BIT(3)
#define PTE_PCD     BIT(4)
#define PTE_LARGE   BIT(7)
#define PTE_NX      BIT(63)
#define PTE_ADDRESS 0x000ffffffffff000UL

#define RIGHTS_TEXT   0UL
#define RIGHTS_RODATA PTE_NX
#define RIGHTS_DATA   (PTE_NX | PTE_WRITE)
#define RIGHTS_DEVICE (PTE_NX | PTE_WRITE | PTE_PCD | PTE_PWT)

extern const char image_start[], image_text_end[], image_rodata_end[], image_end[];

static spa_t top;
static spa_t image_spa;
static uint64_t device_next = DEVICE_MAP_BASE;

void *spa_to_virt(spa_t spa)
{
	return (void *)(DIRECT_MAP_BASE + spa);
}

spa_t virt_to_spa(const void *virt)
{
	uint64_t address = (uint64_t)virt;

	if (address >= IMAGE_BASE)
		return address - (uint64_t)image_start + image_spa;
	ASSERT(address >= DIRECT_MAP_BASE && address < DIRECT_MAP_BASE + DIRECT_MAP_SIZE);
	return address - DIRECT_MAP_BASE;
}

bool machine_memory_at(const void *virt, spa_t *spa)
{
	uint64_t address = (uint64_t)virt;

	*spa = address - DIRECT_MAP_BASE;
	return address >= DIRECT_MAP_BASE && *spa < DIRECT_MAP_SIZE;
}

/* Map [va, va + size) to `spa`, all page aligned, with pages of up to `max_level` (1: 4 KiB, 2: 2
 * MiB, 3: 1 GiB). */
static void map(uint64_t va, spa_t spa, uint64_t size, uint64_t rights, unsigned int max_level)
{
	while (size > 0) {
		uint64_t *table = spa_to_virt(top);
		unsigned int level = 1;
		uint64_t step = PAGE_SIZE;

		while (level < max_level && IS_ALIGNED(va | spa, step << 9) && size >= step << 9) {
			level++;
			step <<= 9;
		}
		for (unsigned int l = 4; l > level; l--) {
			uint64_t *entry = &table[va >> (12 + 9 * (l - 1)) & 511];

			if (*entry == 0)
				*entry = piece_alloc(1) | PTE_PRESENT | PTE_WRITE;
			table = spa_to_virt(*entry & PTE_ADDRESS);
		}
		table[va >> (12 + 9 * (level - 1)) & 511] = spa | PTE_PRESENT | rights |
							    (level > 1 ? PTE_LARGE : 0);
		va += step;
		spa += step;
		size -= step;
	}
}

static void map_image(const char *from, const char *to, uint64_t rights)
{
	map((uint64_t)from, image_spa + (uint64_t)(from - image_start), (uint64_t)(to - from),
	    rights, 1);
}

static void map_direct(spa_t from, spa_t to, unsigned int max_level)
{
	from = ALIGN_DOWN(from, PAGE_SIZE);
	to = ALIGN_UP(to, PAGE_SIZE);
	map(DIRECT_MAP_BASE + from, from, to - from, RIGHTS_DATA, max_level);
}

spa_t paging_build(const struct memory_map *memory, spa_t image, spa_t piece, spa_t piece_end,
		   uint32_t lps)
{
	unsigned int max_level = machine_page_levels();

	top = piece_alloc(1);
	image_spa = image;
	map_image(image_start, image_text_end, RIGHTS_TEXT);
	map_image(image_text_end, image_rodata_end, RIGHTS_RODATA);
	map_image(image_rodata_end, image_end, RIGHTS_DATA);

	/* The BIOS's areas and the text screen lie in the first MiB, whatever its types. */
	map_direct(0, 1 << 20, 1);
	for (uint32_t i = 0; i < memory->count; i++) {
		const struct memory_range *r = &memory->range[i];

		if (r->end > 1 << 20 &&
		    (r->type == MEMORY_RAM || r->type == MEMORY_ACPI || r->type == MEMORY_NVS))
			map_direct(MAX(r->start, 1UL << 20), r->end, max_level);
	}
	map_direct(piece, piece_end, max_level);

	for (uint32_t i = 0; i < lps; i++)
		for (unsigned int s = 0; s < LP_STACK_COUNT; s++)
			map(lp_stack_top(i, (enum lp_stack)s) - STACK_PAGES * PAGE_SIZE,
			    piece_alloc(STACK_PAGES), STACK_PAGES * PAGE_SIZE, RIGHTS_DATA, 1);
	return top;
}

void *paging_map_device(spa_t spa, uint64_t size)
{
	uint64_t offset = spa & ~PAGE_MASK;
	uint64_t va = device_next;

	size = ALIGN_UP(size + offset, PAGE_SIZE);
	ASSERT(device_next + size <= DEVICE_MAP_BASE + DEVICE_MAP_SIZE);
	map(va, spa - offset, size, RIGHTS_DEVICE, 1);
	device_next += size;
	return (void *)(va + offset);
}
