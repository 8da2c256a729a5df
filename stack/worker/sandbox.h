// SPDX-License-Identifier: Apache-2.0
/* What a worker gives up once its machine is built: it faces a guest that may be hostile. */
#ifndef WORKER_SANDBOX_H
#define WORKER_SANDBOX_H

#include <stdbool.h>

#include "worker/problem.h"

#define SANDBOX_USER "bulkhead"

/*
 * Become SANDBOX_USER where the worker is root, hand it `directory` (the machine's under
 * WORKER_RUN), and allow only the system calls that a running machine needs. Before any thread is
 * started. Returns false with *problem.
 */
bool sandbox_enter(const char *directory, struct problem *problem);

#endif
