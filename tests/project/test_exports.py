import subprocess
import sys
import time

import pytest

from aiinfra.errors import BundleError
from aiinfra.project.bundle import build_bundle
from aiinfra.project.exports import shared_exports, stale_exports

PYPROJECT = '[project]\nname = "flights"\n[tool.nbdev]\nlib_path = "flights"\nnbs_path = "nbs"\n'


@pytest.fixture
def nbdev(repo):
    "An nbdev project of two modules, exported."
    repo.write("pyproject.toml", PYPROJECT)
    repo.notebook("nbs/delay.ipynb", "#| default_exp delay", "#| export\nlate = 15")
    repo.notebook(
        "nbs/deep/er.ipynb", "#| default_exp deep.er", "#| export\nfrom flights.delay import late\nx = late"
    )
    export(repo)
    return repo


def export(repo):
    code = "from nbdev.doclinks import nbdev_export; nbdev_export()"
    subprocess.run([sys.executable, "-c", code], cwd=repo.root, check=True, capture_output=True)


def tree(root):
    return {p: p.read_bytes() for p in root.rglob("*") if p.is_file() and ".git/" not in str(p)}


def test_a_fresh_export_is_not_stale_and_looking_changes_nothing(nbdev):
    before = tree(nbdev.root)
    assert stale_exports(nbdev.root) == []
    after = tree(nbdev.root)
    assert {p for p in after if ".aiinfra" not in str(p)} == set(before)
    assert all(after[p] == before[p] for p in before)


def test_a_good_answer_is_remembered_until_a_file_changes(nbdev, monkeypatch):
    time.sleep(0.15)
    assert stale_exports(nbdev.root) == []
    monkeypatch.setattr(sys, "executable", "/bin/false")  # nbdev can't be asked any more
    assert stale_exports(nbdev.root) == []
    (nbdev.root / "flights/delay.py").write_bytes((nbdev.root / "flights/delay.py").read_bytes())
    with pytest.raises(BundleError):
        stale_exports(nbdev.root)


def test_a_changed_notebook_and_a_changed_module_are_stale(nbdev):
    nbdev.notebook("nbs/delay.ipynb", "#| default_exp delay", "#| export\nlate = 30")
    assert stale_exports(nbdev.root) == ["flights/delay.py"]
    export(nbdev)
    assert stale_exports(nbdev.root) == []
    with (nbdev.root / "flights/deep/er.py").open("a") as file:
        file.write("# edited by hand\n")
    assert stale_exports(nbdev.root) == ["flights/deep/er.py"]


def test_a_leftover_is_stale_and_a_module_written_by_hand_is_not(nbdev):
    nbdev.write("flights/by_hand.py", "x = 1\n")
    (nbdev.root / "nbs/delay.ipynb").unlink()
    assert stale_exports(nbdev.root) == ["flights/delay.py"]


def test_a_bundle_with_a_stale_library_is_refused_with_the_command_that_mends_it(nbdev):
    notebook = nbdev.notebook("run.ipynb", "from flights.delay import late")
    assert "flights/delay.py" in build_bundle(notebook, nbdev.settings).files
    nbdev.notebook("nbs/delay.ipynb", "#| default_exp delay", "#| export\nlate = 30")
    with pytest.raises(BundleError, match=r"flights/delay\.py") as error:
        build_bundle(notebook, nbdev.settings)
    assert "nbdev-export" in error.value.remedy


def test_notebooks_that_nbdev_cannot_export_are_told(nbdev):
    nbdev.write("nbs/broken.ipynb", "{")
    with pytest.raises(BundleError, match="nbdev can't export"):
        stale_exports(nbdev.root)


def test_two_notebooks_of_one_module_are_found(nbdev):
    nbdev.notebook("nbs/again.ipynb", "#|default_exp delay", "#| export\nlate = 45")
    nbdev.notebook("nbs/_draft.ipynb", "#| default_exp delay")
    assert shared_exports(nbdev.root) == {"delay": ["nbs/again.ipynb", "nbs/delay.ipynb"]}


def test_other_projects_have_no_exports(folder):
    folder.write("pyproject.toml", '[project]\nname = "x"\n')
    assert stale_exports(folder.root) == []
