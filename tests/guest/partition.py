# SPDX-License-Identifier: Apache-2.0
"""Boot a guest partition on the hypervisor under QEMU, and read its report (TAP on COM1)."""
import dataclasses
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from bulkhead_lab import tree
from bulkhead_lab.qemu import escape
from bulkhead_lab.spec import DEFAULT_CPU

BUILD = Path(os.environ.get("BULKHEAD_BUILD")
             or Path(__file__).resolve().parents[2] / "build").absolute()

LIMIT = 120  # seconds until a partition that says nothing new to its end counts as hung
LINES_SHOWN = 25

PASSED, FAILED = 1, 3  # exit codes of QEMU that isa-debug-exit makes of 0 and 1
ENDINGS = {"o": "ordinary", "a": "alone", "l": "long", "p": "poweroff", "r": "reset"}

LINE = re.compile(r"(?P<not>not )?ok (?P<number>\d+) - (?P<name>.*?)"
                  r"(?: # (?P<skip>SKIP )?(?P<message>.*))?")
FIGURE = re.compile(r"# figure (?P<probe>\S+) (?P<unit>\S+) (?P<figure>[0-9.]+)")
STOPPED = r"panic: |bulkhead: boot failed: "
PLAN = re.compile(r"1\.\.(\d+)")


def names(build, image):
    """The tests in an image: {name: how it ends, a value of ENDINGS}, in the order they run."""
    entries = (build / "guest" / f"{image}.names").read_bytes().decode().split("\0")
    return {entry[1:]: ENDINGS[entry[0]] for entry in entries if entry}


@dataclasses.dataclass
class Line:
    """What a partition said about a test."""
    number: int
    passed: bool
    message: str
    skipped: bool


@dataclasses.dataclass
class Report:
    """What came of a boot.

    output: all that came on the serial port; log: the hypervisor's; code: QEMU's exit code, None if
    it had to be killed; reason: why the machine went down as QMP tells it, None if it did not;
    limit: the seconds it had.
    """
    output: str
    log: str
    code: int
    reason: str
    limit: int = LIMIT

    def lines(self):
        """{test name: Line}"""
        found = {}
        for text in self.output.splitlines():
            match = LINE.fullmatch(text)
            if match:
                found[match["name"]] = Line(int(match["number"]), not match["not"],
                                            match["message"] or "", bool(match["skip"]))
        return found

    def figures(self):
        """{probe: {unit: figure}} of a partition that measures."""
        found = {}
        for text in self.output.splitlines():
            match = FIGURE.fullmatch(text)
            if match:
                found.setdefault(match["probe"], {})[match["unit"]] = float(match["figure"])
        return found

    def plan(self):
        """How many tests the partition announced, None if it did not."""
        plans = [PLAN.fullmatch(text) for text in self.output.splitlines()]
        plans = [match for match in plans if match]
        return int(plans[0][1]) if len(plans) == 1 else None

    def panic(self):
        """The hypervisor's own panic or boot failure, if any."""
        return next((text for text in (self.log + "\n" + self.output).splitlines()
                     if re.search(STOPPED, text)), None)

    def how_it_ended(self):
        """In words, for a failure."""
        if self.panic():
            return self.panic()
        if self.code is None:
            return f"the partition did not end within {self.limit} s"
        return f"QEMU ended with {self.code}" + (f" ({self.reason})" if self.reason else "")

    def tail(self):
        """The last that was heard of partition and hypervisor."""
        parts = []
        for title, text in (("the partition's output", self.output), ("the hypervisor's log", self.log)):
            parts += [f"--- the last of {title} ---", *text.splitlines()[-LINES_SHOWN:]]
        return "\n".join(parts)


def boot(build, image, directory, tests="", cpu=DEFAULT_CPU, memory="256M", cpus=1,
         hypervisor="", options="", threads="single", limit=LIMIT, icount=False, bare=False):
    """Boot an image of build/guest as the root partition; returns its Report.

    tests: the beginnings of the names of tests to run, joined by "|"; none: all ordinary ones;
    options: words in front of that for the tests themselves; threads: "multi" lets processors run
    at the same time; limit: seconds; icount: the TSC counts instructions; bare: boot it on the
    machine itself.
    """
    serial, log, qmp, errors = (Path(directory) / name for name in ("serial", "log", "qmp", "errors"))
    kernel = build / "guest" / f"{image}.img"
    command_line = f"{options} tests={tests}"
    if bare:
        boots = ["-kernel", kernel, "-append", command_line]
    else:
        boots = ["-kernel", build / "hypervisor/bulkhead.elf", "-append", hypervisor,
                 "-initrd", escape(f"{kernel} {command_line}")]
    words = [*tree.get().prefix(), "qemu-system-x86_64", "-nodefaults", "-no-user-config",
             "-display", "none", "-machine", "q35", "-accel", f"tcg,thread={threads}", "-cpu", cpu,
             "-m", memory, "-smp", str(cpus), "-no-reboot", "-S", "-qmp", "stdio",
             "-chardev", f"file,id=serial,path={escape(serial)}", "-serial", "chardev:serial",
             "-chardev", f"file,id=log,path={escape(log)}",
             "-device", "isa-debugcon,iobase=0xe9,chardev=log",
             "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4",
             *map(str, boots), *(["-icount", "shift=0,sleep=off"] if icount else [])]
    # QMP tells why the machine goes down; nobody misses it, for it starts only when QMP says so
    with open(qmp, "wb") as out, open(errors, "wb") as err, \
         subprocess.Popen(words, stdin=subprocess.PIPE, stdout=out, stderr=err,
                          start_new_session=True) as process:
        try:
            process.stdin.write(b'{"execute": "qmp_capabilities"}\n{"execute": "cont"}\n')
            process.stdin.flush()
        except BrokenPipeError:
            pass  # QEMU is gone already
        try:
            code = _wait(process, log, limit)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    output = _read(serial)
    if not output and code not in (0, None):
        output = "QEMU: " + _read(errors)
    return Report(output, _read(log), code, _reason(_read(qmp)), limit)


def _wait(process, log, limit):
    """QEMU's exit code; None when it hangs, or the hypervisor has said that it stopped."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        # a stopped hypervisor does not end QEMU: look now and then
        try:
            return process.wait(1)
        except subprocess.TimeoutExpired:
            if re.search(STOPPED, _read(log)):
                return None
    return None


def _read(path):
    return path.read_text(errors="replace") if path.exists() else ""


def _reason(answers):
    for answer in answers.splitlines():
        try:
            event = json.loads(answer)
        except ValueError:
            continue
        if event.get("event") == "SHUTDOWN":
            return event["data"]["reason"]
    return None
