"""What every verb has in common: errors, exit codes, --debug, streams that don't take what is printed."""

import errno
import os
import sys

import click
import pytest
from click.testing import CliRunner

from aiinfra import errors
from aiinfra.cli.base import Verbs, open_page, print_json, relative, told
from aiinfra.errors import AiinfraError, ArgumentError, Where

LEAVES = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, AiinfraError)]


def run(error, *args, **env):
    "What becomes of an `error` that a verb raises."

    @click.group(cls=Verbs)
    def program():
        "A program."

    @program.command()
    def verb():
        "Raise it."
        raise error

    return CliRunner().invoke(program, ["verb", *args], env=env)


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda e: e.__name__)
def test_each_of_our_errors_ends_with_its_own_exit_code_and_three_lines(leaf):
    done = run(leaf("it is wrong", where=Where("train.ipynb", 3, 2), remedy="mend it"))
    assert done.exit_code == leaf.exit_code
    assert done.stderr == "error: it is wrong\n  where: train.ipynb, cell 3, line 2\n  mend:  mend it\n"
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            ModuleNotFoundError("No module named 'kfp.dsl'", name="kfp.dsl"),
            ["kfp", "pip install 'aiinfra[all]'"],
        ),
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), ["no space left on device", "/data/x"]),
        (OSError(errno.EMFILE, "Too many open files"), ["too many open files"]),
        (
            ZeroDivisionError("division by zero"),
            ["unexpected ZeroDivisionError: division by zero", "--debug"],
        ),
        (RecursionError("maximum depth"), ["unexpected RecursionError", "--debug"]),
        (ModuleNotFoundError("No module", name="aiinfra.nonsense"), ["unexpected", "--debug"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_other_error_is_one_of_the_surroundings_told_without_a_traceback(error, words):
    done = run(error)
    assert done.exit_code == 3
    assert all(word in done.stderr for word in words)
    assert "Traceback" not in done.output
    assert told(error).what


@pytest.mark.parametrize(
    "error", [ArgumentError("no"), ZeroDivisionError("no")], ids=lambda e: type(e).__name__
)
def test_debug_adds_the_traceback(error):
    for done in (run(error, "--debug"), run(error, AIINFRA_DEBUG="1")):
        assert "Traceback (most recent call last)" in done.stderr
        assert "test_base.py" in done.stderr
        assert "error: " in done.stderr


def test_ctrl_c_ends_with_143_and_nothing_to_read():
    done = run(KeyboardInterrupt())
    assert (done.exit_code, done.output.strip()) == (143, "")


def test_without_the_extras_each_verb_does_what_it_can_and_says_what_is_missing(cli, write, tmp_path):
    for package in ("kfp", "mlflow", "papermill", "dvc"):
        (tmp_path / f"{package}.py").write_text(f"raise ModuleNotFoundError('no', name='{package}')")
    write(cli.folder / "n.ipynb", parameters="x: int = 1")
    (cli.folder / "settings.ini").write_text("")
    lean = f"PYTHONPATH={tmp_path}:$PYTHONPATH aiinfra"
    assert cli.shell(f"{lean} interface n.ipynb && {lean} runs").code == 0
    for verb, package in (("run n.ipynb", "kfp"), ("compile n.ipynb -o x.yaml", "kfp"), ("init new", "dvc")):
        done = cli.shell(f"{lean} {verb}")
        assert done.code in (2, 3)
        assert package in done.err.lower()
        assert "pip install 'aiinfra[" in done.err
        assert "Traceback" not in done.err


# -- what is printed -------------------------------------------------------------------------------------------------


def test_json_is_strict(capsys, strict_json):
    print_json({"a": float("nan"), "b": [float("inf"), -float("inf")], "c": "ä✓", "d": {1: None, 2: True}})
    told = strict_json(capsys.readouterr().out)
    assert told == {"a": "NaN", "b": ["Infinity", "-Infinity"], "c": "ä✓", "d": {"1": None, "2": True}}


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "utf-8"])
def test_signs_that_a_terminal_cannot_show_are_replaced(encoding, cli, write):
    write(cli.folder / "fine.ipynb", "print(1)")
    done = cli.shell("aiinfra check fine.ipynb | cat -v", PYTHONUTF8="0", PYTHONIOENCODING=encoding)
    assert "fine.ipynb will run from top to bottom" in done.out
    assert done.err == ""


def test_another_locale_changes_nothing(cli, write):
    write(cli.folder / "ä.ipynb", "print(1)", parameters="x: int = 1  # Übergröße, 1..2")
    for env in (
        {"LC_ALL": "C", "PYTHONUTF8": "0"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ):
        assert "Übergröße" in cli("interface", "ä.ipynb", env=env).out
        assert (
            cli("interface", "ä.ipynb", "--json", env=env).json["properties"]["x"]["description"]
            == "Übergröße, 1..2"
        )


def test_json_survives_any_character_set(cli, write, strict_json):
    write(cli.folder / "n.ipynb", parameters="x: int = 1  # ä ✓ \U0001f600")
    for encoding in ("ascii", "latin-1", "utf-8"):
        done = cli.shell("aiinfra interface n.ipynb --json", PYTHONUTF8="0", PYTHONIOENCODING=encoding)
        assert strict_json(done.out)["properties"]["x"]["description"] == "ä ✓ \U0001f600"


@pytest.mark.parametrize("verb", ["runs", "runs --json", "--help", "interface n.ipynb"])
def test_who_stops_reading_ends_the_verb_without_a_word(verb, cli, write):
    write(
        cli.folder / "n.ipynb",
        parameters="\n".join(f"x{i}: int = {i}  # {'long ' * 100}" for i in range(500)),
    )
    done = cli.shell(f"aiinfra {verb} | head -c 1 >/dev/null; exit 0")
    assert done.err == ""


def test_a_pipe_that_broke_shows_in_the_exit_code(cli):
    done = cli.shell('aiinfra runs | true; echo "${PIPESTATUS[0]}"')
    assert (done.out.strip(), done.err) == ("141", "")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_closed_streams_are_no_errors(closed, cli):
    assert cli.shell(f"aiinfra runs {closed}").code == 0
    assert cli.shell(f"aiinfra show latest {closed}").code == 2


def test_a_full_disk_behind_the_output_is_told(cli):
    done = cli.shell("aiinfra runs --json > /dev/full")
    assert done.code == 3
    assert done.err == "error: no space left on device\n"


# -- paths, pages ----------------------------------------------------------------------------------------------------


def test_paths_are_shown_as_one_would_type_them(tmp_path, monkeypatch):
    (tmp_path / "a/b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a")
    assert relative(tmp_path / "a/b/x.html") == "b/x.html"
    assert relative(tmp_path / "x.html") == "../x.html"
    assert relative(tmp_path.__class__("/x")) == "/x"


def test_without_a_browser_nothing_is_opened(monkeypatch, tmp_path):
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert open_page(tmp_path / "x.html") is False


def test_a_browser_gets_the_page(tmp_path, cli):
    browser, page = tmp_path / "browser", tmp_path / "a page.html"
    browser.write_text(f"#!/bin/sh\necho $1 > {tmp_path}/opened\n")
    browser.chmod(0o755)
    code = "import sys, pathlib; from aiinfra.cli.base import open_page; print(open_page(pathlib.Path(sys.argv[1])))"
    done = cli.shell(f"{sys.executable} -c '{code}' '{page}'", BROWSER=f"{browser} %s")
    assert done.out.strip() == "True"
    assert (tmp_path / "opened").read_text().strip() == page.as_uri()
    assert os.environ.get("BROWSER") != f"{browser} %s"
