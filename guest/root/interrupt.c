// SPDX-License-Identifier: Apache-2.0
/* Device interrupts of the root. Source: what Linux's root partition code asks and does with it. */
#include "abi/hv/interrupt.h"

#include "abi/hv/hypercall.h"
#include "abi/hv/status.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/test.h"
#include "x86/cpu.h"
#include "x86/lapic.h"

#define PCI_DEVICE    ((uint64_t)HV_DEVICE_TYPE_PCI << HV_DEVICE_TYPE_SHIFT | 0x00f8)
#define IOAPIC_DEVICE ((uint64_t)HV_DEVICE_TYPE_IOAPIC << HV_DEVICE_TYPE_SHIFT)

#define VECTOR_DEVICE 0x61u

/* The I/O APIC's registers: an index, a window, and two words a pin from 0x10 on. */
#define IOAPIC       0xfec00000UL
#define IOAPIC_DATA  0x10u
#define IOAPIC_TABLE 0x10u
#define RTE_MASKED   BIT(16)

#define COM1     0x3f8
#define COM1_PIN 4u
#define UART_IER 1
#define UART_IIR 2
#define UART_MCR 4

#define LAPIC_SPURIOUS 0x0f0u

/* A request as Linux makes it: vector `vector`, edge, to VP 0 as a set of one bank. */
static struct hv_input_map_device_interrupt *prepare(uint64_t device, uint32_t vector)
{
	struct hv_input_map_device_interrupt *in = hypercall_prepare();
	uint64_t *set = (uint64_t *)(in + 1);

	in->partition_id = 1;
	in->device_id = device;
	in->vector_count = 1;
	in->target_vector = vector;
	in->target_flags = HV_DEVICE_INTERRUPT_TARGET_PROCESSOR_SET;
	in->target = HV_GENERIC_SET_SPARSE_4K;
	set[0] = 1; /* bank 0 */
	set[1] = 1; /* VP 0 */
	return in;
}

static uint64_t map(void)
{
	return hypercall(CONTROL_VARIABLE(HVCALL_MAP_DEVICE_INTERRUPT, 2));
}

static struct hv_interrupt_entry mapped(void)
{
	struct hv_output_map_device_interrupt out;

	memcpy(&out, hypercall_out, sizeof(out));
	return out.interrupt_entry;
}

static uint64_t unmap(uint64_t device, struct hv_interrupt_entry entry)
{
	struct hv_input_unmap_device_interrupt *in = hypercall_prepare();

	in->partition_id = 1;
	in->device_id = device;
	in->interrupt_entry = entry;
	return hypercall(CONTROL(HVCALL_UNMAP_DEVICE_INTERRUPT));
}

static uint64_t apic_id(void)
{
	return cpuid(1, 0).ebx >> 24;
}

TEST(msi, "interrupt: MSI of a PCI device becomes a message to VP 0's processor")
{
	struct hv_interrupt_entry entry;

	prepare(PCI_DEVICE, VECTOR_DEVICE);
	EXPECT_EQ(map(), HV_STATUS_SUCCESS);
	entry = mapped();
	EXPECT_EQ(entry.source, HV_INTERRUPT_SOURCE_MSI);
	EXPECT_EQ((uint32_t)entry.data, 0xfee00000 | apic_id() << 12);
	EXPECT_EQ(entry.data >> 32, VECTOR_DEVICE);
	EXPECT_EQ(unmap(PCI_DEVICE, entry), HV_STATUS_SUCCESS);
	/* And once more, as on every change of affinity. */
	prepare(PCI_DEVICE, VECTOR_DEVICE + 1);
	EXPECT_EQ(map(), HV_STATUS_SUCCESS);
	EXPECT_EQ(unmap(PCI_DEVICE, mapped()), HV_STATUS_SUCCESS);
}

