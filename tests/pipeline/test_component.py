"""A notebook as a component: names, options, bundles, data, and what it is called with."""

import json
import random

import pytest

from aiinfra.errors import (
    ArgumentError,
    BundleError,
    ConfigError,
    DataError,
    NotebookError,
    PipelineError,
)
from aiinfra.project.address import fetch_bundle
from aiinfra.project.archive import unpack


def container(plan, task="train"):
    return plan.spec()["deploymentSpec"]["executors"][f"exec-{task}"]["container"]


def argument(plan, flag, task="train"):
    args = container(plan, task)["args"]
    return args[args.index(flag) + 1]


# -- names ----------------------------------------------------------------------------------------------------------

NAMES = [
    "name",
    "self",
    "component",
    "task",
    "given",
    "pipeline",
    "cls",
    "args",
    "kwargs",
    "signature",
    "type",
]
NAMES += ["UPPER", "camelCase", "größe", "日本", "_x", "x_", "inputs", "outputs", "print", "match"]


@pytest.mark.parametrize("name", NAMES)
def test_a_parameter_may_have_any_name_of_python(project, name):
    project.notebook("train.ipynb", f"{name}: int = 3\nneeded_{name.strip('_')}: int")
    alone = project.compile("train.ipynb", {name: "4", f"needed_{name.strip('_')}": "5"})
    assert alone.values == {name: 4, f"needed_{name.strip('_')}": 5}
    exact = json.loads(alone.arguments.get("aiinfra_exact", "{}"))
    assert {**alone.arguments, **exact}[name] == 4

    tasks = project.tasks(
        f'notebook_component("train.ipynb")(**{{{name!r}: 5, "needed_{name.strip("_")}": 6}})'
    )
    constants = {n: i["runtimeValue"]["constant"] for n, i in tasks["train"]["inputs"]["parameters"].items()}
    exact = json.loads(constants.get("aiinfra_exact", "{}"))
    assert {**constants, **exact}[name] == 5


@pytest.mark.parametrize("name", [n for n in NAMES if n != "self"])
def test_a_parameter_of_any_name_takes_the_output_of_a_step(project, name):
    project.notebook("first.ipynb", "n: Output[int]")
    project.notebook("train.ipynb", f"{name}: int = 3")
    tasks = project.tasks(
        f"""
        first, train = notebook_component("first.ipynb"), notebook_component("train.ipynb")
        train({name}=first().outputs["n"])
        """
    )
    source = {"producerTask": "first", "outputParameterKey": "n"}
    assert tasks["train"]["inputs"]["parameters"] == {name: {"taskOutputParameter": source}}
    assert tasks["train"]["dependentTasks"] == ["first"]


def test_the_one_name_that_kfp_cannot_pass_on_is_refused_in_words(project):
    project.notebook("train.ipynb", "self: int = 3\nn: Output[int]")
    with pytest.raises(ArgumentError, match="KFP takes no value from another step for 'self'"):
        project.tasks('t = notebook_component("train.ipynb")\nt(**{"self": t().outputs["n"]})')


@pytest.mark.parametrize("name", ["aiinfra_exact", "aiinfra_data_flights", "aiinfra_x"])
def test_a_name_that_would_collide_with_a_hidden_parameter_is_refused(project, name):
    project.notebook("train.ipynb", f"{name}: str = ''")
    with pytest.raises(PipelineError, match=f"the name '{name}' is reserved"):
        project.compile("train.ipynb")


@pytest.mark.parametrize(
    ("file", "task"),
    [
        ("01_prepare.ipynb", "01-prepare"),
        ("Übung 1.ipynb", "ubung-1"),
        ("予測.ipynb", "notebook"),
        ("a b/c'd.ipynb", "c-d"),
        ("données/été.ipynb", "ete"),
        ("UPPER_x.v2.ipynb", "upper-x-v2"),
        (f"{'x' * 150}.ipynb", "x" * 60),
    ],
)
def test_a_notebook_may_have_any_file_name_and_folder(project, file, task):
    project.notebook(file, "month: int = 1")
    plan = project.compile(file)
    assert plan.name == task
    assert argument(plan, "--notebook", task) == file
    assert file in plan.bundles[0].files


