import os
from pathlib import Path

import pytest

from deploy.local.account import Account, make_folder, require_reachable
from deploy.local.config import StackError

STRANGER = Account("stranger", uid=65533, gid=65533)


def test_a_closed_folder_on_the_way_is_named_before_anything_starts(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "dist").mkdir(parents=True)
    closed.chmod(0o700)
    for parent in tmp_path.parents:
        if not parent.stat().st_mode & 0o001:
            closed = parent  # pytest's own folder may be closed already, and comes first
    with pytest.raises(StackError, match=f"user stranger, who cannot enter {closed} "):
        require_reachable(STRANGER, [tmp_path / "closed" / "dist"])


def test_an_open_folder_is_reachable() -> None:
    require_reachable(STRANGER, [Path("/usr/lib")])


def test_without_an_account_of_its_own_nothing_is_checked(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    require_reachable(None, [tmp_path])


def test_folders_are_open_whatever_the_umask(tmp_path: Path) -> None:
    umask = os.umask(0o077)
    try:
        made = make_folder(tmp_path / "a" / "b")
    finally:
        os.umask(umask)
    assert made.stat().st_mode & 0o777 == 0o755
    assert made.parent.stat().st_mode & 0o777 == 0o755


def test_a_place_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StackError, match="RASID_HOME"):
        make_folder(tmp_path / "file" / "below")
