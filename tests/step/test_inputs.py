"""Inputs of a step that are missing, damaged or in the way; arguments that don't fit; calls that make no sense."""

import json
import shutil

import pytest

from aiinfra.errors import ArgumentError, BundleError, DataError
from aiinfra.project.cache import keep_in
from aiinfra.project.data import Version
from aiinfra.step.arguments import Artifact
from aiinfra.step.workspace import open_workspace, place_inputs

# -- placing ---------------------------------------------------------------------------------------------------


@pytest.fixture
def workspace(lab, tmp_path):
    "Open a notebook with these parameters."

    def workspace(parameters, name="models/train.ipynb"):
        bundle = lab.bundle(lab.notebook("1", parameters=parameters), name)
        return open_workspace(bundle, str(lab.root / "store"), name, tmp_path / "work")

    return workspace


@pytest.fixture
def version(tmp_path):
    "Put a text into a cache; returns its version, as it travels."

    def version(path, text, **more):
        file = tmp_path / "source" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        content = keep_in(file, tmp_path / "cache")
        return Version(path, content.md5, content.size, "clean", **more).to_dict()

    return version


def test_versioned_data_lies_where_it_lay_in_the_project(workspace, version, tmp_path):
    opened = workspace('flights: Input[Dataset] = "../data/flights.csv"')
    data = {"flights": version("data/flights.csv", "january", rev="9f86")}
    [placed] = place_inputs(opened, {}, data, [str(tmp_path / "cache")])
    assert placed.path == "../data/flights.csv"
    assert (opened.folder / placed.path).read_text() == "january"
    assert (placed.md5, placed.size, placed.version.rev) == (data["flights"]["md5"], 7, "9f86")


def test_writing_to_an_input_does_not_change_the_cache(workspace, version, tmp_path):
    opened = workspace('flights: Input[Dataset] = "data/flights.csv"')
    data = {"flights": version("models/data/flights.csv", "january")}
    [placed] = place_inputs(opened, {}, data, [str(tmp_path / "cache")])
    (opened.folder / placed.path).chmod(0o644)
    (opened.folder / placed.path).write_text("changed")
    (opened.folder / placed.path).unlink()
    [again] = place_inputs(opened, {}, data, [str(tmp_path / "cache")])
    assert (opened.folder / again.path).read_text() == "january"


def test_two_versions_of_one_file_can_be_compared(workspace, version, tmp_path):
    opened = workspace(
        'before: Input[Dataset] = "f.csv"\nafter: Input[Dataset] = "f.csv"\nsame: Input[Dataset] = "f.csv"'
    )
    january, july = version("models/f.csv", "january"), version("models/f.csv", "july")
    data = {"before": january, "after": july, "same": january}
    placed = place_inputs(opened, {}, data, [str(tmp_path / "cache")])
    assert [(p.name, (opened.folder / p.path).read_text()) for p in placed] == [
        ("before", "january"),
        ("after", "july"),
        ("same", "january"),
    ]


def test_two_artifacts_for_one_place_stay_apart(workspace, tmp_path):
    opened = workspace('a: Input[Dataset] = "f.csv"\nb: Input[Dataset] = "f.csv"')
    for name in "ab":
        (tmp_path / name).write_text(name)
    placed = place_inputs(opened, {n: Artifact(str(tmp_path / n)) for n in "ab"}, {}, [])
    assert [(opened.folder / p.path).read_text() for p in placed] == ["a", "b"]


def test_an_artifact_comes_before_versioned_data(workspace, version, tmp_path):
    opened = workspace('flights: Input[Dataset] = "f.csv"')
    (tmp_path / "upstream").write_text("from the step before")
    data = {"flights": version("models/f.csv", "january")}
    [placed] = place_inputs(opened, {"flights": Artifact(str(tmp_path / "upstream"))}, data, [])
    assert (opened.folder / placed.path).read_text() == "from the step before"
    assert (placed.uri, placed.version) == (str(tmp_path / "upstream"), None)


def test_an_artifact_without_a_default_gets_a_place(workspace, tmp_path):
    opened = workspace("model: Input[Model]")
    (tmp_path / "model" / "deep").mkdir(parents=True)
    (tmp_path / "model" / "deep" / "weights").write_text("w")
    [placed] = place_inputs(opened, {"model": Artifact(str(tmp_path / "model"))}, {}, [])
    assert placed.path == "inputs/model"
    assert (opened.folder / placed.path / "deep" / "weights").read_text() == "w"
    assert placed.md5.endswith(".dir")


def test_an_artifact_replaces_what_the_bundle_has_there(workspace, tmp_path):
    opened = workspace('model: Input[Model] = "m"\ntable: Input[Dataset] = "t"')
    (opened.folder / "m").mkdir()
    (opened.folder / "m" / "old").write_text("old")
    (opened.folder / "t").mkdir()
    (tmp_path / "model").mkdir()
    (tmp_path / "table").write_text("t")
    place_inputs(opened, {n: Artifact(str(tmp_path / n)) for n in ("model", "table")}, {}, [])
    assert list((opened.folder / "m").iterdir()) == []
    assert (opened.folder / "t").read_text() == "t"


@pytest.mark.parametrize("uri", ["", "/nowhere/model", "s3://bucket/model"])
def test_an_upstream_artifact_that_is_missing(workspace, uri):
    with pytest.raises(DataError, match="the artifact for model isn't there"):
        place_inputs(workspace("model: Input[Model]"), {"model": Artifact(uri)}, {}, [])


