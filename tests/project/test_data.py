import json
import shutil

import pytest

from aiinfra.errors import DataError
from aiinfra.project.cache import object_name
from aiinfra.project.data import Version, resolve
from aiinfra.project.dvc import cache_root
from aiinfra.project.workspace import add


@pytest.fixture
def tracked(project):
    "A project with a file and a folder under DVC, committed."
    add(project.write("data/flights.csv", "month\n1\n"), project.settings)
    project.write("data/images/cats/1.png", "cat")
    project.write("data/images/dogs/1.png", "dog")
    add(project.root / "data/images", project.settings)
    project.rev = project.commit("data")
    return project


def at(project, name):
    return resolve(project.root / name, project.settings)


def test_a_clean_file_has_the_commit_that_holds_it(tracked):
    version = at(tracked, "data/flights.csv")
    assert (version.state, version.rev, version.size) == ("clean", tracked.rev, 8)
    tracked.write("other.py")
    tracked.commit()
    assert at(tracked, "data/flights.csv").rev == tracked.rev


def test_a_changed_file_is_modified_and_hashed_all_the_same(tracked):
    clean = at(tracked, "data/flights.csv")
    tracked.write("data/flights.csv", "month\n2\n")
    version = at(tracked, "data/flights.csv")
    assert (version.state, version.rev) == ("modified", None)
    assert version.md5 != clean.md5


def test_added_but_not_committed_is_clean_without_commit(tracked):
    tracked.write("data/flights.csv", "month\n2\n")
    add(tracked.root / "data/flights.csv", tracked.settings)
    version = at(tracked, "data/flights.csv")
    assert (version.state, version.rev) == ("clean", None)


def test_an_unknown_file_is_untracked(tracked):
    tracked.write("data/new.csv", "1")
    assert at(tracked, "data/new.csv").state == "untracked"


def test_small_data_in_git_itself_is_clean_or_modified(tracked):
    tracked.write("airports.csv", "EWR")
    assert at(tracked, "airports.csv").state == "untracked"
    tracked.git("add", "airports.csv")
    assert at(tracked, "airports.csv").state == "modified"
    rev = tracked.commit()
    assert (at(tracked, "airports.csv").state, at(tracked, "airports.csv").rev) == ("clean", rev)


def test_a_fresh_clone_knows_its_versions_without_the_data(tracked):
    before = at(tracked, "data/flights.csv"), at(tracked, "data/images")
    (tracked.root / "data/flights.csv").unlink()
    shutil.rmtree(tracked.root / "data/images")
    assert (at(tracked, "data/flights.csv"), at(tracked, "data/images")) == before


@pytest.mark.parametrize("listing", ["in the cache", "lost"])
def test_a_part_of_a_folder_has_a_version_of_its_own(tracked, listing):
    whole = at(tracked, "data/images")
    if listing == "lost":
        (cache_root(tracked.settings) / object_name(whole.md5)).unlink()
    for part in ("data/images/cats/1.png", "data/images/cats"):
        assert at(tracked, part).state == "clean"
        assert at(tracked, part).rev == tracked.rev
    tracked.write("data/images/dogs/1.png", "wolf")
    assert at(tracked, "data/images").state == "modified"
    assert at(tracked, "data/images/dogs/1.png").state == "modified"
    if listing == "in the cache":
        assert at(tracked, "data/images/cats/1.png").state == "clean"


def test_a_part_of_a_folder_that_is_not_here_comes_from_the_listing(tracked):
    before = at(tracked, "data/images/cats/1.png")
    shutil.rmtree(tracked.root / "data/images")
    assert at(tracked, "data/images/cats/1.png") == before
    shutil.rmtree(cache_root(tracked.settings))
    with pytest.raises(DataError) as error:
        at(tracked, "data/images/cats/1.png")
    assert error.value.remedy == "dvc pull data/images"


def test_links_into_the_cache_are_fine_and_links_elsewhere_refused(tracked, tmp_path):
    tracked.dvc("config", "cache.type", "symlink")
    tracked.dvc("checkout", "--relink", "data/flights.csv")
    assert (tracked.root / "data/flights.csv").is_symlink()
    assert at(tracked, "data/flights.csv").state == "clean"
    (tmp_path / "elsewhere.csv").write_text("1")
    (tracked.root / "data/link.csv").symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(DataError, match="leads out"):
        at(tracked, "data/link.csv")


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../outside.csv", ".", ".git/config", ".dvc/config", ".aiinfra/md5.db", "way-out/x.csv"],
)
def test_what_is_not_the_project_s_data_is_refused(tracked, tmp_path, name):
    (tmp_path / "outside.csv").write_text("1")
    (tracked.root / "way-out").symlink_to(tmp_path)
    (tmp_path / "x.csv").write_text("1")
    with pytest.raises(DataError, match="is not data of the project"):
        at(tracked, name)


def test_a_missing_file_is_told_with_the_nearest_name(tracked):
    with pytest.raises(DataError) as error:
        at(tracked, "data/flihgts.csv")
    assert error.value.remedy == "did you mean data/flights.csv?"


def test_a_version_survives_its_journey_as_json(tracked):
    version = at(tracked, "data/flights.csv")
    assert Version.from_dict(json.loads(json.dumps(version.to_dict()))) == version
    with pytest.raises(DataError):
        Version.from_dict({"path": "x"})


def test_resolving_changes_nothing_that_git_sees(tracked):
    tracked.write("data/flights.csv", "changed")
    before = tracked.git("status", "--porcelain", "--ignored")
    at(tracked, "data/flights.csv")
    at(tracked, "data/images")
    after = tracked.git("status", "--porcelain", "--ignored")
    assert set(after.splitlines()) - set(before.splitlines()) <= {"!! .aiinfra/"}


def test_what_is_remembered_is_invisible_to_git_even_without_init(repo):
    repo.write("a.csv", "1")
    repo.commit()
    resolve(repo.root / "a.csv", repo.settings)
    assert (repo.root / ".aiinfra/md5.db").exists()
    assert repo.git("status", "--porcelain", "-uall") == ""


def test_no_credentials_of_the_remote_come_out(tracked):
    tracked.write(
        ".dvc/config", "[core]\n    remote = r\n['remote \"r\"']\n    url = s3://AKIA:ghp_secret@bucket/x\n"
    )
    assert at(tracked, "data/flights.csv").remote == "s3://bucket/x"


def test_data_works_without_git_and_dvc(folder):
    folder.write("data/a.csv", "1")
    version = resolve(folder.root / "data/a.csv", folder.settings)
    assert (version.state, version.rev, version.remote) == ("untracked", None, None)
