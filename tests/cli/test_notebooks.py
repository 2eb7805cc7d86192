"""`aiinfra interface` and `aiinfra check`; what isn't a good notebook, and what every verb says of it."""

import json
import os

import jsonschema
import pytest
from click.testing import CliRunner

from aiinfra.cli.main import main

PARAMETERS = """\
from typing import Literal
from aiinfra import Dataset, Input, Model, Output
flights: Input[Dataset] = "data/flights.csv"  # Departures
month: int = 1  # Month to train on, 1..12
rate: float = 1e-3
limit: float = float("inf")
seconds: int = 60 * 60
optimizer: Literal["adam", "sgd"] = "adam"
hidden: list[int] = [64, 64]
weights: dict[str, float] = {"a": 1.0}
holdout: str | None = None
folder: str = str(month)
name: str
model: Output[Model] = "out/model.pt2"
auc: Output[float]  # Area under the curve
"""
MAKE = "import aiinfra\nfrom kfp import dsl\nfrom aiinfra.pipeline import notebook_component\n"


@pytest.fixture(scope="module")
def project(make_cli, write):
    cli = make_cli("notebooks")
    write(
        cli.folder / "nb" / "train.ipynb",
        "auc = 0.5",
        parameters=PARAMETERS,
        title="# Train it\n\n> On one month.",
    )
    write(cli.folder / "plain.ipynb", "print(1)")
    return cli


@pytest.fixture
def here(project, monkeypatch):
    "A verb in this process, in the project's folder."
    monkeypatch.chdir(project.folder)
    return lambda *args: CliRunner().invoke(main, [*map(str, args)])


# -- interface -------------------------------------------------------------------------------------------------------


def test_the_interface_as_a_person_reads_it(project):
    shown = project("interface", "nb/train.ipynb")
    assert (shown.code, shown.err) == (0, "")
    lines = [" ".join(line.split()) for line in shown.out.splitlines()]
    assert lines[:2] == ["Train it", "On one month."]
    for line in (
        "month int = 1 Month to train on, 1..12",
        'optimizer Literal["adam", "sgd"] = "adam"',
        "folder str = str(month)",
        "name str required",
        'flights Dataset = "data/flights.csv" Departures',
        "model Model -> out/model.pt2",
        "auc float Area under the curve",
    ):
        assert line in lines


def test_the_interface_as_json_schema(project):
    schema = project("interface", "nb/train.ipynb", "--json").json
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    order = [
        "flights",
        "month",
        "rate",
        "limit",
        "seconds",
        "optimizer",
        "hidden",
        "weights",
        "holdout",
        "folder",
        "name",
    ]
    assert list(schema["properties"]) == order
    assert schema["required"] == ["name"]
    assert list(schema["x-outputs"]) == ["model", "auc"]
    validator = jsonschema.Draft202012Validator(schema)
    good = {
        "name": "x",
        "month": 3,
        "rate": 1,
        "hidden": [1],
        "weights": {"a": 2},
        "holdout": None,
        "flights": "a.csv",
    }
    assert validator.is_valid(good)
    defaults = {n: p["default"] for n, p in schema["properties"].items() if "default" in p}
    assert validator.is_valid({**defaults, "name": "x"})
    for wrong in (
        {"month": 13},
        {"month": 1.5},
        {"rate": "x"},
        {"optimizer": "x"},
        {"hidden": ["x"]},
        {"moth": 1},
    ):
        assert not validator.is_valid({"name": "x", **wrong}), wrong
    assert not validator.is_valid({})


def test_a_notebook_without_parameters_takes_nothing(project):
    assert "takes nothing" in project("interface", "plain.ipynb").out
    schema = project("interface", "plain.ipynb", "--json").json
    assert (schema["properties"], schema["additionalProperties"]) == ({}, False)


def test_the_interface_of_a_pipeline(make_cli, write, monkeypatch):
    cli = make_cli("pipeline")
    write(cli.folder / "n.ipynb", "print(month)", parameters="month: int = 1")
    (cli.folder / "pipeline.py").write_text(
        MAKE + 'step = notebook_component("n.ipynb")\n'
        '@dsl.pipeline(name="p", description="Two words")\n'
        "def first(month: int = 3):\n    step(month=month)\n"
        "@dsl.pipeline\ndef second(other: str):\n    step(month=1)\n"
    )
    monkeypatch.chdir(cli.folder)
    assert cli("interface", "pipeline.py:first", "--json").json["properties"]["month"]["default"] == 3
    assert "other  str  required" in CliRunner().invoke(main, ["interface", "pipeline.py:second"]).stdout
    unclear = CliRunner().invoke(main, ["interface", "pipeline.py"])
    assert unclear.exit_code == 2
    assert "first" in unclear.stderr
    assert "second" in unclear.stderr


