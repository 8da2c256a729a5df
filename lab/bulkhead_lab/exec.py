# SPDX-License-Identifier: Apache-2.0
"""Runs a command in a root partition over one of the machine's agent ports."""
import contextlib
import dataclasses
import errno
import fcntl
import os
import secrets
import select
import signal
import socket
import struct
import time

from . import wire
from .errors import LabError
from .qemu import PORTS

GREETING_AGAIN = 2.0  # seconds; a greeting that a booting kernel lost is repeated
GLANCE = 1.0          # seconds between looks at whether waiting still makes sense
AFTERLIFE = 120.0     # seconds that the agent may be late in reporting that a time-out struck
EXIT_TIMEOUT = 124
EXIT_NOT_EXECUTABLE = 126
EXIT_NOT_FOUND = 127


@dataclasses.dataclass
class Result:
    """How a command ended. code: its exit code, 128 + signal number, or 124 after a time-out."""
    code: int
    stdout: bytes = b""
    stderr: bytes = b""
    timed_out: bool = False
    failure: str = ""  # why it did not start, empty if it did

    @property
    def text(self):
        """Standard output as text, white space at both ends removed."""
        return self.stdout.decode(errors="replace").strip()


@dataclasses.dataclass
class Greeting:
    """What the agent says about itself: the boot it lives in, seconds since that boot."""
    boot_id: str
    uptime: float


class PortBusy(LabError):
    """All ports of a machine serve somebody else."""


class Conversation:
    """A session with an agent over a connected socket.

    A context manager; leaving it closes the socket, which ends a command that still runs.
    """

    def __init__(self, link):
        self.link = link
        self.link.setblocking(False)
        self.boot_id = ""
        self._session = secrets.randbits(63) + 1
        self._decoder = wire.Decoder(self._session)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.link.close()

    def send(self, kind, body=b""):
        """Send a frame; the agent always takes frames, so this blocks but briefly.

        Raises ConnectionError when the machine ended, TimeoutError when it does not listen.
        """
        data = memoryview(wire.encode(self._session, kind, body))
        while data:
            try:
                data = data[self.link.send(data):]
            except BlockingIOError:
                if not select.select([], [self.link], [], AFTERLIFE)[1]:
                    raise TimeoutError("the agent takes no more data") from None
            except OSError as error:
                raise ConnectionError(str(error)) from error

    def receive(self, timeout, others=()):
        """The next frames, or [] when one of others (descriptors) is readable or time is over."""
        poller = select.poll()
        poller.register(self.link, select.POLLIN)
        for descriptor in others:
            poller.register(descriptor, select.POLLIN)
        ready = {fd for fd, _ in poller.poll(max(0, timeout) * 1000)}
        if self.link.fileno() not in ready:
            return []
        try:
            data = self.link.recv(1 << 18)
        except BlockingIOError:
            return []
        if not data:
            raise ConnectionError("the machine ended")
        return self._decoder.feed(data)

    def hello(self, deadline, check=lambda: None):
        """Wait until the agent answers; returns its Greeting.

        check: called a few times a second; raises when waiting has become pointless.
        """
        again = 0.0
        while True:
            now = time.monotonic()
            if now >= deadline:
                raise TimeoutError("the agent did not answer")
            if now >= again:
                self.send(wire.Type.HELLO, struct.pack("<I", wire.VERSION))
                again = now + GREETING_AGAIN
            for kind, body in self.receive(min(0.25, deadline - now)):
                if kind == wire.Type.GREETING:
                    version, uptime = struct.unpack_from("<IQ", body)
                    if version != wire.VERSION:
                        raise LabError(f"The agent speaks version {version} of the protocol, the "
                                       f"lab version {wire.VERSION}")
                    self.boot_id = _boot_id(body)
                    return Greeting(self.boot_id, uptime / 1000)
            check()

    def run(self, argv, timeout=None, directory="/root", environment=None, source=None,
            stdout=lambda data: None, stderr=lambda data: None, check=lambda: None):
        """Run a command; returns its Result without output (that goes to the two functions).

        argv: list of str or bytes; timeout: seconds or None; source: a descriptor or bytes that
        become its standard input, None for nothing; check: called about once a second; raises when
        waiting has become pointless.
        """
        argv = [os.fsencode(word) for word in argv]
        request = wire.request(argv, timeout, os.fsencode(directory), environment or {})
        if len(request) > wire.BODY_MAX:
            raise LabError("The command line is too long for the agent (32 KiB)",
                           hint="Push a script, or pass the data on standard input.")
        self.send(wire.Type.EXEC, request)
        feeder = _Feeder(self, source)
        glance = time.monotonic() + GLANCE
        limit = None if timeout is None else time.monotonic() + timeout + AFTERLIFE
        while True:
            now = time.monotonic()
            if limit is not None and now >= limit:
                raise TimeoutError("the agent did not report the end of the command")
            if now >= glance:
                check()
                glance = now + GLANCE
                # answered at once; by another boot of the machine if it has restarted
                self.send(wire.Type.HELLO, struct.pack("<I", wire.VERSION))
            for kind, body in self.receive(GLANCE, feeder.descriptors()):
                if kind == wire.Type.STDOUT:
                    stdout(body)
                elif kind == wire.Type.STDERR:
                    stderr(body)
                elif kind == wire.Type.GRANT:
                    feeder.granted += struct.unpack("<I", body)[0]
                elif kind == wire.Type.GREETING and _boot_id(body) != self.boot_id:
                    raise ConnectionError("the machine restarted")
                elif kind == wire.Type.EXIT:
                    return _result(argv, body)
            feeder.feed()


