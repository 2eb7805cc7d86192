"""Magics in a cell: the rest of it is read as if they weren't there."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from aiinfra.notebook.magics import as_python, parse_cell


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline",
        "%time x = 1",
        "!ls -la",
        "!echo 'it''s' \"",
        "!echo '''",
        "!ls (",
        "files = !ls",
        "files, = !ls *.csv",
        "plan = %sql select 1",
        "df?",
        "?df",
        "df.head??",
        "%run other.py",
        "!tar czf a.tgz \\\n  b c \\\n  d\nx = 1",
        "if True:\n    !ls\nelse:\n    %pip list",
        "def f():\n    %timeit 1\n    return 1",
        "%%time\nx = 1",
        "%%capture out\nx = 1",
        "%%bash\nfor f in *; do echo $f; done",
        "\n%%html\n<b>",
        "%load_ext autoreload\n%autoreload 2\nimport os",
    ],
)
def test_what_ipython_takes_is_read_with_the_same_number_of_lines(source):
    ast.parse(TransformerManager().transform_cell(source))
    parse_cell(source)
    assert as_python(source).count("\n") == source.count("\n")


@pytest.mark.parametrize(
    "source",
    [
        "x = (a\n     % b)",
        "text = '''\n%matplotlib\n!ls\nwhat?\n'''",
        "x = a \\\n % b",
        "x = 5 %2",
        "f'{x!r}'",
        "x != y",
        "await f()",
        "",
        "# %matplotlib",
    ],
)
def test_python_that_looks_like_a_magic_stays_as_it_is(source):
    assert as_python(source) == source


def test_names_that_magics_bind_are_bound():
    names = [
        ast.unparse(n)
        for n in ast.walk(parse_cell("files = !ls\n%time m = fit()\nq = %sql x"))
        if isinstance(n, ast.Name)
    ]
    assert {"files", "m", "fit", "q"} <= {*names}


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = = 1", 1),
        ("%pylab\n\nfor x in y:\nprint(x)", 4),
        ("!ls\nx = (", 2),
        ("x = '''", 1),
        ("x = 1\n\0", 2),
        ("(" * 500, 1),
        ("x = '\udc80'", 1),
        ("  %%bash\nfor", 1),
    ],
)
def test_what_is_not_python_is_an_error_with_its_line(source, line):
    with pytest.raises(SyntaxError) as error:
        parse_cell(source)
    assert error.value.lineno == line


@given(
    st.lists(
        st.sampled_from(
            [
                "!a",
                "%b",
                "x = 1",
                "c?",
                "(",
                ")",
                "'''",
                "    ",
                "if x:",
                "%%d",
                "\\",
                "y = !z \\",
                "%time %time q",
            ]
        )
    ).map("\n".join)
)
def test_every_cell_is_read_or_refused(source):
    try:
        python = as_python(source)
    except SyntaxError:
        return
    ast.parse(python)
