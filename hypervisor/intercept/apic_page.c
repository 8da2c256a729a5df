// SPDX-License-Identifier: Apache-2.0
/*
 * The page of APIC registers. No partition has a physical one mapped: each access is a nested page
 * fault, and the instruction is carried out here on the registers of the VP's own APIC.
 */
#include "core/counter.h"
#include "decoder/decoder.h"
#include "intercept/intercept.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "x86/cpu.h"

COUNTER(accesses, "apic.page_access");

/* What is loaded, stored or both. */
enum action {
	ACTION_LOAD,        /* register = memory */
	ACTION_LOAD_SIGNED, /* ... sign extended */
	ACTION_STORE,       /* memory = register */
	ACTION_STORE_IMMEDIATE,
	ACTION_EXCHANGE,
	ACTION_NONE,
};

/* What `insn` does with its memory operand. *reg: the general register, in its encoding. */
static enum action action_of(const struct instruction *insn, uint8_t *reg)
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

/* Without the page nothing answers there. */
static bool has_page(const struct vp *vp)
{
	return apic_enabled(vp) && !apic_is_x2apic(vp);
}

static uint64_t load(struct vp *vp, uint32_t offset, unsigned int size)
{
	return has_page(vp) ? apic_read_page(vp, offset, size) : mask_of(size);
}

static void store(struct vp *vp, uint32_t offset, unsigned int size, uint64_t value)
{
	if (has_page(vp))
		apic_write_page(vp, offset, size, value);
}

static bool execute(struct vp *vp, const struct instruction *insn, uint32_t offset)
{
	unsigned int size = insn->operand[0].size;
	uint64_t value;
	uint8_t reg;
	enum action action = action_of(insn, &reg);

	if (action == ACTION_NONE || size > 8)
		return false;
	switch (action) {
	case ACTION_LOAD:
		write_reg(vp, insn, reg, insn->operand_size, load(vp, offset, size));
		break;
	case ACTION_LOAD_SIGNED:
		value = sign_extend(load(vp, offset, size), size);
		write_reg(vp, insn, reg, insn->operand_size, value);
		break;
	case ACTION_STORE:
		store(vp, offset, size, read_reg(vp, insn, reg, size));
		break;
	case ACTION_STORE_IMMEDIATE:
		store(vp, offset, size, (uint64_t)insn->immediate & mask_of(size));
		break;
	default: /* ACTION_EXCHANGE */
		value = load(vp, offset, size);
		store(vp, offset, size, read_reg(vp, insn, reg, size));
		write_reg(vp, insn, reg, size, value);
		break;
	}
	return true;
}

bool intercept_apic_page(struct vp *vp, gpa_t gpa)
{
	struct instruction insn;

	if ((gpa & PAGE_MASK) != (vp->apic.base & APIC_BASE_ADDRESS))
		return false;
	if (!vp_decode(vp, &insn) || !execute(vp, &insn, (uint32_t)(gpa % PAGE_SIZE)))
		return false;
	counter_inc(&accesses);
	vp_step(vp, insn.length);
	return true;
}
