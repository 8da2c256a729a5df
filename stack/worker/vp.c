// SPDX-License-Identifier: Apache-2.0
/* One virtual processor: its registers, and running it. */
#include <errno.h>
#include <linux/mshv.h>
#include <string.h>
#include <sys/ioctl.h>

#include "worker/layout.h"
#include "worker/partition.h"

#define REGISTERS_MAX 64u

#define CR0_PE   UINT64_C(0x00000001)
#define CR0_ET   UINT64_C(0x00000010)
#define CR0_PG   UINT64_C(0x80000000)
#define CR4_PAE  UINT64_C(0x00000020)
#define EFER_LME UINT64_C(0x00000100)
#define EFER_LMA UINT64_C(0x00000400)

#define RFLAGS_FIXED UINT64_C(0x2)

/* The descriptors at GDT_ADDRESS, where the boot protocol of Linux wants them. */
#define SELECTOR_CODE 0x10u
#define SELECTOR_DATA 0x18u
#define SELECTOR_TASK 0x20u

#define ATTRIBUTES_CODE32 0xc09bu
#define ATTRIBUTES_CODE64 0xa09bu
#define ATTRIBUTES_DATA   0xc093u
#define ATTRIBUTES_TASK   0x008bu
#define ATTRIBUTES_LDT    0x0082u

bool vp_get_registers(const struct vp *vp, struct hv_register_assoc *assocs, unsigned int count)
{
	struct {
		struct hv_input_vp_registers header;
		uint32_t names[REGISTERS_MAX];
	} in = {.header.vp_index = vp->index};
	union hv_register_value values[REGISTERS_MAX];
	struct mshv_root_hvcall call = {
		.code = HVCALL_GET_VP_REGISTERS,
		.reps = (uint16_t)count,
		.in_sz = (uint16_t)(sizeof(in.header) + count * sizeof(in.names[0])),
		.out_sz = (uint16_t)(count * sizeof(values[0])),
		.in_ptr = (uintptr_t)&in,
		.out_ptr = (uintptr_t)values,
	};

	if (count > REGISTERS_MAX)
		return false;
	for (unsigned int i = 0; i < count; i++)
		in.names[i] = assocs[i].name;
	if (ioctl(vp->fd, MSHV_ROOT_HVCALL, &call) < 0)
		return false;
	for (unsigned int i = 0; i < count; i++)
		assocs[i].value = values[i];
	return true;
}

bool vp_set_registers(const struct vp *vp, const struct hv_register_assoc *assocs,
		      unsigned int count)
{
	struct {
		struct hv_input_vp_registers header;
		struct hv_register_assoc assocs[REGISTERS_MAX];
	} in = {.header.vp_index = vp->index};
	struct mshv_root_hvcall call = {
		.code = HVCALL_SET_VP_REGISTERS,
		.reps = (uint16_t)count,
		.in_sz = (uint16_t)(sizeof(in.header) + count * sizeof(in.assocs[0])),
		.in_ptr = (uintptr_t)&in,
	};

	if (count > REGISTERS_MAX)
		return false;
	memcpy(in.assocs, assocs, count * sizeof(assocs[0]));
	return ioctl(vp->fd, MSHV_ROOT_HVCALL, &call) == 0;
}

static void add(struct hv_register_assoc *assocs, unsigned int *count, uint32_t name,
		union hv_register_value value)
{
	assocs[*count] = (struct hv_register_assoc){.name = name, .value = value};
	(*count)++;
}

static union hv_register_value number(uint64_t value)
{
	return (union hv_register_value){.reg64 = value};
}

static union hv_register_value segment(uint16_t selector, uint32_t limit, uint16_t attributes)
{
	return (union hv_register_value){
		.segment = {.limit = limit, .selector = selector, .attributes = attributes}};
}

bool vp_set_entry(const struct vp *vp, const struct load_entry *entry, struct problem *problem)
{
	static const uint32_t data[] = {HV_X64_REGISTER_ES, HV_X64_REGISTER_SS, HV_X64_REGISTER_DS,
					HV_X64_REGISTER_FS, HV_X64_REGISTER_GS};
	struct hv_register_assoc assocs[32];
	unsigned int n = 0;
	bool wide = entry->long_mode;

	add(assocs, &n, HV_X64_REGISTER_CS,
	    segment(SELECTOR_CODE, UINT32_MAX, wide ? ATTRIBUTES_CODE64 : ATTRIBUTES_CODE32));
	for (unsigned int i = 0; i < sizeof(data) / sizeof(data[0]); i++)
		add(assocs, &n, data[i], segment(SELECTOR_DATA, UINT32_MAX, ATTRIBUTES_DATA));
	add(assocs, &n, HV_X64_REGISTER_TR, segment(SELECTOR_TASK, 0x67, ATTRIBUTES_TASK));
	add(assocs, &n, HV_X64_REGISTER_LDTR, segment(0, 0, ATTRIBUTES_LDT));
	add(assocs, &n, HV_X64_REGISTER_GDTR,
	    (union hv_register_value){.table = {.limit = 0x27, .base = GDT_ADDRESS}});
	add(assocs, &n, HV_X64_REGISTER_IDTR, (union hv_register_value){.table = {.limit = 0}});
	add(assocs, &n, HV_X64_REGISTER_CR3, number(wide ? PAGE_TABLES_ADDRESS : 0));
	add(assocs, &n, HV_X64_REGISTER_CR4, number(wide ? CR4_PAE : 0));
	add(assocs, &n, HV_X64_REGISTER_EFER, number(wide ? EFER_LME | EFER_LMA : 0));
	add(assocs, &n, HV_X64_REGISTER_CR0, number(CR0_PE | CR0_ET | (wide ? CR0_PG : 0)));
	add(assocs, &n, HV_X64_REGISTER_RAX, number(entry->rax));
	add(assocs, &n, HV_X64_REGISTER_RBX, number(entry->rbx));
	add(assocs, &n, HV_X64_REGISTER_RSI, number(entry->rsi));
	add(assocs, &n, HV_X64_REGISTER_RBP, number(0));
	add(assocs, &n, HV_X64_REGISTER_RDI, number(0));
	add(assocs, &n, HV_X64_REGISTER_RFLAGS, number(RFLAGS_FIXED));
	add(assocs, &n, HV_X64_REGISTER_RIP, number(entry->rip));
	if (!vp_set_registers(vp, assocs, n))
		return problem_set(problem, "the registers of processor %u cannot be set: %s",
				   vp->index, strerror(errno));
	return true;
}

int vp_run(const struct vp *vp, struct hv_message *message)
{
	return ioctl(vp->fd, MSHV_RUN_VP, message) < 0 ? errno : 0;
}