TEST(ioapic, "interrupt: a pin of the I/O APIC gets a redirection entry, edge or level")
{
	struct hv_interrupt_entry entry;

	for (uint32_t level = 0; level <= 1; level++) {
		prepare(IOAPIC_DEVICE, VECTOR_DEVICE)->trigger_mode = level;
		test_about("level %u", level);
		EXPECT_EQ(map(), HV_STATUS_SUCCESS);
		entry = mapped();
		EXPECT_EQ(entry.source, HV_INTERRUPT_SOURCE_IOAPIC);
		EXPECT_EQ(entry.data & 0xff, VECTOR_DEVICE);
		EXPECT_EQ(entry.data >> 8 & 0xf, 0); /* fixed, physical */
		EXPECT_EQ(entry.data >> 56, apic_id());
		EXPECT_EQ(entry.data >> 15 & 1, level);
		EXPECT_EQ(unmap(IOAPIC_DEVICE, entry), HV_STATUS_SUCCESS);
	}
}

/* Linux never asks for these six: it leaves them to the hypervisor, which uses two of them. */
static bool left_to_hypervisor(uint32_t vector)
{
	return vector == 0x1f || vector == 0x29 || vector == 0x2c || vector == 0x2d ||
	       vector == 0x2f || vector == 0xd2;
}

TEST(vectors,
     "interrupt: vectors from 16 to 255 can be mapped but for the hypervisor's, others not")
{
	unsigned int refused = 0;

	for (uint32_t vector = 0; vector <= 256; vector++) {
		uint64_t status;

		prepare(IOAPIC_DEVICE, vector);
		test_about("vector %u", vector);
		status = map();
		if (status == HV_STATUS_INVALID_PARAMETER && left_to_hypervisor(vector)) {
			refused++;
			continue;
		}
		EXPECT_EQ(status, vector >= 16 && vector <= 255 ? HV_STATUS_SUCCESS
								: HV_STATUS_INVALID_PARAMETER);
	}
	test_about(NULL);
	EXPECT_EQ(refused, 2);
}

TEST(refused, "interrupt: requests that make no sense")
{
	struct hv_input_map_device_interrupt *in = prepare(IOAPIC_DEVICE, VECTOR_DEVICE);

	in->partition_id = 2;
	EXPECT_EQ(map(), HV_STATUS_INVALID_PARTITION_ID);
	prepare((uint64_t)HV_DEVICE_TYPE_LOGICAL << HV_DEVICE_TYPE_SHIFT, VECTOR_DEVICE);
	EXPECT_EQ(map(), HV_STATUS_INVALID_DEVICE_ID);
	prepare((uint64_t)HV_DEVICE_TYPE_ACPI << HV_DEVICE_TYPE_SHIFT, VECTOR_DEVICE);
	EXPECT_EQ(map(), HV_STATUS_INVALID_DEVICE_ID);
	prepare(IOAPIC_DEVICE, VECTOR_DEVICE)->trigger_mode = 2;
	EXPECT_EQ(map(), HV_STATUS_INVALID_PARAMETER);
	prepare(IOAPIC_DEVICE, VECTOR_DEVICE)->interrupt_type = HV_X64_INTERRUPT_TYPE_NMI;
	EXPECT_EQ(map(), HV_STATUS_INVALID_PARAMETER);
	prepare(IOAPIC_DEVICE, VECTOR_DEVICE)->interrupt_type = HV_X64_INTERRUPT_TYPE_INIT;
	EXPECT_EQ(map(), HV_STATUS_INVALID_PARAMETER);
	prepare(IOAPIC_DEVICE, VECTOR_DEVICE)->vector_count = 2;
	EXPECT_EQ(map(), HV_STATUS_INVALID_PARAMETER);
	prepare(IOAPIC_DEVICE, VECTOR_DEVICE)->target = 2; /* no format of a set */
	EXPECT_EQ(map(), HV_STATUS_INVALID_PARAMETER);
}

