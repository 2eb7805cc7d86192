import os
from pathlib import Path

import pytest

from aiinfra.project.files import inside, leads_out, matching, project_files, write_whole


def test_a_path_has_one_name_however_it_is_given(folder, monkeypatch):
    path = folder.write("data/a.csv")
    (folder.root / "link").symlink_to(folder.root / "data")
    monkeypatch.chdir(folder.root / "data")
    given = [path, Path("a.csv"), Path("../data/a.csv"), folder.root / "link/a.csv"]
    assert {inside(p, folder.root) for p in given} == {"data/a.csv"}


def test_what_lies_elsewhere_has_no_name(folder, tmp_path):
    (tmp_path / "outside").mkdir()
    (folder.root / "way-out").symlink_to(tmp_path / "outside")
    assert inside(tmp_path / "outside/x", folder.root) is None
    assert inside(folder.root / "way-out/x", folder.root) is None
    assert inside(folder.root / "../flights-2/x", folder.root) is None
    assert leads_out(folder.root / "way-out/x", folder.root)


def test_with_git_ignored_files_are_not_the_project_s(repo):
    repo.write(".gitignore", "*.log\n/build\n")
    for name in ("a.py", "b.log", "build/c.py", "sub/d.py", "sub/__pycache__/d.pyc"):
        repo.write(name)
    assert project_files(repo.root) == [".gitignore", "a.py", "sub/d.py"]


def test_a_file_deleted_but_not_committed_is_gone(repo):
    repo.write("a.py")
    repo.commit()
    (repo.root / "a.py").unlink()
    assert project_files(repo.root) == []


def test_a_project_in_an_ignored_folder_of_a_repository_still_has_files(repo):
    repo.write(".gitignore", "/sandbox\n")
    repo.write("sandbox/a.py")
    assert project_files(repo.root / "sandbox") == ["a.py"]


def test_a_repository_inside_belongs_to_the_project(repo):
    inner = type(repo)(repo.root / "vendor/lib")
    inner.write("x.py")
    inner.git("init", "-q")
    inner.commit()
    repo.write("a.py")
    assert project_files(repo.root) == ["a.py", "vendor/lib/x.py"]


def test_odd_names_come_through(repo):
    names = sorted(["a b.py", "é.py", "new\nline.py", 'q"uote.py', "日本.py"])
    for name in names:
        repo.write(name)
    assert project_files(repo.root) == names


def test_virtual_environments_are_never_the_project_s(folder):
    folder.write(".venv/pyvenv.cfg")
    folder.write(".venv/lib/x.py")
    folder.write("a.py")
    assert project_files(folder.root) == ["a.py"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("a.sql", ["a.sql"]),
        ("*.sql", ["a.sql"]),
        ("**/*.sql", ["a.sql", "x/b.sql", "x/y/c.sql"]),
        ("x", ["x/b.sql", "x/y/c.sql", "x/[1].txt"]),
        ("x/", ["x/b.sql", "x/y/c.sql", "x/[1].txt"]),
        ("./x/*", ["x/b.sql", "x/y/c.sql", "x/[1].txt"]),
        ("x/**", ["x/b.sql", "x/y/c.sql", "x/[1].txt"]),
        ("x/[!0-9].sql", ["x/b.sql"]),
        ("?.sql", ["a.sql"]),
        ("x/[[]1].txt", ["x/[1].txt"]),
        ("A.sql", []),
    ],
)
def test_patterns_mean_what_they_usually_mean(pattern, found):
    assert matching(["a.sql", "x/b.sql", "x/y/c.sql", "x/[1].txt"], [pattern]) == found


def test_a_full_disk_leaves_the_old_file(folder, monkeypatch):
    path = folder.write("settings.ini", "old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_text() == "old"
    assert [p.name for p in folder.root.iterdir()] == ["settings.ini"]
