"""The German texts of the JupyterLab extension: what is missing doesn't pass."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAM = ".ci/translations.py"
GERMAN = "aiinfra/lab/locale/de_DE/LC_MESSAGES/aiinfra.json"
SOURCE = "extensions/jupyterlab-aiinfra/src/view.ts"
TEXTS = """
const one = trans.__('Run %1', id);
const many = this.trans._n('%1 run', '%1 runs', count);
const long = trans.__(
  'One part, ' + 'and another'
);
"""
TRANSLATED = {
    "Run %1": ["Lauf %1"],
    "%1 run": ["%1 Lauf", "%1 Läufe"],
    "One part, and another": ["Ein Teil und noch einer"],
}


@pytest.fixture
def project(tmp_path):
    "A project with one source, all of it translated."
    for path in (PROGRAM, GERMAN, SOURCE):
        (tmp_path / path).parent.mkdir(parents=True)
    shutil.copy(ROOT / PROGRAM, tmp_path / PROGRAM)
    (tmp_path / SOURCE).write_text(TEXTS)
    (tmp_path / GERMAN).write_text(json.dumps({"": {}, **TRANSLATED}))
    return tmp_path


@pytest.fixture
def check(project):
    "Exit code and output of the check."

    def run(*args):
        argv = [sys.executable, project / PROGRAM, *args]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, encoding="utf-8")
        assert done.stderr == ""
        return done.returncode, done.stdout

    return run


def translate(project, **changed):
    texts = {key: value for key, value in {**TRANSLATED, **changed}.items() if value != []}
    (project / GERMAN).write_text(json.dumps({"": {}, **texts}))


def test_texts_that_are_all_translated_pass(check):
    assert check() == (0, "3 texts, all in German\n")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"Run %1": []}, "'Run %1' is missing"),
        ({"Run %1": [None]}, "'Run %1' is missing"),
        ({"Run %1": [""]}, "'Run %1' is missing"),
        ({"Run %1": ["Lauf"]}, "'Run %1' has lost a placeholder"),
        ({"%1 run": ["%1 Lauf"]}, "'%1 run' needs 2 forms"),
        ({"Gone": ["Weg"]}, "'Gone' is asked for nowhere"),
    ],
)
def test_a_text_that_is_not_translated_is_named_with_what_mends_it(project, check, changed, said):
    translate(project, **changed)
    code, out = check()
    assert (code, out.splitlines()[0]) == (1, f"{GERMAN}: {said}")
    assert "--write" in out.splitlines()[-1]


def test_a_text_that_nobody_could_translate_is_named_by_its_line(project, check):
    (project / SOURCE).write_text(TEXTS + "const wrong = trans.__(`Run ${id}`);\n")
    code, out = check()
    assert (code, f"{SOURCE}:7: " in out) == (1, True)


def test_writing_keeps_what_is_translated_and_makes_places_for_the_rest(project, check):
    translate(project, **{"%1 run": [], "Gone": ["Weg"]})
    check("--write")
    texts = json.loads((project / GERMAN).read_text(encoding="utf-8"))
    assert {key: value for key, value in texts.items() if key} == {**TRANSLATED, "%1 run": [None, None]}
    assert check()[0] == 1
