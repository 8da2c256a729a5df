// SPDX-License-Identifier: Apache-2.0
/* Instructions with an operand in a device's registers, decoded by Zydis. */
#include "worker/emulate/emulate.h"

#include <string.h>

#include <Zydis/Zydis.h>

#include "worker/emulate/walk.h"

#define CS_SEGMENT 1u
#define CS_BIG     0x4000u

#define FLAG_CF      UINT64_C(0x001)
#define FLAG_PF      UINT64_C(0x004)
#define FLAG_AF      UINT64_C(0x010)
#define FLAG_ZF      UINT64_C(0x040)
#define FLAG_SF      UINT64_C(0x080)
#define FLAG_DF      UINT64_C(0x400)
#define FLAG_OF      UINT64_C(0x800)
#define FLAGS_STATUS (FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF)

#define ELEMENTS_AT_ONCE 512u /* of a string instruction */

struct instruction {
	ZydisDecodedInstruction decoded;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

/* Where an instruction's accesses go: RAM or a device. */
struct place {
	const struct emulate *emulate;
	uint64_t gpa;
};

static uint64_t place_read(struct place place, unsigned int size)
{
	uint64_t value = 0;

	if (!memory_read(place.emulate->memory, place.gpa, &value, size))
		value = devices_memory_read(place.emulate->devices, place.gpa, size);
	return value;
}

static void place_write(struct place place, unsigned int size, uint64_t value)
{
	if (!memory_write(place.emulate->memory, place.gpa, &value, size))
		devices_memory_write(place.emulate->devices, place.gpa, size, value);
}

/* A general register of any size as its number and the shift of its value; false: another kind. */
static bool locate(ZydisRegister reg, unsigned int *index, unsigned int *shift)
{
	const ZydisRegisterClass kind = ZydisRegisterGetClass(reg);
	ZyanI8 id = ZydisRegisterGetId(reg);

	*shift = 0;
	switch ((unsigned int)kind) {
	case ZYDIS_REGCLASS_GPR8:
		if (reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH) {
			*index = (unsigned int)(reg - ZYDIS_REGISTER_AH);
			*shift = 8;
			return true;
		}
		if (reg <= ZYDIS_REGISTER_BL)
			*index = (unsigned int)(reg - ZYDIS_REGISTER_AL);
		else
			*index = (unsigned int)(reg - ZYDIS_REGISTER_SPL) + 4;
		return *index < 16;
	case ZYDIS_REGCLASS_GPR16:
	case ZYDIS_REGCLASS_GPR32:
	case ZYDIS_REGCLASS_GPR64:
		*index = (unsigned int)id;
		return id >= 0 && id < 16;
	default:
		return false;
	}
}

static uint64_t sign_extend(uint64_t value, unsigned int size)
{
	uint64_t sign = UINT64_C(1) << (8 * size - 1);

	value &= emulate_mask(size);
	return size >= 8 ? value : (value ^ sign) - sign;
}

/* The value of a register or immediate operand; false if it is neither. */
static bool operand_value(const struct emulate *emulate, const ZydisDecodedOperand *operand,
			  uint64_t *value)
{
	unsigned int index, shift;

	if (operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
		*value = operand->imm.value.u; /* Zydis has extended its sign */
		return true;
	}
	if (operand->type != ZYDIS_OPERAND_TYPE_REGISTER ||
	    !locate(operand->reg.value, &index, &shift))
		return false;
	*value = emulate->registers->gp_registers[index] >> shift;
	return true;
}

static bool set_operand(const struct emulate *emulate, const ZydisDecodedOperand *operand,
			uint64_t value)
{
	unsigned int index, shift, size = operand->size / 8u;
	uint64_t *reg;

	if (operand->type != ZYDIS_OPERAND_TYPE_REGISTER ||
	    !locate(operand->reg.value, &index, &shift))
		return false;
	reg = &emulate->registers->gp_registers[index];
	if (shift)
		*reg = (*reg & ~UINT64_C(0xff00)) | (value & 0xff) << 8;
	else
		*reg = emulate_merge(*reg, value, size);
	emulate->registers->dirty |= EMULATE_DIRTY_GENERAL;
	return true;
}

static void set_flags(struct hv_vp_register_page *registers, uint64_t result, unsigned int size,
		      uint64_t carries)
{
	uint64_t flags = carries;

	result &= emulate_mask(size);
	if (result == 0)
		flags |= FLAG_ZF;
	if (result >> (8 * size - 1))
		flags |= FLAG_SF;
	if (!__builtin_parity((unsigned int)(result & 0xff)))
		flags |= FLAG_PF;
	registers->rflags = (registers->rflags & ~FLAGS_STATUS) | flags;
	registers->dirty |= EMULATE_DIRTY_FLAGS;
}

/* a OP b with its flags; false if OP is not among those done here. */
static bool calculate(struct hv_vp_register_page *registers, ZydisMnemonic mnemonic, uint64_t a,
		      uint64_t b, unsigned int size, uint64_t *result)
{
	uint64_t mask = emulate_mask(size), sign = UINT64_C(1) << (8 * size - 1);
	uint64_t carries = 0;

	a &= mask;
	b &= mask;
	switch ((unsigned int)mnemonic) {
	case ZYDIS_MNEMONIC_AND:
	case ZYDIS_MNEMONIC_TEST:
		*result = a & b;
		break;
	case ZYDIS_MNEMONIC_OR:
		*result = a | b;
		break;
	case ZYDIS_MNEMONIC_XOR:
		*result = a ^ b;
		break;
	case ZYDIS_MNEMONIC_ADD:
		*result = (a + b) & mask;
		carries = (*result < a ? FLAG_CF : 0) |
			  ((a ^ *result) & (b ^ *result) & sign ? FLAG_OF : 0) |
			  ((a ^ b ^ *result) & 0x10 ? FLAG_AF : 0);
		break;
	case ZYDIS_MNEMONIC_SUB:
	case ZYDIS_MNEMONIC_CMP:
		*result = (a - b) & mask;
		carries = (a < b ? FLAG_CF : 0) | ((a ^ b) & (a ^ *result) & sign ? FLAG_OF : 0) |
			  ((a ^ b ^ *result) & 0x10 ? FLAG_AF : 0);
		break;
	default:
		return false;
	}
	set_flags(registers, *result, size, carries);
	return true;
}

static const char *const unknown = "an instruction that the worker cannot carry out for a device";

/* Instructions with a result in the operand in memory. */
static const char *store(const struct emulate *emulate, const struct instruction *insn,
			 struct place place)
{
	const ZydisDecodedOperand *to = &insn->operands[0], *from = &insn->operands[1];
	unsigned int size = to->size / 8u;
	uint64_t value, result;

