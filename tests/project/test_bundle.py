import gzip
import os
import random
import shutil
import subprocess
import sys

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiinfra.config import load_settings
from aiinfra.errors import BundleError, NotebookError
from aiinfra.project import bundle as module
from aiinfra.project.archive import unpack
from aiinfra.project.bundle import build_bundle, read_surroundings

PYPROJECT = '[tool.hatch.build.targets.wheel]\npackages = ["flights"]\n'


@pytest.fixture
def code(repo):
    "A git project with a library of one package, and a notebook that imports a module beside it."
    repo.write("pyproject.toml", PYPROJECT)
    repo.write("settings.ini", "[bundle]\ninclude = sql/**\n")
    repo.write(".gitignore", "__pycache__/\n/data\n*.log\n")
    repo.write("flights/__init__.py", "late = 15\n")
    repo.write("flights/run.log", "noise")
    repo.write("sql/load.sql", "select 1")
    repo.write("pipelines/helpers.py", "")
    repo.write("pipelines/unused.py", "")
    repo.notebook("pipelines/train.ipynb", "import helpers, flights")
    return repo


def bundle(project):
    return build_bundle(project.root / "pipelines/train.ipynb", project.settings)


def test_what_the_notebook_needs_travels_and_nothing_else(code):
    assert bundle(code).files == (
        "flights/__init__.py",
        "pipelines/helpers.py",
        "pipelines/train.ipynb",
        "pyproject.toml",
        "settings.ini",
        "sql/load.sql",
    )


def test_uncommitted_files_travel_and_deleted_ones_do_not(code):
    code.commit()
    code.write("flights/new.py")
    (code.root / "sql/load.sql").unlink()
    code.write("sql/other.sql")
    files = bundle(code).files
    assert "flights/new.py" in files
    assert "sql/other.sql" in files
    assert "sql/load.sql" not in files


names = st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=5, unique=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(
    modules=st.dictionaries(st.sampled_from([f"{c}.py" for c in "abcdefgh"]), st.binary(max_size=50)),
    seed=st.integers(0, 99),
)
def test_the_same_content_has_the_same_name_on_any_machine(tmp_path_factory, modules, seed):
    "Another folder, another order of creation, other times, other modes, other umask: the same bytes."

    def make(shuffle, umask):
        root = tmp_path_factory.mktemp("machine")
        before = os.umask(umask)
        try:
            files = {f"flights/{name}": content for name, content in modules.items()}
            files |= {"flights/__init__.py": b"", "pyproject.toml": PYPROJECT.encode()}
            files["train.ipynb"] = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
            order = sorted(files)
            shuffle(order)
            (root / "flights").mkdir()
            for name in order:
                (root / name).write_bytes(files[name])
                os.utime(root / name, (random.randrange(10**9), random.randrange(10**9)))
        finally:
            os.umask(before)
        return build_bundle(root / "train.ipynb", load_settings(root, env={}))

    one = make(lambda names: None, 0o022)
    other = make(random.Random(seed).shuffle, 0o077)
    assert one.data == other.data
    assert (one.sha256, one.library_sha256) == (other.sha256, other.library_sha256)


def test_running_the_notebook_does_not_change_its_bundle(code):
    before = bundle(code)
    path = code.root / "pipelines/train.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="x" * 1000)]
    notebook.cells[0].execution_count = 7
    notebook.metadata["widgets"] = {"state": {}}
    nbformat.write(notebook, path)
    assert bundle(code).sha256 == before.sha256


def test_every_change_of_code_changes_the_name(code):
    seen = {bundle(code).sha256}
    for name, content in (
        ("flights/__init__.py", "late = 16\n"),
        ("sql/load.sql", "select 2"),
        ("pipelines/helpers.py", "x = 1"),
        ("settings.ini", "[bundle]\ninclude = sql/*\n"),
    ):
        code.write(name, content)
        seen.add(bundle(code).sha256)
    code.notebook("pipelines/train.ipynb", "import helpers, flights", "1")
    seen.add(bundle(code).sha256)
    assert len(seen) == 6


def test_the_library_is_the_same_for_all_notebooks_without_modules_beside_them(code):
    code.notebook("a.ipynb", "1")
    code.notebook("b.ipynb", "2")
    around = read_surroundings(code.settings)
    a, b = (build_bundle(code.root / n, code.settings, around) for n in ("a.ipynb", "b.ipynb"))
    assert a.library_sha256 == b.library_sha256
    assert a.sha256 != b.sha256


@pytest.mark.parametrize(
    "name", ["flights/.env", "flights/tls.key", "flights/credentials.json", "flights/.ssh/id_rsa"]
)
def test_secrets_in_a_package_stay_and_are_named(code, name):
    code.write(name, "SECRET")
    made = bundle(code)
    assert name not in made.files
    assert made.left_out == (name,)
    assert b"SECRET" not in gzip.decompress(made.data)


