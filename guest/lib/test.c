// SPDX-License-Identifier: Apache-2.0
#include "lib/test.h"

#include "core/printk.h"
#include "core/string.h"
#include "lib/console.h"

#define MESSAGE_MAX 256

extern const struct test tests_start[], tests_end[];

/* What the running test has to say. */
static struct {
	unsigned int failures;
	char message[MESSAGE_MAX];
	char about[MESSAGE_MAX / 2];
	const char *skip;
} result;

void test_about(const char *fmt, ...)
{
	va_list args;

	result.about[0] = '\0';
	if (!fmt)
		return;
	va_start(args, fmt);
	vformat(result.about, sizeof(result.about), fmt, args);
	va_end(args);
}

void test_skip(const char *reason)
{
	result.skip = reason;
}

void test_note(const char *fmt, ...)
{
	char text[MESSAGE_MAX];
	va_list args;

	va_start(args, fmt);
	vformat(text, sizeof(text), fmt, args);
	va_end(args);
	console_print("# %s\n", text);
}

static void fail(const char *text)
{
	if (result.failures++ == 0)
		format(result.message, sizeof(result.message), "%s", text);
	else
		console_print("# %s\n", text);
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
	char what[MESSAGE_MAX], text[MESSAGE_MAX];
	va_list args;

	va_start(args, fmt);
	vformat(what, sizeof(what), fmt, args);
	va_end(args);
	format(text, sizeof(text), "%s:%d: %s%s%s", file, line, result.about,
	       result.about[0] ? ": " : "", what);
	fail(text);
}

bool test_equal(const char *file, int line, const char *what, uint64_t actual, uint64_t expected)
{
	if (actual != expected)
		test_fail(file, line, "%s: expected 0x%lx, got 0x%lx", what, expected, actual);
	return actual == expected;
}

bool test_true(const char *file, int line, const char *what, bool holds)
{
	if (!holds)
		test_fail(file, line, "expected %s", what);
	return holds;
}

/* True if `name` begins with one of the beginnings in `selection`. */
static bool selected(const char *selection, const struct test *test)
{
	const char *name = test->entry + 1;

	if (!selection || selection[0] == '\0')
		return strncmp(test->entry, TEST_ORDINARY, 1) == 0;
	while (*selection != '\0') {
		size_t length = 0;

		while (selection[length] != '\0' && selection[length] != '|')
			length++;
		/* What ends the machine or spoils the partition runs only when named in full. */
		if (length > 0 && strncmp(name, selection, length) == 0 &&
		    (strncmp(test->entry, TEST_ORDINARY, 1) == 0 || strlen(name) == length))
			return true;
		selection += length + (selection[length] == '|');
	}
	return false;
}

static void call(void *arg)
{
	const struct test *test = arg;

	test->run();
}

static void run_one(unsigned int number, const struct test *test, void (*before)(void),
		    void (*after)(void))
{
	const char *name = test->entry + 1;
	unsigned int vector;

	memset(&result, 0, sizeof(result));
	before();
	vector = fault_call(call, (void *)(uintptr_t)test);
	if (vector != FAULT_NONE)
		test_fail("test.c", __LINE__,
			  "exception %u (error 0x%lx, rip 0x%lx, cr2 0x%lx) unexpected", vector,
			  fault.error, fault.rip, fault.cr2);
	test_about(NULL);
	after();
	if (result.failures > 0)
		console_print("not ok %u - %s # %s\n", number, name, result.message);
	else if (result.skip)
		console_print("ok %u - %s # SKIP %s\n", number, name, result.skip);
	else
		console_print("ok %u - %s\n", number, name);
}

bool test_exists(const char *name)
{
	for (const struct test *test = tests_start; test < tests_end; test++)
		if (strcmp(test->entry + 1, name) == 0)
			return true;
	return false;
}

unsigned int test_run(const char *selection, void (*before)(void), void (*after)(void))
{
	unsigned int count = 0, failed = 0, number = 0;

	for (const struct test *test = tests_start; test < tests_end; test++)
		count += selected(selection, test);
	console_print("1..%u\n", count);
	for (const struct test *test = tests_start; test < tests_end; test++) {
		if (!selected(selection, test))
			continue;
		run_one(++number, test, before, after);
		failed += result.failures > 0;
	}
	return failed;
}