	if (!operand_value(emulate, from, &value))
		return unknown;
	switch ((unsigned int)insn->decoded.mnemonic) {
	case ZYDIS_MNEMONIC_MOV:
		place_write(place, size, value & emulate_mask(size));
		return NULL;
	case ZYDIS_MNEMONIC_XCHG:
		result = place_read(place, size);
		place_write(place, size, value & emulate_mask(size));
		return set_operand(emulate, from, result) ? NULL : unknown;
	case ZYDIS_MNEMONIC_TEST:
	case ZYDIS_MNEMONIC_CMP:
		calculate(emulate->registers, insn->decoded.mnemonic, place_read(place, size),
			  value, size, &result);
		return NULL;
	case ZYDIS_MNEMONIC_AND:
	case ZYDIS_MNEMONIC_OR:
	case ZYDIS_MNEMONIC_XOR:
	case ZYDIS_MNEMONIC_ADD:
	case ZYDIS_MNEMONIC_SUB:
		calculate(emulate->registers, insn->decoded.mnemonic, place_read(place, size),
			  value, size, &result);
		place_write(place, size, result);
		return NULL;
	default:
		return unknown;
	}
}

/* Instructions with a result in a register. */
static const char *load(const struct emulate *emulate, const struct instruction *insn,
			struct place place)
{
	const ZydisDecodedOperand *to = &insn->operands[0], *from = &insn->operands[1];
	unsigned int size = from->size / 8u;
	uint64_t old, value, result;

