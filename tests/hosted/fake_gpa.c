// SPDX-License-Identifier: Apache-2.0
/* partition/gpa_space.h: the root's; those of children go to the real tables (fake_tables.h). */
#include <string.h>

#include "fake.h"

#include "core/integrity.h"
#include "partition/gpa_space.h"

bool table_gpa_accessible(struct gpa_space *space, gpa_t gpa, uint64_t size, unsigned int access);
bool table_copy_from_gpa(struct gpa_space *space, void *dst, gpa_t gpa, size_t size);
bool table_copy_to_gpa(struct gpa_space *space, gpa_t gpa, const void *src, size_t size);
bool table_gpa_read_word(struct gpa_space *space, gpa_t gpa, size_t size, uint64_t *value);
bool table_gpa_exchange_word(struct gpa_space *space, gpa_t gpa, size_t size, uint64_t expected,
			     uint64_t desired, bool *exchanged);
const void *table_gpa_view(struct gpa_space *space, gpa_t gpa);

static bool is_root(const struct gpa_space *space)
{
	return space == &fake.root.gpa;
}

static struct fake_page *find_page(gpa_t gpa)
{
	return gpa < FAKE_SIZE ? &fake.page[gpa >> PAGE_SHIFT] : NULL;
}

bool gpa_in_space(const struct gpa_space *space, gpa_t gpa, uint64_t size)
{
	return gpa < space->limit && size <= space->limit - gpa;
}

bool gpa_accessible(struct gpa_space *space, gpa_t gpa, uint64_t size, unsigned int access)
{
	if (!is_root(space))
		return table_gpa_accessible(space, gpa, size, access);
	for (gpa_t at = ALIGN_DOWN(gpa, PAGE_SIZE); at < gpa + size; at += PAGE_SIZE) {
		const struct fake_page *page = find_page(at);

		if (!page || page->revoked || (page->access & access) != access)
			return false;
	}
	return true;
}

bool copy_from_gpa(struct gpa_space *space, void *dst, gpa_t gpa, size_t size)
{
	if (!is_root(space))
		return table_copy_from_gpa(space, dst, gpa, size);
	if (!gpa_accessible(space, gpa, size, GPA_READ))
		return false;
	memcpy(dst, fake_memory + gpa, size);
	return true;
}

bool copy_to_gpa(struct gpa_space *space, gpa_t gpa, const void *src, size_t size)
{
	if (!is_root(space))
		return table_copy_to_gpa(space, gpa, src, size);
	if (!gpa_accessible(space, gpa, size, GPA_WRITE))
		return false;
	memcpy(fake_memory + gpa, src, size);
	return true;
}

bool gpa_read_word(struct gpa_space *space, gpa_t gpa, size_t size, uint64_t *value)
{
	if (!is_root(space))
		return table_gpa_read_word(space, gpa, size, value);
	*value = 0;
	if (gpa % size != 0)
		fake_die("gpa_read_word: 0x%llx is not aligned", (unsigned long long)gpa);
	return copy_from_gpa(space, value, gpa, size);
}

bool gpa_exchange_word(struct gpa_space *space, gpa_t gpa, size_t size, uint64_t expected,
		       uint64_t desired, bool *exchanged)
{
	uint64_t value;

	if (!is_root(space))
		return table_gpa_exchange_word(space, gpa, size, expected, desired, exchanged);
	if (!gpa_read_word(space, gpa, size, &value) ||
	    !gpa_accessible(space, gpa, size, GPA_READ | GPA_WRITE))
		return false;
	*exchanged = value == expected;
	if (*exchanged)
		memcpy(fake_memory + gpa, &desired, size);
	return true;
}

const void *gpa_view(struct gpa_space *space, gpa_t gpa)
{
	if (!is_root(space))
		return table_gpa_view(space, gpa);
	return gpa_accessible(space, gpa, 1, GPA_READ) ? fake_memory + gpa : NULL;
}

/* True if all `count` pages are the root's, memory or devices. */
static bool all_pages(const struct gpa_space *space, gpa_t gpa, uint64_t count, bool memory,
		      spa_t *page)
{
	*page = gpa;
	for (uint64_t i = 0; i < count; i++) {
		const struct fake_page *found = find_page(gpa + i * PAGE_SIZE);

		if (!is_root(space) || !found || found->memory != memory || found->revoked ||
		    (found->access & (GPA_READ | GPA_WRITE)) != (GPA_READ | GPA_WRITE))
			return false;
	}
	return true;
}

bool gpa_owned_pages(struct gpa_space *space, gpa_t gpa, uint64_t count, spa_t *page)
{
	return all_pages(space, gpa, count, true, page);
}

bool gpa_device_pages(struct gpa_space *space, gpa_t gpa, uint64_t count, spa_t *page)
{
	return all_pages(space, gpa, count, false, page);
}

void gpa_sync(void)
{
	fake.unsynced = false;
	fake.syncs++;
}

bool gpa_revoke_page(struct gpa_space *space, gpa_t gpa)
{
	struct fake_page *page = find_page(gpa);

	(void)space;
	if (!page || !page->memory || page->revoked)
		fake_die("gpa_revoke_page: 0x%llx is not the partition's", (unsigned long long)gpa);
	if (fake.revokes_before_failure == 0)
		return false;
	if (fake.revokes_before_failure != UINT32_MAX)
		fake.revokes_before_failure--;
	page->revoked = true;
	page->access = 0;
	fake.unsynced = true;
	return true;
}

void gpa_restore_page(struct gpa_space *space, gpa_t gpa)
{
	struct fake_page *page = find_page(gpa);

	(void)space;
	if (!page || !page->revoked)
		fake_die("gpa_restore_page: 0x%llx was not taken", (unsigned long long)gpa);
	if (page->access != 0)
		fake_die("gpa_restore_page: 0x%llx is still shared", (unsigned long long)gpa);
	page->revoked = false;
	page->access = GPA_READ | GPA_WRITE | GPA_EXECUTE;
}

void gpa_share_page(struct gpa_space *space, gpa_t gpa, unsigned int access)
{
	struct fake_page *page = find_page(gpa);

	(void)space;
	if (!page || !page->revoked)
		fake_die("gpa_share_page: 0x%llx was not taken", (unsigned long long)gpa);
	if (page->access & ~access)
		fake.unsynced = true;
	page->access = (uint8_t)access;
}

bool gpa_page_revoked(struct gpa_space *space, gpa_t gpa, unsigned int *access)
{
	const struct fake_page *page = find_page(gpa);

	(void)space;
	if (!page || !page->revoked)
		return false;
	*access = page->access;
	return true;
}

void gpa_check(struct gpa_space *space, struct integrity *i, struct gpa_tally *tally)
{
	(void)space;
	(void)i;
	for (unsigned int n = 0; n < FAKE_PAGES; n++) {
		tally->revoked += fake.page[n].revoked;
		tally->shared += fake.page[n].revoked && fake.page[n].access != 0;
	}
}
