"""Values on their way: through KFP's wire format, into a real kernel as papermill's literals, and back again."""

import json
import math
import queue

import nbformat
import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aiinfra.errors import ArgumentError
from aiinfra.notebook.interface import Interface, read_interface
from aiinfra.notebook.parameters import Parameter
from aiinfra.notebook.source import read_notebook
from aiinfra.notebook.values import ANY, ValueType
from aiinfra.step.arguments import (
    EXACT,
    PACKED,
    Artifact,
    from_wire,
    packed,
    read_executor_input,
    survives,
    to_wire,
    write_executor_output,
)


def through_kfp(parameters):
    "The parameters after protobuf's Struct, which is what KFP's API server and its launcher make of them."
    there = json_format.ParseDict(parameters, struct_pb2.Struct())
    return json_format.MessageToDict(there)


def same(a, b):
    "Equal, of the same types, in the same order, and NaN is NaN."
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b))


def sorted_(value):
    "The value without the order of its dicts, which KFP doesn't keep for outputs."
    if isinstance(value, dict):
        return {k: sorted_(value[k]) for k in sorted(value)}
    return [*map(sorted_, value)] if isinstance(value, list) else value


TEXTS = st.one_of(
    st.text(),
    st.text(alphabet=st.characters(codec=None)),  # lone surrogates, too
    st.sampled_from(
        [
            "{{$.inputs.parameters['x']}}",
            "{{$}}",
            PACKED,
            PACKED + "1",
            "'\"\\\n\r\t$HOME{x}%s",
            "\x00",
            "NaN",
        ]
    ),
)
SCALARS = {
    "bool": st.booleans(),
    "int": st.one_of(st.integers(), st.sampled_from([2**53, 2**53 + 1, -(2**63), 10**400])),
    "float": st.floats(),
    "str": TEXTS,
}


@st.composite
def typed_values(draw, depth=2):
    "A type that a parameter can have, and a value of it."
    kind = draw(st.sampled_from([*SCALARS, *(["list", "dict"] if depth else [])]))
    optional = draw(st.booleans()) and draw(st.booleans())
    if kind in SCALARS:
        value = draw(SCALARS[kind])
        literal = kind in ("int", "str") and draw(st.booleans()) and draw(st.booleans())
        type_ = ValueType(kind, optional, choices=(value,) if literal else ())
    else:
        item, example_ = draw(typed_values(depth=depth - 1))
        size = draw(st.integers(0, 3))
        value = [example_] * size if kind == "list" else {draw(TEXTS): example_ for _ in range(size)}
        type_ = ValueType(kind, optional, item=item)
    return type_, None if optional and draw(st.booleans()) else value


def interface_of(type_):
    return Interface("train", "Train", "", parameters=(Parameter("value", type_),))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(typed_values())
@example(
    (ValueType("dict", item=ValueType("list", item=ValueType("float"))), {"a": [math.nan, -math.inf, 1.0]})
)
@example((ValueType("list", item=ValueType("int")), [2**53 + 1, -1]))
@example((ANY, {"a": [1, 2.5, None, {"b": True}]}))
@example((ValueType("str"), PACKED + '"x"'))
def test_a_value_reaches_the_kernel_and_comes_back_as_it_was(kernel, typed_value):
    from aiinfra.step.engine import LiteralTranslator  # imports papermill

    type_, value = typed_value
    interface = interface_of(type_)
    arrived = from_wire(interface, through_kfp(to_wire({"value": value})))["value"]
    assert same(arrived, value)
    source = LiteralTranslator.codify({"value": arrived})
    found = kernel(source)
    assert found["unreadable"] == {}
    assert same(found["values"]["value"], value)


@given(typed_values())
def test_an_output_of_one_step_is_the_argument_of_another(typed_value):
    type_, value = typed_value
    parameter = json.loads(json.dumps(through_kfp({"value": packed(value)}), allow_nan=False))
    assert same(sorted_(from_wire(interface_of(type_), parameter)["value"]), sorted_(value))


@given(typed_values())
def test_what_travels_holds_nothing_that_kfp_replaces(typed_value):
    travelling = json.dumps([to_wire({"value": typed_value[1]}), packed(typed_value[1])], ensure_ascii=False)
    assert "{{$" not in travelling.replace("{{}", "")


