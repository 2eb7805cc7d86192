"""The interface of a notebook: what the parameters cell declares, and which values it takes."""

import json
import math

import jsonschema
import pytest

from aiinfra.errors import ArgumentError, InterfaceError, NotebookError
from aiinfra.notebook.interface import NO_DEFAULT, read_interface
from aiinfra.notebook.source import read_notebook

TRAIN = '''"""What this notebook takes."""
from __future__ import annotations
from typing import Literal
%load_ext autoreload
import os
from aiinfra import Dataset, Input, Model, Output

os.environ["SEED"] = "1"
flights: Input[Dataset] = "data/flights.parquet"   # Departures with weather, one row a flight
weather: "Input[Dataset]"
month: int = 1                                     # Month to train on, 1..12
rate: float = 1  # noqa: E501
optimizer: Literal["adam", "sgd"] = "adam"
hidden: list[int] = [  # Widths
    64,  # first
    64,
]  # of the layers, 1..512
holdout: str | None = None; seed = -1  # both
started: str = datetime.now().isoformat()
shape = (28, 28)
rounds: "int"
model: Output[Model] = "out/model.pt2"  # path to write
auc: Output[float]  # area under the curve, 0..1
table: Output[dict[str, float]]
'''


@pytest.fixture
def interface(write):
    """The interface of a notebook with this parameters cell."""
    return lambda *sources, **options: read_interface(read_notebook(write(*sources, **options)))


@pytest.fixture
def train(interface):
    return interface(TRAIN, markdown="# Train #\n\n> Learns who\n> will be late.\n\nMore.")


@pytest.fixture
def by_name(train):
    return {d.name: d for d in (*train.parameters, *train.inputs, *train.outputs)}


def test_a_cell_is_read_with_types_defaults_and_descriptions(train, by_name):
    assert (train.name, train.title, train.description) == ("train", "Train", "Learns who will be late.")
    assert train.typed and train.language == "python" and train.cell == 2
    assert train.names == (
        "flights",
        "weather",
        "month",
        "rate",
        "optimizer",
        "hidden",
        "holdout",
        "seed",
        "started",
        "shape",
        "rounds",
    )
    types = {
        name: str(by_name[name].type)
        for name in ("month", "rate", "optimizer", "hidden", "holdout", "seed", "started", "shape", "rounds")
    }
    assert types == {
        "month": "int",
        "rate": "float",
        "optimizer": 'Literal["adam", "sgd"]',
        "hidden": "list[int]",
        "holdout": "str | None",
        "seed": "int",
        "started": "str",
        "shape": "list",
        "rounds": "int",
    }
    assert (by_name["month"].minimum, by_name["month"].maximum, by_name["month"].line) == (1, 12, 11)
    assert by_name["month"].description == "Month to train on, 1..12"
    assert by_name["rate"].description == "" and type(by_name["rate"].default) is float
    assert by_name["hidden"].description == "of the layers, 1..512" and by_name["hidden"].default == [64, 64]
    assert by_name["holdout"].default is None and by_name["seed"].default == -1
    assert by_name["holdout"].description == by_name["seed"].description == "both"


def test_a_default_that_only_the_notebook_knows_is_shown_as_its_source(by_name):
    assert (
        by_name["started"].expression == "datetime.now().isoformat()"
        and by_name["started"].default is NO_DEFAULT
    )
    assert by_name["shape"].expression == "(28, 28)"
    assert not by_name["started"].required and by_name["rounds"].required


def test_inputs_and_outputs_are_told_from_parameters(by_name):
    flights, weather, model, auc = (by_name[n] for n in ("flights", "weather", "model", "auc"))
    assert (flights.artifact, flights.default, flights.required) == ("Dataset", "data/flights.parquet", False)
    assert flights.description == "Departures with weather, one row a flight"
    assert (weather.artifact, weather.required) == ("Dataset", True)
    assert (model.artifact, model.type, model.path) == ("Model", None, "out/model.pt2")
    assert (auc.artifact, str(auc.type), auc.path) == (None, "float", None)
    assert str(by_name["table"].type) == "dict[str, float]"


def test_the_schema_is_valid_json_schema_that_accepts_what_the_interface_accepts(train):
    schema = json.loads(json.dumps(train.json_schema(), allow_nan=False))
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    assert list(schema["properties"]) == list(train.names)
    assert schema["required"] == ["weather", "rounds"]
    assert schema["properties"]["flights"]["x-artifact"] == "Dataset"
    assert schema["properties"]["started"] == {"type": "string", "x-expression": "datetime.now().isoformat()"}
    assert schema["x-outputs"]["model"] == {
        "x-artifact": "Model",
        "path": "out/model.pt2",
        "description": "path to write",
    }
    assert schema["x-outputs"]["auc"]["type"] == "number"
    good = {"weather": "w.csv", "rounds": 3}
    validator.validate(
        good | {"month": 12, "hidden": [1, 512], "holdout": None, "optimizer": "sgd", "rate": 1}
    )
    for bad in (
        {"month": 13},
        {"month": 1.5},
        {"hidden": [0]},
        {"optimizer": "Adam"},
        {"mont": 1},
        {"flights": 3},
        {"auc": 0.5},
    ):
        assert not validator.is_valid(good | bad), bad
        with pytest.raises(ArgumentError):
            train.check(bad)


