// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/hypercall.h"
#include "abi/hv/partition.h"
#include "apic/apic.h"
#include "core/integrity.h"
#include "scheduler/scheduler.h"
#include "abi/hv/vp.h"
#include "core/machine.h"
#include "core/panic.h"
#include "core/printk.h"
#include "hypercall/hypercall.h"
#include "partition/frame.h"
#include "partition/root.h"
#include "x86/cpu.h"

/* More rounds than any call may take: 4095 elements, at least one a round. */
#define ROUNDS_MAX 4096u

struct fake fake;
uint8_t fake_memory[FAKE_SIZE] __aligned(4096);

const uint64_t fake_root_privileges =
	HV_PRIVILEGE_EBX(HV_CREATE_PARTITIONS | HV_ACCESS_PARTITION_ID | HV_ACCESS_MEMORY_POOL |
			 HV_POST_MESSAGES | HV_SIGNAL_EVENTS | HV_CREATE_PORT | HV_CONNECT_PORT |
			 HV_ACCESS_STATS | HV_CPU_MANAGEMENT | HV_ACCESS_VP_REGISTERS) |
	HV_MSR_TIME_REF_COUNT_AVAILABLE | HV_MSR_SYNIC_AVAILABLE | HV_MSR_HYPERCALL_AVAILABLE |
	HV_MSR_VP_INDEX_AVAILABLE | HV_MSR_REFERENCE_TSC_AVAILABLE | HV_ACCESS_FREQUENCY_MSRS;

void fake_die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

static uint16_t frames[FAKE_PAGES];

void fake_reset_machine(void)
{
	/* Statistics pages are remembered outside of the partition. */
	if (fake.root.id != 0)
		partition_return_deposits(&fake.root);
	memset(&fake, 0, sizeof(fake));
	for (unsigned int i = 0; i < FAKE_PAGES; i++)
		fake.page[i] = (struct fake_page){.access = GPA_READ | GPA_WRITE | GPA_EXECUTE,
						  .memory = true};
	for (gpa_t page = FAKE_SIMP; page <= FAKE_SIRBP; page += PAGE_SIZE)
		fake.page[page / PAGE_SIZE].memory = false;
	fake.revokes_before_failure = UINT32_MAX;
	fake.protected_mode = true;
	fake.long_mode = true;
	fake.lp_count = 1;
	fake.processors = 1;
	partition_plant(&fake.root);
	memset(frames, 0, sizeof(frames));
	frame_init(&(struct memory_map){.count = 1, .range = {{0, FAKE_SIZE, MEMORY_RAM}}}, frames);
	fake.root.privileges = fake_root_privileges;
	fake.root.features = HV_FEATURE_FREQUENCY_MSRS_AVAILABLE;
	fake.root.guest_os_id = 0x8100000000000000;
	fake.root.gpa.limit = FAKE_LIMIT;
	fake.root.gpa.pool = &fake.reserve;
	page_pool_init(&fake.reserve);
	fake.root.vps[0] = &fake.vp;
	fake.root.vp_count = 1;
	fake.vp.partition = &fake.root;
	synic_reset(&fake.vp.synic, FAKE_SIEFP, FAKE_SIMP, FAKE_SIRBP);
	page_pool_init(&fake.root.pool);
}

void fake_deposit_to(struct partition *p, uint64_t first, uint32_t count)
{
	for (uint64_t number = first; number < first + count; number++) {
		if (!frame_take(number << PAGE_SHIFT) ||
		    !gpa_revoke_page(&fake.root.gpa, number << PAGE_SHIFT))
			fake_die("fake_deposit: page %llu cannot be taken",
				 (unsigned long long)number);
		page_pool_add(&p->pool, number << PAGE_SHIFT);
	}
	gpa_sync();
}

void fake_deposit(uint64_t first, uint32_t count)
{
	fake_deposit_to(&fake.root, first, count);
}

struct vp *fake_child_vp(struct partition *p, uint32_t index)
{
	struct vp *vp;
	spa_t page;

	if (!page_pool_alloc(&p->pool, &page))
		fake_die("fake_child_vp: the pool is empty");
	vp = spa_to_virt(page);
	vp->partition = p;
	vp->index = index;
	p->vps[index] = vp;
	p->vp_count++;
	p->vp_limit = MAX(p->vp_limit, index + 1);
	return vp;
}

void fake_reset(void)
{
	fake_reset_machine();
	memset(fake_memory, 0, sizeof(fake_memory));
}

/* Registers that no call may change. */
static bool same_registers(const struct vp_regs *a, const struct vp_regs *b)
{
	return a->rbx == b->rbx && a->rsp == b->rsp && a->rbp == b->rbp && a->rsi == b->rsi &&
	       a->rdi == b->rdi && a->r9 == b->r9 && a->r10 == b->r10 && a->r11 == b->r11 &&
	       a->r12 == b->r12 && a->r13 == b->r13 && a->r14 == b->r14 && a->r15 == b->r15 &&
	       a->rflags == b->rflags;
}

