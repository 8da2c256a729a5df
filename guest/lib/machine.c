// SPDX-License-Identifier: Apache-2.0
#include "lib/machine.h"

#include "core/string.h"
#include "lib/console.h"
#include "lib/layout.h"
#include "lib/test.h"
#include "lib/trap.h"
#include "x86/cpu.h"

/* Offsets in boot_params (the boot protocol's "zero-page"). */
#define ACPI_RSDP    0x070
#define E820_ENTRIES 0x1e8
#define CMD_LINE_PTR 0x228
#define E820_TABLE   0x2d0
#define E820_SIZE    20u

#define PIC1_MASK  0x21
#define PIC2_MASK  0xa1
#define DEBUG_EXIT 0xf4

extern const uint8_t *boot_params;

static uint8_t pages[MACHINE_PAGES][PAGE_SIZE] __aligned(PAGE_SIZE);

static uint64_t param(size_t offset, size_t size)
{
	uint64_t value = 0;

	memcpy(&value, boot_params + offset, size);
	return value;
}

const char *machine_command_line(void)
{
	return (const char *)(uintptr_t)param(CMD_LINE_PTR, 4);
}

const char *machine_option(const char *option)
{
	size_t length = strlen(option);

	for (const char *p = machine_command_line(); *p != '\0'; p++)
		if (strncmp(p, option, length) == 0)
			return p + length;
	return NULL;
}

uint64_t machine_rsdp(void)
{
	return param(ACPI_RSDP, 8);
}

bool machine_range(unsigned int index, struct machine_range *range)
{
	size_t entry = E820_TABLE + (size_t)index * E820_SIZE;

	if (index >= param(E820_ENTRIES, 1))
		return false;
	range->start = param(entry, 8);
	range->end = range->start + param(entry + 8, 8);
	range->type = (uint32_t)param(entry + 16, 4);
	return true;
}

bool machine_range_of(uint64_t address, struct machine_range *range)
{
	for (unsigned int i = 0; machine_range(i, range); i++)
		if (range->start <= address && address < range->end)
			return true;
	return false;
}

uint64_t machine_page(unsigned int index)
{
	return (uintptr_t)pages[index];
}

void machine_quiet(void)
{
	outb(PIC1_MASK, 0xff);
	outb(PIC2_MASK, 0xff);
}

void machine_exit(bool success)
{
	outb(DEBUG_EXIT, success ? 0 : 1);
	cpu_stop();
}

void trap_unexpected(const struct trap_frame *frame)
{
	console_print("Bail out! exception %lu (error 0x%lx) at 0x%lx, stack 0x%lx\n",
		      frame->vector, frame->error, frame->rip, frame->rsp);
	machine_exit(false);
}
