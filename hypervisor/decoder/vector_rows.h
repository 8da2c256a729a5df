// SPDX-License-Identifier: Apache-2.0
/* How the maps of VEX, XOP and EVEX write their rows (opcodes.h); for those files alone. */
#ifndef DECODER_VECTOR_ROWS_H
#define DECODER_VECTOR_ROWS_H

#include "decoder/decoder.h"
#include "decoder/opcodes.h"

/*
 * pp: 0 none, 1 66, 2 F3, 3 F2. `what`: any of the words below. GROUP takes a bit for each
 * ModRM.reg that exists, in hexadecimal; READ and WRITE describe a memory operand.
 */
#define ROW(map, pp, opcode, what) (ROW_KEY(map, pp, opcode) | (what))
#define W0                         ROW_W0
#define W1                         ROW_W1
#define WX                         (W0 | W1)
#define L0                         ROW_L0
#define L1                         ROW_L1
#define LX                         (L0 | L1)
#define VVVV                       ROW_VVVV
#define MEM                        ROW_MEMORY
#define REG                        ROW_REGISTER
#define MR                         (MEM | REG)
#define GROUP(n)                   ((uint32_t)GROUP_##n << 12)
#define RULE(n)                    ((uint32_t)RULE_##n << 16)
#define READ(s)                    (MEMORY_READ << 3 | (uint32_t)SIZE_##s)
#define WRITE(s)                   (MEMORY_WRITE << 3 | (uint32_t)SIZE_##s)

/* Rows of vector_groups. */
enum {
	GROUP_ff,
	GROUP_54,
	GROUP_cc,
	GROUP_0c,
	GROUP_0e,
	GROUP_01,
	GROUP_57,
	GROUP_66,
	GROUP_fe,
	GROUP_42,
	GROUP_03,
};

#endif
