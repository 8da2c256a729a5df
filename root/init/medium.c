// SPDX-License-Identifier: Apache-2.0
/*
 * A boot medium: an ISO 9660 file system, on a disk of whatever kind, that carries the root image
 * as a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init.h"

#define VOLUME "BULKHEAD"
#define IMAGE  "/medium/bulkhead-root.img"

bool is_medium(const char *disk)
{
	/* ECMA-119, 8.4: the primary volume descriptor, its name padded with blanks */
	static const char start[] = "\001CD001\001";
	char block[2048], path[64];
	bool found = false;
	int fd;

	snprintf(path, sizeof(path), "/dev/%.40s", disk);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (pread(fd, block, sizeof(block), 16L * 2048) == (ssize_t)sizeof(block))
		found = !memcmp(block, start, sizeof(start) - 1) &&
			!memcmp(block + 40, VOLUME " ", sizeof(VOLUME));
	close(fd);
	return found;
}

/* Make the file at IMAGE a block device; its number, or -1. */
static int attach_loop(void)
{
	struct loop_config config = {.info = {.lo_flags = LO_FLAGS_READ_ONLY}};
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int image = open(IMAGE, O_RDONLY | O_CLOEXEC);
	int number = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	char path[32];
	int fd = -1;

	if (number >= 0 && image >= 0) {
		snprintf(path, sizeof(path), "/dev/loop%d", number);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		config.fd = (unsigned int)image;
	}
	if (fd < 0 || ioctl(fd, LOOP_CONFIGURE, &config)) {
		say("making a disk of %s: %s", IMAGE, strerror(errno));
		number = -1;
	}
	close(fd);
	close(image);
	close(control);
	return number;
}

bool open_medium(char device[64])
{
	int number;

	mkdir("/medium", 0755);
	if (mount(device, "/medium", "iso9660", MS_RDONLY, NULL)) {
		say("mounting the boot medium %s: %s", device, strerror(errno));
		return false;
	}
	number = attach_loop();
	snprintf(device, 64, "/dev/loop%d", number);
	return number >= 0;
}
