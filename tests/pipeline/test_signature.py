"""What a notebook takes and gives, in Kubeflow's words; and values on their way to the step and back."""

import json

import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from aiinfra.errors import PipelineError
from aiinfra.notebook.interface import Interface, Parameter, read_interface
from aiinfra.notebook.literals import literal
from aiinfra.notebook.source import read_notebook
from aiinfra.notebook.values import ANY, ValueType
from aiinfra.pipeline.signature import component_ir, inputs_ir, outputs_ir, to_parameters
from aiinfra.step.arguments import from_wire


def interface_of(project, parameters):
    return read_interface(read_notebook(project.notebook("train.ipynb", parameters)))


# -- what the IR says of an interface -------------------------------------------------------------------------------

TYPES = [
    ("x: int = 3", "NUMBER_INTEGER", 3),
    ("x: int = 0", "NUMBER_INTEGER", 0),
    ("x: int = 2**53", "NUMBER_INTEGER", 2**53),
    ("x: float = 1e-5", "NUMBER_DOUBLE", 1e-5),
    ("x: float = 1e300", "NUMBER_DOUBLE", 1e300),
    ("x: float = 1", "NUMBER_DOUBLE", 1.0),
    ("x: bool = False", "BOOLEAN", False),
    ("x: str = ''", "STRING", ""),
    ("x: str = 'no'", "STRING", "no"),
    ("x: str = '1e5'", "STRING", "1e5"),
    ("x: str = '2024-01-01'", "STRING", "2024-01-01"),
    ("x: str = 'a: b\\n# c'", "STRING", "a: b\n# c"),
    ("x: str = 'é \\u2028 \\x85 \U0001f600'", "STRING", "é \u2028 \x85 \U0001f600"),
    ("x: Literal['adam', 'sgd'] = 'adam'", "STRING", "adam"),
    ("x: Literal[1, 2] = 2", "NUMBER_INTEGER", 2),
    ("x: list[int] = [64, 64]", "LIST", [64, 64]),
    ("x: list[float] = [0.5, 1.0]", "LIST", [0.5, 1.0]),
    ("x: list = []", "LIST", []),
    ("x: dict[str, list[int]] = {'a b': [1]}", "STRUCT", {"a b": [1]}),
    ("x: str | None = 'a'", "STRING", "a"),
    ("x = 5", "NUMBER_INTEGER", 5),
]


@pytest.mark.parametrize(("line", "wire", "default"), TYPES, ids=[t[0] for t in TYPES])
def test_a_type_and_its_default_are_in_the_ir_of_component_and_pipeline(project, line, wire, default):
    project.notebook("train.ipynb", line)
    spec = project.compile("train.ipynb").spec()
    inner = spec["components"]["comp-train"]["inputDefinitions"]["parameters"]["x"]
    outer = spec["root"]["inputDefinitions"]["parameters"]["x"]
    for ir in (inner, outer):
        assert ir == {"parameterType": wire, "isOptional": True, "defaultValue": default}
        assert type(ir["defaultValue"]) in (type(default), float)


LEFT_ALONE = [
    "x: float = float('nan')",
    "x: float = float('-inf')",
    "x: int = 2**63",
    "x: str = '{{$}}'",
    "x: str | None = None",
    "x = None",
    "x: Any = 3",
    "x: Literal['a', 1] = 'a'",
    "x: list = [1.0, 2, 2.5]",
    "x: dict = {'a': 1.0}",
    "x: dict = {'a': [None]}",
    "x: dict[str, int] = {'b': 1, 'a': 2}",
    "x: float = 60 / 7 * offset()",
]


@pytest.mark.parametrize("line", LEFT_ALONE)
def test_a_default_that_the_wire_would_change_stays_in_the_notebook(project, line):
    project.notebook("train.ipynb", line)
    spec = project.compile("train.ipynb").spec()
    for ir in (spec["components"]["comp-train"], spec["root"]):
        parameter = ir["inputDefinitions"]["parameters"]["x"]
        assert parameter["isOptional"] is True
        assert "defaultValue" not in parameter


def test_a_required_parameter_is_required_in_the_ir(project):
    ir = inputs_ir(interface_of(project, "month: int"))["parameters"]["month"]
    assert ir == {"parameterType": "NUMBER_INTEGER"}


def test_descriptions_are_in_the_ir_of_component_and_pipeline(project):
    project.write("data/d.csv", "a")
    project.notebook(
        "train.ipynb",
        """
        d: Input[Dataset] = "data/d.csv"  # One row a flight
        month: int = 1  # Month: 1..12, "quoted" – ½ # more
        model: Output[Model] = "out/m.pt"  # The network
        auc: Output[float]  # Of the days held out
        """,
    )
    spec = project.compile("train.ipynb").spec()
    component = spec["components"]["comp-train"]
    taken, given = component["inputDefinitions"], component["outputDefinitions"]
    assert taken["artifacts"]["d"]["description"] == "One row a flight"
    assert taken["parameters"]["month"]["description"] == 'Month: 1..12, "quoted" – ½ # more'
    assert given["artifacts"]["model"]["description"] == "The network"
    assert given["parameters"]["auc"]["description"] == "Of the days held out"
    told = spec["root"]["inputDefinitions"]["parameters"]["month"]["description"]
    assert told == 'Month: 1..12, "quoted" – ½ # more'


