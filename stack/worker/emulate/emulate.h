// SPDX-License-Identifier: Apache-2.0
/*
 * Does for a guest what its processor could not: accesses to devices, in memory and by ports. Pure:
 * registers, memory and devices in, the same changed out.
 */
#ifndef WORKER_EMULATE_EMULATE_H
#define WORKER_EMULATE_EMULATE_H

#include <stddef.h>
#include <stdint.h>

#include "abi/hv/intercept.h"
#include "abi/hv/vp.h"
#include "worker/devices.h"
#include "worker/memory.h"

#define EMULATE_INSTRUCTION_MAX 15u

/* General registers, as instructions number them and the register page has them. */
enum {
	RAX,
	RCX,
	RDX,
	RBX,
	RSP,
	RBP,
	RSI,
	RDI,
};

struct emulate {
	const struct guest_memory *memory;
	struct devices *devices;
	struct hv_vp_register_page *registers; /* its `dirty` gets the classes that change */
};

/*
 * Carry out the instruction at RIP, one of whose operands is at `gpa` outside RAM. `bytes`: the
 * instruction, as far as it is known; what is missing is read from the guest. Returns NULL, the
 * registers being those after it (or, of a long string instruction, those after a part of it), or
 * why it cannot be done; nothing has changed then.
 */
const char *emulate_memory(const struct emulate *emulate, uint64_t gpa, const uint8_t *bytes,
			   size_t count);

/* Carry out the port instruction that `message` tells of. Returns as emulate_memory() does. */
const char *emulate_port(const struct emulate *emulate,
			 const struct hv_x64_io_port_intercept_message *message);

/* The classes of registers, as bits of the register page's `dirty`. */
#define EMULATE_DIRTY_GENERAL (UINT32_C(1) << HV_X64_REGISTER_CLASS_GENERAL)
#define EMULATE_DIRTY_IP      (UINT32_C(1) << HV_X64_REGISTER_CLASS_IP)
#define EMULATE_DIRTY_FLAGS   (UINT32_C(1) << HV_X64_REGISTER_CLASS_FLAGS)

/* `value` merged into `old` as a register of `size` bytes is written in 64-bit mode. */
uint64_t emulate_merge(uint64_t old, uint64_t value, unsigned int size);

/* All ones in the low `size` bytes, 1..8. */
uint64_t emulate_mask(unsigned int size);

#endif
