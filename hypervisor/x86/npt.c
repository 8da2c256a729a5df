// SPDX-License-Identifier: Apache-2.0
#include "x86/npt.h"

#include "core/machine.h"
#include "core/string.h"
#include "partition/page_pool.h"
#include "x86/npt_table.h"

/* Replace the large page in *entry, of a table of `level`, by a table of smaller ones that say the
 * same. */
static bool split(struct gpa_space *space, uint64_t *entry, unsigned int level)
{
	uint64_t old = __atomic_load_n(entry, __ATOMIC_RELAXED);
	uint64_t *table;
	spa_t page;

	if (!page_pool_alloc(space->pool, &page))
		return false;
	table = spa_to_virt(page);
	do {
		uint64_t base = old & PTE_ADDRESS;
		uint64_t bits = old & ~PTE_ADDRESS;
		/* What a child must not touch is no place in memory. */
		uint64_t step = old & PTE_FORBIDDEN ? 0 : level_size(level - 1);

		if (level == 2)
			bits &= ~PTE_LARGE;
		for (unsigned int i = 0; i < TABLE_ENTRIES; i++)
			table[i] = (base + i * step) | bits;
		/* The processor may mark the large page accessed or dirty meanwhile. */
	} while (!__atomic_compare_exchange_n(entry, &old,
					      page | PTE_PRESENT | PTE_WRITE | PTE_USER, false,
					      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	return true;
}

uint64_t *npt_reach(struct gpa_space *space, gpa_t gpa, unsigned int level)
{
	uint64_t *table = spa_to_virt(space->table);

	for (unsigned int l = TOP_LEVEL;; l--) {
		uint64_t *entry = &table[level_index(gpa, l)];

		if (l == level)
			return entry;
		if (*entry == 0) {
			spa_t page;

			if (!page_pool_alloc(space->pool, &page))
				return NULL;
			*entry = page | PTE_PRESENT | PTE_WRITE | PTE_USER;
		} else if (is_leaf(*entry, l) && !split(space, entry, l)) {
			return NULL;
		}
		table = spa_to_virt(*entry & PTE_ADDRESS);
	}
}

uint64_t *npt_walk(const struct gpa_space *space, gpa_t gpa, unsigned int *level)
{
	uint64_t *table = spa_to_virt(space->table);

	for (unsigned int l = TOP_LEVEL;; l--) {
		uint64_t *entry = &table[level_index(gpa, l)];

		if (*entry == 0 || is_leaf(*entry, l)) {
			*level = l;
			return entry;
		}
		table = spa_to_virt(*entry & PTE_ADDRESS);
	}
}

/* The leaf entry that covers `gpa`, and the size of its page; NULL where there is none. */
static uint64_t *find(const struct gpa_space *space, gpa_t gpa, uint64_t *size)
{
	unsigned int level;
	uint64_t *entry;

	if (gpa >= space->limit)
		return NULL;
	entry = npt_walk(space, gpa, &level);
	*size = level_size(level);
	return *entry == 0 ? NULL : entry;
}

bool npt_init(struct gpa_space *space, struct page_pool *pool, unsigned int physical_bits,
	      unsigned int levels)
{
	spa_t table;

	if (!page_pool_alloc(pool, &table))
		return false;
	*space = (struct gpa_space){
		.table = table,
		.pool = pool,
		.limit = 1UL << MIN(physical_bits, 48u),
		.levels = levels,
		.generation = 1,
		.one_to_one = true,
	};
	return true;
}

bool npt_map(struct gpa_space *space, spa_t start, spa_t end, enum npt_kind kind)
{
	while (start < end) {
		unsigned int level = 1;
		uint64_t *entry;

		while (level < space->levels && IS_ALIGNED(start, level_size(level + 1)) &&
		       end - start >= level_size(level + 1))
			level++;
		entry = npt_reach(space, start, level);
		if (!entry)
			return false;
		*entry = start | kind_bits(kind) | (level > 1 ? PTE_LARGE : 0);
		start += level_size(level);
	}
	space->generation++;
	return true;
}

bool npt_fill_device(struct gpa_space *space, gpa_t gpa)
{
	uint64_t *table = spa_to_virt(space->table);

	if (gpa >= space->limit)
		return false;
	/* The largest page that fits into what is still empty around `gpa`. */
	for (unsigned int l = TOP_LEVEL;; l--) {
		uint64_t *entry = &table[level_index(gpa, l)];
		spa_t page;

		if (*entry == 0 && l <= space->levels) {
			*entry = ALIGN_DOWN(gpa, level_size(l)) | kind_bits(NPT_DEVICE) |
				 (l > 1 ? PTE_LARGE : 0);
			return true;
		}
		if (*entry == 0) {
			if (!page_pool_alloc(space->pool, &page))
				return false;
			*entry = page | PTE_PRESENT | PTE_WRITE | PTE_USER;
		} else if (is_leaf(*entry, l)) {
			return false;
		}
		table = spa_to_virt(*entry & PTE_ADDRESS);
	}
}

bool gpa_in_space(const struct gpa_space *space, gpa_t gpa, uint64_t size)
{
	return gpa < space->limit && size <= space->limit - gpa;
}

/*
 * Where the hypervisor finds the memory at `gpa`, and how many bytes from there on the answer is
 * good for. NULL if the partition may not access it so, or it is no memory.
 */
static void *resolve(const struct gpa_space *space, gpa_t gpa, unsigned int access, uint64_t *good)
{
	uint64_t size;
	uint64_t *found = find(space, gpa, &size);
	uint64_t entry = found ? __atomic_load_n(found, __ATOMIC_RELAXED) : 0;

	if (!(entry & PTE_PRESENT) || !(entry & (PTE_MEMORY | PTE_OVERLAY)) ||
	    (entry & PTE_REVOKED))
		return NULL;
	if (((access & GPA_WRITE) && !(entry & PTE_WRITE)) ||
	    ((access & GPA_EXECUTE) && (entry & PTE_NX)))
		return NULL;
	/* As the processor would, for whoever tracks what a child has written. */
	if ((access & GPA_WRITE) && !(entry & PTE_DIRTY) && !space->one_to_one)
		__atomic_fetch_or(found, PTE_ACCESSED | PTE_DIRTY, __ATOMIC_RELAXED);
	*good = size - gpa % size;
	return spa_to_virt((entry & PTE_ADDRESS & ~(size - 1)) + gpa % size);
}

bool gpa_accessible(struct gpa_space *space, gpa_t gpa, uint64_t size, unsigned int access)
{
	uint64_t good;

	for (uint64_t done = 0; done < size; done += good)
		if (!resolve(space, gpa + done, access, &good))
			return false;
	return true;
}

bool copy_from_gpa(struct gpa_space *space, void *dst, gpa_t gpa, size_t size)
{
	char *out = dst;

	while (size > 0) {
		uint64_t good;
		const void *in = resolve(space, gpa, GPA_READ, &good);

		if (!in)
			return false;
		good = MIN(good, size);
		memcpy(out, in, good);
		out += good;
		gpa += good;
		size -= good;
	}
	return true;
}

bool copy_to_gpa(struct gpa_space *space, gpa_t gpa, const void *src, size_t size)
{
	const char *in = src;

	while (size > 0) {
		uint64_t good;
		void *out = resolve(space, gpa, GPA_WRITE, &good);

		if (!out)
			return false;
		good = MIN(good, size);
		memcpy(out, in, good);
		in += good;
		gpa += good;
		size -= good;
	}
	return true;
}

bool gpa_read_word(struct gpa_space *space, gpa_t gpa, size_t size, uint64_t *value)
{
	uint64_t good;
	const void *word = resolve(space, gpa, GPA_READ, &good);

	if (!word)
		return false;
	*value = size == 8 ? __atomic_load_n((const uint64_t *)word, __ATOMIC_RELAXED)
			   : __atomic_load_n((const uint32_t *)word, __ATOMIC_RELAXED);
	return true;
}

bool gpa_exchange_word(struct gpa_space *space, gpa_t gpa, size_t size, uint64_t expected,
		       uint64_t desired, bool *exchanged)
{
	uint64_t good;
	void *word = resolve(space, gpa, GPA_READ | GPA_WRITE, &good);
	uint32_t expected_32 = (uint32_t)expected;

	if (!word)
		return false;
	if (size == 8)
		*exchanged = __atomic_compare_exchange_n((uint64_t *)word, &expected, desired,
							 false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
	else
		*exchanged = __atomic_compare_exchange_n((uint32_t *)word, &expected_32,
							 (uint32_t)desired, false, __ATOMIC_SEQ_CST,
							 __ATOMIC_RELAXED);
	return true;
}

const void *gpa_view(struct gpa_space *space, gpa_t gpa)
{
	uint64_t good;

	return resolve(space, gpa, GPA_READ, &good);
}

/*
 * The first of `count` contiguous pages at `gpa` of a one-to-one space if the bits `wanted`, of
 * those in `mask`, are set in the entries of all.
 */
static bool all_pages(struct gpa_space *space, gpa_t gpa, uint64_t count, uint64_t mask,
		      uint64_t wanted, spa_t *page)
{
	uint64_t size;

	gpa = ALIGN_DOWN(gpa, PAGE_SIZE);
	if (!space->one_to_one || !gpa_in_space(space, gpa, count * PAGE_SIZE))
		return false;
	*page = gpa;
	for (gpa_t at = gpa; at < gpa + count * PAGE_SIZE; at = ALIGN_DOWN(at, size) + size) {
		const uint64_t *entry = find(space, at, &size);

		if (!entry || (*entry & mask) != wanted)
			return false;
	}
	return true;
}

bool gpa_owned_pages(struct gpa_space *space, gpa_t gpa, uint64_t count, spa_t *page)
{
	const uint64_t wanted = PTE_PRESENT | PTE_WRITE | PTE_MEMORY;

	return all_pages(space, gpa, count, wanted | PTE_OVERLAY | PTE_REVOKED, wanted, page);
}

bool gpa_device_pages(struct gpa_space *space, gpa_t gpa, uint64_t count, spa_t *page)
{
	/* Devices above 4 GiB are mapped when they are first used. */
	for (uint64_t i = 0; space->one_to_one && i < count; i++)
		npt_fill_device(space, gpa + i * PAGE_SIZE);
	return all_pages(space, gpa, count, PTE_PRESENT | PTE_MEMORY | PTE_OVERLAY | PTE_REVOKED,
			 PTE_PRESENT, page);
}

bool gpa_revoke_page(struct gpa_space *space, gpa_t gpa)
{
	uint64_t *entry = npt_reach(space, gpa, 1);

	if (!entry)
		return false;
	__atomic_store_n(entry, (*entry & PTE_ADDRESS) | PTE_REVOKED | PTE_MEMORY,
			 __ATOMIC_RELEASE);
	space->generation++;
	return true;
}

void gpa_restore_page(struct gpa_space *space, gpa_t gpa)
{
	uint64_t size;
	uint64_t *entry = find(space, gpa, &size);

	__atomic_store_n(entry, (*entry & PTE_ADDRESS) | kind_bits(NPT_MEMORY), __ATOMIC_RELEASE);
	space->generation++;
}

void gpa_share_page(struct gpa_space *space, gpa_t gpa, unsigned int access)
{
	uint64_t size;
	uint64_t *entry = find(space, gpa, &size);
	uint64_t bits = PTE_REVOKED | PTE_MEMORY;

	if (access & GPA_READ)
		bits |= PTE_PRESENT | PTE_USER | PTE_NX;
	if (access & GPA_WRITE)
		bits |= PTE_WRITE;
	__atomic_store_n(entry, (*entry & PTE_ADDRESS) | bits, __ATOMIC_RELEASE);
	space->generation++;
}

bool gpa_page_revoked(struct gpa_space *space, gpa_t gpa, unsigned int *access)
{
	uint64_t size;
	const uint64_t *entry = find(space, gpa, &size);

	if (!entry || !(*entry & PTE_REVOKED))
		return false;
	*access = (*entry & PTE_PRESENT ? GPA_READ : 0u) | (*entry & PTE_WRITE ? GPA_WRITE : 0u);
	return true;
}
