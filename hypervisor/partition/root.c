// SPDX-License-Identifier: Apache-2.0
#include "partition/root.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/msr.h"
#include "abi/hv/synic.h"
#include "boot/boot_info.h"

#include "core/machine.h"
#include "partition/synthetic.h"
#include "partition/vp.h"
#include "x86/cpu.h"
#include "x86/lp.h"
#include "x86/npt.h"
#include "x86/time.h"
#include "x86/vendor.h"

struct partition root_partition;
struct page_pool root_reserve;

/* What the root may do, as its CPUID says (leaf 0x40000003 EBX:EAX). */
#define ROOT_ACCESS                                                                               \
	(HV_MSR_VP_RUNTIME_AVAILABLE | HV_MSR_TIME_REF_COUNT_AVAILABLE | HV_MSR_SYNIC_AVAILABLE | \
	 HV_MSR_SYNTIMER_AVAILABLE | HV_MSR_APIC_ACCESS_AVAILABLE | HV_MSR_HYPERCALL_AVAILABLE |  \
	 HV_MSR_VP_INDEX_AVAILABLE | HV_MSR_RESET_AVAILABLE | HV_MSR_REFERENCE_TSC_AVAILABLE |    \
	 HV_MSR_GUEST_IDLE_AVAILABLE | HV_ACCESS_FREQUENCY_MSRS)
#define ROOT_PRIVILEGES                                                           \
	(HV_CREATE_PARTITIONS | HV_ACCESS_PARTITION_ID | HV_ACCESS_MEMORY_POOL |  \
	 HV_POST_MESSAGES | HV_SIGNAL_EVENTS | HV_CREATE_PORT | HV_CONNECT_PORT | \
	 HV_ACCESS_STATS | HV_CPU_MANAGEMENT | HV_ACCESS_VP_REGISTERS)

static void map(struct gpa_space *space, spa_t start, spa_t end, enum npt_kind kind)
{
	if (start < end && !npt_map(space, start, end, kind))
		boot_fail("the hypervisor's memory does not suffice for the root partition's page "
			  "tables.");
}

/* Whatever is no RAM in [start, end), around the piece. Above 4 GiB devices are mapped on demand.
 */
static void map_devices(struct gpa_space *space, spa_t start, spa_t end, spa_t piece,
			spa_t piece_end)
{
	map(space, start, MIN(end, MAX(start, piece)), NPT_DEVICE);
	map(space, MAX(start, piece_end), end, NPT_DEVICE);
}

/*
 * Everything below 4 GiB and all RAM above it, one to one. The piece is a hole; pages of it only as
 * said later.
 */
static void map_machine(struct gpa_space *space, const struct memory_map *memory, spa_t piece,
			spa_t piece_end)
{
	spa_t at = 0;

	map(space, piece, piece_end, NPT_HOLE);
	for (uint32_t i = 0; i < memory->count; i++) {
		const struct memory_range *r = &memory->range[i];
		/* A page that is only partly RAM is none. */
		spa_t start = ALIGN_UP(r->start, PAGE_SIZE);
		spa_t end = ALIGN_DOWN(r->end, PAGE_SIZE);

		if (r->type != MEMORY_RAM || start >= end)
			continue;
		map_devices(space, at, MIN(start, SIZE_4G), piece, piece_end);
		map(space, start, end, NPT_MEMORY);
		at = end;
	}
	map_devices(space, at, SIZE_4G, piece, piece_end);
}

/* A zeroed page of ours that the root sees. Returns false if the reserve is empty. */
static bool overlay(struct gpa_space *space, enum npt_kind kind, spa_t *page)
{
	return page_pool_alloc(&root_reserve, page) &&
	       npt_map(space, *page, *page + PAGE_SIZE, kind);
}

/* IA32_APIC_BASE as firmware left it on the boot processor. */
static uint64_t apic_base;

