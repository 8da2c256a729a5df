// SPDX-License-Identifier: Apache-2.0
/* Addresses of memory operands, and what is done to them. */
#include "decoder/decode.h"

/* The 16-bit addressing forms (APM volume 3, table A-32). */
static void address_16(const struct instruction *insn, struct memory_operand *operand)
{
	static const uint8_t base[8] = {
		REGISTER_RBX, REGISTER_RBX, REGISTER_RBP, REGISTER_RBP,
		REGISTER_RSI, REGISTER_RDI, REGISTER_RBP, REGISTER_RBX,
	};
	static const uint8_t index[4] = {
		REGISTER_RSI,
		REGISTER_RDI,
		REGISTER_RSI,
		REGISTER_RDI,
	};
	uint8_t rm = MODRM_RM(insn->modrm);

	if (rm == 6 && MODRM_MOD(insn->modrm) == 0)
		return;
	operand->base = base[rm];
	if (rm < 4) {
		operand->index = index[rm];
		operand->scale = 1;
	}
}

static void address_sib(const struct instruction *insn, struct memory_operand *operand)
{
	uint8_t index = MODRM_REG(insn->sib) | (insn->rex & REX_X ? 8 : 0);
	uint8_t base = MODRM_RM(insn->sib);

	if (index != REGISTER_RSP) {
		operand->index = index;
		operand->scale = (uint8_t)(1u << MODRM_MOD(insn->sib));
	}
	if (base != REGISTER_RBP || MODRM_MOD(insn->modrm) != 0)
		operand->base = base | (insn->rex & REX_B ? 8 : 0);
}

/* Destination, index and mask of a gather are different registers (EVEX has its mask elsewhere). */
static bool obeys_gather(const struct instruction *insn)
{
	uint8_t index = MODRM_REG(insn->sib) | (insn->rex & REX_X ? 8 : 0);

	return insn->encoding == ENCODING_EVEX ||
	       (insn->reg != index && insn->reg != insn->vvvv && index != insn->vvvv);
}

enum decode_status decode_address(struct decoder *d, struct memory_operand *operand)
{
	static const uint8_t sizes[3] = {0, 1, 4};
	struct instruction *insn = d->insn;
	uint8_t mod = MODRM_MOD(insn->modrm), rm = MODRM_RM(insn->modrm);
	enum decode_status status;

	insn->displacement_size = sizes[mod];
	if (insn->address_size == 2) {
		if (mod == 2 || (mod == 0 && rm == 6))
			insn->displacement_size = 2;
		address_16(insn, operand);
	} else if (rm == 4) {
		status = decode_next(d, &insn->sib);
		if (status != DECODE_OK)
			return status;
		insn->has_sib = true;
		address_sib(insn, operand);
		if (mod == 0 && MODRM_RM(insn->sib) == 5)
			insn->displacement_size = 4;
	} else if (mod == 0 && rm == 5) {
		insn->displacement_size = 4;
		if (d->mode_64)
			operand->base = REGISTER_RIP;
	} else {
		operand->base = insn->rm;
	}
	if (d->gather && !obeys_gather(insn))
		return DECODE_INVALID;
	status = decode_number(d, insn->displacement_size, true, &insn->displacement);
	operand->displacement = insn->displacement;
	operand->segment = operand->base == REGISTER_RSP || operand->base == REGISTER_RBP
				   ? SEGMENT_SS
				   : SEGMENT_DS;
	return status;
}

static uint8_t memory_size(const struct decoder *d, enum memory_size size)
{
	const struct instruction *insn = d->insn;
	uint8_t operand_size = insn->operand_size;
	uint8_t y = d->mode_64 && (insn->rex & REX_W) ? 8 : 4;

	switch (size) {
	case SIZE_NONE:
		break;
	case SIZE_B:
		return 1;
	case SIZE_W:
		return 2;
	case SIZE_D:
		return 4;
	case SIZE_Q:
		return 8;
	case SIZE_X:
		return 16;
	case SIZE_Y:
		return y;
	case SIZE_L:
		return (uint8_t)(16 << insn->vector_length);
	case SIZE_DUP:
		return (uint8_t)(insn->vector_length == 0 ? 8 : 16 << insn->vector_length);
	case SIZE_V:
		return operand_size;
	case SIZE_Z:
		return MIN(operand_size, 4);
	case SIZE_FAR:
		/* AMD has no far pointer of ten bytes. */
		return (uint8_t)((d->intel ? operand_size : MIN(operand_size, 4)) + 2);
	case SIZE_PAIR:
		return (uint8_t)(2 * y);
	}
	return 0;
}

static struct memory_operand *add_operand(struct decoder *d, uint8_t access, opcode_t entry)
{
	struct instruction *insn = d->insn;
	struct memory_operand *operand = &insn->operand[insn->operand_count++];

	insn->memory = MEMORY_DESCRIBED;
	*operand = (struct memory_operand){
		.access = access,
		.size = memory_size(d, OPCODE_SIZE(entry)),
		.segment = insn->segment_override == SEGMENT_NONE ? SEGMENT_DS
								  : insn->segment_override,
		.base = REGISTER_NONE,
		.index = REGISTER_NONE,
	};
	return operand;
}

void describe_implied(struct decoder *d, opcode_t entry)
{
	struct memory_operand *operand;

	if (OPCODE_IMMEDIATE(entry) == IMMEDIATE_OFFSET) {
		operand = add_operand(d, OPCODE_ACCESS(entry), entry);
		operand->displacement = d->insn->displacement;
	}
	if (entry & OPCODE_RSI) {
		operand = add_operand(d, MEMORY_READ, entry);
		operand->base = REGISTER_RSI;
	}
	if (entry & OPCODE_RDI) {
		operand = add_operand(d, OPCODE_ACCESS(entry), entry);
		operand->base = REGISTER_RDI;
		operand->segment = SEGMENT_ES;
	}
}

void describe_address(struct decoder *d, opcode_t entry, const struct memory_operand *address)
{
	struct instruction *insn = d->insn;
	struct memory_operand *operand;

	if (entry & OPCODE_ADDRESS)
		return;
	insn->memory = MEMORY_UNDESCRIBED;
	if (OPCODE_SIZE(entry) == SIZE_NONE || insn->evex_mask != 0)
		return;
	operand = add_operand(d, OPCODE_ACCESS(entry), entry);
	operand->base = address->base;
	operand->index = address->index;
	operand->scale = address->scale;
	operand->displacement = address->displacement;
	if (insn->segment_override == SEGMENT_NONE)
		operand->segment = address->segment;
	operand->bit_string = entry & OPCODE_BITS;
	if (insn->encoding == ENCODING_EVEX && insn->displacement_size == 1)
		operand->displacement *= operand->size;
}
