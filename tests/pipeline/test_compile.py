"""Plans: the same sources give the same bytes, every construct of KFP may stand beside a notebook, arguments are checked."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aiinfra.errors import ArgumentError, NotebookError, PipelineError
from aiinfra.pipeline.compile import Given, compile_plan, interface_of_ir

HELP = "import sys\nfrom pathlib import Path\nfrom aiinfra.pipeline.compile import Given, compile_plan\n"
COMPILE = HELP + "sys.stdout.buffer.write(compile_plan(Path(sys.argv[1]), Given()).ir.encode())"
WITH_KFP = "import runpy, sys\nfrom kfp import compiler\nfound = runpy.run_path(sys.argv[1])\n"
WITH_KFP += "compiler.Compiler().compile(found['flights'], sys.argv[2])"


def compiled(source, cwd, seed):
    "The IR as another process compiles it."
    argv = [sys.executable, "-c", COMPILE, str(source)]
    env = {**os.environ, "PYTHONHASHSEED": seed}
    return subprocess.run(argv, cwd=cwd, env=env, check=True, capture_output=True).stdout


@pytest.fixture
def flights(project):
    "A project with a step that has a bit of everything, one that reads, and data."
    project.write("data/d.csv", "carrier\nUA\n")
    project.write("helpers.py", "RATE = 0.5\n")
    project.notebook(
        "first.ipynb",
        """
        month: int = 1  # Month, 1..12
        note: str = ""
        rate: float = 1e-5
        hidden: list[int] = [64]
        options: dict = {}
        n: Output[int]
        auc: Output[float]
        table: Output[Dataset] = "out/table.csv"
        model: Output[Model] = "out/model.pt"
        """,
        "import helpers",
        aiinfra={"resources": {"cpu": 1}},
    )
    project.notebook(
        "second.ipynb", 'table: Input[Dataset] = "data/d.csv"\nmonth: int = 1\nrate: float = 1.0'
    )
    return project


BOTH = """
first, second = notebook_component("first.ipynb"), notebook_component("second.ipynb", memory="1Gi")
before = first(month=month, note=f"{who} in {month}", rate=float("inf"))
second(table=before.outputs["table"], month=before.outputs["n"])
second(rate=before.outputs["auc"])
"""


# -- the same bytes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["pipeline.py", "first.ipynb"])
def test_the_same_sources_give_the_same_bytes_anywhere(flights, source, tmp_path):
    flights.pipeline(BOTH, "month: int = 1, who: str = 'me'")
    clone = tmp_path / "a clone"
    shutil.copytree(flights.root, clone)
    os.utime(clone / "first.ipynb", (1, 1))
    here = compiled(flights.root / source, flights.root, "0")
    assert here.startswith(b"# PIPELINE DEFINITION")
    assert compiled(source, clone, "12345") == here
    assert flights.compile(source).ir.encode() == here


def test_outputs_and_execution_counts_of_a_notebook_change_nothing(flights):
    before = flights.compile("first.ipynb").ir
    text = (flights.root / "first.ipynb").read_text()
    (flights.root / "first.ipynb").write_text(text.replace('"execution_count": null', '"execution_count": 7'))
    assert (flights.root / "first.ipynb").read_text() != text
    assert flights.compile("first.ipynb").ir == before


@pytest.mark.parametrize("file", ["first.ipynb", "helpers.py", "settings.ini"])
def test_a_change_of_the_code_changes_the_bytes(flights, file):
    before = flights.compile("first.ipynb").ir
    text = (flights.root / file).read_text()
    changed = (
        text.replace("import helpers", "import helpers  #") if file.endswith("ipynb") else text + "\n#\n"
    )
    (flights.root / file).write_text(changed)
    assert flights.compile("first.ipynb").ir != before


def test_the_arguments_of_a_run_do_not_change_the_bytes_of_a_notebook(flights):
    runs = [flights.compile("first.ipynb", texts) for texts in ({}, {"month": "7", "rate": "nan"})]
    assert runs[0].ir == runs[1].ir
    assert runs[0].arguments != runs[1].arguments


# -- KFP itself -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["pipeline.py", "first.ipynb"])
def test_kfps_own_loader_accepts_it(flights, source, tmp_path):
    from kfp import components

    flights.pipeline(BOTH, "month: int = 1, who: str = 'me'")
    path = tmp_path / "flights.yaml"
    path.write_text(flights.compile(source).ir, encoding="utf-8")
    loaded = components.load_component_from_file(str(path))
    names = {"pipeline.py": {"month", "who"}, "first.ipynb": {"month", "note", "rate", "hidden", "options"}}
    assert names[source] <= set(loaded.component_spec.inputs)


def test_odd_characters_in_texts_do_not_break_the_file(flights, tmp_path):
    from kfp import components

    text = "a: b # c \u2028 \x85 \u2029 'd' \"e\" {f} é \U0001f600"
    flights.notebook(
        "odd.ipynb", f"note: str = {text!r}  # {text.replace(chr(0x85), '').replace(chr(0x2028), '')}"
    )
    path = tmp_path / "odd.yaml"
    path.write_text(flights.compile("odd.ipynb").ir, encoding="utf-8")
    assert components.load_component_from_file(str(path)).component_spec.inputs["note"].default == text


def test_somebody_elses_script_may_compile_it_with_kfp_alone(flights, tmp_path):
    flights.pipeline(BOTH, "month: int = 1, who: str = 'me'")
    argv = [sys.executable, "-c", WITH_KFP, str(flights.root / "pipeline.py"), str(tmp_path / "a.yaml")]
    subprocess.run(argv, check=True, capture_output=True, cwd=tmp_path)
    assert (tmp_path / "a.yaml").read_text() == flights.compile("pipeline.py").ir


BESIDE = """
@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text

