// SPDX-License-Identifier: Apache-2.0
/*
 * What a device can do to the hypervisor as long as no IOMMU confines it (docs/threat-model.md): it
 * reaches the hypervisor's memory, and the hypervisor's check of itself finds what it did. The
 * device is QEMU's fw_cfg, which copies a few bytes of its own to where it is told.
 */
#include "abi/hv/cpuid.h"
#include "abi/hv/msr.h"
#include "core/string.h"
#include "lib/test.h"
#include "root/root.h"
#include "x86/cpu.h"

/* The interface of fw_cfg (QEMU, docs/specs/fw_cfg); all numbers big-endian. */
#define FW_CFG_SELECT 0x510
#define FW_CFG_DATA   0x511
#define FW_CFG_DMA    0x514
#define KEY_SIGNATURE 0 /* "QEMU", then nothing, which reads as zeros */
#define KEY_FEATURES  1
#define FEATURE_DMA   2
#define CONTROL_READ  2u

struct fw_cfg_access {
	uint32_t control;
	uint32_t length;
	uint64_t address;
};

#define SIGNATURE_SIZE 4u

/* Offset of a part of the reference TSC page that means nothing and is zero. */
#define UNUSED 0x800

static void select(uint16_t key)
{
	outw(FW_CFG_SELECT, key);
}

static bool device_present(void)
{
	char signature[SIGNATURE_SIZE];

	select(KEY_SIGNATURE);
	for (size_t i = 0; i < sizeof(signature); i++)
		signature[i] = (char)inb(FW_CFG_DATA);
	select(KEY_FEATURES);
	return memcmp(signature, "QEMU", sizeof(signature)) == 0 &&
	       (inb(FW_CFG_DATA) & FEATURE_DMA);
}

static void outl(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

/* Let the device copy `length` bytes to `address`. Returns whether it did. */
static bool copy(uint32_t length, uint64_t address)
{
	static volatile struct fw_cfg_access access __aligned(16);
	uint32_t at = (uint32_t)(uintptr_t)&access;

	access.control = __builtin_bswap32(CONTROL_READ);
	access.length = __builtin_bswap32(length);
	access.address = __builtin_bswap64(address);
	outl(FW_CFG_DMA, 0);
	outl(FW_CFG_DMA + 4, __builtin_bswap32(at));
	return access.control == 0;
}

/* On its own, for the log has an error of the hypervisor's then. */
TEST_ENDING(TEST_ALONE, found,
	    "dma: what a device does to the hypervisor's memory is found by its own check")
{
	uint64_t page = rdmsr(HV_X64_MSR_REFERENCE_TSC) & HV_X64_MSR_PAGE_ADDRESS_MASK;
	const volatile uint32_t *word = (const volatile uint32_t *)(page + UNUSED);
	struct bulkhead_integrity found;

	if (!device_present()) {
		test_skip("the machine has no device that this could be tried with");
		return;
	}
	if (cpuid(HYPERV_CPUID_HARDWARE_FEATURES, 0).eax & HV_X64_HARDWARE_DMA_REMAPPING) {
		test_skip("devices are confined");
		return;
	}
	EXPECT(root_intact());
	EXPECT_EQ(*word, 0);
	select(KEY_SIGNATURE);
	EXPECT(copy(SIGNATURE_SIZE, page + UNUSED));
	EXPECT(*word != 0);
	EXPECT(root_integrity(&found));
	EXPECT_EQ(found.violations, 1);
	EXPECT(found.checksum != found.sealed);
	EXPECT_EQ(strcmp(found.first, "what must not change is as it was when the root started"),
		  0);
	/* Behind its end the item is all zeros. */
	EXPECT(copy(SIGNATURE_SIZE, page + UNUSED));
	EXPECT_EQ(*word, 0);
	EXPECT(root_intact());
}
