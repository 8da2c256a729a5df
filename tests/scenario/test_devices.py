# SPDX-License-Identifier: Apache-2.0
"""The machine's devices are the root's own: disks and NICs under load, every kind of interrupt."""
import hashlib
import http.server
import os
import re
import threading

import pytest

LOAD_SECONDS = 300
DISKS = {"virtio": "/dev/vdb", "nvme": "/dev/nvme0n1", "ahci": "/dev/sda"}
NICS = {"virtio": ("eth0", "10.0.2.2"), "e1000e": ("eth1", "10.0.3.2")}
BLOB = os.urandom(1 << 20) * 16


@pytest.fixture(scope="module", params=["msi", "intx"])
def machine(request):
    """The root partition, with message-signalled and with IO-APIC interrupts."""
    return request.getfixturevalue("root" if request.param == "msi" else "intx")


def interrupts_of(machine, path):
    """{number: (count, description)} of the interrupts of the PCI device above a sysfs path."""
    numbers = machine.exec(
        f"d=$(realpath {path}); while [ ! -e $d/irq ]; do d=$(dirname $d); done; "
        "ls $d/msi_irqs 2>/dev/null || cat $d/irq").text.split()
    found = {}
    for line in machine.exec("cat /proc/interrupts").text.splitlines():
        match = re.match(r"\s*(\d+):\s+(\d+)\s+(.*)", line)
        if match and match[1] in numbers:
            found[match[1]] = int(match[2]), match[3]
    return found


class Interrupts:
    """Sees that a device interrupts, and how, while the body runs."""

    def __init__(self, machine, path, at_least):
        self._machine = machine
        self._path = path
        self._at_least = at_least

    def __enter__(self):
        self._before = interrupts_of(self._machine, self._path)

    def __exit__(self, kind, *_):
        if kind:
            return
        after = interrupts_of(self._machine, self._path)
        grown = sum(count for count, _ in after.values()) - \
            sum(count for count, _ in self._before.values())
        assert grown >= self._at_least, after
        wanted = "IO-APIC" if "pci=nomsi" in self._machine.spec.append else "PCI-MSI"
        assert all(wanted in what for _, what in after.values()), after


@pytest.mark.parametrize("bus", DISKS)
def test_disk_keeps_what_is_written_under_load(machine, bus):
    """Random writes with many requests in flight, read back and compared block by block."""
    device = DISKS[bus]
    with Interrupts(machine, f"/sys/class/block/{device[5:]}", 100):
        machine.exec(["fio", "--name=verify", f"--filename={device}", "--direct=1",
                      "--ioengine=io_uring", "--rw=randwrite", "--bsrange=4k-64k", "--size=48m",
                      "--iodepth=16", "--verify=crc32c", "--do_verify=1", "--verify_fatal=1",
                      "--verify_state_save=0", "--randseed=7", "--minimal"], timeout=LOAD_SECONDS)


@pytest.mark.parametrize("bus", DISKS)
def test_disk_gives_the_host_the_same_bytes(machine, bus):
    """What the root writes arrives in the file on the host, byte for byte."""
    device = DISKS[bus]
    size = 4 << 20
    written = machine.exec(
        f"head -c {size} /dev/urandom >/tmp/blob && "
        f"dd if=/tmp/blob of={device} bs=64k seek=128 oflag=direct conv=fsync status=none && "
        "sha256sum </tmp/blob; rm /tmp/blob").text.split()[0]
    index = list(DISKS).index(bus)
    with open(machine.spec.disks[index].file, "rb") as file:
        file.seek(128 * 65536)
        assert hashlib.sha256(file.read(size)).hexdigest() == written


def test_all_disks_at_once(machine):
    jobs = [word for bus, device in DISKS.items()
            for word in (f"--name={bus}", f"--filename={device}")]
    machine.exec(["fio", "--direct=1", "--ioengine=io_uring", "--rw=randrw", "--bs=4k",
                  "--size=16m", "--offset=128m", "--iodepth=8", "--verify=crc32c",
                  "--verify_fatal=1", "--verify_state_save=0", "--minimal", *jobs],
                 timeout=LOAD_SECONDS)


class _Blob(http.server.BaseHTTPRequestHandler):
    """Serves the blob, and answers an upload with its checksum."""
    protocol_version = "HTTP/1.0"

    def do_GET(self):
        self._answer(BLOB)

    def do_POST(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(hashlib.sha256(data).hexdigest().encode())

    def _answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    """The port of a web server on the host, which machines reach at their gateway."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Blob) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield httpd.server_address[1]
        httpd.shutdown()


def fetch(port, nic):
    return f"wget -q -O - http://{NICS[nic][1]}:{port}/ | sha256sum"


@pytest.mark.parametrize("nic", NICS)
def test_nic_receives_what_the_host_sends(machine, server, nic):
    with Interrupts(machine, f"/sys/class/net/{NICS[nic][0]}/device", 100):
        got = machine.exec(fetch(server, nic), timeout=LOAD_SECONDS).text.split()[0]
    assert got == hashlib.sha256(BLOB).hexdigest()


@pytest.mark.parametrize("nic", NICS)
def test_nic_sends_what_the_host_receives(machine, server, nic):
    gateway = NICS[nic][1]
    with Interrupts(machine, f"/sys/class/net/{NICS[nic][0]}/device", 100):
        wanted, got = machine.exec(
            "head -c 8388608 /dev/urandom >/tmp/blob; sha256sum </tmp/blob | cut -d' ' -f1; "
            "{ printf 'POST / HTTP/1.0\\r\\nContent-Length: 8388608\\r\\n\\r\\n'; cat /tmp/blob; } | "
            f"nc {gateway} {server} | tail -n 1; rm /tmp/blob", timeout=LOAD_SECONDS).text.split()
    assert got == wanted


def test_disks_and_nics_at_the_same_time(machine, server):
    jobs = " ".join(f"--name={bus} --filename={device}" for bus, device in DISKS.items())
    out = machine.exec(
        f"({fetch(server, 'virtio')}) & ({fetch(server, 'e1000e')}) & "
        "fio --direct=1 --ioengine=io_uring --rw=randwrite --bs=16k --size=16m --offset=192m "
        "--iodepth=8 --verify=crc32c --verify_fatal=1 --verify_state_save=0 --minimal "
        f"{jobs} >/dev/null || echo fio failed; wait", timeout=LOAD_SECONDS).text
    assert out.split() == [hashlib.sha256(BLOB).hexdigest(), "-"] * 2


def test_load_leaves_no_complaints(machine):
    """Runs last in this file: no lost interrupts, time-outs or warnings."""
    text = machine.exec("dmesg --level=emerg,alert,crit,err,warn --notime").text
    bad = [line for line in text.splitlines() if re.search(
        r"time-?out|timed out|nobody cared|hung|stall|WARNING:|watchdog|[Rr]eset|lost|Emask",
        line)]
    assert bad == []
