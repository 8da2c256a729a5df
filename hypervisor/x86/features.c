// SPDX-License-Identifier: Apache-2.0
#include "x86/features.h"

#include "abi/hv/partition.h"
#include "core/machine.h"

enum cpuid_register {
	EAX,
	EBX,
	ECX,
	EDX,
};

struct feature {
	uint32_t leaf;
	uint8_t subleaf;
	uint8_t reg; /* enum cpuid_register */
	uint8_t bit; /* of the register */
	uint8_t bank;
	uint8_t number; /* the bit of the bank */
};

/* A feature can stand in several places: Intel's and AMD's. */
static const struct feature table[] = {
	{0x00000001, 0, ECX, 0, 0, 0},   /* SSE3 */
	{0x80000001, 0, ECX, 0, 0, 1},   /* LAHF, SAHF */
	{0x00000001, 0, ECX, 9, 0, 2},   /* SSSE3 */
	{0x00000001, 0, ECX, 19, 0, 3},  /* SSE4.1 */
	{0x00000001, 0, ECX, 20, 0, 4},  /* SSE4.2 */
	{0x80000001, 0, ECX, 6, 0, 5},   /* SSE4A */
	{0x80000001, 0, ECX, 11, 0, 6},  /* XOP */
	{0x00000001, 0, ECX, 23, 0, 7},  /* POPCNT */
	{0x00000001, 0, ECX, 13, 0, 8},  /* CMPXCHG16B */
	{0x80000001, 0, ECX, 4, 0, 9},   /* LOCK MOV CR0 is CR8 */
	{0x80000001, 0, ECX, 5, 0, 10},  /* LZCNT */
	{0x80000001, 0, ECX, 7, 0, 11},  /* misaligned SSE */
	{0x80000001, 0, EDX, 22, 0, 12}, /* MMX extensions */
	{0x80000001, 0, EDX, 31, 0, 13}, /* 3DNow! */
	{0x80000001, 0, EDX, 30, 0, 14}, /* ... and extensions */
	{0x80000001, 0, EDX, 26, 0, 15}, /* 1 GiB pages */
	{0x00000001, 0, ECX, 25, 0, 16}, /* AES */
	{0x00000001, 0, ECX, 1, 0, 17},  /* PCLMULQDQ */
	{0x00000001, 0, ECX, 17, 0, 18}, /* PCID */
	{0x80000001, 0, ECX, 16, 0, 19}, /* FMA4 */
	{0x00000001, 0, ECX, 29, 0, 20}, /* F16C */
	{0x00000001, 0, ECX, 30, 0, 21}, /* RDRAND */
	{0x00000007, 0, EBX, 0, 0, 22},  /* RDFSBASE and relatives */
	{0x00000007, 0, EBX, 7, 0, 23},  /* SMEP */
	{0x00000007, 0, EBX, 9, 0, 24},  /* enhanced REP MOVSB */
	{0x00000007, 0, EBX, 3, 0, 25},  /* BMI1 */
	{0x00000007, 0, EBX, 8, 0, 26},  /* BMI2 */
	{0x00000001, 0, ECX, 22, 0, 29}, /* MOVBE */
	{0x00000007, 0, EBX, 13, 0, 31}, /* FCS and FDS are not saved */
	{0x00000007, 0, EBX, 18, 0, 32}, /* RDSEED */
	{0x00000007, 0, EBX, 19, 0, 33}, /* ADX */
	{0x80000001, 0, ECX, 8, 0, 34},  /* PREFETCHW */
	{0x00000007, 0, EBX, 20, 0, 35}, /* SMAP */
	{0x00000007, 0, EBX, 4, 0, 36},  /* HLE */
	{0x00000007, 0, EBX, 11, 0, 37}, /* RTM */
	{0x80000001, 0, EDX, 27, 0, 38}, /* RDTSCP */
	{0x00000007, 0, EBX, 23, 0, 39}, /* CLFLUSHOPT */
	{0x00000007, 0, EBX, 24, 0, 40}, /* CLWB */
	{0x00000007, 0, EBX, 29, 0, 41}, /* SHA */
	{0x00000007, 0, EBX, 10, 0, 43}, /* INVPCID */
	{0x00000007, 0, EDX, 26, 0, 44}, /* IBRS */
	{0x80000008, 0, EBX, 14, 0, 44}, {0x00000007, 0, EDX, 27, 0, 45}, /* STIBP */
	{0x80000008, 0, EBX, 15, 0, 45}, {0x80000008, 0, EBX, 12, 0, 46}, /* IBPB */
	{0x00000007, 0, EDX, 4, 0, 49},                                   /* fast short REP MOV */
	{0x80000008, 0, EBX, 25, 0, 56},                                  /* VIRT_SPEC_CTRL */
	{0x00000007, 0, ECX, 22, 0, 57},                                  /* RDPID */
	{0x00000007, 0, ECX, 2, 0, 58},                                   /* UMIP */
	{0x80000007, 0, EDX, 8, 1, 1},                                    /* invariant TSC */
	{0x80000008, 0, EBX, 0, 1, 2},                                    /* CLZERO */
	{0x80000008, 0, EBX, 4, 1, 3},                                    /* RDPRU */
	{0x00000007, 0, ECX, 16, 1, 4},                                   /* 57-bit addresses */
	{0x80000008, 0, EBX, 28, 1, 7},                                   /* PSFD */
	{0x00000007, 0, ECX, 7, 1, 8},                                    /* shadow stacks */
	{0x00000007, 0, EDX, 20, 1, 9},  /* indirect branch tracking */
	{0x00000007, 0, ECX, 27, 1, 13}, /* MOVDIRI */
	{0x00000007, 0, ECX, 28, 1, 14}, /* MOVDIR64B */
	{0x00000007, 0, ECX, 25, 1, 15}, /* CLDEMOTE */
	{0x00000007, 0, EDX, 14, 1, 16}, /* SERIALIZE */
	{0x00000007, 1, EAX, 10, 1, 19}, /* fast REP MOVSB of nothing */
	{0x00000007, 1, EAX, 11, 1, 20}, /* fast short REP STOSB */
	{0x00000007, 1, EAX, 12, 1, 21}, /* fast short REP CMPSB */
	{0x00000001, 0, ECX, 26, 2, 0},  /* XSAVE */
	{0x0000000d, 1, EAX, 0, 2, 1},   /* XSAVEOPT */
	{0x00000001, 0, ECX, 28, 2, 2},  /* AVX */
	{0x00000007, 0, EBX, 5, 2, 3},   /* AVX2 */
	{0x00000001, 0, ECX, 12, 2, 4},  /* FMA */
	{0x00000007, 0, EBX, 14, 2, 5},  /* MPX */
	{0x00000007, 0, EBX, 16, 2, 6},  /* AVX512 F, DQ, CD, BW, VL */
	{0x00000007, 0, EBX, 17, 2, 7},  {0x00000007, 0, EBX, 28, 2, 8},
	{0x00000007, 0, EBX, 30, 2, 9},  {0x00000007, 0, EBX, 31, 2, 10},
	{0x0000000d, 1, EAX, 1, 2, 11},  /* XSAVEC */
	{0x0000000d, 1, EAX, 3, 2, 12},  /* XSAVES */
	{0x0000000d, 1, EAX, 2, 2, 13},  /* XGETBV with ECX = 1 */
	{0x00000007, 0, ECX, 12, 2, 14}, /* AVX512 BITALG, IFMA, VBMI, VBMI2, VNNI */
	{0x00000007, 0, EBX, 21, 2, 15}, {0x00000007, 0, ECX, 1, 2, 16},
	{0x00000007, 0, ECX, 6, 2, 17},  {0x00000007, 0, ECX, 11, 2, 18},
	{0x00000007, 0, ECX, 8, 2, 19},  /* GFNI */
	{0x00000007, 0, ECX, 9, 2, 20},  /* VAES */
	{0x00000007, 0, ECX, 14, 2, 21}, /* AVX512 VPOPCNTDQ */
	{0x00000007, 0, ECX, 10, 2, 22}, /* VPCLMULQDQ */
	{0x00000007, 1, EAX, 5, 2, 23},  /* AVX512 BF16, VP2INTERSECT, FP16 */
	{0x00000007, 0, EDX, 8, 2, 24},  {0x00000007, 0, EDX, 23, 2, 25},
};

