# SPDX-License-Identifier: Apache-2.0
"""What each verb of the command line does: parsed options in, exit code out."""
import contextlib
import json
import os
import sys
import time
from pathlib import Path

from . import artefacts, cache, console as terminal, demo, host, iso as medium
from . import kernel as kernels, machine, paths, tree
from .errors import LabError, UsageError
from .exec import EXIT_TIMEOUT
from .progress import SILENT, Progress

_SPEC_OPTIONS = ("cpus", "memory", "bare", "peer", "icount", "cpu", "accel", "iommu", "hypervisor",
                 "kernel", "initrd", "append", "hv_option", "qemu", "boot", "firmware")


def _new_machine(options):
    fields = {name: getattr(options, name) for name in _SPEC_OPTIONS}
    nics = ["virtio"] if options.nic is None else [nic for nic in options.nic if nic != "none"]
    return machine.Machine(options.name, disks=options.disk, nics=nics, overlays=options.overlay,
                           **fields)


def _steps(options):
    """What progress counts until a machine runs."""
    return (artefacts.PEER_STEPS if options.peer else artefacts.STEPS) + 1


def up(options):
    """lab up"""
    new = _new_machine(options)
    progress = SILENT if artefacts.ready(options.peer) else Progress(_steps(options))
    new.up(progress, options.timeout, wait=options.wait == "agent")
    if options.wait == "exit":
        return new.wait_down(options.timeout or machine.BOOT_TIMEOUT)
    if options.wait == "agent":
        print(f"{new.name}: root user space answered {new.boot_seconds:.1f} s after power-on",
              file=sys.stderr)
    return 0


def run(options):
    """lab run"""
    new = _new_machine(options)
    guest = demo.choose(options.guest, options.bare)
    progress = Progress(_steps(options))
    new.up(progress)
    try:
        progress.say(f"Root user space answered {new.boot_seconds:.1f} s after power-on, "
                     f"{progress.elapsed():.1f} s after the command.")
        if guest:
            demo.show(new, guest)
        ended = terminal.attach(new)
        if ended:
            new.wait_down(60)
    finally:
        new.down()
    progress.say("The machine ended." if ended else "The machine was ended.")
    return 0


def execute(options):
    """lab exec"""
    there = machine.Machine.attach(options.name)
    environment = {}
    for setting in options.env:
        name, equals, value = setting.partition("=")
        if not equals:
            raise UsageError(f"--env {setting}: expected NAME=VALUE")
        environment[name] = value
    result = there.stream(options.command, _writer(sys.stdout), _writer(sys.stderr),
                          options.timeout, source=None if options.no_stdin else _stdin(),
                          directory=options.directory, environment=environment)
    if result.failure:
        print(f"lab: {result.failure}", file=sys.stderr)
    if result.timed_out:
        print(f"lab: `{' '.join(options.command)}` was killed after {options.timeout:g} s",
              file=sys.stderr)
        return EXIT_TIMEOUT
    return result.code


def _writer(stream):
    def write(data):
        stream.buffer.write(data)
        stream.buffer.flush()
    return write


def _stdin():
    """The descriptor of standard input; None where there is none."""
    with contextlib.suppress(OSError, ValueError):
        os.fstat(sys.stdin.fileno())
        return sys.stdin.fileno()
    return None


def push(options):
    """lab push"""
    machine.Machine.attach(options.name).push(options.source, options.target)


def pull(options):
    """lab pull"""
    machine.Machine.attach(options.name).pull(options.source, options.target)


def console(options):
    """lab console"""
    there = machine.Machine.attach(options.name)
    if not there.is_up():
        raise LabError(f"The machine {options.name} has ended",
                       hint=f"What it printed:  lab/lab log --console --name {options.name}")
    terminal.attach(there)


def log(options):
    """lab log"""
    there = machine.Machine.attach(options.name)
    path = there.files.console if options.console else there.files.log
    if there.spec.bare and not options.console:
        raise LabError(f"The machine {options.name} runs without the hypervisor",
                       hint="Its console:  lab/lab log --console")
    with open(path, "rb") as file:
        while True:
            alive = there.is_up()
            data = file.read()
            if data:
                _writer(sys.stdout)(data)
            elif not options.follow or not alive:
                return 0
            else:
                time.sleep(0.1)  # a growing file has no event without inotify


def reset(options):
    """lab reset"""
    machine.Machine.attach(options.name).reset(options.timeout)


