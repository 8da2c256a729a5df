# SPDX-License-Identifier: Apache-2.0
"""Talks to QEMU itself: resets, ends and inspects the emulated machine."""
import contextlib
import fcntl
import json
import socket

from .errors import LabError

TIMEOUT = 60.0  # seconds without a word from QEMU; it answers at once unless the host is stuck


class Qmp:
    """One conversation with the QEMU of a machine; a context manager.

    path: its socket; lock: a file that keeps conversations apart (the socket takes one at a time).
    """

    def __init__(self, path, lock):
        self._path = path
        self._lock = lock
        self._stack = contextlib.ExitStack()
        self._link = None
        self._rest = b""
        self.events = []

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            lock = stack.enter_context(open(self._lock, "w", encoding="ascii"))
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._link = stack.enter_context(socket.socket(socket.AF_UNIX))
            try:
                self._link.connect(str(self._path))
                self._receive(TIMEOUT)
                self.execute("qmp_capabilities")
            except OSError as error:
                raise LabError(f"QEMU does not answer on {self._path}: {error}") from error
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def execute(self, command, **arguments):
        """Run a QMP command; returns what QEMU returns, fails with what QEMU says."""
        request = {"execute": command}
        if arguments:
            request["arguments"] = arguments
        try:
            self._link.settimeout(TIMEOUT)
            self._link.sendall(json.dumps(request).encode() + b"\n")
            while True:
                answer = self._receive(TIMEOUT)
                if "return" in answer:
                    return answer["return"]
                if "error" in answer:
                    raise LabError(f"QEMU refuses {command}: {answer['error']['desc']}")
        except OSError as error:
            raise LabError(f"QEMU went away while it was asked for {command}: {error}") from error

    def poll_events(self):
        """The events since the last call, without waiting."""
        with contextlib.suppress(OSError):
            while True:
                self._receive(0)
        events, self.events = self.events, []
        return events

    def wait_event(self, name):
        """Wait for an event, counting those that already came during this conversation."""
        try:
            while not any(event["event"] == name for event in self.events):
                self._receive(TIMEOUT)
        except OSError as error:
            raise LabError(f"QEMU did not announce {name}: {error}") from error
        self.events.clear()

    def _receive(self, timeout):
        """The next message; OSError when it does not come within timeout seconds."""
        self._link.settimeout(timeout)
        while b"\n" not in self._rest:
            data = self._link.recv(65536)
            if not data:
                raise ConnectionError("it closed the connection")
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        message = json.loads(line)
        if "event" in message:
            self.events.append(message)
        return message
