// SPDX-License-Identifier: Apache-2.0
/*
 * Interrupts through the virtual APIC: from oneself, its timer, devices and the 8259. Source: AMD64
 * APM volume 2, chapter 16; TLFS, "Virtual Interrupts", "Guest Idle".
 */
#include "root/apic.h"

#include "abi/hv/msr.h"
#include "abi/hv/synic.h"
#include "core/string.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

#define LOW    0x41u
#define MIDDLE 0x51u
#define HIGH   0x61u

/* 100 ns are so many ticks of the APIC's timer, undivided (200 MHz). */
#define TICKS_PER_UNIT 20u
#define MILLISECOND    10000u
#define LVT_PERIODIC   0x20000u

/* The I/O APIC and its pin of COM1 (guest/root/interrupt.c). */
#define IOAPIC       0xfec00000UL
#define IOAPIC_DATA  0x10u
#define IOAPIC_TABLE 0x10u
#define COM1         0x3f8
#define COM1_PIN     4u
#define UART_IER     1
#define UART_IIR     2
#define UART_MCR     4

/* The 8259s, and the interval timer on the first one's input 0. */
#define PIC1      0x20
#define PIC1_DATA 0x21
#define PIC2_DATA 0xa1
#define PIC_EOI   0x20
#define PIT_DATA  0x40
#define PIT_MODE  0x43
#define PIT_FAST  11932u /* 10 ms */

/* Bound of all waits, in 100 ns. */
#define PATIENCE (20UL * 10000000)

static uint64_t now(void)
{
	return rdmsr(HV_X64_MSR_TIME_REF_COUNT);
}

/* Let interrupts in until there were `count`. */
static bool wait_for(unsigned int count)
{
	uint64_t end = now() + PATIENCE;

	while (apic_seen.count < count && now() < end)
		apic_open();
	return apic_seen.count >= count;
}

static void wait_until(uint64_t time)
{
	while (now() < time)
		apic_open();
}

static void handle(trap_handler *handler)
{
	trap_handle(LOW, handler);
	trap_handle(MIDDLE, handler);
	trap_handle(HIGH, handler);
}

TEST(once, "apic: an interrupt to oneself comes once, in either mode, by either register")
{
	handle(apic_count);
	for (unsigned int x2apic = 0; x2apic < 2 && apic_use(x2apic); x2apic++) {
		test_about("x2APIC mode %u", x2apic);
		apic_send_self(MIDDLE);
		apic_send_self(MIDDLE);
		EXPECT(apic_requested(MIDDLE));
		EXPECT(!apic_in_service(MIDDLE));
		apic_open();
		EXPECT_EQ(apic_seen.count, 1);
		apic_open();
		EXPECT_EQ(apic_seen.count, 1);
		EXPECT(!apic_requested(MIDDLE) && !apic_in_service(MIDDLE));
		if (x2apic)
			lapic_write(LAPIC_SELF_IPI, MIDDLE);
		else
			wrmsr(HV_X64_MSR_ICR, LAPIC_ICR_SELF | MIDDLE);
		apic_open();
		EXPECT_EQ(apic_seen.count, 2);
	}
	apic_use(false);
	handle(NULL);
}

TEST(order, "apic: what waits comes in order of its class, and CR8 holds classes back")
{
	apic_ready();
	handle(apic_count);
	apic_send_self(LOW);
	apic_send_self(HIGH);
	apic_send_self(MIDDLE);
	write_cr8(6);
	EXPECT_EQ(lapic_read(LAPIC_TPR), 0x60);
	EXPECT_EQ(lapic_read(LAPIC_PPR), 0x60);
	apic_open();
	EXPECT_EQ(apic_seen.count, 0);
	write_cr8(5);
	apic_open();
	EXPECT_EQ(apic_seen.order, 0x6);
	/* Lowered while interrupts are on: it comes then. */
	__asm__ volatile("sti; nop; mov %0, %%cr8; nop; cli" : : "r"(4UL) : "memory");
	EXPECT_EQ(apic_seen.order, 0x65);
	lapic_write(LAPIC_TPR, 0x3f);
	EXPECT_EQ(read_cr8(), 3);
	apic_open();
	EXPECT_EQ(apic_seen.order, 0x654);
	write_cr8(0);
	handle(NULL);
}