uint64_t fake_hypercall(uint64_t control, uint64_t input, uint64_t output)
{
	struct vp_regs *regs = &fake.vp.regs;
	struct vp_regs before;

	*regs = (struct vp_regs){
		.rax = 0x1111111111111111,
		.rcx = control,
		.rdx = input,
		.rbx = 3,
		.rsp = 4,
		.rbp = 5,
		.rsi = 6,
		.rdi = 7,
		.r8 = output,
		.r9 = 9,
		.r10 = 10,
		.r11 = 11,
		.r12 = 12,
		.r13 = 13,
		.r14 = 14,
		.r15 = 15,
		.rip = 0x1000,
		.rflags = 2,
	};
	before = *regs;
	fake.advanced = 0;
	fake.raised = 0;
	for (fake.rounds = 1; fake.rounds <= ROUNDS_MAX; fake.rounds++) {
		struct vp_regs last = *regs;

		hypercall_dispatch(&fake.vp);
		if (!same_registers(&before, regs))
			fake_die("a hypercall changed a register that is the caller's");
		if (fake.raised != 0) {
			if (fake.advanced != 0 || memcmp(&last, regs, sizeof(last)) != 0)
				fake_die("an exception left the caller's registers changed");
			return regs->rax;
		}
		if (fake.advanced != 0) {
			if (fake.unsynced)
				fake_die("a page was taken away, and the processors were not told");
			if (fake.advanced != 3 || regs->rip != before.rip + 3)
				fake_die("RIP went on by %u bytes", fake.advanced);
			return regs->rax;
		}
		if (regs->rip != before.rip || regs->rax != before.rax)
			fake_die("a continued hypercall changed RIP or RAX");
		if (regs->rcx == last.rcx && (control & HV_HYPERCALL_REP_COMP_MASK) != 0)
			fake_die("a continued hypercall made no progress");
	}
	fake_die("hypercall 0x%llx does not end", (unsigned long long)control);
}

uint64_t fake_call(uint64_t control, const void *input, size_t size)
{
	memcpy(fake_memory + FAKE_INPUT, input, size);
	memset(fake_memory + FAKE_OUTPUT, 0xEE, PAGE_SIZE);
	return fake_hypercall(control, FAKE_INPUT, FAKE_OUTPUT);
}

void *fake_output(void)
{
	return fake_memory + FAKE_OUTPUT;
}

void fake_snapshot_take(struct fake_snapshot *snapshot)
{
	memcpy(snapshot->memory, fake_memory, sizeof(fake_memory));
	memcpy(snapshot->page, fake.page, sizeof(fake.page));
	snapshot->free_count = fake.root.pool.free_count;
	snapshot->used_count = fake.root.pool.used_count;
}

bool fake_snapshot_same(const struct fake_snapshot *snapshot)
{
	/* The parameter pages are the caller's own. */
	const size_t behind = FAKE_OUTPUT + PAGE_SIZE;

	return memcmp(snapshot->memory, fake_memory, FAKE_INPUT) == 0 &&
	       memcmp(snapshot->memory + behind, fake_memory + behind,
		      sizeof(fake_memory) - behind) == 0 &&
	       memcmp(snapshot->page, fake.page, sizeof(fake.page)) == 0 &&
	       snapshot->free_count == fake.root.pool.free_count &&
	       snapshot->used_count == fake.root.pool.used_count;
}

/* core/panic.h, core/printk.h */

