// SPDX-License-Identifier: Apache-2.0
#include "hypercall/table.h"

#include "abi/hv/hypercall.h"
#include "abi/hv/intercept.h"
#include "abi/hv/interrupt.h"
#include "abi/hv/memory.h"
#include "abi/hv/partition.h"
#include "abi/hv/port.h"
#include "abi/hv/scheduler.h"
#include "abi/hv/stats.h"
#include "abi/hv/system.h"
#include "abi/hv/vp.h"
#include "abi/hv/vp_calls.h"
#include "abi/hv/vp_state.h"
#include "hypercall/handlers.h"
#include "partition/vp.h"

#define SERVED(name_, code_, ...) COUNTER(count_##name_, "hypercall." #name_);
#define DECLARED(name_, code_)    COUNTER(count_##name_, "hypercall." #name_);
#include "hypercall/rows.h"
#undef SERVED
#undef DECLARED

#define EBX(bit) HV_PRIVILEGE_EBX(bit)
#define SERVED(name_, code_, ...)   \
	{.name = #name_,            \
	 .code = (code_),           \
	 .counter = &count_##name_, \
	 .handler = hvcall_##name_, \
	 __VA_ARGS__},
#define DECLARED(name_, code_) {.name = #name_, .code = (code_), .counter = &count_##name_},

static const struct hypercall_row table[] = {
#include "hypercall/rows.h"
};

#undef SERVED
#undef DECLARED

#define SERVED(name_, code_, ...) ROW_##name_,
#define DECLARED(name_, code_)    ROW_##name_,
enum {
	ROW_NONE, /* so that a row's number is its place in the table and one */
#include "hypercall/rows.h"
};
#undef SERVED
#undef DECLARED

/* The number of each code's row: every call looks its own up. */
#define SERVED(name_, code_, ...) [code_] = ROW_##name_,
#define DECLARED(name_, code_)    [code_] = ROW_##name_,
static const uint8_t numbers[] = {
#include "hypercall/rows.h"
};

_Static_assert(ARRAY_SIZE(table) <= UINT8_MAX, "numbers of rows");
_Static_assert(ARRAY_SIZE(table) < VP_CALLS_MAX, "room for each row");

unsigned int hypercall_number(uint16_t code)
{
	return code < ARRAY_SIZE(numbers) ? numbers[code] : ROW_NONE;
}

const struct hypercall_row *hypercall_find(uint16_t code)
{
	unsigned int number = hypercall_number(code);

	return number == ROW_NONE ? NULL : &table[number - 1];
}

const struct hypercall_row *hypercall_row(size_t index)
{
	return index < ARRAY_SIZE(table) ? &table[index] : NULL;
}

unsigned int hypercall_register_form(const struct hypercall_row *row, size_t input, size_t output)
{
	if (row->output_open || row->rep_output > 0)
		return 0;
	if (output == 0 && input <= HV_HYPERCALL_FAST_SIZE)
		return HYPERCALL_FAST;
	if (output == 0 && input <= HV_HYPERCALL_XMM_SIZE)
		return HYPERCALL_XMM_INPUT;
	if (output > 0 && ALIGN_UP(input, (size_t)16) + output <= HV_HYPERCALL_XMM_SIZE)
		return HYPERCALL_XMM_OUTPUT;
	return 0;
}

unsigned int hypercall_forms(const struct hypercall_row *row)
{
	size_t input = (size_t)row->input + row->rep_input;
	size_t output = (size_t)row->output + row->rep_output;

	return HYPERCALL_MEMORY | hypercall_register_form(row, input, output);
}
