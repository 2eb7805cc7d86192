"""A value's way from a person or a wire into a kernel: it arrives as it was, or is refused."""

import ast
import json
import math
import pickle
from pathlib import Path

import jsonschema
import nbformat
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jupyter_client.manager import start_new_kernel

from aiinfra.notebook.interface import read_interface
from aiinfra.notebook.source import Cell, Notebook
from aiinfra.notebook.values import (
    ANY,
    NotConstant,
    ValueType,
    coerce,
    constant,
    literal,
    parse_text,
    type_from_annotation,
    type_of_value,
)

NASTY = [
    "",
    "'",
    '"',
    "\\",
    '\\"',
    "'" * 3,
    '"' * 3,
    "\n",
    "\r\n",
    "\0",
    "$HOME",
    "{x}",
    "%s",
    "#",
    "None",
    "nan",
    "\u2028",
    "\udc80",
    "🛩",
]
TEXT = st.text(st.characters(exclude_categories=())) | st.sampled_from(NASTY)
INTEGERS = st.integers() | st.sampled_from([2**53, -(2**53) - 1, 2**64, 10**400, -(10**4000)])
SCALARS = {"bool": st.booleans(), "int": INTEGERS, "float": st.floats(), "str": TEXT}
PLAIN = st.recursive(
    st.none() | st.one_of(*SCALARS.values()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def literal_types(draw):
    kind = draw(st.sampled_from(["int", "str", "bool"]))
    choices = draw(st.lists(SCALARS[kind], min_size=1, max_size=4, unique=True))
    return ValueType(kind, draw(st.booleans()), choices=tuple(choices))


def containers(item):
    return st.builds(ValueType, st.sampled_from(["list", "dict"]), st.booleans(), item)


TYPES = st.recursive(
    st.builds(ValueType, st.sampled_from(list(SCALARS)), st.booleans())
    | literal_types()
    | containers(st.none())
    | st.just(ANY),
    lambda inner: containers(inner.filter(lambda t: t != ANY)),
    max_leaves=4,
)


def values_of(kind):
    if kind.choices:
        values = st.sampled_from(kind.choices)
    elif kind.kind == "any":
        values = PLAIN
    elif kind.kind == "list":
        values = st.lists(values_of(kind.item or ANY), max_size=4)
    elif kind.kind == "dict":
        values = st.dictionaries(TEXT, values_of(kind.item or ANY), max_size=4)
    else:
        values = SCALARS[kind.kind]
    return st.none() | values if kind.optional else values


TYPED = TYPES.flatmap(lambda kind: st.tuples(st.just(kind), values_of(kind)))
many = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])


