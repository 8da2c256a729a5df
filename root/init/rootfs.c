// SPDX-License-Identifier: Apache-2.0
/*
 * The root file system: a read-only image (lowest), what the lab and the build add (in the
 * initramfs under /extra), and memory on top for everything that is written.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

#define IMAGE_NAME        "bulkhead-root"
#define WAIT_FOR_IMAGE_MS 60000

static bool attach(const char *source, const char *target, const char *type, unsigned long flags,
		   const char *options)
{
	mkdir(target, 0755);
	if (mount(source, target, type, flags, options) && errno != EBUSY) {
		say("mounting %s (%s) on %s: %s", source, type, target, strerror(errno));
		return false;
	}
	return true;
}

bool mount_early(void)
{
	bool fine = attach("dev", "/dev", "devtmpfs", MS_NOSUID, "mode=0755");

	fine &= attach("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	fine &= attach("sys", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	return fine;
}

static bool has_serial(const char *disk)
{
	char path[128], text[32] = "";
	/* virtio-blk shows it with the disk, NVMe with the controller; SCSI disks only by label */
	static const char *const places[] = {"/sys/block/%.40s/serial",
					     "/sys/block/%.40s/device/serial"};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		FILE *file;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(path, sizeof(path), places[i], disk);
#pragma GCC diagnostic pop
		file = fopen(path, "re");
		if (!file)
			continue;
		if (!fgets(text, sizeof(text), file))
			text[0] = '\0';
		fclose(file);
		text[strcspn(text, " \n")] = '\0';
		if (!strcmp(text, IMAGE_NAME))
			return true;
	}
	return false;
}

static bool has_label(const char *disk)
{
	/* ext4: the superblock stands at byte 1024, magic at 56, label at 120 of it */
	unsigned char block[1024];
	char path[64];
	bool found = false;
	int fd;

	snprintf(path, sizeof(path), "/dev/%.40s", disk);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (pread(fd, block, sizeof(block), 1024) == (ssize_t)sizeof(block))
		found = block[56] == 0x53 && block[57] == 0xef &&
			!strncmp((char *)block + 120, IMAGE_NAME, 16);
	close(fd);
	return found;
}

static bool take_parameter(char *value, void *context)
{
	struct stat found;

	if (stat(value, &found) || !S_ISBLK(found.st_mode))
		return false;
	snprintf(context, 64, "%.63s", value);
	return true;
}

static bool is_given(char *value, void *context)
{
	(void)value;
	(void)context;
	return true;
}

static bool search(char device[64], bool (*matches)(const char *))
{
	DIR *directory = opendir("/sys/block");
	struct dirent *entry;
	bool found = false;

	while (directory && !found && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.' || !matches(entry->d_name))
			continue;
		snprintf(device, 64, "/dev/%.40s", entry->d_name);
		found = true;
	}
	if (directory)
		closedir(directory);
	return found;
}

static bool find_image(char device[64])
{
	if (each_parameter("bulkhead.root", is_given, NULL))
		return each_parameter("bulkhead.root", take_parameter, device);
	return search(device, has_serial) || search(device, has_label) || search(device, is_medium);
}

/* Drivers may still be looking at their devices: wait for the kernel's announcements. */
static bool await_image(char device[64])
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
	struct pollfd news = {.events = POLLIN};
	struct timespec begin, now;
	long left = WAIT_FOR_IMAGE_MS;
	bool found;

	news.fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			 NETLINK_KOBJECT_UEVENT);
	if (news.fd < 0 || bind(news.fd, (struct sockaddr *)&address, sizeof(address)))
		say("listening for devices: %s", strerror(errno));
	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (!(found = find_image(device)) && left > 0) {
		char bytes[4096];

		poll(&news, 1, (int)left);
		while (read(news.fd, bytes, sizeof(bytes)) > 0)
			;
		clock_gettime(CLOCK_MONOTONIC, &now);
		left = WAIT_FOR_IMAGE_MS - (now.tv_sec - begin.tv_sec) * 1000;
	}
	close(news.fd);
	if (!found)
		say("no disk with serial or label %s, boot medium, or disk as bulkhead.root= says "
		    "within %d s",
		    IMAGE_NAME, WAIT_FOR_IMAGE_MS / 1000);
	return found;
}

static bool stack_root(const char *device)
{
	mkdir("/extra", 0755);
	mkdir("/root", 0755);
	return attach(device, "/image", "ext4", MS_RDONLY | MS_NOATIME, NULL) &&
	       attach("memory", "/memory", "tmpfs", 0, "mode=0755,size=50%") &&
	       !mkdir("/memory/upper", 0755) && !mkdir("/memory/work", 0755) &&
	       attach("root", "/new", "overlay", MS_NOATIME,
		      "lowerdir=/extra:/image,upperdir=/memory/upper,workdir=/memory/work");
}

bool enter_root(void)
{
	static const char *const carried[] = {"dev", "proc", "sys"};
	char device[64] = "", target[32], source[32];

	if (!await_image(device) || (is_medium(device + strlen("/dev/")) && !open_medium(device)) ||
	    !stack_root(device))
		return false;
	for (size_t i = 0; i < sizeof(carried) / sizeof(carried[0]); i++) {
		snprintf(source, sizeof(source), "/%s", carried[i]);
		snprintf(target, sizeof(target), "/new/%s", carried[i]);
		mkdir(target, 0755);
		if (mount(source, target, NULL, MS_MOVE, NULL)) {
			say("moving %s: %s", source, strerror(errno));
			return false;
		}
	}
	if (chdir("/new") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/")) {
		say("entering the root file system: %s", strerror(errno));
		return false;
	}
	attach("run", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755");
	attach("tmp", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
	attach("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "mode=0620,ptmxmode=0666");
	attach("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
	attach("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	attach("cgroup2", "/sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/0", "/dev/stdin");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
	return true;
}
