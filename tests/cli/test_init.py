"""`aiinfra init`, in all the folders that people have."""

import subprocess

import pytest

MADE = {".dvc/.gitignore", ".dvc/config", ".dvcignore", ".gitignore", "settings.ini"}


def made(cli):
    return {path for path in cli.tree if not path.startswith(".dvc/tmp/")}


def git(folder, *args):
    return subprocess.run(["git", *args], cwd=folder, capture_output=True, text=True, check=True).stdout


def test_an_empty_folder_becomes_a_project_and_stays_one(cli):
    first = cli("init")
    assert (first.code, first.err) == (0, "")
    assert [line.partition(":")[0] for line in first.out.splitlines()] == [
        "git",
        "DVC",
        "settings.ini",
        ".gitignore",
    ]
    assert made(cli) == MADE
    assert git(cli.folder, "rev-parse", "--is-inside-work-tree") == "true\n"
    before = cli.tree
    again = cli("init")
    assert (again.code, again.out) == (0, "everything is there already\n")
    assert cli("init", "--json").json == []
    assert cli.tree == before
    assert cli("runs").code == 0


def test_a_folder_is_made_where_there_is_none(cli):
    done = cli("init", "new/project", "--json")
    assert done.json[0] == "made the folder project"
    assert (cli.folder / "new/project/settings.ini").exists()
    assert not (cli.folder / "settings.ini").exists()


def test_what_is_there_stays(cli):
    files = {
        "settings.ini": "[run]\ncell_timeout = 9\n",
        ".gitignore": "*.log\n.env",
        "data.csv": "a\n",
        "n.ipynb": "{}",
    }
    for name, text in files.items():
        (cli.folder / name).write_text(text)
    assert cli("init").code == 0
    now = {name: (cli.folder / name).read_text() for name in files}
    assert now.pop(".gitignore") == "*.log\n.env\n.aiinfra/\n__pycache__/\n.ipynb_checkpoints/\n"
    assert now == {name: text for name, text in files.items() if name != ".gitignore"}


def test_inside_another_repository_no_second_one_is_made(cli):
    subprocess.run(["git", "init", "-q", cli.folder], check=True)
    done = cli("init", "sub")
    assert done.code == 0
    assert "git" not in [line.partition(":")[0] for line in done.out.splitlines()]
    assert not (cli.folder / "sub/.git").exists()
    assert (cli.folder / "sub/.dvc/config").exists()
    (cli.folder / "sub/data.csv").write_text("a\n1\n")
    assert cli("data", "add", "sub/data.csv").code == 0


def test_a_file_is_no_folder(cli):
    (cli.folder / "file").write_text("x")
    before = cli.tree
    done = cli("init", "file")
    assert done.code == 2
    assert "file" in done.err
    assert cli.tree == before


@pytest.mark.parametrize("place", ["/proc/x", "/dev/null/x", "/sys/kernel"])
def test_a_place_that_takes_nothing_is_told(cli, place):
    done = cli("init", place)
    assert done.code in (2, 3)
    assert place in done.err


@pytest.mark.parametrize("name", ["with space", "ümläut", "100%", "[x]", "a=b"])
def test_any_name_will_do(cli, name):
    assert cli("init", name).code == 0
    assert cli("runs", cwd=name).code == 0