	if (!operand_value(emulate, to, &old))
		return unknown;
	switch ((unsigned int)insn->decoded.mnemonic) {
	case ZYDIS_MNEMONIC_MOV:
	case ZYDIS_MNEMONIC_MOVZX:
		value = place_read(place, size) & emulate_mask(size);
		break;
	case ZYDIS_MNEMONIC_MOVSX:
	case ZYDIS_MNEMONIC_MOVSXD:
		value = sign_extend(place_read(place, size), size);
		break;
	case ZYDIS_MNEMONIC_XCHG:
		value = place_read(place, size);
		place_write(place, size, old & emulate_mask(size));
		break;
	case ZYDIS_MNEMONIC_TEST:
	case ZYDIS_MNEMONIC_CMP:
		calculate(emulate->registers, insn->decoded.mnemonic, old, place_read(place, size),
			  size, &result);
		return NULL;
	case ZYDIS_MNEMONIC_AND:
	case ZYDIS_MNEMONIC_OR:
	case ZYDIS_MNEMONIC_XOR:
	case ZYDIS_MNEMONIC_ADD:
	case ZYDIS_MNEMONIC_SUB:
		calculate(emulate->registers, insn->decoded.mnemonic, old, place_read(place, size),
			  size, &value);
		break;
	default:
		return unknown;
	}
	return set_operand(emulate, to, value) ? NULL : unknown;
}

/* The linear address of a string operand at `index`. */
static uint64_t string_address(const struct emulate *emulate, const ZydisDecodedOperand *operand,
			       unsigned int index, unsigned int width)
{
	unsigned int segment = (unsigned int)ZydisRegisterGetId(operand->mem.segment);
	uint64_t base = 0;

	/* in 64-bit mode only FS and GS have bases */
	if (segment < 6 && (!walk_long_mode(emulate->registers) || segment >= 4))
		base = emulate->registers->segment_registers[segment].base;
	return base + (emulate->registers->gp_registers[index] & emulate_mask(width));
}

/* One element of MOVS, STOS or LODS. Returns false if an address has no translation. */
static bool string_element(const struct emulate *emulate, const struct instruction *insn,
			   unsigned int size, unsigned int width)
{
	struct place from = {emulate, 0}, to = {emulate, 0};
	uint64_t value = emulate->registers->gp_registers[RAX];
	bool reads = insn->operands[1].type == ZYDIS_OPERAND_TYPE_MEMORY;
	bool writes = insn->operands[0].type == ZYDIS_OPERAND_TYPE_MEMORY;

	if (reads &&
	    !walk_translate(emulate->memory, emulate->registers,
			    string_address(emulate, &insn->operands[1], RSI, width), &from.gpa))
		return false;
	if (writes &&
	    !walk_translate(emulate->memory, emulate->registers,
			    string_address(emulate, &insn->operands[0], RDI, width), &to.gpa))
		return false;
	if (reads)
		value = place_read(from, size);
	if (writes)
		place_write(to, size, value & emulate_mask(size));
	else
		emulate->registers->gp_registers[RAX] = emulate_merge(
			emulate->registers->gp_registers[RAX], value, size);
	return true;
}

/* Returns NULL, and whether the instruction is *complete. */
static const char *string(const struct emulate *emulate, const struct instruction *insn,
			  bool *complete)
{
	struct hv_vp_register_page *registers = emulate->registers;
	unsigned int size = insn->operands[0].size / 8u;
	unsigned int width = insn->decoded.address_width / 8u;
	bool rep = insn->decoded.attributes & ZYDIS_ATTRIB_HAS_REP;
	uint64_t *counter = &registers->gp_registers[RCX];
	uint64_t step = registers->rflags & FLAG_DF ? -(uint64_t)size : size;
	uint64_t left = rep ? *counter & emulate_mask(width) : 1;

	for (unsigned int budget = ELEMENTS_AT_ONCE; left > 0 && budget > 0; left--, budget--) {
		if (!string_element(emulate, insn, size, width)) {
			if (budget == ELEMENTS_AT_ONCE)
				return "a string instruction reaches where no memory is";
			break;
		}
		if (insn->operands[1].type == ZYDIS_OPERAND_TYPE_MEMORY)
			registers->gp_registers[RSI] = emulate_merge(
				registers->gp_registers[RSI], registers->gp_registers[RSI] + step,
				width);
		if (insn->operands[0].type == ZYDIS_OPERAND_TYPE_MEMORY)
			registers->gp_registers[RDI] = emulate_merge(
				registers->gp_registers[RDI], registers->gp_registers[RDI] + step,
				width);
		if (rep)
			*counter = emulate_merge(*counter, left - 1, width);
	}
	registers->dirty |= EMULATE_DIRTY_GENERAL;
	*complete = left == 0;
	return NULL;
}

static bool decode(const struct emulate *emulate, const uint8_t *bytes, size_t count,
		   struct instruction *insn)
{
	const struct hv_x64_segment_register *cs =
		&emulate->registers->segment_registers[CS_SEGMENT];
	ZydisMachineMode mode = ZYDIS_MACHINE_MODE_LEGACY_16;
	ZydisStackWidth stack = ZYDIS_STACK_WIDTH_16;
	ZydisDecoder decoder;

