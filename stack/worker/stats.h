// SPDX-License-Identifier: Apache-2.0
/* What is known of a running machine, as JSON. */
#ifndef WORKER_STATS_H
#define WORKER_STATS_H

#include <jansson.h>

#include "worker/console.h"
#include "worker/machine.h"

/* A new object with all of it: what `bulkhead stat` shows. NULL when memory is short. */
json_t *stats_read(struct machine *machine, const struct console *console);

#endif
