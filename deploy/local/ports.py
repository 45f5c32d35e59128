"""Says clearly when a port is taken, and by whom if that can be seen."""

import errno
import socket
from collections.abc import Mapping
from pathlib import Path

from deploy.local.config import LOOPBACK, StackError


def require_free(ports: Mapping[str, int]) -> None:
    """Raise StackError for the first taken port. ``ports``: variable that changes it -> port."""
    for variable, port in ports.items():
        if is_taken(port):
            owner = listener(port)
            by = f" by {owner}" if owner else ""
            raise StackError(
                f"Port {port} is taken{by}. Stop that, or choose another port with {variable}."
            )


def is_taken(port: int) -> bool:
    """Whether ``port`` of the loopback address is in use."""
    with socket.socket() as probe:
        # A port whose last connections are still closing down is free for a server.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise StackError(f"Port {port} cannot be used: {error}") from error
            return True
    # Some systems let one bind beside a listener on all addresses.
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def listener(port: int, proc: Path = Path("/proc")) -> str | None:
    """Return ``"name (process 123)"`` of who listens on ``port``; None if that cannot be seen."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port, proc)}
    if not sockets:
        return None
    for descriptor in proc.glob("[0-9]*/fd/*"):
        try:
            if str(descriptor.readlink()) in sockets:
                process = descriptor.parent.parent
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
        except OSError:
            continue
    return None


def _listening_inodes(port: int, proc: Path) -> set[str]:
    inodes = set()
    for table in (proc / "net" / "tcp", proc / "net" / "tcp6"):
        if not table.exists():
            continue
        for line in table.read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(fields[9])
    return inodes
