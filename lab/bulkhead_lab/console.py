# SPDX-License-Identifier: Apache-2.0
"""The serial console of a machine on this terminal."""
import contextlib
import fcntl
import os
import select
import shutil
import signal
import socket
import sys
import termios
import threading
import tty

from .errors import LabError

ESCAPE = b"\x1d"  # Ctrl-]
REPLAY = 2048     # bytes of earlier output shown first, so that a prompt is there
QUIET = 1000      # ms without output after which input that ended (no terminal) counts as served


def send(machine, data, timeout):
    """Type bytes on a machine's console; returns when it has taken them (timeout: in seconds)."""
    with contextlib.ExitStack() as stack:
        link = _connect(machine, stack)
        link.settimeout(timeout)
        try:
            link.sendall(data)
            # QEMU reads on to the end only while we are still there, then closes the connection
            link.shutdown(socket.SHUT_WR)
            while link.recv(65536):
                pass
        except OSError as error:
            raise LabError(f"The console of {machine.name} takes no input: {error}") from error


def attach(machine):
    """Join the console and this terminal until the user leaves or the machine ends.

    Returns True when the machine ended, False when the user left.
    """
    with contextlib.ExitStack() as stack:
        link = _connect(machine, stack)
        terminal = sys.stdin.isatty()
        if terminal:
            print(f"The console of {machine.name}; Ctrl-] leaves it.", file=sys.stderr)
            stack.enter_context(raw_terminal())
            _tell_size(machine)
            previous = signal.signal(signal.SIGWINCH, lambda *_: _tell_size(machine))
            stack.callback(signal.signal, signal.SIGWINCH, previous)
        _write(machine.files.console.read_bytes()[-REPLAY:])
        ended = _relay(link, terminal)
    if terminal:
        print(file=sys.stderr)
    return ended


def _connect(machine, stack):
    """The socket of a machine's console, which is taken until the ExitStack ends."""
    lock = stack.enter_context(open(machine.files.lock("console"), "w", encoding="ascii"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LabError(f"The console of {machine.name} is open elsewhere",
                       hint="Leave it there first (Ctrl-]).") from None
    link = stack.enter_context(socket.socket(socket.AF_UNIX))
    try:
        link.connect(str(machine.files.console_socket))
    except OSError as error:
        raise LabError(f"The console of {machine.name} does not answer: {error}") from error
    return link


def _relay(link, terminal):
    poller = select.poll()
    poller.register(link, select.POLLIN)
    poller.register(sys.stdin, select.POLLIN)
    timeout = None
    while True:
        ready = dict(poller.poll(timeout))
        if not ready and timeout is not None:
            return False
        if link.fileno() in ready:
            try:
                data = link.recv(65536)
            except ConnectionError:
                data = b""
            if not data:
                return True
            _write(data)
        if sys.stdin.fileno() in ready:
            data = os.read(sys.stdin.fileno(), 4096)
            if not data:
                poller.unregister(sys.stdin)
                timeout = QUIET
                continue
            before, found, _ = data.partition(ESCAPE) if terminal else (data, b"", b"")
            with contextlib.suppress(ConnectionError):
                link.sendall(before)
            if found:
                return False


def _write(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


@contextlib.contextmanager
def raw_terminal():
    saved = termios.tcgetattr(sys.stdin)
    try:
        tty.setraw(sys.stdin)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, saved)


def _tell_size(machine):
    """Give the machine's terminal the size of ours; a serial line has no way to say it."""
    size = shutil.get_terminal_size()
    words = ["stty", "-F", "/dev/ttyS0", "rows", str(size.lines), "cols", str(size.columns)]

    def tell():
        with contextlib.suppress(LabError, OSError):
            machine.exec(words, check=False, timeout=60)

    threading.Thread(target=tell, daemon=True).start()
