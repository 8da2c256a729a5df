// SPDX-License-Identifier: Apache-2.0
/*
 * Processor features by the numbers that partitions and their parents know them by, and the bits of
 * CPUID that they stand for. Source: TLFS, HV_PARTITION_PROCESSOR_FEATURES; Linux's headers; AMD64
 * APM volume 3, appendix E; Intel SDM volume 2, CPUID.
 */
#ifndef X86_FEATURES_H
#define X86_FEATURES_H

#include "core/machine.h"
#include "core/types.h"
#include "x86/cpu.h"

/* The two banks of HV_PARTITION_PROCESSOR_FEATURES, and HV_PARTITION_PROCESSOR_XSAVE_FEATURES. */
#define FEATURE_BANKS      3u
#define FEATURE_BANK_XSAVE 2u

/* The features of `bank` that the processor has and partitions can. */
uint64_t features_of_processor(unsigned int bank);

/*
 * Take the features whose bits are set in `disabled`, a word for each bank, out of what CPUID
 * answers for `leaf` and `subleaf`.
 */
void features_disable(const uint64_t disabled[FEATURE_BANKS], uint32_t leaf, uint32_t subleaf,
		      struct cpuid_regs *regs);

/*
 * What a partition without the features in `disabled` has of the words of CPUID that say which
 * features there are; and let it see no others in `leaf` and `subleaf`. Words that nobody
 * virtualizes bits of (x86/features.c) say nothing of them.
 */
void features_select(const uint64_t disabled[FEATURE_BANKS], uint32_t words[MACHINE_FEATURE_WORDS]);
void features_apply(const uint32_t words[MACHINE_FEATURE_WORDS], uint32_t leaf, uint32_t subleaf,
		    struct cpuid_regs *regs);

/*
 * The state components that XSAVE has for a partition without the features in `disabled_xsave`, as
 * a mask for XCR0 (without XSAVE: x87 and SSE), and the bytes that `states` take in the compacted
 * form. Tile data, which would not fit into a page, is not among them.
 */
uint64_t features_xsave_states(uint64_t disabled_xsave);
uint32_t features_xsave_size(uint64_t states);

#endif
