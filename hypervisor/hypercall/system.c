// SPDX-License-Identifier: Apache-2.0
/*
 * Calls about the machine as a whole. Source: Linux's root partition code; TLFS where a call is
 * named.
 */
#include "hypercall/handlers.h"

#include "abi/hv/system.h"
#include "core/machine.h"
#include "core/printk.h"

/* Returns HV_STATUS_SUCCESS, HV_STATUS_UNKNOWN_PROPERTY. */
enum hv_status hvcall_get_system_property(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_get_system_property *input = in;
	struct hv_output_get_system_property *output = out;

	(void)call;
	switch (input->property_id) {
	case HV_SYSTEM_PROPERTY_SCHEDULER_TYPE:
		output->value = HV_SCHEDULER_TYPE_ROOT;
		return HV_STATUS_SUCCESS;
	default:
		return HV_STATUS_UNKNOWN_PROPERTY;
	}
}

/*
 * Returns HV_STATUS_SUCCESS; HV_STATUS_UNKNOWN_PROPERTY; HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE: a
 * sleep state that is not served, or a sleep type of more than three bits.
 */
enum hv_status hvcall_set_system_property(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_set_system_property *input = in;
	const struct hv_sleep_state_info *info = &input->set_sleep_state_info;

	(void)call;
	(void)out;
	if (input->property_id != HV_SYSTEM_PROPERTY_SLEEP_STATE)
		return HV_STATUS_UNKNOWN_PROPERTY;
	if (info->sleep_state < HV_SLEEP_STATE_S1 || info->sleep_state > HV_SLEEP_STATE_S5 ||
	    info->pm1a_slp_typ > HV_SLP_TYP_MAX || info->pm1b_slp_typ > HV_SLP_TYP_MAX ||
	    !machine_set_sleep_state(info->sleep_state, info->pm1a_slp_typ, info->pm1b_slp_typ))
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	return HV_STATUS_SUCCESS;
}

/*
 * Does not return if it succeeds. Returns HV_STATUS_INVALID_PARAMETER for a state that was not
 * described before.
 */
enum hv_status hvcall_enter_sleep_state(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_enter_sleep_state *input = in;

	(void)call;
	(void)out;
	if (!machine_sleep_state_known(input->sleep_state))
		return HV_STATUS_INVALID_PARAMETER;
	printk(LOG_INFO, "root partition enters sleep state S%u", input->sleep_state);
	machine_enter_sleep_state(input->sleep_state);
}

/* Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARAMETER: an event that means nothing here. */
enum hv_status hvcall_notify_partition_event(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_notify_partition_event *input = in;

	(void)call;
	(void)out;
	if (input->event != HV_PARTITION_ALL_LOGICAL_PROCESSORS_STARTED)
		return HV_STATUS_INVALID_PARAMETER;
	return HV_STATUS_SUCCESS;
}

/*
 * Times since the hypervisor started. A root VP has its processor to itself, so the processor ran
 * all the time. Returns HV_STATUS_SUCCESS, HV_STATUS_INVALID_LP_INDEX.
 */
enum hv_status hvcall_get_logical_processor_run_time(struct hypercall *call, const void *in,
						     void *out)
{
	const struct hv_input_get_logical_processor_run_time *input = in;
	struct hv_output_get_logical_processor_run_time *output = out;

	(void)call;
	if (!machine_lp_exists(input->lp_index))
		return HV_STATUS_INVALID_LP_INDEX;
	output->global_time = machine_reference_time();
	output->local_run_time = output->global_time;
	return HV_STATUS_SUCCESS;
}

/*
 * A hint that the lock's holder should run. With each VP on a processor of its own it does already.
 * Returns HV_STATUS_SUCCESS. Source: TLFS, HvCallNotifyLongSpinWait.
 */
enum hv_status hvcall_notify_long_spin_wait(struct hypercall *call, const void *in, void *out)
{
	(void)call;
	(void)in;
	(void)out;
	return HV_STATUS_SUCCESS;
}
