// SPDX-License-Identifier: Apache-2.0
/* cmocka with what it wants included before it; first in every test. */
#ifndef TESTS_HOSTED_TEST_H
#define TESTS_HOSTED_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#endif
