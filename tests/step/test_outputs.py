"""What a notebook puts out: values of every kind, files and folders, datasets into the cache and to the remote."""

import json
import math
import os
from pathlib import Path, PurePosixPath

import pytest

from aiinfra.errors import OutputError, StoreError
from aiinfra.notebook.interface import Interface, Output
from aiinfra.notebook.values import ValueType
from aiinfra.project.data import Version
from aiinfra.project.transfer import materialise
from aiinfra.step.arguments import Artifact
from aiinfra.step.outputs import Depots, collect, sha256_of, take
from aiinfra.step.workspace import Workspace

# -- values ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("0.664", 0.664),
        ("import numpy; value = numpy.float64(0.5)", 0.5),
        ("import numpy; value = numpy.float32(0.5)", 0.5),
        ("import numpy; value = numpy.int64(7)", 7),
        ("import numpy; value = numpy.bool_(True)", True),
        ("import numpy; value = numpy.array(3.5)", 3.5),
        ("import numpy; value = numpy.arange(3)", [0, 1, 2]),
        ("import numpy; value = {'a': [numpy.float64(1), {'b': numpy.int8(2)}]}", {"a": [1.0, {"b": 2}]}),
        ("import torch; value = torch.tensor(0.5)", 0.5),
        ("import torch; value = torch.tensor([1, 2])", [1, 2]),
        ("import torch; value = torch.tensor(0.5, requires_grad=True)", 0.5),
        ("import pandas; value = pandas.Series([1.5, 2.5])", [1.5, 2.5]),
        ("value = float('inf')", math.inf),
        ("value = (1, (2, 3))", [1, [2, 3]]),
        ("value = {1: 'a', True: 'b'}", {"1": "b"}),
        ("value = None", None),
        ("value = 2**80", 2**80),
        ("value = '\\ud800 \\x00 ☃'", "\ud800 \x00 ☃"),
    ],
)
def test_a_variable_is_read_as_the_plain_value_that_it_holds(kernel, source, expected):
    found = kernel(source if "value" in source else f"value = {source}")
    assert found == {"values": {"value": expected}, "unreadable": {}}


def test_nan_is_read(kernel):
    assert math.isnan(kernel("import numpy; value = numpy.float64('nan')")["values"]["value"])


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("value = object()", "object"),
        ("value = {1, 2}", "set"),
        ("import decimal; value = decimal.Decimal(1)", "Decimal"),
        ("value = [1, {'a': object()}]", "list"),
        ("value = []; value.append(value)", "list"),
        ("import pandas; value = pandas.DataFrame({'a': [1]})", "DataFrame"),
        ("import datetime; value = datetime.date.today()", "date"),
        ("class Lazy:\n    def tolist(self): raise RuntimeError('not connected')\nvalue = Lazy()", "Lazy"),
        ("class Odd:\n    def __getattr__(self, name): raise OSError(name)\nvalue = Odd()", "Odd"),
    ],
)
def test_a_variable_that_is_no_plain_value_is_named_with_its_type(kernel, source, kind):
    assert kernel(source) == {"values": {}, "unreadable": {"value": kind}}


def test_a_variable_that_is_not_there_is_not_read(kernel):
    assert kernel("value = 1; del value") == {"values": {}, "unreadable": {}}


# -- artifacts -------------------------------------------------------------------------------------------------


def artifact(name, kind="Model", path=None):
    return Output(name, kind, None, path or f"out/{name}", "", 2, 1)


@pytest.fixture
def folder(tmp_path):
    "A step's workspace, in which a notebook has run."
    work = tmp_path / "work"
    (work / "out").mkdir(parents=True)
    return work


@pytest.fixture
def put_out(folder, tmp_path):
    "Collect the outputs that are declared. Returns those that were produced and the error."

    def put_out(*outputs, values=None, targets=None, **depots):
        interface = Interface("train", "Train", "", outputs=outputs)
        places = {o.name: Artifact(str(tmp_path / "kept" / o.name)) for o in outputs} | (targets or {})
        workspace = Workspace(folder, PurePosixPath("train.ipynb"), interface)
        return collect(workspace, values or {}, {}, places, Depots(**depots))

    return put_out


