// SPDX-License-Identifier: Apache-2.0
#include "apic_fake.h"

#include "test.h"

#include "core/machine.h"
#include "synic/synic.h"

struct apic_fake fake;

void apic_fake_reset(bool x2apic, const uint32_t *ids)
{
	memset(&fake, 0, sizeof(fake));
	fake.has_x2apic = true;
	fake.extint = APIC_NONE;
	fake.partition.vp_limit = fake.partition.vp_count = FAKE_VPS;
	for (uint32_t i = 0; i < FAKE_VPS; i++) {
		struct vp *vp = &fake.vp[i];

		vp->index = i;
		vp->partition = &fake.partition;
		vp->assist_page = (i + 1) * PAGE_SIZE;
		vp->vp_assist_msr = vp->assist_page | HV_X64_MSR_VP_ASSIST_PAGE_ENABLE;
		fake.partition.vps[i] = vp;
		apic_create(vp, ids ? ids[i] : i,
			    FAKE_APIC_BASE | APIC_BASE_ENABLE | (i == 0 ? APIC_BASE_BSP : 0));
		if (x2apic)
			assert_true(apic_write_base(vp, vp->apic.base | APIC_BASE_X2APIC));
		apic_fake_write(vp, LAPIC_SVR, (uint32_t)APIC_SVR_ENABLE | 0xff);
	}
	fake.lvt_resets = 0;
	memset(fake.lvt_changes, 0, sizeof(fake.lvt_changes));
}

uint32_t apic_fake_read(struct vp *vp, uint32_t reg)
{
	uint64_t value;

	if (!apic_is_x2apic(vp))
		return (uint32_t)apic_read_page(vp, reg, 4);
	assert_true(apic_read_msr(vp, MSR_X2APIC_FIRST + reg / 16, &value));
	return (uint32_t)value;
}

void apic_fake_write(struct vp *vp, uint32_t reg, uint32_t value)
{
	if (apic_is_x2apic(vp))
		assert_true(apic_write_msr(vp, MSR_X2APIC_FIRST + reg / 16, value));
	else
		apic_write_page(vp, reg, 4, value);
}

void apic_fake_send(struct vp *vp, uint32_t low, uint32_t destination)
{
	uint64_t high = apic_is_x2apic(vp) ? destination : destination << 24;

	if (apic_is_x2apic(vp)) {
		assert_true(apic_write_msr(vp, MSR_X2APIC_FIRST + LAPIC_ICR_LOW / 16,
					   high << 32 | low));
	} else {
		apic_write_page(vp, LAPIC_ICR_HIGH, 4, high);
		apic_write_page(vp, LAPIC_ICR_LOW, 4, low);
	}
}

bool apic_fake_granted(const struct vp *vp)
{
	return fake.assist[vp->index].apic_assist & HV_VP_ASSIST_NO_EOI_REQUIRED;
}

bool apic_fake_take_grant(struct vp *vp)
{
	bool granted = apic_fake_granted(vp);

	fake.assist[vp->index].apic_assist = 0;
	return granted;
}

uint32_t apic_fake_requests(struct vp *vp)
{
	uint32_t requests = vp->requests;

	vp->requests = 0;
	return requests;
}

bool apic_fake_bit(struct vp *vp, uint32_t reg, unsigned int vector)
{
	return apic_fake_read(vp, reg + vector / 32 * 16) >> vector % 32 & 1;
}

/* What the room asks of others. */

void *spa_to_virt(spa_t spa)
{
	assert_in_range(spa, PAGE_SIZE, FAKE_VPS * PAGE_SIZE);
	assert_true(IS_ALIGNED(spa, PAGE_SIZE));
	return &fake.assist[spa / PAGE_SIZE - 1];
}

uint64_t machine_reference_time(void)
{
	return fake.time;
}

uint64_t partition_reference_time(const struct partition *p)
{
	(void)p;
	return machine_reference_time();
}

bool vp_has_x2apic(const struct vp *vp)
{
	(void)vp;
	return fake.has_x2apic;
}

void vp_request(struct vp *vp, uint32_t bits)
{
	vp->requests |= bits;
	if (bits & VP_REQUEST_INTERRUPT)
		vp->apic.look = true;
}

void vp_timer_changed(struct vp *vp)
{
	(void)vp;
	fake.timer_changes++;
}

void vp_interrupt_ended(struct vp *vp, uint8_t vector)
{
	(void)vp;
	fake.ended_here[vector]++;
}

void vp_apic_enabled(struct vp *vp)
{
	assert_true(apic_software_enabled(&vp->apic));
	fake.enables++;
}

void vp_apic_lvt_changed(struct vp *vp, unsigned int lvt, uint32_t value)
{
	assert_int_equal(vp->apic.lvt[lvt], value);
	fake.lvt_changes[lvt]++;
	fake.lvt[lvt] = value;
}

void vp_apic_lvt_reset(struct vp *vp)
{
	(void)vp;
	fake.lvt_resets++;
}

int vp_acknowledge_extint(struct vp *vp)
{
	(void)vp;
	return fake.extint;
}

bool synic_eoi(struct vp *vp, uint8_t vector)
{
	(void)vp;
	fake.ended[vector]++;
	return false;
}

bool synic_eoi_needed(const struct vp *vp, uint8_t vector)
{
	(void)vp;
	return fake.eoi_needed[vector];
}

bool synic_vector_auto_eoi(const struct vp *vp, uint8_t vector)
{
	(void)vp;
	return fake.auto_eoi[vector];
}
