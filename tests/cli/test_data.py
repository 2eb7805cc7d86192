"""`aiinfra data add` and `data versions`; `data take` is in test_run, beside the run that made something."""

import re
import subprocess

import pytest
from click.testing import CliRunner

from aiinfra.cli.main import main


@pytest.fixture(scope="module")
def project(make_cli):
    "A project with a table in two committed versions and a third one that is not."
    cli = make_cli("data")
    assert cli("init").code == 0
    table = cli.folder / "data/table.csv"
    table.parent.mkdir()
    git = ["git", "-C", str(cli.folder)]
    for rows in (1, 2):
        table.write_text("a,b\n" + "1,2\n" * rows)
        assert cli("data", "add", "data/table.csv").code == 0
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", f"{rows} rows"], check=True)
    table.write_text("a,b\n" + "1,2\n" * 3)
    return cli


def people(tree):
    "The files that belong to people, not to tools."
    return {path: content for path, content in tree.items() if not path.startswith((".dvc/", ".aiinfra/"))}


@pytest.fixture
def here(project, monkeypatch):
    monkeypatch.chdir(project.folder)
    return lambda *args: CliRunner().invoke(main, [*map(str, args)])


def test_add_says_what_to_commit_and_touches_nothing_else(project):
    (project.folder / "new").mkdir()
    (project.folder / "new/x.csv").write_text("a\n")
    before = people(project.tree)
    done = project("data", "add", "x.csv", cwd="new")
    assert (done.code, done.err) == (0, "")
    assert re.fullmatch(r"x\.csv: md5 [0-9a-f]{32}; commit x\.csv\.dvc to keep this version\n", done.out)
    now = people(project.tree)
    assert now.keys() - before.keys() == {"new/x.csv.dvc", "new/.gitignore"}
    assert all(now[path] == before[path] for path in before)


def test_a_folder_is_data_too(project):
    (project.folder / "parts").mkdir()
    (project.folder / "parts/1.csv").write_text("a\n")
    version = project("data", "add", "parts", "--json").json
    assert version["path"] == "parts"
    assert version["md5"].endswith(".dir")
    assert version["state"] == "clean"


def test_versions_are_listed_newest_first_the_workspace_s_own_above(project):
    rows = [line.split() for line in project("data", "versions", "data/table.csv").out.splitlines()]
    assert rows[0] == ["REVISION", "DATE", "SIZE", "ROWS", "MD5"]
    assert rows[1][0] == "workspace"
    assert [" ".join(row[-2:]) for row in rows[2:]] == ["2 rows", "1 rows"]
    assert [row[3:6] for row in rows[1:]] == [["16", "B", "3"], ["12", "B", "2"], ["8", "B", "1"]]


def test_versions_as_json(project):
    found = project("data", "versions", "table.csv", "--json", cwd="data").json
    assert [(v["rows"], v["size"], bool(v["rev"])) for v in found] == [
        (3, 16, False),
        (2, 12, True),
        (1, 8, True),
    ]
    assert len({v["md5"] for v in found}) == 3


@pytest.mark.parametrize("verb", ["add", "versions"])
@pytest.mark.parametrize(
    "path",
    ["data/tabel.csv", "no/such/file.csv", ".", "..", ".git/HEAD", ".aiinfra", ""],
    ids=repr,
)
def test_what_is_no_data_of_the_project_is_refused(project, here, verb, path):
    before = project.tree
    done = here("data", verb, path)
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    assert "Traceback" not in done.output
    assert project.tree == before
    if path == "data/tabel.csv":
        assert "did you mean data/table.csv?" in done.stderr


def test_a_file_that_git_tracks_is_refused_with_the_command_that_mends_it(project, here):
    done = here("data", "add", "settings.ini")
    assert done.exit_code == 2
    assert "git rm" in done.stderr


def test_without_dvc_the_way_to_get_it_is_told(cli):
    (cli.folder / "x.csv").write_text("a\n")
    (cli.folder / "settings.ini").write_text("")
    done = cli("data", "add", "x.csv")
    assert done.code == 2
    assert "aiinfra init" in done.err
    assert not (cli.folder / "x.csv.dvc").exists()
