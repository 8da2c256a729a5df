# SPDX-License-Identifier: Apache-2.0
"""Watches a machine while somebody waits for it: has it died, panicked, started over?"""
import re
import time

from . import process

# A line of the console or of the hypervisor's log that means: this is not going to continue.
FATAL = re.compile(rb"bulkhead: (boot failed|panic):[^\n]*|init: a shell follows[^\n]*|"
                   rb"Kernel panic - not syncing[^\n]*")
KERNEL_PANIC = b"Kernel panic"
RESTARTS = re.compile(r"(^|\s)panic=-?[1-9]")  # on the kernel's command line: a panic restarts it
QUIET = 1.0   # seconds without a new line after which a panic has said everything
PATIENCE = 10.0
TAIL_LINES = 30
NOISE = "warning: TCG doesn't support requested feature"  # QEMU, of every EPYC it emulates


class Watch:
    """Reads what a machine prints from a point on.

    qmp: a conversation with QEMU, to notice that the machine resets itself; resets: how often it
    may (firmware does so once after a reset from outside). skip: begin at the end of what is
    there already (a machine that has run for a while). spec: the machine's MachineSpec.
    """

    def __init__(self, files, spec, qmp=None, resets=0, skip=False):
        self._files = files
        self._survives_panic = RESTARTS.search(" ".join(spec.append))
        self._qmp = qmp
        self._resets = resets
        self._offsets = {path: _size(path) if skip else 0 for path in (files.console, files.log)}

    def verdict(self):
        """Why waiting is pointless, None while it is not. Waits for the rest of a panic."""
        for path, offset in self._offsets.items():
            text = _read(path, offset)
            found = FATAL.search(text)
            if found and not (self._survives_panic and found[0].startswith(KERNEL_PANIC)):
                self._let_finish()
                line = found[0].decode(errors="replace").strip()
                return f"it says: {line}"
            # a line that is still being written is looked at again
            self._offsets[path] = offset + text.rfind(b"\n") + 1
        if not process.is_alive(self._files):
            return "QEMU has ended" + _exit_code(self._files)
        if self._qmp:
            for event in self._qmp.poll_events():
                self._resets -= event["event"] == "RESET" and event["data"].get("guest", False)
                if self._resets < 0:
                    return "the machine reset itself (a triple fault, or its software asked)"
        return None

    def _let_finish(self):
        end = time.monotonic() + PATIENCE
        size, since = None, time.monotonic()
        while time.monotonic() < end and time.monotonic() - since < QUIET:
            now = [_size(path) for path in self._offsets]
            if now != size:
                size, since = now, time.monotonic()
            if not process.is_alive(self._files):
                return
            time.sleep(0.05)


def tail(files, bare):
    """The last lines of everything a machine printed, each part under its title."""
    parts = [("console", files.console)]
    if not bare:
        parts.append(("hypervisor's log", files.log))
    parts.append(("QEMU", files.qemu_log))
    text = ""
    for title, path in parts:
        lines = clean(_read(path, max(0, _size(path) - 16384))).splitlines()
        lines = [line for line in lines if NOISE not in line][-TAIL_LINES:]
        if lines:
            text += f"[{title}]\n" + "\n".join(lines) + "\n"
        elif title != "QEMU":
            text += f"[{title}] nothing\n"
    return text


def clean(data):
    """Console output without carriage returns and terminal control sequences."""
    text = data.decode(errors="replace").replace("\r", "")
    return re.sub(r"\x1b(\[[0-9;?]*[a-zA-Z]|[()][A-Z0-9]|[a-zA-Z=>])", "", text)


def _exit_code(files):
    try:
        return f" with exit code {int(files.exit.read_text())}"
    except (OSError, ValueError):
        return ""


def _size(path):
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _read(path, offset):
    try:
        with open(path, "rb") as file:
            file.seek(offset)
            return file.read()
    except FileNotFoundError:
        return b""