def test_a_file_is_taken_with_its_hash_and_keeps_its_suffix(folder, put_out, tmp_path):
    (folder / "out" / "report.html").write_text("<h1>Drift</h1>")
    [report], error = put_out(artifact("report", "HTML", "out/report.html"))
    assert error is None
    assert Path(report.uri) == tmp_path / "kept" / "report.html"
    assert Path(report.uri).read_text() == "<h1>Drift</h1>"
    assert (report.sha256, report.size) == (sha256_of(folder / "out" / "report.html")[0], 14)
    assert (report.md5, report.remote) == (None, None)


def test_a_folder_is_taken_whole(folder, put_out):
    (folder / "out" / "model" / "deep").mkdir(parents=True)
    (folder / "out" / "model" / "deep" / "weights").write_bytes(b"w" * 100)
    [model], error = put_out(artifact("model"))
    assert error is None
    assert (Path(model.uri) / "deep" / "weights").read_bytes() == b"w" * 100
    assert model.size == 100
    assert model.sha256 == sha256_of(Path(model.uri))[0]


def test_the_hash_of_a_folder_is_that_of_its_names_and_contents(tmp_path):
    hashes = set()
    for number, files in enumerate(
        [{"a": "1", "b": "2"}, {"a": "2", "b": "1"}, {"a": "12"}, {"ab": "12"}, {"x/a": "12"}]
    ):
        for name, content in files.items():
            (tmp_path / str(number) / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / str(number) / name).write_text(content)
        hashes.add(sha256_of(tmp_path / str(number))[0])
    assert len(hashes) == 5


def test_what_is_at_the_place_already_is_replaced(folder, put_out, tmp_path):
    kept = tmp_path / "kept"
    for old in (kept / "model" / "old", kept / "table.csv" / "old"):
        old.parent.mkdir(parents=True)
        old.write_text("of the attempt before")
    (folder / "out" / "model").mkdir()
    (folder / "out" / "model" / "new").write_text("new")
    (folder / "out" / "table.csv").write_text("new")
    _, error = put_out(artifact("model"), artifact("table", path="out/table.csv"))
    assert error is None
    assert sorted(p.name for p in (kept / "model").iterdir()) == ["new"]
    assert (kept / "table.csv").read_text() == "new"


def test_an_output_inside_of_another_is_taken_too(folder, put_out, tmp_path):
    (folder / "out" / "model.pt2").write_text("weights")
    _, error = put_out(artifact("all", path="out"), artifact("model", path="out/model.pt2"))
    assert error is None
    assert (tmp_path / "kept" / "all" / "model.pt2").read_text() == "weights"
    assert (tmp_path / "kept" / "model.pt2").read_text() == "weights"


def test_a_link_to_somebody_elses_file_is_copied_not_shared(folder, put_out, tmp_path):
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("theirs")
    (folder / "out" / "table.csv").symlink_to(theirs)
    [table], error = put_out(artifact("table", path="out/table.csv"))
    assert error is None
    Path(table.uri).write_text("changed")
    assert theirs.read_text() == "theirs"
    assert not Path(table.uri).is_symlink()


def test_a_pipe_is_no_output(folder, put_out):
    os.mkfifo(folder / "out" / "model")
    _, error = put_out(artifact("model"))
    assert isinstance(error, OutputError)
    assert "neither a file nor a folder" in error.what


def test_a_place_that_cannot_be_written_is_an_error_of_the_store(folder, put_out, tmp_path):
    (folder / "out" / "model").write_text("weights")
    (tmp_path / "kept").write_text("a file where a folder should be")
    _, error = put_out(artifact("model"))
    assert isinstance(error, StoreError)
    assert error.exit_code == 3


def test_nothing_is_left_half_when_taking_fails(folder, tmp_path):
    (folder / "out" / "model").mkdir()
    (folder / "out" / "model" / "weights").write_text("w")
    (folder / "out" / "model" / "dangling").symlink_to("nowhere")
    with pytest.raises(OSError):
        take(folder / "out" / "model", tmp_path / "kept" / "model", folder)
    assert list((tmp_path / "kept").iterdir()) == []


