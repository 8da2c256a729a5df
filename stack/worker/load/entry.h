// SPDX-License-Identifier: Apache-2.0
/* The descriptors and page tables that an entry in protected or long mode needs. */
#ifndef WORKER_LOAD_ENTRY_H
#define WORKER_LOAD_ENTRY_H

#include "worker/load/load.h"

/*
 * Write the descriptor table (code 0x10, data 0x18, task 0x20) at GDT_ADDRESS and, for long mode,
 * tables that map the first 4 GiB one to one at PAGE_TABLES_ADDRESS.
 */
void entry_write_tables(const struct guest_memory *memory, const struct load_entry *entry);

#endif
