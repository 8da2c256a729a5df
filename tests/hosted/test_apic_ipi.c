// SPDX-License-Identifier: Apache-2.0
/* Interrupt commands: whom they reach, and what of them is carried out. */
#include "test.h"

#include "apic_fake.h"

#define SENDER (&fake.vp[0])

#define VECTOR  0x41u
#define FIXED   (LAPIC_ICR_MODE_FIXED | VECTOR)
#define LOWEST  (LAPIC_ICR_MODE_LOWEST | VECTOR)
#define LOGICAL ((uint32_t)LAPIC_ICR_LOGICAL)

/* Masks of VPs by index. */
#define ALL 0xfu

static int setup_xapic(void **state)
{
	(void)state;
	apic_fake_reset(false, NULL);
	return 0;
}

static int setup_x2apic(void **state)
{
	(void)state;
	apic_fake_reset(true, NULL);
	return 0;
}

/* Which VPs the command reached: took the vector, or another request. Forgets it. */
static uint32_t reached(uint32_t command, uint32_t destination)
{
	uint32_t mask = 0;

	apic_fake_send(SENDER, command, destination);
	for (uint32_t i = 0; i < FAKE_VPS; i++) {
		struct vp *vp = &fake.vp[i];
		uint32_t requests = apic_fake_requests(vp);
		bool raised = apic_next(vp, true).vector != APIC_NONE;

		if (raised)
			apic_eoi(vp);
		assert_int_equal(requests == VP_REQUEST_INTERRUPT, raised);
		if (requests != 0)
			mask |= 1u << i;
	}
	return mask;
}

static void set_logical(const uint32_t *ldr, uint32_t dfr)
{
	for (uint32_t i = 0; i < FAKE_VPS; i++) {
		apic_write_page(&fake.vp[i], LAPIC_LDR, 4, (uint64_t)ldr[i] << 24);
		apic_write_page(&fake.vp[i], LAPIC_DFR, 4, dfr);
	}
}

static void test_shorthands(void **state)
{
	(void)state;
	/* The destination does not matter. */
	for (uint32_t destination = 0; destination < 3; destination++) {
		assert_int_equal(reached((uint32_t)LAPIC_ICR_SELF | FIXED, destination), 1);
		assert_int_equal(reached((uint32_t)LAPIC_ICR_ALL | FIXED, destination), ALL);
		assert_int_equal(reached((uint32_t)LAPIC_ICR_ALL_BUT_SELF | FIXED, destination),
				 ALL & ~1u);
	}
}

static void test_physical(void **state)
{
	static const uint32_t ids[FAKE_VPS] = {0x10, 0x20, 0x21, 0xfe};

	(void)state;
	apic_fake_reset(false, ids);
	for (uint32_t i = 0; i < FAKE_VPS; i++)
		assert_int_equal(reached(FIXED, ids[i]), 1u << i);
	assert_int_equal(reached(FIXED, 0x22), 0);
	assert_int_equal(reached(FIXED, 0xff), ALL);
}

static void test_physical_x2apic(void **state)
{
	static const uint32_t ids[FAKE_VPS] = {0, 0xff, 0x1ff, 0xfffffffe};

	(void)state;
	apic_fake_reset(true, ids);
	for (uint32_t i = 0; i < FAKE_VPS; i++)
		assert_int_equal(reached(FIXED, ids[i]), 1u << i);
	assert_int_equal(reached(FIXED, 0x100), 0);
	assert_int_equal(reached(FIXED, 0xffffffff), ALL);
	assert_int_equal(reached(LOGICAL | FIXED, 0xffffffff), ALL);
}

static void test_logical_flat(void **state)
{
	static const uint32_t ldr[FAKE_VPS] = {0x01, 0x02, 0x04, 0x84};

	(void)state;
	set_logical(ldr, 0xffffffff);
	for (uint32_t mda = 0; mda < 0xff; mda++) {
		uint32_t expected = 0;

		for (uint32_t i = 0; i < FAKE_VPS; i++)
			expected |= (ldr[i] & mda) ? 1u << i : 0;
		assert_int_equal(reached(LOGICAL | FIXED, mda), expected);
	}
}

static void test_logical_cluster(void **state)
{
	static const uint32_t ldr[FAKE_VPS] = {0x01, 0x02, 0x11, 0x1c};

	(void)state;
	set_logical(ldr, 0x0fffffff);
	assert_int_equal(reached(LOGICAL | FIXED, 0x01), 1);
	assert_int_equal(reached(LOGICAL | FIXED, 0x03), 3);
	assert_int_equal(reached(LOGICAL | FIXED, 0x0c), 0);
	assert_int_equal(reached(LOGICAL | FIXED, 0x11), 4);
	assert_int_equal(reached(LOGICAL | FIXED, 0x14), 8);
	assert_int_equal(reached(LOGICAL | FIXED, 0x15), 12);
	assert_int_equal(reached(LOGICAL | FIXED, 0x21), 0);
	assert_int_equal(reached(LOGICAL | FIXED, 0xff), ALL);
}

