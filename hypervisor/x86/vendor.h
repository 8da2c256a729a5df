// SPDX-License-Identifier: Apache-2.0
/* What each processor vendor's virtualization provides, behind one short list. */
#ifndef X86_VENDOR_H
#define X86_VENDOR_H

#include "abi/hv/status.h"
#include "core/printk.h"
#include "core/types.h"
#include "scheduler/scheduler.h"

struct integrity;
struct lp;
struct page_pool;
struct vp;

/* NULL if this processor can carry Bulkhead, else one sentence saying what is missing and what to
 * do. */
const char *vendor_check(void);

/* Memory for an LP, and what all VPs of the root share, from the piece. Boot only. */
void vendor_alloc_lp(struct lp *lp);
void vendor_alloc_root(void);

/* Memory for `vp` from `pool`. Returns false if the pool is empty. */
bool vendor_alloc_vp(struct vp *vp, struct page_pool *pool);

/* Give back what vendor_alloc_vp() took. */
void vendor_free_vp(struct vp *vp, struct page_pool *pool);

/* Set up `vp`, whose partition is set, for its first entry. */
void vendor_init_vp(struct vp *vp);

/* Turn virtualization on, on this processor, which is `lp`. */
void vendor_enable(struct lp *lp);

/* Put the root's `vp` at the Linux boot protocol's 32-bit entry point: flat segments, no paging. */
void vendor_set_boot_state(struct vp *vp, uint32_t entry, uint32_t params, uint32_t gdt,
			   uint16_t gdt_limit, uint16_t code, uint16_t data);

/* Put the root's `vp` where a start-up message with `vector` lets it begin: real mode, at vector
 * << 12. */
void vendor_set_startup_state(struct vp *vp, uint8_t vector);

/* Put `vp` where a processor begins after RESET. */
void vendor_set_reset_state(struct vp *vp);

/*
 * Run `vp`, a child's, on this processor until something ends that (scheduler/scheduler.h). It is
 * owned by this processor's dispatch.
 */
enum vp_outcome vendor_run_child(struct vp *vp);

/*
 * Registers by name, of those that the vendor keeps: HV_X64_REGISTER_. Getting returns false,
 * setting HV_STATUS_UNKNOWN_REGISTER_NAME for others; HV_STATUS_INVALID_REGISTER_VALUE.
 */
union hv_register_value;
bool vendor_get_register(struct vp *vp, uint32_t name, union hv_register_value *value);
enum hv_status vendor_set_register(struct vp *vp, uint32_t name,
				   const union hv_register_value *value);

/* The page attribute table. */
uint64_t vendor_pat(const struct vp *vp);
void vendor_set_pat(struct vp *vp, uint64_t pat);

/* Run this processor's VP for ever: enter, handle its exit, enter again. */
void vendor_run(struct vp *vp) __noreturn;

/* The VP's EFER as it shall see it, CR4, and CR0: what some answers depend on. */
uint64_t vendor_efer(const struct vp *vp);
uint64_t vendor_cr4(const struct vp *vp);
/* Set EFER, checked before. */
void vendor_set_efer(struct vp *vp, uint64_t efer);

/*
 * Check the memory of the root's `vp` and what it runs under (integrity.h): that it exits where it
 * must, and sees memory through its partition's tables. Holds the root partition's lock.
 */
void vendor_check_vp(const struct vp *vp, struct integrity *i);

/* The same of `vp`, a child's, which may run meanwhile. Holds its partition's lock. */
void vendor_check_child_vp(const struct vp *vp, struct integrity *i);

/* Print the last exit of `vp` and its registers: to a panic screen, or wherever `level` goes. */
void vendor_describe(enum log_level level, const struct vp *vp);

#endif
