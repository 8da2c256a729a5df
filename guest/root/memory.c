// SPDX-License-Identifier: Apache-2.0
/* The root's address space: all of the machine but the hypervisor's piece of it. */
#include "abi/hv/msr.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/machine.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

/* Pages of the hypervisor that the root may see. */
static const struct {
	uint32_t msr;
	bool writable;
	bool executable;
} overlays[] = {
	{HV_X64_MSR_HYPERCALL, false, true},      {HV_X64_MSR_REFERENCE_TSC, false, false},
	{HV_X64_MSR_VP_ASSIST_PAGE, true, false}, {HV_X64_MSR_SIMP, true, false},
	{HV_X64_MSR_SIEFP, true, false},          {HV_X64_MSR_SIRBP, true, false},
};

static uint64_t overlay_page(size_t i)
{
	return rdmsr(overlays[i].msr) & HV_X64_MSR_PAGE_ADDRESS_MASK;
}

/* The reserved range around the hypercall page. */
bool root_piece(struct machine_range *piece)
{
	return EXPECT(machine_range_of(overlay_page(0), piece)) &&
	       EXPECT(piece->type != MACHINE_RAM);
}

uint64_t root_hidden_page(void)
{
	struct machine_range piece;
	uint64_t page, value;

	if (!root_piece(&piece))
		return 0;
	for (page = piece.start; page < piece.end; page += PAGE_SIZE)
		if (fault_read(page, &value) != FAULT_NONE)
			break;
	return page;
}

TEST(map, "memory: the map is sorted, without overlaps, and has RAM")
{
	struct machine_range range;
	uint64_t end = 0, ram = 0;

	for (unsigned int i = 0; machine_range(i, &range); i++) {
		test_about("range %u at 0x%lx", i, range.start);
		EXPECT(range.start >= end);
		EXPECT(range.end > range.start);
		end = range.end;
		if (range.type == MACHINE_RAM)
			ram += range.end - range.start;
	}
	EXPECT(ram > 64 * SIZE_2M / 2);
}

TEST(piece_small, "memory: the hypervisor takes at most 16 MiB and a thousandth of the machine")
{
	struct machine_range piece, range;
	uint64_t ram = 0;

	if (!root_piece(&piece))
		return;
	for (unsigned int i = 0; machine_range(i, &range); i++)
		if (range.type == MACHINE_RAM)
			ram += range.end - range.start;
	test_note("piece of %lu KiB at 0x%lx", (piece.end - piece.start) >> 10, piece.start);
	EXPECT(piece.end - piece.start <= (16UL << 20) + ram / 1000);
}

TEST(ram, "memory: every range of RAM can be read and written at both ends")
{
	struct machine_range range;
	uint64_t value;

	for (unsigned int i = 0; machine_range(i, &range); i++) {
		const uint64_t ends[] = {ALIGN_UP(range.start, PAGE_SIZE),
					 ALIGN_DOWN(range.end, PAGE_SIZE) - 8};

		if (range.type != MACHINE_RAM || range.end - range.start < PAGE_SIZE)
			continue;
		for (size_t j = 0; j < ARRAY_SIZE(ends); j++) {
			test_about("0x%lx", ends[j]);
			if (EXPECT_FINE(fault_read(ends[j], &value)))
				EXPECT_FINE(fault_write(ends[j], value));
		}
	}
}

TEST(neighbours, "memory: the pages before and behind the hypervisor's piece are the root's")
{
	struct machine_range piece, range;
	uint64_t value;

	if (!root_piece(&piece))
		return;
	if (machine_range_of(piece.start - 8, &range) && range.type == MACHINE_RAM)
		EXPECT_FINE(fault_read(piece.start - 8, &value));
	if (machine_range_of(piece.end, &range) && range.type == MACHINE_RAM)
		EXPECT_FINE(fault_read(piece.end, &value));
}

/* True if the root is meant to see the page of the piece at `page`: an overlay or an ACPI table. */
static bool meant_to_be_seen(uint64_t page, uint64_t tables, uint64_t tables_end)
{
	for (size_t i = 0; i < ARRAY_SIZE(overlays); i++)
		if (overlay_page(i) == page)
			return true;
	return page >= tables && page < tables_end;
}