class Port(Conversation):
    """A conversation over a free agent port of a machine, which is taken while it lasts.

    files: the machine's qemu.Files; deadline: until when (time.monotonic()) to wait for a port.
    """

    def __init__(self, files, deadline):
        number, self._lock = _take_port(files, deadline)
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(str(files.port(number)))
        except OSError as error:
            link.close()
            self._lock.close()
            raise LabError(f"The machine's agent port {files.port(number)} does not answer: "
                           f"{error}") from error
        super().__init__(link)

    def __exit__(self, *details):
        super().__exit__(*details)
        self._lock.close()


def _take_port(files, deadline):
    """The number of a free port and the open file whose lock makes it ours."""
    while True:
        for number in range(PORTS):
            file = open(files.lock(f"agent{number}"), "w", encoding="ascii")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return number, file
            except BlockingIOError:
                file.close()
        if time.monotonic() >= deadline:
            raise PortBusy(f"All {PORTS} agent ports of the machine are in use",
                           hint="Wait for the commands that run in it, or end them.")
        time.sleep(0.05)  # that any of several files is unlocked has no event to wait for


class _Feeder:
    """Sends standard input, never more than the agent granted."""

    def __init__(self, port, source):
        self._port = port
        self._source = source
        self._done = False
        self.granted = 0
        if source is None or isinstance(source, (bytes, bytearray, memoryview)):
            self._data = memoryview(source or b"")
            self._source = None
        else:
            self._data = memoryview(b"")

    def descriptors(self):
        wants = not self._done and self._source is not None and self.granted and not self._data
        return [self._source] if wants else []

    def feed(self):
        while not self._done and self.granted:
            if not self._data and self._source is not None:
                if not select.select([self._source], [], [], 0)[0]:
                    return
                self._data = memoryview(os.read(self._source, wire.BODY_MAX))
                if not self._data:
                    self._source = None
            if not self._data:
                self._port.send(wire.Type.STDIN_END)
                self._done = True
                return
            size = min(len(self._data), wire.BODY_MAX, self.granted)
            self._port.send(wire.Type.STDIN, bytes(self._data[:size]))
            self._data = self._data[size:]
            self.granted -= size


def _boot_id(greeting):
    return greeting[12:].decode(errors="replace")


def _result(argv, body):
    kind, value = struct.unpack_from("<BI", body)
    if kind == wire.ExitKind.NORMAL:
        return Result(value)
    if kind == wire.ExitKind.SIGNAL:
        return Result(128 + value)
    if kind == wire.ExitKind.TIMEOUT:
        return Result(EXIT_TIMEOUT, timed_out=True)
    what = body[5:].decode(errors="replace")
    reason = f"{what} {os.fsdecode(argv[0])}: {os.strerror(value)}"
    missing = value in (errno.ENOENT, errno.ENOTDIR)
    return Result(EXIT_NOT_FOUND if missing else EXIT_NOT_EXECUTABLE, failure=reason)


def signal_name(code):
    """`SIGKILL` for 137 and so on; None for codes that no signal made."""
    with contextlib.suppress(ValueError):
        return signal.Signals(code - 128).name
    return None
