import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading

import pytest

from aiinfra.errors import DataError, InfrastructureError
from aiinfra.project.cache import keep, object_name
from aiinfra.project.data import Version
from aiinfra.project.dvc import cache_root
from aiinfra.project.transfer import materialise, send


@pytest.fixture
def kept(folder):
    "A file and a folder, kept in the project's cache."
    folder.write("data/flights.csv", "month\n1\n")
    for name in ("a/1.png", "a/2.png", "b.csv", "empty"):
        folder.write(f"data/images/{name}", name if name != "empty" else "")
    folder.flights = keep(folder.root / "data/flights.csv", folder.settings)
    folder.images = keep(folder.root / "data/images", folder.settings)
    folder.cache = cache_root(folder.settings)
    return folder


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}


def test_files_and_folders_come_back(kept, tmp_path):
    materialise(kept.flights, tmp_path / "work/deep/flights.csv", [str(kept.cache)])
    materialise(kept.images, tmp_path / "work/images", [str(kept.cache)])
    assert (tmp_path / "work/deep/flights.csv").read_text() == "month\n1\n"
    assert files(tmp_path / "work/images") == files(kept.root / "data/images")


def test_what_comes_back_can_be_written_and_is_no_link_into_the_cache(kept, tmp_path):
    target = tmp_path / "flights.csv"
    materialise(kept.flights, target, [str(kept.cache)])
    assert target.stat().st_mode & 0o200
    target.write_text("changed")
    materialise(kept.flights, tmp_path / "again.csv", [str(kept.cache)])
    assert (tmp_path / "again.csv").read_text() == "month\n1\n"


def test_what_was_there_is_replaced_and_links_are_not_written_through(kept, tmp_path):
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "flights.csv").symlink_to(tmp_path / "precious")
    (tmp_path / "images").mkdir()
    (tmp_path / "images/old").write_text("old")
    materialise(kept.flights, tmp_path / "flights.csv", [str(kept.cache)])
    materialise(kept.images, tmp_path / "images", [str(kept.cache)])
    assert (tmp_path / "precious").read_text() == "precious"
    assert not (tmp_path / "flights.csv").is_symlink()
    assert "old" not in files(tmp_path / "images")
    materialise(kept.flights, tmp_path / "images", [str(kept.cache)])
    assert (tmp_path / "images").read_text() == "month\n1\n"


@pytest.mark.parametrize("damage", [None, b"", b"month\n2\n"])
def test_a_file_that_cannot_be_had_leaves_nothing_and_is_named_with_the_command(kept, tmp_path, damage):
    path = kept.cache / object_name(kept.flights.md5)
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    (tmp_path / "work").mkdir()
    with pytest.raises(DataError, match=r"data/flights\.csv \(md5 ........…\) can't be had") as error:
        materialise(kept.flights, tmp_path / "work/flights.csv", [str(kept.cache)])
    assert "dvc pull data/flights.csv" in error.value.remedy
    assert ("damaged" in error.value.what) == (damage is not None)
    assert list((tmp_path / "work").iterdir()) == []


def test_a_folder_comes_whole_or_not_at_all(kept, tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images/old").write_text("old")
    for path in (kept.cache / "files/md5").rglob("*"):
        if path.is_file() and path.read_bytes() == b"a/2.png":
            path.unlink()
    with pytest.raises(DataError):
        materialise(kept.images, tmp_path / "images", [str(kept.cache)])
    assert files(tmp_path / "images") == {"old": "old"}
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".images")]


def test_a_damaged_cache_is_passed_over_and_mended_from_the_remote(kept, tmp_path):
    shutil.copytree(kept.cache, tmp_path / "remote")
    path = kept.cache / object_name(kept.flights.md5)
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    materialise(kept.flights, tmp_path / "x.csv", [str(kept.cache), str(tmp_path / "remote")])
    assert path.read_text() == (tmp_path / "x.csv").read_text() == "month\n1\n"


