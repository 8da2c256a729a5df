// SPDX-License-Identifier: Apache-2.0
/*
 * Instructions that exit, behind prefixes that say nothing about them: they are stepped over whole,
 * wherever they stand. Source: AMD64 APM volume 3, 1.2; QEMU's emulated processor does not tell the
 * hypervisor where the next instruction begins.
 */
#include "abi/hv/cpuid.h"
#include "abi/hv/hypercall.h"
#include "abi/hv/msr.h"
#include "abi/hv/status.h"
#include "core/string.h"
#include "lib/hypercall.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

/* What follows the instruction: MOV $MARK, %r9d; RET. */
#define MARK 0x5a5a5a5au
static const uint8_t landing[] = {0x41, 0xb9, 0x5a, 0x5a, 0x5a, 0x5a, 0xc3};

static const struct {
	const char *name;
	uint8_t length;
	uint8_t bytes[13];
} prefixes[] = {
	{"none", 0, {0}},
	{"66", 1, {0x66}},
	{"67", 1, {0x67}},
	{"2e", 1, {0x2e}},
	{"65", 1, {0x65}},
	{"REX", 1, {0x40}},
	{"REX.WRXB", 1, {0x4f}},
	{"66 REX.W", 2, {0x66, 0x48}},
	{"REX.W 66", 2, {0x48, 0x66}},
	{"67 2e 66 REX", 4, {0x67, 0x2e, 0x66, 0x4f}},
	{"twelve", 12, {0x66, 0x67, 0x66, 0x2e, 0x66, 0x64, 0x66, 0x67, 0x66, 0x3e, 0x66, 0x48}},
};

static const struct {
	const char *name;
	uint8_t length;
	uint8_t bytes[3];
	uint64_t rax, rcx;
	uint64_t result; /* RAX behind it */
} instructions[] = {
	{"cpuid", 2, {0x0f, 0xa2}, HYPERV_CPUID_VENDOR_AND_MAX_FUNCTIONS, 0, 0x4000000a},
	{"rdmsr", 2, {0x0f, 0x32}, 1, HV_X64_MSR_VP_INDEX, 0},
	{"wrmsr", 2, {0x0f, 0x30}, 0, HV_X64_MSR_EOM, 0},
	{"invd", 2, {0x0f, 0x08}, 7, 0, 7},
	{"vmmcall",
	 3,
	 {0x0f, 0x01, 0xd9},
	 1,
	 CONTROL_FAST(HVCALL_NOTIFY_LONG_SPIN_WAIT),
	 HV_STATUS_SUCCESS},
};

/* Two pages, so that an instruction can stand in both. */
static uint8_t code[2 * PAGE_SIZE] __aligned(4096);

/* Everything at `offset`: the bytes there are other ones each time. */
static void execute_all(unsigned int offset)
{
	for (size_t i = 0; i < ARRAY_SIZE(instructions); i++)
		for (size_t p = 0; p < ARRAY_SIZE(prefixes); p++) {
			struct hypercall_regs r = {.rax = instructions[i].rax,
						   .rcx = instructions[i].rcx};
			uint8_t *at = code + offset;

			memcpy(at, prefixes[p].bytes, prefixes[p].length);
			at += prefixes[p].length;
			memcpy(at, instructions[i].bytes, instructions[i].length);
			at += instructions[i].length;
			memcpy(at, landing, sizeof(landing));
			test_about("%s behind %s", instructions[i].name, prefixes[p].name);
			hypercall_execute(&r, code + offset);
			EXPECT_EQ(r.rax, instructions[i].result);
			EXPECT_EQ(r.r9, MARK);
		}
	test_about(NULL);
}

TEST(prefixes, "prefixes: instructions are stepped over with all that they have")
{
	execute_all(64);
	execute_all(64);
}

TEST(prefixes_page_end, "prefixes: instructions that reach into the next page")
{
	for (unsigned int before = 1; before <= 6; before++)
		execute_all((unsigned int)PAGE_SIZE - before);
}
