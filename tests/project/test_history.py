import shutil

import pyarrow as pa
import pytest
from pyarrow import parquet

from aiinfra.errors import DataError
from aiinfra.project.dvc import cache_root
from aiinfra.project.history import versions
from aiinfra.project.workspace import add


def table(project, name, rows):
    path = project.write(name)
    parquet.write_table(pa.table({"month": list(range(rows))}), path)
    return path


def test_each_commit_that_changed_the_content_is_told_newest_first(project):
    revs = []
    for rows in (10, 20):
        path = table(project, "data/flights.parquet", rows)
        add(path, project.settings)
        revs.insert(0, project.commit(f"{rows} rows"))
    found = versions(path, project.settings)
    assert [(v.rev, v.rows, v.subject, v.author) for v in found] == [
        (revs[0], 20, "20 rows", "Ada"),
        (revs[1], 10, "10 rows", "Ada"),
    ]
    assert [v.date for v in found] == [project.git("show", "-s", "--format=%aI", rev) for rev in revs]


def test_what_is_not_committed_comes_first(project):
    path = table(project, "flights.parquet", 1)
    assert [(v.rev, v.rows) for v in versions(path, project.settings)] == [(None, 1)]
    add(path, project.settings)
    assert [(v.rev, v.rows) for v in versions(path, project.settings)] == [(None, 1)]
    rev = project.commit()
    assert [v.rev for v in versions(path, project.settings)] == [rev]
    table(project, "flights.parquet", 2)
    assert [(v.rev, v.rows) for v in versions(path, project.settings)] == [(None, 2), (rev, 1)]


def test_a_commit_that_did_not_change_the_content_is_no_version(project):
    path = project.write("flights.csv", "month\n1\n")
    add(path, project.settings)
    rev = project.commit()
    with (project.root / "flights.csv.dvc").open("a") as file:
        file.write("desc: one row\n")
    project.commit()
    assert [v.rev for v in versions(path, project.settings)] == [rev]


def test_versions_are_known_after_the_content_is_gone(project):
    path = project.write("flights.csv", "month\n1\n")
    add(path, project.settings)
    rev = project.commit()
    path.unlink()
    shutil.rmtree(cache_root(project.settings))
    assert [(v.rev, v.size, v.rows) for v in versions(path, project.settings)] == [(rev, 8, None)]


def test_a_dataset_that_was_removed_still_has_its_history(project):
    path = project.write("flights.csv", "month\n1\n")
    add(path, project.settings)
    project.commit()
    path.unlink()
    project.git("rm", "-q", "flights.csv.dvc")
    project.commit("gone")
    assert [v.rows for v in versions(path, project.settings)] == [1]


def test_a_part_of_a_folder_has_a_history_of_its_own(project):
    project.write("data/a.csv", "month\n1\n")
    project.write("data/b.csv", "month\n1\n")
    add(project.root / "data", project.settings)
    first = project.commit("both")
    project.write("data/b.csv", "month\n1\n2\n")
    add(project.root / "data", project.settings)
    second = project.commit("b")
    assert [(v.rev, v.rows) for v in versions(project.root / "data/a.csv", project.settings)] == [(first, 1)]
    assert [v.rev for v in versions(project.root / "data/b.csv", project.settings)] == [second, first]


def test_small_data_in_git_itself_has_a_history_too(project):
    path = project.write("airports.csv", "code\nEWR\n")
    first = project.commit()
    project.write("airports.csv", "code\nEWR\nJFK\n")
    second = project.commit()
    assert [(v.rev, v.rows) for v in versions(path, project.settings)] == [(second, 2), (first, 1)]


def test_a_path_that_never_was_is_told(project):
    with pytest.raises(DataError, match="there is no"):
        versions(project.root / "nothing.csv", project.settings)
    with pytest.raises(DataError, match="is not data of the project"):
        versions(project.root.parent / "x.csv", project.settings)


def test_a_folder_of_a_bigger_repository_works_alike(repo):
    from aiinfra.project.init import init_project

    inner = type(repo)(repo.root / "projects/flights")
    init_project(inner.root)
    path = inner.write("data/flights.csv", "month\n1\n")
    add(path, inner.settings)
    rev = repo.commit()
    assert [(v.rev, v.rows) for v in versions(path, inner.settings)] == [(rev, 1)]