def test_notebooks_whose_names_look_alike_to_kfp_stay_apart(project):
    project.notebook("予測.ipynb", "month: int = 1")
    project.notebook("訓練.ipynb", "rate: float = 1.0")
    project.pipeline('notebook_component("予測.ipynb")(month=2)\nnotebook_component("訓練.ipynb")(rate=0.5)')
    spec = project.compile("pipeline.py").spec()
    tasks, components = spec["root"]["dag"]["tasks"], spec["components"]
    assert sorted(tasks) == ["notebook", "notebook-2"]
    labels = {components[t["componentRef"]["name"]]["executorLabel"] for t in tasks.values()}
    used = {spec["deploymentSpec"]["executors"][label]["container"]["args"][1] for label in labels}
    assert used == {"予測.ipynb", "訓練.ipynb"}


@pytest.mark.parametrize("file", ["{{$}}.ipynb", "{{x}}/train.ipynb"])
def test_a_file_name_that_is_a_placeholder_of_kfp_is_refused(project, file):
    project.notebook(file)
    with pytest.raises(NotebookError, match=r"KFP gives \{\{ a meaning of its own"):
        project.compile(file)


# -- options --------------------------------------------------------------------------------------------------------


def test_every_option_takes_effect_in_the_ir(project):
    project.notebook("train.ipynb")
    project.pipeline('notebook_component("train.ipynb", name="Fit it", cpu="500m", memory="4Gi", gpu=2)()')
    plan = project.compile("pipeline.py")
    resources = container(plan, "fit-it")["resources"]
    assert list(plan.spec()["root"]["dag"]["tasks"]) == ["fit-it"]
    assert (resources["resourceCpuLimit"], resources["resourceCpuRequest"]) == ("500m", "500m")
    assert (resources["resourceMemoryLimit"], resources["resourceMemoryRequest"]) == ("4Gi", "4Gi")
    assert resources["accelerator"]["resourceType"] == "nvidia.com/gpu"
    assert resources["accelerator"]["resourceCount"] == "2"


def test_what_the_notebook_itself_asks_for_takes_effect_alone_and_in_a_pipeline(project):
    asks = {"resources": {"cpu": 2, "memory": "4Gi", "gpu": 1}}
    project.notebook("train.ipynb", aiinfra=asks)
    project.pipeline('notebook_component("train.ipynb")()')
    for source in ("train.ipynb", "pipeline.py"):
        resources = container(project.compile(source))["resources"]
        assert (resources["resourceCpuLimit"], resources["resourceMemoryLimit"]) == ("2", "4Gi")
        assert resources["accelerator"]["resourceCount"] == "1"


def test_who_calls_it_may_ask_for_something_else(project):
    project.notebook("train.ipynb", aiinfra={"resources": {"cpu": 2, "memory": "4Gi", "gpu": 1}})
    project.pipeline('notebook_component("train.ipynb", cpu="1", gpu=0)()')
    resources = container(project.compile("pipeline.py"))["resources"]
    assert (resources["resourceCpuLimit"], resources["resourceMemoryLimit"]) == ("1", "4Gi")
    assert "accelerator" not in resources


