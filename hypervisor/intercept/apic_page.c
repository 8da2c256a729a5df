// SPDX-License-Identifier: Apache-2.0
/*
 * The page of APIC registers. No partition has a physical one mapped: each access is a nested page
 * fault, and the instruction is carried out here on the registers of the VP's own APIC.
 */
#include "core/counter.h"
#include "intercept/intercept.h"
#include "intercept/memory_access.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "x86/cpu.h"

COUNTER(accesses, "apic.page_access");

/* Without the page nothing answers there. */
static bool has_page(const struct vp *vp)
{
	return apic_enabled(vp) && !apic_is_x2apic(vp);
}

static uint64_t load(struct vp *vp, uint32_t offset, unsigned int size)
{
	return has_page(vp) ? apic_read_page(vp, offset, size) : UINT64_MAX;
}

static void store(struct vp *vp, uint32_t offset, unsigned int size, uint64_t value)
{
	if (has_page(vp))
		apic_write_page(vp, offset, size, value);
}

bool intercept_apic_page(struct vp *vp, gpa_t gpa)
{
	uint32_t offset = (uint32_t)(gpa % PAGE_SIZE);
	struct memory_access access;
	uint64_t stored, loaded = 0;

	if ((gpa & PAGE_MASK) != (vp->apic.base & APIC_BASE_ADDRESS))
		return false;
	if (!memory_access_decode(vp, &access))
		return false;
	stored = memory_access_stored(vp, &access);
	if (memory_access_is_load(&access))
		loaded = load(vp, offset, access.size);
	if (memory_access_is_store(&access))
		store(vp, offset, access.size, stored);
	memory_access_loaded(vp, &access, loaded);
	counter_inc(&accesses);
	vp_step(vp, access.insn.length);
	return true;
}
