// SPDX-License-Identifier: Apache-2.0
#include "core/panic.h"

#include <stdarg.h>

#include "core/console.h"
#include "core/machine.h"
#include "core/printk.h"
#include "core/symbols.h"

/* A chain of stack frames longer than this is taken for damaged. */
#define BACKTRACE_MAX 24u

static void print_address(uint64_t address)
{
	uint64_t offset;
	const char *name = symbol_find(address, &offset);

	if (name)
		printk(LOG_PANIC, "  %016lx %s+0x%lx", address, name, offset);
	else
		printk(LOG_PANIC, "  %016lx", address);
}

void panic_backtrace(uint64_t rip, uint64_t frame)
{
	printk(LOG_PANIC, "back trace:");
	print_address(rip);
	for (unsigned int i = 0; i < BACKTRACE_MAX && machine_is_stack(frame); i++) {
		const uint64_t *at = (const uint64_t *)frame;

		print_address(at[1]);
		if (at[0] <= frame)
			break;
		frame = at[0];
	}
}

void panic_begin(void)
{
	static bool panicking;

	if (__atomic_exchange_n(&panicking, true, __ATOMIC_SEQ_CST))
		machine_stop();
	machine_stop_others();
	printk_mirror(CONSOLE_ALL, LOG_DEBUG);
}

void panic(const char *fmt, ...)
{
	va_list args;

	panic_begin();
	va_start(args, fmt);
	printk(LOG_PANIC, "the hypervisor is broken and stops here");
	vprintk(LOG_PANIC, fmt, args);
	va_end(args);
	machine_describe_panic();
	panic_backtrace((uint64_t)__builtin_return_address(0),
			(uint64_t)__builtin_frame_address(0));
	machine_stop();
}
