// SPDX-License-Identifier: Apache-2.0
/* The worker: one process, one virtual machine. `bulkhead run` starts it, with its own arguments.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "worker/account.h"
#include "worker/config.h"
#include "worker/console.h"
#include "worker/control.h"
#include "worker/loop.h"
#include "worker/machine.h"
#include "worker/sandbox.h"
#include "worker/vp_thread.h"

struct worker {
	struct worker_config config;
	struct machine machine;
	struct console console;
	struct control control;
	struct loop loop;
};

static struct worker worker;

static void nothing(int signal)
{
	(void)signal;
}

/* A signal with a handler makes system calls of its thread end. */
static void prepare_signals(void)
{
	struct sigaction action = {.sa_handler = nothing};

	sigaction(VP_THREAD_SIGNAL, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void say(const char *text)
{
	fprintf(stderr, "bulkhead run: %s: %s\n", worker.config.name, text);
}

static bool start(struct problem *problem)
{
	struct worker *w = &worker;

	if (!machine_create(&w->machine, &w->config, problem) ||
	    !control_open(&w->control, &w->machine, &w->console, w->config.name, problem) ||
	    !console_open(&w->console, w->config.serial, problem))
		return false;
	if (*w->console.path)
		fprintf(stderr, "bulkhead run: %s: the console is %s\n", w->config.name,
			w->console.path);
	return loop_open(&w->loop, &w->machine, &w->console, &w->control, problem) &&
	       sandbox_enter(w->control.directory, problem) && machine_start(&w->machine, problem);
}

/* How the machine ended, for people. Returns the exit code. */
static int conclude(void)
{
	struct machine *machine = &worker.machine;
	enum worker_exit end = machine->end;

	if (end == WORKER_EXIT_RESET && account_guest_crashed(machine)) {
		end = WORKER_EXIT_CRASH;
		problem_set(&machine->why, "the guest crashed, said so, and asked for a reset");
	}
	if (end != WORKER_EXIT_POWER_OFF)
		say(machine->why.text);
	if (end == WORKER_EXIT_CRASH)
		account_write(machine, stderr);
	return (int)end;
}

int main(int argc, char **argv)
{
	char name[32];
	struct problem problem;
	int code;

	snprintf(name, sizeof(name), "vm%d", (int)getpid());
	if (config_parse(&worker.config, argc, argv, name, &problem) != CONFIG_DONE) {
		fprintf(stderr,
			"%s: started by hand? `bulkhead run --help` tells how to run a "
			"machine\n",
			argv[0]);
		return WORKER_EXIT_USAGE;
	}
	prepare_signals();
	json_object_seed(0); /* reads a file, which it may not do later */
	if (start(&problem)) {
		loop_run(&worker.loop);
		console_close(&worker.console);
		code = conclude();
	} else {
		if (worker.machine.vps)
			machine_stop(&worker.machine);
		console_close(&worker.console);
		say(problem.text);
		code = WORKER_EXIT_ERROR;
	}
	control_close(&worker.control);
	machine_destroy(&worker.machine);
	return code;
}
