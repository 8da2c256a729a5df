// SPDX-License-Identifier: Apache-2.0
/* How a guest died: what its processors were doing, and what it said itself. */
#ifndef WORKER_ACCOUNT_H
#define WORKER_ACCOUNT_H

#include <stdbool.h>
#include <stdio.h>

#include "worker/machine.h"

/* Whether the guest has reported a crash of its own through the crash MSRs. All VPs are stopped. */
bool account_guest_crashed(const struct machine *machine);

/* Write the crash MSRs, and registers and last intercept of each processor. All VPs are stopped. */
void account_write(const struct machine *machine, FILE *out);

#endif
