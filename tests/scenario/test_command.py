# SPDX-License-Identifier: Apache-2.0
"""`bulkhead` in the root partition, and on a machine without Bulkhead."""
import json
import re
import subprocess
import threading
import time

import pytest

LIMIT = 60.0
VERDICTS = {"ok", "warn", "fail", "skip"}


def records(machine, *more):
    text = machine.exec(["bulkhead", "log", "-o", "json", *more]).text
    return [json.loads(line) for line in text.splitlines()]


def counters(machine, prefix=""):
    text = machine.exec(["bulkhead", "counters", "-o", "json", prefix]).text
    return {counter["name"]: counter["value"] for counter in json.loads(text)}


def test_log_is_what_the_debug_port_got(root):
    text = root.exec("bulkhead log").text
    mirrored = [re.sub(r"^(\[[ 0-9.]+\]) bulkhead: ", r"\1 ", line)
                for line in root.log_text().splitlines()]
    assert "Bulkhead" in text.splitlines()[0]
    assert text.splitlines() == mirrored[:len(text.splitlines())]


def test_log_as_json_has_positions_times_and_levels(root):
    lines = records(root)
    assert len(lines) >= 4
    assert lines[0]["position"] == 0
    assert [line["position"] for line in lines] == sorted({line["position"] for line in lines})
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)
    assert {line["level"] for line in lines} <= {"error", "warn", "info", "debug"}


def test_log_can_be_cut_by_level(root):
    assert all(line["level"] == "error" for line in records(root, "-l", "error"))
    everything = records(root, "-l", "debug")
    assert [line for line in everything if line["level"] in ("error", "warn", "info")] == \
        records(root, "--level", "info")


def test_log_can_be_followed(root):
    """`log -f` prints what is there, stays, and ends with its reader."""
    got = []
    arrived = threading.Event()

    def collect(data):
        got.append(data)
        arrived.set()

    follower = threading.Thread(target=lambda: root.stream(
        ["timeout", "--signal=INT", "5", "bulkhead", "log", "-f"], collect, collect, LIMIT))
    begin = time.monotonic()
    follower.start()
    assert arrived.wait(LIMIT)
    follower.join(LIMIT)
    assert not follower.is_alive()
    assert time.monotonic() - begin >= 4
    assert b"".join(got).decode().splitlines()[0] == root.exec("bulkhead log").text.splitlines()[0]


def test_log_survives_a_reader_that_goes_away(root):
    assert root.exec("bulkhead log | head -n 1; echo ${PIPESTATUS[1]}").text.endswith("0")
    failed = root.exec("bulkhead log >/dev/full", check=False)
    assert failed.code == 1
    assert b"No space left" in failed.stderr


def test_counters_grow(root):
    before = counters(root)
    after = counters(root)
    assert set(before) == set(after)
    name = "hypercall.get_partition_property_ex"
    assert after[name] > before[name]
    assert all(after[name] >= before[name] for name in before)


def test_counters_can_be_chosen_by_prefix(root):
    everything = counters(root)
    exits = counters(root, "exit.")
    assert set(exits) == {name for name in everything if name.startswith("exit.")}
    assert exits
    text = root.exec("bulkhead counters exit.").text.splitlines()
    assert [line.split()[0] for line in text] == sorted(exits)
    none = root.exec("bulkhead counters nothing.", check=False)
    assert none.code == 1
    assert b"no counter's name begins with `nothing.`" in none.stderr


def test_doctor_finds_nothing_that_fails(root):
    findings = json.loads(root.exec("bulkhead doctor -o json").text)
    assert {finding["verdict"] for finding in findings} <= VERDICTS
    assert [finding for finding in findings if finding["verdict"] == "fail"] == []
    assert {"check": "root partition", "verdict": "ok"}.items() <= findings[0].items()


