// SPDX-License-Identifier: Apache-2.0
#include "partition/cpuid_result.h"

#include "abi/hv/vp.h"
#include "core/machine.h"
#include "partition/page_pool.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "x86/cpu.h"

/* A page of them. Pages are added in front, entries are filled in order and never removed. */
struct cpuid_result_page {
	struct cpuid_result_page *next;
	uint32_t count;
	struct cpuid_result result[];
};

#define RESULTS_A_PAGE                                                         \
	((uint32_t)((PAGE_SIZE - offsetof(struct cpuid_result_page, result)) / \
		    sizeof(struct cpuid_result)))

static bool same(const struct cpuid_result *a, const struct cpuid_result *b)
{
	return a->vp_index == b->vp_index && a->leaf == b->leaf &&
	       a->subleaf_specific == b->subleaf_specific &&
	       (!a->subleaf_specific || a->subleaf == b->subleaf);
}

enum hv_status cpuid_result_add(struct partition *p, const struct cpuid_result *result)
{
	enum hv_status status = HV_STATUS_SUCCESS;
	struct cpuid_result_page *page;
	uint32_t pages = 0;
	spa_t spa;

	spin_lock(&p->lock);
	status = partition_check_initialized(p);
	if (status != HV_STATUS_SUCCESS)
		goto out;
	for (page = p->cpuid_results; page; page = page->next, pages++)
		for (uint32_t i = 0; i < page->count; i++)
			if (same(&page->result[i], result)) {
				page->result[i] = *result;
				goto out;
			}
	page = p->cpuid_results;
	if (!page || page->count == RESULTS_A_PAGE) {
		if (pages * RESULTS_A_PAGE >= CPUID_RESULTS_MAX) {
			status = HV_STATUS_NO_RESOURCES;
			goto out;
		}
		if (!page_pool_alloc(&p->pool, &spa)) {
			status = HV_STATUS_INSUFFICIENT_MEMORY;
			goto out;
		}
		page = spa_to_virt(spa);
		page->next = p->cpuid_results;
		__atomic_store_n(&p->cpuid_results, page, __ATOMIC_RELEASE);
	}
	page->result[page->count] = *result;
	__atomic_store_n(&page->count, page->count + 1, __ATOMIC_RELEASE);
out:
	spin_unlock(&p->lock);
	return status;
}

static void merge(uint32_t *reg, uint32_t value, uint32_t mask)
{
	*reg = (*reg & ~mask) | (value & mask);
}

/* Bits that follow what the VP does, whatever was said once (abi.md 4.9): OSXSAVE, OSPKE, APIC ids,
 * the size of the state in use. */
static void keep_dynamic(uint32_t leaf, uint32_t subleaf, const struct cpuid_regs *own,
			 struct cpuid_regs *r)
{
	if (leaf == 1) {
		merge(&r->ebx, own->ebx, 0xff000000);
		merge(&r->ecx, own->ecx, 1u << 27);
	} else if (leaf == 7 && subleaf == 0) {
		merge(&r->ecx, own->ecx, 1u << 4);
	} else if (leaf == 0xb || leaf == 0x1f) {
		r->edx = own->edx;
	} else if (leaf == 0xd && subleaf < 2) {
		r->ebx = own->ebx;
	}
}

void cpuid_result_apply(const struct vp *vp, uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
	const struct cpuid_result_page *page = __atomic_load_n(&vp->partition->cpuid_results,
							       __ATOMIC_ACQUIRE);
	const struct cpuid_regs own = *r;
	bool changed = false;

	for (; page; page = page->next) {
		uint32_t count = __atomic_load_n(&page->count, __ATOMIC_ACQUIRE);

		for (uint32_t i = 0; i < count; i++) {
			const struct cpuid_result *result = &page->result[i];

			if (result->leaf != leaf ||
			    (result->subleaf_specific && result->subleaf != subleaf) ||
			    (result->vp_index != HV_ANY_VP && result->vp_index != vp->index))
				continue;
			merge(&r->eax, result->value[0], result->mask[0]);
			merge(&r->ebx, result->value[1], result->mask[1]);
			merge(&r->ecx, result->value[2], result->mask[2]);
			merge(&r->edx, result->value[3], result->mask[3]);
			changed = true;
		}
	}
	if (changed)
		keep_dynamic(leaf, subleaf, &own, r);
}

void cpuid_results_free(struct partition *p)
{
	while (p->cpuid_results) {
		struct cpuid_result_page *page = p->cpuid_results;

		p->cpuid_results = page->next;
		page_pool_free(&p->pool, virt_to_spa(page));
	}
}