@pytest.mark.parametrize("artifact", ["Dataset", "Model", "HTML", "Markdown", "Artifact"])
def test_every_artifact_type_is_in_the_ir(project, artifact):
    interface = interface_of(project, f"a: Input[{artifact}]\nb: Output[{artifact}] = 'out/b'")
    kind = {"schemaTitle": f"system.{artifact}", "schemaVersion": "0.0.1"}
    assert inputs_ir(interface)["artifacts"]["a"] == {"artifactType": kind, "isOptional": True}
    assert outputs_ir(interface)["artifacts"]["b"] == {"artifactType": kind}


@pytest.mark.parametrize(
    ("kind", "wire"),
    [
        ("int", "NUMBER_INTEGER"),
        ("float", "NUMBER_DOUBLE"),
        ("bool", "BOOLEAN"),
        ("str", "STRING"),
        ("list[int]", "LIST"),
        ("dict", "STRUCT"),
    ],
)
def test_every_type_of_value_output_is_in_the_ir(project, kind, wire):
    assert outputs_ir(interface_of(project, f"x: Output[{kind}]")) == {
        "parameters": {"x": {"parameterType": wire}}
    }


@pytest.mark.parametrize("name", ["größe", "_auc", "self"])
def test_an_output_that_kfp_has_no_name_for_is_refused_with_its_place(project, name):
    with pytest.raises(PipelineError, match=f"no output called '{name}'") as caught:
        outputs_ir(interface_of(project, f"a: int = 1\n{name}: Output[float]"))
    assert (caught.value.where.cell, caught.value.where.line) == (2, 2)


def test_the_command_is_a_list_of_arguments_with_no_shell(project):
    ir = component_ir("train", "a b/train.ipynb", interface_of(project, ""), "sha256:0", project.settings)
    container = ir["deploymentSpec"]["executors"]["exec-train"]["container"]
    assert container["command"] == ["python", "-m", "aiinfra.step"]
    assert container["args"][:4] == ["--notebook", "a b/train.ipynb", "--bundle", "sha256:0"]
    assert container["args"][-2:] == ["--executor-input", "{{$}}"]


# -- values, there and back -----------------------------------------------------------------------------------------


def sent(parameters):
    "The parameters as they come out of KFP: through protobuf, every number a double."
    struct = json_format.ParseDict(parameters, struct_pb2.Struct())
    return json_format.MessageToDict(struct)


def arrived(kind, value, name="x"):
    "The value of the type `kind` after its way to the step."
    interface = Interface("train", "train", "", parameters=(Parameter(name, kind),))
    return from_wire(interface, sent(to_parameters(interface, {name: value})))[name]


def exactly(value):
    "Equal text: the same value, the same types and the same order all through."
    return literal(value)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(["{{$}}", "{{x", "\x00", "NaN"])
INTS = st.integers() | st.sampled_from([2**53, 2**53 + 1, -(2**63), 2**64])
FLOATS = st.floats() | st.sampled_from([1.0, -0.0, 1e300, 2.0**60])
PLAIN = st.none() | st.booleans() | INTS | FLOATS | TEXTS
NESTED = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
)
TYPED = st.one_of(
    st.tuples(st.just(ValueType("int")), INTS),
    st.tuples(st.just(ValueType("float")), FLOATS),
    st.tuples(st.just(ValueType("bool")), st.booleans()),
    st.tuples(st.just(ValueType("str")), TEXTS),
    st.tuples(st.just(ValueType("str", optional=True)), st.none() | TEXTS),
    st.tuples(st.just(ValueType("list")), st.lists(NESTED, max_size=4)),
    st.tuples(st.just(ValueType("list", item=ValueType("int"))), st.lists(INTS, max_size=4)),
    st.tuples(st.just(ValueType("list", item=ValueType("float"))), st.lists(FLOATS, max_size=4)),
    st.tuples(st.just(ValueType("dict")), st.dictionaries(TEXTS, NESTED, max_size=4)),
    st.tuples(st.just(ANY), NESTED),
)


@settings(max_examples=400, deadline=None)
@given(TYPED)
def test_every_value_arrives_as_it_was(typed):
    kind, value = typed
    assert exactly(arrived(kind, value)) == exactly(value)


@settings(max_examples=100, deadline=None)
@given(TYPED)
def test_a_name_that_kfp_has_no_word_for_carries_values_too(typed):
    kind, value = typed
    assert exactly(arrived(kind, value, "größe")) == exactly(value)


@settings(max_examples=200, deadline=None)
@given(TYPED)
def test_no_value_can_look_like_a_placeholder_of_kfp(typed):
    kind, value = typed
    interface = Interface("train", "train", "", parameters=(Parameter("x", kind),))
    assert "{{" not in json.dumps(to_parameters(interface, {"x": value})).replace('\\"', '"')


def test_plain_values_are_plain_in_the_ir():
    "So that a person can read and change them in KFP's own pages."
    parameters = (
        Parameter("month", ValueType("int")),
        Parameter("hidden", ValueType("list", item=ValueType("int"))),
    )
    interface = Interface("train", "train", "", parameters=parameters)
    values = {"month": 7, "hidden": [64, 64]}
    assert to_parameters(interface, values) == values
