// SPDX-License-Identifier: Apache-2.0
/* Looks at the machine for `bulkhead doctor`. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zlib.h>

#include "abi/hv/bulkhead.h"
#include "cli/doctor.h"
#include "cli/hypervisor.h"
#include "cli/log_chunk.h"

/* A kernel's configuration is about 300 KiB. */
#define CONFIG_MAX (8u << 20)

/* The log's ring is smaller than this many pages; reading stops there even if it grows meanwhile.
 */
#define LOG_READS_MAX 4096u

static const char *const devices[DOCTOR_DEVICES] = {
	"/dev/net/tun",
	"/dev/vhost-net",
	"/dev/vhost-vsock",
	"/dev/vsock",
};

static int try_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* Read a file, compressed or not, into facts->config. Returns whether that worked. */
static bool read_config(struct doctor_facts *facts, const char *path)
{
	gzFile file = gzopen(path, "rbe");
	char *text = NULL;
	size_t length = 0, room = 0;
	int got;

	if (!file)
		return false;
	do {
		char *bigger;

		if (length == room) {
			room = room ? 2 * room : 256u << 10;
			bigger = room <= CONFIG_MAX ? realloc(text, room) : NULL;
			if (!bigger) {
				got = -1;
				break;
			}
			text = bigger;
		}
		got = gzread(file, text + length, (unsigned int)(room - length));
		if (got > 0)
			length += (size_t)got;
	} while (got > 0);
	gzclose(file);
	if (got < 0 || length == 0) {
		free(text);
		return false;
	}
	facts->config = text;
	facts->config_length = length;
	return true;
}

static void gather_config(struct doctor_facts *facts)
{
	static char boot[sizeof("/boot/config-") + sizeof(((struct utsname *)0)->release)];
	struct utsname name;

	if (read_config(facts, "/proc/config.gz")) {
		facts->config_path = "/proc/config.gz";
		return;
	}
	if (uname(&name) != 0)
		return;
	snprintf(boot, sizeof(boot), "/boot/config-%s", name.release);
	if (read_config(facts, boot))
		facts->config_path = boot;
}

static void count_messages(struct doctor_facts *facts, struct log_chunk *chunk)
{
	struct log_line line;
	int taken;

	while ((taken = log_chunk_next(chunk, &line)) > 0) {
		if (line.level <= log_level_parse("error"))
			facts->log_errors++;
		else if (line.level <= log_level_parse("warn"))
			facts->log_warnings++;
	}
	if (taken < 0)
		facts->log_damaged = true;
}

static void gather_log(struct doctor_facts *facts, const struct hypervisor *hv)
{
	_Alignas(8) uint8_t value[HYPERVISOR_VALUE_SIZE];
	uint64_t position = 0;

	for (unsigned int i = 0; i < LOG_READS_MAX && !facts->log_damaged; i++) {
		enum hv_status status;
		struct log_chunk chunk;

		facts->log_error = hypervisor_get_property(hv, BULKHEAD_PROPERTY_LOG, position,
							   value, &status);
		facts->log_status = status;
		if (facts->log_error != 0)
			return;
		if (!log_chunk_open(&chunk, value, sizeof(value), position)) {
			facts->log_damaged = true;
			return;
		}
		if (chunk.left == 0)
			return;
		position = chunk.next;
		count_messages(facts, &chunk);
	}
}

static void gather_integrity(struct doctor_facts *facts, const struct hypervisor *hv)
{
	_Alignas(8) uint8_t value[HYPERVISOR_VALUE_SIZE] = {0};
	enum hv_status status;

	facts->integrity_error = hypervisor_get_property(hv, BULKHEAD_PROPERTY_INTEGRITY, 0, value,
							 &status);
	facts->integrity_status = status;
	memcpy(&facts->integrity, value, sizeof(facts->integrity));
}

void doctor_gather(struct doctor_facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	platform_read(&facts->leaves);
	gather_config(facts);
	facts->device_error = try_open(HYPERVISOR_DEVICE);
	if (facts->device_error == 0) {
		struct hypervisor hv = {.fd = open(HYPERVISOR_DEVICE, O_RDWR | O_CLOEXEC)};

		if (hv.fd < 0) {
			facts->device_error = errno;
		} else {
			gather_log(facts, &hv);
			gather_integrity(facts, &hv);
			hypervisor_close(&hv);
		}
	}
	facts->statistics = access("/sys/kernel/debug/mshv", F_OK) == 0;
	for (size_t i = 0; i < DOCTOR_DEVICES; i++)
		facts->devices[i] = (struct device_fact){devices[i], try_open(devices[i])};
}

void doctor_release(struct doctor_facts *facts)
{
	free(facts->config);
	facts->config = NULL;
}
