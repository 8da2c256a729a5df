# SPDX-License-Identifier: Apache-2.0
"""Stock guests in child partitions: `bulkhead run` and its relatives."""
import json
import os
import pty
import re
import select
import shlex
import threading
import time
from pathlib import Path

import pytest
from bulkhead_lab import Machine

LAB = Path(__file__).resolve().parents[2] / "lab" / "lab"

GUESTS = "/usr/share/bulkhead/guests"
KERNELS = ("6.1", "6.12", "backports")
LIMIT = 300.0
# what the emulated processor brings about on any hypervisor
FOREIGN = re.compile(r"SRSO|Speculative Return Stack|MTRRs disabled|calibrate_delay|lpj=|RETBleed|Zen1")
COMPLAINT = re.compile(r"WARNING|BUG:|Call Trace|stall|ACPI (BIOS )?(Error|Warning)|Hyper-V:.*(fail|error)|"
                       r"clocksource:.*(unstable|skew)|PCI: Fatal", re.IGNORECASE)


@pytest.fixture(scope="module")
def host():
    """A root partition of its own: machines are heavy guests."""
    with Machine(cpus=2, memory="3G") as machine:
        yield machine


def words(kernel="6.12", command=None, append="", **options):
    """The command line of `bulkhead run` for a demo guest that runs a command."""
    line = f"console=ttyS0 {append}" + (f' bulkhead.run="{command}"' if command else "")
    argv = ["bulkhead", "run", "--kernel", f"{GUESTS}/{kernel}/kernel", "--initrd",
            f"{GUESTS}/{kernel}/initrd", "--append", line]
    for name, value in options.items():
        argv += [f"--{name}", str(value)]
    return argv


def run(machine, **options):
    return machine.exec(words(**options), check=False, timeout=LIMIT)


class Background:
    """A guest that runs beside the test. `with Background(host, name="x", ...) as guest`."""

    def __init__(self, machine, **options):
        self.machine, self.name = machine, options["name"]
        self.output, self.complaints, self.code = b"", b"", None
        self._thread = threading.Thread(target=self._run, args=(words(**options),))

    def _run(self, argv):
        script = f"{shlex.join(argv)} </dev/null"
        self.code = self.machine.stream(["sh", "-c", script], self._take, self._complain, LIMIT).code

    def _take(self, data):
        self.output += data

    def _complain(self, data):
        self.complaints += data

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        if self._thread.is_alive():
            self.machine.exec(["bulkhead", "stop", "--force", self.name], check=False)
        self._thread.join(LIMIT)

    def wait_for(self, text):
        """Until the guest has written it."""
        end = time.monotonic() + LIMIT
        while text.encode() not in self.output:
            assert self._thread.is_alive() and time.monotonic() < end, self.output[-2000:]
            time.sleep(0.2)

    def end(self):
        self._thread.join(LIMIT)
        assert not self._thread.is_alive()
        return self.code


@pytest.mark.parametrize("cpus", [1, 2, 4, pytest.param(8, marks=pytest.mark.soak)])
@pytest.mark.parametrize("kernel", KERNELS)
def test_stock_kernel_reaches_user_space_and_powers_off(host, kernel, cpus):
    """More processors than the root has are no obstacle."""
    command = "nproc; cat /sys/devices/system/clocksource/clocksource0/current_clocksource; " \
              "cat /proc/interrupts"
    done = run(host, kernel=kernel, command=command, cpus=cpus, memory="512M")
    text = done.stdout.decode(errors="replace")
    assert done.code == 0, text[-2000:] + done.stderr.decode()
    assert done.stderr == b""
    lines = [line.strip() for line in text.splitlines()]
    assert str(cpus) in lines
    assert "hyperv_clocksource_tsc_page" in lines
    assert "Hypervisor detected: Microsoft Hyper-V" in text
    assert re.search(r"HVS:.*[1-9]", text)
    assert [line for line in lines if COMPLAINT.search(line) and not FOREIGN.search(line)] == []


def test_a_guest_can_be_looked_at_and_shut_down(host):
    with Background(host, name="seen", append="quiet", cpus=2, memory="256M") as guest:
        guest.wait_for("in a child partition")
        listed = json.loads(host.exec(["bulkhead", "list", "-o", "json"]).text)
        assert [(one["name"], one["cpus"], one["memory"]) for one in listed] == [("seen", 2, 256 << 20)]
        before = json.loads(host.exec(["bulkhead", "stat", "-o", "json", "seen"]).text)
        after = json.loads(host.exec(["bulkhead", "stat", "-o", "json", "seen"]).text)
        assert before["pid"] == after["pid"] and 0 < before["memory_pages"] <= 65536
        assert before["cpu_ns"] < after["cpu_ns"]
        assert before["intercepts"]["io_port"] > 100
        assert before["vp_thread_exits"] >= sum(before["intercepts"].values())
        # the hypervisor's own count
        assert after["exits"]["port"] >= before["intercepts"]["io_port"]
        assert after["exits"]["cpuid"] > 100 and "cpuid" not in after["intercepts"]
        assert 0 < sum(before["hypercalls"].values()) <= after["exits"]["hypercall"]
        assert host.exec(f"stat -c %U /run/bulkhead/seen; ps -o user= -p {before['pid']}").text == \
            "bulkhead\nbulkhead"
        host.exec(["bulkhead", "stop", "--force", "seen"])
        assert guest.end() == 12
    assert guest.complaints.decode().strip() == "bulkhead run: seen: it was stopped by force"
    assert host.exec("bulkhead list; ls /run/bulkhead").text == ""


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_power_button_shuts_a_guest_down(host, kernel):
    with Background(host, name="button", kernel=kernel, append="quiet", memory="256M") as guest:
        guest.wait_for("in a child partition")
        host.exec(["bulkhead", "stop", "button"], timeout=LIMIT)
        assert guest.end() == 0
    assert guest.complaints == b""


