# SPDX-License-Identifier: Apache-2.0
"""A machine: started, used and ended. The command line is a thin shell of this class."""
import contextlib
import dataclasses
import fcntl
import itertools
import json
import os
import shutil
import time

from . import artefacts, console as terminal, exec as execution, files as transfer, host, initrd
from . import paths, process, qemu, watch
from .errors import BootFailure, CommandFailed, CommandTimeout, LabError
from .progress import SILENT
from .qmp import Qmp
from .spec import Disk, MachineSpec

BOOT_TIMEOUT = 300.0         # seconds; a boot takes a few
BOOT_TIMEOUT_ICOUNT = 900.0  # with instruction counting it takes half a minute
EXEC_TIMEOUT = 600.0
PORT_TIMEOUT = 120.0         # for a free agent port, and for the agent's first answer on it
END_TIMEOUT = 300.0

_counter = itertools.count(1)


class Machine:
    """An emulated machine, by itself (`up()`, `down()`) or as a context manager.

    name: of the machine; by default one that no other process uses. options: the fields of
    MachineSpec. All methods raise LabError or one of its children. A machine that does not come up
    as a context manager leaves nothing behind; its error says what it printed last.
    """

    def __init__(self, name=None, **options):
        self.name = name or f"p{os.getpid()}-{next(_counter)}"
        self.spec = MachineSpec(name=self.name, **options)
        self.files = qemu.Files(paths.state_directory() / self.name)
        self.boot_seconds = None  # from the start of QEMU to the agent's answer

    @classmethod
    def attach(cls, name="default"):
        """The machine of that name, which somebody started."""
        machine = cls(name)
        try:
            state = json.loads(machine.files.state.read_text())
        except (OSError, ValueError):
            raise LabError(f"There is no machine called {name}",
                           hint=f"Start it:  lab/lab up --name {name}") from None
        machine.spec = MachineSpec(**state["spec"])
        machine.spec.disks = [Disk(**disk) for disk in machine.spec.disks]
        if machine.spec.boot:
            machine.spec.boot = Disk(**machine.spec.boot)
        machine.boot_seconds = state["boot_seconds"]
        return machine

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(self, *_):
        self.down()

    # --- life ---------------------------------------------------------------------------------

    def up(self, progress=SILENT, timeout=None, wait=True):
        """Start the machine; return when root user space answers (wait=False: at once).

        timeout: seconds for the boot. A machine that does not get there is ended, its logs stay.
        """
        self.spec.check()
        if self.spec.accel == "kvm":
            refusal = host.kvm_refusal()
            if refusal:
                raise LabError(f"--accel kvm does not work on this host: {refusal}",
                               hint="Leave it out: software emulation works everywhere.")
        if not self.spec.bare and not self.spec.boot and not self.spec.hypervisor:
            self.spec.hypervisor = str(paths.hypervisor_image())
            if not os.path.isfile(self.spec.hypervisor):
                raise LabError(f"The hypervisor is not built: {self.spec.hypervisor} is missing",
                               hint="Run `make`, or start without the hypervisor: --bare")
        things = artefacts.get(progress, self.spec.peer)
        with self._locked():
            if self.is_up():
                raise LabError(f"A machine called {self.name} is already running",
                               hint=f"End it (lab/lab down --name {self.name}), or choose another "
                                    "name with --name.")
            self._prepare(things)
            words = qemu.command(self.spec, self.files,
                                 None if self.spec.boot else things.image)
            self.files.command.write_text("\n".join(words) + "\n")
            with progress.step("machine"):
                begin = time.monotonic()
                pid = process.start(things.tree.prefix() + words, self.files)
                self._save(pid)
                if wait:
                    self._await_boot(begin, timeout)
                    self._save(pid)

    def is_up(self):
        """Whether the machine's QEMU runs."""
        return process.is_alive(self.files)

    def reset(self, timeout=None):
        """Press the reset button; return when root user space answers again."""
        self._require_up()
        with self._qmp() as qmp:
            qmp.execute("system_reset")
            qmp.wait_event("RESET")
            observer = watch.Watch(self.files, self.spec, qmp, resets=1, skip=True)
            self._await_agent(time.monotonic(), timeout, observer)

    def reboot(self, timeout=None):
        """Let the root partition restart the machine; return when its user space answers."""
        before = self.greeting().boot_id
        begin = time.monotonic()
        self.exec(["reboot"])
        observer = watch.Watch(self.files, self.spec, skip=True)
        while self._await_agent(begin, timeout, observer).boot_id == before:
            time.sleep(0.1)

    def down(self):
        """End the machine at once and forget it; nothing happens if there is none."""
        with self._locked():
            if self.is_up():
                pid = self._pid()
                with contextlib.suppress(LabError):
                    with self._qmp() as qmp:
                        qmp.execute("quit")
                    process.wait(self.files, pid, 10)
                process.kill(self.files, pid)
                process.wait(self.files, pid, 60)
            shutil.rmtree(self.files.directory, ignore_errors=True)
        with contextlib.suppress(OSError):
            self._lock_path().unlink()

    def wait_down(self, timeout=END_TIMEOUT):
        """Wait until the machine has ended by itself; returns QEMU's exit code."""
        code = process.wait(self.files, self._pid(), timeout)
        if code is None:
            raise self._failure(LabError, f"The machine {self.name} did not end within "
                                          f"{timeout:.0f} s")
        return code

    def greeting(self, timeout=PORT_TIMEOUT):
        """What the agent says about its boot: exec.Greeting."""
        self._require_up()
        observer = watch.Watch(self.files, self.spec, skip=self.boot_seconds is not None)
        return self._await_agent(time.monotonic(), timeout, observer)

    # --- use ----------------------------------------------------------------------------------

    def exec(self, command, check=True, timeout=EXEC_TIMEOUT, **options):
        """Run a command in the root partition; returns its exec.Result with all output.

        command: a list of words, or a text for bash. check: raise CommandFailed unless it ends
        with 0. timeout: seconds, then it is killed (CommandTimeout; with check=False the result
        says so). options: as stream().
        """
        out, err = [], []
        argv = ["/bin/bash", "-c", command] if isinstance(command, str) else list(command)
        result = self.stream(argv, out.append, err.append, timeout, **options)
        result.stdout, result.stderr = b"".join(out), b"".join(err)
        if check and result.code:
            raise self._command_failed(command, result, timeout)
        return result

    def stream(self, argv, stdout, stderr, timeout=EXEC_TIMEOUT, source=None, directory="/root",
               environment=None):
        """Run a command, its output going to two functions as it comes; returns exec.Result.

        source: bytes or a descriptor for its standard input. environment: {name: value} added.
        """
        self._require_up()
        observer = watch.Watch(self.files, self.spec, skip=True)
        try:
            with execution.Port(self.files, time.monotonic() + PORT_TIMEOUT) as port:
                port.hello(time.monotonic() + PORT_TIMEOUT, lambda: self._check(observer))
                return port.run(argv, timeout, directory, environment, source, stdout, stderr,
                                lambda: self._check(observer))
        except (ConnectionError, TimeoutError) as error:
            raise self._failure(LabError, f"Running {argv[0]} in {self.name}: {error}") from error

    def push(self, source, target):
        """Copy a file or a directory of the host into the machine."""
        transfer.push(self, os.fspath(source), os.fspath(target))

    def pull(self, source, target):
        """Copy a file or a directory of the machine to the host."""
        transfer.pull(self, os.fspath(source), os.fspath(target))

    def type(self, text):
        """Type text on the serial console."""
        self._require_up()
        terminal.send(self, text.encode(), PORT_TIMEOUT)

    def console_text(self):
        """Everything the machine wrote on its serial console."""
        return watch.clean(self._read(self.files.console))

    def log_text(self):
        """Everything the hypervisor wrote to the debug port."""
        return self._read(self.files.log).decode(errors="replace")

    def qmp(self, command, **arguments):
        """Run a QMP command; returns what QEMU returns."""
        with self._qmp() as qmp:
            return qmp.execute(command, **arguments)

    # --- within -------------------------------------------------------------------------------

    def _prepare(self, things):
        shutil.rmtree(self.files.directory, ignore_errors=True)
        self.files.directory.mkdir(mode=0o700)
        if len(os.fsencode(self.files.console_socket)) > 100:
            raise LabError(f"{self.files.directory} is too long a path for sockets",
                           hint="Set BULKHEAD_STATE to a directory with a short name.")
        if self.spec.firmware == "uefi":
            shutil.copyfile(things.tree.root / qemu.UEFI_VARIABLES, self.files.uefi_variables)
        for disk in [*self.spec.disks, *([self.spec.boot] if self.spec.boot else [])]:
            disk.file = os.path.abspath(disk.file)
        if self.spec.boot:
            return
        self.files.kernel.symlink_to(os.path.abspath(self.spec.kernel or things.kernel.image))
        if not self.spec.bare:
            self.files.hypervisor.symlink_to(os.path.abspath(self.spec.hypervisor))
        if self.spec.initrd and self.spec.initrd != "none":
            self.files.initrd.symlink_to(os.path.abspath(self.spec.initrd))
        elif not self.spec.initrd:
            initrd.write(self.files.initrd, things.programs, things.kernel,
                         paths.root_overlays(self.spec.overlays))

    def _await_boot(self, begin, timeout):
        limit = timeout or (BOOT_TIMEOUT_ICOUNT if self.spec.icount else BOOT_TIMEOUT)
        try:
            while not self.files.port(qemu.PORTS - 1).exists():  # the last of its sockets
                if not self.is_up() or time.monotonic() > begin + limit:
                    raise self._failure(BootFailure, f"The machine {self.name} did not start")
                time.sleep(0.02)
            with self._qmp() as qmp:
                self._await_agent(begin, limit, watch.Watch(self.files, self.spec, qmp))
        except BaseException:
            process.kill(self.files, self._pid())
            process.wait(self.files, self._pid(), 60)
            raise
        self.boot_seconds = time.monotonic() - begin

    def _await_agent(self, begin, timeout, observer):
        limit = timeout or (BOOT_TIMEOUT_ICOUNT if self.spec.icount else BOOT_TIMEOUT)
        try:
            with execution.Port(self.files, begin + limit) as port:
                return port.hello(begin + limit, lambda: self._check(observer))
        except ConnectionError:
            self._check(observer)
            raise self._failure(BootFailure, f"{self.name} did not come up: QEMU ended") from None
        except TimeoutError:
            raise self._failure(BootFailure, f"{self.name} did not come up: its root user space "
                                             f"did not answer within {limit:.0f} s") from None

    def _check(self, observer):
        why = observer.verdict()
        if why:
            raise self._failure(BootFailure, f"The machine {self.name} is lost: {why}")

    def _require_up(self):
        if not self.is_up():
            if self.files.state.exists():
                raise self._failure(LabError, f"The machine {self.name} has ended")
            raise LabError(f"There is no machine called {self.name}",
                           hint=f"Start it:  lab/lab up --name {self.name}")

    def _failure(self, kind, message):
        return kind(message, tail=watch.tail(self.files, self.spec.bare),
                    tail_title="last on the console",
                    hint=f"More: {self.files.directory}")

    def _command_failed(self, command, result, timeout):
        shown = command if isinstance(command, str) else " ".join(map(str, command))
        text = (result.stdout[-2000:] + result.stderr[-2000:]).decode(errors="replace")
        if result.timed_out:
            return CommandTimeout(f"`{shown}` in {self.name} was killed after {timeout} s", result,
                                  tail=text, tail_title="what it printed last")
        why = result.failure or f"ended with {result.code}"
        return CommandFailed(f"`{shown}` in {self.name} {why}", result, tail=text,
                             tail_title="what it printed last")

    def _save(self, pid):
        state = {"spec": dataclasses.asdict(self.spec), "pid": pid, "started": time.time(),
                 "boot_seconds": self.boot_seconds}
        new = self.files.state.with_suffix(".new")
        new.write_text(json.dumps(state, indent=1))
        new.rename(self.files.state)

    def _pid(self):
        try:
            return json.loads(self.files.state.read_text())["pid"]
        except (OSError, ValueError):
            raise LabError(f"There is no machine called {self.name}") from None

    def _read(self, path):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return b""

    def _qmp(self):
        return Qmp(self.files.qmp, self.files.lock("qmp"))

    def _lock_path(self):
        return self.files.directory.with_name(f".{self.name}.lock")

    @contextlib.contextmanager
    def _locked(self):
        with open(self._lock_path(), "w", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LabError(f"Somebody else is just starting or ending the machine {self.name}",
                               hint="Wait for them, or choose another name with --name.") from None
            yield


def running():
    """All machines of this user that somebody started, also those that ended by themselves."""
    found = []
    for state in sorted(paths.state_directory().glob("*/state.json")):
        with contextlib.suppress(LabError):
            found.append(Machine.attach(state.parent.name))
    return found
