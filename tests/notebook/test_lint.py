"""Will it run from top to bottom? What the lint says has to be what a kernel says."""

import ast
import builtins
import codeop
import importlib
import sys
import types
from pathlib import Path

import pytest

from aiinfra.notebook.flow import Flow
from aiinfra.notebook.lint import check_notebook
from aiinfra.notebook.source import read_notebook


@pytest.fixture
def check(write):
    """The findings for a notebook of these cells, none of them a parameters cell."""
    return lambda *cells, **options: check_notebook(read_notebook(write(*cells, **({"tags": ()} | options))))


def brief(findings):
    return [(f.code, f.where.cell, f.where.line) for f in findings]


FINE = {
    "functions may need what is defined below them": ["def f():\n    return g(1) + x", "def g(y):\n    return y", "x = 1", "f()"],
    "recursion": ["def f(n):\n    return f(n - 1) if n else 0\nf(3)"],
    "arguments": ["def f(a, /, b=1, *args, c, d=2, **kw):\n    return a, b, args, c, d, kw\nf(1, c=2)"],
    "lambdas": ["k = 2\nsorted([1], key=lambda v, k=k: v * k)"],
    "a lambda that is called later": ["late = lambda: x", "x = 1\nlate()"],
    "closures": ["def f():\n    x = 1\n    def g():\n        nonlocal x\n        x += 1\n        return x\n    return g()\nf()"],
    "globals set by a function": ["def f():\n    global n\n    n = 1\nf()\nprint(n)"],
    "comprehensions": ["rows = [[1]]\n[c for r in rows for c in r if c]\n{c: r for r in rows for c in r}\n{r[0] for r in rows}\nlist(r for r in rows)"],
    "a comprehension in a class": ["class C:\n    a = [1]\n    b = [x for x in a]"],
    "classes": ["class A:\n    x: int = 1\n    y = x + 1\n    def f(self):\n        return A().x\nclass B(A):\n    pass\nB().f()"],
    "decorators": ["import functools\n@functools.cache\ndef f():\n    return 1\n@(lambda c: c)\nclass C: pass"],
    "annotations": ["from dataclasses import dataclass\n@dataclass\nclass C:\n    x: int\ndef f(c: C) -> C:\n    y: Unknown = c\n    return y\nf(C(1))"],
    "names of a class in the heads of its methods": [
        "class C:\n    none = object()\n    def get(self, default=none, *, key=lambda v: v):\n        return default\n"
        "    @property\n    def x(self): return 1\n    @x.setter\n    def x(self, v): pass\n    rows = [v for v in [none]]\nC().get()"
    ],
    "what a function needs only sometimes": ["def f(deep=False):\n    if deep:\n        return x\n    return 1\nf()\nx = 1\nf(True)"],
    "what a function needs in a function": ["def f():\n    def g(): return x\n    return g, (lambda: x), True or x\nf()\nx = 1"],
    "what stands after a return": ["def f(n=1):\n    for i in range(n):\n        return i\n    print(x)\nf()\nx = 1"],
    "globals set by a method": ["class C:\n    def f(self):\n        global n\n        n = 1\nC().f()\nprint(n)"],
    "quoted annotations": ["def f(x: 'Later') -> 'Later': return x\ny: 'Later' = f(1)"],
    "postponed annotations": ["from __future__ import annotations\nx: Later = 1", "def f(a: Later) -> Later: return a\nf(1)"],
    "walrus": ["if (n := len('a')) > 0:\n    print(n)\nprint((m := 1) + m, [last := v for v in range(3)], last)"],
    "a walrus in a call": ["print(y := 1, y)"],
    "match": [
        "event = {'kind': 'a', 'x': 1}\nmatch event:\n    case {'kind': str(k), **rest} if k:\n        print(k, rest)\n"
        "    case [a, *b] | (a, b):\n        print(a, b)\n    case other:\n        print(other)"
    ],
    "augmented assignment": ["n = 1\nn += 1\nd = {}\nd['a'] = n\nd['a'] += 1"],
    "deleting": ["x = 1\ndel x\nx = 2\nprint(x)"],
    "deleting in a branch": ["x = 1\nif x > 1:\n    del x\nprint(x)"],
    "f-strings": ["x = 1.5\nw = 8\nf'{x:>{w}.2f} {x!r}'"],
    "with": ["import os\nwith open(os.devnull) as f, open(os.devnull) as (g):\n    f.read(), g.read()"],
    "unpacking": ["(a, [b, *c]), d = (1, [2, 3]), 4\nprint(a, b, c, d)"],
    "loops": ["for i, (a, b) in enumerate([(1, 2)]):\n    last = a\nelse:\n    done = 1\nprint(i, a, b, last, done)"],
    "a name from the round before": ["for i in range(3):\n    if i:\n        print(old)\n    old = i"],
    "a name from the round before, with and": ["for i in range(3):\n    new = i\n    if i and old:\n        pass\n    old = new"],
    "a name from the round before of the loop around": ["for i in range(2):\n    for j in range(i):\n        print(old)\n    old = i"],
    "deleting in a loop": ["x = 1\nfor i in []:\n    del x\nprint(x)"],
    "while": ["n = 3\nwhile n:\n    n -= 1"],
    "optional imports": ["try:\n    import nothing_like_this as gpu\nexcept ImportError:\n    gpu = None\nprint(gpu)"],
    "asking for a name": ["try:\n    started\nexcept NameError:\n    started = 1\nprint(started)"],
    "try with everything": ["try:\n    x = 1\nexcept ValueError as e:\n    print(e)\n    x = 2\nelse:\n    y = x\nfinally:\n    z = 1\nprint(x, z)"],
    "exception groups": ["try:\n    x = 1\nexcept* ValueError as e:\n    print(e.exceptions)"],
    "branches": ["import sys\nif sys.argv:\n    x = 1\nelse:\n    x = 2\nprint(x)"],
    "async": ["import asyncio\nasync def f():\n    async with asyncio.Lock() as g:\n        return [x async for x in h()]\nasync def h():\n    yield 1", "await f()\nasync for v in h():\n    print(v)"],
    "magics": ["%matplotlib inline\nfiles = !ls\n%time n = len(files)\nprint(n)\n!echo {n}", "%%time\ny = 1", "%%bash\necho $HOME", "print(y)"],
    "what IPython gives": ["display(1)\nget_ipython()\nprint(_, __, _1, _i, In, Out)"],
    "dunders": ["print(__name__, __doc__, __builtins__)"],
    "import of a submodule": ["import os.path\nimport xml.dom as dom\nos.path.join('a')\ndom"],
    "generics": ["from typing import TypeVar\nT = TypeVar('T')\ndef f(x: T) -> T: return x"],
    "star arguments": ["args, kw = [], {}\nprint(*args, **kw)"],
    "slices and attributes": ["import types\nx = types.SimpleNamespace(a=[1])\nx.a[0:1] = [2]\nx.b = x.a"],
    "conditional expressions": ["x = 1 if True else 2\nassert x, f'{x}'"],
    "global at the top": ["global x\nx = 1\nprint(x)"],
}  # fmt: skip

