// SPDX-License-Identifier: Apache-2.0
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	dprintf(STDERR_FILENO, "init: ");
	vdprintf(STDERR_FILENO, format, arguments);
	dprintf(STDERR_FILENO, "\n");
	va_end(arguments);
}

bool each_parameter(const char *name, bool (*each)(char *value, void *context), void *context)
{
	char line[4096];
	size_t length = strlen(name);
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	char *state = NULL;

	if (fd >= 0)
		close(fd);
	if (got < 0)
		return false;
	line[got] = '\0';
	for (char *word = strtok_r(line, " \n", &state); word; word = strtok_r(NULL, " \n", &state))
		if (!strncmp(word, name, length) && word[length] == '=' &&
		    each(word + length + 1, context))
			return true;
	return false;
}

static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	if (fd < 0)
		return;
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

static _Noreturn void rescue(void)
{
	say("a shell follows; the image is not there, so only busybox's commands are");
	for (;;) {
		pid_t pid = fork();

		if (!pid) {
			setsid();
			execl("/bin/busybox", "sh", NULL);
			_exit(127);
		}
		while (wait(NULL) > 0)
			;
		reboot(RB_AUTOBOOT);
		pause();
	}
}

static void set_host_name(void)
{
	char name[65] = "";
	int fd = open("/etc/hostname", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, name, sizeof(name) - 1) < 0)
		say("/etc/hostname: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	name[strcspn(name, " \n")] = '\0';
	sethostname(name, strlen(name));
}

static int open_signals(void)
{
	sigset_t signals;

	/* SIGUSR1, SIGUSR2 and SIGTERM are what Linux's small inits have always listened to. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGUSR2);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void handle_signal(unsigned int number)
{
	switch (number) {
	case SIGUSR1:
		end_machine((int)RB_HALT_SYSTEM);
	case SIGUSR2:
		end_machine(RB_POWER_OFF);
	case SIGTERM:
	case SIGINT:
		end_machine(RB_AUTOBOOT);
	default:
		reap_children();
	}
}

int main(void)
{
	struct pollfd signals = {.events = POLLIN};
	struct signalfd_siginfo info;

	if (getpid() != 1) {
		fprintf(stderr, "init: this is the first process of a machine, not a command\n");
		return 2;
	}
	if (!mount_early())
		return 1;
	open_console();
	reboot(RB_DISABLE_CAD);
	if (!enter_root())
		rescue();
	clearenv();
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/opt/bulkhead/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("LANG", "C.UTF-8", 1);
	if (chdir("/root"))
		say("/root: %s", strerror(errno));
	signals.fd = open_signals();
	set_host_name();
	configure_network();
	start_services();
	for (;;) {
		poll(&signals, 1, next_start());
		while (read(signals.fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
			handle_signal(info.ssi_signo);
		start_due_services();
	}
}
