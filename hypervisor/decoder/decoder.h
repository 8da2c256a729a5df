// SPDX-License-Identifier: Apache-2.0
/*
 * The instruction decoder: how long an x86 instruction is, what it consists of, and what memory it
 * touches. A pure function over bytes and a mode: no state, no allocation, no guest memory.
 *
 * Sources: AMD64 APM volume 3 (chapter 1, appendix A) and volume 4; Intel SDM volume 2 (chapter 2,
 * appendices A and B). Names are theirs. docs/decoder.md tells what is described and what is not.
 */
#ifndef DECODER_DECODER_H
#define DECODER_DECODER_H

#include "core/types.h"

/* No instruction is longer (APM volume 3, 1.1). */
#define INSTRUCTION_MAX 15u

/* What CS.L and CS.D select; 64-bit code as AMD's processors read it or as Intel's do. */
enum decode_mode {
	DECODE_16,
	DECODE_32,
	DECODE_64,       /* a near branch with an operand size prefix has a 16-bit displacement */
	DECODE_64_INTEL, /* ... the prefix is ignored; a far pointer with REX.W is 10 bytes */
};

enum decode_status {
	DECODE_OK,
	DECODE_MORE,     /* the bytes given are the beginning of an instruction */
	DECODE_INVALID,  /* no instruction: #UD */
	DECODE_TOO_LONG, /* more than 15 bytes: #GP(0) */
};

/* struct instruction.prefixes */
#define PREFIX_LOCK         0x01u
#define PREFIX_REPNE        0x02u /* F2: the last of the repeat prefixes counts */
#define PREFIX_REP          0x04u /* F3 */
#define PREFIX_OPERAND_SIZE 0x08u /* 66 */
#define PREFIX_ADDRESS_SIZE 0x10u /* 67 */
#define PREFIX_REX          0x20u

/* struct instruction.rex: the bits of REX, or what VEX, EVEX and XOP have in its place */
#define REX_B 0x1u
#define REX_X 0x2u
#define REX_R 0x4u
#define REX_W 0x8u

enum instruction_encoding {
	ENCODING_LEGACY,
	ENCODING_VEX,
	ENCODING_XOP,
	ENCODING_EVEX,
};

/* Legacy opcode maps; with the other encodings `map` is their map_select field. */
enum opcode_map {
	MAP_ONE_BYTE,
	MAP_0F,
	MAP_0F38,
	MAP_0F3A,
	MAP_0F0F, /* 3DNow!: the opcode stands behind the operand */
};

/* Segment registers in their encoding. */
enum segment_register {
	SEGMENT_ES,
	SEGMENT_CS,
	SEGMENT_SS,
	SEGMENT_DS,
	SEGMENT_FS,
	SEGMENT_GS,
	SEGMENT_NONE = 0xff,
};

/* General registers in their encoding (struct vp_regs has them in this order), and two more. */
#define REGISTER_RAX  0u
#define REGISTER_RCX  1u
#define REGISTER_RDX  2u
#define REGISTER_RBX  3u
#define REGISTER_RSP  4u
#define REGISTER_RBP  5u
#define REGISTER_RSI  6u
#define REGISTER_RDI  7u
#define REGISTER_RIP  16u /* as a base: the address of the next instruction */
#define REGISTER_NONE 0xffu

#define MEMORY_READ  1u
#define MEMORY_WRITE 2u

/*
 * A memory operand: address = base + index * scale + displacement, cut to the address size, in
 * `segment`.
 */
struct memory_operand {
	uint8_t access;  /* MEMORY_READ, MEMORY_WRITE or both */
	uint8_t size;    /* bytes: 1 to 64; of one step of a repeated string instruction */
	uint8_t segment; /* enum segment_register */
	uint8_t base;    /* REGISTER_..., or REGISTER_NONE */
	uint8_t index;   /* a general register, or REGISTER_NONE */
	uint8_t scale;   /* 1, 2, 4 or 8; 0 without an index */
	bool bit_string; /* BT and kin: operand `reg` selects the bit, also outside of `size` */
	int64_t displacement; /* sign extended; with an absolute address (no base) of 64 bits: all
			       */
};

/* What the instruction does with memory beyond its own bytes. */
enum instruction_memory {
	MEMORY_NONE,      /* nothing: operands are registers and immediates, or only an address */
	MEMORY_DESCRIBED, /* all of it, or all but the stack of PUSH, POP and CALL, is described */
	MEMORY_UNDESCRIBED, /* it touches memory that is not described here */
};

struct instruction {
	uint8_t length;   /* 1 to 15 */
	uint8_t encoding; /* enum instruction_encoding */
	uint8_t map;      /* enum opcode_map, or map_select */
	uint8_t opcode;
	uint8_t prefixes;
	uint8_t rex;
	uint8_t pp; /* what selects among instructions of one opcode: 0 none, 1 66, 2 F3, 3 F2 */
	uint8_t segment_override; /* enum segment_register, or SEGMENT_NONE; not the ignored ones */
	uint8_t vvvv;             /* VEX, XOP, EVEX: the register, 0 to 31 */
	uint8_t vector_length;    /* VEX, XOP, EVEX: L or L'L */
	uint8_t evex_mask;        /* EVEX: aaa */

	bool has_modrm, has_sib;
	uint8_t modrm, sib;
	uint8_t reg; /* ModRM.reg with its REX bit: 0 to 15 */
	uint8_t rm;  /* ModRM.rm with its REX bit where it is a register: 0 to 15 */

	uint8_t operand_size; /* 1, 2, 4 or 8 bytes */
	uint8_t address_size; /* 2, 4 or 8 bytes */

	uint8_t displacement_size;     /* bytes: 0, 1, 2, 4 or 8 */
	uint8_t immediate_size;        /* bytes: 0, 1, 2, 4 or 8 */
	uint8_t second_immediate_size; /* bytes: 0, 1 or 2 */
	int64_t displacement;          /* as encoded, sign extended */
	int64_t immediate;             /* sign extended; relative target of a branch */
	uint16_t second_immediate;     /* ENTER: level; far pointer: selector */

	enum instruction_memory memory;
	uint8_t operand_count;            /* of memory operands described: 0, 1 or 2 */
	struct memory_operand operand[2]; /* MOVS, CMPS: rSI first, then rDI */
};

/*
 * Decode the instruction at `bytes`, of which `size` are readable (0 to any number; never more than
 * 15 are read). DECODE_OK: *insn is complete. DECODE_MORE: with more bytes the answer will be
 * another one; without, it stays. Otherwise *insn is unspecified.
 */
enum decode_status instruction_decode(struct instruction *insn, const uint8_t *bytes, size_t size,
				      enum decode_mode mode);

#endif
