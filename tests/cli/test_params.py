"""`-p name=value` and `--params FILE`: what is read, and what is refused before anything starts."""

import json
import math

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from aiinfra.cli.main import main
from aiinfra.cli.params import parse_pairs, read_params
from aiinfra.errors import ArgumentError

names = st.text(min_size=1).filter(lambda s: s.strip() and "=" not in s)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(names.map(str.strip), st.text()))
def test_a_value_may_hold_anything_also_equals_signs(pairs):
    assert parse_pairs([f"{name}={value}" for name, value in pairs.items()]) == pairs


@pytest.mark.parametrize("pair", ["month", "", "=3", "  =3"])
def test_what_is_not_name_and_value_is_refused(pair):
    with pytest.raises(ArgumentError, match="not name=value"):
        parse_pairs([pair])


def test_a_name_given_twice_is_refused():
    with pytest.raises(ArgumentError, match="month twice"):
        parse_pairs(["month=1", "month =1"])


@pytest.fixture
def read(tmp_path):
    def write_and_read(text, name="params.yaml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_params(path)

    return write_and_read


@given(st.dictionaries(st.text(), json_values))
def test_json_comes_back_as_it_was_written(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("json") / "params.json"
    path.write_text(json.dumps(values))
    assert read_params(path) == values


plain_text = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")))
plain_values = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | plain_text
)


@given(st.dictionaries(plain_text, plain_values | st.lists(plain_values), max_size=4))
def test_json_is_yaml_too(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("yaml") / "params.yaml"
    path.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    assert read_params(path) == values


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_yaml_as_pyyaml_writes_it_comes_back(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("yaml") / "params.yaml"
    path.write_text(yaml.safe_dump(values, default_style='"'), encoding="utf-8")
    assert read_params(path) == values


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("1e-3", 1e-3),
        ("1E5", 1e5),
        (".5", 0.5),
        ("-2.", -2.0),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        ("+7", 7),
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("None", "None"),
        ("12:30", "12:30"),
        ("1:30:00", "1:30:00"),
        ("2013-01-05", "2013-01-05"),
        ("2013-01-05 10:00:00", "2013-01-05 10:00:00"),
        ("1_000", "1_000"),
        (".inf", math.inf),
        ("-.inf", -math.inf),
        ("=", "="),
        ("'3'", "3"),
        ("[64, 1e-3, no]", [64, 1e-3, "no"]),
        ("{a: 010}", {"a": 10}),
    ],
)
def test_words_mean_what_yaml_1_2_says(read, word, value):
    (found,) = read(f"x: {word}\n").values()
    assert (found, type(found)) == (value, type(value))


def test_nan_is_a_number(read):
    assert math.isnan(read("x: .nan\n")["x"])
    assert math.isnan(read('{"x": NaN}', "p.json")["x"])


def test_anchors_and_multi_line_texts_work(read):
    text = "base: &b [1, 2]\nagain: *b\nquery: |\n  select *\n  from flights\n"
    assert read(text) == {"base": [1, 2], "again": [1, 2], "query": "select *\nfrom flights\n"}


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n", "---\n"])
def test_an_empty_file_gives_nothing(read, text):
    assert read(text) == {}


def test_a_byte_order_mark_is_no_part_of_the_first_name(read):
    assert read(b"\xef\xbb\xbfmonth: 3\n") == {"month": 3}
    assert read(b'\xef\xbb\xbf{"month": 3}', "p.json") == {"month": 3}


def test_no_file_gives_nothing():
    assert read_params(None) == {}


@pytest.mark.parametrize(
    ("name", "text", "words", "line"),
    [
        ("p.yaml", "a: [1\nb: 2\n", "can't be read as YAML", 2),
        ("p.yaml", "a: 1\n\tb: 2\n", "can't be read as YAML", 2),
        ("p.yaml", "month: 1\nrate: 2\nmonth: 3\n", "month is given twice", 3),
        ("p.yaml", "a: {x: 1, x: 2}\n", "x is given twice", 1),
        ("p.yaml", "a: 1\n---\na: 2\n", "can't be read as YAML", 2),
        ("p.yaml", "- month\n- 3\n", "must hold names and values", None),
        ("p.yaml", "month\n", "must hold names and values", None),
        ("p.yaml", "3: x\n", "must hold names and values", None),
        ("p.yaml", "a: !!python/object/apply:os.system [true]\n", "can't be read as YAML", 1),
        ("p.yaml", "a: \x07\n", "can't be read as YAML", None),
        ("p.yaml", b"a: \xff\xfe\n", "not a text in UTF-8", None),
        ("p.json", "{'month': 3}", "can't be read as JSON", 1),
        ("p.json", '{"month": 3,\n "month": 4}', "month is given twice", None),
        ("p.json", "[1, 2]", "must hold names and values", None),
        ("p.json", "", "can't be read as JSON", 1),
    ],
)
def test_a_bad_file_is_refused_with_its_name_and_line(read, name, text, words, line):
    with pytest.raises(ArgumentError) as refused:
        read(text, name)
    assert words in refused.value.what
    assert refused.value.what.startswith(name)
    assert refused.value.where.line == line


# -- by hand ---------------------------------------------------------------------------------------------------------

PARAMETERS = """\
from typing import Literal
month: int = 1  # Month, 1..12
rate: float = 1e-3
optimizer: Literal["adam", "sgd"] = "adam"
hidden: list[int] = [64, 64]
holdout: str | None = None
flag: bool = False
name: str
"""


@pytest.fixture(scope="module")
def typed(make_cli, write):
    cli = make_cli()
    write(
        cli.folder / "train.ipynb",
        "print(month, rate, optimizer, hidden, holdout, flag, name)",
        parameters=PARAMETERS,
    )
    for name, text in {
        "bad.yaml": "name: x\nmonth: ]\n",
        "list.yaml": "- 1\n",
        "twice.yaml": "month: 1\nmonth: 2\n",
        "type.json": '{"name": "x", "month": "March"}',
        "lossy.json": '{"name": "x", "month": 1.5}',
        "unknown.yaml": "name: x\nepoch: 3\n",
        "good.yaml": "name: x\n",
    }.items():
        (cli.folder / name).write_text(text)
    return cli


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["-p", "month=March"], ["month", "int", "'March'"]),
        (["-p", "month=13"], ["month", "13", "12"]),
        (["-p", "month=1.5"], ["month", "int", "1.5"]),
        (["-p", "month="], ["month", "int", "''"]),
        (["-p", "rate=fast"], ["rate", "float", "'fast'"]),
        (["-p", "flag=maybe"], ["flag", "bool", "'maybe'"]),
        (["-p", "optimizer=adma"], ["optimizer", "'adma'", "did you mean 'adam'?"]),
        (["-p", "hidden=64,x"], ["hidden", "int", "'x'"]),
        (["-p", "mnth=3"], ["'mnth'", "did you mean 'month'?"]),
        (["-p", "month"], ["not name=value", "-p month=3"]),
        (["-p", "month=1", "-p", "month=2"], ["month twice"]),
        ([], ["name", "needs a value", "-p name="]),
        (["--params", "bad.yaml"], ["bad.yaml", "line 2"]),
        (["--params", "list.yaml"], ["list.yaml", "names and values"]),
        (["--params", "twice.yaml"], ["month is given twice", "line 2"]),
        (["--params", "missing.yaml"], ["missing.yaml", "does not exist"]),
        (["--params", "."], ["directory"]),
        (["--params", "type.json"], ["month", "int", "'March'"]),
        (["--params", "lossy.json"], ["month", "1.5"]),
        (["--params", "unknown.yaml"], ["'epoch'"]),
        (["--params", "good.yaml", "-p", "month=x"], ["month", "int", "'x'"]),
    ],
    ids=lambda value: " ".join(value) or "nothing",
)
def test_a_wrong_value_is_refused_before_anything_starts(typed, args, words, monkeypatch):
    before = typed.tree
    monkeypatch.chdir(typed.folder)
    done = CliRunner().invoke(main, ["run", "train.ipynb", *args])
    assert done.exit_code == 2
    assert done.stdout == ""
    assert all(word in done.stderr for word in words), done.stderr
    assert typed.tree == before


def test_the_same_as_a_process(typed):
    before = typed.tree
    done = typed("run", "train.ipynb", "-p", "name=x", "-p", "month=March")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: month must be an integer (int), got 'March'\n")
    assert typed.tree == before
