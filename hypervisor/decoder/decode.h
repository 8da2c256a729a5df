// SPDX-License-Identifier: Apache-2.0
/* What the parts of the decoder share; for its own files alone. */
#ifndef DECODER_DECODE_H
#define DECODER_DECODE_H

#include "decoder/decoder.h"
#include "decoder/opcodes.h"

/* pp: which of the prefixes that select an instruction it has. */
#define PP_NONE 0u
#define PP_66   1u
#define PP_F3   2u
#define PP_F2   3u

#define MODRM_MOD(modrm) ((modrm) >> 6)
#define MODRM_REG(modrm) ((modrm) >> 3 & 7)
#define MODRM_RM(modrm)  ((modrm)&7)

struct decoder {
	struct instruction *insn;
	const uint8_t *bytes;
	size_t size; /* at most INSTRUCTION_MAX */
	uint8_t at;
	bool mode_64;
	bool intel;
	bool evex_b;          /* broadcast, rounding or no exceptions */
	bool gather;          /* the index is a vector register */
	uint8_t default_size; /* of operands and, outside of 64-bit mode, addresses: 2 or 4 */
};

/* The next byte, without consuming it; DECODE_OK, DECODE_MORE or DECODE_TOO_LONG. */
enum decode_status decode_peek(const struct decoder *d, uint8_t *byte);
/* The next byte. */
enum decode_status decode_next(struct decoder *d, uint8_t *byte);
/* The next `size` bytes (0, 1, 2, 4 or 8) as a number, least significant byte first. */
enum decode_status decode_number(struct decoder *d, uint8_t size, bool sign, int64_t *value);
/* ModRM, if it was not read yet. */
enum decode_status decode_modrm(struct decoder *d);

/* vector.c: the bytes behind C4, C5, 62 or 8F that hold fields, then the opcode and its entry. */
enum decode_status decode_payload(struct decoder *d, uint8_t escape);
enum decode_status decode_vector_opcode(struct decoder *d, opcode_t *entry);

/* operands.c: SIB and displacement, and what they and ModRM say about the address. */
enum decode_status decode_address(struct decoder *d, struct memory_operand *operand);
/* The memory operands that no ModRM names: strings, absolute addresses. */
void describe_implied(struct decoder *d, opcode_t entry);
/* The memory form of ModRM, whose address is in `address`. */
void describe_address(struct decoder *d, opcode_t entry, const struct memory_operand *address);

#endif
