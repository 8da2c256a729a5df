// SPDX-License-Identifier: Apache-2.0
#include "x86/lp.h"

#include "boot/piece.h"
#include "boot/processors.h"
#include "core/counter.h"
#include "core/machine.h"
#include "core/panic.h"
#include "core/string.h"
#include "core/printk.h"
#include "hypercall/hypercall.h"
#include "partition/gpa_space.h"
#include "partition/root.h"
#include "partition/vp.h"
#include "x86/interrupt.h"
#include "x86/lapic.h"
#include "x86/layout.h"
#include "x86/vendor.h"
#include "x86/xstate.h"

COUNTER(kicks, "lp.kicks");
COUNTER(syncs, "lp.syncs");

static struct lp *lps;
static uint32_t started;
static bool stopping;

void lp_alloc(const struct processors *processors)
{
	uint64_t size = ALIGN_UP(processors->count * sizeof(struct lp), PAGE_SIZE);
	const uint64_t buffer_pages = ALIGN_UP(sizeof(struct hypercall_buffers), PAGE_SIZE) /
				      PAGE_SIZE;

	lps = spa_to_virt(piece_alloc(size / PAGE_SIZE));
	started = processors->count;
	for (uint32_t i = 0; i < started; i++) {
		struct lp *lp = &lps[i];

		lp->number = i;
		lp->apic_id = processors->apic_id[i];
		lp->index = LP_UNNAMED;
		lp->timer_deadline = UINT64_MAX;
		list_init(&lp->timers);
		lp->buffers = spa_to_virt(piece_alloc(buffer_pages));
		vendor_alloc_lp(lp);
	}
	lps[0].index = 0;
}

uint32_t lp_started(void)
{
	return started;
}

struct lp *lp_number(uint32_t number)
{
	return &lps[number];
}

struct lp *lp_with_apic_id(uint32_t apic_id)
{
	for (uint32_t i = 0; i < started; i++)
		if (lps[i].apic_id == apic_id)
			return &lps[i];
	return NULL;
}

struct lp *lp_with_index(uint32_t index)
{
	for (uint32_t i = 0; i < started; i++)
		if (lps[i].index == index && index != LP_UNNAMED)
			return &lps[i];
	return NULL;
}

struct hypercall_buffers *hypercall_buffers(void)
{
	return this_lp()->buffers;
}

void lp_main(struct lp *lp)
{
	struct vp *vp;

	lp_load_tables(lp);
	if (lapic_has_x2apic())
		lapic_use_x2apic();
	interrupt_setup();
	xstate_setup();
	vendor_enable(lp);
	__atomic_store_n(&lp->online, true, __ATOMIC_RELEASE);
	for (;;) {
		lp_look(lp);
		vp = __atomic_load_n(&lp->vp, __ATOMIC_ACQUIRE);
		if (vp)
			vendor_run(vp);
		lp_idle(lp);
	}
}

static void set_mode(struct lp *lp, enum lp_mode mode)
{
	/* A full barrier: what follows is read after others can see the mode, or they see it before
	 * they ask. */
	__atomic_store_n(&lp->mode, mode, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

bool lp_enter_guest(struct lp *lp)
{
	__atomic_store_n(&lp->entries, lp->entries + 1, __ATOMIC_RELAXED);
	set_mode(lp, LP_GUEST);
	if (__atomic_load_n(&lp->wake, __ATOMIC_SEQ_CST) == 0)
		return true;
	lp_leave_guest(lp);
	return false;
}

void lp_leave_guest(struct lp *lp)
{
	__atomic_store_n(&lp->mode, LP_HOST, __ATOMIC_RELEASE);
}

void lp_idle(struct lp *lp)
{
	set_mode(lp, LP_IDLE);
	interrupt_wait(lp);
	set_mode(lp, LP_HOST);
	if (__atomic_load_n(&stopping, __ATOMIC_SEQ_CST))
		machine_stop();
}

void lp_kick(struct lp *lp)
{
	/* Where somebody kicked before, it has yet to look. */
	if (__atomic_exchange_n(&lp->wake, 1, __ATOMIC_SEQ_CST) != 0)
		return;
	if (__atomic_load_n(&lp->mode, __ATOMIC_SEQ_CST) == LP_HOST)
		return;
	counter_inc(&kicks);
	if (interrupt_held_back(lp)) {
		__atomic_store_n(&lp->nmi_kick, true, __ATOMIC_SEQ_CST);
		lapic_send(lp->apic_id, LAPIC_ICR_NMI);
		return;
	}
	lapic_send(lp->apic_id, INTERRUPT_VECTOR);
}

void machine_wake_lp(struct lp *lp)
{
	if (lp == this_lp())
		lp_wake_self(lp);
	else
		lp_kick(lp);
}

void lp_sync(void)
{
	const struct lp *self = this_lp();

	counter_inc(&syncs);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < started; i++) {
		struct lp *lp = &lps[i];
		uint64_t entries = __atomic_load_n(&lp->entries, __ATOMIC_SEQ_CST);

		if (lp == self || __atomic_load_n(&lp->mode, __ATOMIC_SEQ_CST) != LP_GUEST)
			continue;
		lp_kick(lp);
		while (__atomic_load_n(&lp->mode, __ATOMIC_SEQ_CST) == LP_GUEST &&
		       __atomic_load_n(&lp->entries, __ATOMIC_SEQ_CST) == entries)
			cpu_relax();
	}
}

void machine_sync_vps(const struct partition *p)
{
	struct lp *self = this_lp();

	lp_wake_self(self);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < started; i++) {
		struct lp *lp = &lps[i];
		uint64_t entries = __atomic_load_n(&lp->entries, __ATOMIC_SEQ_CST);
		const struct vp *vp = __atomic_load_n(&lp->child, __ATOMIC_SEQ_CST);

		if (lp == self || !vp || vp->partition != p)
			continue;
		lp_kick(lp);
		while (__atomic_load_n(&lp->mode, __ATOMIC_SEQ_CST) == LP_GUEST &&
		       __atomic_load_n(&lp->entries, __ATOMIC_SEQ_CST) == entries)
			cpu_relax();
	}
}

