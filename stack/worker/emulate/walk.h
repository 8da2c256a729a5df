// SPDX-License-Identifier: Apache-2.0
/*
 * The guest's own page tables, walked in its memory. Source: AMD64 Architecture Programmer's
 * Manual, volume 2, chapter 5.
 */
#ifndef WORKER_EMULATE_WALK_H
#define WORKER_EMULATE_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/hv/vp.h"
#include "worker/memory.h"

/* The registers that decide how addresses are read. */
bool walk_long_mode(const struct hv_vp_register_page *registers); /* 64-bit code runs */

/*
 * Translate the linear address `gva`. Rights are not looked at: the processor has done that for the
 * access that is emulated. Returns false where a page is not present or a table is not RAM.
 */
bool walk_translate(const struct guest_memory *memory, const struct hv_vp_register_page *registers,
		    uint64_t gva, uint64_t *gpa);

/*
 * Copy `length` bytes at the linear address `gva`, across pages. Returns how many could be copied:
 * those before the first page that is not there or is not RAM.
 */
size_t walk_read(const struct guest_memory *memory, const struct hv_vp_register_page *registers,
		 uint64_t gva, uint8_t *to, size_t length);

/* Write `length` bytes (at most a page) at `gva`. Returns false, having written nothing, as above.
 */
bool walk_write(const struct guest_memory *memory, const struct hv_vp_register_page *registers,
		uint64_t gva, const uint8_t *from, size_t length);

#endif