BAD = {
    "a name that is nowhere": (["print(x)"], "x", 1, 1),
    "a name that comes later": (["print(x)", "x = 1"], "x", 1, 1),
    "later in the same cell": (["print(x)\nx = 1"], "x", 1, 1),
    "a deleted name": (["x = 1", "del x", "print(x)"], "x", 3, 1),
    "a sum without a start": (["for i in range(3):\n    total += i"], "total", 1, 2),
    "a round that needs the one before": (["for i in range(3):\n    print(old)\n    old = i"], "old", 1, 2),
    "a function called too early": (["def f():\n    return x\nf()", "x = 1"], "x", 1, 3),
    "a function that calls one that needs": (
        ["def f():\n    return g()\ndef g():\n    return x\n", "f()", "x = 1"],
        "x",
        2,
        1,
    ),
    "a name that no function finds": (["def f():\n    y = 1\n    return y + nowhere"], "nowhere", 1, 3),
    "a lambda's name": (["f = lambda v: v + nowhere"], "nowhere", 1, 1),
    "a method's name": (["class C:\n    def f(self):\n        return nowhere"], "nowhere", 1, 3),
    "a class variable in a method": (
        ["class C:\n    width = 1\n    def f(self):\n        return width"],
        "width",
        1,
        4,
    ),
    "a comprehension's variable outside": (["[v for v in range(3)]\nprint(v)"], "v", 1, 2),
    "a comprehension's own variable in its first iterable": (["[v for v in v]"], "v", 1, 1),
    "an exception after its handler": (
        ["try:\n    pass\nexcept ValueError as e:\n    pass\nprint(e)"],
        "e",
        1,
        5,
    ),
    "a function's local": (["def f():\n    inner = 1\nf()\nprint(inner)"], "inner", 1, 4),
    "a default": (["def f(x=nowhere): pass"], "nowhere", 1, 1),
    "a decorator": (["@nowhere\ndef f(): pass"], "nowhere", 1, 1),
    "a base class": (["class C(nowhere): pass"], "nowhere", 1, 1),
    "an annotation": (["def f(x: Nowhere): pass"], "Nowhere", 1, 1),
    "an annotated variable without a value": (["x: int\nprint(x)"], "x", 1, 2),
    "an f-string": (["f'{1:>{nowhere}}'"], "nowhere", 1, 1),
    "a subscript": (["nowhere['a'] = 1"], "nowhere", 1, 1),
    "an augmented subscript": (["nowhere['a'] += 1"], "nowhere", 1, 1),
    "an augmented name": (["n += 1"], "n", 1, 1),
    "a deletion": (["del nowhere"], "nowhere", 1, 1),
    "a with": (["with nowhere as x: pass"], "nowhere", 1, 1),
    "a pattern's value": (["match 1:\n    case nowhere.A: pass"], "nowhere", 1, 2),
    "a guard": (["match 1:\n    case 1 if nowhere: pass"], "nowhere", 1, 2),
    "a raise": (["raise nowhere"], "nowhere", 1, 1),
    "an await": (["await nowhere()"], "nowhere", 1, 1),
    "the other branch's name": (["if True:\n    pass\nelse:\n    x = 1\n    y = 2\nprint(x, z)"], "z", 1, 6),
    "the file of a script": (["print(__file__)"], "__file__", 1, 1),
    "a timed statement": (["%time nowhere()"], "nowhere", 1, 1),
    "an iteration": (["for x in nowhere: pass"], "nowhere", 1, 1),
    "a while": (["while nowhere: pass"], "nowhere", 1, 1),
}


