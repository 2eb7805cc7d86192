"""`aiinfra lab`: JupyterLab in the project's folder, from wherever one is."""

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from aiinfra.cli.main import main


@pytest.fixture
def started(tmp_path, monkeypatch):
    "What is started instead of JupyterLab: the command, and the folder it is started in."
    (tmp_path / "settings.ini").write_text("")
    (tmp_path / "nb").mkdir()
    (tmp_path / "nb/größe 1.ipynb").write_text("{}")
    monkeypatch.chdir(tmp_path / "nb")
    found = []
    monkeypatch.setattr(os, "execv", lambda program, argv: found.append((argv, str(Path.cwd()))))
    return found


def test_it_starts_in_the_projects_folder_at_the_notebook(started, tmp_path):
    done = CliRunner().invoke(main, ["lab", "größe 1.ipynb", "--no-browser", "--port=8889"])
    assert done.exit_code == 0, done.output
    ((argv, folder),) = started
    assert folder == str(tmp_path)
    assert argv[:4] == [sys.executable, "-P", "-m", "jupyterlab"]
    assert "--LabApp.default_url=/lab/tree/nb/gr%C3%B6%C3%9Fe%201.ipynb" in argv
    assert argv[-2:] == ["--no-browser", "--port=8889"]


def test_options_alone_go_on_to_jupyterlab(started, tmp_path):
    assert CliRunner().invoke(main, ["lab", "--no-browser", "--port=1"]).exit_code == 0
    ((argv, folder),) = started
    assert folder == str(tmp_path)
    assert argv[-2:] == ["--no-browser", "--port=1"]
    assert "--LabApp.default_url=/lab/tree/nb" in argv


def test_a_notebook_that_is_not_there_starts_nothing(started):
    done = CliRunner().invoke(main, ["lab", "trian.ipynb"])
    assert (done.exit_code, started) == (2, [])
    assert "there is no trian.ipynb" in done.output


@pytest.mark.parametrize("user", [0, 1000])
def test_only_root_is_allowed_as_root(started, monkeypatch, user):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert CliRunner().invoke(main, ["lab"]).exit_code == 0
    assert ("--allow-root" in started[0][0]) == (user == 0)
