"""The tree of errors: what each says, and what a program makes of it."""

import inspect
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiinfra import errors
from aiinfra.errors import (
    AiinfraError,
    Cancelled,
    CellError,
    InfrastructureError,
    InvalidInput,
    Where,
    did_you_mean,
    nearest,
)

TREE = {name: e for name, e in vars(errors).items() if inspect.isclass(e) and issubclass(e, AiinfraError)}
CODES = {InvalidInput: 2, CellError: 1, errors.OutputError: 1, InfrastructureError: 3, Cancelled: 143}


@pytest.mark.parametrize("error", TREE.values(), ids=TREE)
def test_each_error_has_the_exit_code_of_its_branch(error):
    branch = [base for base in CODES if issubclass(error, base)]
    assert error.exit_code == (CODES[branch[0]] if branch else 3)
    assert error is AiinfraError or len(branch) == 1


def test_the_tree_is_drawn_as_it_is():
    drawn = AiinfraError.__doc__
    lines = {line.strip(" ├└│─").split()[0]: line for line in drawn.splitlines() if line.strip(" ├└│─")}
    for name, error in TREE.items():
        assert name in lines, f"{name} is missing in the drawing"
        assert (lines[name].find(name) - 8) // 4 == len(error.__mro__) - 4, f"{name} hangs on another branch"
    said = {
        name: line.split()[-1] for name, line in lines.items() if name in TREE and line.split()[-1].isdigit()
    }
    assert not said or all(TREE[name].exit_code == int(code) for name, code in said.items())


@pytest.mark.parametrize("error", TREE.values(), ids=TREE)
def test_each_error_says_for_what_it_is(error):
    assert error.__doc__
    assert error is AiinfraError or error.__doc__ != error.__mro__[1].__doc__


def test_an_error_is_told_in_three_lines_and_leaves_out_what_it_has_not():
    full = AiinfraError("it is wrong", where=Where("train.ipynb", 3, 2, "month"), remedy="mend it")
    assert str(full) == "it is wrong\n  where: train.ipynb, cell 3, line 2, field month\n  mend:  mend it"
    assert str(AiinfraError("it is wrong")) == "it is wrong"
    assert str(AiinfraError("it is wrong", where=Where())) == "it is wrong"
    assert str(AiinfraError("it is wrong", remedy="mend it")) == "it is wrong\n  mend:  mend it"


@given(
    st.builds(
        Where,
        file=st.none() | st.text(min_size=1),
        cell=st.none() | st.integers(1),
        line=st.none() | st.integers(1),
    ),
    st.none() | st.text(min_size=1),
)
def test_an_error_as_plain_data_is_json_and_holds_what_it_has(where, remedy):
    plain = json.loads(json.dumps(errors.ArgumentError("no", where=where, remedy=remedy).to_dict()))
    assert set(plain) == {"type", "message", "where", "remedy"}
    assert (plain["type"], plain["message"], plain["remedy"]) == ("ArgumentError", "no", remedy)
    assert plain["where"] == {k: v for k, v in vars(where).items() if v is not None}


def test_the_nearest_name_is_the_one_that_was_meant():
    assert nearest("learning_rat", ["learning_rate", "month"]) == "learning_rate"
    assert nearest("x", ["learning_rate", "month"]) is None
    assert nearest("x", []) is None
    assert did_you_mean("mnth", {"month", "rate"}) == "did you mean 'month'?"
    assert did_you_mean("x", ["b", "a"]) == "known here: a, b"
    assert did_you_mean("x", []) == "none is known here"


@given(st.text(), st.lists(st.text()))
def test_a_name_that_is_known_is_its_own_nearest(name, others):
    assert nearest(name, [*others, name]) in ({name} if name else {name, None})


def test_errors_cost_nothing_to_import():
    code = "import sys; before = set(sys.modules); import aiinfra.errors; print(*{m.partition('.')[0] for m in set(sys.modules) - before})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert set(loaded) - {"aiinfra"} <= sys.stdlib_module_names