def test_the_first_of_several_errors_is_told_and_the_rest_is_kept(folder, put_out):
    (folder / "out" / "b").write_text("b")
    value = Output("auc", None, ValueType("float"), None, "", 2, 1)
    produced, error = put_out(artifact("a"), value, artifact("b"), artifact("c"), values={"auc": 1})
    assert [p.name for p in produced] == ["auc", "b"]
    assert "the output a isn't there" in error.what


# -- datasets --------------------------------------------------------------------------------------------------


@pytest.fixture
def table(folder):
    (folder / "out" / "table.csv").write_text("carrier,delay\nUA,12\n")
    return artifact("table", "Dataset", "out/table.csv")


MD5 = "8d11f27f17d26183a6b467497578abe1"


def test_a_dataset_goes_to_the_cache_under_its_md5(put_out, table, tmp_path):
    [produced], error = put_out(table, cache=tmp_path / "cache")
    assert (error, produced.md5, produced.remote) == (None, MD5, None)
    assert (tmp_path / "cache" / "files" / "md5" / MD5[:2] / MD5[2:]).read_text() == "carrier,delay\nUA,12\n"


@pytest.mark.parametrize("remote", ["{}/remote", "file://{}/remote", "memory://remote-of-a-test"])
def test_a_dataset_is_pushed_to_the_remote(put_out, table, tmp_path, remote):
    remote = remote.format(tmp_path)
    [produced], error = put_out(table, cache=tmp_path / "cache", remote=remote)
    assert (error, produced.remote) == (None, remote)
    version = Version("out/table.csv", produced.md5, produced.size, "untracked")
    materialise(version, tmp_path / "elsewhere.csv", [remote])
    assert (tmp_path / "elsewhere.csv").read_text() == "carrier,delay\nUA,12\n"


def test_a_folder_of_data_is_pushed_with_its_files(folder, put_out, tmp_path):
    for month in (1, 2):
        (folder / "out" / "months" / str(month)).mkdir(parents=True)
        (folder / "out" / "months" / str(month) / "flights.csv").write_text(f"month {month}")
    output = artifact("months", "Dataset")
    [produced], error = put_out(output, cache=tmp_path / "cache", remote=str(tmp_path / "remote"))
    assert error is None
    assert produced.md5.endswith(".dir")
    version = Version("out/months", produced.md5, produced.size, "untracked")
    materialise(version, tmp_path / "elsewhere", [str(tmp_path / "remote")])
    assert (tmp_path / "elsewhere" / "2" / "flights.csv").read_text() == "month 2"


@pytest.mark.parametrize("remote", ["/dev/null/remote", "nosuchscheme://bucket"])
def test_a_dataset_that_cannot_be_pushed_is_kept_and_the_step_may_be_retried(
    put_out, table, tmp_path, remote
):
    produced, error = put_out(table, artifact("a"), cache=tmp_path / "cache", remote=remote)
    assert isinstance(error, StoreError)
    assert error.exit_code == 3
    assert "can't be pushed to the DVC remote" in error.what
    [kept] = produced
    assert (kept.md5, kept.remote) == (MD5, None)
    assert Path(kept.uri).read_text() == "carrier,delay\nUA,12\n"
    assert (tmp_path / "cache" / "files" / "md5" / MD5[:2] / MD5[2:]).exists()


def test_a_failure_to_push_tells_no_password(put_out, table, tmp_path):
    _, error = put_out(table, cache=tmp_path / "cache", remote="nosuchscheme://ada:s3cret@bucket/dvc")
    assert "s3cret" not in json.dumps(error.to_dict())


def test_other_artifacts_are_neither_cached_nor_pushed(folder, put_out, tmp_path):
    (folder / "out" / "model").write_text("weights")
    [produced], error = put_out(artifact("model"), cache=tmp_path / "cache", remote=str(tmp_path / "remote"))
    assert (error, produced.md5) == (None, None)
    assert not (tmp_path / "cache").exists()
    assert not (tmp_path / "remote").exists()


def test_the_cache_is_not_changed_when_somebody_writes_to_the_output(put_out, table, tmp_path):
    [produced], _ = put_out(table, cache=tmp_path / "cache")
    Path(produced.uri).write_text("changed")
    cached = tmp_path / "cache" / "files" / "md5" / MD5[:2] / MD5[2:]
    assert cached.read_text() == "carrier,delay\nUA,12\n"
