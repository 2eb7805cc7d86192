import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from aiinfra.errors import DataError, InfrastructureError
from aiinfra.project import workspace as module
from aiinfra.project.cache import object_name
from aiinfra.project.data import resolve
from aiinfra.project.dvc import cache_root
from aiinfra.project.transfer import materialise
from aiinfra.project.workspace import add, obtain, pull, push, take

ADD = (
    "import sys; from pathlib import Path\n"
    "from aiinfra.config import load_settings\n"
    "from aiinfra.project.workspace import add\n"
    "root = Path(sys.argv[1])\n"
    "print(add(root / sys.argv[2], load_settings(root, env={})).state)"
)


def adding(project, name):
    command = [sys.executable, "-c", ADD, str(project.root), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_adding_versions_a_file_and_adding_again_records_the_change(project):
    path = project.write("data/flights.csv", "1")
    first = add(path, project.settings)
    assert first.state == "clean"
    assert project.dvc("status") == ""
    path.write_text("2")
    assert add(path, project.settings).md5 != first.md5
    assert "flights.csv" not in project.git("status", "--porcelain", "-uall").replace("flights.csv.dvc", "")


def test_two_that_add_at_once_wait_for_each_other_and_for_a_third_that_holds_dvc_s_lock(project):
    "DVC itself gives up after 3 seconds; the lock is held for 6."
    for name in ("a.csv", "b.csv"):
        project.write(name, name)
    code = (
        "import sys, time, zc.lockfile\n"
        "lock = zc.lockfile.LockFile(sys.argv[1])\n"
        "print('held', flush=True)\n"
        "time.sleep(6)\n"
    )
    lock = project.root / ".dvc/tmp/lock"
    lock.parent.mkdir(exist_ok=True)
    holder = subprocess.Popen([sys.executable, "-c", code, str(lock)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    adders = [adding(project, name) for name in ("a.csv", "b.csv")]
    done = [adder.communicate() for adder in adders]
    holder.communicate()
    assert [out for out, _ in done] == ["clean\n", "clean\n"], done
    assert [err for _, err in done] == ["", ""]
    assert (project.root / "a.csv.dvc").exists()
    assert (project.root / "b.csv.dvc").exists()
    assert (project.root / ".gitignore").read_text().count("/a.csv") == 1


def waits_for_a_lock(process):
    return any(
        "->" in line and f" {process.pid} " in line for line in Path("/proc/locks").read_text().splitlines()
    )


def test_everybody_waits_in_one_line(project):
    "Also those whom DVC's own three seconds would not be enough for."
    project.write("a.csv", "a")
    line = project.root / ".dvc/tmp/aiinfra.lock"
    line.parent.mkdir(exist_ok=True)
    with line.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        adder = adding(project, "a.csv")
        while adder.poll() is None and not waits_for_a_lock(adder):
            time.sleep(0.01)
        assert adder.poll() is None
        assert not (project.root / "a.csv.dvc").exists()
    assert adder.communicate() == ("clean\n", "")


def test_who_is_killed_while_waiting_or_adding_blocks_nobody(project):
    project.write("a.csv", "a")
    project.write("b.csv", "b")
    killed = adding(project, "a.csv")
    while not (project.root / ".dvc/tmp/aiinfra.lock").exists() and killed.poll() is None:
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert add(project.root / "b.csv", project.settings).state == "clean"
    assert add(project.root / "a.csv", project.settings).state == "clean"


def test_a_dvc_command_that_never_ends_is_told(project, monkeypatch):
    import zc.lockfile

    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    path = project.write("a.csv", "a")
    (project.root / ".dvc/tmp").mkdir(exist_ok=True)
    lock = zc.lockfile.LockFile(str(project.root / ".dvc/tmp/lock"))
    try:
        with pytest.raises(InfrastructureError, match="waited"):
            add(path, project.settings)
    finally:
        lock.close()


def test_what_cannot_be_added_is_told(project, tmp_path):
    with pytest.raises(DataError, match="there is no missing"):
        add(project.root / "missing.csv", project.settings)
    with pytest.raises(DataError, match="is not data of the project"):
        add(tmp_path / "x.csv", project.settings)
    with pytest.raises(DataError, match="already tracked by SCM") as error:
        add(project.root / "settings.ini", project.settings)
    assert "git rm" in error.value.remedy
    bare = type(project)(tmp_path / "bare")
    with pytest.raises(DataError) as error:
        add(bare.write("a.csv", "1"), bare.settings)
    assert "aiinfra init" in error.value.remedy


def test_nothing_is_printed(project, capfd):
    add(project.write("a.csv", "1"), project.settings)
    assert capfd.readouterr() == ("", "")


def test_taking_makes_a_run_s_output_the_dataset(project, tmp_path):
    target = project.write("data/flights.csv", "old")
    add(target, project.settings)
    (tmp_path / "output.csv").write_text("new")
    version = take(tmp_path / "output.csv", target, project.settings)
    assert (version.path, version.state, target.read_text()) == ("data/flights.csv", "clean", "new")
    assert (tmp_path / "output.csv").read_text() == "new"


def test_taking_loses_nothing_that_was_never_added(project, tmp_path):
    target = project.write("data/flights.csv", "precious")
    before = resolve(target, project.settings)
    (tmp_path / "output.csv").write_text("new")
    take(tmp_path / "output.csv", target, project.settings)
    materialise(before, tmp_path / "back.csv", [str(cache_root(project.settings))])
    assert (tmp_path / "back.csv").read_text() == "precious"


def test_taking_puts_everything_back_when_dvc_refuses(project, tmp_path):
    target = project.write("airports.csv", "old")
    project.commit("airports in git")
    (tmp_path / "output.csv").write_text("new")
    with pytest.raises(DataError, match="already tracked"):
        take(tmp_path / "output.csv", target, project.settings)
    assert target.read_text() == "old"
    assert project.git("status", "--porcelain") == ""


def test_a_new_dataset_that_dvc_refuses_leaves_nothing(project, tmp_path):
    (tmp_path / "output.csv").write_text("new")
    project.write(".dvcignore", "new.csv\n")
    with pytest.raises(DataError):
        take(tmp_path / "output.csv", project.root / "new.csv", project.settings)
    assert not (project.root / "new.csv").exists()


def test_a_folder_can_be_taken_even_in_place_of_a_file(project, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/1.png").write_text("cat")
    version = take(tmp_path / "out", project.root / "images", project.settings)
    assert version.is_folder
    (tmp_path / "out/2.png").write_text("dog")
    take(tmp_path / "out", project.root / "images", project.settings)
    assert sorted(p.name for p in (project.root / "images").iterdir()) == ["1.png", "2.png"]


def test_links_to_the_cache_are_replaced_not_written_through(project, tmp_path):
    project.dvc("config", "cache.type", "symlink")
    target = project.write("data/flights.csv", "old")
    old = add(target, project.settings)
    assert target.is_symlink()
    (tmp_path / "output.csv").write_text("new")
    take(tmp_path / "output.csv", target, project.settings)
    assert (cache_root(project.settings) / object_name(old.md5)).read_text() == "old"
    assert target.read_text() == "new"


def test_pushing_goes_to_dvc_s_remote_and_dvc_pulls_it_back(project, tmp_path):
    project.dvc("remote", "add", "-d", "shared", str(tmp_path / "remote"))
    project.write("images/a/1.png", "cat")
    project.write("images/2.png", "dog")
    version = add(project.root / "images", project.settings)
    assert push(version, project.settings) == str(tmp_path / "remote")
    materialise(version, tmp_path / "images", [str(tmp_path / "remote")])
    for path in (project.root / "images", cache_root(project.settings)):
        shutil.rmtree(path)
    project.dvc("pull", "images")
    assert (project.root / "images/a/1.png").read_text() == "cat"


def test_without_a_remote_nothing_is_pushed(project):
    version = add(project.write("a.csv", "1"), project.settings)
    assert push(version, project.settings) is None


def test_a_remote_that_takes_nothing_is_told(project, tmp_path):
    (tmp_path / "remote").write_text("a file")
    project.dvc("remote", "add", "-d", "shared", str(tmp_path / "remote"))
    version = add(project.write("a.csv", "1"), project.settings)
    with pytest.raises(InfrastructureError):
        push(version, project.settings)


def test_threads_of_one_process_can_add_at_once(project):
    paths = [project.write(f"{n}.csv", str(n)) for n in range(4)]
    found = []
    threads = [
        threading.Thread(target=lambda p=p: found.append(add(p, project.settings).state)) for p in paths
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["clean"] * 4
    assert os.path.lexists(project.root / "3.csv.dvc")


@pytest.mark.parametrize("name", ["images", "flights.csv"])
def test_on_a_fresh_clone_a_run_s_data_comes_from_the_remote_into_the_cache_only(project, tmp_path, name):
    project.dvc("remote", "add", "-d", "shared", str(tmp_path / "remote"))
    project.write("images/a/1.png", "cat")
    project.write("images/2.png", "dog")
    project.write("flights.csv", "month")
    version = add(project.root / name, project.settings)
    push(version, project.settings)
    shutil.rmtree(cache_root(project.settings))
    shutil.move(project.root / name, tmp_path / "away")
    assert obtain(project.root / name, project.settings) == version
    assert not (project.root / name).exists()
    materialise(version, tmp_path / "back", [str(cache_root(project.settings))])


def test_what_the_remote_does_not_have_is_told(project, tmp_path):
    version = add(project.write("a.csv", "1"), project.settings)
    (project.root / "a.csv").unlink()
    shutil.rmtree(cache_root(project.settings))
    with pytest.raises(DataError) as error:
        obtain(project.root / "a.csv", project.settings)
    assert error.value.remedy == "dvc pull a.csv"
    project.dvc("remote", "add", "-d", "shared", str(tmp_path / "remote"))
    with pytest.raises(InfrastructureError, match="did not arrive"):
        pull(version, project.settings)
