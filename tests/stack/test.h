// SPDX-License-Identifier: Apache-2.0
/* What the tests of the stack include: cmocka with what it wants before it. */
#ifndef TESTS_STACK_TEST_H
#define TESTS_STACK_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#endif
