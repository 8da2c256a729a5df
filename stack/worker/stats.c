// SPDX-License-Identifier: Apache-2.0
#include "worker/stats.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "abi/hv/bulkhead.h"
#include "cli/counter_page.h"
#include "worker/layout.h"

static const char exit_prefix[] = "exit.", hypercall_prefix[] = "hypercall.";

/* Processor time of all threads of this process in nanoseconds: the guest's is among it. */
static json_int_t cpu_time(void)
{
	struct timespec time;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) < 0)
		return 0;
	return (json_int_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Pages of the guest's memory that exist. */
static json_int_t memory_pages(const struct machine *machine)
{
	struct stat stat;

	if (fstat(machine->memory_fd, &stat) < 0)
		return 0;
	return (json_int_t)((uint64_t)stat.st_blocks * 512 / PAGE_SIZE_4K);
}

static uint64_t intercepts(const struct machine *machine, enum intercept reason)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < machine->config.cpus; i++)
		sum += atomic_load_explicit(&machine->vps[i].counts[reason], memory_order_relaxed);
	return sum;
}

static json_t *count_intercepts(const struct machine *machine, uint64_t *total)
{
	json_t *object = json_object();

	*total = 0;
	for (unsigned int i = 0; i < INTERCEPT_COUNT; i++) {
		uint64_t count = intercepts(machine, (enum intercept)i);

		*total += count;
		json_object_set_new(object, machine_intercept_names[i],
				    json_integer((json_int_t)count));
	}
	return object;
}

/* The counters that the hypervisor keeps of this partition. Returns false if it keeps none. */
static bool read_counters(const struct machine *machine, struct counter_list *list)
{
	_Alignas(8) uint8_t value[HV_HYP_PAGE_SIZE];
	int more;

	do {
		if (!partition_get_property(&machine->partition, BULKHEAD_PROPERTY_COUNTERS,
					    list->count, value))
			return false;
		more = counter_page_take(list, value, sizeof(value));
	} while (more > 0);
	return more == 0;
}

/* Those whose name begins with `prefix`, without it, as far as they have counted anything. */
static json_t *select_counters(const struct counter_list *list, const char *prefix)
{
	json_t *object = json_object();
	size_t length = strlen(prefix);

	for (size_t i = 0; i < list->count; i++)
		if (list->counters[i].value != 0 &&
		    strncmp(list->counters[i].name, prefix, length) == 0)
			json_object_set_new(object, list->counters[i].name + length,
					    json_integer((json_int_t)list->counters[i].value));
	return object;
}

json_t *stats_read(struct machine *machine, const struct console *console)
{
	struct counter_list list = {0};
	uint64_t total;
	json_t *seen = count_intercepts(machine, &total), *exits, *hypercalls;

	if (read_counters(machine, &list)) {
		exits = select_counters(&list, exit_prefix);
		hypercalls = select_counters(&list, hypercall_prefix);
	} else {
		/* of what the hypervisor handles alone nothing is known then */
		exits = json_deep_copy(seen);
		hypercalls = json_object();
	}
	counter_list_free(&list);
	return json_pack("{s:s, s:i, s:i, s:I, s:I, s:I, s:I, s:s, s:o, s:o, s:o}", "name",
			 machine->config.name, "pid", (int)getpid(), "cpus",
			 (int)machine->config.cpus, "memory", (json_int_t)machine->config.memory,
			 "memory_pages", memory_pages(machine), "cpu_ns", cpu_time(),
			 "vp_thread_exits", (json_int_t)total, "console",
			 *console->path ? console->path : machine->config.serial, "exits", exits,
			 "hypercalls", hypercalls, "intercepts", seen);
}
