import pytest

from aiinfra.errors import BundleError
from aiinfra.project.packages import imported, library, modules_beside, python_paths

HATCH = '[tool.hatch.build.targets.wheel]\npackages = ["src/flights", "tools"]\n'
DECLARATIONS = {
    "hatch": (HATCH, ["src/flights/a.py", "tools/b.py"], ["src/flights", "tools"]),
    "hatch only-include": ('[tool.hatch.build]\nonly-include = ["flights"]', ["flights/a.py"], ["flights"]),
    "setuptools find": (
        '[tool.setuptools.packages.find]\nwhere = ["src"]\nexclude = ["tests*"]',
        ["src/flights/__init__.py", "src/tests/__init__.py", "src/notes/readme.md"],
        ["src/flights"],
    ),
    "setuptools list": (
        '[tool.setuptools]\npackages = ["flights", "flights.sub"]\npackage-dir = {"" = "lib"}',
        ["lib/flights/sub/a.py"],
        ["lib/flights"],
    ),
    "setuptools map": (
        '[tool.setuptools]\npackages = ["flights"]\npackage-dir = {flights = "code"}',
        ["code/a.py"],
        ["code"],
    ),
    "setuptools modules": ('[tool.setuptools]\npy-modules = ["helpers"]', ["helpers.py"], ["helpers.py"]),
    "poetry": (
        '[tool.poetry]\npackages = [{include = "f*", from = "lib"}]',
        ["lib/flights/a.py"],
        ["lib/flights"],
    ),
    "uv": ('[tool.uv.build-backend]\nmodule-name = "flights"', ["src/flights/__init__.py"], ["src/flights"]),
    "flit": ('[tool.flit.module]\nname = "flights"', ["flights.py"], ["flights.py"]),
    "nbdev": ('[tool.nbdev]\nlib_path = "lib"', ["lib/core.py"], ["lib"]),
    "name in src": ('[project]\nname = "My-Flights"', ["src/My_Flights/__init__.py"], ["src/My_Flights"]),
    "anything in src": ('[project]\nname = "x"', ["src/flights/__init__.py"], ["src/flights"]),
    "only package": ('[project]\nname = "x"', ["flights/__init__.py", "tests/__init__.py"], ["flights"]),
    "nothing": ('[project]\nname = "x"', ["notebook.ipynb"], []),
}


@pytest.mark.parametrize("case", DECLARATIONS)
def test_the_library_is_what_the_build_tool_is_told(folder, case):
    toml, files, found = DECLARATIONS[case]
    folder.write("pyproject.toml", toml)
    for file in files:
        folder.write(file)
    assert [package.name for package in library(folder.root)] == found


def test_this_project_s_own_library_is_found(pytestconfig):
    assert [package.name for package in library(pytestconfig.rootpath)] == ["aiinfra"]
    assert python_paths(pytestconfig.rootpath) == ["."]


def test_python_looks_in_the_project_and_where_packages_lie(folder):
    folder.write("pyproject.toml", HATCH)
    folder.write("src/flights/a.py")
    folder.write("tools/b.py")
    assert python_paths(folder.root) == [".", "src"]


def test_without_pyproject_there_is_no_library(folder):
    folder.write("flights/__init__.py")
    assert library(folder.root) == ()
    assert python_paths(folder.root) == ["."]


def test_a_pyproject_that_is_no_toml_is_told_with_its_line(folder):
    folder.write("pyproject.toml", "[project]\nname = \n")
    with pytest.raises(BundleError) as error:
        library(folder.root)
    assert error.value.where.line == 2


@pytest.mark.parametrize("name", ["../outside", "/etc"])
def test_a_package_outside_of_the_project_is_refused(folder, name):
    (folder.root.parent / "outside").mkdir()
    folder.write("pyproject.toml", f'[tool.hatch.build.targets.wheel]\npackages = ["{name}"]')
    with pytest.raises(BundleError):
        library(folder.root)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import a.b, c as d", {"a", "c"}),
        ("from a.b import c\nfrom . import x", {"a"}),
        ("def f():\n    import a", {"a"}),
        ("%time x\nimport a, b  # and c\n  from d import e", {"a", "b", "d"}),
        ("!pip install import x", set()),
        ("import\nimport a, ,", {"a"}),
        ("x = '''\nimport a\n'''", set()),
    ],
)
def test_imports_are_found_in_any_cell(source, names):
    assert imported(source) == names


def test_modules_that_import_each_other_are_found_once(folder):
    folder.write("a.py", "import b")
    folder.write("b.py", "import a, c")
    folder.write("c/part.py", "")
    assert [p.name for p in modules_beside(folder.root, ["import a"])] == ["a.py", "b.py", "c"]
