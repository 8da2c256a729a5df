// SPDX-License-Identifier: Apache-2.0
/* The registers, in the two ways in which software reaches them. */
#include "apic/apic.h"

#include "partition/vp.h"
#include "x86/cpu.h"
#include "x86/lapic.h"

/* Version 0x14, six entries in the local vector table, no directed EOI. */
#define VERSION (0x14u | (APIC_LVT_COUNT - 1u) << 16)

#define DFR_FLAT 0xffffffffu

#define LVT_VECTOR    0xffu
#define LVT_MODE      0x700u
#define LVT_POLARITY  BIT(13)
#define LVT_LEVEL     BIT(15)
#define LVT_PERIODIC  BIT(17)
#define LVT_INTERRUPT (LVT_VECTOR | LAPIC_LVT_MASKED)

/* What can be written to an entry of the local vector table. */
static const uint32_t lvt_defined[APIC_LVT_COUNT] = {
	[APIC_LVT_TIMER] = (uint32_t)(LVT_INTERRUPT | LVT_PERIODIC),
	[APIC_LVT_THERMAL] = (uint32_t)(LVT_INTERRUPT | LVT_MODE),
	[APIC_LVT_PERFORMANCE] = (uint32_t)(LVT_INTERRUPT | LVT_MODE),
	[APIC_LVT_LINT0] = (uint32_t)(LVT_INTERRUPT | LVT_MODE | LVT_POLARITY | LVT_LEVEL),
	[APIC_LVT_LINT1] = (uint32_t)(LVT_INTERRUPT | LVT_MODE | LVT_POLARITY | LVT_LEVEL),
	[APIC_LVT_ERROR] = (uint32_t)LVT_INTERRUPT,
};

static const uint16_t lvt_register[APIC_LVT_COUNT] = {
	LAPIC_LVT_TIMER, LAPIC_LVT_THERMAL, LAPIC_LVT_PERFORMANCE,
	LAPIC_LVT_LINT0, LAPIC_LVT_LINT1,   LAPIC_LVT_ERROR,
};

/* The entry of the local vector table at register `reg`, APIC_LVT_COUNT if it is none. */
static unsigned int lvt_at(uint32_t reg)
{
	unsigned int i = 0;

	while (i < APIC_LVT_COUNT && lvt_register[i] != reg)
		i++;
	return i;
}

bool apic_enabled(const struct vp *vp)
{
	return vp->apic.base & APIC_BASE_ENABLE;
}

bool apic_is_x2apic(const struct vp *vp)
{
	return vp->apic.base & APIC_BASE_X2APIC;
}

void apic_create(struct vp *vp, uint32_t id, uint64_t base)
{
	vp->apic.id = id;
	vp->apic.base = base;
	apic_init(vp);
}

void apic_init(struct vp *vp)
{
	struct vp_apic *apic = &vp->apic;

	apic_withdraw_grant(vp);
	vp_apic_lvt_reset(vp);
	*apic = (struct vp_apic){
		.base = apic->base,
		.id = apic->id,
		.dfr = DFR_FLAT,
		.svr = LVT_VECTOR,
		.deadline = APIC_NEVER,
		.look = true, /* a window may stand open for what is gone */
	};
	for (unsigned int i = 0; i < APIC_LVT_COUNT; i++)
		apic->lvt[i] = (uint32_t)LAPIC_LVT_MASKED;
}

static uint32_t logical_id(const struct vp *vp)
{
	const struct vp_apic *apic = &vp->apic;

	return apic_is_x2apic(vp) ? apic->id >> 4 << 16 | 1u << (apic->id & 15) : apic->ldr;
}