def test_an_input_that_nothing_was_given_for(workspace):
    with pytest.raises(DataError, match="nothing was given for the input flights") as caught:
        place_inputs(workspace('flights: Input[Dataset] = "f.csv"'), {}, {}, [])
    assert caught.value.where.cell == 2


def test_a_version_that_no_cache_has(workspace, version, tmp_path):
    data = {"flights": version("models/f.csv", "january")}
    with pytest.raises(DataError, match="can't be had"):
        place_inputs(workspace('flights: Input[Dataset] = "f.csv"'), {}, data, [str(tmp_path / "empty")])


def test_an_input_outside_of_the_project(workspace, tmp_path):
    (tmp_path / "f").write_text("f")
    opened = workspace('flights: Input[Dataset] = "../../f.csv"')
    with pytest.raises(ArgumentError, match="flights is outside the project"):
        place_inputs(opened, {"flights": Artifact(str(tmp_path / "f"))}, {}, [])


@pytest.mark.parametrize("name", ["other.ipynb", "../train.ipynb", "/etc/passwd", "models"])
def test_a_notebook_that_the_bundle_does_not_hold(lab, tmp_path, name):
    bundle = lab.bundle(lab.notebook("1"), "models/train.ipynb")
    with pytest.raises(BundleError, match="the bundle holds no notebook"):
        open_workspace(bundle, str(lab.root / "store"), name, tmp_path / "work")


# -- as a process ----------------------------------------------------------------------------------------------


@pytest.fixture
def refused(lab):
    "Run a notebook that must not start. Returns what ended."

    def refused(parameters="month: int", **how):
        bundle = how.pop("bundle", None) or lab.notebook("print('started')", parameters=parameters)
        ended = lab.run(bundle, **how)
        assert "Traceback" not in ended.stderr
        assert "executed.ipynb" not in ended.files
        assert [e.kind for e in ended.events] == ["step-started", "step-finished"]
        return ended

    return refused


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "month needs a value"),
        ({"month": 1.5}, "month must be an integer"),
        ({"mnth": 1}, "train has no parameter 'mnth'"),
    ],
)
def test_arguments_that_do_not_fit_start_no_kernel(refused, values, says):
    ended = refused(values=values)
    assert (ended.code, ended.manifest.state, ended.manifest.exit_code) == (2, "FAILED", 2)
    assert ended.manifest.error.type == "ArgumentError"
    assert says in ended.stderr
    assert ended.manifest.notebook.path == "train.ipynb"


def test_a_parameters_cell_that_makes_no_sense_is_named_as_the_project_names_it(refused):
    ended = refused(parameters="month: int = 1\nmonth: int = 2")
    assert (ended.code, ended.manifest.error.type) == (2, "InterfaceError")
    assert ended.manifest.error.where == {"file": "train.ipynb", "cell": 2, "line": 2, "field": "month"}


def test_a_missing_input_starts_no_kernel(refused):
    ended = refused(parameters='flights: Input[Dataset] = "f.csv"', artifacts={"flights": "/nowhere/flights"})
    assert (ended.code, ended.manifest.error.type) == (2, "DataError")


def test_what_is_not_an_executor_input_starts_nothing(refused):
    ended = refused(given="{{$}}")
    assert (ended.code, ended.manifest.error.type) == (2, "ArgumentError")


def test_a_bundle_that_is_not_in_the_store(refused):
    ended = refused(bundle=f"sha256:{'0' * 64}")
    assert ended.code == 3
    assert ended.manifest.bundle == f"sha256:{'0' * 64}"


def test_a_bundle_that_was_damaged(refused, lab):
    address = lab.bundle(lab.notebook("1"))
    file = lab.root / "store" / "bundles" / f"{address.removeprefix('sha256:')}.tar.gz"
    data = file.read_bytes()
    try:
        file.write_bytes(data[: len(data) // 2])
        ended = refused(bundle=address)
        assert ended.code == 3
        assert "store" in ended.stderr
    finally:
        shutil.rmtree(lab.root / "store")


def test_an_inline_bundle_that_was_damaged(refused):
    ended = refused(bundle=f"data:application/gzip;base64,AAAA#sha256={'0' * 64}")
    assert (ended.code, ended.manifest.error.type) == (2, "BundleError")


def test_a_call_without_its_arguments(lab):
    ended = lab.run(
        lab.notebook("1"), prefix=["sh", "-c", 'exec "$0" -m aiinfra.step --notebook train.ipynb']
    )
    assert ended.code == 2
    assert "required: --bundle" in ended.stderr
    assert ended.files == []


@pytest.mark.parametrize(
    ("text", "code"), [("{", 3), ("[1]", 3), ('{"git": {"comit": "9f86"}}', 2), (None, 3)]
)
def test_an_origin_that_is_not_one(lab, tmp_path, text, code):
    if text:
        (tmp_path / "origin.json").write_text(text)
    ended = lab.run(lab.notebook("1"), env={"AIINFRA_ORIGIN": str(tmp_path / "origin.json")})
    assert ended.code == code
    assert "where: AIINFRA_ORIGIN" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_unknown_setting_is_refused(refused):
    ended = refused(bundle=None, parameters="month: int = 1", env={"AIINFRA_RUN_CELL_TIMEOUTS": "7"})
    assert (ended.code, ended.manifest.error.type) == (2, "ConfigError")
    assert "AIINFRA_RUN_CELL_TIMEOUT" in ended.manifest.error.remedy


def test_the_errors_of_a_step_are_plain_data(refused):
    error = refused(values={"mnth": 1}).manifest.error
    assert json.loads(error.model_dump_json())["remedy"] == "did you mean 'month'?"
