// SPDX-License-Identifier: Apache-2.0
/* What goes into a VP next, by its control block: the choice among what waits in its APIC. */
#include "test.h"

#include "apic_fake.h"

#include "intercept/intercept.h"
#include "x86/svm/svm.h"
#include "x86/vendor.h"

#define VP       (&fake.vp[0])
#define EXTERNAL (EVENT_VALID | EVENT_TYPE_EXTERNAL)

static struct vmcb vmcb;
static struct vp_arch arch;

/* What stepping, NMIs and machine checks need of the rest. */

bool svm_has_next_rip;

unsigned int fetch_length(struct fetch_cache *cache, struct gpa_space *space,
			  const struct fetch_at *at, unsigned int plain)
{
	(void)cache, (void)space, (void)at;
	return plain;
}

bool fetch_instruction(struct gpa_space *space, const struct fetch_at *at, struct instruction *insn)
{
	(void)space, (void)at, (void)insn;
	return false;
}

unsigned int fetch_bytes(struct gpa_space *space, const struct fetch_at *at, uint8_t *bytes)
{
	(void)space, (void)at, (void)bytes;
	return 0;
}

void intercept_shutdown(struct vp *vp)
{
	(void)vp;
	fail();
}

bool vp_long_mode(const struct vp *vp)
{
	(void)vp;
	return true;
}

bool vp_protected_mode(const struct vp *vp)
{
	(void)vp;
	return true;
}

uint64_t vendor_cr4(const struct vp *vp)
{
	(void)vp;
	return 0;
}

void printk(enum log_level level, const char *format, ...)
{
	(void)level, (void)format;
}

static int setup(void **state)
{
	(void)state;
	apic_fake_reset(true, NULL);
	memset(&vmcb, 0, sizeof(vmcb));
	memset(&arch, 0, sizeof(arch));
	arch.vmcb = &vmcb;
	VP->arch = &arch;
	VP->regs.rflags = RFLAGS_IF;
	return 0;
}

static bool waits_for_window(void)
{
	return vmcb.interrupt_control & V_IRQ;
}

static void test_goes_in(void **state)
{
	(void)state;
	apic_raise(VP, 0x41);
	svm_deliver(VP);
	assert_int_equal(vmcb.event_injection, EXTERNAL | 0x41);
	assert_false(waits_for_window());
}

static void test_waits_for_interrupts_to_be_enabled(void **state)
{
	(void)state;
	VP->regs.rflags = 0;
	apic_raise(VP, 0x41);
	svm_deliver(VP);
	assert_int_equal(vmcb.event_injection, 0);
	assert_true(waits_for_window());
}

/* The window's V_IRQ would be in the way of the one that brings an interrupt in. */
static void test_what_comes_before_the_entry_is_chosen_among(void **state)
{
	(void)state;
	apic_raise(VP, 0x41);
	svm_deliver(VP);
	apic_raise(VP, 0x52);
	svm_deliver(VP);
	assert_int_equal(vmcb.event_injection, EXTERNAL | 0x52);
	assert_false(waits_for_window());
	assert_true(apic_fake_bit(VP, LAPIC_IRR, 0x41));
	assert_false(apic_fake_bit(VP, LAPIC_ISR, 0x41));
	assert_true(apic_fake_bit(VP, LAPIC_ISR, 0x52));
}

static void test_a_lower_one_does_not_take_its_place(void **state)
{
	(void)state;
	apic_raise(VP, 0x52);
	svm_deliver(VP);
	apic_raise(VP, 0x41);
	svm_deliver(VP);
	assert_int_equal(vmcb.event_injection, EXTERNAL | 0x52);
	assert_false(waits_for_window());
	assert_true(apic_fake_bit(VP, LAPIC_IRR, 0x41));
}

/* An 8259 has been asked for its vector, and takes it back from nobody. */
static void test_what_an_8259_gave_stays(void **state)
{
	(void)state;
	fake.extint = 0x30;
	VP->apic.extint_pending = VP->apic.look = true;
	svm_deliver(VP);
	assert_int_equal(vmcb.event_injection, EXTERNAL | 0x30);
	apic_raise(VP, 0x41);
	svm_deliver(VP);
	assert_int_equal(vmcb.event_injection, EXTERNAL | 0x30);
	assert_true(waits_for_window());
}

/* An exception that waits is not an interrupt to be taken back. */
static void test_an_exception_goes_first(void **state)
{
	(void)state;
	apic_raise(VP, 0x41);
	svm_deliver(VP);
	vmcb.event_injection = 0;
	vp_raise(VP, VECTOR_UD);
	apic_raise(VP, 0x52);
	svm_deliver(VP);
	assert_int_equal(vmcb.event_injection, EVENT_VALID | EVENT_TYPE_EXCEPTION | VECTOR_UD);
	assert_true(waits_for_window());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_goes_in, setup),
		cmocka_unit_test_setup(test_waits_for_interrupts_to_be_enabled, setup),
		cmocka_unit_test_setup(test_what_comes_before_the_entry_is_chosen_among, setup),
		cmocka_unit_test_setup(test_a_lower_one_does_not_take_its_place, setup),
		cmocka_unit_test_setup(test_what_an_8259_gave_stays, setup),
		cmocka_unit_test_setup(test_an_exception_goes_first, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