@pytest.mark.parametrize("cells", FINE.values(), ids=FINE)
def test_code_that_runs_has_no_findings(check, cells):
    assert check(*cells) == []


@pytest.mark.parametrize(("cells", "name", "cell", "line"), BAD.values(), ids=BAD)
def test_a_name_that_is_not_there_is_found_at_its_place(check, cells, name, cell, line):
    (finding,) = check(*cells)
    assert (finding.code, finding.level, finding.where.cell, finding.where.line) == (
        "undefined-name",
        "error",
        cell,
        line,
    )
    assert name in finding.message.split()[0] or f"uses {name}," in finding.message
    assert finding.remedy


@pytest.mark.parametrize(
    "cells",
    [c for n, c in FINE.items() if n not in ("async", "magics", "what IPython gives")],
)
def test_what_is_said_to_be_fine_runs(cells):
    run(cells)


RAISES = [
    c
    for n, (c, *_) in BAD.items()
    if n not in ("an await", "a timed statement", "the file of a script", "a raise")
]


@pytest.mark.parametrize(
    "cells",
    [c for c in RAISES if not any(s in c[0] for s in ("lambda", "def f(self)", "return y + nowhere"))],
)
def test_what_is_said_to_be_wrong_raises(cells):
    with pytest.raises(NameError):
        run(cells)


def run(cells):
    """As a kernel does."""
    module = types.ModuleType("__main__")
    namespace = vars(module) | {"__builtins__": builtins}
    remembering = codeop.Compile()  # __future__ imports, as IPython does
    for source in cells:
        exec(remembering(source, "cell", "exec"), namespace)