void panic(const char *fmt, ...)
{
	va_list args;

	fputs("panic: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

void vprintk(enum log_level level, const char *fmt, va_list args)
{
	(void)level;
	vformat(fake.log, sizeof(fake.log), fmt, args);
}

void printk(enum log_level level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintk(level, fmt, args);
	va_end(args);
}

/* core/machine.h */

void *spa_to_virt(spa_t spa)
{
	if (spa >= FAKE_SIZE)
		fake_die("SPA 0x%llx is not memory", (unsigned long long)spa);
	return fake_memory + spa;
}

spa_t virt_to_spa(const void *virt)
{
	const uint8_t *p = virt;

	if (p < fake_memory || p >= fake_memory + FAKE_SIZE)
		fake_die("%p is not memory", virt);
	return (spa_t)(p - fake_memory);
}

bool machine_memory_at(const void *virt, spa_t *spa)
{
	*spa = (spa_t)((uintptr_t)virt - (uintptr_t)fake_memory);
	return *spa < FAKE_SIZE;
}

bool machine_owns(spa_t spa, uint64_t size)
{
	return spa < fake.piece_end && spa + size > fake.piece;
}

void machine_check(struct integrity *i)
{
	integrity_sum(i, &fake.image, sizeof(fake.image));
	integrity_expect(i, !fake.machine_broken, "the machine is whole", 77);
}

uint32_t machine_lp_count(void)
{
	return fake.lp_count;
}

bool machine_lp_exists(uint32_t index)
{
	return index < fake.lp_count;
}

bool machine_add_lp(uint32_t index, uint32_t apic_id)
{
	if (index != fake.lp_count || index >= fake.processors || fake.apic_id[index] != apic_id)
		return false;
	fake.lp_count++;
	return true;
}

struct hypercall_buffers *hypercall_buffers(void)
{
	static struct hypercall_buffers buffers __aligned(PAGE_SIZE);

	return &buffers;
}

enum hv_status root_create_vp(uint32_t vp_index, uint32_t lp_index)
{
	fake.created_vp = vp_index;
	fake.created_on = lp_index;
	return fake.create_vp;
}

uint32_t machine_physical_bits(void)
{
	return 40;
}

uint32_t machine_processor_vendor(void)
{
	return HV_PROCESSOR_VENDOR_AMD;
}

uint64_t machine_processor_features(unsigned int bank)
{
	return 0xF0F0 >> bank;
}

uint64_t machine_xsave_states(uint64_t disabled_xsave)
{
	return 7 & ~disabled_xsave;
}

void machine_select_features(const uint64_t disabled[3], uint32_t words[MACHINE_FEATURE_WORDS])
{
	for (unsigned int i = 0; i < MACHINE_FEATURE_WORDS; i++)
		words[i] = ~(uint32_t)disabled[i % 3];
}

uint32_t machine_xsave_size(uint64_t states)
{
	return 576 + (uint32_t)states;
}

uint64_t machine_tsc_frequency(void)
{
	return 2400000000;
}

uint64_t machine_tsc(void)
{
	return fake.reference_time * 240;
}

uint64_t machine_reference_time(void)
{
	return fake.reference_time;
}

bool machine_set_sleep_state(uint32_t state, uint8_t slp_typa, uint8_t slp_typb)
{
	if (state != 5)
		return false;
	fake.sleep_states |= 1u << state;
	fake.slp_typa = slp_typa;
	fake.slp_typb = slp_typb;
	return true;
}

bool machine_sleep_state_known(uint32_t state)
{
	return state < 32 && (fake.sleep_states & 1u << state) != 0;
}

void machine_enter_sleep_state(uint32_t state)
{
	fake.slept = state;
	longjmp(fake.power_off, 1);
}

bool machine_vector_taken(uint8_t vector)
{
	return vector == FAKE_TAKEN_VECTOR;
}

bool machine_root_vp_apic_id(uint32_t vp_index, uint32_t *apic_id)
{
	if (vp_index >= MIN(fake.processors, PARTITION_MAX_VPS))
		return false;
	*apic_id = fake.apic_id[vp_index];
	return true;
}

/* partition/vp.h */

unsigned int vp_cpl(const struct vp *vp)
{
	(void)vp;
	return fake.cpl;
}

bool vp_protected_mode(const struct vp *vp)
{
	(void)vp;
	return fake.protected_mode;
}

bool vp_long_mode(const struct vp *vp)
{
	(void)vp;
	return fake.long_mode;
}

void vp_advance(struct vp *vp, unsigned int length)
{
	vp->regs.rip += length;
	fake.advanced += length;
}

void vp_raise(struct vp *vp, unsigned int vector)
{
	(void)vp;
	fake.raised = vector;
}

void vp_read_xmm(struct vp *vp, unsigned int index, void *value)
{
	(void)vp;
	if (index >= 6)
		fake_die("XMM%u is not a hypercall register", index);
	memcpy(value, fake.xmm[index], 16);
}

void vp_write_xmm(struct vp *vp, unsigned int index, const void *value)
{
	(void)vp;
	if (index >= 6)
		fake_die("XMM%u is not a hypercall register", index);
	memcpy(fake.xmm[index], value, 16);
}

bool vp_is_dispatched(struct vp *vp)
{
	return vp->child.owner != VP_OWNER_NONE;
}

void vp_destroy(struct vp *vp)
{
	page_pool_free(&vp->partition->pool, virt_to_spa(vp));
}

void vp_timer_changed(struct vp *vp)
{
	(void)vp;
	fake.timer_changes++;
}

/* apic/apic.h */

void apic_raise(struct vp *vp, uint8_t vector)
{
	if (vector < 16)
		fake_die("apic_raise: vector %u is an exception's", vector);
	fake.interrupts[vector]++;
	fake.interrupted = vp;
	fake.interrupted_vps[vp->index / 64] |= BIT(vp->index % 64);
}
