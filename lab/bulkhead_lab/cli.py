# SPDX-License-Identifier: Apache-2.0
"""The command line: options into calls, errors into messages and exit codes."""
import argparse
import os
import signal
import sys

from . import guests, verbs
from .errors import LabError, UsageError
from .spec import ACCELERATORS, DEFAULT_CPU, FIRMWARES, IOMMUS, NICS, PEERS

EXIT_FAILURE = 125  # the lab's own failures, apart from every exit code of a command but its 125
EXIT_USAGE = 2


def entry():
    """The program: like main(), and ends in order (with a machine just begun) when told to."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda which, _: sys.exit(128 + which))
    return main(sys.argv[1:])


def main(arguments):
    """Run one command line; returns its exit code."""
    try:
        options = _parser().parse_args(arguments)
        return options.run(options) or 0
    except UsageError as error:
        print(f"lab: {error}", file=sys.stderr)
        return EXIT_USAGE
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return EXIT_FAILURE
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE


def _parser():
    parser = argparse.ArgumentParser(
        prog="lab", description="Run Bulkhead, or the plain root partition, on an emulated "
        "machine.", epilog="Exit codes: 0 fine, 2 usage, 124 time-out, 125 the lab failed; `exec` "
        "passes the command's own on. docs/lab.md tells more.")
    verb = parser.add_subparsers(metavar="VERB", required=True)

    up = _add(verb, "up", verbs.up, "start a machine; return when its root user space answers")
    _name(up)
    _machine_options(up)
    up.add_argument("--timeout", type=float, metavar="S", help="seconds for the boot (default 300, "
                    "with --icount 900)")
    up.add_argument("--wait", choices=("agent", "exit", "none"), default="agent",
                    help="return when the agent answers (default), when QEMU has ended (with its "
                         "exit code), or at once")

    run = _add(verb, "run", verbs.run, "start a machine and its console; end it when you leave")
    _name(run)
    run.add_argument("--guest", metavar="NAME", choices=[*guests.SUITES, "none"],
                     help=f"show this guest ({', '.join(guests.SUITES)} or none) before the root "
                          "shell (default: 6.12 on a terminal, none elsewhere)")
    _machine_options(run)

    execute = _add(verb, "exec", verbs.execute, "run a command in the root partition")
    _name(execute)
    execute.add_argument("--timeout", type=float, default=3600, metavar="S",
                         help="kill the command after S seconds, exit with 124 (default 3600)")
    execute.add_argument("-n", "--no-stdin", action="store_true",
                         help="give the command no standard input")
    execute.add_argument("--directory", default="/root", help="where to run it (default /root)")
    execute.add_argument("--env", action="append", default=[], metavar="NAME=VALUE",
                         help="add to its environment (repeatable)")
    execute.add_argument("command", nargs="+", metavar="COMMAND", help="after --: the command")

    for what, function, direction in (("push", verbs.push, "to a machine"),
                                      ("pull", verbs.pull, "from a machine")):
        copy = _add(verb, what, function, f"copy a file or a directory {direction}")
        _name(copy)
        copy.add_argument("source", metavar="SRC")
        copy.add_argument("target", metavar="DST")

    _name(_add(verb, "console", verbs.console, "join the serial console; Ctrl-] leaves it"))

    log = _add(verb, "log", verbs.log, "print the hypervisor's log")
    _name(log)
    log.add_argument("-f", "--follow", action="store_true", help="go on until the machine ends")
    log.add_argument("--console", action="store_true",
                     help="what the serial console printed instead")

    reset = _add(verb, "reset", verbs.reset, "press the reset button; wait for user space")
    _name(reset)
    reset.add_argument("--timeout", type=float, metavar="S", help="seconds for the boot")

    listing = _add(verb, "list", verbs.list_machines, "show your machines")
    _output(listing)

    down = _add(verb, "down", verbs.down, "end a machine at once and forget it")
    _name(down)
    down.add_argument("--all", action="store_true", help="all your machines")

    for what, function, meaning in (
            ("wait-up", verbs.wait_up, "wait until a machine's root user space answers"),
            ("wait-down", verbs.wait_down, "wait until a machine has ended by itself; exit with "
                                           "QEMU's exit code")):
        wait = _add(verb, what, function, meaning)
        _name(wait)
        wait.add_argument("--timeout", type=float, default=300, metavar="S",
                          help="seconds to wait (default 300)")

    iso = _add(verb, "iso", verbs.iso, "write a boot medium with Bulkhead, the root kernel and "
               "its user space")
    iso.add_argument("--hypervisor", default="", metavar="FILE",
                     help="instead of the build's image")
    iso.add_argument("--overlay", action="append", default=[], metavar="DIR", help="lay the files "
                     "under DIR over the root file system (repeatable)")
    iso.add_argument("target", metavar="FILE")

    _cache_verbs(verb)
    _tree_verbs(verb)
    return parser


def _cache_verbs(verb):
    cache = _add(verb, "cache", None, "what was built once: show, build, prune")
    sub = cache.add_subparsers(metavar="ACTION", required=True)
    _output(_add(sub, "list", verbs.cache_list, "show the entries and their sizes"))
    _add(sub, "build", verbs.cache_build, "build what is missing")
    _add(sub, "prune", verbs.cache_prune, "delete what the current sources do not name")


def _tree_verbs(verb):
    tree = _add(verb, "tree", None, "the private Debian tree: run programs in it")
    sub = tree.add_subparsers(metavar="ACTION", required=True)
    run = _add(sub, "run", verbs.tree_run, "run a command with the tree's /usr")
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    _add(sub, "path", verbs.tree_path, "print where the tree is")
    _add(sub, "headers", verbs.tree_headers, "print where the root kernel's exported headers are")
    _add(sub, "meson-file", verbs.tree_meson_file,
         "print a Meson cross file for programs of the root partition")
    _add(sub, "refresh", verbs.tree_refresh, "make it again from what the mirror offers today")


def _add(verb, name, function, meaning):
    parser = verb.add_parser(name, help=meaning, description=meaning[0].upper() + meaning[1:] + ".")
    if function:
        parser.set_defaults(run=function)
    return parser


def _name(parser):
    parser.add_argument("--name", default="default", help="the machine (default: default)")


def _output(parser):
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text",
                        help="how to print (default text)")


def _machine_options(parser):
    add = parser.add_argument
    add("--cpus", type=int, default=1, metavar="N", help="processors (default 1)")
    add("--memory", default="2G", metavar="SIZE", help="RAM (default 2G)")
    add("--bare", action="store_true", help="without the hypervisor: the same kernel and user "
        "space on the machine itself")
    add("--peer", choices=PEERS, default="", help="instead of Bulkhead and its root: Debian's kernel "
        "with KVM, and QEMU, to compare with")
    add("--icount", action="store_true", help="count instructions: slow, but figures repeat")
    add("--cpu", default=DEFAULT_CPU, metavar="MODEL", help=f"QEMU's -cpu (default {DEFAULT_CPU})")
    add("--accel", choices=ACCELERATORS, default="tcg", help="how QEMU runs it (default tcg; kvm "
        "only where the host nests virtualization)")
    add("--boot", default="", metavar="FILE[,bus=cd|virtio|nvme|ahci|usb]", help="boot from a medium "
        "(`make iso`) by its own boot loader; default bus cd")
    add("--firmware", choices=FIRMWARES, default="bios", help="the machine's firmware (default "
        "bios: SeaBIOS; uefi: OVMF)")
    add("--disk", action="append", default=[], metavar="FILE[,bus=virtio|nvme|ahci|cd|usb]",
        help="attach a disk image (repeatable; also format=, readonly=on, snapshot=on)")
    add("--nic", action="append", choices=(*NICS, "none"), help="attach a NIC on QEMU's user "
        "network (repeatable; default: one virtio)")
    add("--iommu", choices=IOMMUS, default="none", help="give the machine an IOMMU")
    add("--hypervisor", default="", metavar="FILE", help="instead of the build's image")
    add("--kernel", default="", metavar="FILE", help="instead of the root kernel")
    add("--initrd", default="", metavar="FILE|none", help="instead of our initial RAM disk")
    add("--overlay", action="append", default=[], metavar="DIR", help="lay the files under DIR "
        "over the root file system (repeatable)")
    add("--append", action="append", default=[], metavar="TEXT",
        help="add to the root kernel's command line (repeatable)")
    add("--hv-option", action="append", default=[], metavar="TEXT",
        help="add to the hypervisor's command line (repeatable)")
    add("--qemu", action="append", default=[], metavar="ARG", help="add to QEMU's command line "
        "(repeatable; write --qemu=-option; what begins with a dash is split at blanks)")
