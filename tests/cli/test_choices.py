"""`aiinfra run --data` reads an older version; `--as-last` chooses what was chosen in JupyterLab."""

import json
import subprocess

import pytest

from aiinfra.config import load_settings
from aiinfra.project.init import init_project
from aiinfra.project.workspace import add

PARAMETERS = 'flights: Input[Dataset] = "flights.csv"\nmonth: int = 3  # 1..12\nrows: Output[int]'
COUNT = "rows = month * 100 + len(open(flights).read().splitlines())"


@pytest.fixture(scope="module")
def cli(make_project, write):
    cli = make_project()
    root = cli.folder
    init_project(root)
    write(root / "count.ipynb", "from aiinfra import Dataset, Input, Output", COUNT, parameters=PARAMETERS)
    content = json.loads((root / "count.ipynb").read_text())
    content["cells"].insert(0, content["cells"].pop(1))  # the imports come first
    (root / "count.ipynb").write_text(json.dumps(content))
    for number in (1, 2):
        (root / "flights.csv").write_text("x\n" * number)
        add(root / "flights.csv", load_settings(root, env={}))
        for command in (["add", "-A"], ["commit", "-q", "-m", f"Version {number}"]):
            subprocess.run(["git", *command], cwd=root, check=True)
    return cli


def remember(cli, name, last):
    content = json.loads((cli.folder / "count.ipynb").read_text())
    content["metadata"]["aiinfra"] = {"last": last}
    (cli.folder / name).write_text(json.dumps(content))
    return name


def rows(result):
    assert result.code == 0, result.text
    return result.json["metrics"]["rows"]


def test_an_older_version_is_chosen_by_a_revision(cli):
    before = cli.tree
    assert rows(cli("run", "count.ipynb", "--data", "flights=HEAD~1", "--json")) == 301
    assert {n: h for n, h in cli.tree.items() if not n.startswith((".aiinfra", ".dvc"))} == {
        n: h for n, h in before.items() if not n.startswith((".aiinfra", ".dvc"))
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("flights=nothing", "flights.csv has no version 'nothing'"),
        ("flihgts=HEAD~1", "did you mean 'flights'?"),
        ("flights", "is not name=value"),
    ],
)
def test_a_version_that_is_not_there_is_an_error_before_anything_runs(cli, given, told):
    result = cli("run", "count.ipynb", "--data", given)
    assert result.code == 2 and told in result.err and "Run " not in result.err


def test_what_was_chosen_last_is_chosen_again_and_said(cli):
    last = {
        "arguments": {"month": 5},
        "versions": {"flights": "HEAD~1"},
        "resources": {"cpu": "1", "memory": None},
    }
    name = remember(cli, "again.ipynb", last)
    result = cli("run", name, "--as-last", "--json")
    assert rows(result) == 501
    assert "as last: month=5, flights='HEAD~1', cpu='1'" in result.err


def test_what_is_typed_wins_over_what_was_chosen_last(cli):
    name = remember(cli, "typed.ipynb", {"arguments": {"month": 5}})
    assert rows(cli("run", name, "--as-last", "-p", "month=6", "--json")) == 602


@pytest.mark.parametrize(
    ("last", "told"),
    [
        (None, "nothing was chosen for n.ipynb yet"),
        ({"arguments": [1]}, "nothing was chosen for n.ipynb yet"),
        ({"target": "cluster"}, "the target 'cluster'"),
        ({"resources": {"memory": "9999Ei"}}, "more than local has"),
        ({"arguments": {"mnth": 5}}, "did you mean 'month'?"),
    ],
    ids=["nothing", "broken", "target", "memory", "renamed"],
)
def test_a_choice_that_can_not_be_made_again_is_an_error(cli, last, told):
    result = cli("run", remember(cli, "n.ipynb", last), "--as-last")
    assert result.code == 2 and told in result.err and "Run " not in result.err
