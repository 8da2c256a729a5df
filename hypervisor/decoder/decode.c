// SPDX-License-Identifier: Apache-2.0
#include "decoder/decode.h"

enum decode_status decode_peek(const struct decoder *d, uint8_t *byte)
{
	if (d->at >= d->size)
		return d->at >= INSTRUCTION_MAX ? DECODE_TOO_LONG : DECODE_MORE;
	*byte = d->bytes[d->at];
	return DECODE_OK;
}

enum decode_status decode_next(struct decoder *d, uint8_t *byte)
{
	enum decode_status status = decode_peek(d, byte);

	if (status == DECODE_OK)
		d->at++;
	return status;
}

enum decode_status decode_number(struct decoder *d, uint8_t size, bool sign, int64_t *value)
{
	uint64_t number = 0;

	for (uint8_t i = 0; i < size; i++) {
		uint8_t byte = 0;
		enum decode_status status = decode_next(d, &byte);

		if (status != DECODE_OK)
			return status;
		number |= (uint64_t)byte << 8 * i;
	}
	if (sign && size > 0 && size < 8 && (number >> (8 * size - 1) & 1))
		number |= UINT64_MAX << 8 * size;
	*value = (int64_t)number;
	return DECODE_OK;
}

/* Legacy prefixes and REX, up to the first byte of the opcode; a REX counts only right before it.
 */
static enum decode_status decode_prefixes(struct decoder *d, uint8_t *opcode)
{
	static const uint8_t repeat = PREFIX_REPNE | PREFIX_REP;
	struct instruction *insn = d->insn;
	enum decode_status status;

	while ((status = decode_next(d, opcode)) == DECODE_OK) {
		uint8_t byte = *opcode;

		if (d->mode_64 && (byte & 0xf0) == 0x40) {
			insn->prefixes |= PREFIX_REX;
			insn->rex = byte & 15;
			continue;
		}
		switch (byte) {
		case 0x26:
		case 0x2e:
		case 0x36:
		case 0x3e:
			if (!d->mode_64)
				insn->segment_override = byte >> 3 & 3;
			break;
		case 0x64:
		case 0x65:
			insn->segment_override = byte & 7;
			break;
		case 0x66:
			insn->prefixes |= PREFIX_OPERAND_SIZE;
			break;
		case 0x67:
			insn->prefixes |= PREFIX_ADDRESS_SIZE;
			break;
		case 0xf0:
			insn->prefixes |= PREFIX_LOCK;
			break;
		case 0xf2:
		case 0xf3:
			insn->prefixes = (uint8_t)((insn->prefixes & ~repeat) |
						   (byte == 0xf2 ? PREFIX_REPNE : PREFIX_REP));
			break;
		default:
			return DECODE_OK;
		}
		insn->prefixes &= (uint8_t)~PREFIX_REX;
		insn->rex = 0;
	}
	return status;
}

/* What the prefixes say about sizes, before the opcode is known. */
static void apply_prefixes(struct decoder *d)
{
	struct instruction *insn = d->insn;
	uint8_t other = (uint8_t)(6 - d->default_size);

	if (insn->prefixes & PREFIX_REP)
		insn->pp = PP_F3;
	else if (insn->prefixes & PREFIX_REPNE)
		insn->pp = PP_F2;
	else if (insn->prefixes & PREFIX_OPERAND_SIZE)
		insn->pp = PP_66;
	if (d->mode_64)
		insn->address_size = insn->prefixes & PREFIX_ADDRESS_SIZE ? 4 : 8;
	else
		insn->address_size = insn->prefixes & PREFIX_ADDRESS_SIZE ? other : d->default_size;
}

enum decode_status decode_modrm(struct decoder *d)
{
	struct instruction *insn = d->insn;
	enum decode_status status;

	if (insn->has_modrm)
		return DECODE_OK;
	status = decode_next(d, &insn->modrm);
	if (status != DECODE_OK)
		return status;
	insn->has_modrm = true;
	insn->reg = (uint8_t)(MODRM_REG(insn->modrm) | (insn->rex & REX_R ? 8 : 0));
	insn->rm = (uint8_t)(MODRM_RM(insn->modrm) | (insn->rex & REX_B ? 8 : 0));
	return DECODE_OK;
}

/* From the entry of an opcode down to the one of the instruction. */
static enum decode_status find_entry(struct decoder *d, opcode_t *entry)
{
	struct instruction *insn = d->insn;

