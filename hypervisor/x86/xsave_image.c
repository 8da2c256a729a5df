// SPDX-License-Identifier: Apache-2.0
#include "x86/xsave_image.h"

#include "core/string.h"
#include "x86/cpu.h"
#include "x86/xstate.h"

#define COMPACTED      BIT(63)
#define COMPONENTS_MAX 63u
#define ALIGNMENT      64u
#define ALIGNED        BIT(1) /* ECX of a component's subleaf of CPUID 0xd */
#define MXCSR_VALID    0xffffu

struct header {
	uint64_t state_bv;     /* components that are not as after reset */
	uint64_t component_bv; /* components that have a place, and COMPACTED */
	uint64_t reserved[6];
};

_Static_assert(sizeof(struct header) == XSTATE_HEADER_SIZE, "the header");

/* Where a component is. */
struct component {
	uint32_t size, standard, compacted;
};

/* The next component of `states` behind *number, its place behind `last`. Returns false if there
 * is none. */
static bool next_component(uint64_t states, unsigned int *number, struct component *last)
{
	uint32_t end = last->compacted + last->size;

	while (++*number < COMPONENTS_MAX) {
		struct cpuid_regs r;

		if (!(states & BIT(*number)))
			continue;
		r = cpuid(0xd, *number);
		*last = (struct component){.size = r.eax,
					   .standard = r.ebx,
					   .compacted = r.ecx & ALIGNED ? ALIGN_UP(end, ALIGNMENT)
									: end};
		return true;
	}
	return false;
}

static const struct component before_first = {.compacted = XSTATE_LEGACY_SIZE + XSTATE_HEADER_SIZE};

/* The last component of the legacy region. */
#define LEGACY_LAST 1u

void xsave_compact(void *to, const void *standard, uint64_t states)
{
	const uint8_t *source = standard;
	uint8_t *image = to;
	struct component c = before_first;
	unsigned int number = LEGACY_LAST;
	struct header header = {.component_bv = states | COMPACTED};

	memcpy(&header.state_bv, source + XSTATE_BV, sizeof(header.state_bv));
	header.state_bv &= states;
	memcpy(image, source, XSTATE_LEGACY_SIZE);
	memcpy(image + XSTATE_BV, &header, sizeof(header));
	while (next_component(states, &number, &c)) {
		if (header.state_bv & BIT(number))
			memcpy(image + c.compacted, source + c.standard, c.size);
		else
			memset(image + c.compacted, 0, c.size);
	}
}

static bool valid(const struct header *header, const uint8_t *image, uint64_t allowed)
{
	uint32_t mxcsr;

	for (unsigned int i = 0; i < ARRAY_SIZE(header->reserved); i++)
		if (header->reserved[i] != 0)
			return false;
	memcpy(&mxcsr, image + XSTATE_MXCSR, sizeof(mxcsr));
	return (header->component_bv & COMPACTED) &&
	       !(header->component_bv & ~(allowed | COMPACTED)) &&
	       !(header->state_bv & ~header->component_bv) && !(mxcsr & ~MXCSR_VALID);
}

bool xsave_expand(void *standard, const void *from, uint64_t allowed)
{
	const uint8_t *image = from;
	uint8_t *target = standard;
	struct component c = before_first;
	unsigned int number = LEGACY_LAST;
	struct header header;

	memcpy(&header, image + XSTATE_BV, sizeof(header));
	if (!valid(&header, image, allowed))
		return false;
	memcpy(target, image, XSTATE_LEGACY_SIZE);
	while (next_component(header.component_bv, &number, &c))
		if (header.state_bv & BIT(number))
			memcpy(target + c.standard, image + c.compacted, c.size);
	/* In the standard form no more than this says what there is. */
	header.component_bv = 0;
	memcpy(target + XSTATE_BV, &header, sizeof(header));
	return true;
}