TEST(piece_closed, "memory: no page of the hypervisor's piece can be read but those it shows")
{
	const uint64_t tables = ALIGN_DOWN(machine_rsdp(), PAGE_SIZE);
	uint64_t tables_end = tables, value;
	struct machine_range piece;
	unsigned int closed = 0;

	if (!root_piece(&piece))
		return;
	/* The tables begin with the root pointer. */
	while (tables >= piece.start && tables_end < piece.end &&
	       fault_read(tables_end, &value) == FAULT_NONE)
		tables_end += PAGE_SIZE;
	EXPECT(tables_end - tables <= 256 * PAGE_SIZE);
	for (uint64_t page = piece.start; page < piece.end; page += PAGE_SIZE) {
		if (meant_to_be_seen(page, tables, tables_end))
			continue;
		test_about("page 0x%lx", page);
		if (!EXPECT_FAULT(fault_read(page + page / PAGE_SIZE % 512 * 8, &value), VECTOR_GP))
			break;
		closed++;
	}
	test_note("%u pages closed", closed);
}

TEST(piece_unwritable, "memory: no page of the hypervisor's piece can be written but its overlays")
{
	struct machine_range piece;

	if (!root_piece(&piece))
		return;
	for (uint64_t page = piece.start; page < piece.end; page += PAGE_SIZE) {
		bool writable = false;

		for (size_t i = 0; i < ARRAY_SIZE(overlays); i++)
			writable = writable || (overlays[i].writable && overlay_page(i) == page);
		test_about("page 0x%lx", page);
		if (!writable && !EXPECT_FAULT(fault_write(page, 0), VECTOR_GP))
			break;
	}
}

TEST(piece_code, "memory: the hypervisor's piece cannot be executed")
{
	uint64_t hidden = root_hidden_page();
	struct machine_range piece;

	if (!root_piece(&piece))
		return;
	EXPECT_FAULT(fault_execute(hidden), VECTOR_GP);
	EXPECT_EQ(fault.rip, hidden);
	EXPECT_EQ(fault.error, 0);
	EXPECT_FAULT(fault_execute(piece.end - PAGE_SIZE), VECTOR_GP);
	EXPECT_EQ(fault.rip, piece.end - PAGE_SIZE);
}

TEST(piece_wide,
     "memory: an access that only ends in the piece, and one of a page table walk, fault")
{
	extern uint64_t pd[];
	uint64_t hidden = root_hidden_page();
	uint64_t old, value;

	EXPECT_FAULT(fault_read(hidden - 4, &value), VECTOR_GP);
	/* The 2 MiB at 1 GiB - 2 MiB through a table that would lie in the piece. */
	old = pd[511];
	pd[511] = hidden | 7;
	__asm__ volatile("mov %0, %%cr3" : : "r"(read_cr3()) : "memory");
	EXPECT_FAULT(fault_read(SIZE_1G - SIZE_2M, &value), VECTOR_GP);
	pd[511] = old;
	__asm__ volatile("mov %0, %%cr3" : : "r"(read_cr3()) : "memory");
}

static void user_fault(void *arg)
{
	(void)arg;
	__asm__ volatile("ud2");
}

/* Where the task state segment says which stacks exceptions use (APM volume 2, 12.2.5). */
#define TSS_RSP0 4
#define TSS_IST1 36

TEST(stack_in_piece, "memory: an exception that cannot be delivered becomes a double fault")
{
	extern uint8_t tss[];
	uint64_t hidden = root_hidden_page() + PAGE_SIZE, old;

	/* Where exceptions of level 3 go; double faults have a stack of their own. */
	memcpy(&old, tss + TSS_RSP0, 8);
	memcpy(tss + TSS_RSP0, &hidden, 8);
	EXPECT_FAULT(user_call(user_fault, NULL), VECTOR_DF);
	EXPECT_EQ(fault.error, 0);
	memcpy(tss + TSS_RSP0, &old, 8);
}

TEST_ENDING(TEST_RESET, no_stack,
	    "memory: a double fault that cannot be delivered resets the machine")
{
	extern uint8_t tss[];
	uint64_t hidden = root_hidden_page() + PAGE_SIZE;

	memcpy(tss + TSS_RSP0, &hidden, 8);
	memcpy(tss + TSS_IST1, &hidden, 8);
	EXPECT_FAULT(user_call(user_fault, NULL), VECTOR_DF);
}

TEST(overlays, "memory: overlay pages can be read, and written and executed only as is their use")
{
	uint64_t value;

	for (size_t i = 0; i < ARRAY_SIZE(overlays); i++) {
		uint64_t page = overlay_page(i);

		test_about("msr 0x%x", overlays[i].msr);
		EXPECT_FINE(fault_read(page + 0xff8, &value));
		EXPECT_EQ(fault_write(page + 0xff8, value),
			  overlays[i].writable ? FAULT_NONE : VECTOR_GP);
		if (overlays[i].writable && !overlays[i].executable) {
			*(volatile uint8_t *)(page +
					      0xff8) = 0xc3; /* RET, should it come to that */
			EXPECT_FAULT(fault_execute(page + 0xff8), VECTOR_GP);
			*(volatile uint8_t *)(page + 0xff8) = 0;
		}
	}
}

