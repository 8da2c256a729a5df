// SPDX-License-Identifier: Apache-2.0
/* A device's interrupt: the serial port's empty transmitter, by the I/O APIC, edge-triggered. */
#include "abi/hv/hypercall.h"
#include "abi/hv/interrupt.h"
#include "abi/hv/status.h"
#include "bench/bench.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/test.h"
#include "lib/trap.h"
#include "x86/cpu.h"

#define VECTOR_DEVICE 0x61u

/* The I/O APIC's registers: an index, a window, and two words a pin from 0x10 on. */
#define IOAPIC       0xfec00000UL
#define IOAPIC_DATA  0x10u
#define IOAPIC_TABLE 0x10u
#define RTE_MASKED   BIT(16)

#define COM1            0x3f8
#define COM1_PIN        4u
#define UART_IER        1
#define UART_IIR        2
#define UART_MCR        4
#define IER_TRANSMITTER 0x02
#define MCR_READY       0x03
#define MCR_OUT2        0x08 /* lets the interrupt out */

/* Looks at the flag until an interrupt counts as lost. */
#define PATIENCE 10000000u

static volatile bool taken;

static void on_interrupt(struct trap_frame *frame)
{
	(void)frame;
	inb(COM1 + UART_IIR); /* ends the transmitter's request */
	bench_end_interrupt();
	taken = true;
}

static void ioapic_write(uint32_t reg, uint32_t value)
{
	*(volatile uint32_t *)IOAPIC = reg;
	*(volatile uint32_t *)(IOAPIC + IOAPIC_DATA) = value;
}

static void set_entry(uint64_t entry)
{
	ioapic_write(IOAPIC_TABLE + 2 * COM1_PIN, (uint32_t)RTE_MASKED);
	ioapic_write(IOAPIC_TABLE + 2 * COM1_PIN + 1, (uint32_t)(entry >> 32));
	ioapic_write(IOAPIC_TABLE + 2 * COM1_PIN, (uint32_t)entry);
}

/* The redirection entry for VECTOR_DEVICE on VP 0. Returns false if the hypervisor gives none. */
static bool map(uint64_t *entry)
{
	struct hv_input_map_device_interrupt *in = hypercall_prepare();
	struct hv_output_map_device_interrupt out;

	in->partition_id = HV_PARTITION_ID_SELF;
	in->device_id = (uint64_t)HV_DEVICE_TYPE_IOAPIC << HV_DEVICE_TYPE_SHIFT;
	in->vector_count = 1;
	in->target_vector = VECTOR_DEVICE;
	in->target = 1; /* a mask: VP 0 */
	if (!EXPECT_EQ(hypercall(CONTROL(HVCALL_MAP_DEVICE_INTERRUPT)), HV_STATUS_SUCCESS))
		return false;
	memcpy(&out, hypercall_out, sizeof(out));
	*entry = out.interrupt_entry.data;
	return true;
}

/* Let the transmitter raise its interrupt; returns false if it does not come. */
static bool interrupt(void)
{
	taken = false;
	__asm__ volatile("sti");
	outb(COM1 + UART_IER, IER_TRANSMITTER);
	for (unsigned int i = 0; i < PATIENCE && !taken; i++)
		cpu_relax();
	__asm__ volatile("cli");
	outb(COM1 + UART_IER, 0);
	return taken;
}

TEST(device, "root-device-interrupt: of the serial port, through the I/O APIC")
{
	uint64_t entry, before;

	if (!bench_hypervisor.is_root) {
		test_skip("the hypervisor shows no counters");
		return;
	}
	if (!bench_apic()) {
		test_skip("the processor has no x2APIC mode");
		return;
	}
	if (!map(&entry))
		return;
	trap_handle(VECTOR_DEVICE, on_interrupt);
	set_entry(entry);
	outb(COM1 + UART_MCR, MCR_READY | MCR_OUT2);
	for (unsigned int i = 0; i < BENCH_WARM_UP; i++)
		EXPECT(interrupt());
	before = bench_switches();
	for (unsigned int i = 0; i < BENCH_ROUNDS; i++)
		if (!EXPECT(interrupt()))
			break;
	bench_report_switches("root-device-interrupt", before, BENCH_ROUNDS);
	outb(COM1 + UART_MCR, MCR_READY);
	set_entry(RTE_MASKED);
	trap_handle(VECTOR_DEVICE, NULL);
}
