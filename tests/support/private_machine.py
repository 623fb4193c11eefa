"""A network and directories of one's own, so that commands run as the documentation shows them: on the
ports and paths of a machine where nothing else runs."""

import contextlib
import ctypes
import fcntl
import os
import pathlib
import shutil
import socket
import struct
import subprocess

NEW_MOUNTS, NEW_NAME, NEW_NETWORK = 0x00020000, 0x04000000, 0x40000000  # CLONE_NEWNS, _NEWUTS, _NEWNET
SET_FLAGS, IS_UP = 0x8914, 1  # SIOCSIFFLAGS, IFF_UP


class NotAllowed(Exception):
    """The sentence says why there can be no such machine here."""


def call(function, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, function)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{function}: {os.strerror(ctypes.get_errno())}")


def raise_loopback():
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", b"lo", IS_UP))


def missing(path):
    """The directories that mkdir -p would make, the deepest first."""
    path = pathlib.Path(path)
    return [each for each in [path, *path.parents] if not each.exists()]


@contextlib.contextmanager
def private_machine(work, directories, hosts, name):
    """Until the block ends, this thread and what it starts have a loopback and no other network, empty
    `directories` (kept in `work`), `hosts` as /etc/hosts and this `name`."""
    if os.getuid() != 0:
        raise NotAllowed("a network and mounts of one's own need root")
    before = [os.open(f"/proc/thread-self/ns/{each}", os.O_RDONLY) for each in ("net", "uts", "mnt")]
    root, here = os.open("/", os.O_RDONLY), os.getcwd()
    try:
        call("unshare", NEW_MOUNTS | NEW_NAME | NEW_NETWORK)
    except OSError as problem:
        raise NotAllowed(f"namespaces are not allowed here ({problem.strerror})") from problem
    made = []
    try:
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        socket.sethostname(name)
        raise_loopback()
        (work / "hosts").write_text(hosts)
        subprocess.run(["mount", "--bind", work / "hosts", "/etc/hosts"], check=True)
        for directory in directories:
            own = work / directory.strip("/").replace("/", "-")
            own.mkdir()
            made += missing(directory)
            pathlib.Path(directory).mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "--bind", own, directory], check=True)
        yield
    finally:
        for descriptor in before:
            call("setns", descriptor, 0)
            os.close(descriptor)
        os.fchdir(root)  # setns leaves a chroot
        os.chroot(".")
        os.close(root)
        os.chdir(here)
        for each in made:
            with contextlib.suppress(OSError):
                each.rmdir()


def empty(directory):
    """One of a private machine's directories; any other is somebody's own."""
    mounts = pathlib.Path("/proc/thread-self/mountinfo").read_text()
    assert f" {directory} " in mounts, f"{directory} is not mounted"
    for each in pathlib.Path(directory).iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()