TEST(sets, "interrupt: sets of processors that are empty, or do not match their mask")
{
	struct hv_input_map_device_interrupt *in = prepare(IOAPIC_DEVICE, VECTOR_DEVICE);
	uint64_t *set = (uint64_t *)(in + 1);

	set[1] = 0;
	EXPECT_EQ(map(), HV_STATUS_INVALID_VP_INDEX);
	set[1] = 2; /* VP 1 */
	EXPECT_EQ(map(), HV_STATUS_INVALID_VP_INDEX);
	set[1] = 3; /* the lowest counts */
	EXPECT_EQ(map(), HV_STATUS_SUCCESS);
	set[0] = 2; /* bank 1: VPs from 64 on */
	EXPECT_EQ(map(), HV_STATUS_INVALID_VP_INDEX);
	set[0] = 3; /* two banks, one passed */
	EXPECT_EQ(map(), HV_STATUS_INVALID_PARAMETER);
	set[0] = 0;
	EXPECT_EQ(map(), HV_STATUS_INVALID_PARAMETER);
	set[0] = 1;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_MAP_DEVICE_INTERRUPT)), HV_STATUS_INVALID_PARAMETER);
}

TEST(mask_target, "interrupt: the target may be a mask of processors without a set")
{
	struct hv_input_map_device_interrupt *in = prepare(PCI_DEVICE, VECTOR_DEVICE);

	in->target_flags = 0;
	in->target = 1;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_MAP_DEVICE_INTERRUPT)), HV_STATUS_SUCCESS);
	EXPECT_EQ((uint32_t)mapped().data, 0xfee00000 | apic_id() << 12);
	in->target = 0;
	EXPECT_EQ(hypercall(CONTROL(HVCALL_MAP_DEVICE_INTERRUPT)), HV_STATUS_INVALID_VP_INDEX);
}

TEST(unmap_refused, "interrupt: entries that no mapping can have given are not unmapped")
{
	struct hv_interrupt_entry entry = {.source = HV_INTERRUPT_SOURCE_IOAPIC,
					   .data = VECTOR_DEVICE};

	EXPECT_EQ(unmap(PCI_DEVICE, entry), HV_STATUS_INVALID_PARAMETER);
	EXPECT_EQ(unmap((uint64_t)HV_DEVICE_TYPE_ACPI << HV_DEVICE_TYPE_SHIFT, entry),
		  HV_STATUS_INVALID_DEVICE_ID);
	entry.data = 3;
	EXPECT_EQ(unmap(IOAPIC_DEVICE, entry), HV_STATUS_INVALID_PARAMETER);
}

static volatile unsigned int interrupts;

static void on_interrupt(struct trap_frame *frame)
{
	(void)frame;
	interrupts++;
	inb(COM1 + UART_IIR); /* ends the transmitter's request */
	lapic_write(LAPIC_EOI, 0);
}

static void ioapic_write(uint32_t reg, uint32_t value)
{
	*(volatile uint32_t *)IOAPIC = reg;
	*(volatile uint32_t *)(IOAPIC + IOAPIC_DATA) = value;
}

TEST(delivered, "interrupt: with the entry in the I/O APIC the device's interrupt arrives")
{
	uint64_t rte;

	interrupts = 0;
	prepare(IOAPIC_DEVICE, VECTOR_DEVICE);
	if (!EXPECT_EQ(map(), HV_STATUS_SUCCESS))
		return;
	rte = mapped().data;
	lapic_init((void *)0xfee00000UL);
	lapic_write(LAPIC_SPURIOUS, lapic_read(LAPIC_SPURIOUS) | 0x100);
	trap_handle(VECTOR_DEVICE, on_interrupt);
	ioapic_write(IOAPIC_TABLE + 2 * COM1_PIN + 1, (uint32_t)(rte >> 32));
	ioapic_write(IOAPIC_TABLE + 2 * COM1_PIN, (uint32_t)rte);
	outb(COM1 + UART_MCR, 0x0b); /* OUT2 lets the interrupt out */
	__asm__ volatile("sti");
	outb(COM1 + UART_IER, 2); /* the transmitter is empty */
	for (unsigned int i = 0; i < 10000000 && interrupts == 0; i++)
		cpu_relax();
	__asm__ volatile("cli");
	outb(COM1 + UART_IER, 0);
	outb(COM1 + UART_MCR, 0x03);
	ioapic_write(IOAPIC_TABLE + 2 * COM1_PIN, (uint32_t)RTE_MASKED);
	trap_handle(VECTOR_DEVICE, NULL);
	EXPECT_EQ(interrupts, 1);
}
