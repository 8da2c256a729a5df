// SPDX-License-Identifier: Apache-2.0
/* All that the hypervisor can check about itself, from the root partition down. */
#ifndef PARTITION_INTEGRITY_H
#define PARTITION_INTEGRITY_H

#include "core/integrity.h"

struct partition;

/*
 * Check every statement of every room, and the checksum against the sealed one. Takes root->lock,
 * and below it the stats lock, the ports lock and the pools'. Takes as long as it takes to look at
 * every entry of the page tables and every free page, which all lie in the hypervisor's piece or in
 * what the root deposited. The first violation ever is logged.
 */
void integrity_check(struct partition *root, struct integrity *result);

/* Remember the checksum as it is now: nothing that it covers may change any more. Boot only. */
void integrity_seal(struct partition *root);

/* The checksum that was sealed; 0 before. */
uint64_t integrity_sealed(void);

#endif
