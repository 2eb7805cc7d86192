import hashlib
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from aiinfra.errors import DataError, StoreError
from aiinfra.project.cache import keep, keep_in, object_name
from aiinfra.project.dvc import cache_root
from aiinfra.project.workspace import add


def md5(data):
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def kept(project, version):
    return cache_root(project.settings) / object_name(version.md5)


def stored(project):
    "All files in the cache that have a name by md5."
    return [p for p in (cache_root(project.settings) / "files/md5").rglob("*") if p.is_file()]


def check(project):
    "Every file in the cache is what its name says."
    for path in stored(project):
        assert md5(path.read_bytes()) == (path.parent.name + path.name).removesuffix(".dir")


def test_dvc_itself_finds_what_was_kept(project):
    project.write("data/images/a/1.png", "cat")
    project.write("data/images/2.png", "dog")
    version = keep(project.root / "data/images", project.settings)
    before = set(stored(project))
    assert add(project.root / "data/images", project.settings).md5 == version.md5
    assert set(stored(project)) == before
    assert all(not os.access(p, os.W_OK) or os.geteuid() == 0 for p in before)
    assert {p.stat().st_mode & 0o777 for p in before} == {0o444}
    assert project.dvc("status") == ""
    project.dvc("checkout", "--force")


def test_keeping_never_touches_the_workspace(project):
    path = project.write("data/flights.csv", "1")
    path.chmod(0o640)
    before = path.stat()
    keep(path, project.settings)
    after = path.stat()
    assert (before.st_ino, before.st_mtime_ns, before.st_ctime_ns, before.st_mode) == (
        after.st_ino,
        after.st_mtime_ns,
        after.st_ctime_ns,
        after.st_mode,
    )


def test_what_was_kept_stays_when_the_user_goes_on(project):
    path = project.write("data/flights.csv", "old")
    version = keep(path, project.settings)
    path.write_text("new")
    assert kept(project, version).read_text() == "old"


def test_keeping_again_copies_nothing(project):
    path = project.write("data/flights.csv", "1")
    first = kept(project, keep(path, project.settings)).stat()
    assert kept(project, keep(path, project.settings)).stat().st_ino == first.st_ino


@pytest.mark.parametrize("damage", [b"", b"month,del", b"MONTH,DELAY\n"])
def test_a_damaged_file_in_the_cache_is_mended_from_the_workspace(project, damage):
    path = project.write("data/flights.csv", "month,delay\n")
    version = keep(path, project.settings)
    kept(project, version).chmod(0o644)
    kept(project, version).write_bytes(damage)
    keep(path, project.settings)
    check(project)


def test_a_damaged_file_that_is_in_no_workspace_is_told(project):
    path = project.write("data/flights.csv", "month,delay\n")
    version = add(path, project.settings)
    path.unlink()
    assert keep(path, project.settings).md5 == version.md5
    kept(project, version).chmod(0o644)
    kept(project, version).write_bytes(b"damaged")
    with pytest.raises(DataError) as error:
        keep(path, project.settings)
    assert error.value.remedy == "dvc pull data/flights.csv"


def test_a_folder_of_which_one_file_is_lost_is_told(project):
    project.write("data/images/1.png", "cat")
    version = add(project.root / "data/images", project.settings)
    (project.root / "data/images/1.png").unlink()
    (project.root / "data/images").rmdir()
    (cache_root(project.settings) / object_name(md5(b"cat"))).unlink()
    assert kept(project, version).exists()
    with pytest.raises(DataError, match="can't be had"):
        keep(project.root / "data/images", project.settings)


def test_an_empty_folder_can_be_kept(project):
    (project.root / "empty").mkdir()
    version = keep(project.root / "empty", project.settings)
    assert kept(project, version).read_bytes() == b"[]"


def test_many_can_keep_the_same_content_at_once(project):
    path = project.write("data/flights.csv", os.urandom(2_000_000))
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(keep(path, project.settings).md5)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [md5(path.read_bytes())] * 6
    check(project)
    assert not list((cache_root(project.settings) / "tmp").iterdir())


def test_killed_in_the_middle_it_leaves_no_half_file_under_an_md5(project):
    path = project.write("data/big.bin", os.urandom(40_000_000))
    code = (
        "import sys; from pathlib import Path\n"
        "from aiinfra.config import load_settings\n"
        "from aiinfra.project.cache import keep\n"
        "print('ready', flush=True)\n"
        "keep(Path(sys.argv[1]), load_settings(Path(sys.argv[2]), env={}))"
    )
    scratch = cache_root(project.settings) / "tmp"
    caught = 0
    for _ in range(20):
        process = subprocess.Popen([sys.executable, "-c", code, path, project.root], stdout=subprocess.PIPE)
        process.stdout.readline()
        while process.poll() is None:
            if scratch.is_dir() and any(p.stat().st_size for p in scratch.iterdir()):
                process.send_signal(signal.SIGKILL)
                break
        process.wait()
        process.stdout.close()
        check(project)
        caught += process.returncode == -signal.SIGKILL and not stored(project)
        if caught:
            break
        for file in [*stored(project), *scratch.iterdir()]:
            file.unlink()
    assert caught, "the kill never came in the middle of a copy"
    leftovers = list(scratch.iterdir())
    assert leftovers
    for leftover in leftovers:
        os.utime(leftover, (time.time() - 2 * 24 * 3600,) * 2)
    version = keep(path, project.settings)
    check(project)
    assert kept(project, version).stat().st_size == 40_000_000
    assert not list(scratch.iterdir())


def test_a_cache_that_cannot_be_written_is_told(project):
    path = project.write("data/flights.csv", "1")
    project.write(".dvc/cache", "a file where the cache should be")
    with pytest.raises(StoreError, match="data cache can't be written"):
        keep(path, project.settings)


def test_a_full_disk_is_told_and_leaves_nothing(project, monkeypatch):
    path = project.write("data/flights.csv", "1")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("aiinfra.project.cache.copy_hashed", full)
    with pytest.raises(StoreError, match="No space left"):
        keep(path, project.settings)
    assert stored(project) == []
    assert not list((cache_root(project.settings) / "tmp").iterdir())


def test_a_project_without_dvc_has_a_cache_of_the_same_layout(folder):
    path = folder.write("data/flights.csv", "1")
    keep(path, folder.settings)
    assert (folder.root / ".aiinfra/cache" / object_name(md5(b"1"))).read_text() == "1"


def test_outputs_of_a_run_go_into_any_cache(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.csv").write_text("1")
    content = keep_in(tmp_path / "out", tmp_path / "cache")
    assert (tmp_path / "cache" / object_name(content.md5)).is_file()
    (tmp_path / "out/link").symlink_to("/etc/passwd")
    with pytest.raises(DataError, match="leads out"):
        keep_in(tmp_path / "out", tmp_path / "cache")
