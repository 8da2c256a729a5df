// SPDX-License-Identifier: Apache-2.0
/*
 * Hypercall codes, the input value (control word) and the result value. Source: TLFS, "Hypercall
 * Interface".
 */
#ifndef ABI_HV_HYPERCALL_H
#define ABI_HV_HYPERCALL_H

#include <stdint.h>

/* Call codes. Source: TLFS, "Hypercall Reference"; the names are those of Linux's drivers. */
#define HVCALL_SWITCH_VIRTUAL_ADDRESS_SPACE           0x0001
#define HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE            0x0002
#define HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST             0x0003
#define HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME         0x0004
#define HVCALL_NOTIFY_LONG_SPIN_WAIT                  0x0008
#define HVCALL_SEND_IPI                               0x000B
#define HVCALL_MODIFY_VTL_PROTECTION_MASK             0x000C
#define HVCALL_ENABLE_PARTITION_VTL                   0x000D
#define HVCALL_ENABLE_VP_VTL                          0x000F
#define HVCALL_VTL_CALL                               0x0011
#define HVCALL_VTL_RETURN                             0x0012
#define HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX         0x0013
#define HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX          0x0014
#define HVCALL_SEND_IPI_EX                            0x0015
#define HVCALL_CREATE_PARTITION                       0x0040
#define HVCALL_INITIALIZE_PARTITION                   0x0041
#define HVCALL_FINALIZE_PARTITION                     0x0042
#define HVCALL_DELETE_PARTITION                       0x0043
#define HVCALL_GET_PARTITION_PROPERTY                 0x0044
#define HVCALL_SET_PARTITION_PROPERTY                 0x0045
#define HVCALL_GET_PARTITION_ID                       0x0046
#define HVCALL_GET_NEXT_CHILD_PARTITION               0x0047
#define HVCALL_DEPOSIT_MEMORY                         0x0048
#define HVCALL_WITHDRAW_MEMORY                        0x0049
#define HVCALL_GET_MEMORY_BALANCE                     0x004A
#define HVCALL_MAP_GPA_PAGES                          0x004B
#define HVCALL_UNMAP_GPA_PAGES                        0x004C
#define HVCALL_INSTALL_INTERCEPT                      0x004D
#define HVCALL_CREATE_VP                              0x004E
#define HVCALL_DELETE_VP                              0x004F
#define HVCALL_GET_VP_REGISTERS                       0x0050
#define HVCALL_SET_VP_REGISTERS                       0x0051
#define HVCALL_TRANSLATE_VIRTUAL_ADDRESS              0x0052
#define HVCALL_CLEAR_VIRTUAL_INTERRUPT                0x0056
#define HVCALL_DELETE_PORT                            0x0058
#define HVCALL_DISCONNECT_PORT                        0x005B
#define HVCALL_POST_MESSAGE                           0x005C
#define HVCALL_SIGNAL_EVENT                           0x005D
#define HVCALL_POST_DEBUG_DATA                        0x0069
#define HVCALL_RETRIEVE_DEBUG_DATA                    0x006A
#define HVCALL_RESET_DEBUG_SESSION                    0x006B
#define HVCALL_MAP_STATS_PAGE                         0x006C
#define HVCALL_UNMAP_STATS_PAGE                       0x006D
#define HVCALL_MAP_SPARSE_GPA_PAGES                   0x006E
#define HVCALL_SET_SYSTEM_PROPERTY                    0x006F
#define HVCALL_ADD_LOGICAL_PROCESSOR                  0x0076
#define HVCALL_GET_SYSTEM_PROPERTY                    0x007B
#define HVCALL_MAP_DEVICE_INTERRUPT                   0x007C
#define HVCALL_UNMAP_DEVICE_INTERRUPT                 0x007D
#define HVCALL_RETARGET_INTERRUPT                     0x007E
#define HVCALL_ENTER_SLEEP_STATE                      0x0084
#define HVCALL_NOTIFY_PARTITION_EVENT                 0x0087
#define HVCALL_NOTIFY_PORT_RING_EMPTY                 0x008B
#define HVCALL_MODIFY_SPARSE_GPA_PAGES                0x0090
#define HVCALL_REGISTER_INTERCEPT_RESULT              0x0091
#define HVCALL_UNREGISTER_INTERCEPT_RESULT            0x0092
#define HVCALL_ASSERT_VIRTUAL_INTERRUPT               0x0094
#define HVCALL_CREATE_PORT                            0x0095
#define HVCALL_CONNECT_PORT                           0x0096
#define HVCALL_START_VP                               0x0099
#define HVCALL_GET_VP_INDEX_FROM_APIC_ID              0x009A
#define HVCALL_TRANSLATE_VIRTUAL_ADDRESS_EX           0x00AC
#define HVCALL_CHECK_FOR_IO_INTERCEPT                 0x00AD
#define HVCALL_FLUSH_GUEST_PHYSICAL_ADDRESS_SPACE     0x00AF
#define HVCALL_FLUSH_GUEST_PHYSICAL_ADDRESS_LIST      0x00B0
#define HVCALL_SIGNAL_EVENT_DIRECT                    0x00C0
#define HVCALL_POST_MESSAGE_DIRECT                    0x00C1
#define HVCALL_DISPATCH_VP                            0x00C2
#define HVCALL_GET_GPA_PAGES_ACCESS_STATES            0x00C9
#define HVCALL_ACQUIRE_SPARSE_SPA_PAGE_HOST_ACCESS    0x00D7
#define HVCALL_RELEASE_SPARSE_SPA_PAGE_HOST_ACCESS    0x00D8
#define HVCALL_MODIFY_SPARSE_GPA_PAGE_HOST_VISIBILITY 0x00DB
#define HVCALL_MAP_VP_STATE_PAGE                      0x00E1
#define HVCALL_UNMAP_VP_STATE_PAGE                    0x00E2
#define HVCALL_GET_VP_STATE                           0x00E3
#define HVCALL_SET_VP_STATE                           0x00E4
#define HVCALL_GET_VP_SET_FROM_MDA                    0x00E5
#define HVCALL_GET_VP_CPUID_VALUES                    0x00F4
#define HVCALL_GET_PARTITION_PROPERTY_EX              0x0101
#define HVCALL_MMIO_READ                              0x0106
#define HVCALL_MMIO_WRITE                             0x0107
#define HVCALL_SET_PARTITION_PROPERTY_EX              0x010A
#define HVCALL_DISABLE_HYP_EX                         0x010F
#define HVCALL_INSTALL_INTERCEPT_EX                   0x0110
#define HVCALL_SET_VIRTUAL_INTERRUPT_TARGET           0x011F
#define HVCALL_MAP_STATS_PAGE2                        0x0131
#define HV_EXT_CALL_QUERY_CAPABILITIES                0x8001
#define HV_EXT_CALL_GET_BOOT_ZEROED_MEMORY            0x8002
#define HV_EXT_CALL_MEMORY_HEAT_HINT                  0x8003
#define HV_EXT_CALL_EPF_SETUP                         0x8004
#define HV_EXT_CALL_MEMORY_HEAT_HINT_ASYNC            0x8006