TEST(overlay_contents, "memory: SynIC and assist pages begin with zeros and keep what is written")
{
	for (size_t i = 0; i < ARRAY_SIZE(overlays); i++) {
		volatile uint64_t *page = (volatile uint64_t *)overlay_page(i);

		if (!overlays[i].writable)
			continue;
		test_about("msr 0x%x", overlays[i].msr);
		for (size_t j = 0; j < 512; j++)
			if (!EXPECT_EQ(page[j], 0))
				break;
		page[511] = 0x1234567890abcdef;
		cpuid(0x40000000, 0);
		EXPECT_EQ(page[511], 0x1234567890abcdef);
		page[511] = 0;
	}
}

TEST(devices, "memory: device registers are the root's, above 4 GiB too")
{
	uint64_t value;

	*(volatile uint32_t *)0xfec00000 = 1; /* the I/O APIC's version, and its pins */
	EXPECT(*(volatile uint32_t *)0xfec00010 >> 16 >= 23 - 1);
	EXPECT_FINE(fault_read(0xfffffff0, &value)); /* firmware */
	/* Beyond it we only map pages of 1 GiB. There is nothing, for all we know. */
	if (cpuid(0x80000001, 0).edx & BIT(26)) {
		EXPECT_FINE(fault_read(0x4000000000, &value));
		EXPECT_FINE(fault_read(0x4040000000, &value));
	}
}

/* A description table of ACPI (ACPI 6.5, 5.2.6). */
struct table {
	char signature[4];
	uint32_t length;
	uint8_t rest[28];
};

static bool sums_to_zero(const void *data, size_t size)
{
	const uint8_t *bytes = data;
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return sum == 0;
}

/* Entry `i` of the list of tables, or NULL behind the last one. */
static const struct table *acpi_table(unsigned int i)
{
	const char *rsdp = (const char *)machine_rsdp();
	uint64_t list_address, address;
	const struct table *list;

	memcpy(&list_address, rsdp + 24, 8);
	list = (const struct table *)list_address;
	if ((i + 1) * 8 > list->length - sizeof(*list))
		return NULL;
	memcpy(&address, (const char *)(list + 1) + (size_t)i * 8, 8);
	return (const struct table *)address;
}

/* The APIC id in the entry of a processor table at `entry`, if it is an enabled processor's. */
static bool enabled_apic_id(const uint8_t *entry, uint32_t *id)
{
	if (entry[0] == 9) { /* local x2APIC */
		memcpy(id, entry + 4, 4);
		return entry[8] & 1;
	}
	*id = entry[3];
	return entry[0] == 0 && (entry[4] & 1); /* local APIC */
}

bool root_apic_id(unsigned int n, uint32_t *id)
{
	const struct table *table;

	for (unsigned int i = 0; (table = acpi_table(i)) != NULL; i++) {
		if (memcmp(table->signature, "APIC", 4) != 0)
			continue;
		for (uint32_t at = 44; at + 8 <= table->length;) {
			const uint8_t *entry = (const uint8_t *)table + at;

			if (entry[1] == 0)
				break;
			if (enabled_apic_id(entry, id) && n-- == 0)
				return true;
			at += entry[1];
		}
	}
	return false;
}

TEST(acpi, "memory: the root's ACPI tables are intact and tell of no IOMMU")
{
	static const char hidden[][5] = {"DMAR", "IVRS", "VIOT"};
	const struct table *table;
	uint32_t apic_id = UINT32_MAX;

	if (!EXPECT(machine_rsdp() != 0))
		return;
	EXPECT_EQ(memcmp((const void *)machine_rsdp(), "RSD PTR ", 8), 0);
	EXPECT(sums_to_zero((const void *)machine_rsdp(), 36));
	for (unsigned int i = 0; (table = acpi_table(i)) != NULL; i++) {
		test_about("table %u", i);
		EXPECT(sums_to_zero(table, table->length));
		for (size_t j = 0; j < ARRAY_SIZE(hidden); j++)
			EXPECT(memcmp(table->signature, hidden[j], 4) != 0);
	}
	test_about("processors");
	EXPECT(root_apic_id(0, &apic_id));
	EXPECT_EQ(apic_id, cpuid(1, 0).ebx >> 24);
}
