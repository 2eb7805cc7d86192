"""What comes along with an import, and with an install without extras."""

import gzip
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "aiinfra"
HEAVY = [
    "mlflow",
    "kfp",
    "torch",
    "evidently",
    "dvc",
    "dvc_data",
    "pandas",
    "numpy",
    "papermill",
    "pyarrow",
    "nbformat",
    "nbconvert",
    "nbclient",
    "jupyterlab",
    "jupyter_client",
    "ipykernel",
    "IPython",
    "sklearn",
    "matplotlib",
    "fsspec",
    "psutil",
    "kubernetes",
    "jsonschema",
    "scipy",
]
# papermill's engine is a subclass of papermill's: whoever imports it has invited papermill.
INVITED = ["aiinfra.step.engine"]
# These import the standard library, and nothing else: a service that only wants a notebook's interface pays for nothing.
LEAN = ["errors", "__init__", "config", "notebook", "runs"]
UV = Path(sys.executable).with_name("uv")


def modules_of(room):
    if room == "__init__":
        return ["aiinfra"]
    folder = PACKAGE / room
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [PACKAGE / f"{room}.py"]
    names = [".".join(("aiinfra", *f.relative_to(PACKAGE).with_suffix("").parts)) for f in files]
    return [n.removesuffix(".__init__") for n in names if not n.endswith("__main__") and n not in INVITED]


ROOMS = [
    "__init__",
    *sorted(p.stem for p in PACKAGE.iterdir() if p.stem[0] != "_" and (p.is_dir() or p.suffix == ".py")),
]


def loaded_by(statement):
    "Top-level modules that a fresh interpreter has loaded after `statement`."
    code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.fixture(scope="module")
def bare():
    "What this environment's .pth files load into every interpreter."
    return loaded_by("pass")


@pytest.mark.parametrize("room", ROOMS)
def test_importing_a_room_brings_no_heavy_package(room, bare):
    loaded = loaded_by(f"import {', '.join(modules_of(room))}")
    assert "aiinfra" in loaded
    heavy = sorted((loaded - bare) & set(HEAVY))
    assert not heavy, "import these inside the function that needs them"


@pytest.mark.parametrize("room", [room for room in LEAN if room in ROOMS])
def test_a_lean_room_needs_the_standard_library_only(room, bare):
    loaded = loaded_by(f"import {', '.join(modules_of(room))}")
    foreign = sorted(loaded - bare - sys.stdlib_module_names)
    assert foreign == ["aiinfra"]


def run(*argv, **env):
    # Nothing of the environment that the tests run in: neither its packages nor its paths.
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run([*map(str, argv)], capture_output=True, text=True, check=False, env=kept | env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    "The wheel, as it would be published."
    folder = tmp_path_factory.mktemp("wheel")
    run(UV, "build", "--wheel", "-q", "-o", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    "The folder of programs of an environment into which the wheel was installed, without extras."
    folder = tmp_path_factory.mktemp("installed")
    run(UV, "venv", "-q", "--python", sys.executable, folder / "venv")
    run(
        UV,
        "pip",
        "install",
        "-q",
        "--python",
        folder / "venv/bin/python",
        "-c",
        ROOT / "requirements.lock",
        wheel,
    )
    return folder / "venv/bin"


def test_the_wheel_without_extras_gives_interface_settings_and_errors(installed, tmp_path):
    code = "import aiinfra.notebook.interface, aiinfra.config, aiinfra.errors; print(aiinfra.__file__)"
    assert str(ROOT / "aiinfra") not in run(installed / "python", "-I", "-c", code)


def test_the_wheel_without_extras_shows_the_interface_of_a_notebook(installed):
    shown = run(installed / "aiinfra", "interface", ROOT / "pipelines/flights/train.ipynb")
    assert "Input[Dataset]" in shown or "Dataset" in shown
    packages = run(UV, "pip", "list", "--python", installed / "python").lower()
    assert not [name for name in HEAVY if f"\n{name.lower().replace('_', '-')} " in packages]


def test_the_wheel_enables_both_halves_of_the_jupyterlab_extension(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = [n.partition(".data/data/")[2] for n in archive.namelist()]
        (server,) = [
            n for n in archive.namelist() if n.endswith("/etc/jupyter/jupyter_server_config.d/aiinfra.json")
        ]
        enabled = json.loads(archive.read(server))
    assert enabled == {"ServerApp": {"jpserver_extensions": {"aiinfra.lab": True}}}
    place = "share/jupyter/labextensions/jupyterlab-aiinfra/"
    assert {place + "package.json", place + "install.json"} < set(names)


def test_the_wheel_holds_the_jupyterlab_extension_once_and_made_for_production(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (entry,) = [n for n in names if "/remoteEntry." in n]
        scripts = [n for n in names if n.endswith((".js", ".ts", ".tsx", ".map"))]
        code = archive.read(entry).decode()
    folder = entry.rpartition("/")[0]
    assert [n for n in scripts if not n.startswith(folder)] == []
    assert [n for n in names if n.startswith("extensions/")] == []
    # Bundlers wrap modules into eval and point to source maps while one develops.
    assert ("eval(" in code, "sourceMappingURL" in code, code.count("\n") < 20) == (False, False, True)


def test_the_wheel_holds_the_german_texts_where_jupyterlab_looks_for_them(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import aiinfra; assert aiinfra.__file__.startswith(sys.argv[1]), aiinfra.__file__\n"
        "from jupyterlab_server.translation_utils import get_language_pack as get\n"
        "texts, problems = get('de_DE'); print(texts['aiinfra']['Submit'], problems)"
    )
    assert run(sys.executable, "-I", "-c", code, tmp_path).split() == ["['Starten']"]


def test_the_jupyterlab_extension_is_a_light_load(wheel):
    with zipfile.ZipFile(wheel) as archive:
        packed = {n: len(gzip.compress(archive.read(n))) for n in archive.namelist() if n.endswith(".js")}
    entry = sum(size for name, size in packed.items() if "/remoteEntry." in name)
    assert (entry < 15_000, sum(packed.values()) < 300_000) == (True, True), packed


def test_without_nodejs_there_is_no_wheel_and_a_reason(tmp_path):
    node = tmp_path / "bin/node"
    node.parent.mkdir()
    node.write_text("#!/bin/sh\nexit 127\n")
    node.chmod(0o755)
    path = f"{node.parent}{os.pathsep}{os.environ['PATH']}"
    argv = [UV, "build", "--wheel", "-o", tmp_path / "out", ROOT]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, "PATH": path})
    assert done.returncode != 0
    assert "is built by Node.js 20.19 or newer; here is none" in done.stderr
    assert list((tmp_path / "out").glob("*.whl")) == []
