"""The mounted folders change hands, and what is thrown away meanwhile is nobody's fault."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from app.stack.container import folders


@pytest.mark.skipif(sys.platform == "win32", reason="owners as Linux has them")
def test_what_is_gone_by_its_turn_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "data" / "exports").mkdir(parents=True)
    (tmp_path / "test_outputs").mkdir()
    (tmp_path / "test_outputs").chmod(0o555)  # so that it has to be handed over, to who has it
    monkeypatch.setattr(folders, "PROJECT", tmp_path)  # logs, outputs and backups are not there
    monkeypatch.setenv("RUN_AS_UID", str(os.getuid()))
    monkeypatch.setenv("RUN_AS_GID", str(os.getgid()))
    folders.main()
    said = capsys.readouterr()
    assert f"{tmp_path / 'test_outputs'} belongs to" in said.out
    assert said.err == ""
