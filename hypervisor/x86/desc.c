// SPDX-License-Identifier: Apache-2.0
/* The hypervisor's descriptor tables: flat segments, one interrupt table, a task state per
 * processor. */
#include "x86/lp.h"
#include "x86/layout.h"
#include "x86/exception.h"

struct idt_gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist;
	uint8_t attributes;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};
_Static_assert(sizeof(struct idt_gate) == 16, "APM volume 2, 4.8.4");

struct __packed table_register {
	uint16_t limit;
	uint64_t base;
};

#define GATE_INTERRUPT 0x8e

#define VECTOR_COUNT 256u

static struct idt_gate idt[VECTOR_COUNT];

static uint8_t exception_ist(unsigned int vector)
{
	switch (vector) {
	case EXCEPTION_DF:
		return LP_STACK_DOUBLE_FAULT;
	case EXCEPTION_NMI:
		return LP_STACK_NMI;
	case EXCEPTION_MC:
		return LP_STACK_MACHINE_CHECK;
	default:
		return 0;
	}
}

uint64_t lp_stack_top(uint32_t number, enum lp_stack stack)
{
	uint64_t slot = (uint64_t)number * LP_STACK_COUNT + stack;

	return STACK_MAP_BASE + (slot + 1) * (STACK_PAGES + 1) * PAGE_SIZE;
}

static struct idt_gate gate(const char *entry, uint8_t ist)
{
	uint64_t address = (uint64_t)entry;

	return (struct idt_gate){
		.offset_low = (uint16_t)address,
		.selector = SELECTOR_CODE,
		.ist = ist,
		.attributes = GATE_INTERRUPT,
		.offset_middle = (uint16_t)(address >> 16),
		.offset_high = (uint32_t)(address >> 32),
	};
}

/* Every processor writes the same. */
static void fill_table(void)
{
	for (unsigned int v = 0; v < VECTOR_COUNT; v++)
		idt[v] = v < EXCEPTION_COUNT
				 ? gate(exception_entries + (size_t)v * EXCEPTION_ENTRY_SIZE,
					exception_ist(v))
				 : gate(interrupt_entries + (size_t)(v - EXCEPTION_COUNT) *
								    INTERRUPT_ENTRY_SIZE,
					0);
}

void lp_load_tables(struct lp *lp)
{
	uint64_t tss = (uint64_t)&lp->tss;
	struct table_register gdtr = {sizeof(lp->gdt) - 1, (uint64_t)lp->gdt};
	struct table_register idtr = {sizeof(idt) - 1, (uint64_t)idt};

	fill_table();
	lp->self = lp;
	lp->tss = (struct tss){.iopb = sizeof(struct tss)};
	for (unsigned int s = LP_STACK_DOUBLE_FAULT; s < LP_STACK_COUNT; s++)
		lp->tss.ist[s - 1] = lp_stack_top(lp->number, (enum lp_stack)s);
	lp->gdt[0] = 0;
	lp->gdt[SELECTOR_CODE / 8] = 0x00af9b000000ffff;
	lp->gdt[SELECTOR_DATA / 8] = 0x00cf93000000ffff;
	lp->gdt[SELECTOR_TSS / 8] = (sizeof(struct tss) - 1) | (tss & 0xffffff) << 16 |
				    0x89UL << 40 | (tss >> 24 & 0xff) << 56;
	lp->gdt[SELECTOR_TSS / 8 + 1] = tss >> 32;

	__asm__ volatile("lgdt %0" : : "m"(gdtr));
	__asm__ volatile("lidt %0" : : "m"(idtr));
	__asm__ volatile("ltr %w0" : : "r"(SELECTOR_TSS));
	__asm__ volatile("mov %w0, %%ds; mov %w0, %%es; mov %w0, %%ss; mov %w1, %%fs; mov %w1, %%gs"
			 :
			 : "r"(SELECTOR_DATA), "r"(0));
	wrmsr(MSR_GS_BASE, (uint64_t)lp);
}