def test_the_version_s_own_remote_is_tried_last(kept, tmp_path):
    version = Version(**{**kept.flights.to_dict(), "remote": str(kept.cache)})
    materialise(version, tmp_path / "x.csv", [])
    assert (tmp_path / "x.csv").read_text() == "month\n1\n"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def served(kept):
    "The cache, over http."
    handler = functools.partial(Quiet, directory=str(kept.cache))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_data_comes_over_the_network_and_is_cached_on_the_way(kept, served, tmp_path):
    (tmp_path / "cache").mkdir()
    materialise(kept.images, tmp_path / "images", [str(tmp_path / "cache"), served])
    assert files(tmp_path / "images") == files(kept.root / "data/images")
    materialise(kept.images, tmp_path / "again", [str(tmp_path / "cache")])


def test_what_a_remote_does_not_have_is_missing_not_a_failure(kept, served, tmp_path):
    lost = Version("x.csv", "0" * 32, 1, "clean")
    with pytest.raises(DataError, match="not in http://127"):
        materialise(lost, tmp_path / "x", [served])


@pytest.mark.parametrize(
    "source", ["http://ada:ghp_secret@127.0.0.1:9/x", "nosuch://AKIA:ghp_secret@bucket/x"]
)
def test_a_remote_that_cannot_be_reached_may_be_tried_again_and_shows_no_credentials(kept, tmp_path, source):
    with pytest.raises(InfrastructureError) as error:
        materialise(Version("x.csv", "0" * 32, 1, "clean"), tmp_path / "x", [source])
    assert error.value.exit_code == 3
    assert "ghp_secret" not in str(error.value)


def test_a_place_that_cannot_be_written_is_told(kept, tmp_path):
    (tmp_path / "file").write_text("1")
    with pytest.raises(InfrastructureError):
        materialise(kept.flights, tmp_path / "file/x.csv", [str(kept.cache)])


def test_a_container_needs_neither_git_nor_dvc_nor_the_project(kept, tmp_path):
    code = (
        "import json, sys; from pathlib import Path\n"
        "sys.modules.update(dict.fromkeys(['dvc', 'dvc_data', 'dvc_objects', 'yaml', 'git']))\n"
        "from aiinfra.project.data import Version\n"
        "from aiinfra.project.transfer import materialise\n"
        "version, cache = json.loads(sys.argv[1])\n"
        "materialise(Version.from_dict(version), Path('images'), [cache])"
    )
    argument = json.dumps([kept.images.to_dict(), str(kept.cache)])
    env = {k: v for k, v in os.environ.items() if k != "PATH"}
    subprocess.run([sys.executable, "-c", code, argument], cwd=tmp_path, env=env, check=True)
    assert files(tmp_path / "images") == files(kept.root / "data/images")


@pytest.mark.parametrize("target", ["{}/folder", "file://{}/folder", "memory://{}/folder"])
def test_what_is_sent_can_be_had_from_there(kept, tmp_path, target):
    target = target.format(tmp_path)
    for _ in range(2):
        send(kept.images, str(kept.cache), target)
        send(kept.flights, str(kept.cache), target)
    materialise(kept.images, tmp_path / "images", [target])
    materialise(kept.flights, tmp_path / "flights.csv", [target])
    assert files(tmp_path / "images") == files(kept.root / "data/images")


def test_what_is_not_there_cannot_be_sent(kept, tmp_path):
    with pytest.raises(DataError):
        send(Version("x.csv", "0" * 32, 1, "clean"), str(kept.cache), str(tmp_path / "x"))


def test_a_target_that_takes_nothing_is_told_without_credentials(kept):
    with pytest.raises(InfrastructureError) as error:
        send(kept.flights, str(kept.cache), "nosuch://AKIA:ghp_secret@bucket/x")
    assert "ghp_secret" not in str(error.value)
