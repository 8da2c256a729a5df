// SPDX-License-Identifier: Apache-2.0
#include "cli/hypervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mshv.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "abi/hv/hypercall.h"
#include "abi/hv/partition.h"
#include "cli/platform.h"

/* What to do about a device that could not be opened. */
static const char *open_advice(int error)
{
	switch (error) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return "the mshv driver did not start: the kernel needs CONFIG_MSHV_ROOT=y; `dmesg "
		       "| grep "
		       "mshv` tells more";
	case EACCES:
	case EPERM:
		return "run the command as root";
	default:
		return "`bulkhead doctor` tells more";
	}
}

int hypervisor_open(struct hypervisor *hv, const struct command *self, const char *doing)
{
	struct platform_leaves leaves;
	const char *problem;

	platform_read(&leaves);
	problem = platform_problem(platform_identify(&leaves));
	if (problem) {
		complain(self, "cannot %s: %s", doing, problem);
		return EXIT_UNAVAILABLE;
	}
	hv->fd = open(HYPERVISOR_DEVICE, O_RDWR | O_CLOEXEC);
	if (hv->fd < 0) {
		int error = errno;

		complain(self, "cannot %s: " HYPERVISOR_DEVICE " does not open (%s); %s", doing,
			 strerror(error), open_advice(error));
		return EXIT_UNAVAILABLE;
	}
	return EXIT_DONE;
}

void hypervisor_close(struct hypervisor *hv)
{
	close(hv->fd);
	hv->fd = -1;
}

int hypervisor_get_property(const struct hypervisor *hv, uint32_t code, uint64_t arg, void *value,
			    enum hv_status *status)
{
	struct hv_input_get_partition_property_ex in = {
		.partition_id = HV_PARTITION_ID_SELF,
		.property_code = code,
		.arg = arg,
	};
	struct mshv_root_hvcall call = {
		.code = HVCALL_GET_PARTITION_PROPERTY_EX,
		.in_sz = sizeof(in),
		.out_sz = HYPERVISOR_VALUE_SIZE,
		.in_ptr = (uintptr_t)&in,
		.out_ptr = (uintptr_t)value,
	};
	int error = 0;

	if (ioctl(hv->fd, MSHV_ROOT_HVCALL, &call) < 0)
		error = errno;
	*status = (enum hv_status)call.status;
	return error;
}

int hypervisor_refused(const struct command *self, const char *doing, int error,
		       enum hv_status status)
{
	if (status == HV_STATUS_UNKNOWN_PROPERTY)
		complain(self,
			 "cannot %s: the hypervisor does not know this property, so it is not "
			 "Bulkhead "
			 "or older than this command; install matching versions",
			 doing);
	else if (status != HV_STATUS_SUCCESS)
		complain(self,
			 "cannot %s: the hypervisor refused with status 0x%x; `bulkhead doctor` "
			 "tells "
			 "more",
			 doing, (unsigned int)status);
	else
		complain(self,
			 "cannot %s: " HYPERVISOR_DEVICE
			 " refused the call (%s); `bulkhead doctor` tells "
			 "more",
			 doing, strerror(error));
	return EXIT_FAILED;
}
