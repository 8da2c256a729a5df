# SPDX-License-Identifier: Apache-2.0
"""Whatever keeps Bulkhead from starting is said in one line, with what to do, and it stops."""
import os
import selectors
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from bulkhead_lab import BootFailure, Machine, artefacts, paths
from bulkhead_lab.qmp import Qmp

LIMIT = 300.0
SAID = "bulkhead: boot failed: "
SVM_HINT = "(QEMU: -cpu EPYC-v4,+svm,+npt)."
DAMAGED = ("the root kernel (first boot module, {size} bytes) cannot be loaded: it {what}.")


def failure_of(**options):
    """Boot a machine that must not start; returns what it said after SAID."""
    machine = Machine(**options)
    try:
        with pytest.raises(BootFailure):
            machine.up(timeout=LIMIT)
        lines = machine.console_text().splitlines()
        debug = machine.log_text().splitlines()
    finally:
        machine.down()
    said = [line for line in lines if line.startswith(SAID)]
    assert len(said) == 1, lines
    assert lines[-1] == said[0], "something happened after the failure"
    assert [line for line in debug if line.startswith(SAID)] == said
    return said[0][len(SAID):]


def test_no_svm():
    assert failure_of(cpu="EPYC-v4,-svm") == (
        "this processor has no AMD SVM (CPUID 0x80000001 ECX bit 2 is 0); enable SVM "
        "(virtualization) in the firmware setup, or use a processor that has it " + SVM_HINT)


def test_no_nested_paging():
    assert failure_of(cpu="EPYC-v4,+svm,-npt") == (
        "this processor has no nested paging (CPUID 0x8000000a EDX bit 0 is 0); use one that has "
        "it " + SVM_HINT)


def test_no_execute_disable():
    assert failure_of(cpu="EPYC-v4,+svm,+npt,-nx") == (
        "this processor has no no-execute pages (CPUID 0x80000001 EDX bit 20 is 0); enable NX in "
        "the firmware setup.")


def test_too_little_memory():
    assert failure_of(memory="64M") == (
        "this machine has 63 MiB of memory; Bulkhead and a root partition need at least 128 MiB.")


@pytest.mark.parametrize("option", ["colour=blue", "log=loud", "console=", "quiet"])
def test_unknown_option(option):
    said = failure_of(hv_option=[option])
    assert said.startswith(f"unknown option `{option}`; known are log=error|warn|info|debug, "
                           "console=com1|com2|debug|none")
    assert said.endswith("Correct the hypervisor's command line in the boot loader.")


@pytest.fixture(scope="module")
def kernel():
    """The bytes of the root kernel."""
    return bytearray(artefacts.get().kernel.image.read_bytes())


def damaged(tmp_path, data, what, size=None):
    path = tmp_path / "kernel"
    path.write_bytes(data)
    assert failure_of(kernel=str(path)) == DAMAGED.format(size=size or len(data), what=what)


@pytest.mark.parametrize("part", [2, 16])
def test_truncated_kernel(tmp_path, kernel, part):
    damaged(tmp_path, kernel[:len(kernel) // part], "ends too early: the file is truncated")


def test_kernel_with_an_overwritten_header(tmp_path, kernel):
    kernel = bytearray(kernel)
    kernel[0x1f0:0x210] = bytes(0x20)
    damaged(tmp_path, kernel, "is not a Linux bzImage (no boot protocol header)")


def test_kernel_with_an_overwritten_compressed_part(tmp_path, kernel):
    """The first bytes of the compressed kernel, found as the boot protocol says."""
    kernel = bytearray(kernel)
    offset = (kernel[0x1f1] + 1) * 512 + int.from_bytes(kernel[0x248:0x24c], "little")
    kernel[offset:offset + 4096] = b"\xaa" * 4096
    path = tmp_path / "kernel"
    path.write_bytes(kernel)
    assert failure_of(kernel=str(path)).startswith(
        f"the root kernel (first boot module, {len(kernel)} bytes) cannot be loaded: it is damaged: "
        "its compressed part begins with none of the known")


def test_a_file_that_is_no_kernel(tmp_path):
    damaged(tmp_path, b"This is a letter, not a kernel.\n" * 4096,
            "is not a Linux bzImage (no boot protocol header)")


class Raw:
    """QEMU without the lab around it, stopped before the first instruction: for what a machine of
    the lab never is. short: a directory for sockets; words: added to the command line."""

    def __init__(self, short, words):
        self._qmp = short / "qmp"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(short / "qtest"))
        listener.listen(1)
        listener.settimeout(LIMIT)
        command = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
                   "-machine", "q35", "-cpu", "EPYC-v4,+svm,+npt", "-m", "512M", "-accel", "tcg",
                   "-serial", "stdio", "-S", "-qmp", f"unix:{self._qmp},server=on,wait=off",
                   "-qtest", f"unix:{short}/qtest", "-qtest-log", "/dev/null",
                   "-kernel", str(paths.hypervisor_image()), *words]
        self.process = subprocess.Popen(artefacts.get().tree.prefix() + command,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, start_new_session=True)
        self._qtest, _ = listener.accept()
        self._qtest.settimeout(LIMIT)
        listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._qtest.close()
        os.killpg(self.process.pid, signal.SIGKILL)  # bwrap and QEMU in it
        self.process.wait(LIMIT)
        self.process.stdout.close()

    def qtest(self, command):
        """Run a command of QEMU's device test protocol; returns the answer."""
        self._qtest.sendall(command.encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            answer += self._qtest.recv(4096)
        assert answer.startswith(b"OK"), answer
        return answer.decode().strip()

    def start(self):
        """Let the processor run."""
        with Qmp(self._qmp, self._qmp.with_suffix(".lock")) as qmp:
            qmp.execute("cont")

    def failure(self):
        """What the machine says after SAID."""
        end = time.monotonic() + LIMIT
        text = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while not (SAID.encode() in text and text.endswith(b"\n")):
                assert selector.select(max(0, end - time.monotonic())), text
                data = self.process.stdout.read1(4096)
                assert data, text
                text += data
        lines = [line for line in text.decode().replace("\r", "").splitlines()
                 if line.startswith(SAID)]
        assert len(lines) == 1
        return lines[0][len(SAID):]


@pytest.fixture
def short():
    """A directory with a short name: a socket's path has at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="bulkhead-") as directory:
        yield Path(directory)


def test_no_root_kernel(short):
    with Raw(short, []) as machine:
        machine.start()
        assert machine.failure() == (
            "no root kernel: give a Linux bzImage as the first boot module (GRUB: module2, QEMU: "
            "-initrd \"bzImage arguments,initrd\").")


@pytest.mark.parametrize("device, address, register, value", [
    ("amd-iommu", 0xfed80000, 0x18, 1 << 0),     # IOMMU Control Register, IommuEn
    ("intel-iommu", 0xfed90000, 0x18, 1 << 31),  # Global Command Register, Translation Enable
])
def test_iommu_that_firmware_left_translating(short, device, address, register, value):
    with Raw(short, ["-device", device, "-initrd", f"{artefacts.get().kernel.image}"]) as machine:
        machine.qtest(f"writel {address + register:#x} {value:#x}")
        machine.start()
        assert machine.failure() == (
            f"firmware left the IOMMU at {address:#x} translating; switch off pre-boot DMA "
            "protection in the firmware setup.")


@pytest.mark.parametrize("iommu", ["amd", "intel"])
def test_an_iommu_at_rest_is_no_failure(iommu):
    with Machine(iommu=iommu) as machine:
        assert machine.exec("cat /sys/class/iommu/* 2>/dev/null", check=False).text == ""