def test_two_machines_cannot_have_one_name(host):
    with Background(host, name="one", append="quiet", memory="256M") as guest:
        guest.wait_for("in a child partition")
        second = run(host, name="one", memory="256M")
        assert second.code == 1 and b"a machine called one is running" in second.stderr
        assert guest.code is None


def test_a_killed_worker_leaves_nothing(host):
    with Background(host, name="killed", append="quiet", memory="256M") as guest:
        guest.wait_for("in a child partition")
        pid = json.loads(host.exec(["bulkhead", "stat", "-o", "json", "killed"]).text)["pid"]
        host.exec(["kill", "-9", str(pid)])
        assert guest.end() == 137
    assert host.exec("bulkhead list").text == ""
    again = run(host, name="killed", command="true", append="quiet", memory="256M")
    assert again.code == 0


def test_a_reset_is_told(host):
    done = run(host, command="reboot -f", append="quiet", memory="256M", name="again")
    assert done.code == 10
    assert done.stderr.decode().strip() == "bulkhead run: again: the guest asked for a reset"


def test_a_crash_is_told(host):
    """Linux says that it panics through the crash MSRs before it resets."""
    done = run(host, command="echo c > /proc/sysrq-trigger", append="quiet panic=-1", memory="256M",
               name="dying")
    assert done.code == 11
    first, *account = done.stderr.decode().splitlines()
    assert first == "bulkhead run: dying: the guest crashed, said so, and asked for a reset"
    assert any(line.lstrip().startswith("rip") for line in account)


def test_the_console_can_be_a_file_or_a_pseudo_terminal(host):
    done = run(host, command="echo written", append="quiet", memory="256M", serial="/tmp/console")
    assert done.code == 0 and done.stdout == b""
    assert "written" in host.exec("cat /tmp/console").text
    with Background(host, name="typed", append="quiet", memory="256M", serial="pty"):
        end = time.monotonic() + LIMIT
        while not (listed := json.loads(host.exec(["bulkhead", "list", "-o", "json"]).text)):
            assert time.monotonic() < end
            time.sleep(0.2)
        path = listed[0]["console"]
        assert path.startswith("/dev/pts/")
        talk = f"cat {path} >/tmp/seen & until grep -q partition /tmp/seen; do sleep 0.2; done; " \
               f"echo 'echo $((6*7))' >{path}; until grep -q ^42 /tmp/seen; do sleep 0.2; done; " \
               "kill %1; echo ok"
        assert host.exec(["timeout", "120", "bash", "-c", talk]).text == "ok"


@pytest.mark.parametrize("arguments, word", [
    (["--kernel", "/nowhere"], "/nowhere cannot be read"),
    (["--kernel", "/etc/passwd"], "does not load: it is neither"),
    (["--kernel", f"{GUESTS}/6.12/kernel", "--memory", "16M"], "give more --memory"),
    (["--kernel", f"{GUESTS}/6.12/kernel", "--initrd", "/nowhere"], "/nowhere cannot be read"),
])
def test_bad_input_is_one_line(host, arguments, word):
    done = host.exec(["bulkhead", "run", *arguments], check=False)
    assert done.code == 1
    text = done.stderr.decode()
    assert word in text and len(text.splitlines()) == 1


def test_wrong_usage_is_told(host):
    for argv in (["run"], ["run", "--cpus", "0"], ["stat"], ["stop"], ["list", "x"]):
        assert host.exec(["bulkhead", *argv], check=False).code == 2
    for argv in (["stat", "nobody"], ["stop", "nobody"]):
        done = host.exec(["bulkhead", *argv], check=False)
        assert done.code == 1 and b"no machine called `nobody`" in done.stderr


def test_make_run_ends_in_a_guest_and_then_in_the_root_shell():
    """What a newcomer sees: the guest's console, Ctrl-], the root shell, Ctrl-]."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(LAB, [LAB, "run", "--cpus", "2", "--name", f"guest-{os.getpid()}"])
    said, end = b"", time.monotonic() + LIMIT
    for prompt, answer in ((b"in a child partition", b""), (b"~ # ", b"echo in $((6*7))\n"),
                           (b"\nin 42", b"\x1d"), (b"root@root:~# ", b"bulkhead list | wc -l\n"),
                           (b"\n0", b"\x1d"), (b"The machine was ended.", b"")):
        while prompt not in said:
            assert time.monotonic() < end, said.decode(errors="replace")
            if select.select([terminal], [], [], 1)[0]:
                said += os.read(terminal, 4096)
        said = said[said.index(prompt) + len(prompt):]
        os.write(terminal, answer)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)
