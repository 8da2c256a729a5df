// SPDX-License-Identifier: Apache-2.0
#include "synic/synic.h"

#include "abi/hv/cpuid.h"
#include "core/string.h"
#include "partition/overlay.h"
#include "partition/partition.h"
#include "partition/vp.h"

#define ALL_SINTS (BIT(SYNIC_SINT_COUNT) - 1)

static bool is_sint(uint32_t msr)
{
	return msr >= HV_X64_MSR_SINT0 && msr <= HV_X64_MSR_SINT15;
}

static bool is_timer(uint32_t msr)
{
	return msr >= HV_X64_MSR_STIMER0_CONFIG && msr <= HV_X64_MSR_STIMER3_COUNT;
}

static void reset_registers(struct vp_synic *synic)
{
	synic->scontrol = 0;
	for (unsigned int i = 0; i < SYNIC_SINT_COUNT; i++)
		synic->sint[i] = HV_SYNIC_SINT_RESET_VALUE;
	memset(synic->auto_eoi, 0, sizeof(synic->auto_eoi));
	for (unsigned int i = 0; i < SYNIC_TIMER_COUNT; i++)
		synic_timer_reset(&synic->timer[i]);
}

void synic_reset(struct vp_synic *synic, spa_t siefp, spa_t simp, spa_t sirbp)
{
	*synic = (struct vp_synic){.siefp = siefp,
				   .simp = simp,
				   .sirbp = sirbp,
				   .siefp_page = siefp,
				   .simp_page = simp,
				   .sirbp_page = sirbp};
	reset_registers(synic);
}

void synic_init(struct vp *vp)
{
	struct vp_synic *synic = &vp->synic;

	spin_lock(&vp->partition->lock);
	spin_lock(&synic->lock);
	message_drop_all(vp);
	overlay_remove(vp->partition, &synic->siefp);
	overlay_remove(vp->partition, &synic->simp);
	overlay_remove(vp->partition, &synic->sirbp);
	reset_registers(synic);
	memset(spa_to_virt(synic->siefp_page), 0, PAGE_SIZE);
	memset(spa_to_virt(synic->simp_page), 0, PAGE_SIZE);
	memset(spa_to_virt(synic->sirbp_page), 0, PAGE_SIZE);
	synic->ring_head = 0;
	spin_unlock(&synic->lock);
	spin_unlock(&vp->partition->lock);
	vp_timer_changed(vp);
}

bool synic_read_msr(struct vp *vp, uint32_t msr, uint64_t *value)
{
	const struct vp_synic *synic = &vp->synic;

	if (is_timer(msr))
		return synic_timer_read_msr(vp, msr, value);
	if (!(vp->partition->privileges & HV_MSR_SYNIC_AVAILABLE))
		return false;
	if (is_sint(msr)) {
		*value = synic->sint[msr - HV_X64_MSR_SINT0];
		return true;
	}
	switch (msr) {
	case HV_X64_MSR_SCONTROL:
		*value = synic->scontrol;
		return true;
	case HV_X64_MSR_SVERSION:
		*value = HV_SYNIC_VERSION_1;
		return true;
	case HV_X64_MSR_SIEFP:
		*value = synic->siefp;
		return true;
	case HV_X64_MSR_SIMP:
		*value = synic->simp;
		return true;
	case HV_X64_MSR_SIRBP:
		*value = synic->sirbp;
		return true;
	case HV_X64_MSR_EOM:
		*value = 0;
		return true;
	default:
		return false;
	}
}

static void update_auto_eoi(struct vp_synic *synic)
{
	uint64_t vectors[ARRAY_SIZE(synic->auto_eoi)] = {0};

	for (unsigned int i = 0; i < SYNIC_SINT_COUNT; i++) {
		uint64_t vector = synic->sint[i] & HV_SYNIC_SINT_VECTOR_MASK;

		if (synic_sint_raises(synic->sint[i]) && (synic->sint[i] & HV_SYNIC_SINT_AUTO_EOI))
			vectors[vector / 64] |= BIT(vector % 64);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(vectors); i++)
		__atomic_store_n(&synic->auto_eoi[i], vectors[i], __ATOMIC_RELAXED);
}