/* Sends what is above and below, and lets it in before its own end. */
static void on_middle(struct trap_frame *frame)
{
	(void)frame;
	EXPECT_EQ(lapic_read(LAPIC_PPR), MIDDLE & 0xf0);
	apic_send_self(MIDDLE + 1);
	apic_send_self(LOW);
	apic_send_self(HIGH);
	apic_open();
	EXPECT_EQ(apic_seen.order, 0x6);
	EXPECT(apic_in_service(MIDDLE) && !apic_in_service(HIGH));
	lapic_write(LAPIC_EOI, 0);
	apic_open();
	EXPECT_EQ(apic_seen.order, 0x654);
}

TEST(nesting, "apic: within a handler only higher classes come, the others after its end")
{
	apic_ready();
	handle(apic_count);
	trap_handle(MIDDLE, on_middle);
	trap_handle(MIDDLE + 1, apic_count);
	apic_send_self(MIDDLE);
	apic_open();
	EXPECT_EQ(apic_seen.count, 3);
	trap_handle(MIDDLE + 1, NULL);
	handle(NULL);
}

TEST(halt, "apic: STI and HLT wake to what was pending, and to the timer")
{
	apic_ready();
	handle(apic_count);
	apic_send_self(MIDDLE);
	__asm__ volatile("sti; hlt; cli" : : : "memory");
	EXPECT_EQ(apic_seen.count, 1);
	lapic_write(LAPIC_DIVIDE, LAPIC_DIVIDE_BY_1);
	lapic_write(LAPIC_LVT_TIMER, HIGH);
	lapic_write(LAPIC_INITIAL_COUNT, MILLISECOND * TICKS_PER_UNIT);
	__asm__ volatile("sti; hlt; cli" : : : "memory");
	EXPECT_EQ(apic_seen.count, 2);
	lapic_write(LAPIC_LVT_TIMER, (uint32_t)LAPIC_LVT_MASKED);
	handle(NULL);
}

TEST(switched_off, "apic: one that is switched off forgets what waited, and nothing hangs")
{
	apic_use(false);
	handle(apic_count);
	apic_send_self(MIDDLE);
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) & ~APIC_BASE_ENABLE);
	apic_open();
	EXPECT_EQ(apic_seen.count, 0);
	apic_use(false);
	apic_open();
	EXPECT_EQ(apic_seen.count, 0);
	/* Disabled by software it keeps what it has, and takes no more. */
	apic_send_self(MIDDLE);
	lapic_write(LAPIC_SVR, SVR_SPURIOUS);
	apic_send_self(HIGH);
	apic_open();
	EXPECT_EQ(apic_seen.order, 0x5);
	apic_use(false);
	handle(NULL);
}

static void assist(bool enable)
{
	uint64_t value = rdmsr(HV_X64_MSR_VP_ASSIST_PAGE) & ~HV_X64_MSR_VP_ASSIST_PAGE_ENABLE;

	wrmsr(HV_X64_MSR_VP_ASSIST_PAGE, value | (enable ? HV_X64_MSR_VP_ASSIST_PAGE_ENABLE : 0));
}

TEST(eoi_assist, "apic: with the assist page an end needs no EOI, unless something waits for it")
{
	uint64_t ends, granted;

	apic_ready();
	handle(apic_count);
	assist(true);
	ends = root_counter("apic.eoi");
	granted = root_counter("apic.eoi_granted");
	for (unsigned int i = 1; i <= 5; i++) {
		apic_send_self(MIDDLE);
		apic_open();
		EXPECT_EQ(apic_seen.count, i);
		EXPECT(apic_seen.granted);
		EXPECT(!apic_in_service(MIDDLE));
		EXPECT_EQ(lapic_read(LAPIC_PPR), 0);
	}
	EXPECT_EQ(root_counter("apic.eoi"), ends);
	EXPECT_EQ(root_counter("apic.eoi_granted") - granted, 5);
	/* Something lower waits behind it. */
	apic_send_self(LOW);
	apic_send_self(MIDDLE);
	write_cr8(4);
	apic_open();
	EXPECT_EQ(apic_seen.count, 6);
	EXPECT(!apic_seen.granted);
	write_cr8(0);
	apic_open();
	EXPECT_EQ(apic_seen.count, 7);
	EXPECT(apic_seen.granted);
	assist(false);
	apic_send_self(MIDDLE);
	apic_open();
	EXPECT_EQ(apic_seen.count, 8);
	EXPECT(!apic_seen.granted);
	EXPECT(!apic_in_service(MIDDLE));
	handle(NULL);
}

