"""Importing a `pipeline.py`: what is found in it, what is wrong with it, and that nothing of it stays."""

import sys
import textwrap

import pytest

from aiinfra.errors import PipelineError
from aiinfra.pipeline.compile import compile_plan
from aiinfra.pipeline.load import load_pipeline, modules_beside

PIPELINE = """
@dsl.pipeline(name="{name}")
def {name}():
    notebook_component("train.ipynb")()
"""
HEAD = "from kfp import dsl\nfrom aiinfra.pipeline import notebook_component\n"


@pytest.fixture
def flights(project):
    project.notebook("train.ipynb", "month: int = 1")
    return project


def refused(project, source, match, name=None):
    path = project.write("pipeline.py", textwrap.dedent(source))
    with pytest.raises(PipelineError, match=match) as caught:
        load_pipeline(path, name)
    return caught.value


# -- what is in it --------------------------------------------------------------------------------------------------


def test_one_pipeline_is_found_whatever_its_name(flights):
    path = flights.write("pipeline.py", HEAD + PIPELINE.format(name="year"))
    assert load_pipeline(path).name == "year"


def test_of_several_the_one_called_pipeline_or_the_one_that_is_named(flights):
    source = HEAD + PIPELINE.format(name="year") + PIPELINE.format(name="pipeline")
    path = flights.write("pipeline.py", source)
    assert load_pipeline(path).name == "pipeline"
    assert load_pipeline(path, "year").name == "year"
    assert compile_plan(path, pipeline="year").name == "year"


def test_two_names_for_one_pipeline_are_one_pipeline(flights):
    path = flights.write("pipeline.py", HEAD + PIPELINE.format(name="year") + "\nagain = year\n")
    assert load_pipeline(path).name == "year"


def test_a_pipeline_that_is_part_of_another_is_not_meant(flights):
    whole = "\n@dsl.pipeline(name='all')\ndef whole():\n    year()\n    notebook_component('train.ipynb', name='all')()\n"
    path = flights.write("pipeline.py", HEAD + PIPELINE.format(name="year") + whole)
    assert load_pipeline(path).name == "all"
    assert load_pipeline(path, "year").name == "year"


def test_several_without_a_choice_are_refused_by_their_names(flights):
    source = HEAD + PIPELINE.format(name="year") + PIPELINE.format(name="month")
    error = refused(flights, source, "pipeline.py defines 2 pipelines")
    assert error.remedy == "say which: pipeline.py:year or pipeline.py:month"


def test_a_name_that_is_not_there_gets_the_nearest(flights):
    error = refused(flights, HEAD + PIPELINE.format(name="year"), "defines no pipeline 'yaer'", "yaer")
    assert error.remedy == "did you mean 'year'?"


def test_a_file_without_pipeline_is_refused(flights):
    error = refused(flights, "x = 1\n", "pipeline.py defines no pipeline")
    assert "@dsl.pipeline" in error.remedy


# -- what is wrong with it ------------------------------------------------------------------------------------------


def test_a_syntax_error_has_its_line(flights):
    error = refused(
        flights, "from kfp import dsl\n\nepochs = (5\n", "has a syntax error: '\\(' was never closed"
    )
    assert (error.where.file, error.where.line) == ("pipeline.py", 3)


def test_a_syntax_error_in_a_module_beside_names_that_module(flights):
    flights.write("helpers.py", "a = 1\nb = = 2\n")
    error = refused(flights, "import helpers\n", "helpers.py has a syntax error")
    assert (error.where.file, error.where.line) == ("helpers.py", 2)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("5 / 0", "ZeroDivisionError: division by zero"),
        ("import nowhere_to_be_found", "ModuleNotFoundError"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("assert False, 'not now'", "AssertionError: not now"),
    ],
)
def test_an_exception_at_import_has_its_line(flights, statement, message):
    error = refused(flights, f"from kfp import dsl\n\n{statement}\n", f"can't be loaded: {message}")
    assert (error.where.file, error.where.line) == ("pipeline.py", 3)


def test_a_relative_path_has_its_lines_too(flights, monkeypatch):
    flights.write("pipeline.py", "\n\n5 / 0\n")
    monkeypatch.chdir(flights.root)
    with pytest.raises(PipelineError) as caught:
        load_pipeline(type(flights.root)("pipeline.py"))
    assert caught.value.where.line == 3


def test_a_file_that_is_not_text_is_refused(flights):
    flights.write("pipeline.py", b"\x00\xff\xfe")
    with pytest.raises(PipelineError, match=r"pipeline\.py"):
        load_pipeline(flights.root / "pipeline.py")


