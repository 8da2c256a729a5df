// SPDX-License-Identifier: Apache-2.0
#include "worker/partition.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mshv.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi/hv/interrupt.h"
#include "abi/hv/partition.h"
#include "worker/layout.h"

#define DEVICE "/dev/mshv"

/* What a child sees of the interface: all that stock guests use. */
#define SYNTHETIC_FEATURES                                                                       \
	(HV_SYNTHETIC_HYPERVISOR_PRESENT | HV_SYNTHETIC_HV1 |                                    \
	 HV_SYNTHETIC_ACCESS_VP_RUN_TIME_REG | HV_SYNTHETIC_ACCESS_PARTITION_REFERENCE_COUNTER | \
	 HV_SYNTHETIC_ACCESS_SYNIC_REGS | HV_SYNTHETIC_ACCESS_SYNTHETIC_TIMER_REGS |             \
	 HV_SYNTHETIC_ACCESS_INTR_CTRL_REGS | HV_SYNTHETIC_ACCESS_HYPERCALL_REGS |               \
	 HV_SYNTHETIC_ACCESS_VP_INDEX | HV_SYNTHETIC_ACCESS_PARTITION_REFERENCE_TSC |            \
	 HV_SYNTHETIC_ACCESS_GUEST_IDLE_REG | HV_SYNTHETIC_ACCESS_FREQUENCY_REGS |               \
	 HV_SYNTHETIC_DIRECT_SYNTHETIC_TIMERS | HV_SYNTHETIC_EXTENDED_PROCESSOR_MASKS |          \
	 HV_SYNTHETIC_TB_FLUSH_HYPERCALLS | HV_SYNTHETIC_SYNTHETIC_CLUSTER_IPI |                 \
	 HV_SYNTHETIC_NOTIFY_LONG_SPIN_WAIT | HV_SYNTHETIC_SIGNAL_EVENTS)

/* A hypercall through the driver. Returns 0 or an errno; *status is the hypervisor's answer. */
static int hypercall(int fd, struct mshv_root_hvcall *call, uint16_t *status)
{
	int error = ioctl(fd, MSHV_ROOT_HVCALL, call) < 0 ? errno : 0;

	*status = call->status;
	return error;
}

static bool set_property(const struct partition *partition, uint32_t code, uint64_t value,
			 const char *what, struct problem *problem)
{
	struct hv_input_set_partition_property in = {.property_code = code,
						     .property_value = value};
	struct mshv_root_hvcall call = {
		.code = HVCALL_SET_PARTITION_PROPERTY,
		.in_sz = sizeof(in),
		.in_ptr = (uintptr_t)&in,
	};
	uint16_t status;
	int error = hypercall(partition->fd, &call, &status);

	if (!error)
		return true;
	return problem_set(problem,
			   "%s of the partition cannot be set: the hypervisor answers 0x%x (%s)",
			   what, status, strerror(error));
}

static const char *advice(int error)
{
	switch (error) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return "this is no root partition; `bulkhead doctor` tells more";
	case EACCES:
	case EPERM:
		return "run the command as root";
	default:
		return "`bulkhead doctor` tells more";
	}
}

bool partition_create(struct partition *partition, struct problem *problem)
{
	struct mshv_create_partition create = {
		.pt_flags = 1u << MSHV_PT_BIT_LAPIC | 1u << MSHV_PT_BIT_X2APIC |
			    1u << MSHV_PT_BIT_GPA_SUPER_PAGES,
		.pt_isolation = MSHV_PT_ISOLATION_NONE,
	};
	int device = open(DEVICE, O_RDWR | O_CLOEXEC);

	if (device < 0)
		return problem_set(problem, DEVICE " does not open (%s): %s", strerror(errno),
				   advice(errno));
	partition->fd = ioctl(device, MSHV_CREATE_PARTITION, &create);
	if (partition->fd < 0) {
		problem_set(problem, "no partition can be created: %s", strerror(errno));
		close(device);
		return false;
	}
	close(device);
	if (!set_property(partition, HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
			  SYNTHETIC_FEATURES, "the interface", problem))
		return false;
	if (ioctl(partition->fd, MSHV_INITIALIZE_PARTITION) < 0)
		return problem_set(problem, "the partition cannot be initialized: %s",
				   strerror(errno));
	return set_property(partition, HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION, 1,
			    "how unknown MSRs read", problem);
}

bool partition_map(const struct partition *partition, const struct guest_memory *memory,
		   struct problem *problem)
{
	for (unsigned int i = 0; i < memory->count; i++) {
		const struct memory_region *region = &memory->regions[i];
		struct mshv_user_mem_region map = {
			.size = region->size,
			.guest_pfn = region->gpa / PAGE_SIZE_4K,
			.userspace_addr = (uintptr_t)region->host,
			.flags = 1u << MSHV_SET_MEM_BIT_WRITABLE |
				 1u << MSHV_SET_MEM_BIT_EXECUTABLE,
		};

		if (ioctl(partition->fd, MSHV_SET_GUEST_MEMORY, &map) < 0)
			return problem_set(problem, "the machine's memory cannot be mapped: %s",
					   strerror(errno));
	}
	return true;
}

bool partition_create_vp(const struct partition *partition, unsigned int index, struct vp *vp,
			 struct problem *problem)
{
	struct mshv_create_vp create = {.vp_index = index};
	void *page;

	vp->index = index;
	vp->fd = ioctl(partition->fd, MSHV_CREATE_VP, &create);
	if (vp->fd < 0)
		return problem_set(problem, "processor %u cannot be created: %s", index,
				   strerror(errno));
	page = mmap(NULL, MSHV_HV_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, vp->fd,
		    MSHV_VP_MMAP_OFFSET_REGISTERS * MSHV_HV_PAGE_SIZE);
	if (page == MAP_FAILED)
		return problem_set(problem, "the registers of processor %u cannot be mapped: %s",
				   index, strerror(errno));
	vp->registers = page;
	return true;
}

void partition_interrupt(const struct partition *partition, uint32_t type, uint32_t vector,
			 uint32_t destination, bool logical, bool level)
{
	struct hv_input_assert_virtual_interrupt in = {
		.interrupt_type = type,
		.control = (logical ? HV_INTERRUPT_CONTROL_LOGICAL : 0) |
			   (level ? HV_INTERRUPT_CONTROL_LEVEL : 0),
		.destination = destination,
		.requested_vector = vector,
	};
	struct mshv_root_hvcall call = {
		.code = HVCALL_ASSERT_VIRTUAL_INTERRUPT,
		.in_sz = sizeof(in),
		.in_ptr = (uintptr_t)&in,
	};
	uint16_t status;

	(void)hypercall(partition->fd, &call, &status);
}

bool partition_get_property(const struct partition *partition, uint32_t code, uint64_t arg,
			    void *value)
{
	struct hv_input_get_partition_property_ex in = {.property_code = code, .arg = arg};
	struct mshv_root_hvcall call = {
		.code = HVCALL_GET_PARTITION_PROPERTY_EX,
		.in_sz = sizeof(in),
		.out_sz = HV_HYP_PAGE_SIZE,
		.in_ptr = (uintptr_t)&in,
		.out_ptr = (uintptr_t)value,
	};
	uint16_t status;

	return hypercall(partition->fd, &call, &status) == 0;
}
