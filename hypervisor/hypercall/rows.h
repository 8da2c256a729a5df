// SPDX-License-Identifier: Apache-2.0
/*
 * Every hypercall that the TLFS or Linux's headers name, in order of the codes. Included by whoever
 * wants one thing of each row: SERVED(name, code, shape and rights) and DECLARED(name, code) are
 * the includer's to define.
 *
 * Sizes are those of the fixed parts; what else a field means stands in hypercall/table.h.
 */
DECLARED(switch_virtual_address_space, HVCALL_SWITCH_VIRTUAL_ADDRESS_SPACE)
SERVED(flush_virtual_address_space, HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE,
       .input = sizeof(struct hv_input_flush))
SERVED(flush_virtual_address_list, HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST,
       .input = sizeof(struct hv_input_flush), .rep = true, .rep_input = sizeof(uint64_t))
SERVED(get_logical_processor_run_time, HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME,
       .input = sizeof(struct hv_input_get_logical_processor_run_time),
       .output = sizeof(struct hv_output_get_logical_processor_run_time),
       .privilege = EBX(HV_CPU_MANAGEMENT))
SERVED(notify_long_spin_wait, HVCALL_NOTIFY_LONG_SPIN_WAIT,
       .input = sizeof(struct hv_input_notify_long_spin_wait))
SERVED(send_ipi, HVCALL_SEND_IPI, .input = sizeof(struct hv_input_send_ipi))
DECLARED(modify_vtl_protection_mask, HVCALL_MODIFY_VTL_PROTECTION_MASK)
DECLARED(enable_partition_vtl, HVCALL_ENABLE_PARTITION_VTL)
DECLARED(enable_vp_vtl, HVCALL_ENABLE_VP_VTL)
DECLARED(vtl_call, HVCALL_VTL_CALL)
DECLARED(vtl_return, HVCALL_VTL_RETURN)
SERVED(flush_virtual_address_space_ex, HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX,
       .input = sizeof(struct hv_input_flush_ex), .variable_max = HV_MAX_SPARSE_VCPU_BANKS)
SERVED(flush_virtual_address_list_ex, HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX,
       .input = sizeof(struct hv_input_flush_ex), .variable_max = HV_MAX_SPARSE_VCPU_BANKS,
       .rep = true, .rep_input = sizeof(uint64_t))
SERVED(send_ipi_ex, HVCALL_SEND_IPI_EX, .input = sizeof(struct hv_input_send_ipi_ex),
       .variable_max = HV_MAX_SPARSE_VCPU_BANKS)
SERVED(create_partition, HVCALL_CREATE_PARTITION, .input = sizeof(struct hv_input_create_partition),
       .output = sizeof(struct hv_output_create_partition), .privilege = EBX(HV_CREATE_PARTITIONS))
SERVED(initialize_partition, HVCALL_INITIALIZE_PARTITION,
       .input = sizeof(struct hv_input_partition_id), .privilege = EBX(HV_CREATE_PARTITIONS))
SERVED(finalize_partition, HVCALL_FINALIZE_PARTITION, .input = sizeof(struct hv_input_partition_id),
       .long_work = true, .privilege = EBX(HV_CREATE_PARTITIONS))
SERVED(delete_partition, HVCALL_DELETE_PARTITION, .input = sizeof(struct hv_input_partition_id),
       .privilege = EBX(HV_CREATE_PARTITIONS))
SERVED(get_partition_property, HVCALL_GET_PARTITION_PROPERTY,
       .input = sizeof(struct hv_input_get_partition_property),
       .output = sizeof(struct hv_output_get_partition_property),
       .privilege = EBX(HV_CREATE_PARTITIONS))
SERVED(set_partition_property, HVCALL_SET_PARTITION_PROPERTY,
       .input = sizeof(struct hv_input_set_partition_property),
       .privilege = EBX(HV_CREATE_PARTITIONS))
SERVED(get_partition_id, HVCALL_GET_PARTITION_ID,
       .output = sizeof(struct hv_output_get_partition_id),
       .privilege = EBX(HV_ACCESS_PARTITION_ID))
SERVED(get_next_child_partition, HVCALL_GET_NEXT_CHILD_PARTITION,
       .input = sizeof(struct hv_input_get_next_child_partition),
       .output = sizeof(struct hv_output_get_next_child_partition),
       .privilege = EBX(HV_CREATE_PARTITIONS))