/* Registers of 32 bits that read without condition, by their offset in the page. */
static bool read_register(struct vp *vp, uint32_t reg, uint32_t *value)
{
	struct vp_apic *apic = &vp->apic;
	unsigned int lvt = lvt_at(reg);

	*value = 0;
	if (lvt < APIC_LVT_COUNT) {
		*value = apic->lvt[lvt];
		return true;
	}
	/* Three times 256 bits. */
	if (reg >= LAPIC_ISR && reg < LAPIC_IRR + 0x80) {
		const struct apic_vectors *v = reg < LAPIC_TMR   ? &apic->isr
					       : reg < LAPIC_IRR ? &apic->tmr
								 : &apic->irr;

		apic_settle_eoi(vp);
		*value = __atomic_load_n(&v->word[reg / 16 % 8], __ATOMIC_RELAXED);
		return true;
	}
	switch (reg) {
	case LAPIC_ID:
		*value = apic_is_x2apic(vp) ? apic->id : apic->id << 24;
		return true;
	case LAPIC_VERSION:
		*value = VERSION;
		return true;
	case LAPIC_TPR:
		*value = apic->tpr;
		return true;
	case LAPIC_PPR:
		*value = apic_ppr(vp);
		return true;
	case LAPIC_LDR:
		*value = logical_id(vp);
		return true;
	case LAPIC_SVR:
		*value = apic->svr;
		return true;
	case LAPIC_ESR:
		*value = apic->esr;
		return true;
	case LAPIC_ICR_LOW:
		*value = apic->icr_low;
		return true;
	case LAPIC_INITIAL_COUNT:
		*value = apic->initial_count;
		return true;
	case LAPIC_CURRENT_COUNT:
		*value = apic_timer_count(vp);
		return true;
	case LAPIC_DIVIDE:
		*value = apic->divide;
		return true;
	default:
		return false;
	}
}

static void write_svr(struct vp *vp, uint32_t value)
{
	struct vp_apic *apic = &vp->apic;
	bool enabled = apic_software_enabled(apic);

	__atomic_store_n(&apic->svr, value & APIC_SVR_DEFINED, __ATOMIC_RELAXED);
	if (value & APIC_SVR_ENABLE) {
		if (!enabled)
			vp_apic_enabled(vp);
		return;
	}
	for (unsigned int i = 0; i < APIC_LVT_COUNT; i++) {
		apic->lvt[i] |= (uint32_t)LAPIC_LVT_MASKED;
		vp_apic_lvt_changed(vp, i, apic->lvt[i]);
	}
}

static void write_lvt(struct vp *vp, unsigned int lvt, uint32_t value)
{
	struct vp_apic *apic = &vp->apic;

	value &= lvt_defined[lvt];
	if (!apic_software_enabled(apic))
		value |= (uint32_t)LAPIC_LVT_MASKED;
	if (lvt == APIC_LVT_TIMER) {
		apic_timer_write_lvt(vp, value);
		return;
	}
	apic->lvt[lvt] = value;
	vp_apic_lvt_changed(vp, lvt, value);
}

/* What a write does in both modes. Returns false for a register that cannot be written. */
static bool write_register(struct vp *vp, uint32_t reg, uint32_t value)
{
	struct vp_apic *apic = &vp->apic;
	unsigned int lvt = lvt_at(reg);

	if (lvt < APIC_LVT_COUNT) {
		write_lvt(vp, lvt, value);
		return true;
	}
	switch (reg) {
	case LAPIC_TPR:
		apic->tpr = value & 0xff;
		apic->look = true;
		return true;
	case LAPIC_EOI:
		apic_eoi(vp);
		return true;
	case LAPIC_SVR:
		write_svr(vp, value);
		return true;
	case LAPIC_ESR:
		apic->esr = apic->errors;
		apic->errors = 0;
		return true;
	case LAPIC_INITIAL_COUNT:
		apic_timer_write_count(vp, value);
		return true;
	case LAPIC_DIVIDE:
		apic_timer_write_divide(vp, value & APIC_DIVIDE_BITS);
		return true;
	default:
		return false;
	}
}

uint32_t apic_read_own(struct vp *vp, uint32_t reg)
{
	uint32_t value;

	read_register(vp, reg, &value);
	return value;
}

uint32_t apic_lvt_defined(enum apic_lvt lvt)
{
	return lvt_defined[lvt];
}

/* Bits that fault when they are set, of registers that have a value (Intel SDM 3A, 11.12.1.2). */
static uint32_t reserved_bits(uint32_t reg)
{
	unsigned int lvt = lvt_at(reg);

	if (lvt < APIC_LVT_COUNT)
		/* Delivery status and remote IRR cannot be written, and may stand there. */
		return ~(lvt_defined[lvt] | 0x5000u);
	switch (reg) {
	case LAPIC_TPR:
		return ~0xffu;
	case LAPIC_SVR:
		return ~APIC_SVR_DEFINED;
	case LAPIC_DIVIDE:
		return ~APIC_DIVIDE_BITS;
	case LAPIC_EOI:
	case LAPIC_ESR:
		return ~0u;
	default:
		return 0;
	}
}

uint64_t apic_read_icr(const struct vp *vp)
{
	return (uint64_t)vp->apic.icr_high << 32 | vp->apic.icr_low;
}

