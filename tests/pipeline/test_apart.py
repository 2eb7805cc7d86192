"""A pipeline.py is compiled in a process of its own, and nothing that it does reaches this one."""

import os
import random
import sys
import threading
from pathlib import Path

import psutil
import pytest

from aiinfra.errors import ArgumentError, PipelineError
from aiinfra.pipeline.apart import check_pipeline, compile_apart
from aiinfra.pipeline.compile import Given, compile_plan


@pytest.fixture
def pipeline(project):
    project.notebook(
        "add.ipynb", "from aiinfra import Output\nfirst: int = 1\ntotal: Output[int]", "total = first"
    )
    project.pipeline("notebook_component('add.ipynb')(first=first)", "first: int, second: float = 0.5")
    return project.root / "pipeline.py"


def test_the_plan_is_the_one_that_this_process_would_make(pipeline):
    given = Given(texts={"first": "2"}, values={"second": 1.5})
    answer = compile_apart(pipeline, given, names=True)
    assert answer.plan == compile_plan(pipeline, given, by_reference=True)
    assert (answer.problems, answer.names) == ((), ("flights",))


def test_code_too_large_for_the_ir_is_left_to_the_store_wherever_the_file_makes_its_components(
    project, pipeline
):
    project.write("numbers.txt", random.Random(0).randbytes(300_000).hex())
    project.write("settings.ini", "[bundle]\ninclude = numbers.txt\n")
    project.pipeline("add(first=first)", "first: int = 1", "add = notebook_component('add.ipynb')\n")
    answer = compile_apart(pipeline, names=True)
    assert (answer.problems, answer.names) == ((), ("flights",))
    assert answer.plan is not None


def test_a_value_that_json_has_not_arrives_as_it_is(pipeline):
    answer = compile_apart(pipeline, Given(values={"first": 1, "second": float("inf")}))
    assert answer.plan is None and "second=inf" in answer.problems[0].what


def test_all_problems_come_back_as_the_errors_that_they_are(pipeline):
    answer = compile_apart(pipeline, Given(texts={"second": "fast", "third": "3"}))
    assert [(type(e), e.where.field) for e in answer.problems] == [
        (ArgumentError, "second"),
        (ArgumentError, "third"),
        (ArgumentError, "first"),
    ]


def test_an_argument_that_is_wrong_in_the_file_itself_is_told_with_its_line(project, pipeline):
    project.pipeline("notebook_component('add.ipynb')(frist=1)")
    (error,) = compile_apart(pipeline, Given()).problems
    assert (type(error), error.remedy) == (ArgumentError, "did you mean 'first'?")
    assert error.where.file == "pipeline.py" and error.where.line


def test_what_the_file_prints_changes_or_starts_stays_there(project, capfd):
    project.write(
        "noisy.py",
        "import json, sys, os, threading\nprint('x' * 200000)\njson.dumps = None\nos.environ['LEFT'] = '1'\n"
        "os.chdir('/')\nsys.modules['json'] = None\nthreading.Thread(target=threading.Event().wait).start()\n1/0\n",
    )
    before, modules, threads = Path.cwd(), set(sys.modules), threading.active_count()
    (error,) = compile_apart(project.root / "noisy.py").problems
    assert "ZeroDivisionError" in error.what
    assert (Path.cwd(), set(sys.modules), threading.active_count()) == (before, modules, threads)
    assert "LEFT" not in os.environ and capfd.readouterr() == ("", "")


def test_a_file_that_waits_is_ended_with_all_that_it_started(project):
    project.write(
        "waits.py",
        "import subprocess, sys\nsleeper = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open('pid', 'w').write(str(sleeper.pid))\nsleeper.wait()\n",
    )
    (error,) = compile_apart(project.root / "waits.py", timeout=8).problems
    assert type(error) is PipelineError and "hasn't ended after 8 s" in error.what
    pid = int((project.root / "pid").read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_json_py_beside_the_pipeline_is_not_taken_for_pythons(project, pipeline):
    project.write("json.py", "raise RuntimeError('not this one')")
    assert compile_apart(pipeline, Given(values={"first": 1})).plan is not None


def test_the_check_tells_of_the_pipelines_notebooks_under_their_names(project, pipeline):
    assert [f for f in check_pipeline(pipeline) if f.level == "error"] == []
    project.notebook(
        "add.ipynb", "from aiinfra import Output\nfirst: int = 1\ntotal: Output[int]", "total = frist"
    )
    (found,) = (f for f in check_pipeline(pipeline) if f.level == "error")
    assert (found.code, found.where.file) == ("undefined-name", "add.ipynb")


def test_threads_that_compile_at_once_get_their_own_plans(project):
    for name in ("one", "two", "three"):
        project.notebook(f"{name}.ipynb", f"{name}: int = 1", f"print({name})")
    plans = {}

    def compile_(name):
        plans[name] = compile_plan(project.root / f"{name}.ipynb", Given(values={name: 2}))

    threads = [threading.Thread(target=compile_, args=[name]) for name in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: (plan.name, plan.arguments) for name, plan in plans.items()} == {
        name: (name, {name: 2}) for name in ("one", "two", "three")
    }


def test_a_required_parameter_takes_a_text_that_kubeflow_gives_a_meaning(project):
    project.notebook("text.ipynb", "text: str", "print(text)")
    plan = compile_plan(project.root / "text.ipynb", Given(values={"text": "{{x}}"}))
    assert plan.arguments["text"] == "" and "x}}" in plan.arguments["aiinfra_exact"]
    assert plan.values == {"text": "{{x}}"}