SERVED(deposit_memory, HVCALL_DEPOSIT_MEMORY, .input = sizeof(struct hv_input_deposit_memory),
       .rep = true, .rep_input = sizeof(uint64_t), .privilege = EBX(HV_ACCESS_MEMORY_POOL))
SERVED(withdraw_memory, HVCALL_WITHDRAW_MEMORY, .input = sizeof(struct hv_input_withdraw_memory),
       .rep = true, .rep_output = sizeof(uint64_t), .privilege = EBX(HV_ACCESS_MEMORY_POOL))
SERVED(get_memory_balance, HVCALL_GET_MEMORY_BALANCE,
       .input = sizeof(struct hv_input_get_memory_balance),
       .output = sizeof(struct hv_output_get_memory_balance),
       .privilege = EBX(HV_ACCESS_MEMORY_POOL))
SERVED(map_gpa_pages, HVCALL_MAP_GPA_PAGES, .input = sizeof(struct hv_input_map_gpa_pages),
       .rep = true, .rep_input = sizeof(uint64_t), .privilege = EBX(HV_CREATE_PARTITIONS))
SERVED(unmap_gpa_pages, HVCALL_UNMAP_GPA_PAGES, .input = sizeof(struct hv_input_unmap_gpa_pages),
       .rep = true, .privilege = EBX(HV_CREATE_PARTITIONS))
SERVED(install_intercept, HVCALL_INSTALL_INTERCEPT,
       .input = sizeof(struct hv_input_install_intercept), .privilege = EBX(HV_CREATE_PARTITIONS))
SERVED(create_vp, HVCALL_CREATE_VP, .input = sizeof(struct hv_input_create_vp),
       .privilege = EBX(HV_CREATE_PARTITIONS))
SERVED(delete_vp, HVCALL_DELETE_VP, .input = sizeof(struct hv_input_delete_vp),
       .privilege = EBX(HV_CREATE_PARTITIONS))
SERVED(get_vp_registers, HVCALL_GET_VP_REGISTERS, .input = sizeof(struct hv_input_vp_registers),
       .rep = true, .rep_input = sizeof(uint32_t), .rep_output = sizeof(union hv_register_value),
       .privilege = EBX(HV_ACCESS_VP_REGISTERS))
SERVED(set_vp_registers, HVCALL_SET_VP_REGISTERS, .input = sizeof(struct hv_input_vp_registers),
       .rep = true, .rep_input = sizeof(struct hv_register_assoc),
       .privilege = EBX(HV_ACCESS_VP_REGISTERS))
SERVED(translate_virtual_address, HVCALL_TRANSLATE_VIRTUAL_ADDRESS,
       .input = sizeof(struct hv_input_translate_virtual_address),
       .output = sizeof(struct hv_output_translate_virtual_address),
       .privilege = EBX(HV_ACCESS_VP_REGISTERS))
SERVED(clear_virtual_interrupt, HVCALL_CLEAR_VIRTUAL_INTERRUPT,
       .input = sizeof(struct hv_input_clear_virtual_interrupt),
       .privilege = EBX(HV_CREATE_PARTITIONS))
SERVED(delete_port, HVCALL_DELETE_PORT, .input = sizeof(struct hv_input_delete_port),
       .privilege = EBX(HV_CREATE_PORT))
SERVED(disconnect_port, HVCALL_DISCONNECT_PORT, .input = sizeof(struct hv_input_disconnect_port),
       .privilege = EBX(HV_CONNECT_PORT))
SERVED(post_message, HVCALL_POST_MESSAGE, .input = sizeof(struct hv_input_post_message),
       .privilege = EBX(HV_POST_MESSAGES))
SERVED(signal_event, HVCALL_SIGNAL_EVENT, .input = sizeof(struct hv_input_signal_event),
       .privilege = EBX(HV_SIGNAL_EVENTS))
DECLARED(post_debug_data, HVCALL_POST_DEBUG_DATA)
DECLARED(retrieve_debug_data, HVCALL_RETRIEVE_DEBUG_DATA)
DECLARED(reset_debug_session, HVCALL_RESET_DEBUG_SESSION)
SERVED(map_stats_page, HVCALL_MAP_STATS_PAGE, .input = sizeof(struct hv_input_stats_page),
       .output = sizeof(struct hv_output_map_stats_page), .privilege = EBX(HV_ACCESS_STATS))
SERVED(unmap_stats_page, HVCALL_UNMAP_STATS_PAGE, .input = sizeof(struct hv_input_stats_page),
       .privilege = EBX(HV_ACCESS_STATS))
