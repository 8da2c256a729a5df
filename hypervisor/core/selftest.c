// SPDX-License-Identifier: Apache-2.0
#include "core/selftest.h"

#include "core/panic.h"
#include "core/string.h"
#include "core/types.h"

/* What the optimizer may not see through. */
#define HIDE(pointer) __asm__ volatile("" : "+r"(pointer))

static uint8_t data_code[] = {0xc3}; /* ret */
static const uint8_t constant[] = {0};

static void store(const volatile void *address)
{
	uint64_t target = (uint64_t)address;

	HIDE(target);
	*(volatile uint8_t *)target = 0;
}

static void execute_data(void)
{
	uint64_t target = (uint64_t)data_code;

	HIDE(target);
	((void (*)(void))target)();
}

/* Each call keeps its frame: the caller uses it after the call. */
static uint64_t overflow(uint64_t depth)
{
	volatile uint64_t frame[32];

	frame[depth % ARRAY_SIZE(frame)] = depth;
	if (depth == UINT64_MAX)
		return 0;
	return overflow(depth + 1) + frame[depth % ARRAY_SIZE(frame)];
}

__attribute__((noinline)) static void smash(void)
{
	char array[16];
	char *start = array;

	HIDE(start);
	memset(start, 0xff, sizeof(array) + 16);
	HIDE(start);
}

void selftest_run(enum selftest which)
{
	switch (which) {
	case SELFTEST_NONE:
		return;
	case SELFTEST_PANIC:
		__builtin_trap();
	case SELFTEST_WRITE_TEXT:
		store((const void *)(uint64_t)selftest_run);
		break;
	case SELFTEST_WRITE_RODATA:
		store(constant);
		break;
	case SELFTEST_EXECUTE_DATA:
		execute_data();
		break;
	case SELFTEST_OVERFLOW_STACK:
		overflow(0);
		break;
	case SELFTEST_SMASH_STACK:
		smash();
		break;
	}
	panic("the self-test was survived: a protection does not work");
}