	while (*entry & OPCODE_BRANCHES) {
		uint32_t row = BRANCH_ROW(*entry);
		enum opcode_branch kind = BRANCH_KIND(*entry);

		if (kind != BRANCH_PP && kind != BRANCH_MODE) {
			enum decode_status status = decode_modrm(d);

			if (status != DECODE_OK)
				return status;
		}
		switch (kind) {
		case BRANCH_MOD:
			*entry = opcode_by_mod[row][MODRM_MOD(insn->modrm) == 3];
			break;
		case BRANCH_REG:
			*entry = opcode_by_reg[row][MODRM_REG(insn->modrm)];
			break;
		case BRANCH_RM:
			*entry = opcode_by_reg[row][MODRM_RM(insn->modrm)];
			break;
		case BRANCH_PP:
			*entry = opcode_by_pp[row][insn->pp];
			break;
		case BRANCH_MODE:
			*entry = opcode_by_mode[row][d->mode_64];
			break;
		case BRANCH_X87:
			*entry = opcode_x87[row] >> (insn->modrm & 63) & 1
					 ? OPCODE_VALID | OPCODE_MODRM
					 : 0;
			break;
		}
	}
	return *entry & OPCODE_VALID ? DECODE_OK : DECODE_INVALID;
}

/* Opcode bytes of the legacy encoding, `opcode` being the first, and their entry. */
static enum decode_status decode_opcode(struct decoder *d, uint8_t opcode, opcode_t *entry)
{
	struct instruction *insn = d->insn;
	const opcode_t *map = opcode_one_byte;
	enum decode_status status = DECODE_OK;

	insn->map = MAP_ONE_BYTE;
	if (opcode == 0x0f) {
		insn->map = MAP_0F;
		map = opcode_0f;
		status = decode_next(d, &opcode);
		if (status == DECODE_OK && opcode == 0x38) {
			insn->map = MAP_0F38;
			map = opcode_0f38;
			status = decode_next(d, &opcode);
		} else if (status == DECODE_OK && opcode == 0x3a) {
			insn->map = MAP_0F3A;
			map = opcode_0f3a;
			status = decode_next(d, &opcode);
		}
	}
	if (status != DECODE_OK)
		return status;
	insn->opcode = opcode;
	if (insn->map == MAP_0F && opcode == 0x0f) {
		insn->map = MAP_0F0F;
		*entry = OPCODE_VALID | OPCODE_MODRM | (uint32_t)IMMEDIATE_B << 2;
		return DECODE_OK;
	}
	*entry = map[opcode];
	return find_entry(d, entry);
}

static void decide_operand_size(struct decoder *d, opcode_t entry)
{
	struct instruction *insn = d->insn;
	bool prefix = insn->prefixes & PREFIX_OPERAND_SIZE;

	if (entry & OPCODE_BYTE) {
		insn->operand_size = 1;
	} else if (!d->mode_64) {
		insn->operand_size = prefix ? (uint8_t)(6 - d->default_size) : d->default_size;
	} else if ((insn->rex & REX_W) || (entry & OPCODE_NO_MOD)) {
		insn->operand_size = 8;
	} else if (entry & OPCODE_BRANCH) {
		insn->operand_size = prefix && !d->intel ? 2 : 8;
	} else {
		insn->operand_size = prefix ? 2 : entry & OPCODE_SIZE_64 ? 8 : 4;
	}
}

static enum decode_status decode_immediates(struct decoder *d, opcode_t entry)
{
	struct instruction *insn = d->insn;
	uint8_t size = insn->operand_size;
	int64_t second = 0;
	enum decode_status status;

	switch (OPCODE_IMMEDIATE(entry)) {
	case IMMEDIATE_NONE:
		return DECODE_OK;
	case IMMEDIATE_B:
		insn->immediate_size = 1;
		break;
	case IMMEDIATE_W:
		insn->immediate_size = 2;
		break;
	case IMMEDIATE_D:
		insn->immediate_size = 4;
		break;
	case IMMEDIATE_Z:
		insn->immediate_size = MIN(size, 4);
		break;
	case IMMEDIATE_V:
		insn->immediate_size = size;
		break;
	case IMMEDIATE_WB:
		insn->immediate_size = 2;
		insn->second_immediate_size = 1;
		break;
	case IMMEDIATE_BB:
		insn->immediate_size = 1;
		insn->second_immediate_size = 1;
		break;
	case IMMEDIATE_FAR:
		insn->immediate_size = size;
		insn->second_immediate_size = 2;
		break;
	case IMMEDIATE_OFFSET:
		insn->displacement_size = insn->address_size;
		return decode_number(d, insn->displacement_size, false, &insn->displacement);
	}
	status = decode_number(d, insn->immediate_size, true, &insn->immediate);
	if (status == DECODE_OK)
		status = decode_number(d, insn->second_immediate_size, false, &second);
	insn->second_immediate = (uint16_t)second;
	return status;
}