DECLARED(map_sparse_gpa_pages, HVCALL_MAP_SPARSE_GPA_PAGES)
SERVED(set_system_property, HVCALL_SET_SYSTEM_PROPERTY,
       .input = sizeof(struct hv_input_set_system_property), .root_only = true)
SERVED(add_logical_processor, HVCALL_ADD_LOGICAL_PROCESSOR,
       .input = sizeof(struct hv_input_add_logical_processor),
       .output = sizeof(struct hv_output_add_logical_processor),
       .privilege = EBX(HV_CPU_MANAGEMENT), .root_only = true)
SERVED(get_system_property, HVCALL_GET_SYSTEM_PROPERTY,
       .input = sizeof(struct hv_input_get_system_property),
       .output = sizeof(struct hv_output_get_system_property), .root_only = true)
SERVED(map_device_interrupt, HVCALL_MAP_DEVICE_INTERRUPT,
       .input = sizeof(struct hv_input_map_device_interrupt),
       .output = sizeof(struct hv_output_map_device_interrupt),
       .variable_max = 1 + HV_MAX_SPARSE_VCPU_BANKS, .root_only = true)
SERVED(unmap_device_interrupt, HVCALL_UNMAP_DEVICE_INTERRUPT,
       .input = sizeof(struct hv_input_unmap_device_interrupt), .root_only = true)
DECLARED(retarget_interrupt, HVCALL_RETARGET_INTERRUPT)
SERVED(enter_sleep_state, HVCALL_ENTER_SLEEP_STATE,
       .input = sizeof(struct hv_input_enter_sleep_state), .root_only = true)
SERVED(notify_partition_event, HVCALL_NOTIFY_PARTITION_EVENT,
       .input = sizeof(struct hv_input_notify_partition_event), .root_only = true)
SERVED(notify_port_ring_empty, HVCALL_NOTIFY_PORT_RING_EMPTY,
       .input = sizeof(struct hv_input_notify_port_ring_empty), .privilege = EBX(HV_CREATE_PORT))
DECLARED(modify_sparse_gpa_pages, HVCALL_MODIFY_SPARSE_GPA_PAGES)
SERVED(register_intercept_result, HVCALL_REGISTER_INTERCEPT_RESULT,
       .input = sizeof(struct hv_input_register_intercept_result),
       .privilege = EBX(HV_CREATE_PARTITIONS))
DECLARED(unregister_intercept_result, HVCALL_UNREGISTER_INTERCEPT_RESULT)
SERVED(assert_virtual_interrupt, HVCALL_ASSERT_VIRTUAL_INTERRUPT,
       .input = sizeof(struct hv_input_assert_virtual_interrupt),
       .privilege = EBX(HV_CREATE_PARTITIONS))
SERVED(create_port, HVCALL_CREATE_PORT, .input = sizeof(struct hv_input_create_port),
       .privilege = EBX(HV_CREATE_PORT))
SERVED(connect_port, HVCALL_CONNECT_PORT, .input = sizeof(struct hv_input_connect_port),
       .privilege = EBX(HV_CONNECT_PORT))
SERVED(start_vp, HVCALL_START_VP, .input = sizeof(struct hv_input_start_vp),
       .privilege = EBX(HV_START_VIRTUAL_PROCESSOR))
SERVED(get_vp_index_from_apic_id, HVCALL_GET_VP_INDEX_FROM_APIC_ID,
       .input = sizeof(struct hv_input_get_vp_index_from_apic_id), .rep = true,
       .rep_input = sizeof(uint32_t), .rep_output = sizeof(uint32_t))
DECLARED(translate_virtual_address_ex, HVCALL_TRANSLATE_VIRTUAL_ADDRESS_EX)
DECLARED(check_for_io_intercept, HVCALL_CHECK_FOR_IO_INTERCEPT)
DECLARED(flush_guest_physical_address_space, HVCALL_FLUSH_GUEST_PHYSICAL_ADDRESS_SPACE)
DECLARED(flush_guest_physical_address_list, HVCALL_FLUSH_GUEST_PHYSICAL_ADDRESS_LIST)
SERVED(signal_event_direct, HVCALL_SIGNAL_EVENT_DIRECT,
       .input = sizeof(struct hv_input_signal_event_direct),
       .output = sizeof(struct hv_output_signal_event_direct), .privilege = EBX(HV_SIGNAL_EVENTS))