def test_most_values_travel_as_they_are():
    values = {"month": 3, "rate": 1e-3, "optimizer": "adam", "hidden": [64, 64], "deep": {"a": [{"b": True}]}}
    assert to_wire(values) == values


def test_a_dict_keeps_its_order():
    arrived = from_wire(
        interface_of(ValueType("dict")), through_kfp(to_wire({"value": {"z": 1, "a": 2, "m": 3}}))
    )
    assert list(arrived["value"]) == ["z", "a", "m"]


def test_values_of_other_languages_travel_as_text():
    assert to_wire({"month": 3}, typed=False) == {EXACT: '{"month": 3}'}


@pytest.mark.parametrize("value", ["", "{}", "x" * 10**6, "naïve ☃ 🎉"])
def test_ordinary_text_survives(value):
    assert survives(value)


# -- what arrives damaged --------------------------------------------------------------------------------------


@pytest.fixture
def interface(tmp_path):
    nb = nbformat.v4.new_notebook()
    source = "month: int = 1  # 1..12\nrate: float = 0.1\nhidden: list[int] = [64]\nnote: str | None = None"
    nb.cells = [nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})]
    nbformat.write(nb, tmp_path / "train.ipynb")
    return read_interface(read_notebook(tmp_path / "train.ipynb"))


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"month": 13.0}, "month must be at most 12"),
        ({"month": 1.5}, "month must be an integer"),
        ({"month": "3"}, "month must be an integer"),
        ({"mnth": 3.0}, "train has no parameter 'mnth'"),
        ({EXACT: "{"}, "not the JSON that aiinfra writes"),
        ({EXACT: 7.0}, "not the JSON that aiinfra writes"),
        ({"rate": PACKED + "{"}, "not the JSON that aiinfra writes"),
        ({EXACT: '{"month": 99}'}, "month must be at most 12"),
    ],
)
def test_values_that_do_not_fit_are_refused(interface, parameters, says):
    with pytest.raises(ArgumentError, match=says):
        from_wire(interface, parameters)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{{$}}",
        "[]",
        "7",
        '{"inputs": []}',
        '{"inputs": {"parameterValues": 7}}',
        "{",
        "@/nowhere/input.json",
    ],
)
def test_what_is_not_an_executor_input_is_refused(text):
    with pytest.raises(ArgumentError, match="the executor input is not KFP's"):
        read_executor_input(text)


def test_an_executor_input_too_long_for_a_command_line_is_read_from_a_file(tmp_path):
    numbers = list(range(60_000))
    file = tmp_path / "input.json"
    file.write_text(
        json.dumps({"inputs": {"parameterValues": {"numbers": numbers, "größe": 1}}}), encoding="utf-8"
    )
    assert read_executor_input(f"@{file}").parameters == {"numbers": numbers, "größe": 1}


@pytest.mark.parametrize("version", ["{", "7", '["a"]', "null"])
def test_a_damaged_version_of_data_is_refused(version):
    given_ = read_executor_input(
        json.dumps({"inputs": {"parameterValues": {"aiinfra_data_flights": version}}})
    )
    with pytest.raises(ArgumentError, match="version of"):
        _ = given_.data


def test_the_answer_is_json_for_every_language_and_replaces_the_last(tmp_path):
    file = tmp_path / "deep" / "executor_output.json"
    for auc in (0.5, math.nan):
        write_executor_output(
            file, {"auc": auc, "seed": 2**63, "note": None}, {"model": Artifact("/m", {"bytes": 4})}
        )
    answer = json.loads(file.read_text(), parse_constant=pytest.fail)
    assert answer["parameterValues"] == {"auc": "NaN", "seed": f"{PACKED}{2**63}", "note": f"{PACKED}null"}
    assert answer["artifacts"]["model"]["artifacts"] == [
        {"name": "model", "uri": "/m", "metadata": {"bytes": 4}}
    ]
    assert [p.name for p in file.parent.iterdir()] == ["executor_output.json"]


def test_buckets_are_where_kfp_mounts_them():
    places = {
        "s3://b/x": "/s3/b/x",
        "gs://b/x": "/gcs/b/x",
        "minio://b/x": "/minio/b/x",
        "file:///a/b": "/a/b",
        "/a": "/a",
    }
    assert {uri: str(Artifact(uri).path) for uri in places} == places


def test_a_kernel_that_says_nothing_would_be_noticed(kernel):
    with pytest.raises((AssertionError, queue.Empty)):
        kernel("raise ValueError")