/* Holds the SynIC lock. */
static bool write_sint(struct vp *vp, unsigned int sint, uint64_t value)
{
	/* A vector below 16 is an exception's: it can only stand in a masked source. */
	if ((value & HV_SYNIC_SINT_VECTOR_MASK) < HV_SYNIC_FIRST_VALID_VECTOR &&
	    !(value & HV_SYNIC_SINT_MASKED))
		return false;
	vp->synic.sint[sint] = value;
	update_auto_eoi(&vp->synic);
	message_scan(vp, (uint32_t)BIT(sint));
	return true;
}

/* Holds the SynIC lock. What it changes may let messages in that wait. */
static bool write_register(struct vp *vp, uint32_t msr, uint64_t value)
{
	struct vp_synic *synic = &vp->synic;
	struct partition *p = vp->partition;

	if (is_sint(msr))
		return write_sint(vp, msr - HV_X64_MSR_SINT0, value);
	switch (msr) {
	case HV_X64_MSR_SCONTROL:
		synic->scontrol = value;
		break;
	case HV_X64_MSR_SIEFP:
		return overlay_write(p, &synic->siefp, synic->siefp_page, value, true);
	case HV_X64_MSR_SIMP:
		if (!overlay_write(p, &synic->simp, synic->simp_page, value, true))
			return false;
		break;
	case HV_X64_MSR_SIRBP:
		return overlay_write(p, &synic->sirbp, synic->sirbp_page, value, true);
	case HV_X64_MSR_EOM:
		break;
	default: /* SVERSION is read-only */
		return false;
	}
	message_scan(vp, ALL_SINTS);
	return true;
}

bool synic_write_msr(struct vp *vp, uint32_t msr, uint64_t value)
{
	bool written;

	if (is_timer(msr))
		return synic_timer_write_msr(vp, msr, value);
	if (!(vp->partition->privileges & HV_MSR_SYNIC_AVAILABLE))
		return false;
	spin_lock(&vp->partition->lock);
	spin_lock(&vp->synic.lock);
	written = write_register(vp, msr, value);
	spin_unlock(&vp->synic.lock);
	spin_unlock(&vp->partition->lock);
	return written;
}

void synic_set_page(struct vp *vp, bool events, const void *data)
{
	struct vp_synic *synic = &vp->synic;

	spin_lock(&synic->lock);
	memcpy(spa_to_virt(events ? synic->siefp_page : synic->simp_page), data, PAGE_SIZE);
	/* Slots may have become empty. */
	message_scan(vp, ALL_SINTS);
	spin_unlock(&synic->lock);
}

/* The SINTs among those with queued messages that raise `vector`. */
static uint32_t waiting_for(const struct vp_synic *synic, uint8_t vector)
{
	uint32_t queued = __atomic_load_n(&synic->queued, __ATOMIC_RELAXED);
	uint32_t sints = 0;

	for (unsigned int i = 0; queued >> i != 0; i++) {
		uint64_t sint = synic->sint[i];

		if ((queued >> i & 1) && synic_sint_raises(sint) &&
		    (sint & HV_SYNIC_SINT_VECTOR_MASK) == vector)
			sints |= (uint32_t)BIT(i);
	}
	return sints;
}

bool synic_eoi_needed(const struct vp *vp, uint8_t vector)
{
	return waiting_for(&vp->synic, vector) != 0;
}

bool synic_eoi(struct vp *vp, uint8_t vector)
{
	uint32_t sints = waiting_for(&vp->synic, vector);
	bool delivered;

	if (sints == 0)
		return false;
	spin_lock(&vp->synic.lock);
	delivered = message_scan(vp, sints);
	spin_unlock(&vp->synic.lock);
	return delivered;
}

bool synic_vector_auto_eoi(const struct vp *vp, uint8_t vector)
{
	uint64_t word = __atomic_load_n(&vp->synic.auto_eoi[vector / 64], __ATOMIC_RELAXED);

	return word & BIT(vector % 64);
}

void synic_destroy(struct vp *vp)
{
	struct vp_synic *synic = &vp->synic;

	spin_lock(&synic->lock);
	message_drop_all(vp);
	overlay_remove(vp->partition, &synic->siefp);
	overlay_remove(vp->partition, &synic->simp);
	overlay_remove(vp->partition, &synic->sirbp);
	spin_unlock(&synic->lock);
}