/*
 * What partitions can be offered of a leaf at all: the hypervisor virtualizes no more of it. Other
 * leaves have no features.
 */
static const struct {
	uint32_t leaf;
	uint8_t subleaf;
	uint8_t reg; /* enum cpuid_register */
	uint32_t bits;
} offered[] = {
	/* SSE3 to SSE4.2 and AES, PCLMULQDQ, FMA, CX16, x2APIC, MOVBE, POPCNT, XSAVE, OSXSAVE, AVX,
	 * F16C, RDRAND; all but PSN, DS, ACPI, SS, HTT, TM, PBE. */
	{0x00000001, 0, ECX, 0x7ef83203},
	{0x00000001, 0, EDX, 0x078bfbff},
	/* FSGSBASE, BMI, AVX2, SMEP, ERMS, INVPCID, AVX-512, RDSEED, ADX, SMAP, CLFLUSHOPT, CLWB,
	 * SHA; UMIP, PKU, LA57, RDPID and what AVX-512 added; FSRM. */
	{0x00000007, 0, EBX, 0xf1bf07a9},
	{0x00000007, 0, ECX, 0x00415f5e},
	{0x00000007, 0, EDX, 0x00000010},
	/* XSAVEOPT, XSAVEC, XGETBV with ECX 1. */
	{0x0000000d, 1, EAX, 0x00000007},
	/* LAHF, CmpLegacy, AltMovCr8, ABM, SSE4A, misaligned SSE, prefetch, XOP, FMA4, TCE, TBM. */
	{0x80000001, 0, ECX, 0x002309f3},
	{0x80000001, 0, EDX, 0xffffffff},
	/* Invariant TSC. */
	{0x80000007, 0, EDX, 0x00000100},
	/* CLZERO, XSAVEERPTR, WBNOINVD, IBPB, IBRS, STIBP, SSBD. */
	{0x80000008, 0, EBX, 0x0100d205},
};