@pytest.mark.parametrize("name", ["sql/.env", "sql/server.pem", "sql/secrets.toml"])
def test_a_secret_that_is_asked_for_is_refused_and_can_be_excluded(code, name):
    code.write(name, "SECRET")
    with pytest.raises(BundleError, match="looks like a secret") as error:
        bundle(code)
    assert error.value.where.field == "[bundle] include"
    code.write("settings.ini", f"[bundle]\ninclude = sql/**\nexclude = {name}\n")
    assert name not in bundle(code).files


@pytest.mark.parametrize(
    "pattern", ["data/flights.csv", "data/**", "nothing/*", "run.log", "../outside.txt", "/etc/hostname"]
)
def test_an_include_that_brings_nothing_is_refused(code, pattern):
    code.write("data/flights.csv", "1")
    code.write("run.log", "1")
    code.write("../outside.txt", "1")
    code.write("settings.ini", f"[bundle]\ninclude = {pattern}\n")
    with pytest.raises(BundleError, match="names no file that can travel"):
        bundle(code)


def test_what_dvc_tracks_never_travels(project):
    project.write("pyproject.toml", PYPROJECT)
    project.write("flights/__init__.py")
    project.write("flights/weights.bin", b"0" * 1000)
    project.write("flights/images/1.png", b"0")
    project.notebook("train.ipynb", "1")
    project.dvc("add", "flights/weights.bin", "flights/images")
    project.write("flights/.gitignore", "")  # even if git would not ignore it
    files = build_bundle(project.root / "train.ipynb", project.settings).files
    assert not [name for name in files if name.endswith((".bin", ".png"))]


def test_links_inside_the_project_travel_as_what_they_lead_to(code, tmp_path):
    (code.root / "flights/load.sql").symlink_to("../sql/load.sql")
    made = bundle(code)
    unpack(made.data, tmp_path / "work")
    copied = tmp_path / "work/flights/load.sql"
    assert copied.read_text() == "select 1"
    assert not copied.is_symlink()


@pytest.mark.parametrize(
    "target", ["/etc/passwd", "../../outside", "../nowhere.py", "../sql", "../data/ignored.csv", "../.env"]
)
def test_links_to_what_does_not_travel_are_refused(code, target):
    code.write("../outside", "1")
    code.write("data/ignored.csv", "1")
    code.write(".env", "TOKEN=1")
    (code.root / "flights/link.py").symlink_to(target)
    with pytest.raises(BundleError, match=r"flights/link\.py is a link"):
        bundle(code)


def test_a_folder_that_is_a_link_out_of_the_project_is_refused_without_git(folder, tmp_path):
    folder.write("pyproject.toml", PYPROJECT)
    folder.write("flights/__init__.py")
    folder.notebook("train.ipynb", "1")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/x.py").touch()
    (folder.root / "flights/sub").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError, match="flights/sub is a link"):
        build_bundle(folder.root / "train.ipynb", folder.settings)


def test_a_notebook_outside_of_the_project_is_refused(code, tmp_path):
    shutil.copy(code.root / "pipelines/train.ipynb", tmp_path / "other.ipynb")
    (code.root / "link.ipynb").symlink_to(tmp_path / "other.ipynb")
    for path in (tmp_path / "other.ipynb", code.root / "link.ipynb", code.root / "../other.ipynb"):
        with pytest.raises(NotebookError):
            build_bundle(path, code.settings)


def test_a_notebook_that_git_ignores_travels_for_it_is_what_the_user_runs(code):
    code.notebook("data/scratch.ipynb", "1")
    assert "data/scratch.ipynb" in build_bundle(code.root / "data/scratch.ipynb", code.settings).files


def test_code_is_not_data(code, monkeypatch):
    monkeypatch.setattr(module, "_SIZE_LIMIT", 10_000)
    code.write("flights/table.csv", b"0" * 20_000)
    with pytest.raises(BundleError) as error:
        bundle(code)
    assert "flights/table.csv" in error.value.remedy
    code.write("settings.ini", "[bundle]\nexclude = **/*.csv\n")
    assert "flights/table.csv" not in bundle(code).files


def test_a_password_in_the_settings_does_not_travel(code):
    code.write("settings.ini", "[aiinfra]\nstore = s3://AKIA:wJalr@bucket/x\n")
    with pytest.raises(BundleError) as error:
        bundle(code)
    assert error.value.where.line == 2
    assert "wJalr" not in str(error.value)


def test_the_bundle_runs_where_the_project_is_not(code, tmp_path):
    unpack(bundle(code).data, tmp_path / "work")
    env = {"PYTHONPATH": str(tmp_path / "work")}
    command = [sys.executable, "-c", "import helpers, flights; print(flights.late)"]
    done = subprocess.run(
        command, cwd=tmp_path / "work/pipelines", env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "15\n"
