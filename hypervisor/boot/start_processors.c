// SPDX-License-Identifier: Apache-2.0
#include "boot/start_processors.h"

#include "boot/boot_info.h"
#include "core/machine.h"
#include "core/printk.h"
#include "core/string.h"
#include "x86/cpu.h"
#include "x86/lapic.h"
#include "x86/lp.h"
#include "x86/time.h"

#define LOW_START 0x1000u
#define LOW_END   0x9f000u
#define LOW_PAGES 4u

#define PTE_TABLE 0x003u /* present, writable */
#define PTE_PAGE  0x083u /* ... and large */

/* The start-up sequence of the MultiProcessor Specification, B.4; and how long a processor may take
 * to come. */
#define INIT_WAIT_US  10000u
#define SIPI_WAIT_US  1000u
#define START_WAIT_US 10000000u

extern const char trampoline_start[], trampoline_end[], trampoline_base[], trampoline_cr3[];

/* What boot/trampoline.S takes for the processor being started. */
uint64_t start_cr3, start_stack;
struct lp *start_lp;

static void put32(char *page, const char *symbol, uint32_t value)
{
	memcpy(page + (symbol - trampoline_start), &value, sizeof(value));
}

/* Copy the trampoline to `low` and build its page tables behind it. */
static void prepare(spa_t low, spa_t cr3)
{
	char *page = spa_to_virt(low);
	uint64_t *top = spa_to_virt(low + PAGE_SIZE);
	uint64_t *pointers = spa_to_virt(low + 2 * PAGE_SIZE);
	uint64_t *directory = spa_to_virt(low + 3 * PAGE_SIZE);

	memset(page, 0, LOW_PAGES * PAGE_SIZE);
	memcpy(page, trampoline_start, (size_t)(trampoline_end - trampoline_start));
	put32(page, trampoline_base, (uint32_t)low);
	put32(page, trampoline_cr3, (uint32_t)(low + PAGE_SIZE));
	memcpy(top, spa_to_virt(cr3), PAGE_SIZE);
	top[0] = (low + 2 * PAGE_SIZE) | PTE_TABLE;
	pointers[0] = (low + 3 * PAGE_SIZE) | PTE_TABLE;
	directory[0] = PTE_PAGE;
}

static bool wait_online(const struct lp *lp, uint64_t microseconds)
{
	uint64_t end = rdtsc() + machine_tsc_frequency() / 1000000 * microseconds;

	while (!__atomic_load_n(&lp->online, __ATOMIC_ACQUIRE)) {
		if (rdtsc() > end)
			return false;
		cpu_relax();
	}
	return true;
}

static void start(struct lp *lp, spa_t low)
{
	uint8_t page = (uint8_t)(low >> PAGE_SHIFT);

	start_lp = lp;
	start_stack = lp_stack_top(lp->number, LP_STACK_MAIN);
	lapic_send(lp->apic_id, LAPIC_ICR_INIT);
	time_wait(INIT_WAIT_US);
	lapic_send(lp->apic_id, LAPIC_ICR_STARTUP | page);
	if (wait_online(lp, SIPI_WAIT_US))
		return;
	lapic_send(lp->apic_id, LAPIC_ICR_STARTUP | page);
	if (!wait_online(lp, START_WAIT_US))
		boot_fail("processor with APIC id %u does not start; disable it in the firmware "
			  "setup, or update the "
			  "firmware.",
			  lp->apic_id);
}

void start_processors(const struct memory_map *memory, spa_t cr3)
{
	spa_t low;

	if (lp_started() == 1)
		return;
	if (!memory_map_find_low(memory, LOW_PAGES * PAGE_SIZE, PAGE_SIZE, LOW_START, LOW_END, NULL,
				 0, &low))
		boot_fail("no memory below 640 KiB to start the other processors from.");
	start_cr3 = cr3;
	prepare(low, cr3);
	for (uint32_t i = 1; i < lp_started(); i++)
		start(lp_number(i), low);
	memset(spa_to_virt(low), 0, LOW_PAGES * PAGE_SIZE);
	printk(LOG_INFO, "processors: %u started", lp_started());
}