bool apic_write_icr(struct vp *vp, uint64_t value)
{
	if (value & ~LAPIC_ICR_DEFINED)
		return false;
	vp->apic.icr_low = (uint32_t)value;
	vp->apic.icr_high = (uint32_t)(value >> 32);
	if (apic_is_x2apic(vp)) {
		apic_send(vp, vp->apic.icr_low, vp->apic.icr_high);
	} else {
		vp->apic.icr_high &= APIC_XAPIC_BYTE;
		apic_send(vp, vp->apic.icr_low, vp->apic.icr_high >> 24);
	}
	return true;
}

bool apic_write_tpr(struct vp *vp, uint64_t value)
{
	return value <= 0xff && write_register(vp, LAPIC_TPR, (uint32_t)value);
}

bool apic_read_msr(struct vp *vp, uint32_t msr, uint64_t *value)
{
	uint32_t reg = (msr - MSR_X2APIC_FIRST) * 16;
	uint32_t word;

	if (!apic_is_x2apic(vp))
		return false;
	if (reg == LAPIC_ICR_LOW) {
		*value = apic_read_icr(vp);
		return true;
	}
	if (!read_register(vp, reg, &word))
		return false;
	*value = word;
	return true;
}

bool apic_write_msr(struct vp *vp, uint32_t msr, uint64_t value)
{
	uint32_t reg = (msr - MSR_X2APIC_FIRST) * 16;

	if (!apic_is_x2apic(vp))
		return false;
	if (reg == LAPIC_ICR_LOW)
		return apic_write_icr(vp, value);
	if (reg == LAPIC_SELF_IPI) {
		if (value > 0xff)
			return false;
		apic_send(vp, (uint32_t)(value | LAPIC_ICR_SELF), 0);
		return true;
	}
	if (value > UINT32_MAX || ((uint32_t)value & reserved_bits(reg)))
		return false;
	return write_register(vp, reg, (uint32_t)value);
}

uint64_t apic_read_page(struct vp *vp, uint32_t offset, unsigned int size)
{
	uint32_t within = offset % 16;
	uint32_t value;

	/* A register is the first four bytes of its sixteen. */
	if (within + size > 4)
		return 0;
	switch (offset - within) {
	case LAPIC_DFR:
		value = vp->apic.dfr;
		break;
	case LAPIC_ICR_HIGH:
		value = vp->apic.icr_high;
		break;
	default:
		if (!read_register(vp, offset - within, &value) && offset - within != LAPIC_EOI)
			apic_error(vp, (uint32_t)APIC_ERROR_ILLEGAL_REGISTER);
	}
	value >>= within * 8;
	return size < 4 ? value & ((1u << size * 8) - 1) : value;
}

void apic_write_page(struct vp *vp, uint32_t offset, unsigned int size, uint64_t value)
{
	struct vp_apic *apic = &vp->apic;
	uint32_t word = (uint32_t)value;
	uint32_t read_only;

	/* Anything else is undefined, and ignored. */
	if (offset % 16 != 0 || size != 4)
		return;
	switch (offset) {
	case LAPIC_LDR:
		apic->ldr = word & APIC_XAPIC_BYTE;
		return;
	case LAPIC_DFR:
		apic->dfr = word | APIC_DFR_RESERVED;
		return;
	case LAPIC_ICR_LOW:
		apic->icr_low = word & (uint32_t)LAPIC_ICR_DEFINED;
		apic_send(vp, apic->icr_low, apic->icr_high >> 24);
		return;
	case LAPIC_ICR_HIGH:
		apic->icr_high = word & APIC_XAPIC_BYTE;
		return;
	default:
		if (!write_register(vp, offset, word) && !read_register(vp, offset, &read_only))
			apic_error(vp, (uint32_t)APIC_ERROR_ILLEGAL_REGISTER);
	}
}

bool apic_write_base(struct vp *vp, uint64_t value)
{
	const uint64_t mode = APIC_BASE_ENABLE | APIC_BASE_X2APIC;
	struct vp_apic *apic = &vp->apic;
	uint64_t old = apic->base & mode;
	uint64_t new = value &mode;

	if ((value ^ apic->base) & ~mode)
		return false;
	/* The ways that the architecture has (APM volume 2, 16.9; SDM 3A, 11.12.5). */
	if (new == APIC_BASE_X2APIC || (new == APIC_BASE_ENABLE &&old == mode) ||
	    (new == mode && (old == 0 || !vp_has_x2apic(vp))))
		return false;
	if (new == old)
		return true;
	if (new == 0)
		apic_init(vp);
	apic->base = value;
	if (new == mode)
		apic->icr_high = 0;
	return true;
}