/* State components of XCR0 (APM volume 2, 11.5.2), and the features they need. */
#define STATE_LEGACY 0x3u /* x87 and SSE */
#define STATE_AVX    BIT(2)
#define STATE_AVX512 (BIT(5) | BIT(6) | BIT(7))
#define STATE_PKRU   BIT(9)
#define XSAVE_XSAVE  BIT(0)
#define XSAVE_AVX    BIT(2)
#define XSAVE_AVX512 BIT(6)

/* The legacy area of an XSAVE image and its header; components begin behind, some of them aligned.
 */
#define XSAVE_HEADER_END 576u
#define XSAVE_ALIGNMENT  64u
#define XSAVE_ALIGNED    BIT(1) /* ECX of a component's subleaf */
#define STATES_MAX       63u

static uint32_t *register_of(struct cpuid_regs *regs, enum cpuid_register reg)
{
	switch (reg) {
	case EAX:
		return &regs->eax;
	case EBX:
		return &regs->ebx;
	case ECX:
		return &regs->ecx;
	default:
		return &regs->edx;
	}
}

/* True if the processor has `leaf` at all: beyond the last one it repeats that. */
static bool has_leaf(uint32_t leaf)
{
	return cpuid(leaf & 0x80000000, 0).eax >= leaf;
}

_Static_assert(ARRAY_SIZE(offered) == MACHINE_FEATURE_WORDS, "a word for each");

