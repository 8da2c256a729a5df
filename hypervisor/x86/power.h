// SPDX-License-Identifier: Apache-2.0
/* Sleep and reset through ACPI's registers; the verbs are in core/machine.h. */
#ifndef X86_POWER_H
#define X86_POWER_H

#include "core/types.h"

/* Where the PM1 control registers are (I/O ports, from the FADT; 0: absent). */
void power_init(uint16_t pm1a_control, uint16_t pm1b_control);

#endif