/* The hypercall input value. Source: TLFS, "Hypercall Inputs". */
#define HV_HYPERCALL_CODE_MASK        UINT64_C(0xFFFF)
#define HV_HYPERCALL_FAST_BIT         (UINT64_C(1) << 16)
#define HV_HYPERCALL_VARHEAD_OFFSET   17
#define HV_HYPERCALL_VARHEAD_MASK     (UINT64_C(0x3FF) << 17) /* qwords */
#define HV_HYPERCALL_RSVD0_MASK       (UINT64_C(0xF) << 27)
#define HV_HYPERCALL_NESTED           (UINT64_C(1) << 31)
#define HV_HYPERCALL_REP_COMP_OFFSET  32
#define HV_HYPERCALL_REP_COMP_MASK    (UINT64_C(0xFFF) << 32) /* rep count going in */
#define HV_HYPERCALL_RSVD1_MASK       (UINT64_C(0xF) << 44)
#define HV_HYPERCALL_REP_START_OFFSET 48
#define HV_HYPERCALL_REP_START_MASK   (UINT64_C(0xFFF) << 48)
#define HV_HYPERCALL_RSVD2_MASK       (UINT64_C(0xF) << 60)
#define HV_HYPERCALL_RSVD_MASK \
	(HV_HYPERCALL_RSVD0_MASK | HV_HYPERCALL_RSVD1_MASK | HV_HYPERCALL_RSVD2_MASK)

/*
 * The hypercall result value: status in 15:0, reps completed in 43:32. Source: TLFS, "Hypercall
 * Outputs".
 */
#define HV_HYPERCALL_RESULT_MASK UINT64_C(0xFFFF)

/* Fast calls: bytes in the two general registers, and with XMM0..5 behind them. */
#define HV_HYPERCALL_FAST_SIZE         16
#define HV_HYPERCALL_MAX_XMM_REGISTERS 6
#define HV_HYPERCALL_XMM_SIZE          112

/*
 * Special names in place of a partition id or a VP index. Source: TLFS, "Partition Properties",
 * "VP".
 */
#define HV_PARTITION_ID_INVALID UINT64_C(0)
#define HV_PARTITION_ID_SELF    UINT64_C(0xFFFFFFFFFFFFFFFF)
#define HV_VP_INDEX_SELF        UINT32_C(0xFFFFFFFE)
#define HV_ANY_VP               UINT32_C(0xFFFFFFFF)

/* Hypervisor pages are 4 KiB everywhere in the interface. */
#define HV_HYP_PAGE_SHIFT 12
#define HV_HYP_PAGE_SIZE  4096

#endif
