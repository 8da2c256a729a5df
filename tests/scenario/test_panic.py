# SPDX-License-Identifier: Apache-2.0
"""A hypervisor that breaks says what, where and whose; its protections hold (the option test=)."""
import re

import pytest
from bulkhead_lab import BootFailure, Machine

LIMIT = 300.0
REGISTERS = ("rip", "rsp", "rflags", "cr2", "cr3", "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp",
             "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15")


def panic_of(test):
    """Boot with test=...; returns the lines of the panic, which console and debug port share."""
    machine = Machine(hv_option=[f"test={test}"])
    try:
        with pytest.raises(BootFailure) as caught:
            machine.up(timeout=LIMIT)
        log = machine.log_text()
        console = machine.console_text()
    finally:
        machine.down()
    assert "bulkhead: panic:" in caught.value.message
    lines = [line for line in log.splitlines() if "bulkhead: panic:" in line]
    assert lines
    assert [line for line in console.splitlines() if "bulkhead: panic:" in line] == lines
    return [line.split("bulkhead: panic: ", 1)[1] for line in lines]


@pytest.fixture(scope="module")
def screen():
    return panic_of("panic")


def test_says_what(screen):
    assert screen[0] == ("the hypervisor is broken and stops here: invalid opcode (vector 6, error "
                         "code 0x0)")


def test_shows_the_registers(screen):
    text = " ".join(screen)
    for register in REGISTERS:
        assert re.search(rf"\b{register} +[0-9a-f]{{8,16}}\b", text), register


def test_says_whose(screen):
    assert "LP 0 carries partition 1 VP 0" in screen
    assert any(re.match(r"exit 0x7c info ", line) for line in screen)  # a write to an MSR
    assert any(line.startswith("vp rax ") for line in screen)


def test_traces_back_by_name(screen):
    trace = screen[screen.index("back trace:") + 1:]
    names = [re.fullmatch(r" +[0-9a-f]{16} (\S+?)(\.\w+)?\+0x[0-9a-f]+", line)[1] for line in trace]
    assert names[0].startswith("selftest_")
    assert ["intercept_msr", "vendor_run", "boot_final"] == \
        [name for name in names if name in ("intercept_msr", "vendor_run", "boot_final")]


@pytest.mark.parametrize("test, said", [
    ("write-text", r"page fault \(vector 14, error code 0x3\)"),
    ("write-rodata", r"page fault \(vector 14, error code 0x3\)"),
    ("execute-data", r"page fault \(vector 14, error code 0x11\)"),
    ("overflow-stack", r"(page fault|double fault)"),
    ("smash-stack", r"stack overflow: the canary of .* is damaged"),
])
def test_protection_holds(test, said):
    """Code and constants are not writable, data is not executable, a stack cannot grow or be
    overwritten unnoticed."""
    assert re.search(said, "\n".join(panic_of(test)[:2]))