# -- modules beside it ----------------------------------------------------------------------------------------------


def test_modules_and_packages_beside_it_are_importable(flights):
    flights.write("months.py", "FIRST = 1\n")
    flights.write("steps/__init__.py", "from .train import NOTEBOOK\n")
    flights.write("steps/train.py", "from months import FIRST\nNOTEBOOK = 'train.ipynb'\n")
    flights.write("plain/names.py", "NAME = 'fit'\n")
    source = """
    from steps import NOTEBOOK
    from steps.train import FIRST
    from plain.names import NAME

    @dsl.pipeline(name="year")
    def year():
        notebook_component(NOTEBOOK, name=NAME)(month=FIRST)
    """
    path = flights.write("pipeline.py", HEAD + textwrap.dedent(source))
    assert list(load_pipeline(path).pipeline_spec.root.dag.tasks) == ["fit"]


def test_a_notebook_named_in_a_module_beside_is_relative_to_that_module(flights):
    flights.notebook("steps/judge.ipynb")
    flights.write("steps/__init__.py", HEAD + "judge = notebook_component('judge.ipynb')\n")
    path = flights.write(
        "pipeline.py",
        HEAD + "from steps import judge\n\n@dsl.pipeline(name='year')\ndef year():\n    judge()\n",
    )
    assert compile_plan(path).kernels == {"steps/judge.ipynb": "python3"}


def test_two_pipelines_with_a_module_of_the_same_name_do_not_mix(make_project):
    for name in ("one", "two"):
        project = make_project(name)
        project.notebook("train.ipynb")
        project.write("helpers.py", f"NAME = {name!r}\n")
        source = HEAD + "import helpers\n" + PIPELINE.format(name="year")
        source = source.replace('("train.ipynb")', '("train.ipynb", name=helpers.NAME)')
        pipeline = load_pipeline(project.write("pipeline.py", source))
        assert list(pipeline.pipeline_spec.root.dag.tasks) == [name]
        assert "helpers" not in sys.modules


def test_a_module_beside_it_wins_over_one_that_this_process_has(flights):
    mine = sys.modules["helpers"] = type(sys)("helpers")
    try:
        flights.write("helpers.py", "NAME = 'theirs'\n")
        path = flights.write(
            "pipeline.py", HEAD + "from helpers import NAME\n" + PIPELINE.format(name="year")
        )
        load_pipeline(path)
        assert sys.modules["helpers"] is mine
    finally:
        del sys.modules["helpers"]


def test_a_change_in_a_module_beside_it_is_seen_the_next_time(flights):
    source = HEAD + "from helpers import NAME\n" + PIPELINE.format(name="year")
    path = flights.write("pipeline.py", source.replace('("train.ipynb")', '("train.ipynb", name=NAME)'))
    for name in ("aaa", "bbb"):
        flights.write("helpers.py", f"NAME = {name!r}\n")
        assert list(load_pipeline(path).pipeline_spec.root.dag.tasks) == [name]


@pytest.mark.parametrize("name", ["json", "random", "typing", "queue", "yaml", "kfp", "nbdev"])
def test_a_file_called_like_a_library_disturbs_only_who_asks_for_it(flights, name):
    flights.write(f"{name}.py", "raise RuntimeError('not a library')\n")
    path = flights.write("pipeline.py", HEAD + PIPELINE.format(name="year"))
    assert compile_plan(path).name == "year"


def test_nothing_of_it_stays_in_the_process_or_in_the_folder(flights, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    flights.write("helpers.py", "import sys\nsys.path.insert(0, '/somewhere')\n")
    path = flights.write("pipeline.py", HEAD + "import helpers\n" + PIPELINE.format(name="year"))
    before = (set(sys.modules), list(sys.path), list(sys.meta_path), sys.dont_write_bytecode)
    files = sorted(flights.root.rglob("*"))
    load_pipeline(path)
    load_pipeline(path)
    gone = {m for m in set(sys.modules) - before[0] if "helpers" in m or "pipeline_" in m}
    assert not gone
    assert (list(sys.path), list(sys.meta_path), sys.dont_write_bytecode) == before[1:]
    assert sorted(flights.root.rglob("*")) == files


def test_an_error_leaves_the_process_as_it_was(flights):
    before = (list(sys.path), list(sys.meta_path))
    flights.write("helpers.py", "")
    with pytest.raises(ValueError, match="stop"), modules_beside(flights.root):
        import helpers  # noqa: F401

        raise ValueError("stop")
    assert (list(sys.path), list(sys.meta_path)) == before
    assert "helpers" not in sys.modules
