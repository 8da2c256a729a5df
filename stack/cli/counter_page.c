// SPDX-License-Identifier: Apache-2.0
#include "cli/counter_page.h"

#include <stdlib.h>
#include <string.h>

static bool make_room(struct counter_list *list, size_t more)
{
	size_t room = list->count + more;
	struct bulkhead_counter *counters;

	if (room <= list->room)
		return true;
	counters = realloc(list->counters, room * sizeof(*counters));
	if (!counters)
		return false;
	list->counters = counters;
	list->room = room;
	return true;
}

int counter_page_take(struct counter_list *list, const void *value, size_t size)
{
	const uint8_t *bytes = value;
	struct bulkhead_counters header;

	if (size < sizeof(header))
		return -1;
	memcpy(&header, bytes, sizeof(header));
	if (header.total > COUNTERS_MAX || list->count > header.total ||
	    header.count > header.total - list->count ||
	    header.count > (size - sizeof(header)) / sizeof(struct bulkhead_counter))
		return -1;
	if (header.count == 0)
		return list->count < header.total ? -1 : 0;
	if (!make_room(list, header.count))
		return -2;
	memcpy(list->counters + list->count, bytes + sizeof(header),
	       header.count * sizeof(struct bulkhead_counter));
	for (size_t i = list->count; i < list->count + header.count; i++)
		list->counters[i].name[BULKHEAD_COUNTER_NAME_SIZE - 1] = '\0';
	list->count += header.count;
	return list->count < header.total;
}

static int by_name(const void *a, const void *b)
{
	const struct bulkhead_counter *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void counter_list_sort(struct counter_list *list)
{
	if (list->count > 0)
		qsort(list->counters, list->count, sizeof(*list->counters), by_name);
}

void counter_list_free(struct counter_list *list)
{
	free(list->counters);
	*list = (struct counter_list){0};
}
