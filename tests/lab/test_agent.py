# SPDX-License-Identifier: Apache-2.0
"""The agent, compiled for the host with sanitizers, over a socket in place of a virtio port."""
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest
from bulkhead_lab import wire
from bulkhead_lab.exec import Conversation

SOURCES = Path(__file__).resolve().parents[2] / "root" / "agent"
LIMIT = 60.0
EVERY_BYTE = bytes(range(256)) * 33


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        pytest.skip("no C compiler on this host")
    target = tmp_path_factory.mktemp("agent") / "agent"
    subprocess.run([compiler, "-std=c17", "-D_GNU_SOURCE", "-g", "-O1", "-Wall", "-Wextra",
                    "-Wconversion", "-Werror", "-fsanitize=address,undefined",
                    "-fno-sanitize-recover=all", "-o", target, *SOURCES.glob("*.c")], check=True)
    return target


class Agent:
    """An agent and our end of its port."""

    def __init__(self, program):
        self.near, far = socket.socketpair()
        with far:
            self.process = subprocess.Popen([program, "--fd", str(far.fileno())],
                                            pass_fds=[far.fileno()], stdin=subprocess.DEVNULL)

    def talk(self):
        conversation = Conversation(self.near.dup())
        conversation.hello(time.monotonic() + LIMIT)
        return conversation

    def close(self):
        self.near.close()
        assert self.process.wait(LIMIT) == 0


@pytest.fixture
def agent(program):
    one = Agent(program)
    yield one
    one.close()


def run(agent, argv, **options):
    out, err = [], []
    with agent.talk() as conversation:
        result = conversation.run(argv, stdout=out.append, stderr=err.append,
                                  directory=options.pop("directory", "/"), **options)
    result.stdout, result.stderr = b"".join(out), b"".join(err)
    return result


def test_both_streams_byte_exact(agent, tmp_path):
    data = tmp_path / "data"
    data.write_bytes(EVERY_BYTE)
    result = run(agent, ["sh", "-c", f"cat {data}; cat {data} {data} >&2"])
    assert (result.code, result.stdout, result.stderr) == (0, EVERY_BYTE, EVERY_BYTE * 2)


def test_standard_input_of_any_size(agent):
    data = os.urandom(3_000_001)
    assert run(agent, ["cat"], source=data).stdout == data
    assert run(agent, ["wc", "-c"], source=b"").stdout.strip() == b"0"


def test_command_that_reads_nothing(agent):
    assert run(agent, ["true"], source=os.urandom(2_000_000)).code == 0


def test_slow_reader_loses_nothing(agent):
    received = []

    def slowly(data):
        received.append(data)
        if len(received) < 20:
            time.sleep(0.02)

    with agent.talk() as conversation:
        conversation.run(["sh", "-c", "yes 0123456789 | head -c 5000000"], stdout=slowly,
                         directory="/")
    assert b"".join(received) == (b"0123456789\n" * 500_000)[:5_000_000]


@pytest.mark.parametrize("script, code", [("exit 0", 0), ("exit 7", 7), ("exit 255", 255),
                                          ("kill -9 $$", 137), ("kill -15 $$", 143)])
def test_exit_codes(agent, script, code):
    assert run(agent, ["sh", "-c", script]).code == code


def test_what_cannot_start(agent):
    missing = run(agent, ["/no/such/program"])
    assert missing.code == 127 and "/no/such/program" in missing.failure
    assert run(agent, ["/etc/passwd"]).code == 126
    assert "chdir" in run(agent, ["true"], directory="/no/such/directory").failure


def test_timeout_kills_the_process_group(agent, tmp_path):
    pids = tmp_path / "pids"
    result = run(agent, ["sh", "-c", f"sleep 600 & echo $! $$ > {pids}; echo begun; wait"],
                 timeout=1.0)
    assert (result.code, result.timed_out, result.stdout) == (124, True, b"begun\n")
    assert_gone(pids)


def test_vanished_host_ends_the_command(program, tmp_path):
    pids = tmp_path / "pids"
    os.mkfifo(pids)
    one = Agent(program)
    conversation = one.talk()
    conversation.send(wire.Type.EXEC, wire.request(
        [b"sh", b"-c", f"sleep 600 & echo $! $$ > {pids}; wait".encode()], None, b"/", {}))
    numbers = pids.read_text()
    pids.unlink()
    pids.write_text(numbers)
    conversation.link.close()
    one.close()
    assert_gone(pids)


def test_background_process_does_not_hold_the_command(agent):
    begin = time.monotonic()
    result = run(agent, ["sh", "-c", "echo first; sleep 30 & echo last"])
    assert result.stdout == b"first\nlast\n"
    assert time.monotonic() - begin < 20


def test_rubbish_and_a_torn_frame_before_the_greeting(agent):
    whole = wire.encode(12345, wire.Type.EXEC, b"x" * 1000)
    agent.near.sendall(os.urandom(5000) + wire.END + whole[:500])
    assert run(agent, ["echo", "fine"]).stdout == b"fine\n"


def test_new_session_replaces_the_old_one(agent, tmp_path):
    pids = tmp_path / "pids"
    os.mkfifo(pids)
    old = agent.talk()
    old.send(wire.Type.EXEC, wire.request(
        [b"sh", b"-c", f"echo $$ > {pids}; exec yes".encode()], None, b"/", {}))
    numbers = pids.read_text()
    pids.unlink()
    pids.write_text(numbers)
    assert run(agent, ["echo", "mine"]).stdout == b"mine\n"
    assert_gone(pids)
    old.link.close()


def test_environment_and_directory(agent, tmp_path):
    result = run(agent, ["sh", "-c", "echo $A; pwd"], environment={"A": "b c"},
                 directory=str(tmp_path))
    assert result.stdout.decode() == f"b c\n{tmp_path}\n"


def test_terminated_agent_delivers_first(program):
    one = Agent(program)
    out = []
    timer = threading.Timer(0.3, one.process.send_signal, [signal.SIGTERM])
    with one.talk() as conversation:
        timer.start()
        result = conversation.run(["sh", "-c", "sleep 1; echo done; exit 3"], stdout=out.append,
                                  directory="/")
    assert (result.code, out) == (3, [b"done\n"])
    one.close()


def assert_gone(pids):
    end = time.monotonic() + LIMIT
    for pid in map(int, pids.read_text().split()):
        while time.monotonic() < end:
            try:
                if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                    break
            except (FileNotFoundError, ProcessLookupError):
                break
            time.sleep(0.02)
        else:
            raise AssertionError(f"process {pid} is still there")