@pytest.mark.parametrize(
    ("aiinfra", "what", "remedy"),
    [
        ({"resource": {}}, "unknown key 'resource'", "did you mean 'resources'"),
        ({"resources": {"mem": "4Gi"}}, "unknown resource 'mem'", "memory"),
        ({"resources": {"cpu": "two"}}, "cpu can't be 'two'", "2 or 500m"),
        ({"resources": {"memory": "1.5Gi"}}, "memory can't be '1.5Gi'", "4Gi"),
        ({"resources": {"gpu": True}}, "gpu can't be 'True'", "1"),
        ({"resources": {"gpu": -1}}, "gpu can't be '-1'", "1"),
        ({"resources": "4Gi"}, "not names and values: '4Gi'", "cpu"),
        ("4Gi", "not names and values: '4Gi'", "resources"),
    ],
)
def test_what_is_unknown_or_malformed_in_the_metadata_is_refused(project, aiinfra, what, remedy):
    project.notebook("train.ipynb", aiinfra=aiinfra)
    with pytest.raises(PipelineError) as caught:
        project.compile("train.ipynb")
    assert caught.value.what == what
    assert remedy in caught.value.remedy
    assert caught.value.where.file == "train.ipynb"


def test_an_unknown_option_is_refused(project):
    project.notebook("train.ipynb")
    with pytest.raises(PipelineError, match="unexpected keyword argument 'memmory'"):
        project.tasks('notebook_component("train.ipynb", memmory="4Gi")()')


def test_the_image_is_that_of_the_settings(make_project):
    project = make_project("imaged", "[aiinfra]\nimage = registry.example.org/step:2\n")
    project.notebook("train.ipynb")
    assert container(project.compile("train.ipynb"))["image"] == "registry.example.org/step:2"


# -- the notebook ---------------------------------------------------------------------------------------------------


def test_a_notebook_used_twice_is_two_tasks_with_one_bundle(project):
    project.notebook("train.ipynb", "month: int = 1")
    project.pipeline('train = notebook_component("train.ipynb")\ntrain(month=1)\ntrain(month=2)')
    plan = project.compile("pipeline.py")
    tasks = plan.spec()["root"]["dag"]["tasks"]
    assert [tasks[n]["inputs"]["parameters"]["month"]["runtimeValue"]["constant"] for n in tasks] == [1, 2]
    assert list(tasks) == ["train", "train-2"]
    assert argument(plan, "--bundle", "train") == argument(plan, "--bundle", "train-2")
    assert len(plan.bundles) == 1


def test_one_notebook_as_two_components_of_different_names(project):
    project.notebook("train.ipynb", "month: int = 1")
    tasks = project.tasks(
        """
        notebook_component("train.ipynb")(month=1)
        notebook_component("train.ipynb", name="later", memory="1Gi")(month=7)
        """
    )
    assert sorted(tasks) == ["later", "train"]


def test_the_path_is_relative_to_the_file_that_says_it(project, monkeypatch, tmp_path):
    project.notebook("deep/er/train.ipynb")
    project.pipeline('notebook_component("er/train.ipynb")()', name="deep/pipeline.py")
    monkeypatch.chdir(tmp_path)
    plan = project.compile("deep/pipeline.py")
    assert argument(plan, "--notebook") == "deep/er/train.ipynb"
    assert plan.source == "deep/pipeline.py"


def test_a_notebook_without_kernel_is_refused_before_anything_runs(project):
    project.notebook("train.ipynb", kernel=None)
    with pytest.raises(NotebookError, match="names no kernel"):
        project.compile("train.ipynb")


def test_a_plan_says_which_kernels_it_needs(project):
    project.notebook("train.ipynb")
    project.notebook("judge.ipynb", kernel={"name": "ir", "language": "R", "display_name": "R"})
    project.pipeline('notebook_component("train.ipynb")()\nnotebook_component("judge.ipynb")()')
    assert project.compile("pipeline.py").kernels == {"train.ipynb": "python3", "judge.ipynb": "ir"}


