// SPDX-License-Identifier: Apache-2.0
#include "x86/xstate.h"

#include "core/machine.h"
#include "core/string.h"
#include "partition/vp.h"
#include "x86/cpu.h"
#include "x86/features.h"

/* CPUID 1 ECX */
#define FEATURE_XSAVE  BIT(26)
/* CPUID 0x80000001 EDX; 0x80000008 EBX */
#define FEATURE_RDTSCP BIT(27)
#define FEATURE_IBPB   BIT(12)

/* Features of CPUID 0x80000008 EBX, and their bits of SPEC_CTRL: IBRS, STIBP, SSBD, PSFD. */
static const struct {
	uint8_t feature, control;
} speculation[] = {{14, 0}, {15, 1}, {24, 2}, {28, 7}};

#define COMPONENTS_MAX 10u

static bool has_xsave, has_tsc_aux, has_ibpb;
static uint64_t spec_ctrl;
static uint64_t supported;
static struct {
	uint32_t offset, size;
} component[COMPONENTS_MAX];

static uint64_t read_xcr0(void)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

static void write_xcr0(uint64_t value)
{
	__asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static void setup_speculation(void)
{
	uint32_t features = 0;

	if (cpuid(0x80000000, 0).eax >= 0x80000008)
		features = cpuid(0x80000008, 0).ebx;
	has_ibpb = features & FEATURE_IBPB;
	spec_ctrl = 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(speculation); i++)
		if (features & BIT(speculation[i].feature))
			spec_ctrl |= BIT(speculation[i].control);
}

void xstate_setup(void)
{
	const uint64_t wanted = XSTATE_X87 | XSTATE_SSE | XSTATE_AVX | XSTATE_AVX512 | XSTATE_PKRU;
	struct cpuid_regs r;

	has_tsc_aux = cpuid(0x80000001, 0).edx & FEATURE_RDTSCP;
	setup_speculation();
	has_xsave = cpuid(1, 0).ecx & FEATURE_XSAVE;
	supported = XSTATE_X87 | XSTATE_SSE;
	if (!has_xsave)
		return;
	write_cr4(read_cr4() | CR4_OSXSAVE);
	r = cpuid(0xd, 0);
	supported = ((uint64_t)r.edx << 32 | r.eax) & wanted;
	for (unsigned int i = 2; i < COMPONENTS_MAX; i++) {
		if (!(supported & BIT(i)))
			continue;
		r = cpuid(0xd, i);
		component[i].offset = r.ebx;
		component[i].size = r.eax;
		if (r.ebx + r.eax > PAGE_SIZE)
			supported &= ~BIT(i);
	}
	/* The parts of AVX-512 come together. */
	if ((supported & XSTATE_AVX512) != XSTATE_AVX512)
		supported &= ~XSTATE_AVX512;
}

uint64_t xstate_supported(void)
{
	return supported;
}

uint64_t machine_xsave_states(uint64_t disabled_xsave)
{
	return features_xsave_states(disabled_xsave) & supported;
}

uint32_t xstate_size(uint64_t mask)
{
	uint32_t size = XSTATE_LEGACY_SIZE + XSTATE_HEADER_SIZE;

	for (unsigned int i = 2; i < COMPONENTS_MAX; i++)
		if (mask & supported & BIT(i))
			size = MAX(size, component[i].offset + component[i].size);
	return size;
}

uint32_t xstate_offset(unsigned int n, uint32_t *size)
{
	bool there = n >= 2 && n < COMPONENTS_MAX && (supported & BIT(n));

	*size = there ? component[n].size : 0;
	return there ? component[n].offset : 0;
}

bool xstate_xcr0_valid(uint64_t value, uint64_t allowed)
{
	uint64_t avx512 = value & XSTATE_AVX512;

	if ((value & ~allowed) || !(value & XSTATE_X87))
		return false;
	if ((value & XSTATE_AVX) && !(value & XSTATE_SSE))
		return false;
	return avx512 == 0 || (avx512 == XSTATE_AVX512 && (value & XSTATE_AVX));
}

void xstate_set_xcr0(uint64_t value)
{
	write_xcr0(value);
}

bool xstate_has_xsave(void)
{
	return has_xsave;
}

bool xstate_has_tsc_aux(void)
{
	return has_tsc_aux;
}

bool xstate_has_ibpb(void)
{
	return has_ibpb;
}

uint64_t xstate_spec_ctrl(void)
{
	return spec_ctrl;
}

void xstate_reset(void *image)
{
	uint16_t fcw = XSTATE_FCW_RESET;
	uint32_t mxcsr = XSTATE_MXCSR_RESET;

	memset(image, 0, PAGE_SIZE);
	memcpy(image, &fcw, sizeof(fcw));
	memcpy((uint8_t *)image + XSTATE_MXCSR, &mxcsr, sizeof(mxcsr));
}

void xstate_save(struct vp_child *to)
{
	if (!has_xsave) {
		const uint64_t all = XSTATE_X87 | XSTATE_SSE;

		__asm__ volatile("fxsave64 (%0)" : : "r"(to->xsave) : "memory");
		memcpy((uint8_t *)to->xsave + XSTATE_BV, &all, sizeof(all));
		return;
	}
	to->xcr0 = read_xcr0();
	/* Everything that a child may use, also where this one does not at the moment. */
	write_xcr0(supported | to->xcr0);
	__asm__ volatile("xsave64 (%0)"
			 :
			 : "r"(to->xsave), "a"((uint32_t)supported),
			   "d"((uint32_t)(supported >> 32))
			 : "memory");
}

void xstate_load(const struct vp_child *from)
{
	if (!has_xsave) {
		__asm__ volatile("fxrstor64 (%0)" : : "r"(from->xsave));
		return;
	}
	__asm__ volatile("xrstor64 (%0)"
			 :
			 : "r"(from->xsave), "a"((uint32_t)supported),
			   "d"((uint32_t)(supported >> 32)));
	write_xcr0(from->xcr0);
}