def same(a, b):
    """Equal, of the same types all the way down; NaN is NaN, and -0.0 isn't 0.0."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return repr(a) == repr(b)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return a == b


def as_doubles(value):
    """What protobuf makes of the numbers in lists and structs."""
    if isinstance(value, list):
        return [as_doubles(v) for v in value]
    if isinstance(value, dict):
        return {k: as_doubles(v) for k, v in value.items()}
    return float(value) if type(value) is int and abs(value) <= 2**53 else value


def expression(source):
    return ast.parse(source, mode="eval").body


def annotation(source):
    return type_from_annotation(expression(source))


# --- literals and constants


@many
@given(PLAIN)
def test_a_literal_evaluates_to_its_value(value):
    assert same(eval(literal(value), {"float": float}), value)


@many
@given(PLAIN)
def test_a_literal_is_read_back_without_evaluating_it(value):
    assert same(constant(expression(literal(value))), value)


def test_a_literal_of_what_is_no_plain_value_is_refused():
    for value in ({1, 2}, b"a", 1j, (1, 2), object(), [object()]):
        with pytest.raises(TypeError):
            literal(value)


def test_endless_nesting_is_refused_and_not_followed():
    endless = []
    endless.append(endless)
    with pytest.raises(ValueError, match="nested"):
        literal(endless)
    with pytest.raises(ValueError, match="nested"):
        coerce(ANY, endless)
    with pytest.raises(ValueError, match="must be a list"):
        parse_text(ValueType("list"), "[" * 100_000)


ATOMS = st.sampled_from(
    ["1", "0", "-2", "2.5", "10", "1e308", "'ab'", "[1]", "x", "f()", "None", "True", "(1, 2)", "b'a'", "..."]
)
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "<<", "@", "and"]), inner).map(
            lambda t: f"({' '.join(t)})"
        )
        | inner.map(lambda e: f"[{e}]")
        | inner.map(lambda e: f"-{e}")
    ),
)


@many
@given(EXPRESSIONS)
@example("10**10**10")
@example("-2**10**10")
@example("'a' * 10**10")
@example("[[0] * 10000] * 10000 * 10000")
@example("1e308 * 10")
@example("(-8) ** 0.5")
def test_folding_gives_what_python_gives_or_nothing_and_is_quick(source):
    try:
        value = constant(expression(source))
    except NotConstant:
        return
    assert same(eval(source, {}), value)  # small enough to be evaluated, by the bound on folding
    assert type_of_value(value)


def test_a_constant_is_never_executed(tmp_path):
    witness = tmp_path / "executed"
    for source in (
        f"open({str(witness)!r}, 'w')",
        f"[open({str(witness)!r}, 'w')]",
        f"float(open({str(witness)!r}, 'w'))",
    ):
        with pytest.raises(NotConstant):
            constant(expression(source))
    assert not witness.exists()


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("60 * 60", 3600),
        ("2**20", 2**20),
        ("-1", -1),
        ("+1.5", 1.5),
        ("'a' 'b'", "ab"),
        ("'a' + 'b'", "ab"),
        ("f'plain'", "plain"),
        ("[64] * 2", [64, 64]),
        ("{'a': {'b': [None, True]}}", {"a": {"b": [None, True]}}),
        ("float('-inf')", -math.inf),
        ("np.inf", math.inf),
        ("7 // 2 % 2", 1),
    ],
)
def test_constant_arithmetic_is_understood(source, value):
    assert same(constant(expression(source)), value)


# --- types


@many
@given(TYPES)
def test_a_type_is_read_back_from_how_it_is_written(kind):
    assert annotation(str(kind)) == kind
    assert annotation(repr(str(kind))) == kind


@many
@given(TYPED)
def test_values_that_fit_a_type_fit_its_schema(typed):
    kind, value = typed
    schema = kind.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(value, schema, cls=jsonschema.Draft202012Validator)


@many
@given(PLAIN)
def test_every_plain_value_has_a_type_that_it_fits(value):
    assert same(coerce(type_of_value(value), value), value)


@pytest.mark.parametrize(
    "source",
    [
        "np.ndarray",
        "int | str",
        "dict[int, str]",
        "tuple[int, int]",
        "set[int]",
        "bytes",
        "Path",
        "Literal[[1]]",
        "Literal[None]",
        "f()",
        "'int[' ",
        "3",
        "list[int, str]",
        "None",
    ],
)
def test_what_is_no_type_of_a_parameter_is_refused(source):
    with pytest.raises(ValueError, match="isn't"):
        annotation(source)


def test_old_and_new_annotations_mean_the_same():
    assert (
        annotation("Optional[List[int]]")
        == annotation("typing.Union[list[int], None]")
        == annotation("'list[int] | None'")
    )
    assert annotation("dict[str, Any]") == annotation("Dict") == ValueType("dict")
    assert annotation("Annotated[float, 'rate']") == annotation("int | float") == ValueType("float")
    assert annotation("Literal['a', None]") == annotation("Optional[Literal['a']]")


# --- typed values


@many
@given(TYPED)
def test_a_typed_value_stays_as_it_is(typed):
    kind, value = typed
    assert same(coerce(kind, value), value)


@many
@given(TYPED)
def test_a_value_survives_the_doubles_of_a_wire(typed):
    kind, value = typed
    assert coerce_equal(kind, coerce(kind, as_doubles(value), doubles=True), value)


def coerce_equal(kind, result, value):
    """As it was, but that 2.0 of unknown type is 2."""
    if kind.kind == "any" or (kind.kind in ("list", "dict") and not kind.item):
        return repr(as_doubles(result)) == repr(as_doubles(value)) or -0.0 in flat(value)
    if kind.kind == "list" and value is not None:
        return len(result) == len(value) and all(
            coerce_equal(kind.item, r, v) for r, v in zip(result, value, strict=True)
        )
    if kind.kind == "dict" and value is not None:
        return list(result) == list(value) and all(
            coerce_equal(kind.item, result[k], value[k]) for k in value
        )
    return same(result, value)


def flat(value):
    """The numbers in a value."""
    if isinstance(value, list | dict):
        return [n for v in (value.values() if isinstance(value, dict) else value) for n in flat(v)]
    return [value] if isinstance(value, float) else []


@many
@given(TYPES, PLAIN)
def test_coercion_loses_nothing_or_refuses(kind, value):
    try:
        result = coerce(kind, value)
    except ValueError:
        return
    assert equal(result, value)
    assert same(coerce(kind, result), result)


def equal(a, b):
    """Equal as Python compares numbers, but a bool is no number, and protobuf's names are floats."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(equal(a[k], b[k]) for k in a)
    if isinstance(a, float) and isinstance(b, int):
        return a == float(b) and not isinstance(b, bool)
    return (a == b and isinstance(a, bool) == isinstance(b, bool)) or repr(a) == repr(b)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", "3"), ("int", True), ("int", 1.5), ("int", 1e300), ("int", math.nan), ("int", None), ("bool", 1), ("bool", "true"),
        ("float", "1.5"), ("float", True), ("float", 10**400), ("str", 1), ("str", None), ("list[int]", [1, "2"]), ("list[int]", (1, 2)),
        ("dict[str, int]", {"a": 1.5}), ("dict", {1: 2}), ("dict", {None: 2}), ("Literal[1, 2]", True), ("Literal['a']", "b"), ("Any", {1, 2}),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused_in_words_that_name_both(kind, value):
    with pytest.raises(ValueError, match="must be") as refused:
        coerce(annotation(kind), value)
    assert "got" in str(refused.value)