/* A broadcast reaches also those that have no logical id. */
static void test_logical_broadcast(void **state)
{
	static const uint32_t none[FAKE_VPS];

	(void)state;
	set_logical(none, 0xffffffff);
	assert_int_equal(reached(LOGICAL | FIXED, 0xfe), 0);
	assert_int_equal(reached(LOGICAL | FIXED, 0xff), ALL);
}

static void test_logical_x2apic(void **state)
{
	static const uint32_t ids[FAKE_VPS] = {0x00, 0x0f, 0x10, 0x12345};

	(void)state;
	apic_fake_reset(true, ids);
	assert_int_equal(reached(LOGICAL | FIXED, 0x00000001), 1);
	assert_int_equal(reached(LOGICAL | FIXED, 0x00008000), 2);
	assert_int_equal(reached(LOGICAL | FIXED, 0x0000ffff), 3);
	assert_int_equal(reached(LOGICAL | FIXED, 0x00010001), 4);
	assert_int_equal(reached(LOGICAL | FIXED, 0x0001fffe), 0);
	assert_int_equal(reached(LOGICAL | FIXED, 0x12340020), 8);
	/* What the LDR of each says. */
	for (uint32_t i = 0; i < FAKE_VPS; i++)
		assert_int_equal(reached(LOGICAL | FIXED, apic_fake_read(&fake.vp[i], LAPIC_LDR)),
				 1u << i);
}

/* While a system goes from one mode to the other its APICs are in both. */
static void test_mixed_modes(void **state)
{
	(void)state;
	assert_true(apic_write_base(&fake.vp[1], fake.vp[1].apic.base | APIC_BASE_X2APIC));
	assert_int_equal(reached(FIXED, 1), 2);
	assert_int_equal(reached(FIXED, 0xff), ALL);
	assert_true(apic_write_base(SENDER, SENDER->apic.base | APIC_BASE_X2APIC));
	assert_int_equal(reached(FIXED, 2), 4);
	assert_int_equal(reached(FIXED, 0xff), 0);
	assert_int_equal(reached(FIXED, 0xffffffff), ALL);
}

static void test_lowest_priority(void **state)
{
	(void)state;
	apic_fake_write(&fake.vp[0], LAPIC_TPR, 0x30);
	apic_fake_write(&fake.vp[1], LAPIC_TPR, 0x20);
	apic_fake_write(&fake.vp[2], LAPIC_TPR, 0x10);
	apic_fake_write(&fake.vp[3], LAPIC_TPR, 0x20);
	assert_int_equal(reached((uint32_t)LAPIC_ICR_ALL | LOWEST, 0), 4);
	assert_int_equal(reached(LOWEST, 3), 8);
	/* One that takes none does not win. */
	apic_fake_write(&fake.vp[2], LAPIC_SVR, 0xff);
	apic_fake_write(&fake.vp[3], LAPIC_TPR, 0x1f);
	assert_int_equal(reached((uint32_t)LAPIC_ICR_ALL_BUT_SELF | LOWEST, 0), 8);
	assert_int_equal(reached(LOWEST, 2), 0);
	assert_int_equal(reached((uint32_t)LAPIC_ICR_SELF | LOWEST, 0), 1);
}

static void test_nmi(void **state)
{
	(void)state;
	apic_fake_send(SENDER, LAPIC_ICR_MODE_NMI, 1);
	assert_int_equal(apic_fake_requests(&fake.vp[1]), VP_REQUEST_NMI);
	/* Its vector says nothing, and neither does a disabled APIC. */
	apic_fake_write(&fake.vp[2], LAPIC_SVR, 0xff);
	apic_fake_send(SENDER, (uint32_t)LAPIC_ICR_ALL_BUT_SELF | LAPIC_ICR_NMI | 0x55, 0);
	for (uint32_t i = 1; i < FAKE_VPS; i++)
		assert_int_equal(apic_fake_requests(&fake.vp[i]), VP_REQUEST_NMI);
	assert_int_equal(apic_fake_requests(SENDER), 0);
	apic_fake_send(SENDER, (uint32_t)LAPIC_ICR_SELF | LAPIC_ICR_MODE_NMI, 0);
	assert_int_equal(apic_fake_requests(SENDER), VP_REQUEST_NMI);
	assert_int_equal(apic_next(SENDER, true).vector, APIC_NONE);
}

