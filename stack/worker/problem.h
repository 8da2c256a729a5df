// SPDX-License-Identifier: Apache-2.0
/* Why something did not work, in one line for people. */
#ifndef WORKER_PROBLEM_H
#define WORKER_PROBLEM_H

#include <stdbool.h>

struct problem {
	char text[512];
};

/* Write the line. Returns false, so that a function can end with it. */
bool problem_set(struct problem *problem, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
