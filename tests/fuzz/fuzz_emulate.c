// SPDX-License-Identifier: Apache-2.0
/*
 * Emulated instructions under libFuzzer. An input is the registers that matter, then the guest's
 * memory from 0 on: tables, code and all. Nothing outside that memory is touched, and what cannot
 * be done leaves RIP where it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/emulate/emulate.h"
#include "worker/layout.h"

#define RAM_SIZE 0x8000u

struct input {
	uint64_t registers[16];
	uint64_t rip, rflags, cr0, cr3, cr4, efer, gpa;
	uint16_t cs_attributes, port;
	uint8_t bytes[16];
	uint8_t count, port_info, write, use_port;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void fill(struct hv_vp_register_page *registers, const struct input *input)
{
	memset(registers, 0, sizeof(*registers));
	memcpy(registers->gp_registers, input->registers, sizeof(input->registers));
	registers->rip = input->rip;
	registers->rflags = input->rflags;
	registers->cr0 = input->cr0;
	registers->cr3 = input->cr3;
	registers->cr4 = input->cr4;
	registers->efer = input->efer;
	registers->segment_registers[1].attributes = input->cs_attributes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct devices devices;
	struct hv_x64_io_port_intercept_message port = {0};
	struct hv_vp_register_page registers;
	struct guest_memory memory = {.count = 1, .regions = {{0, RAM_SIZE, NULL}}};
	const struct emulate emulate = {&memory, &devices, &registers};
	struct input input = {0};
	const char *problem;

	memcpy(&input, data, size < sizeof(input) ? size : sizeof(input));
	memory.regions[0].host = calloc(1, RAM_SIZE);
	if (!memory.regions[0].host)
		abort();
	if (size > sizeof(input))
		memcpy(memory.regions[0].host, data + sizeof(input),
		       size - sizeof(input) < RAM_SIZE ? size - sizeof(input) : RAM_SIZE);
	devices_reset(&devices);
	fill(&registers, &input);
	if (input.use_port & 1) {
		port.port_number = input.port;
		port.access_info = input.port_info;
		port.header.intercept_access_type = input.write & 1;
		port.header.rip = input.rip;
		port.header.rflags = input.rflags;
		port.header.cs = registers.segment_registers[1];
		port.header.instruction_length_cr8 = 2;
		port.instruction_byte_count = input.count;
		memcpy(port.instruction_bytes, input.bytes, sizeof(input.bytes));
		problem = emulate_port(&emulate, &port);
	} else {
		problem = emulate_memory(&emulate, input.gpa | RAM_SIZE, input.bytes,
					 input.count % (sizeof(input.bytes) + 1));
	}
	if (problem)
		require(registers.rip == input.rip, "a failed instruction moved RIP");
	free(memory.regions[0].host);
	return 0;
}
