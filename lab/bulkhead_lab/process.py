# SPDX-License-Identifier: Apache-2.0
"""QEMU as a process: started in the background, seen alive, awaited, ended.

The process holds a lock on a file of its machine's directory for as long as it lives, so that
nothing depends on process numbers, which the system uses again.
"""
import contextlib
import fcntl
import os
import select
import signal
import subprocess
import time

# Runs QEMU, then leaves its exit code. $0: where to; the rest: the command.
_SUPERVISOR = '"$@"; code=$?; echo $code > "$0.new" && mv "$0.new" "$0"'


def start(words, files):
    """Start QEMU in the background; returns the number of its supervising process."""
    with open(files.alive, "w", encoding="ascii") as alive, \
         open(files.qemu_log, "wb") as log:
        fcntl.flock(alive, fcntl.LOCK_EX)
        os.set_inheritable(alive.fileno(), True)
        process = subprocess.Popen(["/bin/sh", "-c", _SUPERVISOR, str(files.exit), *words],
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   start_new_session=True, pass_fds=[alive.fileno()])
    process.returncode = 0  # nobody here reaps it by this object; see reap()
    return process.pid


def is_alive(files):
    """Whether the process of a machine is still there."""
    try:
        with open(files.alive, encoding="ascii") as alive:
            fcntl.flock(alive, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True


def wait(files, pid, timeout):
    """Wait until the process has ended; returns its exit code, None when time is over first.

    A process that was killed before it could leave its exit code counts as 137.
    """
    deadline = time.monotonic() + timeout
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            if is_alive(files):
                poller = select.poll()
                poller.register(descriptor, select.POLLIN)
                poller.poll(max(0, deadline - time.monotonic()) * 1000)
        finally:
            os.close(descriptor)
    reap(pid)
    while is_alive(files):  # a straggler of the process group, or the time is over
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.02)
    try:
        return int(files.exit.read_text())
    except (OSError, ValueError):
        return 137


def kill(files, pid):
    """End the process and everything it started, the hard way."""
    if is_alive(files):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def reap(pid):
    """Take note of the end of a process if it is a child of this one."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
