# SPDX-License-Identifier: Apache-2.0
"""Tells a person what is going on: numbered steps with elapsed times, live on a terminal."""
import contextlib
import shutil
import sys
import threading
import time


HEARTBEAT = 60.0  # seconds between lines about a long step where there is no terminal


class Progress:
    """Numbered steps on standard error. quiet: say nothing at all.

    A step that found everything in place reports its time like any other; on a terminal the line
    of the running step is redrawn every second with its latest status.
    """

    def __init__(self, total=0, quiet=False, stream=None):
        self.stream = stream or sys.stderr
        self.quiet = quiet
        self.live = not quiet and self.stream.isatty()
        self.total = total
        self.number = 0
        self.begin = time.monotonic()
        self._status = ""
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def step(self, title):
        """One step; yields a function that takes the latest status text of the step."""
        self.number += 1
        prefix = f"[{self.number}/{self.total}] " if self.total else ""
        start = time.monotonic()
        self._status = ""
        done = threading.Event()
        painter = None
        if not self.quiet:
            if not self.live:
                self._write(f"{prefix}{title} ...\n")
            painter = threading.Thread(target=self._paint, args=(prefix + title, start, done),
                                       daemon=True)
            painter.start()
        outcome = "failed"
        try:
            yield self.status
            outcome = self._status or "done"
        finally:
            done.set()
            if painter:
                painter.join()
            if not self.quiet:
                erase = "\r\033[K" if self.live else ""
                self._write(f"{erase}{prefix}{title}: {outcome} "
                            f"({time.monotonic() - start:.1f} s)\n")

    def status(self, text):
        self._status = text

    def say(self, text):
        if not self.quiet:
            self._write(text + "\n")

    def elapsed(self):
        return time.monotonic() - self.begin

    def _paint(self, title, start, done):
        while not done.wait(1.0 if self.live else HEARTBEAT):
            seconds = int(time.monotonic() - start)
            line = f"{title} ... {seconds // 60}:{seconds % 60:02} {self._status}"
            if self.live:
                width = shutil.get_terminal_size().columns - 1
                self._write("\r\033[K" + line[:width])
            else:
                self._write(line + "\n")

    def _write(self, text):
        with self._lock:
            try:
                self.stream.write(text)
                self.stream.flush()
            except (BrokenPipeError, ValueError):
                self.quiet = True


SILENT = Progress(quiet=True)