def test_typed_text_becomes_values(train):
    texts = {
        "flights": "x.parquet",
        "month": "3",
        "rate": "nan",
        "hidden": "32,16",
        "holdout": "None",
        "started": "1",
    }
    values = train.parse(texts)
    assert math.isnan(values.pop("rate"))
    assert values == {"flights": "x.parquet", "month": 3, "hidden": [32, 16], "holdout": None, "started": "1"}


def test_values_from_a_wire_get_their_types_back(train):
    values = train.check({"hidden": [64.0, 32.0], "shape": [28.0, 28.0], "month": 3}, doubles=True)
    assert repr(values) == "{'hidden': [64, 32], 'shape': [28, 28], 'month': 3}"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("month", "March", ["month", "int", "'March'"]),
        ("month", "13", ["month", "at most 12", "13"]),
        ("month", "0", ["month", "at least 1", "0"]),
        ("hidden", "64,1000", ["hidden", "512", "1000"]),
        ("hidden", "64,x", ["hidden[1]", "int", "'x'"]),
        ("optimizer", "Adam", ["optimizer", '"sgd"', "'Adam'", "did you mean 'adam'"]),
        ("mont", "1", ["mont", "did you mean 'month'"]),
        ("auc", "1", ["auc", "output"]),
        ("flights", " ", ["flights", "path of a Dataset"]),
        ("rounds", "", ["rounds", "int", "''"]),
    ],
)
def test_a_value_that_does_not_fit_is_refused_naming_parameter_type_and_value(train, name, text, words):
    with pytest.raises(ArgumentError) as error:
        train.parse({name: text})
    assert error.value.where.field == name
    for word in words:
        assert word in str(error.value)


def test_a_number_outside_of_every_order_is_outside_of_a_range(interface):
    with pytest.raises(ArgumentError, match="rate must be"):
        interface("rate: float = 1  # 0..1").parse({"rate": "nan"})


def test_all_missing_values_are_named_at_once(train):
    with pytest.raises(ArgumentError, match="weather and rounds") as error:
        train.require({})
    assert error.value.remedy == "-p weather=… -p rounds=…"
    train.require({"weather": "w.csv", "rounds": 3})


def test_an_optional_number_in_a_range_may_be_none(interface):
    limited = interface("limit: int | None = None  # 1..9\nrates: list[float] | None = None  # 0..1")
    assert limited.check({"limit": None, "rates": None}) == {"limit": None, "rates": None}
    with pytest.raises(ArgumentError):
        limited.check({"limit": 10})


@pytest.mark.parametrize(
    ("source", "words", "line", "field"),
    [
        ("x = 1\ny = = 2", "invalid syntax", 2, None),
        ("x = (1,", "never closed", 1, None),
        ("class = 3", "Python keyword", 1, "class"),
        ("a = 1\nlambda: float = 3", "Python keyword", 2, "lambda"),
        ("x = 1\ny = 2\nx: int = 3", "declared twice, first in line 1", 3, "x"),
        ("x = 1\nx: Output[int]", "declared twice", 2, "x"),
        ("__x__ = 1", "can't be a parameter's name", 1, "__x__"),
        ("x: np.ndarray = None", "np.ndarray isn't a type", 1, "x"),
        ("x: int = 'a'", "must be an integer", 1, "x"),
        ("x: int = 1e3", "is a float", 1, "x"),
        ("x: str = None", "got None", 1, "x"),
        ("x: Literal['a'] = 'b'", "must be one of", 1, "x"),
        ("x: int = 13  # 1..12", "at most 12", 1, "x"),
        ("x: list[int] = [1, 13]  # 1..12", "at most 12", 1, "x"),
        ("x: str = 'a'  # 1..12", "its type is str", 1, "x"),
        ("x = None  # 1..12", "its type is Any", 1, "x"),
        ("x: int = 3  # 5..1", "is empty", 1, "x"),
        ("x: Input[Dataset] = '/data/x.csv'", "this machine only", 1, "x"),
        ("x: Input[Dataset] = 'C:\\\\x.csv'", "this machine only", 1, "x"),
        ("x: Output[Model] = '~/x.pt2'", "this machine only", 1, "x"),
        ("x: Input[Dataset] = base / 'x.csv'", "plain string", 1, "x"),
        ("x: Input[Dataset] = ''", "plain string", 1, "x"),
        ("x: Input[float] = 1.0", "no artifact type", 1, "x"),
        ("x: Input = 'a'", "no artifact type", 1, "x"),
        ("x: Input[Datset] = 'a'", "no artifact type", 1, "x"),
        ("x: Output[Model]", "needs a path", 1, "x"),
        ("x: Output", "of what", 1, "x"),
        ("x: Output[np.ndarray]", "isn't a type", 1, "x"),
        ("x: Input[Dataset] | None = None", "isn't a type", 1, "x"),
        ("a, b = 1, 2", "not a declaration", 1, None),
        ("a = b = 1", "not a declaration", 1, None),
        ("a = 1\na += 1", "not a declaration", 2, None),
        ("for i in range(3): x = i", "not a declaration", 1, None),
        ("if True:\n    x = 1", "not a declaration", 1, None),
        ("with open('x') as f: pass", "not a declaration", 1, None),
    ],
)
def test_a_cell_that_cannot_be_understood_is_refused_with_cell_and_line(
    interface, source, words, line, field
):
    with pytest.raises(InterfaceError) as error:
        interface(source, markdown="# Title")
    assert words in str(error.value)
    assert (error.value.where.cell, error.value.where.line, error.value.where.field) == (2, line, field)


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        ("x: Input[Datset] = 'a'", "did you mean Dataset?"),
        ("x: str = None", "write x: str | None = None"),
        ("class = 3", "call it class_"),
        ("x: int = 1e3", "write 1000"),
    ],
)
def test_the_remedy_says_what_to_write(interface, source, remedy):
    with pytest.raises(InterfaceError) as error:
        interface(source)
    assert error.value.remedy == remedy