@pytest.mark.parametrize(
    "unknown",
    [
        "from os import *",
        "%run setup.py",
        "%pylab",
        "exec('x = 1')",
        "globals()['x'] = 1",
        "globals().update(x=1)",
        "for x in = 3",
    ],
)
def test_names_that_nobody_can_know_are_taken_to_be_there(check, unknown):
    assert [f for f in check(unknown, "print(x)", "def f(): return x") if f.code == "undefined-name"] == []
    assert [f.where.cell for f in check("print(x)", unknown, "print(x)") if f.code == "undefined-name"] == [1]


def test_a_name_is_reported_once_a_cell(check):
    assert brief(check("print(x, x)\nx", "x")) == [("undefined-name", 1, 1), ("undefined-name", 2, 1)]


def test_the_remedy_is_the_import_the_cell_or_the_nearest_name(check):
    remedies = [f.remedy for f in check("frame = pd.DataFrame()\nlater", "later = 1\nfram", "Dataset")]
    assert remedies == [
        "import pandas as pd",
        "move cell 2 above this one",
        "did you mean 'frame'?",
        "from aiinfra import Dataset",
    ]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = 1\nfor x in\n", 2),
        ("def f():\npass", 2),
        ("x = (", 1),
        ("return 1", 1),
        ("x = 1\nbreak", 2),
        ("yield 1", 1),
        ("def f():\n    nonlocal x", 2),
        ("f(a=1, a=2)", 1),
        ("x = 1\n\0", 2),
    ],
)
def test_what_is_not_python_is_a_syntax_error_at_its_line(check, source, line):
    assert brief(check("x = 1", source, "y = x")) == [("syntax-error", 2, line)]


def test_a_deeply_nested_cell_is_no_reason_to_crash(check):
    assert {f.code for f in check("(" * 5000 + ")" * 5000)} == {"syntax-error"}
    assert check("x = 1" + " + 1" * 900) == []


def test_cells_that_ran_out_of_order_are_named(check):
    assert brief(check("x = 1", "y = x", "z = y", counts=(1, 5, 3))) == [("out-of-order", 3, None)]
    assert check("x = 1", "y = x", "z = y", counts=(1, None, 7)) == []


def test_a_notebook_without_a_kernel_or_with_one_that_is_not_installed_is_an_error(check):
    (none,) = check("x = 1", kernel=None)
    assert (none.code, none.level) == ("no-kernel", "error")
    (missing,) = check("x = 1", kernel="python33")
    assert (missing.code, missing.remedy) == ("kernel-missing", "did you mean 'python3'?")


def test_without_jupyter_client_the_kernel_is_said_to_be_unknown(check, monkeypatch):
    monkeypatch.setitem(sys.modules, "jupyter_client.kernelspec", None)
    assert brief(check("x = 1")) == [("kernel-unknown", None, None)]


def test_a_parameters_cell_that_cannot_be_understood_is_one_finding(check):
    (finding,) = check("month: int = = 3", "print(month)", tags=("parameters",))
    assert (finding.code, finding.level, finding.where.cell, finding.where.line) == (
        "interface",
        "error",
        1,
        1,
    )


PARAMETERS = "from aiinfra import Dataset, Input, Model, Output\n"


def test_a_complete_notebook_has_no_findings(check):
    cell = (
        PARAMETERS
        + "flights: Input[Dataset]\nrounds: int\nmodel: Output[Model] = 'm.pt2'\nauc: Output[float]"
    )
    assert check(cell, "auc = 0.5 * rounds\nopen(model, 'w').write(flights)", tags=("parameters",)) == []


def test_an_output_that_is_never_assigned_is_an_error(check):
    (finding,) = check(PARAMETERS + "auc: Output[float]", "def f():\n    auc = 1", tags=("parameters",))
    assert (finding.code, finding.level, finding.where.field, finding.where.line) == (
        "output-not-assigned",
        "error",
        "auc",
        2,
    )


