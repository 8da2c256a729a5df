// SPDX-License-Identifier: Apache-2.0
/* What CPUID says about the hypervisor beneath this Linux (TLFS, "Feature and Interface
 * Discovery"). */
#ifndef CLI_PLATFORM_H
#define CLI_PLATFORM_H

#include <stdint.h>

struct cpuid_words {
	uint32_t eax, ebx, ecx, edx;
};

/* The leaves that matter here; those above the highest one offered are zero. */
struct platform_leaves {
	struct cpuid_words basic;    /* 0x00000001 */
	struct cpuid_words extended; /* 0x80000001 */
	struct cpuid_words vendor;   /* 0x40000000 */
	struct cpuid_words interface;
	struct cpuid_words version;
	struct cpuid_words features;
	struct cpuid_words hints;
	struct cpuid_words limits;
	struct cpuid_words hardware;
};

enum platform {
	PLATFORM_BARE,  /* no hypervisor */
	PLATFORM_OTHER, /* a hypervisor without the Hyper-V interface */
	PLATFORM_CHILD, /* a partition that may not create others */
	PLATFORM_L1VH,  /* a parent that is itself a child */
	PLATFORM_ROOT,
};

/* Read the leaves with the CPUID instruction. */
void platform_read(struct platform_leaves *leaves);

/* What kind of place this is, as Linux decides it. Pure. */
enum platform platform_identify(const struct platform_leaves *leaves);

/*
 * One sentence saying why this is no root partition and what to do about it; NULL if it is one.
 * Pure; the text is static.
 */
const char *platform_problem(enum platform platform);

#endif