def test_a_value_inside_a_value_is_named_by_its_place():
    with pytest.raises(ValueError, match=r'^\["rates"\]\[1\] must be an integer \(int\), got \'x\'$'):
        coerce(annotation("dict[str, list[int]]"), {"rates": [1, "x"]})


def test_a_long_value_is_shown_in_a_line():
    for value in ("x" * 10**6, 10**5000, [10**5000]):
        with pytest.raises(ValueError, match="must be") as refused:
            coerce(ValueType("bool"), value)
        assert len(str(refused.value)) < 150


def test_protobufs_names_for_what_json_cannot_say_are_floats():
    assert same(
        coerce(annotation("list[float]"), ["NaN", "Infinity", "-Infinity"]), [math.nan, math.inf, -math.inf]
    )
    assert coerce(annotation("list[str]"), ["NaN"]) == ["NaN"]


# --- typed by a person


@many
@given(TYPED)
def test_a_value_typed_as_python_or_json_is_that_value(typed):
    kind, value = typed
    if kind.kind in ("list", "dict") and value is not None:
        assert same(parse_text(kind, literal(value)), value)
        assert same(parse_text(kind, json.dumps(value)), value)
    elif value is not None and kind.kind in ("bool", "int", "float"):
        assert same(parse_text(kind, str(value)), value)


@given(TEXT)
def test_text_is_taken_verbatim(text):
    assert parse_text(ValueType("str"), text) == text


