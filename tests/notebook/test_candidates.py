"""Which assignments could be parameters, and what a notebook remembers of the last choice."""

import json
from pathlib import Path

import pytest

from aiinfra.notebook.candidates import candidates
from aiinfra.notebook.last import LastChoices, last_choices
from aiinfra.notebook.source import Cell, Notebook, read_notebook, source_hash, stripped


def notebook(*cells, language="python", **metadata):
    numbered = tuple(Cell(i, f"c{i}", "code", source) for i, source in enumerate(cells, start=1))
    return Notebook(Path("n.ipynb"), numbered, "python3", language, metadata)


def names(*cells, **more):
    return [c.name for c in candidates(notebook(*cells, **more))]


def test_constants_are_offered_in_the_order_of_the_notebook():
    assert names(
        "b = 2\na: int = 1", "c = [1, 2]\nd = {'x': -1.5}", "e = 60 * 60\nf = None\ng = 'text'"
    ) == list("bacdefg")


@pytest.mark.parametrize(
    "source",
    [
        "a = b",
        "a = len('x')",
        "a = b = 1",
        "a, b = 1, 2",
        "_a = 1",
        "a = f'{b}'",
        "if b:\n    a = 1",
        "def f():\n    a = 1",
        "x.a = 1",
        "a: int",
        "a = 0\na += 1",
        "a = 1\nfor a in range(3):\n    pass",
        "a = 1\ndef f():\n    global a",
        "a = 1\ndel a",
        "import a\na = 1",
        "In = 1",
    ],
)
def test_what_is_computed_hidden_or_changed_later_is_not(source):
    assert names(source) == []


def test_a_name_that_a_later_cell_changes_is_not():
    assert names("total = 0\nmonth = 3", "for x in [1]:\n    total = total + x") == ["month"]


def test_a_comment_and_all_lines_come_along():
    found = candidates(
        notebook("import x\nhidden = [  # layers\n    64,\n]  # units\na = 1; b = 'é'  # both")
    )
    assert [(c.line, c.source) for c in found] == [
        (2, "hidden = [  # layers\n    64,\n]  # units"),
        (5, "a = 1"),
        (5, "b = 'é'"),
    ]


def test_a_cell_that_is_not_python_hides_no_other():
    assert names("month = ", "%%bash\na = 1", "%matplotlib inline\nrate = 0.1") == ["rate"]
    assert names("month <- 3", language="R") == []


def test_the_last_choice_is_no_part_of_the_code(tmp_path):
    "Otherwise every submit would be another version of the code."
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"aiinfra": {"resources": {"cpu": "1"}}},
        "cells": [{"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "source": "month = 1"}],
    }
    last = {"arguments": {"month": 5}, "versions": {}, "target": "local", "resources": {"cpu": "2"}}
    plain, chosen, bare, only = (tmp_path / f"{n}.ipynb" for n in ("plain", "chosen", "bare", "only"))
    plain.write_text(json.dumps(content))
    chosen.write_text(
        json.dumps(content | {"metadata": {"aiinfra": {"resources": {"cpu": "1"}, "last": last}}})
    )
    bare.write_text(json.dumps(content | {"metadata": {}}))
    only.write_text(json.dumps(content | {"metadata": {"aiinfra": {"last": last}}}))
    assert stripped(chosen) == stripped(plain) and stripped(only) == stripped(bare)
    assert stripped(plain) != stripped(bare)
    assert len({source_hash(read_notebook(p)).whole for p in (plain, chosen, bare, only)}) == 1


def test_what_was_chosen_is_read_without_what_was_not_said():
    last = {"arguments": {"month": 5}, "resources": {"cpu": "2", "memory": None, "accelerator_count": 1}}
    expected = LastChoices({"month": 5}, {}, "local", {"cpu": "2", "accelerator_count": 1})
    assert last_choices(notebook(aiinfra={"last": last})) == expected
    assert last_choices(notebook(aiinfra={"last": expected.to_dict()})) == expected


@pytest.mark.parametrize(
    "last",
    [
        None,
        3,
        [],
        {"arguments": []},
        {"versions": {"a": 1}},
        {"target": 1},
        {"resources": {"cpu": 2}},
        {"else": 1},
    ],
    ids=str,
)
def test_a_broken_choice_is_none(last):
    assert last_choices(notebook(aiinfra={"last": last})) is None
    assert last_choices(notebook(aiinfra=last)) is None
