// SPDX-License-Identifier: Apache-2.0
#include "intercept/memory_access.h"

#include "partition/vp.h"

/* What `insn` does with its memory operand. *reg: the general register, in its encoding. */
static enum memory_action action_of(const struct instruction *insn, uint8_t *reg)
{
	*reg = insn->reg;
	if (insn->encoding != ENCODING_LEGACY || insn->memory != MEMORY_DESCRIBED ||
	    insn->operand_count != 1)
		return ACTION_NONE;
	if (insn->map == MAP_0F) {
		switch (insn->opcode) {
		case 0xb6: /* MOVZX */
		case 0xb7:
			return ACTION_LOAD;
		case 0xbe: /* MOVSX */
		case 0xbf:
			return ACTION_LOAD_SIGNED;
		default:
			return ACTION_NONE;
		}
	}
	if (insn->map != MAP_ONE_BYTE)
		return ACTION_NONE;
	switch (insn->opcode) {
	case 0x86: /* XCHG */
	case 0x87:
		return ACTION_EXCHANGE;
	case 0x88: /* MOV */
	case 0x89:
		return ACTION_STORE;
	case 0x8a:
	case 0x8b:
		return ACTION_LOAD;
	case 0xa0: /* MOV between the accumulator and an absolute address */
	case 0xa1:
		*reg = REGISTER_RAX;
		return ACTION_LOAD;
	case 0xa2:
	case 0xa3:
		*reg = REGISTER_RAX;
		return ACTION_STORE;
	case 0xc6: /* MOV of an immediate */
	case 0xc7:
		return ACTION_STORE_IMMEDIATE;
	default:
		return ACTION_NONE;
	}
}

/* Where register `reg` of `size` bytes is, and by how many bits it is shifted there: AH to BH. */
static uint64_t *register_of(struct vp *vp, const struct instruction *insn, uint8_t reg,
			     unsigned int size, unsigned int *shift)
{
	*shift = 0;
	if (size == 1 && reg >= 4 && reg < 8 && !(insn->prefixes & PREFIX_REX)) {
		*shift = 8;
		reg -= 4;
	}
	return &vp->regs.general[reg];
}

static uint64_t mask_of(unsigned int size)
{
	return size >= 8 ? UINT64_MAX : (1UL << size * 8) - 1;
}

static uint64_t read_reg(struct vp *vp, const struct instruction *insn, uint8_t reg,
			 unsigned int size)
{
	unsigned int shift;
	const uint64_t *at = register_of(vp, insn, reg, size, &shift);

	return *at >> shift & mask_of(size);
}

static void write_reg(struct vp *vp, const struct instruction *insn, uint8_t reg, unsigned int size,
		      uint64_t value)
{
	unsigned int shift;
	uint64_t *at = register_of(vp, insn, reg, size, &shift);
	/* Writing four bytes clears the upper four. */
	uint64_t mask = size == 4 ? UINT64_MAX : mask_of(size) << shift;

	*at = (*at & ~mask) | ((value & mask_of(size)) << shift);
}

static uint64_t sign_extend(uint64_t value, unsigned int size)
{
	unsigned int unused = 64 - size * 8;

	return (uint64_t)((int64_t)(value << unused) >> unused);
}

bool memory_access_decode(struct vp *vp, struct memory_access *access)
{
	if (!vp_decode(vp, &access->insn))
		return false;
	access->action = action_of(&access->insn, &access->reg);
	if (access->action == ACTION_NONE)
		return false;
	access->size = access->insn.operand[0].size;
	return access->size <= 8;
}

uint64_t memory_access_stored(struct vp *vp, const struct memory_access *access)
{
	if (access->action == ACTION_STORE_IMMEDIATE)
		return (uint64_t)access->insn.immediate & mask_of(access->size);
	return read_reg(vp, &access->insn, access->reg, access->size);
}

void memory_access_loaded(struct vp *vp, const struct memory_access *access, uint64_t value)
{
	const struct instruction *insn = &access->insn;

	value &= mask_of(access->size);
	switch (access->action) {
	case ACTION_LOAD:
		write_reg(vp, insn, access->reg, insn->operand_size, value);
		break;
	case ACTION_LOAD_SIGNED:
		write_reg(vp, insn, access->reg, insn->operand_size,
			  sign_extend(value, access->size));
		break;
	case ACTION_EXCHANGE:
		write_reg(vp, insn, access->reg, access->size, value);
		break;
	default:
		break;
	}
}
