// SPDX-License-Identifier: Apache-2.0
#include "worker/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "worker/acpi/tables.h"
#include "worker/layout.h"
#include "worker/load/entry.h"
#include "worker/load/load.h"
#include "worker/vp_thread.h"

#define JOIN_NS 10000000 /* a signal that came just before RUN_VP is sent again after that */

/* Map the machine's RAM, all of one memory file, each region at a multiple of 2 MiB. */
static bool create_memory(struct machine *machine, struct problem *problem)
{
	uint64_t offset = 0;

	memory_arrange(&machine->memory, machine->config.memory);
	machine->memory_fd = memfd_create("guest", MFD_CLOEXEC);
	if (machine->memory_fd < 0 ||
	    ftruncate(machine->memory_fd, (off_t)machine->config.memory) < 0)
		return problem_set(problem, "no memory for the machine: %s", strerror(errno));
	for (unsigned int i = 0; i < machine->memory.count; i++) {
		struct memory_region *region = &machine->memory.regions[i];
		uint8_t *space = mmap(NULL, region->size + PAGE_SIZE_2M, PROT_NONE,
				      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		void *at;

		if (space == MAP_FAILED)
			return problem_set(problem, "no room for the machine's memory: %s",
					   strerror(errno));
		at = space + (PAGE_SIZE_2M - (uintptr_t)space % PAGE_SIZE_2M) % PAGE_SIZE_2M;
		if (mmap(at, region->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			 machine->memory_fd, (off_t)offset) == MAP_FAILED)
			return problem_set(problem, "the machine's memory cannot be mapped: %s",
					   strerror(errno));
		/* where the system has no huge pages for this, small ones do */
		(void)madvise(at, region->size, MADV_HUGEPAGE);
		(void)madvise(at, region->size, MADV_DONTFORK);
		region->host = at;
		offset += region->size;
	}
	return true;
}

/* Map a file to read. An empty file is none. */
static bool open_file(const char *path, struct load_file *file, struct problem *problem)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat stat;
	void *bytes;

	if (fd < 0 || fstat(fd, &stat) < 0) {
		problem_set(problem, "%s cannot be read: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (!S_ISREG(stat.st_mode) || stat.st_size <= 0) {
		close(fd);
		return problem_set(problem, "%s is empty, or no file", path);
	}
	bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		return problem_set(problem, "%s cannot be read: %s", path, strerror(errno));
	*file = (struct load_file){bytes, (size_t)stat.st_size};
	return true;
}

static void close_file(const struct load_file *file)
{
	if (file->size)
		munmap((void *)(uintptr_t)file->bytes, file->size);
}

static bool write_acpi(struct machine *machine, uint64_t *rsdp, struct problem *problem)
{
	const struct acpi_machine tables = {
		.cpus = machine->config.cpus,
		.memory_end = memory_end(&machine->memory),
		.dsdt = acpi_dsdt,
		.dsdt_size = acpi_dsdt_size,
	};
	uint8_t *area = memory_at(&machine->memory, ACPI_ADDRESS, ACPI_SIZE);

	*rsdp = area ? acpi_build(&tables, area) : 0;
	return *rsdp || problem_set(problem, "the ACPI tables do not fit where they belong");
}

static bool load(struct machine *machine, struct load_entry *entry, struct problem *problem)
{
	const struct worker_config *config = &machine->config;
	struct load_request request = {.command_line = config->append};
	const char *why = NULL;
	bool opened = open_file(config->kernel, &request.kernel, problem) &&
		      (!config->initrd || open_file(config->initrd, &request.initrd, problem)) &&
		      write_acpi(machine, &request.rsdp, problem);

	if (opened)
		why = load_kernel(&machine->memory, &request, entry);
	if (why)
		problem_set(problem, "%s does not load: %s", config->kernel, why);
	close_file(&request.kernel);
	close_file(&request.initrd);
	if (!opened || why)
		return false;
	entry_write_tables(&machine->memory, entry);
	return true;
}

bool machine_create(struct machine *machine, const struct worker_config *config,
		    struct problem *problem)
{
	struct load_entry entry;

	memset(machine, 0, sizeof(*machine));
	machine->config = *config;
	machine->memory_fd = -1;
	machine->partition.fd = -1;
	pthread_mutex_init(&machine->lock, NULL);
	devices_reset(&machine->devices);
	machine->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	machine->vps = calloc(config->cpus, sizeof(*machine->vps));
	if (machine->wake < 0 || !machine->vps)
		return problem_set(problem, "out of memory");
	for (unsigned int i = 0; i < config->cpus; i++) {
		machine->vps[i].machine = machine;
		machine->vps[i].vp.fd = -1;
	}
	if (!create_memory(machine, problem) || !load(machine, &entry, problem) ||
	    !partition_create(&machine->partition, problem) ||
	    !partition_map(&machine->partition, &machine->memory, problem))
		return false;
	for (unsigned int i = 0; i < config->cpus; i++)
		if (!partition_create_vp(&machine->partition, i, &machine->vps[i].vp, problem))
			return false;
	return vp_set_entry(&machine->vps[0].vp, &entry, problem);
}

bool machine_start(struct machine *machine, struct problem *problem)
{
	for (unsigned int i = 0; i < machine->config.cpus; i++) {
		struct vp_thread *vp = &machine->vps[i];
		int error = pthread_create(&vp->thread, NULL, vp_thread_run, vp);

		if (error)
			return problem_set(problem, "no thread for processor %u: %s", i,
					   strerror(error));
		vp->started = true;
	}
	return true;
}

void machine_stop(struct machine *machine)
{
	atomic_store(&machine->stopping, true);
	for (unsigned int i = 0; i < machine->config.cpus; i++) {
		struct vp_thread *vp = &machine->vps[i];
		struct timespec until;

		while (vp->started) {
			pthread_kill(vp->thread, VP_THREAD_SIGNAL);
			clock_gettime(CLOCK_REALTIME, &until);
			until.tv_nsec += JOIN_NS;
			if (until.tv_nsec >= 1000000000) {
				until.tv_nsec -= 1000000000;
				until.tv_sec++;
			}
			vp->started = pthread_timedjoin_np(vp->thread, NULL, &until) != 0;
		}
	}
}

void machine_destroy(struct machine *machine)
{
	for (unsigned int i = 0; machine->vps && i < machine->config.cpus; i++) {
		struct vp *vp = &machine->vps[i].vp;

		if (vp->registers)
			munmap(vp->registers, PAGE_SIZE_4K);
		if (vp->fd >= 0)
			close(vp->fd);
	}
	if (machine->partition.fd >= 0)
		close(machine->partition.fd);
	for (unsigned int i = 0; i < machine->memory.count; i++)
		if (machine->memory.regions[i].host)
			munmap(machine->memory.regions[i].host, machine->memory.regions[i].size);
	if (machine->memory_fd >= 0)
		close(machine->memory_fd);
	if (machine->wake >= 0)
		close(machine->wake);
	free(machine->vps);
	pthread_mutex_destroy(&machine->lock);
}

static void end_locked(struct machine *machine, enum worker_exit end, const char *fmt, va_list args)
{
	if (atomic_load(&machine->ended))
		return;
	atomic_store(&machine->ended, true);
	machine->end = end;
	if (fmt)
		vsnprintf(machine->why.text, sizeof(machine->why.text), fmt, args);
}

void machine_end(struct machine *machine, enum worker_exit end, const char *fmt, ...)
{
	va_list args;

	pthread_mutex_lock(&machine->lock);
	va_start(args, fmt);
	end_locked(machine, end, fmt, args);
	va_end(args);
	pthread_mutex_unlock(&machine->lock);
	machine_wake(machine);
}

void machine_wake(const struct machine *machine)
{
	/* fails only when the counter is full, and then the loop is awake */
	(void)!eventfd_write(machine->wake, 1);
}

void machine_lock(struct machine *machine)
{
	struct timespec now, wall;

	pthread_mutex_lock(&machine->lock);
	clock_gettime(CLOCK_MONOTONIC, &now);
	clock_gettime(CLOCK_REALTIME_COARSE, &wall);
	machine->devices.now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	machine->devices.wall_s = wall.tv_sec;
}

/* What the guest asked its devices for becomes the machine's end. */
static void answer_request(struct machine *machine)
{
	uint32_t code = machine->devices.exit_code;

	atomic_store(&machine->ended, true);
	switch (machine->devices.request) {
	case DEVICES_RESET:
		machine->end = WORKER_EXIT_RESET;
		problem_set(&machine->why, "the guest asked for a reset");
		break;
	case DEVICES_EXIT:
		machine->end = code ? WORKER_EXIT_ERROR : WORKER_EXIT_POWER_OFF;
		if (code)
			problem_set(&machine->why, "the guest ended with code %u by the debug port",
				    code);
		break;
	case DEVICES_POWER_OFF:
	case DEVICES_NOTHING:
	default:
		machine->end = WORKER_EXIT_POWER_OFF;
		break;
	}
}

static void settle(struct machine *machine)
{
	struct ioapic_interrupt interrupt;

	while (devices_take_interrupt(&machine->devices, &interrupt))
		partition_interrupt(&machine->partition, interrupt.delivery_mode, interrupt.vector,
				    interrupt.destination, interrupt.logical, interrupt.level);
	if (machine->devices.request != DEVICES_NOTHING && !atomic_load(&machine->ended))
		answer_request(machine);
}

void machine_unlock(struct machine *machine)
{
	settle(machine);
	pthread_mutex_unlock(&machine->lock);
}

void machine_unlock_wake(struct machine *machine)
{
	const struct devices *devices = &machine->devices;
	bool wake = atomic_load(&machine->timer_changed);

	settle(machine);
	if (atomic_load(&machine->ended))
		wake = true;
	if (devices->output_count > 0 && !machine->output_known) {
		machine->output_known = true;
		wake = true;
	}
	if (machine->input_waits && serial_room(&devices->serial) > 0) {
		machine->input_waits = false;
		wake = true;
	}
	pthread_mutex_unlock(&machine->lock);
	if (wake)
		machine_wake(machine);
}