def list_machines(options):
    """lab list"""
    rows = []
    for there in machine.running():
        state = json.loads(there.files.state.read_text())
        rows.append({"name": there.name, "state": "running" if there.is_up() else "ended",
                     "hypervisor": not there.spec.bare, "peer": there.spec.peer,
                     "cpus": there.spec.cpus,
                     "memory_mib": there.spec.memory_mib(), "accel": there.spec.accel,
                     "pid": state["pid"], "boot_seconds": there.boot_seconds,
                     "started": state["started"], "directory": str(there.files.directory)})
    if options.output == "json":
        print(json.dumps(rows, indent=1))
        return
    if not rows:
        print("no machines", file=sys.stderr)
        return
    print(f"{'NAME':20} {'STATE':8} {'CPUS':>4} {'MEMORY':>8} {'UNDER':10} STARTED")
    for row in rows:
        started = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row["started"]))
        under = "bulkhead" if row["hypervisor"] else row["peer"] or "bare"
        print(f"{row['name']:20} {row['state']:8} {row['cpus']:4} {row['memory_mib']:4} MiB "
              f"{under:10} {started}")


def down(options):
    """lab down"""
    if options.all:
        failures = []
        for there in machine.running():
            try:
                there.down()
            except LabError as error:
                failures.append(str(error))
        if failures:
            raise LabError("\n".join(failures))
        return
    machine.Machine.attach(options.name).down()


def wait_up(options):
    """lab wait-up"""
    machine.Machine.attach(options.name).greeting(options.timeout)


def wait_down(options):
    """lab wait-down"""
    return machine.Machine.attach(options.name).wait_down(options.timeout)


def iso(options):
    """lab iso"""
    hypervisor = Path(options.hypervisor or paths.hypervisor_image())
    if not hypervisor.is_file():
        raise LabError(f"The hypervisor is not built: {hypervisor} is missing", hint="Run `make`.")
    progress = SILENT if artefacts.ready() else Progress(artefacts.STEPS + 1)
    things = artefacts.get(progress)
    target = Path(options.target).absolute()
    with progress.step("boot medium"):
        medium.write(target, things, hypervisor, paths.root_overlays(options.overlay))
    print(f"{options.target}: {target.stat().st_size >> 20} MiB", file=sys.stderr)


def cache_list(options):
    """lab cache list"""
    current = {str(path) for _, path in artefacts.listing() if path}
    rows = [{"entry": path.name, "bytes": cache.size_of(path), "current": str(path) in current,
             "path": str(path)} for path in cache.entries()]
    if options.output == "json":
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        note = "" if row["current"] else "   not named by the current sources"
        print(f"{row['entry']:32} {row['bytes'] / 1e6:8.1f} MB{note}")
    print(f"{'total':32} {sum(row['bytes'] for row in rows) / 1e6:8.1f} MB")


def cache_build(_):
    """lab cache build"""
    artefacts.get(Progress(artefacts.STEPS))


def cache_prune(_):
    """lab cache prune"""
    if any(there.is_up() for there in machine.running()):
        raise LabError("Machines of yours are running from the cache",
                       hint="End them first:  lab/lab down --all")
    current = {path for _, path in artefacts.listing() if path}
    for path in [entry for entry in cache.entries() if entry not in current] + cache.leftovers():
        print(f"removing {path.name}")
        cache.remove(path)


def tree_run(options):
    """lab tree run"""
    words = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not words:
        raise UsageError("lab tree run: which command?", hint="lab/lab tree run -- gcc --version")
    host.require("bwrap")
    prefix = tree.get().prefix()
    os.execvp(prefix[0], prefix + words)


def tree_path(_):
    """lab tree path"""
    print(tree.get().root)


def tree_headers(_):
    """lab tree headers"""
    print(kernels.get(tree.get()).headers)


def tree_meson_file(_):
    """lab tree meson-file"""
    progress = SILENT if artefacts.ready() else Progress(2)
    with progress.step("Debian tree with QEMU and compilers") as status:
        the_tree = tree.get(status)
    with progress.step("root partition's kernel") as status:
        headers = kernels.get(the_tree, status=status).headers
    sys.stdout.write(tree.meson_file(the_tree, headers))


def tree_refresh(_):
    """lab tree refresh"""
    if any(there.is_up() for there in machine.running()):
        raise LabError("Machines of yours are running from the tree",
                       hint="End them first:  lab/lab down --all")
    with Progress(1).step("Debian tree with QEMU and compilers") as status:
        versions = tree.refresh(status).versions
    for name in sorted(versions):
        if name.startswith(("linux-source-", "qemu-system-x86", "gcc-1")):
            print(f"{name} {versions[name]}")
