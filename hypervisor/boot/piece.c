// SPDX-License-Identifier: Apache-2.0
#include "boot/piece.h"

#include "core/machine.h"
#include "core/printk.h"
#include "core/string.h"
#include "x86/cpu.h"
#include "x86/layout.h"

/*
 * The piece: this, and a thousandth of the memory it will have to describe. Half of that is the
 * frames (partition/frame.h), two bytes a page.
 */
#define PIECE_BASE            (8UL << 20)
#define PIECE_SHARE           1024u
/* ... and so much per processor: stacks, control blocks, hypercall buffers, its VP and that one's
 * pages. */
#define PIECE_PROCESSOR       (32 * PAGE_SIZE)
#define PIECE_PROCESSORS_FREE 32u
/* Less memory than this leaves no room for a root partition. */
#define MEMORY_NEEDED         (128UL << 20)

static spa_t start, next, end;

/* How far up the provisional page tables reach (boot/entry.S). */
static spa_t boot_reach(void)
{
	return machine_page_levels() == 3 ? 512 * SIZE_1G : SIZE_4G;
}

void piece_take(struct boot_info *boot, uint32_t processors)
{
	extern char image_bss_end[];
	uint64_t ram = memory_map_ram(&boot->memory);
	uint64_t more = processors > PIECE_PROCESSORS_FREE ? processors - PIECE_PROCESSORS_FREE : 0;
	uint64_t size = ALIGN_UP(PIECE_BASE + ram / PIECE_SHARE + more * PIECE_PROCESSOR, SIZE_2M);
	const struct memory_range avoid[] = {
		{0, (spa_t)image_bss_end, MEMORY_RAM},
		{boot->kernel.start, boot->kernel.start + boot->kernel.size, MEMORY_RAM},
		{boot->initrd.start, boot->initrd.start + boot->initrd.size, MEMORY_RAM},
		boot->loader,
	};

	if (ram < MEMORY_NEEDED)
		boot_fail("this machine has %lu MiB of memory; Bulkhead and a root partition need "
			  "at least %lu MiB.",
			  (ram >> 20), (MEMORY_NEEDED >> 20));
	if (!memory_map_find_high(&boot->memory, size, SIZE_2M, SIZE_2M, boot_reach(), avoid,
				  ARRAY_SIZE(avoid), &start))
		boot_fail("no %lu MiB of contiguous memory for the hypervisor: the firmware's "
			  "memory map is too "
			  "fragmented, or the boot modules are too large for this machine.",
			  (size >> 20));
	next = start;
	end = start + size;
	if (!memory_map_add(&boot->memory, start, end, MEMORY_RESERVED))
		boot_fail("firmware reports more than %u memory ranges, more than Bulkhead keeps.",
			  MEMORY_MAP_MAX);
}

spa_t piece_start(void)
{
	return start;
}

spa_t piece_end(void)
{
	return end;
}

spa_t piece_alloc(uint64_t pages)
{
	spa_t page = next;

	if (pages > (end - next) / PAGE_SIZE)
		boot_fail("the hypervisor's %lu MiB of memory are used up before the root "
			  "partition starts.",
			  ((end - start) >> 20));
	next += pages * PAGE_SIZE;
	memset(spa_to_virt(page), 0, pages * PAGE_SIZE);
	return page;
}

void piece_finish(struct page_pool *pool)
{
	printk(LOG_INFO, "memory: %lu MiB at 0x%lx taken, %lu KiB of it in use",
	       (end - start) >> 20, start, (next - start) >> 10);
	while (next < end) {
		page_pool_add(pool, next);
		next += PAGE_SIZE;
	}
}

bool machine_owns(spa_t spa, uint64_t size)
{
	return spa < end && size > 0 && (spa >= start || size > start - spa);
}
