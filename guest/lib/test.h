// SPDX-License-Identifier: Apache-2.0
/*
 * Tests and what they say. A test is a function with a name like "msr: VP_INDEX is 0"; the part
 * before the colon is its topic. All checks of a test are made, the first that fails is its result.
 */
#ifndef GUEST_TEST_H
#define GUEST_TEST_H

#include "core/types.h"
#include "lib/trap.h"

/* How a test ends, and so how it can be run: the first letter of its entry in the image's list. */
#define TEST_ORDINARY "o" /* among others */
#define TEST_ALONE    "a" /* leaves the partition in a state that others cannot use */
#define TEST_LONG     "l" /* takes minutes: not among others */
#define TEST_POWEROFF "p" /* the machine goes off */
#define TEST_RESET    "r" /* the machine is reset */

struct test {
	const char *entry; /* how it ends, then its name */
	void (*run)(void);
};

/*
 * Define the test `id`. All names together are a section of the image, for whoever wants
 * to know them without running it. Only ordinary tests run when nothing is selected.
 */
#define TEST_ENDING(ending, id, name)                                                         \
	static void run_##id(void);                                                           \
	static const char entry_##id[]                                                        \
		__attribute__((section("test_names"), used, aligned(1))) = ending name;       \
	static const struct test test_##id                                                    \
		__attribute__((section("tests"), used, aligned(8))) = {entry_##id, run_##id}; \
	static void run_##id(void)
#define TEST(id, name) TEST_ENDING(TEST_ORDINARY, id, name)

/*
 * Run what `selection` asks for, "|" between the beginnings of names, "" or NULL for all ordinary
 * tests; `before` and `after` each. The report is TAP. Returns the number of tests that failed.
 */
unsigned int test_run(const char *selection, void (*before)(void), void (*after)(void));

/* True if the image has a test of this name. */
bool test_exists(const char *name);

/* Say what the next checks are about, in their messages; NULL or the test's end takes it back. */
void test_about(const char *fmt, ...) __printf(1, 2);

/* The test cannot run here, and why: its result unless a check failed. Return after it. */
void test_skip(const char *reason);

/* A line of information. */
void test_note(const char *fmt, ...) __printf(1, 2);

/* A failed check. */
void test_fail(const char *file, int line, const char *fmt, ...) __printf(3, 4);

/* Check, and say whether it held. */
bool test_equal(const char *file, int line, const char *what, uint64_t actual, uint64_t expected);
bool test_true(const char *file, int line, const char *what, bool holds);

#define EXPECT_EQ(actual, expected) \
	test_equal(__FILE_NAME__, __LINE__, #actual, (uint64_t)(actual), (uint64_t)(expected))
#define EXPECT(condition)          test_true(__FILE_NAME__, __LINE__, #condition, condition)
/* The vector that something raised. */
#define EXPECT_FAULT(call, vector) EXPECT_EQ(call, vector)
#define EXPECT_FINE(call)          EXPECT_EQ(call, FAULT_NONE)

#endif
