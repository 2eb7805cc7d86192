"""A compiled pipeline read for this machine: in which order, with which values, and what is refused before it starts."""

import json
from pathlib import Path
from textwrap import dedent

import pytest

from aiinfra.errors import ArgumentError, DataError, NotebookError, PipelineError
from aiinfra.pipeline.compile import Given, compile_plan
from aiinfra.runs.store import RunStore
from aiinfra.targets.tasks import (
    Results,
    executor_input,
    fill,
    not_honoured,
    placeholders,
    read_tasks,
    with_defaults,
)

KNOWN = placeholders("train", "41", "flights")


@pytest.fixture
def flights(bare):
    bare.write("data/d.csv", "x")
    bare.notebook(
        "first.ipynb",
        """
        month: int = 1
        note: str = ""
        hidden: list[int] = [64]
        n: Output[int]
        auc: Output[float]
        table: Output[Dataset] = "out/table.csv"
        """,
    )
    bare.notebook("second.ipynb", 'table: Input[Dataset] = "data/d.csv"\nmonth: int = 1\nrate: float = 1.0')
    return bare


HEAD = 'first, second = notebook("first.ipynb"), notebook("second.ipynb")\n'


def spec_of(project, body, signature="", before=""):
    project.pipeline("pipeline.py", HEAD + dedent(body), signature, before)
    return compile_plan(project.root / "pipeline.py").spec()


# -- order ----------------------------------------------------------------------------------------------------------


def test_every_task_comes_after_those_that_it_depends_on(flights):
    body = """
    b = second(month=7)
    d = first(month=8)
    a = second(table=d.outputs["table"]).after(b)
    c = first(month=d.outputs["n"], note=f"auc {d.outputs['auc']}").after(a)
    """
    tasks = read_tasks(spec_of(flights, body))
    names = [t.name for t in tasks]
    assert sorted(names) == ["first", "first-2", "second", "second-2"]
    for task in tasks:
        assert task.after <= set(names[: names.index(task.name)])
    assert names[-1] == "first-2"


def test_tasks_that_wait_for_each_other_are_refused():
    def task(after):
        return {"componentRef": {"name": "comp"}, "dependentTasks": [after], "taskInfo": {}}

    container = {"command": ["python", "-m", "aiinfra.step"]}
    spec = {
        "components": {"comp": {"executorLabel": "exec"}},
        "deploymentSpec": {"executors": {"exec": {"container": container}}},
        "root": {"dag": {"tasks": {"a": task("b"), "b": task("a")}}},
    }
    with pytest.raises(PipelineError, match="wait for each other: a, b"):
        read_tasks(spec)


# -- what is refused ------------------------------------------------------------------------------------------------

BEFORE = """
@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text

@dsl.component(base_image="python:3.11")
def gather(scores: list) -> float:
    return max(scores)

@dsl.component(base_image="python:3.11")
def last(status: dsl.PipelineTaskFinalStatus):
    print(status)

@dsl.container_component
def shell():
    return dsl.ContainerSpec(image="alpine", command=["ls"])
"""
INNER = """
@dsl.pipeline
def inner(month: int):
    notebook("first.ipynb")(month=month)
"""
REFUSED = [
    ("with dsl.If(month == 3):\n    first()", r"a condition \(dsl.If\)"),
    (
        "with dsl.If(month == 3):\n    first()\nwith dsl.Else():\n    first()",
        r"a condition \(dsl.If, dsl.Else\)",
    ),
    ("with dsl.ParallelFor([1, 2]) as i:\n    first(month=i)", r"a loop \(dsl.ParallelFor\)"),
    (
        "with dsl.ParallelFor([1, 2]) as i:\n    a = first(month=i)\ngather(scores=dsl.Collected(a.outputs['auc']))",
        r"a loop \(dsl.ParallelFor\)",
    ),
    ("with dsl.ExitHandler(first()):\n    second()", r"an exit handler \(dsl.ExitHandler\)"),
    ("with dsl.ExitHandler(last()):\n    second()", r"an exit handler \(dsl.ExitHandler\)"),
    (
        "second(table=dsl.importer('gs://b/t', dsl.Dataset).output)",
        r"an imported artifact \(dsl.importer\)",
    ),
    ("first(note=say(text='a').output)", r"a container that is no notebook step \(image python:3.11\)"),
    ("shell()\nfirst()", r"a container that is no notebook step \(image alpine\)"),
    ("first().set_retry(2)", r"retries \(set_retry\)"),
    ("second().after(first()).ignore_upstream_failure()", "whatever happened before it"),
    ("first(note=dsl.PIPELINE_ROOT_PLACEHOLDER)", r"the placeholder \{\{\$.pipeline_root\}\}"),
    ("inner(month=month)", "a pipeline inside a pipeline"),
]


@pytest.mark.parametrize(("body", "what"), REFUSED, ids=[r[0].splitlines()[0][:40] for r in REFUSED])
def test_what_cannot_run_here_is_refused_by_name_and_nothing_is_written(flights, body, what):
    before = BEFORE + (INNER if "inner" in body else "")
    flights.pipeline("pipeline.py", HEAD + body, "month: int = 3", before)
    plan = compile_plan(flights.root / "pipeline.py", Given(), pipeline="flights", by_reference=True)
    for ask in (flights.target.notes, flights.target.submit):
        with pytest.raises(PipelineError, match=f"the local target can't run .*{what}") as caught:
            ask(plan)
        assert "aiinfra compile" in caught.value.remedy
    assert not (flights.root / ".aiinfra" / "runs").exists()
    assert not (flights.root / ".aiinfra" / "store").exists()


