// SPDX-License-Identifier: Apache-2.0
#include "x86/power.h"

#include "core/machine.h"
#include "core/panic.h"
#include "core/printk.h"
#include "x86/cpu.h"

/* PM1 control (ACPI 6.5, 4.8.3.2.1). */
#define SLP_TYP_SHIFT 10
#define SLP_TYP_MASK  (7u << SLP_TYP_SHIFT)
#define SLP_EN        (1u << 13)

#define STATE_S5 5u

/* The chipset's reset control register, and the keyboard controller's reset line. */
#define RESET_CONTROL 0xcf9
#define RESET_FULL    0x0e
#define KBC_COMMAND   0x64
#define KBC_RESET     0xfe

static uint16_t pm1a, pm1b;
static uint8_t slp_typ_a, slp_typ_b;
static bool s5_known;

void power_init(uint16_t pm1a_control, uint16_t pm1b_control)
{
	pm1a = pm1a_control;
	pm1b = pm1b_control;
}

bool machine_set_sleep_state(uint32_t state, uint8_t slp_typa, uint8_t slp_typb)
{
	if (state != STATE_S5 || pm1a == 0)
		return false;
	slp_typ_a = slp_typa;
	slp_typ_b = slp_typb;
	s5_known = true;
	return true;
}

bool machine_sleep_state_known(uint32_t state)
{
	return state == STATE_S5 && s5_known;
}

static void enter(uint16_t port, uint8_t slp_typ)
{
	uint32_t value = inw(port) & ~(SLP_TYP_MASK | SLP_EN);

	outw(port,
	     (uint16_t)(value | ((uint32_t)slp_typ << SLP_TYP_SHIFT & SLP_TYP_MASK) | SLP_EN));
}

void machine_enter_sleep_state(uint32_t state)
{
	ASSERT(machine_sleep_state_known(state));
	__asm__ volatile("wbinvd" : : : "memory");
	enter(pm1a, slp_typ_a);
	if (pm1b != 0)
		enter(pm1b, slp_typ_b);
	/* The machine goes off in its own time. */
	cpu_stop();
}

void machine_reset(void)
{
	printk(LOG_INFO, "power: resetting the machine");
	outb(RESET_CONTROL, RESET_FULL & ~4);
	outb(RESET_CONTROL, RESET_FULL);
	outb(KBC_COMMAND, KBC_RESET);
	cpu_stop();
}

void machine_stop(void)
{
	cpu_stop();
}
