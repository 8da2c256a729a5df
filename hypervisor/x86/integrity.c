// SPDX-License-Identifier: Apache-2.0
/* The machine's statements about itself: see core/integrity.h and partition/integrity.h. */
#include "x86/integrity.h"

#include "abi/hv/msr.h"
#include "core/machine.h"
#include "hypercall/hypercall.h"
#include "partition/root.h"
#include "partition/vp.h"
#include "x86/cpu.h"
#include "x86/layout.h"
#include "x86/lp.h"
#include "x86/vendor.h"

/* The hypervisor's own page tables (APM volume 2, 5.3). */
#define PTE_PRESENT BIT(0)
#define PTE_WRITE   BIT(1)
#define PTE_WALKED  (BIT(5) | BIT(6)) /* accessed, dirty: the processor's to set */
#define PTE_LARGE   BIT(7)
#define PTE_NX      BIT(63)
#define PTE_ADDRESS 0x000ffffffffff000UL

#define TABLE_ENTRIES 512u
#define TOP_LEVEL     4u

/* What the bits above bit 47 of an address are in the upper half. */
#define CANONICAL 0xffff000000000000UL

/* Code and constants, which stand together at the start of the image. */
static void sum_image(struct integrity *i)
{
	extern const char image_start[], image_rodata_end[];

	integrity_sum(i, image_start, (size_t)(image_rodata_end - image_start));
}

void integrity_hidden(struct integrity *i, spa_t spa, uint64_t size)
{
	struct gpa_space *space = &root_partition.gpa;

	for (spa_t page = ALIGN_DOWN(spa, PAGE_SIZE); page < spa + size; page += PAGE_SIZE)
		integrity_expect(
			i, !gpa_accessible(space, gpa_of_page(space, page), PAGE_SIZE, GPA_READ),
			"the root does not see what is the hypervisor's own", page);
}

/* The page at `va`: what can be written is never executed; image and stacks are ours alone. */
static void check_page(struct integrity *i, uint64_t entry, uint64_t va)
{
	spa_t spa = entry & PTE_ADDRESS;

	integrity_expect(i, !(entry & PTE_WRITE) || (entry & PTE_NX),
			 "what the hypervisor can write it cannot execute", spa);
	if (va >= STACK_MAP_BASE)
		integrity_hidden(i, spa, PAGE_SIZE);
}

/* Sum up the table of `level` at `table`, which maps from `va` on, and all below. */
static void check_table(struct integrity *i, spa_t table, unsigned int level, uint64_t va)
{
	const uint64_t *entries = spa_to_virt(table);
	const uint64_t step = PAGE_SIZE << (9 * (level - 1));

	if (!integrity_expect(i, machine_owns(table, PAGE_SIZE),
			      "the hypervisor's page tables are in its memory", table))
		return;
	integrity_hidden(i, table, PAGE_SIZE);
	for (unsigned int n = 0; n < TABLE_ENTRIES; n++, va += step) {
		uint64_t entry = __atomic_load_n(&entries[n], __ATOMIC_RELAXED) & ~PTE_WALKED;

		if (level == TOP_LEVEL && n == TABLE_ENTRIES / 2)
			va |= CANONICAL;
		if (!(entry & PTE_PRESENT))
			continue;
		integrity_sum_word(i, (uint64_t)level << 32 | n);
		integrity_sum_word(i, entry);
		if (level == 1 || (entry & PTE_LARGE))
			check_page(i, entry, va);
		else
			check_table(i, entry & PTE_ADDRESS, level - 1, va);
	}
}

/* A processor's descriptor tables and task state, the same from its start on. */
static void sum_descriptors(struct integrity *i, const struct lp *lp)
{
	integrity_sum(i, lp->gdt, sizeof(lp->gdt));
	integrity_sum(i, &lp->tss, sizeof(lp->tss));
	integrity_sum(i, spa_to_virt(lp->host_vmcb), PAGE_SIZE);
}

