"""Where a journal must not lie."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from psbridge.errors import JournalError
from psbridge.journal import SqliteStore
from psbridge.journal.location import local_path, problem_with

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
srv:/home /home nfs4 rw 0 0
/dev/sdb1 /home/local xfs rw 0 0
//srv/share /mnt/my\\040share cifs rw 0 0
user@srv: /mnt/ssh fuse.sshfs rw 0 0
tmpfs /tmp tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/home/kim/journal.db", "it is on a network file system (nfs4)"),
        ("/mnt/my share/journal.db", "it is on a network file system (cifs)"),
        ("/mnt/ssh/a/b/journal.db", "it is on a network file system (fuse.sshfs)"),
        ("/home/local/journal.db", ""),
        ("/homely/journal.db", ""),
        ("/var/lib/psbridge/journal.db", ""),
        ("/tmp/journal.db", ""),
        ("//srv/share/journal.db", "it is on a network share (UNC path)"),
        ("/data/OneDrive - Contoso/journal.db", "it is in a synchronised folder (OneDrive - Contoso)"),
        ("/data/Dropbox/journal.db", "it is in a synchronised folder (Dropbox)"),
        ("/data/dropbox (Contoso)/journal.db", "it is in a synchronised folder (dropbox (Contoso))"),
        ("/data/Google Drive/x/journal.db", "it is in a synchronised folder (Google Drive)"),
        ("/data/iCloudDrive/journal.db", "it is in a synchronised folder (iCloudDrive)"),
        ("/data/OneDriver/journal.db", ""),
        ("/sync/deep/journal.db", "it is in a synchronised folder (OneDriveCommercial is /sync)"),
    ],
)
def test_a_place_is_judged_by_its_path_its_mount_and_the_variables(path: str, problem: str) -> None:
    assert problem_with(PurePosixPath(path), environment={"OneDriveCommercial": "/sync"}, mounts=MOUNTS) == problem


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        (r"\\srv\share\journal.db", "it is on a network share (UNC path)"),
        (r"C:\Users\kim\OneDrive - Contoso\journal.db", "it is in a synchronised folder (OneDrive - Contoso)"),
        (r"C:\ProgramData\psbridge\journal.db", ""),
    ],
)
def test_paths_of_windows_are_judged_too(path: str, problem: str) -> None:
    assert problem_with(PureWindowsPath(path), environment={}, mounts="") == problem


def test_the_last_mount_of_a_point_counts() -> None:
    mounts = "/dev/sda1 / ext4 rw 0 0\n/dev/sdb /data ext4 rw 0 0\nsrv:/d /data nfs rw 0 0\n"
    assert problem_with(PurePosixPath("/data/j.db"), environment={}, mounts=mounts) == "it is on a network file system (nfs)"


def test_a_link_to_a_synchronised_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "Dropbox").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "Dropbox")
    with pytest.raises(JournalError) as caught:
        SqliteStore(tmp_path / "data" / "journal.db")
    assert str(caught.value) == (
        f"{tmp_path / 'Dropbox' / 'journal.db'}: it is in a synchronised folder (Dropbox). "
        "Put the journal on a local disk; the default place is one."
    )
    assert list((tmp_path / "Dropbox").iterdir()) == []


def test_a_good_place_is_given_back_resolved(tmp_path: Path) -> None:
    assert local_path(tmp_path / "x" / ".." / "journal.db") == tmp_path.resolve() / "journal.db"