def test_a_kernel_that_is_not_installed_is_refused_before_anything_starts(bare):
    bare.notebook("a.ipynb", "", kernel="no-such-kernel")
    with pytest.raises(NotebookError, match="kernel 'no-such-kernel' isn't installed here") as caught:
        bare.submit("a.ipynb")
    assert "python3" in caught.value.remedy
    assert RunStore(bare.settings.state).page() == []


def test_a_plan_without_a_required_argument_is_refused_before_anything_starts(flights):
    flights.pipeline("pipeline.py", HEAD + "first(month=month)", "month: int")
    plan = compile_plan(flights.root / "pipeline.py", by_reference=True)
    with pytest.raises(ArgumentError, match="no value for its parameter 'month'"):
        flights.target.submit(plan)
    assert RunStore(flights.settings.state).page() == []


def test_data_that_changed_since_the_plan_was_made_is_refused(flights):
    plan = flights.plan("second.ipynb")
    flights.write("data/d.csv", "y")
    with pytest.raises(DataError, match=r"data/d\.csv changed while the run was being prepared"):
        flights.target.submit(plan)
    assert RunStore(flights.settings.state).page() == []


# -- what is said ---------------------------------------------------------------------------------------------------


def test_what_is_asked_for_and_not_done_here_is_said_in_few_lines(flights):
    body = """
    a, b = notebook("first.ipynb", cpu="2", memory="4Gi"), notebook("first.ipynb", name="b", cpu="2", memory="4Gi")
    a()
    b()
    second().set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(1).set_container_image("other:1")
    """
    spec = spec_of(flights, body)
    assert not_honoured(read_tasks(spec), spec, flights.settings.aiinfra.image) == [
        "b, first ask for cpu 2, memory 4Gi: not enforced on this machine",
        "second asks for 1 x nvidia.com/gpu: not enforced on this machine",
        "second asks for the image other:1: on this machine, steps run in this environment",
    ]


def test_nothing_is_said_where_nothing_is_asked(flights):
    spec = spec_of(flights, "first()")
    assert not_honoured(read_tasks(spec), spec, flights.settings.aiinfra.image) == []


def test_data_that_is_no_version_is_said(flights):
    (note,) = flights.target.notes(flights.plan("second.ipynb"))
    assert note.startswith("data/d.csv is not versioned; recorded as md5")


# -- values ---------------------------------------------------------------------------------------------------------


def inputs(spec, task, arguments=None, results=None):
    tasks = {t.name: t for t in read_tasks(spec)}
    given = with_defaults(spec, arguments or {})
    return executor_input(tasks[task], given, results or Results(), KNOWN, Path("/r"))["inputs"]


def test_a_parameter_is_what_is_given_or_the_pipelines_default_or_the_components(flights):
    spec = spec_of(flights, "first(month=month)", "month: int = 7")
    assert inputs(spec, "first")["parameterValues"] == {"month": 7, "note": "", "hidden": [64]}
    assert inputs(spec, "first", {"month": 3})["parameterValues"]["month"] == 3


def test_outputs_of_a_step_are_inputs_of_the_next(flights):
    body = 'a = first()\nsecond(table=a.outputs["table"], month=a.outputs["n"], rate=a.outputs["auc"])'
    table = {"artifacts": [{"name": "table", "uri": "/r/table.csv", "metadata": {}}]}
    results = Results({"first": {"n": 5, "auc": 0.5}}, {"first": {"table": table}})
    found = inputs(spec_of(flights, body), "second", results=results)
    assert found["parameterValues"] == {"month": 5, "rate": 0.5}
    assert found["artifacts"] == {"table": table}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("O'Hare {{$}}", "O'Hare {{$}}"),
        (3, "3"),
        (3.0, "3"),
        (1e-07, "0.0000001"),
        (1e22, "1" + "0" * 22),
        (0.1, "0.1"),
        (True, "true"),
        ([1, "a"], '[1, "a"]'),
        ({"a": 1}, '{"a": 1}'),
    ],
)
def test_a_value_within_a_text_is_written_as_kfp_writes_it(flights, value, text):
    kind = type(value).__name__
    spec = spec_of(flights, 'first(note=f"it is {x}.")', f"x: {kind}")
    assert inputs(spec, "first", {"x": value})["parameterValues"]["note"] == f"it is {text}."


def test_placeholders_in_a_text_are_filled_once(flights):
    body = 'first(note=f"{dsl.PIPELINE_JOB_ID_PLACEHOLDER} {dsl.PIPELINE_TASK_NAME_PLACEHOLDER} {x}")'
    spec = spec_of(flights, body, "x: str")
    found = inputs(spec, "first", {"x": "{{$.pipeline_job_uuid}}"})
    assert found["parameterValues"]["note"] == "41 train {{$.pipeline_job_uuid}}"


def test_a_text_of_the_user_is_never_taken_for_a_placeholder(flights):
    spec = spec_of(flights, "first(note='{{$}} {{$.inputs.parameters}}')")
    exact = inputs(spec, "first")["parameterValues"]["aiinfra_exact"]
    assert json.loads(exact) == {"note": "{{$}} {{$.inputs.parameters}}"}


def test_an_unknown_placeholder_in_a_command_is_refused():
    with pytest.raises(PipelineError, match=r"the placeholder \{\{\$\.workspace_path\}\}"):
        fill(("--at", "{{$.workspace_path}}"), KNOWN, "train")
