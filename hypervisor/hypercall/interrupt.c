// SPDX-License-Identifier: Apache-2.0
/*
 * Device interrupts of the root partition. It owns the I/O APICs and the devices and asks what to
 * write into them to reach a VP; without interrupt remapping the answer is the plain message to
 * that VP's processor, and nothing has to be remembered. Source: Linux's root partition code; TLFS,
 * HV_INTERRUPT_ENTRY, HV_VP_SET.
 */
#include "hypercall/handlers.h"

#include "abi/hv/interrupt.h"
#include "core/machine.h"
#include "partition/partition.h"

/*
 * I/O APIC redirection table entry; MSI address and data (APM volume 2, "Advanced Programmable
 * Interrupt Controller").
 */
#define DELIVERY_MODE_SHIFT   8
#define TRIGGER_LEVEL         BIT(15)
#define RTE_DESTINATION_SHIFT 56
#define MSI_ADDRESS           0xFEE00000ULL
#define MSI_DESTINATION_SHIFT 12
#define MSI_LEVEL_ASSERT      BIT(14)

/* Destinations that both formats can express. */
#define APIC_ID_MAX 0xFFu

/* The source of interrupts from device `id`, or 0 for a device that cannot be asked about. */
static uint32_t source_of_device(uint64_t id)
{
	switch (id >> HV_DEVICE_TYPE_SHIFT) {
	case HV_DEVICE_TYPE_PCI:
		return HV_INTERRUPT_SOURCE_MSI;
	case HV_DEVICE_TYPE_IOAPIC:
		return HV_INTERRUPT_SOURCE_IOAPIC;
	default:
		return 0;
	}
}

/* The hypervisor's own vectors are two of those that Linux keeps free for it. */
static bool vector_valid(uint64_t vector)
{
	return vector >= HV_INTERRUPT_VECTOR_MIN && vector <= HV_INTERRUPT_VECTOR_MAX &&
	       !machine_vector_taken((uint8_t)vector);
}

/* The lowest VP in `bank`, which holds VPs from `base` on, that has a processor. */
static bool find_in_bank(uint64_t bank, uint32_t base, uint32_t *apic_id)
{
	for (uint32_t i = 0; i < HV_VCPUS_PER_SPARSE_BANK; i++) {
		if ((bank & BIT(i)) && machine_root_vp_apic_id(base + i, apic_id))
			return true;
	}
	return false;
}

/*
 * The processor of the lowest VP in a sparse set: its mask of valid banks and the banks are the
 * variable header. Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARAMETER: mask and number of banks
 * disagree; HV_STATUS_INVALID_VP_INDEX: no VP in the set has a processor.
 */
static enum hv_status find_in_set(const struct hypercall *call, uint32_t *apic_id)
{
	const uint64_t *words = call->variable;
	uint32_t banks = call->variable_size / 8;
	uint32_t index = 1;

	if (banks == 0 || banks - 1 != bits_set(words[0]))
		return HV_STATUS_INVALID_PARAMETER;
	for (uint32_t bank = 0; bank < HV_MAX_SPARSE_VCPU_BANKS; bank++) {
		if (!(words[0] & BIT(bank)))
			continue;
		if (find_in_bank(words[index++], bank * HV_VCPUS_PER_SPARSE_BANK, apic_id))
			return HV_STATUS_SUCCESS;
	}
	return HV_STATUS_INVALID_VP_INDEX;
}

/* The processor that the interrupt of `input` shall go to. Statuses as of find_in_set. */
static enum hv_status find_target(const struct hypercall *call,
				  const struct hv_input_map_device_interrupt *input,
				  uint32_t *apic_id)
{
	if (!(input->target_flags & HV_DEVICE_INTERRUPT_TARGET_PROCESSOR_SET)) {
		if (call->variable_size != 0)
			return HV_STATUS_INVALID_PARAMETER;
		return find_in_bank(input->target, 0, apic_id) ? HV_STATUS_SUCCESS
							       : HV_STATUS_INVALID_VP_INDEX;
	}
	if (input->target == HV_GENERIC_SET_ALL)
		return machine_root_vp_apic_id(0, apic_id) ? HV_STATUS_SUCCESS
							   : HV_STATUS_INVALID_VP_INDEX;
	if (input->target != HV_GENERIC_SET_SPARSE_4K)
		return HV_STATUS_INVALID_PARAMETER;
	return find_in_set(call, apic_id);
}

/*
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_ID: not the root itself;
 * HV_STATUS_INVALID_DEVICE_ID: neither a PCI device nor an I/O APIC; HV_STATUS_INVALID_PARAMETER:
 * vector, delivery, trigger or set are not possible; HV_STATUS_INVALID_VP_INDEX: no VP there;
 * HV_STATUS_OPERATION_FAILED: its processor is beyond what a message without remapping can address.
 */
enum hv_status hvcall_map_device_interrupt(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_map_device_interrupt *input = in;
	struct hv_output_map_device_interrupt *output = out;
	uint32_t source = source_of_device(input->device_id);
	enum hv_status status;
	uint64_t message;
	uint32_t apic_id;

	if (!partition_is_self(call->caller, input->partition_id))
		return HV_STATUS_INVALID_PARTITION_ID;
	if (source == 0)
		return HV_STATUS_INVALID_DEVICE_ID;
	if (!vector_valid(input->target_vector) || input->vector_count != 1 ||
	    input->interrupt_type > HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY ||
	    input->trigger_mode > HV_INTERRUPT_TRIGGER_MODE_LEVEL)
		return HV_STATUS_INVALID_PARAMETER;
	status = find_target(call, input, &apic_id);
	if (status != HV_STATUS_SUCCESS)
		return status;
	if (apic_id > APIC_ID_MAX)
		return HV_STATUS_OPERATION_FAILED;

	message = input->target_vector | (uint64_t)input->interrupt_type << DELIVERY_MODE_SHIFT;
	if (input->trigger_mode == HV_INTERRUPT_TRIGGER_MODE_LEVEL)
		message |= TRIGGER_LEVEL;
	output->interrupt_entry.source = source;
	if (source == HV_INTERRUPT_SOURCE_IOAPIC) {
		output->interrupt_entry.data = message | (uint64_t)apic_id << RTE_DESTINATION_SHIFT;
	} else {
		if (message & TRIGGER_LEVEL)
			message |= MSI_LEVEL_ASSERT;
		output->interrupt_entry.data = message << 32 | MSI_ADDRESS |
					       (uint64_t)apic_id << MSI_DESTINATION_SHIFT;
	}
	return HV_STATUS_SUCCESS;
}

/*
 * Nothing is remembered of a mapping, so undoing one only checks that the entry can be one.
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_ID; HV_STATUS_INVALID_DEVICE_ID;
 * HV_STATUS_INVALID_PARAMETER: the entry is not of that device's kind, or has no valid vector.
 */
enum hv_status hvcall_unmap_device_interrupt(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_unmap_device_interrupt *input = in;
	const struct hv_interrupt_entry *entry = &input->interrupt_entry;
	uint32_t source = source_of_device(input->device_id);

	(void)out;
	if (!partition_is_self(call->caller, input->partition_id))
		return HV_STATUS_INVALID_PARTITION_ID;
	if (source == 0)
		return HV_STATUS_INVALID_DEVICE_ID;
	if (entry->source != source ||
	    !vector_valid((source == HV_INTERRUPT_SOURCE_MSI ? entry->data >> 32 : entry->data) &
			  0xFF))
		return HV_STATUS_INVALID_PARAMETER;
	return HV_STATUS_SUCCESS;
}