	if (walk_long_mode(emulate->registers)) {
		mode = ZYDIS_MACHINE_MODE_LONG_64;
		stack = ZYDIS_STACK_WIDTH_64;
	} else if (cs->attributes & CS_BIG) {
		mode = ZYDIS_MACHINE_MODE_LEGACY_32;
		stack = ZYDIS_STACK_WIDTH_32;
	}
	return ZYAN_SUCCESS(ZydisDecoderInit(&decoder, mode, stack)) &&
	       ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, count, &insn->decoded,
						   insn->operands));
}

/* Decode what the message has; if that is not enough, what the guest's memory has. */
static bool fetch(const struct emulate *emulate, const uint8_t *bytes, size_t count,
		  struct instruction *insn)
{
	uint8_t fetched[EMULATE_INSTRUCTION_MAX];
	uint64_t base = 0;

	if (count > 0 && decode(emulate, bytes, count, insn))
		return true;
	if (!walk_long_mode(emulate->registers))
		base = emulate->registers->segment_registers[CS_SEGMENT].base;
	count = walk_read(emulate->memory, emulate->registers, base + emulate->registers->rip,
			  fetched, sizeof(fetched));
	return count > 0 && decode(emulate, fetched, count, insn);
}

static const char *carry_out(const struct emulate *emulate, const struct instruction *insn,
			     uint64_t gpa, bool *complete)
{
	struct place place = {emulate, gpa};

	*complete = true;
	switch ((unsigned int)insn->decoded.mnemonic) {
	case ZYDIS_MNEMONIC_MOVSB:
	case ZYDIS_MNEMONIC_MOVSW:
	case ZYDIS_MNEMONIC_MOVSD:
	case ZYDIS_MNEMONIC_MOVSQ:
	case ZYDIS_MNEMONIC_STOSB:
	case ZYDIS_MNEMONIC_STOSW:
	case ZYDIS_MNEMONIC_STOSD:
	case ZYDIS_MNEMONIC_STOSQ:
	case ZYDIS_MNEMONIC_LODSB:
	case ZYDIS_MNEMONIC_LODSW:
	case ZYDIS_MNEMONIC_LODSD:
	case ZYDIS_MNEMONIC_LODSQ:
		if (insn->decoded.meta.category != ZYDIS_CATEGORY_STRINGOP)
			return unknown; /* MOVSD of SSE2 */
		return string(emulate, insn, complete);
	default:
		break;
	}
	if (insn->decoded.operand_count_visible != 2)
		return unknown;
	if (insn->operands[0].type == ZYDIS_OPERAND_TYPE_MEMORY)
		return store(emulate, insn, place);
	if (insn->operands[1].type == ZYDIS_OPERAND_TYPE_MEMORY)
		return load(emulate, insn, place);
	return unknown;
}

const char *emulate_memory(const struct emulate *emulate, uint64_t gpa, const uint8_t *bytes,
			   size_t count)
{
	struct hv_vp_register_page *registers = emulate->registers;
	struct instruction insn;
	const char *problem;
	bool complete;

	if (!fetch(emulate, bytes, count, &insn))
		return "an instruction that cannot be read";
	problem = carry_out(emulate, &insn, gpa, &complete);
	if (problem || !complete)
		return problem;
	registers->rip += insn.decoded.length;
	if (!walk_long_mode(registers))
		registers->rip &= UINT32_MAX;
	registers->dirty |= EMULATE_DIRTY_IP;
	return NULL;
}