def test_doctor_finds_the_hypervisor_intact(root):
    findings = json.loads(root.exec("bulkhead doctor -o json").text)
    found = next(finding for finding in findings if finding["check"] == "integrity")
    assert re.fullmatch(r"the hypervisor looked at \d{5,} things in itself and found all in order",
                        found["meaning"])


def test_doctor_says_that_the_root_is_trusted(root):
    text = root.exec("bulkhead doctor").text
    assert re.search(r"^warn  DMA: the IOMMU does not confine DMA yet", text, re.MULTILINE)
    assert re.search(r"^\d+ ok, \d+ warnings, 0 failures$", text, re.MULTILINE)


def test_doctor_names_what_is_missing(root):
    """As another user nothing can be opened, and the doctor says what to do."""
    done = root.exec("setpriv --reuid 65534 --regid 65534 --clear-groups bulkhead doctor -o json",
                     check=False)
    failed = [f for f in json.loads(done.text) if f["verdict"] == "fail"]
    assert done.code == 1
    assert [finding["check"] for finding in failed] == ["/dev/mshv"]
    assert failed[0]["advice"] == "Run the command as root."


def test_commands_say_so_without_permission(root):
    done = root.exec("setpriv --reuid 65534 --regid 65534 --clear-groups bulkhead log", check=False)
    assert done.code == 3
    assert done.stderr.decode() == ("bulkhead log: cannot read the hypervisor's log: /dev/mshv does "
                                    "not open (Permission denied); run the command as root\n")


def test_version_names_command_and_interface(root):
    text = root.exec("bulkhead version").text
    assert re.fullmatch(r"bulkhead [0-9.]+\nHyper-V interface 10\.0 build \d+, "
                        r"seen from the root partition", text)
    assert json.loads(root.exec("bulkhead version -o json").text)["partition"] == "root"


@pytest.mark.parametrize("command", ["log", "counters"])
def test_bare_machine_gives_one_clear_error(bare, command):
    done = bare.exec(["bulkhead", command], check=False)
    assert done.code == 3
    assert done.stdout == b""
    assert len(done.stderr.decode().splitlines()) == 1
    assert b"not on Bulkhead; have the boot loader start bulkhead.elf" in done.stderr


def test_bare_machine_fails_one_check_of_the_doctor(bare):
    done = bare.exec("bulkhead doctor -o json", check=False)
    failed = [f for f in json.loads(done.text) if f["verdict"] == "fail"]
    assert done.code == 1
    assert [finding["check"] for finding in failed] == ["root partition"]


def test_bare_machine_has_a_version(bare):
    assert json.loads(bare.exec("bulkhead version -o json").text)["partition"] == "other"


@pytest.mark.parametrize("command", ["", "log", "counters", "doctor", "version"])
def test_every_command_has_help(build, command):
    program = build / "root" / "install" / "usr" / "bin" / "bulkhead"
    done = subprocess.run([program, *command.split(), "--help"], text=True, stdout=subprocess.PIPE,
                          check=True, timeout=LIMIT)
    assert done.stdout.startswith(f"usage: bulkhead {command}".rstrip())


@pytest.mark.parametrize("words, said", [
    ([], "usage: bulkhead COMMAND"),
    (["frobnicate"], "there is no command `frobnicate`"),
    (["log", "--colour"], "option --colour is not understood"),
    (["log", "-z"], "there is no option -z"),
    (["log", "-o"], "option -o needs a value"),
    (["log", "-o", "yaml"], "there is no output format `yaml`"),
    (["log", "-l", "loud"], "there is no level `loud`"),
    (["counters", "a", "b"], "`b` is one word too many"),
    (["doctor", "now"], "`now` is one word too many"),
])
def test_wrong_usage_is_told(build, words, said):
    program = build / "root" / "install" / "usr" / "bin" / "bulkhead"
    done = subprocess.run([program, *words], text=True, stderr=subprocess.PIPE,
                          stdout=subprocess.PIPE, timeout=LIMIT)
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