static void timer(uint32_t lvt, uint32_t count)
{
	lapic_write(LAPIC_DIVIDE, LAPIC_DIVIDE_BY_1);
	lapic_write(LAPIC_LVT_TIMER, lvt);
	lapic_write(LAPIC_INITIAL_COUNT, count);
}

TEST(one_shot, "apic: the timer expires once, never early")
{
	apic_ready();
	handle(apic_count);
	for (unsigned int i = 1; i <= 20; i++) {
		uint32_t units = 500 * i;
		uint64_t start = now();

		test_about("%u units", units);
		timer(HIGH, units * TICKS_PER_UNIT);
		EXPECT(wait_for(i));
		EXPECT(apic_seen.time - start >= units);
		EXPECT_EQ(lapic_read(LAPIC_CURRENT_COUNT), 0);
	}
	test_about(NULL);
	wait_until(now() + 2UL * MILLISECOND);
	EXPECT_EQ(apic_seen.count, 20);
	/* Masked, it counts and says nothing. */
	timer((uint32_t)LAPIC_LVT_MASKED | HIGH, UINT32_MAX);
	EXPECT(lapic_read(LAPIC_CURRENT_COUNT) > 0);
	timer((uint32_t)LAPIC_LVT_MASKED | HIGH, MILLISECOND * TICKS_PER_UNIT);
	wait_until(now() + 2UL * MILLISECOND);
	EXPECT_EQ(lapic_read(LAPIC_CURRENT_COUNT), 0);
	lapic_write(LAPIC_LVT_TIMER, HIGH);
	apic_open();
	EXPECT_EQ(apic_seen.count, 20);
	handle(NULL);
}

TEST(periodic, "apic: the periodic timer keeps its grid, and runs on when it becomes a one-shot")
{
	const uint32_t period = 2 * MILLISECOND;
	unsigned int seen;
	uint64_t start;

	apic_ready();
	handle(apic_count);
	start = now();
	timer(LVT_PERIODIC | HIGH, period * TICKS_PER_UNIT);
	for (unsigned int i = 1; i <= 10; i++) {
		test_about("period %u", i);
		EXPECT(wait_for(i));
		EXPECT(apic_seen.time - start >= (uint64_t)i * period);
	}
	test_about(NULL);
	lapic_write(LAPIC_LVT_TIMER, HIGH);
	/* One more; and one may be pending. */
	seen = apic_seen.count;
	EXPECT(wait_for(seen + 1));
	wait_until(now() + 3UL * period);
	EXPECT(apic_seen.count <= seen + 2);
	EXPECT_EQ(lapic_read(LAPIC_CURRENT_COUNT), 0);
	handle(NULL);
}

TEST_ENDING(TEST_ALONE, long_timer,
	    "apic: a timer beyond what the processor's counts comes as well")
{
	uint64_t start;

	apic_ready();
	handle(apic_count);
	start = now();
	timer(HIGH, 1200000000); /* six seconds */
	EXPECT(wait_for(1));
	EXPECT(apic_seen.time - start >= 60000000);
	handle(NULL);
}

TEST(idle,
     "apic: the idle register waits for an interrupt, with interrupts off, and leaves it there")
{
	uint64_t start;

	apic_ready();
	handle(apic_count);
	start = now();
	timer(HIGH, 5 * MILLISECOND * TICKS_PER_UNIT);
	while (!apic_requested(HIGH))
		rdmsr(HV_X64_MSR_GUEST_IDLE);
	EXPECT(now() - start >= 5UL * MILLISECOND);
	EXPECT_EQ(apic_seen.count, 0);
	/* It is pending: no more waiting. */
	for (unsigned int i = 0; i < 100; i++)
		EXPECT_EQ(rdmsr(HV_X64_MSR_GUEST_IDLE), 0);
	apic_open();
	EXPECT_EQ(apic_seen.count, 1);
	/* What TPR holds back wakes nobody; the timer does. */
	write_cr8(5);
	apic_send_self(MIDDLE);
	start = now();
	timer(HIGH, 5 * MILLISECOND * TICKS_PER_UNIT);
	rdmsr(HV_X64_MSR_GUEST_IDLE);
	EXPECT(now() - start >= 5UL * MILLISECOND);
	write_cr8(0);
	apic_open();
	EXPECT_EQ(apic_seen.count, 3);
	handle(NULL);
}

