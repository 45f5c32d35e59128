"""As whom the servers run. Elasticsearch refuses root, so root hands both to a plain account."""

import os
import pwd
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.local.config import StackError

_ACCOUNTS = ("rasid", "elasticsearch", "nobody")


@dataclass(frozen=True)
class Account:
    """An unprivileged account of this machine."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """Return the account that root runs the servers as; None when we are a plain user already."""
    if os.geteuid() != 0:
        return None
    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise StackError(
        "Elasticsearch refuses to run as root, and this machine has no account to run it as "
        f"(looked for {', '.join(_ACCOUNTS)}). Run as a plain user, or: useradd --system rasid"
    )


def require_reachable(account: Account | None, folders: Iterable[Path]) -> None:
    """Raise StackError naming the first folder on the way to ``folders`` closed to ``account``."""
    if account is None:
        return
    for folder in folders:
        path = folder.resolve()
        for step in (*reversed(path.parents), path):
            if not _may_enter(account, step.stat()):
                raise StackError(
                    f"The servers run as the user {account.name}, who cannot enter {step} "
                    f"(needed for {folder}). Choose another place with RASID_HOME or "
                    f"RASID_JAVA_HOME, or open that folder: chmod o+x {step}"
                )


def make_folder(folder: Path, account: Account | None = None) -> Path:
    """Make ``folder`` and its parents, enterable by all, and give it to ``account``."""
    missing = [step for step in (folder, *folder.parents) if not step.exists()]
    try:
        for step in reversed(missing):
            step.mkdir(exist_ok=True)
            step.chmod(0o755)  # whatever the umask: the servers' account has to pass
    except OSError as error:
        raise StackError(
            f"Cannot make {folder}: {error}. Choose a place with RASID_HOME"
        ) from error
    if account:
        give(folder, account)
    return folder


def give(folder: Path, account: Account) -> None:
    """Make ``account`` the owner of ``folder`` and all in it."""
    for path in (folder, *folder.rglob("*")):
        os.lchown(path, account.uid, account.gid)


def _may_enter(account: Account, status: os.stat_result) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)