# -- check -----------------------------------------------------------------------------------------------------------


def test_a_good_notebook_is_told_so(project):
    shown = project("check", "plain.ipynb")
    assert (shown.code, shown.out) == (0, "✓ plain.ipynb will run from top to bottom\n")
    assert project("check", "plain.ipynb", "--json").json == []


def test_warnings_do_not_keep_a_notebook_from_running(project, write):
    write(project.folder / "warn.ipynb", "print(1)", parameters="unused: int = 1")
    shown = project("check", "warn.ipynb")
    assert shown.code == 0
    assert shown.out.startswith("! warn.ipynb, cell 1, line 1, field unused: ")
    assert shown.out.endswith("✓ warn.ipynb will run from top to bottom (1 warning)\n")


def test_errors_come_first_each_with_place_and_remedy(project, write):
    write(project.folder / "bad.ipynb", "print(later)", "later = 1", parameters="unused: int = 1")
    shown = project("check", "bad.ipynb")
    assert shown.code == 2
    assert shown.out.startswith("✗ bad.ipynb, cell 2, line 1: ")
    assert "later" in shown.out.splitlines()[0]
    assert shown.out.endswith("✗ bad.ipynb won't run from top to bottom (1 error, 1 warning)\n")
    findings = project("check", "bad.ipynb", "--json").json
    assert [f["level"] for f in findings] == ["error", "warning"]
    assert findings[0]["where"] == {"file": "bad.ipynb", "cell": 2, "line": 1}
    assert all({"level", "code", "message", "where", "remedy"} == set(f) for f in findings)


def test_a_pipeline_is_checked_with_its_notebooks(make_cli, write):
    cli = make_cli("checked")
    write(cli.folder / "n.ipynb", "print(later)", "later = month", parameters="month: int = 1")
    pipeline = '@dsl.pipeline\ndef p(month: int = 3):\n    notebook_component("n.ipynb")(month=month)\n'
    (cli.folder / "pipeline.py").write_text(MAKE + pipeline)
    shown = cli("check", "pipeline.py")
    assert shown.code == 2
    assert shown.out.startswith("✗ n.ipynb, cell 2, line 1: ")
    (cli.folder / "pipeline.py").write_text(MAKE + pipeline.replace("month=month", "moth=month"))
    (finding,) = cli("check", "pipeline.py", "--json").json
    assert (finding["level"], finding["where"]["file"]) == ("error", "pipeline.py")
    assert "did you mean 'month'?" in finding["remedy"]


def test_check_changes_nothing(project, here):
    before = project.tree
    for name in ("plain.ipynb", "nb/train.ipynb"):
        here("check", name)
        here("interface", name)
    assert project.tree == before
    assert not (project.folder / ".aiinfra").exists()


def test_verbs_about_a_file_work_from_any_folder(project):
    for folder, path in ((".", "nb/train.ipynb"), ("nb", "train.ipynb"), ("nb", "../nb/train.ipynb")):
        assert project("interface", path, cwd=folder).code == 0
    assert project("check", project.folder / "plain.ipynb", cwd="/").code == 0


# -- bad input -------------------------------------------------------------------------------------------------------

INPUT = "from aiinfra import Dataset, Input\ndata: Input[Dataset] = "


def of_parameters(source, **more):
    return lambda path, write: write(path, "print(1)", parameters=source, **more)