def test_a_notebook_of_another_language_compiles_untyped(project):
    kernel = {"name": "ir", "language": "R", "display_name": "R"}
    project.notebook("fit.ipynb", "month <- 1\nrate = 0.5", kernel=kernel)
    plan = project.compile("fit.ipynb", {"month": "3", "other": "text"})
    assert json.loads(plan.arguments["aiinfra_exact"]) == {"month": 3, "other": "text"}
    tasks = project.tasks('notebook_component("fit.ipynb")(rate=0.25, month=[1, 2.0])')
    exact = tasks["fit"]["inputs"]["parameters"]["aiinfra_exact"]["runtimeValue"]["constant"]
    assert json.loads(exact) == {"rate": 0.25, "month": [1, 2.0]}


def test_a_link_to_a_notebook_outside_the_project_is_refused(make_project):
    project, other = make_project("one"), make_project("other")
    other.notebook("train.ipynb")
    (project.root / "train.ipynb").symlink_to(other.root / "train.ipynb")
    project.pipeline('notebook_component("train.ipynb")()')
    with pytest.raises(NotebookError, match="is not in the project"):
        project.component("train.ipynb")


# -- bundles --------------------------------------------------------------------------------------------------------


def test_without_a_store_the_bundle_is_inside_the_pipeline_and_complete(project, tmp_path):
    project.notebook("train.ipynb", "month: int = 1", "month + 1")
    address = argument(project.compile("train.ipynb"), "--bundle")
    unpack(fetch_bundle(address, "/nowhere"), tmp_path / "unpacked")
    assert "month + 1" in (tmp_path / "unpacked" / "train.ipynb").read_text()


def test_for_a_target_that_stores_it_the_bundle_is_only_named(project):
    project.notebook("train.ipynb")
    plan = project.compile("train.ipynb", by_reference=True)
    assert argument(plan, "--bundle") == f"sha256:{plan.bundles[0].sha256}"


def test_with_a_store_of_ones_own_the_bundle_is_only_named(make_project):
    project = make_project("stored", "[aiinfra]\nstore = s3://bucket/aiinfra\n")
    project.notebook("train.ipynb")
    project.pipeline('train = notebook_component("train.ipynb")\ntrain()\ntrain()')
    for source in ("train.ipynb", "pipeline.py"):
        plan = project.compile(source)
        assert argument(plan, "--bundle") == f"sha256:{plan.bundles[0].sha256}"
        assert container(plan)["env"] == [{"name": "AIINFRA_STORE", "value": "s3://bucket/aiinfra"}]


def test_code_too_large_for_the_pipeline_is_named_instead_and_that_is_said(project):
    project.notebook("train.ipynb", "", f"noise = {random.Random(0).randbytes(80_000).hex()!r}")
    plan = project.compile("train.ipynb")
    assert argument(plan, "--bundle") == f"sha256:{plan.bundles[0].sha256}"
    assert "too large to travel inside the pipeline" in plan.notes[0]
    project.write("settings.ini", "[aiinfra]\nstore = s3://bucket/aiinfra\n")
    assert project.compile("train.ipynb").notes == ()


def test_for_kfps_own_compiler_code_too_large_is_an_error(project):
    project.notebook("train.ipynb", "", f"noise = {random.Random(0).randbytes(80_000).hex()!r}")
    with pytest.raises(BundleError, match="too large to travel inside the pipeline") as caught:
        project.component("train.ipynb")
    assert caught.value.where.field == "[aiinfra] store"


# -- data -----------------------------------------------------------------------------------------------------------


def test_an_input_that_no_step_produces_is_read_from_the_project(project):
    project.write("data/flights.csv", "carrier\nUA\n")
    project.notebook("nbs/train.ipynb", 'flights: Input[Dataset] = "../data/flights.csv"')
    plan = project.compile("nbs/train.ipynb")
    version = json.loads(plan.arguments["aiinfra_data_flights"])
    assert (version["path"], version["state"]) == ("data/flights.csv", "untracked")
    assert [v.path for v in plan.data] == ["data/flights.csv"]
    assert "data/flights.csv is not versioned" in plan.notes[0]


