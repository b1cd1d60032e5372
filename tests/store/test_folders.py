"""What must survive a power cut: a file, and then its name in its folder."""

import os
import stat
from pathlib import Path

import pytest

from guestlist import settings
from guestlist.domain.letters import Kind, Letter
from guestlist.store import backups
from guestlist.store.database import Database
from tests.mail import folder


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Of what the system was told that it must last."""
    kinds: list[str] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        kinds.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return kinds


def test_a_letter_lasts(tmp_path: Path, synced: list[str]) -> None:
    letter = Letter("one", Kind.REMOVED, "ana@acme.test", None, 0, {})
    folder(tmp_path / "outbox").send(letter)
    assert synced == ["file", "folder"]


def test_a_backup_lasts(tmp_path: Path, synced: list[str]) -> None:
    (tmp_path / "key").write_text("k" * 32)
    backups.copy_key(tmp_path / "key", tmp_path / "copy")
    assert synced == ["file", "folder"]


def test_a_key_lasts(tmp_path: Path, synced: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(settings.KEY_VARIABLE, raising=False)
    database = Database(f"sqlite:///{tmp_path}/guestlist.db")
    settings.keys(database)
    database.close()
    assert synced == ["file", "folder"]