@pytest.mark.parametrize(
    "assignment",
    [
        "auc = 1",
        "def f():\n    global auc\n    auc = 1\nf()",
        "for auc in [1]: pass",
        "%time auc = 1",
        "if True:\n    auc = 1",
    ],
)
def test_an_output_that_is_assigned_anywhere_is_none(check, assignment):
    assert check(PARAMETERS + "auc: Output[float]", assignment, tags=("parameters",)) == []


def test_what_is_declared_and_never_used_is_a_warning(check):
    cell = PARAMETERS + "flights: Input[Dataset] = 'f.csv'\nmonth: int = 1\nmodel: Output[Model] = 'm.pt2'"
    assert brief(check(cell, "x = 1", tags=("parameters",))) == [
        ("unused-input", 1, 2),
        ("unused-parameter", 1, 3),
        ("unused-output", 1, 4),
    ]
    assert check(cell, "!cp {flights} $model\n!echo ${month}", tags=("parameters",)) == []


def test_a_parameter_that_is_overwritten_unused_is_a_warning(check):
    assert brief(check("month: int = 1", "month = 2\nprint(month)", tags=("parameters",))) == [
        ("overwritten-parameter", 2, 1)
    ]
    assert brief(check("month: int = 1", "for month in (1, 2):\n    print(month)", tags=("parameters",))) == [
        ("overwritten-parameter", 2, 1)
    ]


def test_a_parameter_that_a_function_changes_is_used(check):
    use = "def following():\n    global month\n    month = month + 1\nfollowing()"
    assert check("month: int = 1", use, tags=("parameters",)) == []


def test_outputs_that_a_star_import_may_assign_are_taken_to_be_assigned(check):
    assert check(PARAMETERS + "auc: Output[float]", "from os import *", tags=("parameters",)) == []


@pytest.mark.parametrize(
    "use",
    [
        "month = month + 1",
        "month += 1",
        "if month is None:\n    month = 1",
        "import os\nif os.environ.get('A'):\n    month = 2\nprint(month)",
    ],
)
def test_a_parameter_that_is_adjusted_is_none(check, use):
    assert check("month: int = 1", use, tags=("parameters",)) == []


def test_a_parameter_of_unknown_type_is_a_warning(check):
    (finding,) = check("limit = None", "print(limit)", tags=("parameters",))
    assert (finding.code, finding.level, finding.where.field) == ("untyped-parameter", "warning", "limit")


def test_a_default_computed_from_another_parameter_is_a_warning(check):
    cell = "month: int = 1\nfollowing: int = month + 1"
    (finding,) = check(cell, "print(month, following)", tags=("parameters",))
    assert (finding.code, finding.where.line, finding.where.field) == ("stale-default", 2, "following")


def test_a_notebook_in_another_language_is_checked_as_far_as_that_goes(check):
    metadata = {"kernelspec": {"name": "ir", "language": "R"}}
    assert brief(check("x <- 1", "y <- undefined", counts=(2, 1), metadata=metadata)) == [
        ("kernel-missing", None, None),
        ("out-of-order", 2, None),
    ]


def test_a_finding_as_plain_data_says_all(check):
    (finding,) = check("x", name="a.ipynb")
    data = finding.to_dict()
    assert data["where"].pop("file").endswith("a.ipynb")
    assert data == {
        "level": "error",
        "code": "undefined-name",
        "message": "x isn't defined anywhere in the notebook",
        "where": {"cell": 1, "line": 1},
        "remedy": "define or import it in a cell above",
    }


def test_checking_executes_nothing(check, tmp_path):
    witness = tmp_path / "executed"
    check(f"open({str(witness)!r}, 'w')", f"!touch {witness}", f"%run {witness}")
    assert not witness.exists()


MODULES = "argparse ast csv configparser dataclasses datetime enum functools inspect pathlib subprocess tarfile threading typing zipfile"


@pytest.mark.parametrize("module", MODULES.split())
def test_the_standard_library_which_runs_has_no_findings(module):
    flow = Flow()
    flow.bind(["__file__"])
    flow.run(1, ast.parse(Path(importlib.import_module(module).__file__).read_text()))
    assert flow.unmet() == []
