// SPDX-License-Identifier: Apache-2.0
/* What several topics of the root partition's tests use. */
#ifndef GUEST_ROOT_H
#define GUEST_ROOT_H

#include "abi/hv/bulkhead.h"
#include "core/types.h"
#include "lib/machine.h"

/* An open source system of no particular vendor, version 1 (TLFS: Guest OS Identity). */
#define ROOT_OS_ID 0x8f00000000010000UL

/* Name ourselves and enable the hypercall page: how every test finds the partition. */
void root_identify(void);

/*
 * Deposit `count` pages (at most 511) from machine_page(first) on to ourselves, or withdraw so many
 * (at most 512) into the list at hypercall_out. Each returns the result value.
 */
uint64_t root_deposit(unsigned int first, uint32_t count);
uint64_t root_withdraw(uint32_t count);

/* Pages that lie ready in our pool; `in_use` (or NULL): pages the hypervisor uses. */
uint64_t root_balance(uint64_t *in_use);

/*
 * Start the second processor as VP 1 with the 16-bit code from `code` to `end`, which runs at
 * MODES_PAGE and increments the word at MODES_RESULTS first. Returns false if there is none, or
 * after a failed check. For tests that run alone.
 */
bool root_start_second(const char *code, const char *end);

/* The APIC id of the `n`th enabled processor of the ACPI tables. Returns false if there is none. */
bool root_apic_id(unsigned int n, uint32_t *id);

/* Let the hypervisor check itself. Returns whether it did, which is checked. */
bool root_integrity(struct bulkhead_integrity *found);

/*
 * Let the hypervisor check itself, once: checks that it finds nothing wrong. Returns whether that
 * is so.
 */
bool root_intact(void);

/* The hexadecimal number behind `name` ("seed=") on the command line, or `otherwise`. */
uint64_t root_option(const char *name, uint64_t otherwise);

/* The value of the hypervisor's counter `name`; all ones if there is none. */
uint64_t root_counter(const char *name);

/* The hypervisor's piece of memory, and the first page in it that it does not show us. */
bool root_piece(struct machine_range *piece);
uint64_t root_hidden_page(void);

#endif