BAD = {
    "empty": (lambda path, write: path.write_text(""), ["not a notebook"]),
    "text": (lambda path, write: path.write_text("hello"), ["not a notebook", "line 1"]),
    "half": (lambda path, write: path.write_text('{\n "cells": [\n oops'), ["not a notebook", "line 3"]),
    "json": (lambda path, write: path.write_text('{"a": 1}'), ["not a notebook"]),
    "list": (lambda path, write: path.write_text("[1]"), ["not a notebook"]),
    "old": (lambda path, write: path.write_text('{"nbformat": 3, "worksheets": []}'), ["jupyter nbconvert"]),
    "bytes": (lambda path, write: path.write_bytes(b"\xff\xfe\x00"), ["not a notebook"]),
    "folder": (lambda path, write: path.mkdir(), ["folder.ipynb"]),
    "loop": (lambda path, write: path.symlink_to(path.name), ["loop.ipynb"]),
    "dangling": (lambda path, write: path.symlink_to("nowhere.ipynb"), ["dangling.ipynb"]),
    "syntax": (of_parameters("a: int = 1\nb: int = = 2"), ["cell 1, line 2"]),
    "twice": (of_parameters("a: int = 1\nb: int = 2\na: int = 3"), ["a is declared twice", "cell 1, line 3"]),
    "keyword": (of_parameters("lambda: int = 3"), ["lambda", "keyword", "cell 1, line 1"]),
    "untyped": (of_parameters("a: set[int] = {1}"), ["cell 1, line 1", "field a"]),
    "default": (of_parameters("a: int = 'x'"), ["cell 1, line 1", "field a"]),
    "range": (of_parameters("a: int = 20  # 1..12"), ["cell 1, line 1", "field a"]),
    "absolute": (of_parameters(INPUT + "'/etc/hosts'"), ["'/etc/hosts'", "cell 1, line 2", "field data"]),
    "nokernel": (of_parameters("a: int = 1", kernel=None), ["names no kernel"]),
}
RUN_ONLY = {
    "outside": (of_parameters(INPUT + "'../outside.csv'"), ["outside.csv", "cell 1, line 2", "field data"]),
    "missing": (of_parameters(INPUT + "'no/data.csv'"), ["no/data.csv", "cell 1, line 2", "field data"]),
    "wrongkernel": (of_parameters("a: int = 1", kernel="julia-1.9"), ["julia-1.9", "isn't installed"]),
}


@pytest.fixture(scope="module")
def broken(make_cli, write):
    cli = make_cli("broken")
    cli.folder /= "inside"
    cli.folder.mkdir()
    (cli.folder / "settings.ini").write_text("")
    (cli.folder.parent / "outside.csv").write_text("a\n1\n")
    for name, (make, _) in {**BAD, **RUN_ONLY}.items():
        make(cli.folder / f"{name}.ipynb", write)
    return cli


def state(folder):
    return sorted((str(p), os.lstat(p).st_mtime_ns) for p in folder.rglob("*"))


@pytest.mark.parametrize(
    ("verb", "name"),
    [
        (verb, name)
        for verb in ("interface", "check", "run", "compile")
        for name in BAD
        if (verb, name) != ("interface", "nokernel")
    ]
    + [(verb, name) for verb in ("check", "run") for name in RUN_ONLY],
)
def test_a_bad_notebook_is_refused_in_words_and_nothing_is_written(broken, verb, name, monkeypatch):
    monkeypatch.chdir(broken.folder)
    before = state(broken.folder)
    more = ["-o", "p.yaml"] if verb == "compile" else []
    done = CliRunner().invoke(main, [verb, f"{name}.ipynb", *more])
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    assert f"{name}.ipynb" in done.output
    assert all(words in done.output for words in {**BAD, **RUN_ONLY}[name][1]), done.output
    assert state(broken.folder) == before
    if verb != "check":
        assert done.stdout == ""


@pytest.mark.parametrize("verb", ["interface", "check", "run", "compile"])
@pytest.mark.parametrize(
    "path", ["nothere.ipynb", "no/folder/x.ipynb", "settings.ini", ".", "/etc/passwd", ""], ids=repr
)
def test_what_is_no_notebook_at_all_is_refused(broken, verb, path, monkeypatch):
    monkeypatch.chdir(broken.folder)
    before = state(broken.folder)
    done = CliRunner().invoke(main, [verb, path, *(["-o", "p.yaml"] if verb == "compile" else [])])
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    assert state(broken.folder) == before


