// SPDX-License-Identifier: Apache-2.0
/* VEX, XOP and EVEX: their payload, and what their rows demand. */
#include "decoder/decode.h"

static const uint32_t *find_row(const struct vector_map *map, uint32_t key)
{
	uint32_t low = 0, high = map->count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if ((map->rows[middle] & ROW_KEY_MASK) == key)
			return &map->rows[middle];
		if (map->rows[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* What an instruction's rule in its row asks beyond W, L, vvvv and the form. */
static bool obeys_rule(const struct decoder *d, enum vector_rule rule)
{
	const struct instruction *insn = d->insn;
	bool memory = MODRM_MOD(insn->modrm) != 3;
	/* Outside of 64-bit mode there are eight registers; the bit that would name more is
	 * ignored. */
	uint8_t vvvv = d->mode_64 ? insn->vvvv : insn->vvvv & 7;

	switch (rule) {
	case RULE_NONE:
	case RULE_IMPLIED:
		return true;
	case RULE_GATHER:
		return MODRM_RM(insn->modrm) == 4 && insn->address_size != 2;
	case RULE_MERGE:
		return !memory || insn->vvvv == 0;
	case RULE_MASKS:
		return vvvv < 8 && insn->reg < 8;
	case RULE_TILE:
		return d->mode_64 && insn->reg < 8 && MODRM_RM(insn->modrm) == 4;
	case RULE_TILES:
		return d->mode_64 && insn->vvvv < 8 && insn->reg < 8 && insn->rm < 8 &&
		       insn->reg != insn->rm && insn->reg != insn->vvvv && insn->rm != insn->vvvv;
	case RULE_TILE_ONE:
		return d->mode_64 && (memory || (insn->reg < 8 && MODRM_RM(insn->modrm) == 0));
	}
	return false;
}

/* An entry that says of the instruction what its row does. */
static opcode_t row_entry(const struct instruction *insn, uint32_t row)
{
	static const uint32_t byte = (uint32_t)IMMEDIATE_B << 2;
	opcode_t entry = OPCODE_VALID | OPCODE_MODRM;

	if (ROW_RULE(row) == RULE_IMPLIED)
		entry |= OPCODE_IMPLIED;
	entry |= (uint32_t)ROW_SIZE(row) << 6 | (uint32_t)ROW_ACCESS(row) << 11;
	if (insn->encoding == ENCODING_XOP)
		return entry | (insn->map == 8    ? byte
				: insn->map == 10 ? (uint32_t)IMMEDIATE_D << 2
						  : 0);
	if (insn->map == 3)
		return entry | byte;
	if (insn->map == 1 && ((insn->opcode & 0xfc) == 0x70 || insn->opcode == 0xc2 ||
			       (insn->opcode >= 0xc4 && insn->opcode <= 0xc6)))
		return insn->opcode == 0x77 ? entry : entry | byte;
	return entry;
}

enum decode_status decode_vector_opcode(struct decoder *d, opcode_t *entry)
{
	struct instruction *insn = d->insn;
	uint8_t row_map = insn->encoding == ENCODING_XOP ? (uint8_t)(insn->map - 7) : insn->map;
	const struct vector_map *map = insn->encoding == ENCODING_VEX   ? &vector_vex
				       : insn->encoding == ENCODING_XOP ? &vector_xop
									: &vector_evex;
	enum decode_status status;
	const uint32_t *found;
	uint32_t row;
	bool memory;

	status = decode_next(d, &insn->opcode);
	if (status != DECODE_OK)
		return status;
	found = row_map < 8 ? find_row(map, ROW_KEY(row_map, insn->pp, insn->opcode)) : NULL;
	if (!found)
		return DECODE_INVALID;
	row = *found;
	*entry = row_entry(insn, row);
	if (insn->encoding == ENCODING_VEX && insn->map == 1 && insn->opcode == 0x77) {
		*entry = OPCODE_VALID; /* VZEROUPPER, VZEROALL: no operands */
		return insn->vvvv == 0 ? DECODE_OK : DECODE_INVALID;
	}
	status = decode_modrm(d);
	if (status != DECODE_OK)
		return status;

	memory = MODRM_MOD(insn->modrm) != 3;
	d->gather = ROW_RULE(row) == RULE_GATHER;
	if (!(row & (insn->rex & REX_W ? ROW_W1 : ROW_W0)) ||
	    !(row & (memory ? ROW_MEMORY : ROW_REGISTER)) ||
	    !(vector_groups[ROW_GROUP(row)] >> MODRM_REG(insn->modrm) & 1))
		return DECODE_INVALID;
	/* Of the lengths of EVEX the fourth is none; with b and registers they are rounding modes.
	 */
	if (insn->vector_length == 3 && (memory || !d->evex_b))
		return DECODE_INVALID;
	if (insn->encoding != ENCODING_EVEX && !(row & (insn->vector_length ? ROW_L1 : ROW_L0)))
		return DECODE_INVALID;
	/* With EVEX its highest bit belongs to the index if that is a vector. */
	if (!(row & ROW_VVVV) && (d->gather ? insn->vvvv & 15 : insn->vvvv) != 0)
		return DECODE_INVALID;
	if (!obeys_rule(d, ROW_RULE(row)))
		return DECODE_INVALID;
	if (!d->mode_64)
		insn->vvvv &= 7;
	return DECODE_OK;
}

/*
 * The bytes behind C4, C5, 62 or 8F: the same fields in the same places, one byte apart. Two of
 * C5's are missing.
 */
enum decode_status decode_payload(struct decoder *d, uint8_t escape)
{
	struct instruction *insn = d->insn;
	uint8_t first = 0, second = 0, third = 0;
	enum decode_status status;

	if (insn->pp != PP_NONE || (insn->prefixes & (PREFIX_LOCK | PREFIX_REX)))
		return DECODE_INVALID;
	status = decode_next(d, &first);
	if (status == DECODE_OK && escape != 0xc5)
		status = decode_next(d, &second);
	if (status == DECODE_OK && escape == 0x62)
		status = decode_next(d, &third);
	if (status != DECODE_OK)
		return status;

	insn->encoding = escape == 0x62   ? ENCODING_EVEX
			 : escape == 0x8f ? ENCODING_XOP
					  : ENCODING_VEX;
	if (escape == 0xc5) {
		insn->map = 1;
		second = first & 0x7f;
		first |= 0x60;
	} else if (escape == 0x62) {
		insn->map = first & 7;
		if ((first & 8) || !(second & 4))
			return DECODE_INVALID;
	} else {
		insn->map = first & 31;
	}
	insn->rex = (uint8_t)(~first >> 5 & 7) | (second & 0x80 ? REX_W : 0);
	insn->pp = second & 3;
	insn->vvvv = ~second >> 3 & 15;
	insn->vector_length = second >> 2 & 1;
	if (escape == 0x62) {
		insn->vector_length = third >> 5 & 3;
		insn->evex_mask = third & 7;
		d->evex_b = third & 16;
		if (!(third & 8))
			insn->vvvv |= 16;
	}
	if (!d->mode_64) {
		/* Registers beyond the eight do not exist; the bit is ignored. */
		insn->rex &= REX_W;
	}
	return DECODE_OK;
}
