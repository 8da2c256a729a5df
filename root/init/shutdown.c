// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <mntent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

#define GRACE_ROUNDS   6
#define GRACE_ROUND_MS 500
#define MOUNTS         256

static void ask_to_end(void)
{
	kill(-1, SIGHUP); /* shells */
	kill(-1, SIGTERM);
	kill(-1, SIGCONT);
}

/* Give everybody the time to end by themselves, then end them. */
static void end_processes(void)
{
	struct timespec round = {.tv_nsec = GRACE_ROUND_MS * 1000000L};
	sigset_t children;

	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	ask_to_end();
	for (int rounds = 0; rounds < GRACE_ROUNDS;) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0)
			break;
		if (pid || sigtimedwait(&children, NULL, &round) >= 0 || errno != EAGAIN)
			continue;
		/* A shell that was just starting has not heard the first time. */
		ask_to_end();
		rounds++;
	}
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* Disks that somebody mounted; the newest first. */
static void detach_disks(void)
{
	char *mounts[MOUNTS];
	size_t count = 0;
	FILE *file = setmntent("/proc/mounts", "r");
	struct mntent *entry;

	while (file && count < MOUNTS && (entry = getmntent(file)))
		if (!strncmp(entry->mnt_fsname, "/dev/", 5))
			mounts[count++] = strdup(entry->mnt_dir);
	if (file)
		endmntent(file);
	while (count--)
		if (mounts[count] && umount2(mounts[count], 0) && errno != EINVAL)
			umount2(mounts[count], MNT_DETACH);
}

_Noreturn void end_machine(int command)
{
	end_processes();
	detach_disks();
	sync();
	reboot(command);
	for (;;)
		pause();
}
