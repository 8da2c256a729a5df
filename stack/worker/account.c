// SPDX-License-Identifier: Apache-2.0
#include "worker/account.h"

#include <string.h>

#include "abi/hv/intercept.h"

#define CRASH_REGISTERS (HV_REGISTER_GUEST_CRASH_P4 - HV_REGISTER_GUEST_CRASH_P0 + 1)

static const struct {
	uint32_t name;
	const char *text;
} shown[] = {
	{HV_X64_REGISTER_RIP, "rip"},    {HV_X64_REGISTER_RFLAGS, "rflags"},
	{HV_X64_REGISTER_RAX, "rax"},    {HV_X64_REGISTER_RBX, "rbx"},
	{HV_X64_REGISTER_RCX, "rcx"},    {HV_X64_REGISTER_RDX, "rdx"},
	{HV_X64_REGISTER_RSI, "rsi"},    {HV_X64_REGISTER_RDI, "rdi"},
	{HV_X64_REGISTER_RBP, "rbp"},    {HV_X64_REGISTER_RSP, "rsp"},
	{HV_X64_REGISTER_R8, "r8"},      {HV_X64_REGISTER_R8 + 1, "r9"},
	{HV_X64_REGISTER_R8 + 2, "r10"}, {HV_X64_REGISTER_R8 + 3, "r11"},
	{HV_X64_REGISTER_R8 + 4, "r12"}, {HV_X64_REGISTER_R8 + 5, "r13"},
	{HV_X64_REGISTER_R8 + 6, "r14"}, {HV_X64_REGISTER_R15, "r15"},
	{HV_X64_REGISTER_CR0, "cr0"},    {HV_X64_REGISTER_CR2, "cr2"},
	{HV_X64_REGISTER_CR3, "cr3"},    {HV_X64_REGISTER_CR4, "cr4"},
	{HV_X64_REGISTER_EFER, "efer"},
};

#define SHOWN (sizeof(shown) / sizeof(shown[0]))

static bool read_crash(const struct machine *machine, uint64_t parameters[CRASH_REGISTERS])
{
	struct hv_register_assoc assocs[CRASH_REGISTERS];

	memset(assocs, 0, sizeof(assocs));
	for (unsigned int i = 0; i < CRASH_REGISTERS; i++)
		assocs[i].name = HV_REGISTER_GUEST_CRASH_P0 + i;
	if (!vp_get_registers(&machine->vps[0].vp, assocs, CRASH_REGISTERS))
		return false;
	for (unsigned int i = 0; i < CRASH_REGISTERS; i++)
		parameters[i] = assocs[i].value.reg64;
	return true;
}

bool account_guest_crashed(const struct machine *machine)
{
	uint64_t parameters[CRASH_REGISTERS], any = 0;

	if (!read_crash(machine, parameters))
		return false;
	for (unsigned int i = 0; i < CRASH_REGISTERS; i++)
		any |= parameters[i];
	return any;
}

static void write_vp(const struct vp_thread *vp, FILE *out)
{
	struct hv_register_assoc assocs[SHOWN];

	fprintf(out, "processor %u, last intercept 0x%x:\n", vp->vp.index,
		vp->last.header.message_type);
	memset(assocs, 0, sizeof(assocs));
	for (unsigned int i = 0; i < SHOWN; i++)
		assocs[i].name = shown[i].name;
	if (!vp_get_registers(&vp->vp, assocs, SHOWN)) {
		fputs("  its registers cannot be read\n", out);
		return;
	}
	for (unsigned int i = 0; i < SHOWN; i++)
		fprintf(out, "  %-6s %016llx%s", shown[i].text,
			(unsigned long long)assocs[i].value.reg64,
			i % 4 == 3 || i == SHOWN - 1 ? "\n" : "");
}

void account_write(const struct machine *machine, FILE *out)
{
	uint64_t parameters[CRASH_REGISTERS];

	if (account_guest_crashed(machine) && read_crash(machine, parameters)) {
		fputs("the guest said of its crash:", out);
		for (unsigned int i = 0; i < CRASH_REGISTERS; i++)
			fprintf(out, " %llx", (unsigned long long)parameters[i]);
		putc('\n', out);
	}
	for (unsigned int i = 0; i < machine->config.cpus; i++)
		write_vp(&machine->vps[i], out);
}
