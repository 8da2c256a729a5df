// SPDX-License-Identifier: Apache-2.0
/*
 * The instruction decoder under libFuzzer: the first byte of an input selects the mode, the others
 * are decoded. Whatever they are: nothing behind them is read, the answer is the same each time,
 * and further bytes change it only where it was "more".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decoder/decoder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

/* Decode a copy of exactly `size` bytes, so that a byte too many is seen. */
static enum decode_status decode(struct instruction *insn, const uint8_t *bytes, size_t size,
				 enum decode_mode mode)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);
	enum decode_status status;

	require(copy, "no memory for an input");
	if (size > 0)
		memcpy(copy, bytes, size);
	memset(insn, 0xa5, sizeof(*insn));
	status = instruction_decode(insn, copy + (size == 0), size, mode);
	free(copy);
	return status;
}

static void check_operands(const struct instruction *insn)
{
	require(insn->operand_count <= 2, "more than two memory operands");
	require((insn->memory == MEMORY_DESCRIBED) == (insn->operand_count > 0),
		"operands, and no description");
	for (unsigned int i = 0; i < insn->operand_count; i++) {
		const struct memory_operand *operand = &insn->operand[i];

		require(operand->access >= 1 && operand->access <= 3, "access");
		require(operand->size >= 1 && operand->size <= 64, "size of an operand");
		require(operand->segment <= SEGMENT_GS, "segment");
		require(operand->base <= REGISTER_RIP || operand->base == REGISTER_NONE, "base");
		require(operand->index < 16 || operand->index == REGISTER_NONE, "index");
		require((operand->index == REGISTER_NONE) == (operand->scale == 0), "scale");
	}
}

static void check(const struct instruction *insn, enum decode_mode mode)
{
	require(insn->length >= 1 && insn->length <= INSTRUCTION_MAX, "length");
	require(insn->operand_size == 1 || insn->operand_size == 2 || insn->operand_size == 4 ||
			(insn->operand_size == 8 && mode >= DECODE_64),
		"operand size");
	require(insn->address_size == 2 || insn->address_size == 4 ||
			(insn->address_size == 8 && mode >= DECODE_64),
		"address size");
	require(1 + insn->has_modrm + insn->has_sib + insn->displacement_size +
				insn->immediate_size + insn->second_immediate_size <=
			insn->length,
		"the parts are longer than the whole");
	check_operands(insn);
}

static bool same(const struct instruction *a, const struct instruction *b)
{
	if (a->length != b->length || a->encoding != b->encoding || a->map != b->map ||
	    a->opcode != b->opcode || a->prefixes != b->prefixes || a->rex != b->rex ||
	    a->modrm != b->modrm || a->sib != b->sib || a->displacement != b->displacement ||
	    a->immediate != b->immediate || a->second_immediate != b->second_immediate ||
	    a->operand_size != b->operand_size || a->address_size != b->address_size ||
	    a->memory != b->memory || a->operand_count != b->operand_count)
		return false;
	for (unsigned int i = 0; i < a->operand_count; i++)
		if (a->operand[i].access != b->operand[i].access ||
		    a->operand[i].size != b->operand[i].size ||
		    a->operand[i].segment != b->operand[i].segment ||
		    a->operand[i].base != b->operand[i].base ||
		    a->operand[i].index != b->operand[i].index ||
		    a->operand[i].displacement != b->operand[i].displacement)
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct instruction whole, part;
	enum decode_status status, last = DECODE_MORE;
	enum decode_mode mode;

	if (size == 0)
		return 0;
	mode = (enum decode_mode)(data[0] % 4);
	data++;
	size--;
	if (size > 20)
		size = 20;
	status = decode(&whole, data, size, mode);
	if (status == DECODE_OK)
		check(&whole, mode);
	for (size_t i = 0; i <= size; i++) {
		enum decode_status now = decode(&part, data, i, mode);

		require(last == DECODE_MORE || now == last, "more bytes changed the answer");
		require(now != DECODE_MORE || i < INSTRUCTION_MAX, "fifteen bytes are not enough");
		if (now == DECODE_OK) {
			require(part.length <= i, "length of bytes that were not there");
			require(status == DECODE_OK && same(&part, &whole),
				"the answer depends on bytes behind the instruction");
		}
		last = now;
	}
	require(last == status, "twice the same bytes, two answers");
	return 0;
}
