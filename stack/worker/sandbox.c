// SPDX-License-Identifier: Apache-2.0
#include "worker/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "worker/config.h"

/* What threads, the loop, the driver, and libc's allocator call. */
static const int allowed[] = {
	SCMP_SYS(accept4),
	SCMP_SYS(brk),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(close),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(fstat),
	SCMP_SYS(futex),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getrandom),
	SCMP_SYS(ioctl),
	SCMP_SYS(lseek),
	SCMP_SYS(madvise),
	SCMP_SYS(mmap),
	SCMP_SYS(mprotect),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(newfstatat),
	SCMP_SYS(poll),
	SCMP_SYS(read),
	SCMP_SYS(recvfrom),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rmdir),
	SCMP_SYS(rseq),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sendto),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(tgkill),
	SCMP_SYS(timerfd_settime),
	SCMP_SYS(unlink),
	SCMP_SYS(write),
};

static bool filter(struct problem *problem)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int error = context ? 0 : -ENOMEM;

	for (size_t i = 0; !error && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		error = seccomp_rule_add(context, SCMP_ACT_ALLOW, allowed[i], 0);
	if (!error)
		error = seccomp_load(context);
	seccomp_release(context);
	if (error)
		return problem_set(problem, "system calls cannot be confined: %s",
				   strerror(-error));
	return true;
}

static bool become_user(const char *directory, struct problem *problem)
{
	const struct passwd *user;

	if (getuid() != 0)
		return true;
	user = getpwnam(SANDBOX_USER);
	if (!user)
		return problem_set(problem,
				   "there is no user `" SANDBOX_USER "` for machines to run as: "
				   "add one (useradd --system " SANDBOX_USER ")");
	/* its own directory, and the right to remove it from the one above, which is sticky */
	if (chown(directory, user->pw_uid, user->pw_gid) < 0 ||
	    chown(WORKER_RUN, 0, user->pw_gid) < 0 || chmod(WORKER_RUN, 01775) < 0)
		return problem_set(problem, "%s cannot be given to `" SANDBOX_USER "`: %s",
				   directory, strerror(errno));
	if (setgroups(0, NULL) < 0 || setresgid(user->pw_gid, user->pw_gid, user->pw_gid) < 0 ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) < 0)
		return problem_set(problem, "the worker cannot become `" SANDBOX_USER "`: %s",
				   strerror(errno));
	return true;
}

bool sandbox_enter(const char *directory, struct problem *problem)
{
	if (!become_user(directory, problem))
		return false;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return problem_set(problem, "privileges cannot be given up: %s", strerror(errno));
	return filter(problem);
}
