// SPDX-License-Identifier: Apache-2.0
/* What rooms above x86/ ask of the machine. Implemented in x86/ and boot/; hosted tests bring
 * fakes. */
#ifndef CORE_MACHINE_H
#define CORE_MACHINE_H

#include "core/selftest.h"
#include "core/types.h"

struct integrity;

/* A system physical address of ordinary memory as the hypervisor sees it (the direct map), and
 * back. */
void *spa_to_virt(spa_t spa);
spa_t virt_to_spa(const void *virt);

/*
 * virt_to_spa() of an address that may be anything. Returns false if it is none of the direct map.
 */
bool machine_memory_at(const void *virt, spa_t *spa);

/* True if some of [spa, spa + size) is in the piece of memory that the hypervisor took for itself.
 */
bool machine_owns(spa_t spa, uint64_t size);

/* Logical processors that the root knows of: the boot processor and those it added. */
uint32_t machine_lp_count(void);

/* True if the root knows a logical processor `index`. */
bool machine_lp_exists(uint32_t index);

/*
 * Let the processor with `apic_id` be logical processor `index` from now on. Returns false if there
 * is no such processor, it has an index already, or another one has that index. Holds the root
 * partition's lock.
 */
bool machine_add_lp(uint32_t index, uint32_t apic_id);

/* Width of a physical address in bits. */
uint32_t machine_physical_bits(void);

/* The largest page: 1 of 4 KiB, 2 of 2 MiB, 3 of 1 GiB. */
unsigned int machine_page_levels(void);

/*
 * The processor's vendor (HV_PROCESSOR_VENDOR_*); the features of `bank` (0, 1 of
 * HV_PARTITION_PROCESSOR_FEATURES, 2: HV_PARTITION_PROCESSOR_XSAVE_FEATURES) that it has and
 * partitions can; the state components that XSAVE has without the features in `disabled_xsave`, as
 * a mask for XCR0; and the bytes that `states` take in the compacted form.
 */
uint32_t machine_processor_vendor(void);
uint64_t machine_processor_features(unsigned int bank);
uint64_t machine_xsave_states(uint64_t disabled_xsave);
uint32_t machine_xsave_size(uint64_t states);

/*
 * The words of CPUID that say which features a partition has, without those in `disabled` (a word
 * for each bank).
 */
#define MACHINE_FEATURE_WORDS 10u
void machine_select_features(const uint64_t disabled[3], uint32_t words[MACHINE_FEATURE_WORDS]);

/* Ticks of the processor's time stamp counter per second. */
uint64_t machine_tsc_frequency(void);

/* Ticks per second of the local APIC timer's input clock (divide by 1). */
uint64_t machine_apic_frequency(void);

/* The time stamp counter, and reference time: units of 100 ns since the hypervisor started. */
uint64_t machine_tsc(void);
uint64_t machine_reference_time(void);

/*
 * ACPI sleep: remember SLP_TYPa and SLP_TYPb (0..7) of `state` (1..5). Returns false for a state
 * that is not served (all but S5).
 */
bool machine_set_sleep_state(uint32_t state, uint8_t slp_typa, uint8_t slp_typb);
/* True if machine_set_sleep_state has been called for `state`. */
bool machine_sleep_state_known(uint32_t state);
/* Enter a known state; the machine goes off. Never returns. */
void machine_enter_sleep_state(uint32_t state) __noreturn;
/* Reset the machine. Never returns. */
void machine_reset(void) __noreturn;

/* How the user asked (option test=) the hypervisor to fail, once the root enables its hypercall
 * page. */
enum selftest machine_selftest(void);

/*
 * What the machine's rooms can check of themselves: the image, the hypervisor's own tables, its
 * processors and what VPs run with. Holds the root partition's lock.
 */
void machine_check(struct integrity *i);

/* Stop all other processors for good, whatever they do. */
void machine_stop_others(void);

/* Stop this processor for good. */
void machine_stop(void) __noreturn;

/* True if a stack frame (two words) can be read at `address`. */
bool machine_is_stack(uint64_t address);

/* Print what is known of this processor, the partition and VP it carries and that VP's last exit.
 */
void machine_describe_panic(void);

/* The physical APIC id of the processor that root VP `vp_index` runs on. Returns false if there is
 * none. */
bool machine_root_vp_apic_id(uint32_t vp_index, uint32_t *apic_id);

/* True if the hypervisor takes interrupts with `vector` for itself. */
bool machine_vector_taken(uint8_t vector);

/* Let processor `lp` look at what is asked of the VPs on it, wherever it is. Any lock held. */
struct lp;
void machine_wake_lp(struct lp *lp);

/*
 * The calling VP and every VP of `p` that a processor runs see what has been asked of them before
 * they execute another instruction. The caller is one of p's.
 */
struct partition;
void machine_sync_vps(const struct partition *p);

#endif
