// SPDX-License-Identifier: Apache-2.0
#include "x86/exception.h"

#include "core/machine.h"
#include "core/panic.h"
#include "core/printk.h"
#include "x86/cpu.h"
#include "x86/interrupt.h"
#include "x86/lp.h"

static const char *const names[EXCEPTION_COUNT] = {
	"divide error",
	"debug",
	"NMI",
	"breakpoint",
	"overflow",
	"bound range",
	"invalid opcode",
	"device not available",
	"double fault",
	"coprocessor overrun",
	"invalid TSS",
	"segment not present",
	"stack fault",
	"general protection",
	"page fault",
	NULL,
	"x87 error",
	"alignment check",
	"machine check",
	"SIMD error",
	"virtualization",
	"control protection",
};

/*
 * The root can let devices send any vector. Nothing in a window raises an exception, but for
 * non-maskable interrupts and machine checks, which come when they like.
 */
static bool is_interrupt(const struct exception_frame *f)
{
	if (f->rip < (uint64_t)interrupt_windows || f->rip >= (uint64_t)interrupt_windows_end)
		return false;
	return f->vector != EXCEPTION_MC || !(rdmsr(MSR_MCG_STATUS) & MCG_STATUS_MCIP);
}

void exception_handle(struct exception_frame *f)
{
	const char *name = f->vector < EXCEPTION_COUNT ? names[f->vector] : NULL;

	if (f->vector == EXCEPTION_NMI) {
		lp_nmi(this_lp());
		return;
	}
	if (is_interrupt(f)) {
		interrupt_handle(f->vector);
		return;
	}
	if (f->vector == EXCEPTION_MC && lp_machine_check(this_lp()))
		return;
	panic_begin();
	printk(LOG_PANIC,
	       "the hypervisor is broken and stops here: %s (vector %lu, error code 0x%lx)",
	       name ? name : "exception", f->vector, f->error);
	printk(LOG_PANIC, "rip %016lx rsp %016lx rflags %08lx cr2 %016lx cr3 %016lx", f->rip,
	       f->rsp, f->rflags, read_cr2(), read_cr3());
	printk(LOG_PANIC, "rax %016lx rbx %016lx rcx %016lx rdx %016lx", f->rax, f->rbx, f->rcx,
	       f->rdx);
	printk(LOG_PANIC, "rsi %016lx rdi %016lx rbp %016lx r8  %016lx", f->rsi, f->rdi, f->rbp,
	       f->r8);
	printk(LOG_PANIC, "r9  %016lx r10 %016lx r11 %016lx r12 %016lx", f->r9, f->r10, f->r11,
	       f->r12);
	printk(LOG_PANIC, "r13 %016lx r14 %016lx r15 %016lx", f->r13, f->r14, f->r15);
	machine_describe_panic();
	panic_backtrace(f->rip, f->rbp);
	machine_stop();
}