/* True if children can be offered feature `f` where the processor has it. */
static bool is_offered(const struct feature *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(offered); i++)
		if (offered[i].leaf == f->leaf && offered[i].subleaf == f->subleaf &&
		    offered[i].reg == f->reg)
			return offered[i].bits & BIT(f->bit);
	return false;
}

void features_select(const uint64_t disabled[FEATURE_BANKS], uint32_t words[MACHINE_FEATURE_WORDS])
{
	for (size_t i = 0; i < ARRAY_SIZE(offered); i++) {
		struct cpuid_regs regs = {offered[i].bits, offered[i].bits, offered[i].bits,
					  offered[i].bits};

		features_disable(disabled, offered[i].leaf, offered[i].subleaf, &regs);
		words[i] = *register_of(&regs, offered[i].reg);
	}
}

void features_apply(const uint32_t words[MACHINE_FEATURE_WORDS], uint32_t leaf, uint32_t subleaf,
		    struct cpuid_regs *regs)
{
	for (size_t i = 0; i < ARRAY_SIZE(offered); i++)
		if (offered[i].leaf == leaf && offered[i].subleaf == subleaf)
			*register_of(regs, offered[i].reg) &= words[i];
}

uint64_t features_of_processor(unsigned int bank)
{
	uint64_t features = 0;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const struct feature *f = &table[i];
		struct cpuid_regs regs;

		if (f->bank != bank || !is_offered(f) || !has_leaf(f->leaf))
			continue;
		regs = cpuid(f->leaf, f->subleaf);
		if (*register_of(&regs, f->reg) & BIT(f->bit))
			features |= BIT(f->number);
	}
	return features;
}

void features_disable(const uint64_t disabled[FEATURE_BANKS], uint32_t leaf, uint32_t subleaf,
		      struct cpuid_regs *regs)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const struct feature *f = &table[i];

		if (f->leaf == leaf && f->subleaf == subleaf &&
		    (disabled[f->bank] & BIT(f->number)))
			*register_of(regs, f->reg) &= (uint32_t)~BIT(f->bit);
	}
}

uint64_t features_xsave_states(uint64_t disabled_xsave)
{
	uint64_t features = features_of_processor(FEATURE_BANK_XSAVE) & ~disabled_xsave;
	uint64_t states = STATE_LEGACY | STATE_PKRU;

	if (!(features & XSAVE_XSAVE))
		return STATE_LEGACY;
	if (features & XSAVE_AVX)
		states |= STATE_AVX;
	if ((features & XSAVE_AVX) && (features & XSAVE_AVX512))
		states |= STATE_AVX512;
	return states & cpuid(0xd, 0).eax;
}

uint32_t features_xsave_size(uint64_t states)
{
	uint32_t size = XSAVE_HEADER_END;

	for (uint32_t i = 2; i < STATES_MAX; i++) {
		struct cpuid_regs component;

		if (!(states & BIT(i)))
			continue;
		component = cpuid(0xd, i);
		if (component.ecx & XSAVE_ALIGNED)
			size = ALIGN_UP(size, XSAVE_ALIGNMENT);
		size += component.eax;
	}
	return size;
}

uint64_t machine_processor_features(unsigned int bank)
{
	return features_of_processor(bank);
}

void machine_select_features(const uint64_t disabled[3], uint32_t words[MACHINE_FEATURE_WORDS])
{
	features_select(disabled, words);
}

uint32_t machine_xsave_size(uint64_t states)
{
	return features_xsave_size(states);
}

uint32_t machine_processor_vendor(void)
{
	/* The middle of AuthenticAMD, GenuineIntel and HygonGenuine. */
	switch (cpuid(0, 0).edx) {
	case 0x49656e69:
		return HV_PROCESSOR_VENDOR_INTEL;
	case 0x6e65476e:
		return HV_PROCESSOR_VENDOR_HYGON;
	default:
		return HV_PROCESSOR_VENDOR_AMD;
	}
}
