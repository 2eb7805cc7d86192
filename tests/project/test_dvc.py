import subprocess
import sys

import pytest

from aiinfra.errors import DataError
from aiinfra.project.dvc import cache_root, find_record, remote_url
from aiinfra.project.workspace import add


@pytest.fixture(autouse=True)
def no_own_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(tmp_path / "global"))
    monkeypatch.setenv("DVC_SYSTEM_CONFIG_DIR", str(tmp_path / "system"))


def test_settings_are_read_as_dvc_reads_them(project, tmp_path):
    "Every level, relative paths and all: the oracle is DVC itself."
    (tmp_path / "global").mkdir()
    (tmp_path / "global/config").write_text("[core]\n    remote = one\n[cache]\n    dir = global-cache\n")
    project.write(
        ".dvc/config",
        "['remote \"one\"']\n    url = ../remotes/one\n['remote \"two\"']\n    url = s3://bucket/two\n",
    )
    project.write(
        ".dvc/config.local", "[core]\n    remote = three\n['remote \"three\"']\n    url = remote://one/sub\n"
    )
    code = (
        "from dvc.repo import Repo\n"
        "repo = Repo('.')\n"
        "print(repo.cache.local_cache_dir, repo.cloud.get_remote().path, sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project.root, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(cache_root(project.settings)), remote_url(project.settings)]


def test_credentials_of_a_remote_never_come_out(project):
    project.write(
        ".dvc/config",
        "[core]\n    remote = r\n['remote \"r\"']\n    url = https://ada:ghp_secret@store.example.org/x?sig=abc\n",
    )
    assert remote_url(project.settings) == "https://store.example.org/x"


def test_without_dvc_there_is_a_cache_and_no_remote(folder):
    assert cache_root(folder.settings) == folder.root / ".aiinfra/cache"
    assert remote_url(folder.settings) is None


def test_a_record_is_found_by_any_name_and_for_parts_of_folders(project):
    project.write("data/images/cats/1.png", "cat")
    path = project.write("data/flights.csv", "1")
    add(project.root / "data/images", project.settings)
    add(path, project.settings)
    (project.root / "data/flights.csv.dvc").rename(project.root / "data/renamed.dvc")
    assert find_record(path, project.root).file.name == "renamed.dvc"
    assert find_record(project.root / "data/images/cats/1.png", project.root).path.name == "images"
    assert find_record(project.root / "data/images-2", project.root) is None


def test_outputs_of_a_dvc_pipeline_are_found_in_its_lock(project):
    project.write("raw.csv", "1\n")
    project.write(
        "dvc.yaml",
        "stages:\n  make:\n    cmd: mkdir -p out && cp raw.csv out/made.csv\n    deps: [raw.csv]\n    outs: [out/made.csv]\n",
    )
    project.dvc("repro", "-q")
    record = find_record(project.root / "out/made.csv", project.root)
    assert (record.file.name, record.size) == ("dvc.lock", 2)


@pytest.mark.parametrize("text", ["outs: [", "outs: 3", "- 1", "outs:\n- {md5: 1}", "<<<<<<< HEAD\nouts:\n"])
def test_a_dvc_file_that_is_none_is_told(project, text):
    project.write("a.csv.dvc", text)
    with pytest.raises(DataError, match=r"a\.csv\.dvc is not what DVC writes"):
        find_record(project.root / "a.csv", project.root)


def test_a_file_of_dvc_2_is_told_with_the_command_that_mends_it(project):
    project.write("a.csv.dvc", "outs:\n- md5: d3b07384d113edec49eaa6238ad5ff00\n  size: 4\n  path: a.csv\n")
    with pytest.raises(DataError) as error:
        find_record(project.root / "a.csv", project.root)
    assert error.value.remedy == "dvc cache migrate --dvc-files"


def test_settings_that_cannot_be_read_are_told(project):
    project.write(".dvc/config", "[core\nremote = x\n")
    with pytest.raises(DataError, match="DVC's settings"):
        cache_root(project.settings)
