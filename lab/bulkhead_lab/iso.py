# SPDX-License-Identifier: Apache-2.0
"""The boot medium: an ISO image that starts by GRUB from CD or disk, under a BIOS and under UEFI.

It carries what the lab otherwise hands to QEMU: the hypervisor, the root kernel, an initramfs and
the root image. The same files give the same bytes.
"""
import os
import shutil
import tempfile
from pathlib import Path

from . import initrd

VOLUME = "BULKHEAD"  # as root/init/medium.c looks for it
ROOT_IMAGE = "bulkhead-root.img"  # likewise
GRUB = Path(__file__).resolve().parents[1] / "grub"  # its menu, and how it finds that
EPOCH = 315532800  # the time of everything in it, 1980: the earliest that a FAT can hold
# All of GRUB that is wanted is in its image, so that none of its files have to be found.
MODULES = ["normal", "search", "search_label", "iso9660", "part_gpt", "part_msdos", "multiboot2",
           "linux", "serial", "terminal", "test", "echo", "reboot", "halt"]
MODULES_BIOS = ["biosdisk", "vbe", "video_bochs", "video_cirrus"]
MODULES_UEFI = ["efi_gop", "fat"]
UEFI_SECTORS = 4096  # of the file system that UEFI reads


def write(target, things, hypervisor, overlays=()):
    """Write the ISO image to the path target.

    things: artefacts.Artefacts; hypervisor: the path of the hypervisor's image; overlays: as
    initrd.write(). Raises LabError.
    """
    with tempfile.TemporaryDirectory(prefix="iso-", dir=target.parent) as directory:
        stage = Path(directory)
        tree = things.tree
        initrd.write(stage / "initrd", things.programs, things.kernel, overlays)
        _grub(tree, "i386-pc-eltorito", stage / "bios.img", MODULES_BIOS)
        _grub(tree, "x86_64-efi", stage / "bootx64.efi", MODULES_UEFI)
        _uefi_file_system(tree, stage / "uefi.img", stage / "bootx64.efi")
        _pack(tree, stage / "iso", {
            "boot/grub/grub.cfg": GRUB / "grub.cfg", "boot/grub/bios.img": stage / "bios.img",
            "boot/grub/uefi.img": stage / "uefi.img", "boot/bulkhead.elf": hypervisor,
            "boot/vmlinuz": things.kernel.image, "boot/initrd": stage / "initrd",
            ROOT_IMAGE: things.image})
        os.replace(stage / "iso", target)


def _grub(tree, platform, target, modules):
    tree.check(["grub-mkimage", "-O", platform, "-p", "/boot/grub", "-c", GRUB / "early.cfg",
                "-o", target, *MODULES, *modules], f"Making GRUB for {platform}")


def _uefi_file_system(tree, image, program):
    """A FAT file system with a program where UEFI looks for it on removable media."""
    with open(image, "wb") as file:
        file.truncate(UEFI_SECTORS * 512)
    os.utime(program, (EPOCH, EPOCH))
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)}
    for words in (["mformat", "-i", image, "-T", str(UEFI_SECTORS), "-h", "64", "-s", "32", "-N",
                   "42554c4b", "-v", VOLUME, "::"],
                  ["mmd", "-i", image, "::EFI", "::EFI/BOOT"],
                  ["mcopy", "-m", "-i", image, program, "::EFI/BOOT/BOOTX64.EFI"]):
        tree.check(words, "Making the file system for UEFI", env=environment)


def _pack(tree, target, files):
    """An ISO image of files {path in it: path} that both firmwares start, from CD and from disk."""
    linked = target.with_name("files")
    for name, source in files.items():
        (linked / name).parent.mkdir(parents=True, exist_ok=True)
        # xorriso writes its boot information into the loader's image
        (shutil.copyfile if name.endswith("bios.img") else os.symlink)(source, linked / name)
    tree.check(["xorriso", "-as", "mkisofs", "-r", "-f", "-iso-level", "3", "-volid", VOLUME,
                "-o", target,
                "-b", "boot/grub/bios.img", "-no-emul-boot", "-boot-load-size", "4",
                "-boot-info-table", "--grub2-boot-info",
                "--grub2-mbr", "/usr/lib/grub/i386-pc/boot_hybrid.img", "--protective-msdos-label",
                "-eltorito-alt-boot", "-e", "boot/grub/uefi.img", "-no-emul-boot",
                "-efi-boot-part", "--efi-boot-image", linked,
                "--", "-alter_date_r", "b", f"={EPOCH}", "/", "--"],
               "Writing the ISO image", env={**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)})
