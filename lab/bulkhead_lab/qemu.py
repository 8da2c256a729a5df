# SPDX-License-Identifier: Apache-2.0
"""The command line of QEMU for a machine. Pure: a specification and paths in, words out."""
from . import userland

PORTS = 8  # agent ports: how many commands can run in a machine at the same time
PORT_NAME = "org.bulkhead.agent."  # as root/agent/agent.c looks for it
UEFI_CODE = "/usr/share/OVMF/OVMF_CODE_4M.fd"  # in the tree, in which QEMU runs
UEFI_VARIABLES = "usr/share/OVMF/OVMF_VARS_4M.fd"  # below the tree's root
# Without its clocksource watchdog: "Machines" in docs/lab.md.
ROOT_COMMAND_LINE = "console=ttyS0 earlyprintk=ttyS0,115200 tsc=nowatchdog"


class Files:
    """The files of a machine, in its directory; short names because sockets need short paths."""

    def __init__(self, directory):
        self.directory = directory
        self.console = directory / "console.log"
        self.console_socket = directory / "console"
        self.log = directory / "hypervisor.log"
        self.qmp = directory / "qmp"
        self.pid = directory / "qemu.pid"
        self.qemu_log = directory / "qemu.log"
        self.command = directory / "command"
        self.exit = directory / "exit"
        self.state = directory / "state.json"
        self.alive = directory / "alive"
        self.kernel = directory / "kernel"
        self.hypervisor = directory / "hypervisor"
        self.initrd = directory / "initrd"
        self.uefi_variables = directory / "variables"

    def port(self, number):
        return self.directory / f"agent{number}"

    def lock(self, what):
        return self.directory / f"{what}.lock"


def escape(text):
    """A value inside an option of QEMU: commas count double."""
    return str(text).replace(",", ",,")


def command(spec, files, image):
    """The words of QEMU's command line.

    spec: a checked MachineSpec; files: Files; image: the root image, or None to boot without.
    """
    words = ["qemu-system-x86_64", "-name", f"bulkhead-{spec.name}", "-nodefaults",
             "-no-user-config", "-display", "none", "-machine", "q35",
             "-cpu", spec.cpu, "-smp", str(spec.cpus), "-m", f"{spec.memory_mib()}M",
             "-accel", _accelerator(spec), "-pidfile", str(files.pid), "-rtc", "base=utc"]
    if spec.icount:
        words += ["-icount", "shift=0,sleep=off"]
    words += _iommu(spec)
    words += ["-chardev", f"socket,id=qmp,path={escape(files.qmp)},server=on,wait=off",
              "-qmp", "chardev:qmp",
              "-chardev", f"socket,id=console,path={escape(files.console_socket)},server=on,"
                          f"wait=off,logfile={escape(files.console)},logappend=off",
              "-serial", "chardev:console",
              "-chardev", f"file,id=log,path={escape(files.log)}",
              "-device", "isa-debugcon,iobase=0xe9,chardev=log"]
    words += _agent_ports(spec, files)
    if image:
        words += ["-drive", f"if=none,id=root,file={escape(image)},format=raw,readonly=on",
                  "-device", f"virtio-blk-pci,drive=root,serial={userland.LABEL}"
                             + _behind_iommu(spec)]
    words += _firmware(spec, files) + _disks(spec) + _nics(spec)
    words += ["-device", "VGA"] if spec.boot else _boot(spec, files)
    for text in spec.qemu:
        words += text.split() if text.startswith("-") else [text]
    return words


def root_command_line(spec):
    """The root kernel's command line."""
    nics = [f"bulkhead.nic={mac(i)},10.0.{2 + i}.15/24" + (f",10.0.{2 + i}.2" if i == 0 else "")
            for i in range(len(spec.nics))]
    return " ".join([ROOT_COMMAND_LINE, *nics, *spec.append])


def mac(number):
    """The address of a machine's NIC, counted from 0."""
    return f"52:54:00:62:68:{number:02x}"


def _accelerator(spec):
    if spec.accel == "kvm":
        return "kvm"
    # With a thread each, processors write processor 0's SVM state without a lock (docs/x86.md).
    return "tcg,thread=single"


def _iommu(spec):
    return {"none": [],
            "amd": ["-device", "amd-iommu,intremap=on,dma-remap=on,xtsup=on"],
            "intel": ["-device", "intel-iommu,intremap=on,eim=on"]}[spec.iommu]


def _behind_iommu(spec):
    """What a virtio device needs so that its DMA goes through the IOMMU."""
    return "" if spec.iommu == "none" else ",iommu_platform=on,disable-legacy=on"


def _agent_ports(spec, files):
    words = ["-device", f"virtio-serial-pci,id=agent,max_ports={PORTS + 1},vectors=2"
                        + _behind_iommu(spec)]
    for i in range(PORTS):
        words += ["-chardev",
                  f"socket,id=agent{i},path={escape(files.port(i))},server=on,wait=off",
                  "-device", f"virtserialport,bus=agent.0,nr={i + 1},chardev=agent{i},"
                             f"name={PORT_NAME}{i}"]
    return words


def _firmware(spec, files):
    if spec.firmware == "bios":
        return []
    return ["-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={UEFI_CODE}",
            "-drive", f"if=pflash,unit=1,format=raw,file={escape(files.uefi_variables)}"]


def _disks(spec):
    words = []
    boot = [spec.boot] if spec.boot else []
    for i, disk in enumerate([*spec.disks, *boot]):
        drive = f"if=none,id=disk{i},file={escape(disk.file)},format={disk.format}"
        drive += ",media=cdrom" if disk.bus == "cd" else ""
        drive += ",readonly=on" if disk.readonly or disk.bus == "cd" else ""
        # several machines may boot from the same medium
        drive += ",snapshot=on" if disk.snapshot or disk in boot and disk.bus != "cd" else ""
        ports = sum(other.bus in ("ahci", "cd") for other in spec.disks[:i])
        words += ["-drive", drive, "-device", *_disk_device(spec, disk, f"drive=disk{i},serial="
                  f"disk{i}" + (",bootindex=0" if disk in boot else ""), ports)]
    return words


def _disk_device(spec, disk, options, port):
    """The words behind -device. port: the AHCI controller's that is free."""
    if disk.bus == "virtio":
        return [f"virtio-blk-pci,{options}" + _behind_iommu(spec)]
    if disk.bus == "nvme":
        return [f"nvme,{options}"]
    if disk.bus == "usb":
        return ["qemu-xhci", "-device", f"usb-storage,{options}"]
    return [f"{'ide-cd' if disk.bus == 'cd' else 'ide-hd'},bus=ide.{port},{options}"]


def _nics(spec):
    words = []
    for i, kind in enumerate(spec.nics):
        device = f"netdev=net{i},mac={mac(i)},romfile="
        device = (f"virtio-net-pci,{device}" + _behind_iommu(spec) if kind == "virtio"
                  else f"e1000e,{device}")
        words += ["-netdev", f"user,id=net{i},net=10.0.{2 + i}.0/24", "-device", device]
    return words


def _boot(spec, files):
    initrd = spec.initrd != "none"
    if spec.bare:
        return (["-kernel", str(files.kernel), "-append", root_command_line(spec)]
                + (["-initrd", str(files.initrd)] if initrd else []))
    modules = [escape(f"{files.kernel} {root_command_line(spec)}")]
    modules += [escape(files.initrd)] if initrd else []
    return ["-kernel", str(files.hypervisor), "-append", " ".join(spec.hv_option),
            "-initrd", ",".join(modules)]
