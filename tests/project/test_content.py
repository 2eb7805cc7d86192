import hashlib
import os
import threading
import time

import pytest

from aiinfra.errors import DataError
from aiinfra.project import content as module
from aiinfra.project.content import Memory, read_content, read_listing
from aiinfra.project.dvc import find_record
from aiinfra.project.workspace import add


def content(path, *allowed):
    with Memory(None) as memory:
        return read_content(path, memory, allowed)


def md5(data):
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def test_files_and_folders_have_the_md5_and_size_that_dvc_gives_them(project):
    project.write("data/a.bin", os.urandom(3_000_000))
    project.write("data/empty", b"")
    for name in ("b.txt", "B.txt", "sub/é ü.txt", "sub/日本.txt", "sub.txt", 'q"uote', "a\\b", "sub/deep/er"):
        project.write(f"data/folder/{name}", name)
    for name in ("a.bin", "empty", "folder"):
        path = project.root / "data" / name
        add(path, project.settings)
        record = find_record(path, project.root)
        assert (content(path).md5, content(path).size) == (record.md5, record.size)


def test_windows_line_ends_are_not_special(project):
    path = project.write("a.csv", b"a\r\n1\r\n")
    add(path, project.settings)
    assert find_record(path, project.root).md5 == md5(b"a\r\n1\r\n")


def test_links_in_a_folder_are_read_and_links_out_of_it_refused(folder, tmp_path):
    folder.write("data/a.csv", "1")
    (folder.root / "data/b.csv").symlink_to("a.csv")
    assert content(folder.root / "data", folder.root).files == (("a.csv", md5(b"1")), ("b.csv", md5(b"1")))
    (tmp_path / "secret").write_text("2")
    (folder.root / "data/c.csv").symlink_to(tmp_path / "secret")
    with pytest.raises(DataError, match="leads out of the project"):
        content(folder.root / "data", folder.root)


@pytest.mark.parametrize("target", ["../data", "nowhere"])
def test_links_to_folders_and_to_nothing_are_no_data(folder, target):
    folder.write("data/a.csv", "1")
    (folder.root / "data/b").symlink_to(target)
    with pytest.raises(DataError, match="no plain file"):
        content(folder.root / "data", folder.root)


def test_pipes_and_the_like_are_no_data(folder):
    os.mkfifo(folder.root / "pipe")
    with pytest.raises(DataError, match="neither a file nor a folder"):
        content(folder.root / "pipe")


def test_a_file_that_is_being_written_is_not_read(folder):
    path = folder.write("growing.csv", "1" * 10_000_000)
    stop = threading.Event()

    def write():
        with path.open("ab") as file:
            while not stop.is_set():
                file.write(b"1")
                file.flush()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with pytest.raises(DataError, match="is being written"):
            content(path)
    finally:
        stop.set()
        writer.join()


def test_memory_answers_without_reading_and_forgets_on_every_change(folder, monkeypatch):
    path = folder.write("a.csv", "1")
    time.sleep(0.15)
    with Memory(folder.root / "state") as memory:
        memory.md5(path)
    read = []
    monkeypatch.setattr(module, "_md5", lambda p: read.append(p) or md5(p.read_bytes()))
    with Memory(folder.root / "state") as memory:
        assert memory.md5(path) == md5(b"1")
        assert read == []
        stat = path.stat()
        path.write_text("2")
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # same size, same time: only ctime tells
        assert memory.md5(path) == md5(b"2")
        assert read == [path]


def test_a_file_written_just_now_is_read_again(folder):
    path = folder.write("a.csv", "1")
    for text in "23456789":
        path.write_text(text)
        with Memory(folder.root / "state") as memory:
            assert memory.md5(path) == md5(text.encode())


def test_many_processes_can_remember_at_once(folder):
    paths = [folder.write(f"{n}.csv", str(n)) for n in range(40)]
    time.sleep(0.15)

    def remember(part):
        for path in part:
            with Memory(folder.root / "state") as memory:
                assert memory.md5(path) == md5(path.read_bytes())

    threads = [threading.Thread(target=remember, args=(paths[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Memory(folder.root / "state") as memory:
        assert all(memory.recall(path) for path in paths)


def test_a_damaged_memory_is_replaced(folder):
    path = folder.write("a.csv", "1")
    folder.write("state/md5.db", b"x" * 5000)
    time.sleep(0.15)
    for _ in range(2):
        with Memory(folder.root / "state") as memory:
            assert memory.md5(path) == md5(b"1")
    with Memory(folder.root / "state") as memory:
        assert memory.recall(path) == md5(b"1")


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x"])
def test_a_listing_that_leads_out_is_refused(name):
    with pytest.raises(DataError):
        read_listing(b'[{"relpath": "%s", "md5": "0"}]' % name.encode())