/* Devices */

static void ioapic_write(uint32_t reg, uint32_t value)
{
	*(volatile uint32_t *)IOAPIC = reg;
	*(volatile uint32_t *)(IOAPIC + IOAPIC_DATA) = value;
}

void apic_route_line(uint32_t entry)
{
	ioapic_write(IOAPIC_TABLE + 2 * COM1_PIN + 1, cpuid(1, 0).ebx & 0xff000000);
	ioapic_write(IOAPIC_TABLE + 2 * COM1_PIN, entry);
}

void apic_raise_line(void)
{
	outb(COM1 + UART_MCR, 0x0b);
	outb(COM1 + UART_IER, 2);
}

void apic_lower_line(void)
{
	outb(COM1 + UART_IER, 0);
	outb(COM1 + UART_MCR, 0x03);
}

/* Leaves the line as it is, three times. */
static void on_level(struct trap_frame *frame)
{
	(void)frame;
	apic_seen.count++;
	/* It does not come again before its end. */
	EXPECT(apic_in_service(HIGH));
	for (unsigned int i = 0; i < 10; i++)
		apic_open();
	if (apic_seen.count == 2)
		apic_send_self(HIGH); /* an edge with its vector changes nothing */
	if (apic_seen.count == 5)
		apic_lower_line();
	lapic_write(LAPIC_EOI, 0);
}

TEST(level, "apic: a level comes again after each end until the device is content")
{
	uint64_t levels = root_counter("interrupt.level");

	apic_ready();
	trap_handle(HIGH, on_level);
	trap_handle(LOW, apic_count);
	apic_route_line(APIC_RTE_LEVEL | HIGH);
	apic_raise_line();
	EXPECT(wait_for(5));
	wait_until(now() + MILLISECOND);
	EXPECT_EQ(apic_seen.count, 5);
	EXPECT(root_counter("interrupt.level") - levels >= 4);
	apic_route_line(APIC_RTE_MASKED);
	/* Nothing is left in service that would hold back what is lower. */
	memset(&apic_seen, 0, sizeof(apic_seen));
	apic_route_line(LOW);
	apic_raise_line();
	EXPECT(wait_for(1));
	apic_lower_line();
	apic_route_line(APIC_RTE_MASKED);
	trap_handle(HIGH, NULL);
	trap_handle(LOW, NULL);
}

TEST(level_switched_off, "apic: a level in service ends with the APIC that is switched off")
{
	apic_use(false);
	apic_route_line(APIC_RTE_LEVEL | HIGH);
	apic_raise_line();
	while (!apic_requested(HIGH))
		cpu_relax();
	apic_lower_line();
	apic_route_line(APIC_RTE_MASKED);
	apic_use(false);
	trap_handle(LOW, apic_count);
	apic_route_line(LOW);
	apic_raise_line();
	EXPECT(wait_for(1));
	apic_lower_line();
	apic_route_line(APIC_RTE_MASKED);
	trap_handle(LOW, NULL);
}

TEST(level_dropped,
     "apic: a level that a disabled APIC does not take is no storm, and comes once it does")
{
	uint64_t dropped = root_counter("apic.dropped");

	apic_ready();
	trap_handle(HIGH, apic_count);
	lapic_write(LAPIC_SVR, SVR_SPURIOUS);
	apic_route_line(APIC_RTE_LEVEL | HIGH);
	apic_raise_line();
	wait_until(now() + MILLISECOND);
	EXPECT_EQ(root_counter("apic.dropped") - dropped, 1);
	EXPECT_EQ(apic_seen.count, 0);
	lapic_write(LAPIC_SVR, SVR_ENABLE | SVR_SPURIOUS);
	EXPECT(wait_for(1));
	apic_lower_line();
	apic_open();
	apic_route_line(APIC_RTE_MASKED);
	trap_handle(HIGH, NULL);
}

TEST(low_vectors, "apic: devices may send vectors from 16 on; those below are dropped")
{
	for (uint32_t vector = 0; vector < 32; vector++) {
		uint64_t end = now() + 5UL * MILLISECOND;

		/* Emulators let it through, and there it cannot be told from an NMI. */
		if (vector == VECTOR_NMI)
			continue;
		test_about("vector %u", vector);
		apic_use(false);
		apic_route_line(vector);
		apic_raise_line();
		while (now() < end && !apic_requested(vector))
			cpu_relax();
		EXPECT_EQ(apic_requested(vector), vector >= 16);
		apic_lower_line();
		inb(COM1 + UART_IIR);
		apic_route_line(APIC_RTE_MASKED);
	}
	test_about(NULL);
	apic_use(false);
}