/* All processors share the interrupt descriptor table. */
static void sum_interrupt_table(struct integrity *i)
{
	struct __packed {
		uint16_t limit;
		uint64_t base;
	} idtr;

	__asm__ volatile("sidt %0" : "=m"(idtr));
	integrity_sum(i, (const void *)idtr.base, idtr.limit + 1UL);
}

static bool is_vp(const struct vp *vp)
{
	spa_t page;

	return machine_memory_at(vp, &page) && IS_ALIGNED(page, PAGE_SIZE) &&
	       machine_owns(page, PAGE_SIZE);
}

static void check_lps(struct integrity *i)
{
	for (uint32_t n = 0; n < lp_started(); n++) {
		const struct lp *lp = lp_number(n);

		if (!integrity_expect(i, lp->self == lp && lp->number == n,
				      "a processor knows itself", n))
			continue;
		sum_descriptors(i, lp);
		integrity_hidden(i, virt_to_spa(lp), sizeof(*lp));
		integrity_hidden(i, virt_to_spa(lp->buffers), sizeof(*lp->buffers));
		integrity_hidden(i, lp->host_save, PAGE_SIZE);
		integrity_hidden(i, lp->host_vmcb, PAGE_SIZE);
		integrity_expect(i, lp->index == LP_UNNAMED || lp_with_index(lp->index) == lp,
				 "no two processors have the same index", lp->index);
		if (lp->vp && integrity_expect(i, is_vp(lp->vp),
					       "a processor's VP is in the hypervisor's memory",
					       (uint64_t)lp->vp))
			integrity_expect(i, lp->vp->lp == lp && lp->index != LP_UNNAMED,
					 "a processor and its VP know each other", n);
	}
}

/* A page that a partition register names is one that the hypervisor shows. */
static void check_overlay(struct integrity *i, struct partition *p, uint64_t reg,
			  unsigned int access)
{
	spa_t page = reg & HV_X64_MSR_PAGE_ADDRESS_MASK;

	integrity_expect(
		i,
		machine_owns(page, PAGE_SIZE) &&
			gpa_accessible(&p->gpa, gpa_of_page(&p->gpa, page), PAGE_SIZE, access),
		"the page of a synthetic register is shown", reg);
}

static void check_vp(struct integrity *i, struct vp *vp, uint32_t index)
{
	struct partition *p = &root_partition;

	if (!integrity_expect(i, is_vp(vp), "a VP is in the hypervisor's memory", (uint64_t)vp) ||
	    !integrity_expect(i, vp->partition == p && vp->lp && vp->lp->vp == vp,
			      "a VP and its processor know each other", index))
		return;
	check_overlay(i, p, vp->vp_assist_msr, GPA_READ | GPA_WRITE);
	check_overlay(i, p, vp->synic.simp, GPA_READ | GPA_WRITE);
	check_overlay(i, p, vp->synic.siefp, GPA_READ | GPA_WRITE);
	check_overlay(i, p, vp->synic.sirbp, GPA_READ | GPA_WRITE);
	integrity_hidden(i, virt_to_spa(vp), PAGE_SIZE);
	vendor_check_vp(vp, i);
}

/* The pages that all VPs see, whose contents stay what they were at the start. */
static void sum_overlay(struct integrity *i, struct partition *p, uint64_t reg)
{
	check_overlay(i, p, reg, GPA_READ);
	integrity_sum(i, spa_to_virt(reg & HV_X64_MSR_PAGE_ADDRESS_MASK), PAGE_SIZE);
}

void machine_check(struct integrity *i)
{
	struct partition *p = &root_partition;

	sum_image(i);
	sum_interrupt_table(i);
	check_table(i, read_cr3() & PTE_ADDRESS, TOP_LEVEL, 0);
	check_lps(i);
	sum_overlay(i, p, p->hypercall_msr);
	sum_overlay(i, p, p->tsc_page_msr);
	for (uint32_t n = 0; n < PARTITION_MAX_VPS; n++)
		if (p->vps[n])
			check_vp(i, p->vps[n], n);
}
