// SPDX-License-Identifier: Apache-2.0
/* Port instructions: single ones, and strings with and without a rep prefix. */
#include "worker/emulate/emulate.h"

#include "worker/emulate/walk.h"

#define RFLAGS_DF        UINT64_C(0x400)
#define CS_BIG           0x4000u
#define PREFIX_ADDRESS   0x67u
#define ELEMENTS_AT_ONCE 1024u /* of a string, until the guest may take interrupts */

uint64_t emulate_mask(unsigned int size)
{
	return size >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * size)) - 1;
}

uint64_t emulate_merge(uint64_t old, uint64_t value, unsigned int size)
{
	if (size == 4)
		return value & UINT32_MAX; /* the upper half becomes zero */
	return (old & ~emulate_mask(size)) | (value & emulate_mask(size));
}

/* Bytes of an address: of RCX, RSI and RDI as the instruction uses them. */
static unsigned int address_size(const struct hv_vp_register_page *registers,
				 const struct hv_x64_io_port_intercept_message *message)
{
	unsigned int size;
	bool prefix = false;

	for (unsigned int i = 0; i < message->instruction_byte_count && i < 15; i++) {
		uint8_t byte = message->instruction_bytes[i];

		if ((byte & 0xfc) == 0x6c)
			break; /* the opcode: INS or OUTS */
		if (byte == PREFIX_ADDRESS)
			prefix = true;
	}
	if (walk_long_mode(registers))
		return prefix ? 4 : 8;
	size = message->header.cs.attributes & CS_BIG ? 4 : 2;
	return prefix ? 6 - size : size;
}

static void advance(struct hv_vp_register_page *registers,
		    const struct hv_x64_io_port_intercept_message *message)
{
	uint64_t rip = message->header.rip + (message->header.instruction_length_cr8 & 0xfu);

	registers->rip = walk_long_mode(registers) ? rip : rip & UINT32_MAX;
	registers->dirty |= EMULATE_DIRTY_IP;
}

/* One element of a string. Returns false if its memory is not there. */
static bool move_element(const struct emulate *emulate, uint16_t port, unsigned int size, bool out,
			 uint64_t gva)
{
	uint8_t bytes[4] = {0};
	uint32_t value = 0;

	if (out) {
		if (walk_read(emulate->memory, emulate->registers, gva, bytes, size) < size)
			return false;
		for (unsigned int i = 0; i < size; i++)
			value |= (uint32_t)bytes[i] << (8 * i);
		devices_port_write(emulate->devices, port, size, value);
		return true;
	}
	/* what a port gives is gone once it is read: see that there is a place for it first */
	if (!walk_write(emulate->memory, emulate->registers, gva, bytes, size))
		return false;
	value = devices_port_read(emulate->devices, port, size);
	for (unsigned int i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
	return walk_write(emulate->memory, emulate->registers, gva, bytes, size);
}

static const char *string(const struct emulate *emulate,
			  const struct hv_x64_io_port_intercept_message *message, unsigned int size)
{
	struct hv_vp_register_page *registers = emulate->registers;
	bool out = message->header.intercept_access_type == HV_INTERCEPT_ACCESS_WRITE;
	bool rep = message->access_info & HV_IO_ACCESS_REP;
	uint64_t *index = &registers->gp_registers[out ? RSI : RDI];
	uint64_t *counter = &registers->gp_registers[RCX];
	uint64_t base = out ? message->ds.base : message->es.base;
	unsigned int width = address_size(registers, message);
	uint64_t mask = emulate_mask(width);
	uint64_t step = message->header.rflags & RFLAGS_DF ? -(uint64_t)size : size;
	uint64_t left = rep ? *counter & mask : 1;
	unsigned int budget = ELEMENTS_AT_ONCE;

	for (; left > 0 && budget > 0; left--, budget--) {
		if (!move_element(emulate, message->port_number, size, out,
				  base + (*index & mask))) {
			if (budget == ELEMENTS_AT_ONCE)
				return "a string port instruction reaches where no memory is";
			break;
		}
		*index = emulate_merge(*index, *index + step, width);
		if (rep)
			*counter = emulate_merge(*counter, left - 1, width);
	}
	registers->dirty |= EMULATE_DIRTY_GENERAL;
	if (left == 0)
		advance(registers, message);
	return NULL;
}

const char *emulate_port(const struct emulate *emulate,
			 const struct hv_x64_io_port_intercept_message *message)
{
	struct hv_vp_register_page *registers = emulate->registers;
	unsigned int size = message->access_info & HV_IO_ACCESS_SIZE_MASK;
	uint64_t *rax = &registers->gp_registers[RAX];

	if (size != 1 && size != 2 && size != 4)
		return "a port instruction of a size that does not exist";
	if (message->access_info & HV_IO_ACCESS_STRING)
		return string(emulate, message, size);
	if (message->header.intercept_access_type == HV_INTERCEPT_ACCESS_WRITE) {
		devices_port_write(emulate->devices, message->port_number, size,
				   (uint32_t)(message->rax & emulate_mask(size)));
	} else {
		*rax = emulate_merge(
			*rax, devices_port_read(emulate->devices, message->port_number, size),
			size);
		registers->dirty |= EMULATE_DIRTY_GENERAL;
	}
	advance(registers, message);
	return NULL;
}
