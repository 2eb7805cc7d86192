"""Reading notebooks: what is wrong with a file is said in words; what doesn't matter doesn't change a hash."""

import hashlib
import json
import os

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiinfra.errors import NotebookError
from aiinfra.notebook.source import load, read_notebook, source_hash, stripped


def error_of(path):
    with pytest.raises(NotebookError) as caught:
        read_notebook(path)
    return caught.value


CELL = {"cell_type": "code", "metadata": {}, "source": "", "outputs": [], "execution_count": None}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("month = 1", "not JSON"),
        ("[]", "no nbformat"),
        ("null", "no nbformat"),
        ('{"nbformat": true, "cells": []}', "no nbformat"),
        ('{"nbformat": "4", "cells": []}', "no nbformat"),
        ('{"nbformat": 4}', "no list of cells"),
        ('{"nbformat": 4, "cells": {}}', "no list of cells"),
        ('{"nbformat": 5, "cells": []}', "format 5"),
        ("[" * 100_000, "nested too deep"),
        (b"\xff\xfe\x00", "not a text file"),
    ],
)
def test_a_file_that_is_no_notebook_is_refused_with_the_reason(tmp_path, content, words):
    path = tmp_path / "train.ipynb"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    error = error_of(path)
    assert words in error.what
    assert error.where.file == str(path)
    assert error.exit_code == 2


@pytest.mark.parametrize(
    "cell",
    [
        None,
        [],
        "x = 1",
        {},
        {"cell_type": "heading", "source": ""},
        CELL | {"source": 3},
        CELL | {"source": ["a", 3]},
        CELL | {"source": {"a": 1}},
    ],
)
def test_a_malformed_cell_is_named_by_its_number(write, cell):
    error = error_of(write(cells=[CELL, cell]))
    assert error.where.cell == 2


@pytest.mark.parametrize(
    "metadata", [None, [], "x", {"tags": "parameters"}, {"tags": None}, {"tags": {"a": 1}}]
)
def test_odd_metadata_is_no_reason_to_refuse_a_notebook(write, metadata):
    path = write(cells=[CELL | {"metadata": metadata, "execution_count": "3", "id": 7}], metadata=metadata)
    notebook = read_notebook(path)
    assert notebook.cells[0].tags == () and notebook.cells[0].execution_count is None
    assert notebook.kernel is None and notebook.language == "python" and notebook.aiinfra == {}
    assert stripped(path)


def test_a_broken_file_is_refused_with_the_line(tmp_path):
    path = tmp_path / "train.ipynb"
    path.write_text('{\n "cells": [\n  {"cell_type": }\n ]\n}')
    assert error_of(path).where.line == 3


def test_a_merge_conflict_is_called_one_with_the_command_that_mends_it(tmp_path):
    path = tmp_path / "train.ipynb"
    path.write_text('{\n<<<<<<< HEAD\n "cells": []\n=======\n')
    error = error_of(path)
    assert "merge conflict" in error.what and "nbdev-fix" in error.remedy


def test_a_missing_file_a_folder_and_another_file_are_told_apart(tmp_path, write):
    assert error_of(tmp_path / "missing.ipynb").what == "no such notebook"
    assert error_of(write() / "below.ipynb").what == "no such notebook"
    assert "folder" in error_of(tmp_path).what
    (tmp_path / "train.py").write_text("month = 1")
    assert "doesn't end in .ipynb" in error_of(tmp_path / "train.py").what


def test_a_file_that_cannot_be_read_is_refused_with_the_systems_reason(tmp_path):
    loop = tmp_path / "loop.ipynb"
    loop.symlink_to(loop)
    assert os.strerror(40) in error_of(loop).what


def test_the_remedy_for_an_old_notebook_is_a_command_that_works(tmp_path):
    import shlex
    import subprocess
    import sys
    from pathlib import Path

    path = tmp_path / "old.ipynb"
    nbformat.write(
        nbformat.v3.new_notebook(
            worksheets=[nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell("x = 1")])]
        ),
        path,
    )
    command = shlex.split(error_of(path).remedy)
    subprocess.run([Path(sys.executable).parent / command[0], *command[1:]], check=True, capture_output=True)
    assert read_notebook(path).cells[0].source == "x = 1"


def test_a_notebook_with_50_mb_of_outputs_is_read(write):
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 1_000_000}
    path = write(cells=[CELL | {"source": f"x = {i}", "outputs": [output]} for i in range(50)])
    assert path.stat().st_size > 50_000_000
    notebook = read_notebook(path)
    assert len(notebook.code_cells) == 50
    assert len(stripped(path)) < 20_000


def test_cells_have_unique_ids_also_when_the_file_has_none_or_the_same_twice(write):
    ids = ["a", "a", None, "cell-3", "cell-2", "", "a"]
    cells = [
        CELL | {"source": f"x = {i}"} | ({"id": id} if id is not None else {}) for i, id in enumerate(ids)
    ]
    notebook = read_notebook(write(cells=cells))
    assert len({c.id for c in notebook.cells}) == len(ids) == len(source_hash(notebook).cells)
    assert notebook.cells[0].id == "a" and [c.number for c in notebook.cells] == [1, 2, 3, 4, 5, 6, 7]


