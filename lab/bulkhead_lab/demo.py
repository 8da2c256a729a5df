# SPDX-License-Identifier: Apache-2.0
"""A demo guest on this terminal: a child partition of the machine that `lab run` has started."""
import os
import select
import sys
import threading

from . import guests
from .console import ESCAPE, raw_terminal

NAME = "demo"
PLACE = "/usr/share/bulkhead/guests"
LIMIT = 24 * 3600.0


def choose(wanted, bare):
    """The guest that `--guest` means: the second newest on a terminal, none elsewhere."""
    if wanted is None:
        return "6.12" if sys.stdin.isatty() and not bare else None
    return None if wanted == "none" else wanted


def show(machine, guest):
    """Run a guest with its console on this terminal until it ends or the user leaves it (Ctrl-])."""
    assert guest in guests.SUITES
    print(f"A child partition with Debian's kernel {guest}; Ctrl-] leaves it for the root shell.",
          file=sys.stderr)
    argv = ["bulkhead", "run", "--name", NAME, "--kernel", f"{PLACE}/{guest}/kernel", "--initrd",
            f"{PLACE}/{guest}/initrd", "--memory", "512M"]
    inner, outer = os.pipe()
    ended, end = os.pipe()
    typist = threading.Thread(target=_type, args=(machine, outer, ended))
    typist.start()
    try:
        with raw_terminal():
            result = machine.stream(argv, _writer(sys.stdout), _writer(sys.stderr), LIMIT, inner)
    finally:
        os.close(end)
        typist.join()
        for descriptor in (inner, outer, ended):
            os.close(descriptor)
    print(file=sys.stderr)
    return result.code


def _type(machine, outer, ended):
    """Pass on what is typed, until the guest has ended or Ctrl-] ends it."""
    while True:
        ready, _, _ = select.select([sys.stdin, ended], [], [])
        if ended in ready:
            return
        data = os.read(sys.stdin.fileno(), 4096)
        before, escape, _ = data.partition(ESCAPE)
        os.write(outer, before)
        if escape or not data:
            machine.exec(["bulkhead", "stop", "--force", NAME], check=False)
            return


def _writer(stream):
    def write(data):
        stream.buffer.write(data)
        stream.buffer.flush()
    return write