@given(TYPES, TEXT)
def test_any_text_is_a_value_of_the_type_or_refused(kind, text):
    try:
        value = parse_text(kind, text)
    except ValueError:
        return
    assert same(coerce(kind, value), value)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("int", "1_000", 1000), ("int", " 3 ", 3), ("int", "0x10", 16), ("int", "1e3", 1000), ("float", "1e-3", 0.001), ("float", "3", 3.0),
        ("float", "-inf", -math.inf), ("bool", "True", True), ("bool", "no", False), ("str | None", "None", None), ("int | None", "null", None),
        ("str", "None", "None"), ("list[int]", "64,32", [64, 32]), ("list[int]", "64", [64]), ("list[str]", "AA, UA", ["AA", "UA"]),
        ("list", "1,a", [1, "a"]), ("list[int]", "", []), ("list[list[int]]", "[[1], [2]]", [[1], [2]]), ("dict", "{'a': -1}", {"a": -1}),
        ("Literal[1, 2]", "2", 2), ("Literal['a b']", "a b", "a b"), ("Literal[0, 'a']", "0", 0), ("Any", "3", 3), ("Any", "x", "x"), ("Any", "null", None),
    ],
)  # fmt: skip
def test_what_a_person_types_is_understood(kind, text, value):
    assert same(parse_text(annotation(kind), text), value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("int", "March"), ("int", "1.5"), ("int", ""), ("int", "None"), ("bool", "maybe"), ("float", "fast"), ("list[int]", "64,x"), ("list[int]", "[64"),
        ("list[list[int]]", "1,2"), ("dict", "a=1"), ("dict", "[1]"), ("Literal['a']", "b"), ("list[int]", "(1, 2)"), ("int", "1e30"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(kind, text):
    with pytest.raises(ValueError, match="must be"):
        parse_text(annotation(kind), text)


# --- in a parameters cell


def interface_of(source):
    cell = Cell(1, "a", "code", source, ("parameters",))
    return read_interface(Notebook(Path("train.ipynb"), (cell,), None, "python", {}))


@many
@given(TYPED)
def test_a_default_in_a_cell_is_read_back_with_its_type(typed):
    kind, value = typed
    interface = interface_of(f"value: {kind} = {literal(value)}  # any")
    (parameter,) = interface.parameters
    assert parameter.type == kind and same(parameter.default, value) and not parameter.required
    assert same(interface.check({"value": value}), {"value": value})
    shown = json.loads(json.dumps(interface.json_schema(), allow_nan=False))["properties"]["value"]
    assert same(
        constant(expression(shown["x-expression"])) if "x-expression" in shown else shown["default"], value
    )


@many
@given(PLAIN)
def test_a_default_without_annotation_has_its_own_type(value):
    (parameter,) = interface_of(f"value = {literal(value)}").parameters
    assert parameter.type == type_of_value(value) and same(parameter.default, value)


# --- in a kernel


@pytest.fixture(scope="module")
def in_kernel():
    """Runs a cell in a real kernel and fetches the variable `value` from it."""
    manager, client = start_new_kernel(kernel_name="python3")

    def fetch(source):
        reply = client.execute(
            source, reply=True, user_expressions={"value": "__import__('pickle').dumps(value).hex()"}
        )
        answer = reply["content"]["user_expressions"]["value"]
        return pickle.loads(bytes.fromhex(ast.literal_eval(answer["data"]["text/plain"])))

    yield fetch
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def injected():
    """The cell that papermill injects for a value, with `literal` as its translator."""
    from papermill.parameterize import parameterize_notebook
    from papermill.translators import PythonTranslator, papermill_translators

    class Literals(PythonTranslator):
        translate = staticmethod(literal)

    papermill_translators.register("literals", Literals)

    def inject(value):
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell("value = 0", metadata={"tags": ["parameters"]})]
        )
        notebook.metadata.papermill = {}
        done = parameterize_notebook(notebook, {"value": value}, kernel_name="literals", language="python")
        return done.cells[1].source

    return inject


@settings(
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(value=TYPED.map(lambda typed: typed[1]) | PLAIN)
@example(value=NASTY)
@example(
    value={
        "nan": math.nan,
        "inf": [math.inf, -math.inf],
        "none": None,
        "big": 2**100,
        "negative": -1,
        "zero": -0.0,
    }
)
def test_a_value_that_papermill_injects_is_that_value_in_the_kernel(in_kernel, injected, value):
    assert same(in_kernel(injected(value)), value)


def test_an_integer_too_long_for_pythons_decimal_digits_arrives_too(in_kernel, injected):
    assert in_kernel(injected([10**5000])) == [10**5000]