@pytest.mark.parametrize("name", ["größe", "_in"])
def test_an_input_may_have_any_name_too(project, name):
    project.write("data/flights.csv", "carrier\nUA\n")
    project.notebook("train.ipynb", f'{name}: Input[Dataset] = "data/flights.csv"')
    plan = project.compile("train.ipynb")
    (hidden,) = plan.arguments
    spec = plan.spec()
    given = spec["root"]["dag"]["tasks"]["train"]["inputs"]["parameters"][f"aiinfra_data_{name}"]
    assert given == {"componentInputParameter": hidden}
    assert json.loads(plan.arguments[hidden])["path"] == "data/flights.csv"


def test_another_path_may_be_given_for_an_input(project):
    project.write("data/july.csv", "x")
    project.notebook("train.ipynb", 'flights: Input[Dataset] = "data/nowhere.csv"')
    plan = project.compile("train.ipynb", {"flights": "data/july.csv"})
    assert plan.values == {"flights": "data/july.csv"}
    tasks = project.tasks('notebook_component("train.ipynb")(flights="data/july.csv")')
    told = tasks["train"]["inputs"]["parameters"]["aiinfra_data_flights"]["runtimeValue"]["constant"]
    assert json.loads(told)["path"] == "data/july.csv"


def test_data_that_is_not_there_is_refused_with_cell_and_line(project):
    project.write("data/july.csv", "x")
    project.notebook("train.ipynb", '\nflights: Input[Dataset] = "data/juli.csv"')
    with pytest.raises(DataError, match=r"there is no data/juli\.csv") as caught:
        project.compile("train.ipynb")
    where = caught.value.where
    assert (where.file, where.cell, where.line, where.field) == ("train.ipynb", 2, 2, "flights")
    assert caught.value.remedy == "did you mean data/july.csv?"


def test_data_outside_the_project_is_refused(project, tmp_path):
    (tmp_path / "other.csv").write_text("x")
    project.notebook("train.ipynb", 'flights: Input[Dataset] = "../other.csv"')
    with pytest.raises(DataError, match="is not data of the project"):
        project.compile("train.ipynb")


def test_everything_that_is_missing_is_said_at_once(project):
    project.notebook("train.ipynb", "month: int\nflights: Input[Dataset]")
    with pytest.raises(ArgumentError, match="month and flights need a value"):
        project.compile("train.ipynb")
    with pytest.raises(ArgumentError, match="month and flights need a value"):
        project.tasks('notebook_component("train.ipynb")()')


# -- constants ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("mont=3", "has no parameter or input 'mont'"),
        ("month=13", "month must be at most 12, got 13"),
        ("month='March'", "month must be an integer"),
        ("month=True", "month must be an integer"),
        ("month=1.5", "month must be an integer"),
        ("optimizer='adm'", "optimizer must be one of"),
        ("hidden=[1, 'a']", r"hidden\[1\] must be an integer"),
        ("auc=3", "has no parameter or input 'auc'"),
        ("month=None", "month must be an integer"),
    ],
)
def test_a_wrong_constant_is_refused_at_compile_with_the_line_in_the_pipeline(project, call, message):
    project.notebook(
        "train.ipynb",
        """
        month: int = 1  # 1..12
        optimizer: Literal["adam", "sgd"] = "adam"
        hidden: list[int] = [64]
        auc: Output[float]
        """,
    )
    project.pipeline(f'train = notebook_component("train.ipynb")\ntrain({call})')
    with pytest.raises(ArgumentError, match=message) as caught:
        project.compile("pipeline.py")
    text = (project.root / "pipeline.py").read_text().splitlines()
    assert caught.value.where.file == "pipeline.py"
    assert call in text[caught.value.where.line - 1]


def test_a_setting_that_is_wrong_is_an_error_of_the_settings(make_project):
    project = make_project("wrong", "[aiinfra]\nimge = x\n")
    project.notebook("train.ipynb")
    with pytest.raises(ConfigError, match="unknown setting 'imge'"):
        project.compile("train.ipynb")
