// SPDX-License-Identifier: Apache-2.0
#include "x86/lapic.h"

#include "x86/cpu.h"

/* Bits of the ICR that exist; in x2APIC mode setting another one faults (APM 16.13.4, Intel SDM
 * 3A 12.12.9). */
#define ICR_DEFINED 0xffffffff000ccfffUL

static volatile uint8_t *mapped;

static bool x2apic(void)
{
	return rdmsr(MSR_APIC_BASE) & APIC_BASE_X2APIC;
}

void lapic_init(void *registers)
{
	mapped = registers;
}

uint32_t lapic_read(uint32_t reg)
{
	if (x2apic())
		return (uint32_t)rdmsr(MSR_X2APIC_FIRST + reg / 16);
	return *(volatile uint32_t *)(mapped + reg);
}

void lapic_write(uint32_t reg, uint32_t value)
{
	if (x2apic())
		wrmsr(MSR_X2APIC_FIRST + reg / 16, value);
	else
		*(volatile uint32_t *)(mapped + reg) = value;
}

uint32_t lapic_id(void)
{
	return x2apic() ? lapic_read(LAPIC_ID) : lapic_read(LAPIC_ID) >> 24;
}

uint64_t lapic_read_icr(void)
{
	if (x2apic())
		return rdmsr(MSR_X2APIC_FIRST + LAPIC_ICR_LOW / 16);
	return (uint64_t)lapic_read(LAPIC_ICR_HIGH) << 32 | lapic_read(LAPIC_ICR_LOW);
}

bool lapic_write_icr(uint64_t value)
{
	if (value & ~ICR_DEFINED)
		return false;
	if (x2apic()) {
		wrmsr(MSR_X2APIC_FIRST + LAPIC_ICR_LOW / 16, value);
		return true;
	}
	lapic_write(LAPIC_ICR_HIGH, (uint32_t)(value >> 32));
	lapic_write(LAPIC_ICR_LOW, (uint32_t)value);
	return true;
}
