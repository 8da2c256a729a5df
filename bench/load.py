# SPDX-License-Identifier: Apache-2.0
"""Disk and network load in the root partition: wall clock, both machines up, runs alternating."""
import contextlib
import json
import socket
import tempfile
import threading
import time
from pathlib import Path

import rows
from bulkhead_lab import Machine

DISK_SIZE = 64 << 20
DISKS = {"virtio": "/dev/vdb", "nvme": "/dev/nvme0n1"}
DEPTHS = (1, 4)
DISK_SECONDS = 2
NET_BYTES = 16 << 20
HOST = "10.0.2.2"  # as the user network calls it
LIMIT = 120


def measure(runs, say):
    """Load each device `runs` times with and without Bulkhead; one more round warms up."""
    disks = {(bus, depth): rows.Samples(f"disk-{bus}-randread-qd{depth}", "iops")
             for bus in DISKS for depth in DEPTHS}
    nets = {way: rows.Samples(f"net-virtio-{way}", "mbit") for way in ("send", "receive")}
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        machines = {side: stack.enter_context(_machine(directory, side))
                    for side in ("bulkhead", "bare")}
        for i in range(runs + 1):
            for side in list(machines)[::-1 if i % 2 else 1]:
                for (bus, depth), samples in disks.items():
                    figure = _iops(machines[side], DISKS[bus], depth)
                    if i:
                        samples.add(side, figure)
                for way, samples in nets.items():
                    figure = _mbit(machines[side], way)
                    if i:
                        samples.add(side, figure)
                if i:
                    say(f"load {i}/{runs} {side}: " + ", ".join(
                        f"{samples.probe} {samples.last(side):,.0f}"
                        for samples in [*disks.values(), *nets.values()]))
    return [samples.row() for samples in [*disks.values(), *nets.values()]]


def _machine(directory, side):
    disks = []
    for bus in DISKS:
        image = directory / f"{side}-{bus}.img"
        image.write_bytes(bytes(DISK_SIZE))
        disks.append(f"{image},bus={bus}")
    return Machine(bare=side == "bare", disks=disks)


def _iops(machine, device, depth):
    """Reads of 4 KiB anywhere on a disk, a second, with `depth` of them under way."""
    text = machine.exec(["fio", "--name=read", f"--filename={device}", "--direct=1",
                         "--ioengine=io_uring", "--rw=randread", "--bs=4k",
                         f"--size={DISK_SIZE}", f"--iodepth={depth}", "--time_based",
                         f"--runtime={DISK_SECONDS}", "--output-format=json"], timeout=LIMIT).text
    return json.loads(text)["jobs"][0]["read"]["iops"]


def _mbit(machine, way):
    """What a TCP connection between root and host carries, in millions of bits a second."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LIMIT)
        there = f"/dev/tcp/{HOST}/{server.getsockname()[1]}"
        command = (f"dd if=/dev/zero bs=64k count={NET_BYTES >> 16} > {there}" if way == "send"
                   else f"cat < {there} | wc -c")
        seconds = []
        peer = threading.Thread(target=_receive if way == "send" else _send, args=(server, seconds))
        peer.start()
        try:
            machine.exec(command, timeout=LIMIT)
        finally:
            peer.join()
    return NET_BYTES * 8 / 1e6 / seconds[0]


def _receive(server, seconds):
    """Take all that the first caller sends."""
    connection, _ = server.accept()
    with connection:
        connection.settimeout(LIMIT)
        begin = time.monotonic()
        while connection.recv(1 << 16):
            pass
        seconds.append(time.monotonic() - begin)


def _send(server, seconds):
    """Send the first caller NET_BYTES; the time ends when it has them all and hangs up."""
    connection, _ = server.accept()
    with connection:
        connection.settimeout(LIMIT)
        begin = time.monotonic()
        connection.sendall(bytes(NET_BYTES))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 16):
            pass
        seconds.append(time.monotonic() - begin)