void root_build(const struct memory_map *memory, spa_t piece, spa_t piece_end, spa_t acpi,
		uint64_t acpi_size)
{
	struct partition *p = &root_partition;

	partition_plant(p);
	p->privileges = (uint64_t)ROOT_PRIVILEGES << 32 | ROOT_ACCESS;
	p->features = HV_FEATURE_FREQUENCY_MSRS_AVAILABLE | HV_STIMER_DIRECT_MODE_AVAILABLE;
	/* APIC access by synthetic MSRs and "no EOI required" are there, but not recommended:
	 * Linux as root unmaps its VP assist page with interrupts on when a processor goes offline,
	 * and ends them by it meanwhile. */
	p->hints = HV_DEPRECATING_AEOI_RECOMMENDED | HV_X64_CLUSTER_IPI_RECOMMENDED;
	page_pool_init(&p->pool);

	if (!npt_init(&p->gpa, &root_reserve, machine_physical_bits(), machine_page_levels()))
		boot_fail("the hypervisor's memory does not suffice for the root partition's page "
			  "tables.");
	map_machine(&p->gpa, memory, piece, piece_end);
	map(&p->gpa, acpi, acpi + acpi_size, NPT_OVERLAY_READ);
	/* The APICs are the hypervisor's: what stands on their page is answered by the VP's own. */
	apic_base = rdmsr(MSR_APIC_BASE);
	map(&p->gpa, apic_base & PAGE_MASK & APIC_BASE_ADDRESS,
	    (apic_base & PAGE_MASK & APIC_BASE_ADDRESS) + PAGE_SIZE, NPT_HOLE);

	if (!overlay(&p->gpa, NPT_OVERLAY_READ, &p->hypercall_msr) ||
	    !overlay(&p->gpa, NPT_OVERLAY_READ, &p->tsc_page_msr))
		boot_fail("the hypervisor's memory does not suffice for the root partition.");
	synthetic_fill_hypercall_page(spa_to_virt(p->hypercall_msr));
	p->hypercall_page = p->hypercall_msr;
	p->tsc_page = p->tsc_page_msr;
	synthetic_fill_tsc_page(p);
}

void root_share(spa_t start, uint64_t size)
{
	map(&root_partition.gpa, start, start + size, NPT_OVERLAY);
}

/* Overlay pages and registers of a new VP. Returns false if the reserve is empty; what was taken
 * then is lost. */
static bool build_vp(struct vp *vp, struct partition *p)
{
	spa_t assist, simp, siefp, sirbp, xsave;

	if (!vendor_alloc_vp(vp, &root_reserve) || !overlay(&p->gpa, NPT_OVERLAY, &assist) ||
	    !overlay(&p->gpa, NPT_OVERLAY, &simp) || !overlay(&p->gpa, NPT_OVERLAY, &siefp) ||
	    !overlay(&p->gpa, NPT_OVERLAY, &sirbp) || !page_pool_alloc(&root_reserve, &xsave))
		return false;
	vp->child.xsave = spa_to_virt(xsave);
	vp->vp_assist_msr = vp->assist_page = assist;
	synic_reset(&vp->synic, siefp, simp, sirbp);
	apic_create(vp, vp->lp->apic_id, vp->index == 0 ? apic_base : apic_base & ~APIC_BASE_BSP);
	vendor_init_vp(vp);
	return true;
}

enum hv_status root_create_vp(uint32_t vp_index, uint32_t lp_index)
{
	struct partition *p = &root_partition;
	struct lp *lp = lp_with_index(lp_index);
	struct vp *vp;
	spa_t page;

	_Static_assert(sizeof(struct vp) <= PAGE_SIZE, "a VP is a page");
	if (vp_index >= PARTITION_MAX_VPS || p->vps[vp_index])
		return HV_STATUS_INVALID_VP_INDEX;
	if (!lp || lp->vp)
		return HV_STATUS_INVALID_LP_INDEX;
	if (!page_pool_alloc(&root_reserve, &page))
		return HV_STATUS_INSUFFICIENT_MEMORY;
	vp = spa_to_virt(page);
	vp->partition = p;
	vp->index = vp_index;
	vp->lp = lp;
	vp->waits_for_startup = true;
	if (!build_vp(vp, p))
		return HV_STATUS_INSUFFICIENT_MEMORY;
	__atomic_store_n(&p->vps[vp_index], vp, __ATOMIC_RELEASE);
	p->vp_limit = MAX(p->vp_limit, vp_index + 1);
	p->vp_count++;
	/* The processor runs it, that is: waits for its start-up message. */
	__atomic_store_n(&lp->vp, vp, __ATOMIC_SEQ_CST);
	lp_kick(lp);
	return HV_STATUS_SUCCESS;
}