/* What stands between the opcode and the end, and whether the parts may stand together. */
static enum decode_status decode_rest(struct decoder *d, opcode_t entry)
{
	struct memory_operand address = {.base = REGISTER_NONE, .index = REGISTER_NONE};
	struct instruction *insn = d->insn;
	bool has_address = false;
	enum decode_status status;

	if (insn->encoding == ENCODING_LEGACY && OPCODE_PP(15) & entry &&
	    !(entry & OPCODE_PP(1u << insn->pp)))
		return DECODE_INVALID;
	if (entry & (d->mode_64 ? OPCODE_NOT_64 : OPCODE_ONLY_64))
		return DECODE_INVALID;
	decide_operand_size(d, entry);

	if (entry & OPCODE_MODRM) {
		status = decode_modrm(d);
		if (status != DECODE_OK)
			return status;
		has_address = MODRM_MOD(insn->modrm) != 3 && !(entry & OPCODE_NO_MOD);
		if (entry & (has_address ? OPCODE_REGISTER : OPCODE_MEMORY))
			return DECODE_INVALID;
		if (has_address) {
			status = decode_address(d, &address);
			if (status != DECODE_OK)
				return status;
		}
	}
	status = decode_immediates(d, entry);
	if (status != DECODE_OK)
		return status;

	if ((insn->prefixes & PREFIX_LOCK) &&
	    !((entry & OPCODE_LOCK) && (has_address || (entry & OPCODE_NO_MOD))))
		return DECODE_INVALID;
	/* Of the control registers from 8 on only CR8 exists, of the debug registers none. */
	if ((entry & OPCODE_NO_MOD) && insn->reg > 7 && !(insn->reg == 8 && (entry & OPCODE_LOCK)))
		return DECODE_INVALID;
	if (insn->map == MAP_0F0F && insn->encoding == ENCODING_LEGACY) {
		insn->opcode = (uint8_t)insn->immediate;
		insn->immediate = 0;
		insn->immediate_size = 0;
		if (!opcode_3dnow(insn->opcode))
			return DECODE_INVALID;
	}

	if (entry & OPCODE_IMPLIED)
		insn->memory = MEMORY_UNDESCRIBED;
	describe_implied(d, entry);
	if (has_address)
		describe_address(d, entry, &address);
	return DECODE_OK;
}

/* True if `opcode` begins a VEX, XOP or EVEX: where it has another meaning, the next byte decides.
 */
static enum decode_status is_vector(struct decoder *d, uint8_t opcode, bool *vector)
{
	enum decode_status status;
	uint8_t byte = 0;

	*vector = false;
	if (opcode != 0x62 && opcode != 0x8f && opcode != 0xc4 && opcode != 0xc5)
		return DECODE_OK;
	status = decode_peek(d, &byte);
	if (status != DECODE_OK)
		return status;
	*vector = opcode == 0x8f ? (byte & 31) >= 8 : d->mode_64 || MODRM_MOD(byte) == 3;
	return DECODE_OK;
}

enum decode_status instruction_decode(struct instruction *insn, const uint8_t *bytes, size_t size,
				      enum decode_mode mode)
{
	struct decoder d = {
		.insn = insn,
		.bytes = bytes,
		.size = MIN(size, INSTRUCTION_MAX),
		.mode_64 = mode >= DECODE_64,
		.intel = mode == DECODE_64_INTEL,
		.default_size = mode == DECODE_16 ? 2 : 4,
	};
	enum decode_status status;
	uint8_t opcode = 0;
	opcode_t entry = 0;
	bool vector;

	*insn = (struct instruction){.segment_override = SEGMENT_NONE};
	status = decode_prefixes(&d, &opcode);
	if (status != DECODE_OK)
		return status;
	apply_prefixes(&d);
	status = is_vector(&d, opcode, &vector);
	if (status == DECODE_OK && vector)
		status = decode_payload(&d, opcode);
	if (status == DECODE_OK)
		status = vector ? decode_vector_opcode(&d, &entry)
				: decode_opcode(&d, opcode, &entry);
	if (status == DECODE_OK)
		status = decode_rest(&d, entry);
	insn->length = d.at;
	return status;
}