/* The 8259 */

static void pic_start(uint8_t base)
{
	outb(PIC1, 0x11); /* ICW1: four words follow */
	outb(PIC1_DATA, base);
	outb(PIC1_DATA, 4);
	outb(PIC1_DATA, 1);
}

static void pit_tick(void)
{
	outb(PIT_MODE, 0x34); /* channel 0, both bytes, mode 2: again and again */
	outb(PIT_DATA, (uint8_t)PIT_FAST);
	outb(PIT_DATA, (uint8_t)(PIT_FAST >> 8));
}

static void pic_stop(void)
{
	outb(PIC1_DATA, 0xff);
	outb(PIC2_DATA, 0xff);
	outb(PIT_MODE, 0x30);
	lapic_write(LAPIC_LVT_LINT0, (uint32_t)LAPIC_LVT_MASKED);
}

static void on_pic(struct trap_frame *frame)
{
	apic_seen.count++;
	apic_seen.order = (unsigned int)frame->vector;
	/* The APIC knows nothing of it. */
	if (frame->vector >= 32)
		EXPECT(!apic_in_service((uint32_t)frame->vector));
	outb(PIC1, PIC_EOI);
}

TEST(extint, "apic: an 8259 behind LINT0 interrupts with its own vectors, whichever they are")
{
	static const uint8_t bases[] = {0x30, 0xd0, 0xe8, 0x10, 0x00};

	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		test_about("base 0x%x", bases[i]);
		apic_ready();
		trap_handle(bases[i], on_pic);
		pic_start(bases[i]);
		lapic_write(LAPIC_LVT_LINT0, LAPIC_LVT_MODE_EXTINT);
		outb(PIC1_DATA, 0xfe);
		pit_tick();
		EXPECT(wait_for(3));
		EXPECT_EQ(apic_seen.order, bases[i]);
		pic_stop();
		trap_handle(bases[i], NULL);
	}
	test_about(NULL);
}

TEST(extint_late, "apic: the 8259 is asked for its vector when the interrupt can go in, not before")
{
	uint64_t end;

	apic_ready();
	trap_handle(0x30, on_pic);
	/* As firmware leaves it: IRQ 0 is the double fault. */
	pic_start(0x08);
	lapic_write(LAPIC_LVT_LINT0, LAPIC_LVT_MODE_EXTINT);
	outb(PIC1_DATA, 0xfe);
	pit_tick();
	end = now() + 30UL * MILLISECOND;
	while (now() < end)
		cpu_relax();
	EXPECT_EQ(apic_seen.count, 0);
	pic_start(0x30);
	outb(PIC1_DATA, 0xfe);
	EXPECT(wait_for(3));
	EXPECT_EQ(apic_seen.order, 0x30);
	/* Masked, it is silent; and other interrupts come as well as before. */
	lapic_write(LAPIC_LVT_LINT0, (uint32_t)LAPIC_LVT_MASKED | LAPIC_LVT_MODE_EXTINT);
	memset(&apic_seen, 0, sizeof(apic_seen));
	wait_until(now() + 30UL * MILLISECOND);
	EXPECT_EQ(apic_seen.count, 0);
	pic_stop();
	trap_handle(0x30, NULL);
}

TEST(extint_among, "apic: timer, device and 8259 interrupts come side by side")
{
	unsigned int ticks;

	apic_ready();
	trap_handle(0x30, on_pic);
	trap_handle(HIGH, apic_count);
	pic_start(0x30);
	lapic_write(LAPIC_LVT_LINT0, LAPIC_LVT_MODE_EXTINT);
	outb(PIC1_DATA, 0xfe);
	pit_tick();
	timer(LVT_PERIODIC | HIGH, MILLISECOND * TICKS_PER_UNIT);
	EXPECT(wait_for(50));
	lapic_write(LAPIC_INITIAL_COUNT, 0);
	ticks = apic_seen.count;
	EXPECT(wait_for(ticks + 2));
	EXPECT_EQ(apic_seen.order, 0x30);
	pic_stop();
	trap_handle(0x30, NULL);
	trap_handle(HIGH, NULL);
}
