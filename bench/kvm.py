# SPDX-License-Identifier: Apache-2.0
"""What the same operations cost a guest of KVM: guest/bench under QEMU in the lab's peer machine."""
import costs
import partition
import rows
from bulkhead_lab import Machine, paths

IMAGE = "/tmp/bench.img"
# What KVM has of the interface, as far as a probe uses it.
ENLIGHTENMENTS = ("relaxed", "vpindex", "runtime", "time", "synic", "stimer", "stimer-direct",
                  "vapic", "frequencies")
COMMAND = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-machine", "q35",
           "-accel", "kvm", "-cpu", ",".join(["host", *(f"hv-{name}" for name in ENLIGHTENMENTS)]),
           "-m", "256M", "-no-reboot", "-kernel", IMAGE, "-append", "tests=", "-serial", "stdio",
           "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4"]
LIMIT = 300


def measure(runs, say):
    """The rows of the probes that KVM's guest can do: medians of a few boots, for they vary."""
    samples = {}
    say("kvm: starting the peer, which is built on first use")
    with Machine(peer="kvm", icount=True) as machine:
        machine.push(paths.build_directory() / "guest" / f"{costs.IMAGE}.img", IMAGE)
        for i in range(1, runs + 1):
            done = machine.exec(COMMAND, check=False, timeout=LIMIT)
            report = partition.Report(done.text, done.stderr.decode(errors="replace"), done.code, None, LIMIT)
            for row in costs.table_rows("kvm", costs.figures(report)):
                key = (row["probe"], row["unit"])
                samples.setdefault(key, rows.Samples(*key)).add("kvm", row["kvm"])
            say(f"kvm {i}/{runs}: " + ", ".join(
                f"{one.probe} {one.last('kvm'):,}" for one in samples.values()))
    return [one.row() for one in samples.values()]