SERVED(post_message_direct, HVCALL_POST_MESSAGE_DIRECT,
       .input = sizeof(struct hv_input_post_message_direct), .privilege = EBX(HV_POST_MESSAGES))
SERVED(dispatch_vp, HVCALL_DISPATCH_VP, .input = sizeof(struct hv_input_dispatch_vp),
       .output = sizeof(struct hv_output_dispatch_vp), .privilege = EBX(HV_CREATE_PARTITIONS),
       .root_only = true)
SERVED(get_gpa_pages_access_states, HVCALL_GET_GPA_PAGES_ACCESS_STATES,
       .input = sizeof(struct hv_input_get_gpa_pages_access_states), .rep = true,
       .rep_output = sizeof(uint8_t), .privilege = EBX(HV_CREATE_PARTITIONS))
DECLARED(acquire_sparse_spa_page_host_access, HVCALL_ACQUIRE_SPARSE_SPA_PAGE_HOST_ACCESS)
DECLARED(release_sparse_spa_page_host_access, HVCALL_RELEASE_SPARSE_SPA_PAGE_HOST_ACCESS)
DECLARED(modify_sparse_gpa_page_host_visibility, HVCALL_MODIFY_SPARSE_GPA_PAGE_HOST_VISIBILITY)
SERVED(map_vp_state_page, HVCALL_MAP_VP_STATE_PAGE,
       .input = sizeof(struct hv_input_map_vp_state_page),
       .output = sizeof(struct hv_output_map_vp_state_page), .privilege = EBX(HV_CREATE_PARTITIONS))
SERVED(unmap_vp_state_page, HVCALL_UNMAP_VP_STATE_PAGE,
       .input = sizeof(struct hv_input_unmap_vp_state_page), .privilege = EBX(HV_CREATE_PARTITIONS))
SERVED(get_vp_state, HVCALL_GET_VP_STATE, .input = sizeof(struct hv_input_vp_state),
       .output = sizeof(struct hv_synthetic_timers_state), .variable_max = HV_VP_STATE_WORDS_MAX,
       .privilege = EBX(HV_ACCESS_VP_REGISTERS))
SERVED(set_vp_state, HVCALL_SET_VP_STATE, .input = sizeof(struct hv_input_vp_state),
       .variable_max = HV_VP_STATE_WORDS_MAX, .privilege = EBX(HV_ACCESS_VP_REGISTERS))
DECLARED(get_vp_set_from_mda, HVCALL_GET_VP_SET_FROM_MDA)
SERVED(get_vp_cpuid_values, HVCALL_GET_VP_CPUID_VALUES,
       .input = sizeof(struct hv_input_get_vp_cpuid_values), .rep = true,
       .rep_input = sizeof(struct hv_cpuid_leaf_info), .rep_output = sizeof(struct hv_cpuid_values),
       .privilege = EBX(HV_ACCESS_VP_REGISTERS))
SERVED(get_partition_property_ex, HVCALL_GET_PARTITION_PROPERTY_EX,
       .input = sizeof(struct hv_input_get_partition_property_ex), .output = sizeof(uint64_t),
       .output_open = true, .privilege = EBX(HV_CREATE_PARTITIONS))
DECLARED(mmio_read, HVCALL_MMIO_READ)
DECLARED(mmio_write, HVCALL_MMIO_WRITE)
DECLARED(set_partition_property_ex, HVCALL_SET_PARTITION_PROPERTY_EX)
DECLARED(disable_hyp_ex, HVCALL_DISABLE_HYP_EX)
DECLARED(install_intercept_ex, HVCALL_INSTALL_INTERCEPT_EX)
DECLARED(set_virtual_interrupt_target, HVCALL_SET_VIRTUAL_INTERRUPT_TARGET)
DECLARED(map_stats_page2, HVCALL_MAP_STATS_PAGE2)
DECLARED(ext_query_capabilities, HV_EXT_CALL_QUERY_CAPABILITIES)
DECLARED(ext_get_boot_zeroed_memory, HV_EXT_CALL_GET_BOOT_ZEROED_MEMORY)
DECLARED(ext_memory_heat_hint, HV_EXT_CALL_MEMORY_HEAT_HINT)
DECLARED(ext_epf_setup, HV_EXT_CALL_EPF_SETUP)
DECLARED(ext_memory_heat_hint_async, HV_EXT_CALL_MEMORY_HEAT_HINT_ASYNC)