void lp_nmi(struct lp *lp)
{
	if (__atomic_load_n(&stopping, __ATOMIC_SEQ_CST))
		machine_stop();
	if (__atomic_exchange_n(&lp->nmi_kick, false, __ATOMIC_SEQ_CST) || !lp->vp)
		return;
	vp_request(lp->vp, VP_REQUEST_NMI);
	/* It may have come just before the processor halts. */
	if (lp->mode == LP_IDLE)
		lapic_send(lp->apic_id, INTERRUPT_VECTOR);
}

bool lp_machine_check(struct lp *lp)
{
	if (!lp->vp || !(rdmsr(MSR_MCG_STATUS) & MCG_STATUS_RIPV))
		return false;
	vp_request(lp->vp, VP_REQUEST_MACHINE_CHECK);
	return true;
}

void lp_stop_others(void)
{
	__atomic_store_n(&stopping, true, __ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < started; i++)
		if (lps[i].online && &lps[i] != this_lp())
			lapic_send(lps[i].apic_id, LAPIC_ICR_NMI);
}

uint32_t machine_lp_count(void)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < started; i++)
		if (lps[i].index != LP_UNNAMED)
			count++;
	return count;
}

bool machine_lp_exists(uint32_t index)
{
	return lp_with_index(index) != NULL;
}

bool machine_add_lp(uint32_t index, uint32_t apic_id)
{
	struct lp *lp = lp_with_apic_id(apic_id);

	if (!lp || lp->index != LP_UNNAMED || index == LP_UNNAMED || lp_with_index(index))
		return false;
	lp->index = index;
	return true;
}

bool machine_root_vp_apic_id(uint32_t vp_index, uint32_t *apic_id)
{
	const struct vp *vp = vp_index < PARTITION_MAX_VPS ? root_partition.vps[vp_index] : NULL;

	if (!vp)
		return false;
	*apic_id = vp->lp->apic_id;
	return true;
}

bool machine_is_stack(uint64_t address)
{
	extern char image_start[], image_end[];
	uint64_t high = lp_stack_top(started, LP_STACK_MAIN) - (STACK_PAGES + 1) * PAGE_SIZE;

	if (!IS_ALIGNED(address, 8))
		return false;
	if (started > 0 && address >= STACK_MAP_BASE && address + 16 <= high)
		return (address - STACK_MAP_BASE) % ((STACK_PAGES + 1) * PAGE_SIZE) >= PAGE_SIZE;
	return address >= (uint64_t)image_start && address + 16 <= (uint64_t)image_end;
}

void machine_stop_others(void)
{
	if (rdmsr(MSR_GS_BASE) != 0)
		lp_stop_others();
}

void machine_describe_panic(void)
{
	const struct lp *lp = rdmsr(MSR_GS_BASE) != 0 ? this_lp() : NULL;

	if (!lp || !lp->vp) {
		printk(LOG_PANIC, "while starting, before the root partition");
		return;
	}
	printk(LOG_PANIC, "LP %u carries partition %lu VP %u", lp->index, lp->vp->partition->id,
	       lp->vp->index);
	vendor_describe(LOG_PANIC, lp->vp);
}

void gpa_sync(void)
{
	lp_sync();
}
