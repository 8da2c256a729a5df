// SPDX-License-Identifier: Apache-2.0
/* The words every room speaks: integers, addresses, pages, and a few compile-time helpers. */
#ifndef CORE_TYPES_H
#define CORE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A guest physical address: of the partition whose space is at hand. */
typedef uint64_t gpa_t;
/* A system physical address: what the memory controller sees. */
typedef uint64_t spa_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096UL
#define PAGE_MASK  (~(PAGE_SIZE - 1))

#define SIZE_2M (2UL << 20)
#define SIZE_1G (1UL << 30)
#define SIZE_4G (4UL << 30)

/* Versions of clang-format disagree about `(a) - 1`. */
// clang-format off
#define ARRAY_SIZE(a)                 (sizeof(a) / sizeof((a)[0]))
#define ALIGN_DOWN(x, a)              ((x) & ~((a) - 1))
#define ALIGN_UP(x, a)                (((x) + (a) - 1) & ~((a) - 1))
#define IS_ALIGNED(x, a)              (((x) & ((a) - 1)) == 0)
#define BIT(n)                        (1UL << (n))
#define MIN(a, b)                     ((a) < (b) ? (a) : (b))
#define MAX(a, b)                     ((a) > (b) ? (a) : (b))
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))
// clang-format on

#define __aligned(n)       __attribute__((aligned(n)))
#define __packed           __attribute__((packed))
#define __noreturn         __attribute__((noreturn))
#define __noinline         __attribute__((noinline))
#define __force_inline     inline __attribute__((always_inline))
#define __printf(fmt, arg) __attribute__((format(printf, fmt, arg)))
#define __used             __attribute__((used))
#define __unused           __attribute__((unused))

/* How many bits of `word` are set. (The compiler's own would call its run-time library.) */
static inline uint32_t bits_set(uint64_t word)
{
	uint32_t count = 0;

	for (; word != 0; word &= word - 1)
		count++;
	return count;
}

#endif
