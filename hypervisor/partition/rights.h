// SPDX-License-Identifier: Apache-2.0
/*
 * What a partition may do, from the two properties that say so before it is initialized: its
 * privileges (HV_PARTITION_PRIVILEGE_MASK), and the synthetic processor features, each of which
 * stands for privileges and for bits of CPUID. Nobody gives what they do not have.
 */
#ifndef PARTITION_RIGHTS_H
#define PARTITION_RIGHTS_H

#include "core/types.h"

struct partition;

/* The synthetic processor features (HV_SYNTHETIC_*) that the root has, by its privileges and CPUID.
 */
uint64_t rights_own_features(const struct partition *p);

/*
 * The synthetic processor features and the privileges that `creator` may give to a child. Features
 * that are no privilege are the hypervisor's to offer: the root can give all of them, another
 * parent what it was given.
 */
uint64_t rights_assignable(const struct partition *creator);
uint64_t rights_assignable_privileges(const struct partition *creator);

/*
 * Let the privileges, features and hints of the child `p` be what its properties, masked when they
 * were set, say. Holds p->lock. Source: TLFS, "Partition Properties"; Linux's VMMs.
 */
void rights_derive(struct partition *p);

#endif
