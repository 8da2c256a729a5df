# SPDX-License-Identifier: Apache-2.0
"""What somebody wants of a machine, and how texts become that."""
import dataclasses
import os
import re

from .errors import UsageError

DEFAULT_CPU = "EPYC-v4,+svm,+npt,+x2apic"
BUSES = ("virtio", "nvme", "ahci", "cd", "usb")
FIRMWARES = ("bios", "uefi")
NICS = ("virtio", "e1000e")
IOMMUS = ("none", "amd", "intel")
ACCELERATORS = ("tcg", "kvm")
PEERS = ("kvm",)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
MIB = 1 << 20


@dataclasses.dataclass
class Disk:
    """A disk image on the host. bus: one of BUSES; snapshot: writes are dropped at the end."""
    file: str
    bus: str = "virtio"
    format: str = ""  # raw or qcow2; empty: by the file's first bytes
    readonly: bool = False
    snapshot: bool = False

    @classmethod
    def parse(cls, text, bus="virtio"):
        """FILE[,bus=virtio|nvme|ahci|cd|usb][,format=raw|qcow2][,readonly=on][,snapshot=on]"""
        file, *options = text.split(",")
        disk = cls(file, bus)
        for option in options:
            name, _, value = option.partition("=")
            if name in ("bus", "format"):
                setattr(disk, name, value)
            elif name in ("readonly", "snapshot") and value in ("on", "off"):
                setattr(disk, name, value == "on")
            else:
                raise UsageError(f"--disk {text}: `{option}` is not understood",
                                 hint="Write FILE[,bus=virtio|nvme|ahci|cd|usb][,format=raw|qcow2]"
                                      "[,readonly=on][,snapshot=on].")
        return disk

    def check(self):
        if self.bus not in BUSES:
            raise UsageError(f"Disk {self.file}: no bus is called {self.bus!r}",
                             hint=f"Choose one of {', '.join(BUSES)}.")
        if not os.path.isfile(self.file) and not os.path.exists(self.file):
            raise UsageError(f"Disk {self.file} does not exist",
                             hint=f"Create it:  truncate -s 1G {self.file}")
        if not self.format:
            with open(self.file, "rb") as file:
                self.format = "qcow2" if file.read(4) == b"QFI\xfb" else "raw"


@dataclasses.dataclass
class MachineSpec:
    """A machine to be. Every field has the meaning and the default of the option of `lab up`."""
    name: str = "default"
    cpus: int = 1
    memory: str = "2G"
    bare: bool = False
    peer: str = ""        # empty: none; else one of PEERS in the place of hypervisor and root
    icount: bool = False
    cpu: str = DEFAULT_CPU
    accel: str = "tcg"
    disks: list = dataclasses.field(default_factory=list)  # Disk or text of one
    nics: list = dataclasses.field(default_factory=lambda: ["virtio"])
    iommu: str = "none"
    firmware: str = "bios"
    boot: str = ""        # a boot medium, Disk or text of one; empty: QEMU loads the kernel itself
    hypervisor: str = ""  # empty: the build's image
    kernel: str = ""      # empty: the root kernel of the cache
    initrd: str = ""      # empty: ours; "none": no initial RAM disk
    append: list = dataclasses.field(default_factory=list)
    hv_option: list = dataclasses.field(default_factory=list)
    overlays: list = dataclasses.field(default_factory=list)
    qemu: list = dataclasses.field(default_factory=list)

    def check(self):
        """Refuse what makes no sense; fill in what follows from the rest. Returns self."""
        if not NAME.fullmatch(self.name):
            raise UsageError(f"{self.name!r} cannot be the name of a machine",
                             hint="Use up to 32 letters, digits, dots, dashes and underscores.")
        if not 1 <= self.cpus <= 255:
            raise UsageError(f"A machine cannot have {self.cpus} processors (1 to 255)")
        if self.memory_mib() < 64:
            raise UsageError(f"{self.memory} of memory is too little (64M at least)")
        _choice("accelerator", self.accel, ACCELERATORS)
        _choice("IOMMU", self.iommu, IOMMUS)
        _choice("firmware", self.firmware, FIRMWARES)
        for nic in self.nics:
            _choice("NIC", nic, NICS)
        if self.peer:
            _choice("peer", self.peer, PEERS)
            self.bare = True
        if self.icount and (self.cpus != 1 or self.accel != "tcg"):
            raise UsageError("Counting instructions needs one processor and --accel tcg")
        if self.accel == "kvm" and self.cpu == DEFAULT_CPU:
            self.cpu = "host"
        self.disks = [Disk.parse(disk) if isinstance(disk, str) else disk for disk in self.disks]
        for disk in self.disks:
            disk.check()
        self._check_boot()
        for what in ("hypervisor", "kernel", "initrd"):
            path = getattr(self, what)
            if path and path != "none" and not os.path.isfile(path):
                raise UsageError(f"The {what} {path} does not exist")
        for overlay in self.overlays:
            if not os.path.isdir(overlay):
                raise UsageError(f"--overlay {overlay}: no such directory")
        return self

    def _check_boot(self):
        if self.firmware == "uefi" and not self.boot and not self.bare:
            raise UsageError("UEFI does not start the hypervisor without a boot loader",
                             hint="Boot from the medium that `make iso` writes: --boot FILE")
        if not self.boot:
            return
        if isinstance(self.boot, str):
            self.boot = Disk.parse(self.boot, "cd")
        self.boot.check()
        ignored = [name for name in ("bare", "hypervisor", "kernel", "initrd", "append",
                                     "hv_option", "overlays") if getattr(self, name)]
        if ignored:
            raise UsageError(f"A boot medium brings its own: --{ignored[0].replace('_', '-')} has "
                             "no effect with --boot")

    def memory_mib(self):
        match = re.fullmatch(r"(\d+)([KMGT]?)(i?B)?", self.memory, re.IGNORECASE)
        if not match:
            raise UsageError(f"{self.memory!r} is not an amount of memory",
                             hint="Write a number with M or G, such as 2G.")
        shift = {"K": 10, "M": 20, "G": 30, "T": 40, "": 20}[match[2].upper()]
        return (int(match[1]) << shift) // MIB


def _choice(what, value, choices):
    if value not in choices:
        raise UsageError(f"No {what} is called {value!r}", hint=f"Choose one of "
                         f"{', '.join(choices)}.")
