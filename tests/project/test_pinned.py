"""An older version of a dataset is found by its md5 or a revision, and its content is to be had."""

import hashlib
import shutil
import subprocess

import pytest

from aiinfra.config import load_settings
from aiinfra.errors import ArgumentError, DataError
from aiinfra.project.cache import holds
from aiinfra.project.dvc import cache_root
from aiinfra.project.init import init_project
from aiinfra.project.pinned import find_version, keep_version
from aiinfra.project.workspace import add, push


def rows(number):
    return "month,delay\n" + "1,5\n" * number


def md5(number):
    return hashlib.md5(rows(number).encode(), usedforsecurity=False).hexdigest()


class History:
    "Three versions of data.csv, with a tag on the second; with DVC, or in git itself."

    def __init__(self, root, dvc):
        self.root, self.dvc = root, dvc
        init_project(root)
        self.settings = load_settings(root, env={})
        self.data = root / "data.csv"
        for number in (1, 2, 3):
            self.data.write_text(rows(number))
            if dvc:
                add(self.data, self.settings)
            self.git("add", "-A")
            self.git("commit", "-q", "-m", f"Version {number}")
            if number == 2:
                self.git("tag", "v2")
        (root / "notes.txt").write_text("nothing of the data")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "Notes")

    def git(self, *args):
        done = subprocess.run(["git", *args], cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def find(self, wanted):
        return find_version(self.data, wanted, self.settings)


@pytest.fixture(params=["dvc", "git"])
def history(request, tmp_path):
    return History((tmp_path / "flights").resolve(), request.param == "dvc")


def test_a_version_is_found_by_its_md5_and_by_any_revision_that_holds_it(history):
    second = history.git("rev-parse", "v2")
    for wanted in (md5(2), md5(2)[:6], second, second[:8], "v2", "HEAD~2"):
        found = history.find(wanted)
        assert (found.md5, found.path, found.rev, found.state, found.size) == (
            md5(2),
            "data.csv",
            second,
            "clean",
            len(rows(2)),
        ), wanted


def test_a_revision_that_brought_nothing_new_stands_for_what_was_there_then(history):
    assert history.find("HEAD").md5 == md5(3)


def test_what_lies_in_the_workspace_is_a_version_too(history):
    history.data.write_text(rows(9))
    found = history.find(md5(9)[:8])
    assert (found.md5, found.state, found.rev) == (md5(9), "modified", None)


@pytest.mark.parametrize(
    "wanted", ["", "abc", "12345678", "no-such-tag", "--all", "v2:data.csv", "a\0b", "v2 v2"]
)
def test_an_unknown_version_names_those_that_there_are(history, wanted):
    with pytest.raises(ArgumentError, match="has no version") as caught:
        history.find(wanted)
    assert md5(1)[:8] in caught.value.remedy


def test_data_without_history_is_an_error_of_its_own(history):
    with pytest.raises(DataError):
        find_version(history.root / "other.csv", "v2", history.settings)
    with pytest.raises(DataError):
        find_version(history.root / "../other.csv", "v2", history.settings)


def test_an_older_version_can_be_read_and_the_workspace_stays(history):
    version = history.find("v2")
    keep_version(version, history.settings)
    assert holds(version.md5, history.settings) and history.data.read_text() == rows(3)
    assert history.git("status", "--porcelain") == ""


def test_a_version_that_is_gone_from_the_cache_comes_from_the_remote(tmp_path):
    history = History((tmp_path / "flights").resolve(), True)
    (tmp_path / "remote").mkdir()
    (history.root / ".dvc/config").write_text(
        "[core]\n    analytics = false\n    remote = there\n['remote \"there\"']\n    url = ../../remote\n"
    )
    version = history.find("v2")
    push(version, history.settings)
    shutil.rmtree(cache_root(history.settings) / "files")
    keep_version(version, history.settings)
    assert holds(version.md5, history.settings)


def test_a_version_that_nobody_has_any_more_is_told_as_such(tmp_path):
    history = History((tmp_path / "flights").resolve(), True)
    version = history.find("v2")
    shutil.rmtree(cache_root(history.settings) / "files")
    with pytest.raises(DataError, match=f"{md5(2)[:8]}.*can't be had"):
        keep_version(version, history.settings)
