// SPDX-License-Identifier: Apache-2.0
/*
 * What a child pays for its hypervisor and for its parent, which is this image, too (root/child.h):
 * the child measures itself, as the root does, and leaves its samples for it.
 */
#include "abi/hv/cpuid.h"
#include "abi/hv/hypercall.h"
#include "abi/hv/intercept.h"
#include "abi/hv/msr.h"
#include "abi/hv/partition.h"
#include "abi/hv/scheduler.h"
#include "abi/hv/status.h"
#include "bench/bench.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/test.h"
#include "root/child.h"
#include "root/root.h"
#include "x86/cpu.h"

static struct child c;
static struct bench_operation operation; /* of the child */
static struct bench_samples samples;     /* its result */

static bool can_have_children(void)
{
	if (!bench_hypervisor.is_root)
		test_skip("only a root partition has children here");
	return bench_hypervisor.is_root;
}

static void in_operation(void)
{
	bench_warm_up(&operation);
	bench_perform(&operation, &samples);
}

static void start(void (*fn)(void))
{
	samples.count = 0;
	child_start(&c, fn);
}

static void end(const char *probe)
{
	child_end(&c);
	if (EXPECT_EQ(samples.count, BENCH_ROUNDS))
		bench_report(probe, "instructions", &samples);
}

/* What the hypervisor does for a child all by itself. */
static void measure(const char *probe, void (*fn)(void))
{
	start(fn);
	child_finish(&c);
	end(probe);
}

TEST(child_cpuid, "child-cpuid: leaf 0x40000000")
{
	operation = (struct bench_operation){.code = bench_cpuid,
					     .rax = HYPERV_CPUID_VENDOR_AND_MAX_FUNCTIONS};
	if (can_have_children())
		measure("child-cpuid", in_operation);
}

static void in_hypercall(void)
{
	wrmsr(HV_X64_MSR_GUEST_OS_ID, BENCH_OS_ID); /* who does not say has no hypercalls */
	in_operation();
}

TEST(child_hypercall, "child-hypercall: HvCallNotifyLongSpinWait, fast")
{
	operation = (struct bench_operation){.code = vmmcall_code,
					     .rcx = CONTROL_FAST(HVCALL_NOTIFY_LONG_SPIN_WAIT)};
	if (can_have_children())
		measure("child-hypercall", in_hypercall);
}

static void in_self_ipi(void)
{
	bench_discover();
	if (!bench_self_ipi_begin())
		return;
	bench_self_ipi(&samples);
	bench_self_ipi_end();
}

TEST(child_self_ipi, "child-self-ipi: from the interrupt command to the end of its handler")
{
	if (!can_have_children())
		return;
	measure("child-self-ipi", in_self_ipi);
	bench_discover();
}

/* Dispatch the child until it has a message; the call's input lies ready since the last time. */
static bool dispatch(void)
{
	uint32_t state, event;

	return child_dispatch_prepared(&c, &state, &event) == HV_STATUS_SUCCESS &&
	       event == HV_VP_DISPATCH_EVENT_INTERCEPT;
}

/* Its code has ended, or something went wrong. */
static bool finished(void)
{
	volatile const struct hv_message *message = c.vp[0].message;
	volatile const struct hv_x64_io_port_intercept_message *m = (volatile const void *)
									    message->payload;

	return message->header.message_type == HVMSG_X64_IO_PORT_INTERCEPT &&
	       m->port_number != BENCH_PORT;
}

/*
 * Be the least that a parent can be: from a message of `type` to the next, its child goes on behind
 * the instruction, which is `length` bytes long, with another RAX.
 */
static void serve(uint32_t type, unsigned int length)
{
	struct hv_vp_register_page *page = c.vp[0].page;
	uint32_t state, event;
	struct hv_input_dispatch_vp *in;

	if (!EXPECT_EQ(child_dispatch(&c, 0, 0, &state, &event), HV_STATUS_SUCCESS))
		return;
	in = (void *)hypercall_in;
	in->flags = HV_DISPATCH_VP_FLAG_CLEAR_INTERCEPT_SUSPEND;
	while (!finished() && c.vp[0].message->header.message_type == type) {
		page->gp_registers[0] = 0;
		page->rip += length;
		page->dirty |= 1u << HV_X64_REGISTER_CLASS_GENERAL | 1u << HV_X64_REGISTER_CLASS_IP;
		if (!EXPECT(dispatch()))
			break;
	}
	EXPECT(finished());
}

TEST(child_port, "child-port: a byte to a port, until its parent has let it go on")
{
	operation = (struct bench_operation){.code = bench_out};
	if (!can_have_children())
		return;
	start(in_operation);
	serve(HVMSG_X64_IO_PORT_INTERCEPT, 2);
	end("child-port");
}

TEST(child_mmio, "child-mmio: a load from a page that is not there, which its parent answers")
{
	operation = (struct bench_operation){.code = bench_load, .r8 = CHILD_HOLE};
	if (!can_have_children())
		return;
	start(in_operation);
	serve(HVMSG_UNMAPPED_GPA, (unsigned int)(bench_loaded - bench_load));
	end("child-mmio");
}

/* A call that succeeds. Returns the TSC's advance. */
static uint64_t call(uint64_t control, uint64_t first, uint64_t second)
{
	uint64_t before = rdtsc();
	uint64_t result = hypercall_at(control, first, second);
	uint64_t after = rdtsc();

	EXPECT_EQ(result, HV_STATUS_SUCCESS);
	return after - before;
}

static uint64_t call_partition(uint16_t code)
{
	return call(CONTROL_FAST(code), c.id, 0);
}

/* The life of a partition without memory and VPs; its pool comes and goes besides. */
static uint64_t life(void)
{
	struct hv_input_create_partition *in;
	uint64_t sum;

	EXPECT_EQ(root_deposit(CHILD_SELF, CHILD_SELF_PAGES),
		  RESULT(HV_STATUS_SUCCESS, CHILD_SELF_PAGES));
	in = hypercall_prepare();
	in->flags = CHILD_FLAGS;
	sum = call(CONTROL(HVCALL_CREATE_PARTITION), (uintptr_t)hypercall_in,
		   (uintptr_t)hypercall_out);
	memcpy(&c.id, hypercall_out, sizeof(c.id));
	child_deposit(&c);
	sum += call_partition(HVCALL_INITIALIZE_PARTITION);
	sum += call_partition(HVCALL_FINALIZE_PARTITION);
	child_withdraw(&c);
	sum += call_partition(HVCALL_DELETE_PARTITION);
	EXPECT_EQ(root_withdraw(CHILD_SELF_PAGES), RESULT(HV_STATUS_SUCCESS, CHILD_SELF_PAGES));
	return sum;
}

TEST(child_life, "child-life: a partition is created, initialized, finalized and deleted")
{
	if (!can_have_children())
		return;
	samples.count = 0;
	for (unsigned int i = 0; i < BENCH_WARM_UP; i++)
		life();
	for (unsigned int i = 0; i < BENCH_ROUNDS; i++)
		bench_sample(&samples, life());
	bench_report("child-life", "instructions", &samples);
}
