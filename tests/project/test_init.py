import os
import subprocess
import sys

import pytest

from aiinfra.config import load_settings
from aiinfra.errors import ArgumentError
from aiinfra.project.init import init_project
from aiinfra.project.workspace import add


def tree(root):
    return {
        p.relative_to(root).as_posix(): p.read_bytes()
        for p in root.rglob("*")
        if p.is_file() and ".git/" not in p.as_posix()
    }


def test_an_empty_folder_becomes_a_project_that_works(folder):
    done = init_project(folder.root)
    assert len(done) == 4
    assert load_settings(folder.root, env={}).project == "flights"
    assert add(folder.write("a.csv", "1"), folder.settings).state == "clean"
    folder.write(".env", "TOKEN=1")
    folder.write(".aiinfra/runs.db", "1")
    assert {n.split()[-1] for n in folder.git("status", "--porcelain", "-uall").splitlines()}.isdisjoint(
        {".env", "a.csv", ".aiinfra/runs.db"}
    )


def test_dvc_does_not_phone_home(folder):
    init_project(folder.root)
    assert folder.dvc("config", "core.analytics").strip().lower() == "false"


def test_a_second_time_nothing_is_done(folder):
    init_project(folder.root)
    before = tree(folder.root)
    assert init_project(folder.root) == []
    assert tree(folder.root) == before


def test_nothing_of_the_user_s_is_overwritten(repo):
    repo.write("settings.ini", "[aiinfra]\nproject = mine\n")
    repo.write(".gitignore", b"*.log\r\n\xff\xfe\n__pycache__")
    repo.write("README.md", "mine")
    repo.commit()
    init_project(repo.root)
    after = tree(repo.root)
    assert after["settings.ini"] == b"[aiinfra]\nproject = mine\n"
    assert after["README.md"] == b"mine"
    assert after[".gitignore"].startswith(b"*.log\r\n\xff\xfe\n__pycache__\n.aiinfra/\n")
    assert repo.git("log", "--format=%s") == "change"


def test_an_existing_dvc_repository_keeps_its_settings(repo):
    repo.dvc("init", "-q")
    repo.dvc("remote", "add", "-q", "-d", "r", "s3://bucket/x")
    before = (repo.root / ".dvc/config").read_bytes()
    init_project(repo.root)
    assert (repo.root / ".dvc/config").read_bytes() == before


def test_a_folder_of_a_bigger_repository_becomes_a_project_of_its_own(repo):
    done = init_project(repo.root / "projects/flights")
    assert done[0] == "made the folder flights"
    assert not any(line.startswith("git") for line in done)
    assert (repo.root / "projects/flights/.dvc/config").exists()


def test_a_file_is_no_folder(folder):
    with pytest.raises(ArgumentError):
        init_project(folder.write("x"))


def test_it_can_be_interrupted_and_called_again(folder):
    "Whatever is missing is made, whatever is there is left: every state in between is a start."
    init_project(folder.root)
    complete = tree(folder.root)
    for name in ("settings.ini", ".gitignore"):
        (folder.root / name).unlink()
        init_project(folder.root)
        assert tree(folder.root).keys() == complete.keys()


def test_without_git_it_says_so(folder):
    code = (
        "import sys; from pathlib import Path\n"
        "from aiinfra.errors import AiinfraError\n"
        "from aiinfra.project.init import init_project\n"
        "try:\n    init_project(Path(sys.argv[1]))\n"
        "except AiinfraError as error:\n    print(error.what)"
    )
    env = {**os.environ, "PATH": "/nowhere"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder.root)], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "git isn't installed\n"
    assert list(folder.root.iterdir()) == []
