// SPDX-License-Identifier: Apache-2.0
/* The properties of a partition. */
#ifndef PARTITION_PROPERTY_H
#define PARTITION_PROPERTY_H

#include "abi/hv/status.h"
#include "core/types.h"

struct partition;

/*
 * Read property `code` (HV_PARTITION_PROPERTY_*) of `p` into *value. Takes p->lock.
 * Returns HV_STATUS_SUCCESS or HV_STATUS_UNKNOWN_PROPERTY. Source: TLFS,
 * HvCallGetPartitionProperty.
 */
enum hv_status partition_get_property(struct partition *p, uint32_t code, uint64_t *value);

/*
 * Set property `code` of `p`, the caller or a child of it. Takes p->lock. Returns
 * HV_STATUS_SUCCESS; HV_STATUS_UNKNOWN_PROPERTY; HV_STATUS_OPERATION_DENIED: it exists but cannot
 * be set, which is so for all that a partition has itself; HV_STATUS_INVALID_PARTITION_STATE:
 * privileges and synthetic features once initialized, the time while it runs, anything once
 * finalized; HV_STATUS_INVALID_PARTITION_ID: deleted; HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE.
 * Privileges and features that the caller cannot give are dropped. Source: TLFS,
 * HvCallSetPartitionProperty.
 */
enum hv_status partition_set_property(struct partition *caller, struct partition *p, uint32_t code,
				      uint64_t value);

/*
 * Read a property whose value may be larger than 8 bytes into `value` of `capacity` bytes, all
 * zeros; *size becomes the bytes used. What partition_get_property knows can be read here too.
 * `arg` is the property's own. Returns HV_STATUS_SUCCESS, HV_STATUS_UNKNOWN_PROPERTY, or
 * HV_STATUS_INVALID_ALIGNMENT if the value does not fit: then the caller's output block would not
 * end within its page. Takes p->lock. Source: Linux's mshv driver; abi/hv/bulkhead.h.
 */
enum hv_status partition_get_property_ex(struct partition *p, uint32_t code, uint64_t arg,
					 void *value, uint32_t capacity, uint32_t *size);

#endif