def test_a_bad_notebook_as_a_process(broken):
    for verb in ("interface", "check", "run"):
        done = broken(verb, "half.ipynb")
        assert (done.code, done.out) == (2, "")
        assert done.err == "error: not a notebook: not JSON (Expecting value)\n  where: half.ipynb, line 3\n"
        assert "Traceback (most recent call last)" in broken(verb, "half.ipynb", "--debug").err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("x = (", ["syntax error", "line 1"]),
        ("\nraise ValueError('boo')", ["ValueError: boo", "line 2"]),
        ("import no_such_module", ["no_such_module", "line 1"]),
        ("x = 1", ["pipeline"]),
        (MAKE + "step = notebook_component('nothere.ipynb')", ["nothere.ipynb"]),
    ],
    ids=["syntax", "raises", "imports", "none", "notebook"],
)
def test_a_bad_pipeline_is_refused_in_words(broken, content, words, monkeypatch):
    monkeypatch.chdir(broken.folder)
    (broken.folder / "pipeline.py").write_text(content)
    for verb in (["run"], ["compile", "-o", "p.yaml"], ["interface"]):
        done = CliRunner().invoke(main, [verb[0], "pipeline.py", *verb[1:]])
        assert (done.exit_code, done.stdout) == (2, ""), done.output
        assert all(word in done.stderr for word in words), done.stderr
        assert "Traceback" not in done.output
    assert not (broken.folder / "p.yaml").exists()
    assert not (broken.folder / ".aiinfra").exists()


def test_a_notebook_elsewhere_is_of_the_project_that_it_lies_in(broken, write, make_cli, monkeypatch):
    other = make_cli("other")
    write(other.folder / "n.ipynb", "print(1)")
    monkeypatch.chdir(broken.folder)
    for path in (other.folder / "n.ipynb", os.path.relpath(other.folder / "n.ipynb")):
        assert CliRunner().invoke(main, ["check", str(path)]).exit_code == 0


@pytest.mark.parametrize("verb", ["check", "run", "compile"])
def test_a_link_to_a_notebook_of_another_project_is_refused(broken, write, make_cli, monkeypatch, verb):
    other = make_cli("other")
    write(other.folder / "n.ipynb", "print(1)")
    monkeypatch.chdir(broken.folder)
    (broken.folder / "link.ipynb").symlink_to(other.folder / "n.ipynb")
    done = CliRunner().invoke(main, [verb, "link.ipynb", *(["-o", "p.yaml"] if verb == "compile" else [])])
    (broken.folder / "link.ipynb").unlink()
    assert done.exit_code == 2
    assert "link.ipynb is not in the project" in done.output
    assert not (other.folder / ".aiinfra").exists()


# -- compile ---------------------------------------------------------------------------------------------------------


def test_the_same_sources_compile_to_the_same_bytes_wherever_they_are_written(project, strict_json):
    first = project("compile", "nb/train.ipynb", "-o", "a.yaml")
    assert (first.code, first.out) == (0, "")
    assert "a.yaml: train" in first.err
    assert project("compile", "train.ipynb", "-o", "b.yml", cwd="nb").code == 0
    piped = project("compile", project.folder / "nb/train.ipynb", "-o", "-", cwd="/")
    assert (project.folder / "a.yaml").read_text() == (project.folder / "nb/b.yml").read_text() == piped.out


def test_compile_never_overwrites_a_source(project):
    before = project.tree
    for output in ("nb/train.ipynb", "plain.ipynb", "x", "out.json"):
        done = project("compile", "plain.ipynb", "-o", output)
        assert done.code == 2
        assert "YAML" in done.err
    assert project("compile", "plain.ipynb", "-o", "no/such/folder.yaml").code == 2
    assert project("compile", "plain.ipynb").code == 2
    assert project.tree == before


def test_what_compile_writes_the_kfp_sdk_loads(project):
    from kfp import components

    project("compile", "plain.ipynb", "-o", "c.yaml")
    assert components.load_component_from_file(str(project.folder / "c.yaml")).name == "plain"


def test_json_and_text_of_a_large_notebook(project, write):
    path = write(project.folder / "large.ipynb", "print(1)", parameters="a: int = 1")
    content = json.loads(path.read_text())
    content["cells"][1]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": ["x" * 79 + "\n"] * 640_000}
    ]
    path.write_text(json.dumps(content))
    assert path.stat().st_size > 50e6
    assert project("interface", "large.ipynb", "--json").json["properties"] == {
        "a": {"type": "integer", "default": 1}
    }
    assert project("check", "large.ipynb").code == 0
    path.unlink()
