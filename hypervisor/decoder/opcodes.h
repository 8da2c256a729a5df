// SPDX-License-Identifier: Apache-2.0
/*
 * The opcode maps as data; internal to the decoder. An entry of 32 bits says what follows an opcode
 * and what the instruction does with memory, or where to look further (by ModRM, prefix or mode).
 */
#ifndef DECODER_OPCODES_H
#define DECODER_OPCODES_H

#include "core/types.h"

typedef uint32_t opcode_t; /* 0: no instruction */

#define BIT32(n) (UINT32_C(1) << (n))

#define OPCODE_VALID BIT32(0)
#define OPCODE_MODRM BIT32(1)

/* Bits 5:2: what follows ModRM and displacement. */
#define OPCODE_IMMEDIATE(entry) ((enum immediate)((entry) >> 2 & 15))
enum immediate {
	IMMEDIATE_NONE,
	IMMEDIATE_B,      /* a byte */
	IMMEDIATE_W,      /* two bytes */
	IMMEDIATE_Z,      /* as the operand size, at most four bytes */
	IMMEDIATE_V,      /* as the operand size */
	IMMEDIATE_WB,     /* ENTER */
	IMMEDIATE_BB,     /* EXTRQ, INSERTQ */
	IMMEDIATE_D,      /* four bytes (XOP) */
	IMMEDIATE_FAR,    /* offset as the operand size, selector */
	IMMEDIATE_OFFSET, /* an address, as the address size */
};

/* Bits 10:6: bytes of the memory operand. */
#define OPCODE_SIZE(entry) ((enum memory_size)((entry) >> 6 & 31))
enum memory_size {
	SIZE_NONE, /* not described */
	SIZE_W,
	SIZE_D,
	SIZE_Q,
	SIZE_X,    /* 16 */
	SIZE_Y,    /* 8 in 64-bit mode with W set, else 4 */
	SIZE_L,    /* the vector's length */
	SIZE_DUP,  /* VMOVDDUP: 8, or the vector's length if that is more than 16 */
	SIZE_B,    /* from here on not in vector maps */
	SIZE_V,    /* operand size */
	SIZE_Z,    /* operand size, at most 4 */
	SIZE_FAR,  /* operand size and a selector */
	SIZE_PAIR, /* twice SIZE_Y */
};

/* Bits 12:11: MEMORY_READ and MEMORY_WRITE. */
#define OPCODE_ACCESS(entry) ((entry) >> 11 & 3)

#define OPCODE_LOCK     BIT32(13) /* LOCK is allowed with a memory operand */
#define OPCODE_NOT_64   BIT32(14)
#define OPCODE_ONLY_64  BIT32(15)
#define OPCODE_SIZE_64  BIT32(16) /* operand size 8 in 64-bit mode without REX.W */
#define OPCODE_BRANCH   BIT32(17) /* a near branch: the same, prefix 66 as the vendor likes */
#define OPCODE_MEMORY   BIT32(18) /* no register form */
#define OPCODE_REGISTER BIT32(19) /* no memory form */
#define OPCODE_IMPLIED  BIT32(20) /* touches memory that no operand names, and is not described */
#define OPCODE_ADDRESS  BIT32(21) /* the memory operand is not touched */
#define OPCODE_BYTE     BIT32(22) /* operand size 1 */
#define OPCODE_NO_MOD   BIT32(23) /* ModRM.mod is ignored: a register */
#define OPCODE_PP(mask) ((uint32_t)(mask) << 24) /* bits 27:24: pp allowed; none: not looked at */
#define OPCODE_RSI      BIT32(28)                /* memory at segment:rSI is read */
#define OPCODE_RDI      BIT32(29)                /* memory at ES:rDI */
#define OPCODE_BITS     BIT32(30)                /* a bit string */

/* A branch of the tree: bits 30:28 what decides, bits 15:0 the row in its table. */
#define OPCODE_BRANCHES    BIT32(31)
#define BRANCH(kind, row)  (OPCODE_BRANCHES | (uint32_t)(kind) << 28 | (uint32_t)(row))
#define BRANCH_KIND(entry) ((enum opcode_branch)((entry) >> 28 & 7))
#define BRANCH_ROW(entry)  ((entry)&0xffff)
enum opcode_branch {
	BRANCH_MOD,  /* opcode_by_mod: memory, register */
	BRANCH_REG,  /* opcode_by_reg: ModRM.reg */
	BRANCH_RM,   /* opcode_by_reg: ModRM.rm */
	BRANCH_PP,   /* opcode_by_pp: none, 66, F3, F2 */
	BRANCH_MODE, /* opcode_by_mode: not 64-bit, 64-bit */
	BRANCH_X87,  /* opcode_x87: a bit for each register form */
};

extern const opcode_t opcode_one_byte[256];
extern const opcode_t opcode_0f[256];
extern const opcode_t opcode_0f38[256];
extern const opcode_t opcode_0f3a[256];
extern const opcode_t opcode_by_mod[][2];
extern const opcode_t opcode_by_reg[][8];
extern const opcode_t opcode_by_pp[][4];
extern const opcode_t opcode_by_mode[][2];
extern const uint64_t opcode_x87[8];

/* True if 3DNow! has `suffix`. */
bool opcode_3dnow(uint8_t suffix);

/*
 * The maps of VEX, XOP and EVEX: sorted rows, the key in the upper bits:
 * 31:29 map (XOP: map - 7), 28:27 pp, 26:19 opcode.
 */
#define ROW_KEY(map, pp, opcode) \
	((uint32_t)(map) << 29 | (uint32_t)(pp) << 27 | (uint32_t)(opcode) << 19)
#define ROW_KEY_MASK    0xfff80000u
#define ROW_SIZE(row)   ((enum memory_size)((row)&7))
#define ROW_ACCESS(row) ((row) >> 3 & 3)
#define ROW_W0          BIT32(5)           /* allowed with W clear */
#define ROW_W1          BIT32(6)           /* ... set */
#define ROW_L0          BIT32(7)           /* allowed with L clear (VEX, XOP) */
#define ROW_L1          BIT32(8)           /* ... set */
#define ROW_VVVV        BIT32(9)           /* vvvv is an operand; otherwise it must say none */
#define ROW_MEMORY      BIT32(10)          /* has a memory form */
#define ROW_REGISTER    BIT32(11)          /* has a register form */
#define ROW_GROUP(row)  ((row) >> 12 & 15) /* which ModRM.reg exist: vector_groups[] */
#define ROW_RULE(row)   ((enum vector_rule)((row) >> 16 & 7))
enum vector_rule {
	RULE_NONE,
	RULE_MERGE,    /* vvvv is an operand of the register form only (VMOVSS, VMOVSD) */
	RULE_GATHER,   /* vector SIB; destination, index and mask differ */
	RULE_MASKS,    /* operands are mask registers: vvvv is one of eight */
	RULE_TILE,     /* AMX, 64-bit only: memory has a SIB byte */
	RULE_TILES,    /* ... three tiles, all different */
	RULE_TILE_ONE, /* ... register form: ModRM.rm is zero */
	RULE_IMPLIED,  /* touches memory that no operand names */
};

struct vector_map {
	const uint32_t *rows;
	uint32_t count;
};
extern const struct vector_map vector_vex, vector_xop, vector_evex;
extern const uint8_t vector_groups[16];

#endif
