/* SPDX-License-Identifier: Apache-2.0 */
/* An excursion from 64-bit mode to protected mode without paging, to real mode, and back. */
#ifndef GUEST_MODES_H
#define GUEST_MODES_H

/* A page below 1 MiB for its 16-bit code; what it found stands in its second half. */
#define MODES_PAGE    0x7000
#define MODES_RESULTS 0x7800
#define MODES_STACK   0x7700

#ifndef __ASSEMBLER__

#include <stdint.h>

/* What was found, written by modes_code.S. */
struct modes_results {
	/* Protected mode without paging, all in 32-bit code. */
	uint32_t efer;
	uint32_t efer_without_lme;
	uint32_t call_low, call_high; /* the result of HVCALL_GET_PARTITION_ID */
	uint32_t cpuid;               /* EAX of leaf 0x40000000 */
	uint32_t vp_index;
	/* Real mode. */
	uint32_t real_cpuid;
	uint32_t os_id_low, os_id_high;
	uint16_t ud_ip; /* of the instruction that raised #UD, 0 if none did, and the stack then */
	uint16_t ud_sp;
	uint16_t gp_ip; /* the same of #GP */
	uint16_t gp_sp;
};

/* The 16-bit code, to be copied to MODES_PAGE, and the labels in it. */
extern const char modes_code16[], modes_code16_end[];
extern const char modes_vmmcall[], modes_rdmsr[], modes_on_ud[], modes_on_gp[];

/* 16-bit code of a processor that starts at MODES_PAGE: leaves a struct started and halts. */
extern const char processors_code16[], processors_code16_end[];

/* Go and come back. Interrupts must not arrive; `out` (below 4 GiB) receives the partition's id. */
void modes_run(void *out);

#endif
#endif
