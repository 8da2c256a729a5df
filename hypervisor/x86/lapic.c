// SPDX-License-Identifier: Apache-2.0
#include "x86/lapic.h"

#include "x86/cpu.h"

#define SVR_ENABLE BIT(8)

static volatile uint8_t *mapped;

bool lapic_is_x2apic(void)
{
	return rdmsr(MSR_APIC_BASE) & APIC_BASE_X2APIC;
}

void lapic_init(void *registers)
{
	mapped = registers;
}

uint32_t lapic_read(uint32_t reg)
{
	if (lapic_is_x2apic())
		return (uint32_t)rdmsr(MSR_X2APIC_FIRST + reg / 16);
	return *(volatile uint32_t *)(mapped + reg);
}

void lapic_write(uint32_t reg, uint32_t value)
{
	if (lapic_is_x2apic())
		wrmsr(MSR_X2APIC_FIRST + reg / 16, value);
	else
		*(volatile uint32_t *)(mapped + reg) = value;
}

uint32_t lapic_id(void)
{
	return lapic_is_x2apic() ? lapic_read(LAPIC_ID) : lapic_read(LAPIC_ID) >> 24;
}

uint64_t lapic_read_icr(void)
{
	if (lapic_is_x2apic())
		return rdmsr(MSR_X2APIC_FIRST + LAPIC_ICR_LOW / 16);
	return (uint64_t)lapic_read(LAPIC_ICR_HIGH) << 32 | lapic_read(LAPIC_ICR_LOW);
}

bool lapic_write_icr(uint64_t value)
{
	if (value & ~LAPIC_ICR_DEFINED)
		return false;
	if (lapic_is_x2apic()) {
		wrmsr(MSR_X2APIC_FIRST + LAPIC_ICR_LOW / 16, value);
		return true;
	}
	lapic_write(LAPIC_ICR_HIGH, (uint32_t)(value >> 32));
	lapic_write(LAPIC_ICR_LOW, (uint32_t)value);
	return true;
}

bool lapic_has_x2apic(void)
{
	return cpuid(1, 0).ecx & BIT(21);
}

void lapic_use_x2apic(void)
{
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE);
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_BASE_X2APIC);
}

static bool any_in_service(void)
{
	uint32_t bits = 0;

	for (uint32_t word = 0; word < 8; word++)
		bits |= lapic_read(LAPIC_ISR + word * 16);
	return bits != 0;
}

void lapic_reset(uint8_t spurious_vector)
{
	static const uint32_t lvts[] = {LAPIC_LVT_TIMER, LAPIC_LVT_THERMAL, LAPIC_LVT_PERFORMANCE,
					LAPIC_LVT_LINT0, LAPIC_LVT_LINT1,   LAPIC_LVT_ERROR};

	for (size_t i = 0; i < ARRAY_SIZE(lvts); i++)
		lapic_write(lvts[i], (uint32_t)LAPIC_LVT_MASKED);
	lapic_write(LAPIC_INITIAL_COUNT, 0);
	lapic_write(LAPIC_DIVIDE, LAPIC_DIVIDE_BY_1);
	lapic_write(LAPIC_TPR, 0);
	lapic_write(LAPIC_SVR, (uint32_t)SVR_ENABLE | spurious_vector);
	/* What firmware left in service: at most one interrupt of each vector. */
	for (unsigned int i = 0; i < 256 && any_in_service(); i++)
		lapic_write(LAPIC_EOI, 0);
}

void lapic_send(uint32_t apic_id, uint32_t command)
{
	if (lapic_is_x2apic()) {
		wrmsr(MSR_X2APIC_FIRST + LAPIC_ICR_LOW / 16, (uint64_t)apic_id << 32 | command);
		return;
	}
	while (lapic_read(LAPIC_ICR_LOW) & LAPIC_ICR_BUSY)
		cpu_relax();
	lapic_write(LAPIC_ICR_HIGH, apic_id << 24);
	lapic_write(LAPIC_ICR_LOW, command);
	while (lapic_read(LAPIC_ICR_LOW) & LAPIC_ICR_BUSY)
		cpu_relax();
}