def test_sources_are_the_same_as_string_as_lines_and_from_another_system(write):
    sources = ["a = 1\nb = 2", ["a = 1\n", "b = 2"], "a = 1\r\nb = 2", "a = 1\rb = 2"]
    read = [read_notebook(write(cells=[CELL | {"source": s}])) for s in sources]
    assert {n.cells[0].source for n in read} == {"a = 1\nb = 2"}
    assert len({source_hash(n).whole for n in read}) == 1
    assert len({stripped(write(cells=[CELL | {"source": s}])) for s in sources}) == 1


def test_a_file_with_a_byte_order_mark_is_read(write):
    path = write("x = 1")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_notebook(path).cells[0].source == "x = 1"


SOURCES = st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=4)
quick = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(
    sources=SOURCES,
    count=st.integers(1, 99),
    tags=st.lists(st.sampled_from(["hide", "skip"])),
    extra=st.text(max_size=9),
)
def test_executing_a_notebook_changes_neither_hash_nor_stripped_bytes(write, sources, count, tags, extra):
    def cells(executed):
        return [
            CELL
            | {"id": f"c{i}", "source": source, "metadata": {"tags": tags}}
            | (
                {
                    "execution_count": count + i,
                    "outputs": [{"output_type": "stream", "name": "stdout", "text": extra}],
                    "metadata": {
                        "tags": tags,
                        "execution": {"iopub.status.busy": extra},
                        "scrolled": True,
                        "jupyter": {"outputs_hidden": True},
                    },
                }
                if executed
                else {}
            )
            for i, source in enumerate(sources)
        ]

    info = {"name": "python", "version": "3.11.7"}
    fresh = write(name="fresh.ipynb", cells=cells(False), metadata={"language_info": info})
    widgets = {
        "language_info": info | {"version": extra},
        "widgets": {"state": extra},
        "papermill": {"duration": count},
    }
    executed = write(name="executed.ipynb", cells=cells(True), metadata=widgets)
    assert source_hash(read_notebook(fresh)) == source_hash(read_notebook(executed))
    assert stripped(fresh) == stripped(executed)


@quick
@given(sources=SOURCES, other=SOURCES)
def test_other_code_has_another_hash(write, sources, other):
    def normal(cells):
        return [c.replace("\r\n", "\n").replace("\r", "\n").rstrip() for c in cells]

    hashes = [source_hash(read_notebook(write(*cells))).whole for cells in (sources, other)]
    assert (hashes[0] == hashes[1]) == (normal(sources) == normal(other))


def test_the_hash_knows_the_parameters_cell_and_the_language_but_no_other_metadata(write):
    plain = source_hash(read_notebook(write("x = 1", tags=())))
    assert source_hash(read_notebook(write("x = 1", tags=("hide",)))) == plain
    assert source_hash(read_notebook(write("x = 1", tags=("parameters",)))).whole != plain.whole
    assert (
        source_hash(read_notebook(write("x = 1", tags=(), metadata={"language_info": {"name": "R"}}))).whole
        != plain.whole
    )
    assert source_hash(read_notebook(write("x = 1", "  \n", tags=(), markdown="# Title"))) == plain


def test_a_changed_cell_is_found_by_its_id(write):
    before = source_hash(read_notebook(write("x = 1", "y = 2", "z = 3")))
    after = source_hash(read_notebook(write("x = 1", "y = 3", "z = 3")))
    assert [id for id in after.cells if after.cells[id] != before.cells[id]] == ["c1"]


def test_stripped_bytes_are_a_valid_notebook_with_the_same_code_and_attachments(write):
    markdown = {
        "cell_type": "markdown",
        "id": "m",
        "metadata": {},
        "source": "![](attachment:a.png)",
        "attachments": {"a.png": {"image/png": "aa"}},
    }
    path = write(
        cells=[markdown, CELL | {"id": "c", "source": "x = '\ud83d\u2028'\n"}],
        metadata={"aiinfra": {"gpu": 1}},
    )
    before = path.read_bytes()
    bytes_ = stripped(path)
    assert path.read_bytes() == before
    path.write_bytes(bytes_)
    nbformat.validate(json.loads(bytes_))
    assert stripped(path) == bytes_
    notebook = read_notebook(path)
    assert notebook.aiinfra == {"gpu": 1} and notebook.cells[1].source == "x = '\ud83d\u2028'\n"
    assert load(path)["cells"][0]["attachments"] == markdown["attachments"]


def test_the_stripped_bytes_are_the_same_on_every_machine(write):
    digest = hashlib.sha256(stripped(write("x = 1", "print('ä')"))).hexdigest()
    assert digest == "f036788440c415fe40f166b0321d0816c5ffc87a6a33a4e22519c16cd8a4064a"