@dsl.component(base_image="python:3.11")
def gather(scores: list) -> float:
    return max(scores)

@dsl.container_component
def shell(text: str):
    return dsl.ContainerSpec(image="alpine", command=["echo"], args=[text])

@dsl.pipeline
def inner(month: int) -> float:
    return notebook_component("first.ipynb")(month=month).outputs["auc"]
"""
CONSTRUCTS = {
    "If": "with dsl.If(first().outputs['auc'] > 0.5):\n    second()",
    "Else": "with dsl.If(month == 3):\n    a = first()\nwith dsl.Else():\n    b = first()\n"
    "second(month=dsl.OneOf(a.outputs['n'], b.outputs['n']))",
    "ParallelFor": "with dsl.ParallelFor([1, 2], parallelism=1) as item:\n    a = first(month=item)\n"
    "gather(scores=dsl.Collected(a.outputs['auc']))",
    "ParallelFor of dicts": "with dsl.ParallelFor([{'m': 1}, {'m': 2}]) as item:\n    first(month=item.m)",
    "ExitHandler": "with dsl.ExitHandler(say(text='done')):\n    first()",
    "ExitHandler with a notebook": "with dsl.ExitHandler(first()):\n    second()",
    "importer": "second(table=dsl.importer('gs://bucket/table.csv', dsl.Dataset).output)",
    "lightweight component": "first(note=say(text='a').output)",
    "container component": "shell(text='a').after(first())",
    "a pipeline inside": "second(rate=inner(month=month).output)",
    "set_retry": "first().set_retry(3)",
    "ignore_upstream_failure": "second(table=first().outputs['table']).ignore_upstream_failure()",
    "env and display name": "first().set_env_variable('A', 'b').set_display_name('Erst')",
    "set_caching_options": "first().set_caching_options(False)",
}


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_a_notebook_stands_beside_every_other_construct_of_kfp(flights, construct):
    head = 'first, second = notebook_component("first.ipynb"), notebook_component("second.ipynb")\n'
    flights.pipeline(head + CONSTRUCTS[construct], "month: int = 3", before=BESIDE)
    plan = flights.compile("pipeline.py", pipeline="flights")
    assert "aiinfra.step" in plan.ir


def test_values_and_artifacts_are_wired(flights):
    tasks = flights.tasks(BOTH, "month: int = 1, who: str = 'me'")
    assert tasks["second"]["dependentTasks"] == ["first"]
    assert tasks["second"]["inputs"] == {
        "artifacts": {
            "table": {"taskOutputArtifact": {"outputArtifactKey": "table", "producerTask": "first"}}
        },
        "parameters": {
            "month": {"taskOutputParameter": {"outputParameterKey": "n", "producerTask": "first"}}
        },
    }
    rate = {"taskOutputParameter": {"outputParameterKey": "auc", "producerTask": "first"}}
    assert tasks["second-2"]["inputs"]["parameters"]["rate"] == rate
    assert "aiinfra_data_table" in tasks["second-2"]["inputs"]["parameters"]


@pytest.mark.parametrize(
    "call",
    [
        "second(table=first().outputs['model'])",
        "second(table=first().outputs['n'])",
        "second(month=first().outputs['table'])",
        "second(month=who)",
        "second(month=first().outputs['nothing'])",
        "second(mnth=month)",
    ],
)
def test_what_does_not_fit_together_is_refused_at_compile(flights, call):
    head = 'first, second = notebook_component("first.ipynb"), notebook_component("second.ipynb")\n'
    flights.pipeline(head + call, "month: int = 1, who: str = 'me'")
    with pytest.raises((PipelineError, ArgumentError)) as caught:
        flights.compile("pipeline.py")
    assert caught.value.where.file == "pipeline.py"
    assert call in (flights.root / "pipeline.py").read_text().splitlines()[caught.value.where.line - 1]


def test_a_text_may_hold_values_that_come_later(flights):
    tasks = flights.tasks(BOTH, "month: int = 1, who: str = 'me'")
    inputs = tasks["first"]["inputs"]["parameters"]
    text = inputs["note"]["runtimeValue"]["constant"]
    places = (
        "{{$.inputs.parameters['pipelinechannel--who']}} in {{$.inputs.parameters['pipelinechannel--month']}}"
    )
    assert text == places
    assert inputs["pipelinechannel--month"] == {"componentInputParameter": "month"}


def test_kfps_placeholders_stay_placeholders(flights):
    tasks = flights.tasks("notebook_component('first.ipynb')(note=dsl.PIPELINE_JOB_NAME_PLACEHOLDER)")
    inputs = tasks["first"]["inputs"]["parameters"]
    assert inputs["note"] == {"runtimeValue": {"constant": "{{$.pipeline_job_name}}"}}


def test_a_value_inside_a_list_is_refused_since_kfp_would_make_a_text_of_it(flights):
    call = "notebook_component('first.ipynb')(hidden=[month, 2])"
    with pytest.raises(ArgumentError, match="hidden has the value of month inside a list"):
        flights.tasks(call, "month: int = 1")


# -- arguments ------------------------------------------------------------------------------------------------------


def test_texts_win_over_values_and_both_are_typed(flights):
    plan = flights.compile("first.ipynb", {"month": "7"}, {"month": 3, "hidden": [1, 2]})
    assert plan.arguments == {"month": 7, "hidden": [1, 2]}
    assert plan.values["month"] == 7
    assert plan.values["rate"] == 1e-5


def test_a_pipelines_parameters_are_typed_by_kfps_types(flights):
    signature = "n: int = 1, x: float = 0.5, t: str = 'a', b: bool = True, items: list = [1], d: dict = {}, need: int = None"
    flights.pipeline("notebook_component('first.ipynb')(month=n)", signature)
    texts = {"n": "3", "x": "1e-3", "t": "true", "b": "no", "items": "[1, 2.5]", "d": '{"a": 1}'}
    plan = flights.compile("pipeline.py", texts)
    expected = {"n": 3, "x": 1e-3, "t": "true", "b": False, "items": [1, 2.5], "d": {"a": 1}}
    assert plan.arguments == expected
    assert plan.values == {**expected, "need": None}


def test_a_slip_of_the_keyboard_is_told_without_waiting_for_kfp(flights):
    told = (
        HELP
        + "from aiinfra.errors import ArgumentError\ntry:\n    compile_plan(Path(sys.argv[1]), Given({'mnth': '3'}))\n"
    )
    told += "except ArgumentError as error:\n    print(error.what, 'kfp' in sys.modules)"
    argv = [sys.executable, "-c", told, str(flights.root / "first.ipynb")]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    assert done.stdout == "first has no parameter 'mnth' False\n"


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"n": "March"}, "n must be an integer"),
        ({"m": "3"}, "pipeline has no parameter 'm'"),
        ({"n": "9007199254740993"}, "can't be a parameter of a pipeline"),
        ({"n": "1", "t": "{{x"}, "can't be a parameter of a pipeline"),
        ({"n": "1", "x": "nan"}, "can't be a parameter of a pipeline"),
        ({}, "n needs a value"),
    ],
)
def test_a_wrong_argument_of_a_pipeline_is_refused(flights, texts, message):
    flights.pipeline("notebook_component('first.ipynb')(month=n)", "n: int, t: str = '', x: float = 1.0")
    with pytest.raises(ArgumentError, match=message):
        flights.compile("pipeline.py", texts)


def test_a_pipeline_without_arguments_compiles_for_later(flights):
    flights.pipeline("notebook_component('first.ipynb')(month=n)", "n: int")
    plan = compile_plan(flights.root / "pipeline.py")
    interface = interface_of_ir(plan.spec(), "pipeline")
    assert [(p.name, str(p.type), p.required) for p in interface.parameters] == [("n", "int", True)]


def test_none_is_the_same_as_leaving_out_what_is_optional(flights):
    flights.pipeline("notebook_component('first.ipynb')(month=n)", "n: int = 1, note: str = None")
    assert flights.compile("pipeline.py", {"note": "null"}).arguments == {}


def test_a_huge_list_and_a_deep_one_compile_and_come_back(flights):
    flights.notebook("long.ipynb", "numbers: list[int] = []\ndeep: list = []")
    deep: list = []
    for _ in range(40):
        deep = [deep]
    numbers = list(range(50_000))
    plan = flights.compile("long.ipynb", values={"numbers": numbers, "deep": deep})
    assert plan.values == {"numbers": numbers, "deep": deep}
    flights.write("numbers.py", f"NUMBERS = list(range(50_000))\nDEEP = {deep!r}\n")
    call = "notebook_component('long.ipynb')(numbers=NUMBERS, deep=DEEP)"
    flights.pipeline(call, before="from numbers_ import NUMBERS, DEEP")
    (flights.root / "numbers.py").rename(flights.root / "numbers_.py")
    task = flights.compile("pipeline.py").spec()["root"]["dag"]["tasks"]["long"]
    assert task["inputs"]["parameters"]["numbers"]["runtimeValue"]["constant"] == numbers


# -- sources --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["nowhere.ipynb", "nowhere.py", "settings.ini", ".", "data"])
def test_what_is_no_source_is_refused_by_its_name(flights, name, monkeypatch):
    monkeypatch.chdir(flights.root)
    with pytest.raises(NotebookError) as caught:
        compile_plan(Path(name), Given())
    assert name in caught.value.what


def test_a_pipeline_that_kfp_cannot_compile_is_an_error_of_the_pipeline(flights):
    flights.pipeline("x = 1")
    with pytest.raises(PipelineError):
        flights.compile("pipeline.py")