static void test_init_and_startup(void **state)
{
	(void)state;
	apic_fake_send(SENDER, LAPIC_ICR_INIT, 1);
	assert_int_equal(apic_fake_requests(&fake.vp[1]), VP_REQUEST_INIT);
	/* The de-assert does nothing; level, asserted, is what kernels send. */
	apic_fake_send(SENDER, LAPIC_ICR_MODE_INIT | (uint32_t)LAPIC_ICR_LEVEL, 1);
	assert_int_equal(apic_fake_requests(&fake.vp[1]), 0);
	apic_fake_send(SENDER, LAPIC_ICR_INIT | (uint32_t)LAPIC_ICR_LEVEL, 1);
	assert_int_equal(apic_fake_requests(&fake.vp[1]), VP_REQUEST_INIT);
	apic_fake_send(SENDER, LAPIC_ICR_STARTUP | 0x9a, 1);
	assert_int_equal(apic_fake_requests(&fake.vp[1]), VP_REQUEST_STARTUP);
	assert_int_equal(fake.vp[1].startup_vector, 0x9a);
	/* Any page is one: these are no vectors. */
	apic_fake_send(SENDER, LAPIC_ICR_STARTUP | 7, 1);
	assert_int_equal(apic_fake_requests(&fake.vp[1]), VP_REQUEST_STARTUP);
	assert_int_equal(fake.vp[1].startup_vector, 7);
	/* To all: not to oneself. */
	apic_fake_send(SENDER, (uint32_t)LAPIC_ICR_ALL | LAPIC_ICR_INIT, 0);
	apic_fake_send(SENDER, (uint32_t)LAPIC_ICR_ALL | LAPIC_ICR_STARTUP | 1, 0);
	assert_int_equal(apic_fake_requests(SENDER), 0);
	assert_int_equal(apic_fake_requests(&fake.vp[3]), VP_REQUEST_INIT | VP_REQUEST_STARTUP);
}

static void test_not_carried_out(void **state)
{
	(void)state;
	for (uint32_t mode = 0; mode < 8; mode++) {
		uint32_t command = (uint32_t)LAPIC_ICR_ALL | mode << 8 | VECTOR;

		/* SMI; remote read, which was; external interrupts. */
		if (mode == 2 || mode == 3 || mode == 7)
			assert_int_equal(reached(command, 0), 0);
	}
	/* Nothing of the busy bit is ever seen. */
	assert_int_equal(apic_fake_read(SENDER, LAPIC_ICR_LOW) & LAPIC_ICR_BUSY, 0);
}

static void test_illegal_vectors(void **state)
{
	(void)state;
	for (uint32_t vector = 0; vector < 32; vector++) {
		uint32_t expected = vector < 16 ? 0 : ALL;

		assert_int_equal(reached((uint32_t)LAPIC_ICR_ALL | vector, 0), expected);
		apic_fake_write(SENDER, LAPIC_ESR, 0);
		assert_int_equal(apic_fake_read(SENDER, LAPIC_ESR),
				 vector < 16 ? APIC_ERROR_SEND_ILLEGAL_VECTOR : 0);
	}
	assert_int_equal(reached(LAPIC_ICR_MODE_LOWEST | 15, 1), 0);
}

static void test_self_ipi(void **state)
{
	(void)state;
	apic_fake_write(SENDER, LAPIC_SELF_IPI, VECTOR);
	assert_int_equal(apic_next(SENDER, true).vector, VECTOR);
	apic_fake_write(SENDER, LAPIC_SELF_IPI, 15);
	apic_fake_write(SENDER, LAPIC_ESR, 0);
	assert_int_equal(apic_fake_read(SENDER, LAPIC_ESR), APIC_ERROR_SEND_ILLEGAL_VECTOR);
	/* The ICR is another register. */
	assert_true(apic_read_icr(SENDER) == 0);
}

static void test_gaps(void **state)
{
	(void)state;
	fake.partition.vps[2] = NULL;
	assert_int_equal(reached((uint32_t)LAPIC_ICR_ALL | FIXED, 0), ALL & ~4u);
	assert_int_equal(reached((uint32_t)LAPIC_ICR_ALL | LOWEST, 0), 1);
	assert_int_equal(reached(FIXED, 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"test_shorthands (xAPIC)", test_shorthands, setup_xapic, NULL, NULL},
		{"test_shorthands (x2APIC)", test_shorthands, setup_x2apic, NULL, NULL},
		cmocka_unit_test(test_physical),
		cmocka_unit_test(test_physical_x2apic),
		cmocka_unit_test_setup(test_logical_flat, setup_xapic),
		cmocka_unit_test_setup(test_logical_cluster, setup_xapic),
		cmocka_unit_test_setup(test_logical_broadcast, setup_xapic),
		cmocka_unit_test(test_logical_x2apic),
		cmocka_unit_test_setup(test_mixed_modes, setup_xapic),
		cmocka_unit_test_setup(test_lowest_priority, setup_xapic),
		cmocka_unit_test_setup(test_nmi, setup_x2apic),
		cmocka_unit_test_setup(test_init_and_startup, setup_xapic),
		cmocka_unit_test_setup(test_not_carried_out, setup_xapic),
		cmocka_unit_test_setup(test_illegal_vectors, setup_x2apic),
		cmocka_unit_test_setup(test_self_ipi, setup_x2apic),
		cmocka_unit_test_setup(test_gaps, setup_xapic),
	};

	return cmocka_run_group_tests_name("APIC commands", tests, NULL, NULL);
}