@pytest.mark.parametrize(
    "source",
    [
        "",
        "# only a comment",
        "import os\nprint('hello')\nassert True\npass",
        "def f(): return 1",
        "try:\n    import x\nexcept ImportError:\n    pass",
        "%time\n!ls",
        "%%bash\nls",
    ],
)
def test_a_cell_without_declarations_takes_nothing(interface, source):
    assert interface(source).names == ()


def test_nothing_in_the_cell_is_executed(interface, tmp_path):
    witness = tmp_path / "executed"
    touch = f"open({str(witness)!r}, 'w')"
    found = interface(f"x: int = {touch}\ny = [{touch}]\n{touch}\n!touch {witness}")
    assert found.parameters[0].expression == touch and found.parameters[1].expression == f"[{touch}]"
    with pytest.raises(InterfaceError):
        interface(f"x: {touch} = 3")
    assert not witness.exists()


def test_a_second_parameters_cell_is_refused_by_its_number(write):
    tagged = {
        "cell_type": "code",
        "metadata": {"tags": ["parameters"]},
        "source": "x = 1",
        "outputs": [],
        "execution_count": None,
    }
    with pytest.raises(InterfaceError, match="second") as error:
        read_interface(read_notebook(write(cells=[tagged, tagged])))
    assert error.value.where.cell == 2


def test_a_notebook_without_a_parameters_cell_has_an_empty_interface(interface):
    empty = interface("x = 1", tags=())
    assert empty.names == () and empty.cell is None and empty.title == "train"
    assert empty.json_schema()["properties"] == {}


def test_a_markdown_cell_with_the_tag_is_not_a_parameters_cell(write):
    cell = {"cell_type": "markdown", "metadata": {"tags": ["parameters"]}, "source": "x = 1"}
    assert read_interface(read_notebook(write(cells=[cell]))).cell is None


@pytest.mark.parametrize(
    ("markdown", "title", "description"),
    [
        ("Text.\n\n# Title\nWords\nof it.\n\nMore.", "Title", "Words of it."),
        ("```\n# no\n```\n# Yes\n## Next\n\nText", "Yes", ""),
        ("# Only", "Only", ""),
        ("## Below\n", "train", ""),
        ("#hash", "train", ""),
        ("# A\n\n- item", "A", ""),
        ("# Größe *von* `x`\n\n> Zitat", "Größe *von* `x`", "Zitat"),
    ],
)
def test_title_and_description_are_the_notebooks_first_words(interface, markdown, title, description):
    found = interface("x = 1", markdown=markdown)
    assert (found.title, found.description) == (title, description)


def test_a_description_may_stand_in_a_cell_of_its_own(write):
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": s} for s in ("# Train", "> Learns.\n", "More.")
    ]
    found = read_interface(read_notebook(write(cells=cells)))
    assert (found.title, found.description) == ("Train", "Learns.")


def test_an_unannotated_default_often_tells_its_type(interface):
    source = "a = f'{x}'\nb = [n for n in range(3)]\nc = int(x)\nd = x > 1\ne = {**x}\nf = 'a' + x\ng = x()\nh = None"
    assert [str(p.type) for p in interface(source).parameters] == [
        "str",
        "list",
        "int",
        "bool",
        "dict",
        "str",
        "Any",
        "Any",
    ]


def test_a_notebook_in_another_language_is_untyped_and_says_so(interface):
    r = interface("month <- 1", metadata={"kernelspec": {"name": "ir", "language": "R"}})
    assert not r.typed and r.language == "R"
    assert r.check({"month": 3, "hidden": [1]}) == {"month": 3, "hidden": [1]}
    assert r.parse({"month": "3", "name": "x"}) == {"month": 3, "name": "x"}
    assert r.json_schema()["additionalProperties"] is True


def test_a_language_that_papermill_cannot_write_is_refused(interface):
    with pytest.raises(NotebookError, match="cobol"):
        interface("MOVE 1 TO MONTH", metadata={"kernelspec": {"name": "x", "language": "cobol"}})
