// SPDX-License-Identifier: Apache-2.0
#include "table_markdown.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/partition.h"
#include "hypercall/table.h"

/* Bytes of a fixed part, and of each element where there are some. */
static void print_size(FILE *out, unsigned int fixed, unsigned int element, unsigned int variable,
		       bool open)
{
	const char *plus = "";

	if (fixed == 0 && element == 0) {
		fputs(" - |", out);
		return;
	}
	fputc(' ', out);
	if (fixed > 0) {
		fprintf(out, open ? "%u or more" : "%u", fixed);
		plus = " + ";
	}
	if (variable > 0)
		fprintf(out, "%s0..%u x 8", plus, variable);
	if (element > 0)
		fprintf(out, "%sn x %u", plus, element);
	fputs(" |", out);
}

static void print_forms(FILE *out, unsigned int forms)
{
	fputs(" memory", out);
	if (forms & HYPERCALL_FAST)
		fputs(", fast", out);
	if (forms & HYPERCALL_XMM_INPUT)
		fputs(", XMM input", out);
	if (forms & HYPERCALL_XMM_OUTPUT)
		fputs(", XMM output", out);
	fputs(" |", out);
}

static void print_rights(FILE *out, const struct hypercall_row *row)
{
	static const struct {
		uint32_t bit; /* of EBX */
		const char *name;
	} names[] = {
		{HV_CREATE_PARTITIONS, "CreatePartitions"},
		{HV_ACCESS_PARTITION_ID, "AccessPartitionId"},
		{HV_ACCESS_MEMORY_POOL, "AccessMemoryPool"},
		{HV_POST_MESSAGES, "PostMessages"},
		{HV_SIGNAL_EVENTS, "SignalEvents"},
		{HV_CREATE_PORT, "CreatePort"},
		{HV_CONNECT_PORT, "ConnectPort"},
		{HV_ACCESS_STATS, "AccessStats"},
		{HV_CPU_MANAGEMENT, "CpuManagement"},
		{HV_ACCESS_VP_REGISTERS, "AccessVpRegisters"},
	};
	const char *separator = " ";

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (row->privilege & HV_PRIVILEGE_EBX(names[i].bit)) {
			fprintf(out, "%s%s", separator, names[i].name);
			separator = ", ";
		}
	}
	if (row->root_only)
		fprintf(out, "%sthe root", separator);
	else if (row->privilege == 0)
		fputs(" -", out);
	fputs(" |\n", out);
}

void table_markdown(FILE *out)
{
	const struct hypercall_row *row;
	unsigned int served = 0;
	size_t total = 0;

	while ((row = hypercall_row(total))) {
		served += row->handler != NULL;
		total++;
	}
	fprintf(out,
		"<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
		"<!-- Written by the program from the table it describes; do not edit. -->\n"
		"# The hypercall table\n"
		"\n"
		"%zu calls, %u of them served. How to read it, and the order in which a call is "
		"checked:\n"
		"[hypercalls.md](hypercalls.md).\n"
		"\n"
		"| code | call | class | input, bytes | output, bytes | forms | needs |\n"
		"|---|---|---|---|---|---|---|\n",
		total, served);
	for (size_t i = 0; (row = hypercall_row(i)); i++) {
		fprintf(out, "| `0x%04X` | `%s` |", row->code, row->name);
		if (!row->handler) {
			fputs(" declared | | | | |\n", out);
			continue;
		}
		fputs(row->rep ? " rep |" : " simple |", out);
		print_size(out, row->input, row->rep_input, row->variable_max, false);
		print_size(out, row->output, row->rep_output, 0, row->output_open);
		print_forms(out, hypercall_forms(row));
		print_rights(out, row);
	}
}
