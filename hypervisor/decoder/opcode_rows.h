// SPDX-License-Identifier: Apache-2.0
/* How the legacy opcode maps write their entries (opcodes.h); for opcodes.c and groups.c alone. */
#ifndef DECODER_OPCODE_ROWS_H
#define DECODER_OPCODE_ROWS_H

#include "decoder/decoder.h"
#include "decoder/opcodes.h"

#define OP    OPCODE_VALID
#define M     (OPCODE_VALID | OPCODE_MODRM)
#define BYTE  OPCODE_BYTE
#define LOCK  OPCODE_LOCK
#define S64   OPCODE_SIZE_64
#define N64   OPCODE_NOT_64
#define O64   OPCODE_ONLY_64
#define NEAR  OPCODE_BRANCH
#define MEM   OPCODE_MEMORY
#define REG   OPCODE_REGISTER
#define OTHER OPCODE_IMPLIED
#define ADDR  OPCODE_ADDRESS
#define NOMOD OPCODE_NO_MOD
#define BITS  OPCODE_BITS
#define SI    OPCODE_RSI
#define DI    OPCODE_RDI

#define I(kind) ((uint32_t)IMMEDIATE_##kind << 2)

/* The memory operand: read, written, both; of this size. */
#define OPERAND(access, size) ((uint32_t)(access) << 11 | (uint32_t)SIZE_##size << 6)
#define R(size)               OPERAND(MEMORY_READ, size)
#define W(size)               OPERAND(MEMORY_WRITE, size)
#define RW(size)              OPERAND(MEMORY_READ | MEMORY_WRITE, size)

/* Which of no prefix, 66, F3 and F2 exist. */
#define PP_NP  OPCODE_PP(1)
#define PP_66  OPCODE_PP(2)
#define PP_F3  OPCODE_PP(4)
#define PP_F2  OPCODE_PP(8)
#define PP_PS  OPCODE_PP(3) /* packed single and double, or MMX and XMM */
#define PP_ALL OPCODE_PP(15)

#define BY_MOD(row)  BRANCH(BRANCH_MOD, MOD_##row)
#define BY_REG(row)  BRANCH(BRANCH_REG, REG_##row)
#define BY_RM(row)   BRANCH(BRANCH_RM, REG_##row)
#define BY_PP(row)   BRANCH(BRANCH_PP, PREFIX_##row)
#define BY_MODE(row) BRANCH(BRANCH_MODE, MODE_##row)
#define X87(row)     BRANCH(BRANCH_X87, row)

/* Rows of opcode_by_reg: by the manuals' number of the group, _R for the register forms. */
enum {
	REG_1A,
	REG_1A_R,
	REG_1_80,
	REG_1_81,
	REG_1_82,
	REG_1_83,
	REG_2B,
	REG_2V,
	REG_2B_IMMEDIATE,
	REG_2V_IMMEDIATE,
	REG_3B,
	REG_3V,
	REG_4,
	REG_5,
	REG_5_R,
	REG_6,
	REG_6_R,
	REG_7,
	REG_7_R,
	REG_7_0,
	REG_7_1,
	REG_7_2,
	REG_7_3,
	REG_7_5,
	REG_7_7,
	REG_8,
	REG_9,
	REG_9_R,
	REG_11B,
	REG_11V,
	REG_11B_R,
	REG_11V_R,
	REG_XABORT,
	REG_XBEGIN,
	REG_12,
	REG_14,
	REG_15,
	REG_15_R,
	REG_SEGMENT_STORE,
	REG_SEGMENT_LOAD,
	REG_CONTROL,
	REG_DEBUG,
	REG_EXTRQ,
	REG_D9,
	REG_DB,
	REG_DD,
	REG_WIDE_KEY,
	REG_HRESET,
	REG_HRESET_R,
};

/* Rows of opcode_by_mod. */
enum {
	MOD_1A,
	MOD_5,
	MOD_6,
	MOD_7,
	MOD_9,
	MOD_11B,
	MOD_11V,
	MOD_15,
	MOD_D8,
	MOD_D9,
	MOD_DA,
	MOD_DB,
	MOD_DC,
	MOD_DD,
	MOD_DE,
	MOD_DF,
	MOD_MOVLPS,
	MOD_MOVHPS,
	MOD_WIDE_KEY,
	MOD_AES_KEY,
	MOD_AES_KEY_256,
	MOD_WRSS,
};

/* Rows of opcode_by_pp. */
enum {
	PREFIX_MOVUPS,
	PREFIX_MOVUPS_STORE,
	PREFIX_MOVLPS,
	PREFIX_MOVHPS,
	PREFIX_MOVNTPS,
	PREFIX_MOVD,
	PREFIX_MOVD_STORE,
	PREFIX_MOVQ,
	PREFIX_MOVQ_STORE,
	PREFIX_MOVQ_D6,
	PREFIX_MOVNTQ,
	PREFIX_VMREAD,
	PREFIX_VMWRITE,
	PREFIX_WRMSRNS,
	PREFIX_INVLPGB,
	PREFIX_TLBSYNC,
	PREFIX_RDRAND,
	PREFIX_ENCLS,
	PREFIX_RDPKRU,
	PREFIX_MOVBE,
	PREFIX_MOVBE_STORE,
};

/* Rows of opcode_by_mode. */
enum {
	MODE_MOVSXD,
};

#endif
