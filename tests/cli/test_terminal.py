"""`aiinfra run` as somebody at a terminal has it: the live table, Ctrl-C, a terminal that is closed, a run left to itself."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

from tests.cli.conftest import PROGRAM, strict

SLOW = "import time\nprint('begun', flush=True)\ntime.sleep(60)"
BRIEF = "import time\nprint('begun', flush=True)\ntime.sleep(3)\nprint('done')"


class Terminal:
    "A program in a pseudo-terminal of its own."

    def __init__(self, cli, *args, columns=80, **env):
        self.controller, terminal = pty.openpty()
        self.resize(columns)
        self.process = subprocess.Popen(
            [PROGRAM, *args],
            cwd=cli.folder,
            env={**cli.env, "TERM": "xterm-256color", **env},
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads are about
        )
        os.close(terminal)
        self.raw = ""

    def resize(self, columns, lines=24):
        fcntl.ioctl(self.controller, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read(self, until=None, seconds=60):
        "Read until the text `until` has come, or the program has ended. Returns what came in this time, without colours."
        came, deadline = "", time.monotonic() + seconds
        while time.monotonic() < deadline and not (until and until in plain(came)):
            if not select.select([self.controller], [], [], 0.2)[0]:
                continue
            try:
                came += os.read(self.controller, 65536).decode(errors="replace")
            except OSError:  # the other side is closed
                break
        assert until is None or until in plain(came), f"no {until!r} in {came!r}"
        self.raw += came
        return plain(came)

    def type(self, keys):
        os.write(self.controller, keys)

    def end(self):
        "The exit code, when it has ended."
        rest = self.read()
        os.close(self.controller)
        return self.process.wait(timeout=30), rest


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "")


@pytest.fixture(scope="module")
def project(make_project, write):
    cli = make_project("terminal")
    write(cli.folder / "slow.ipynb", SLOW, parameters="n: int = 1")
    write(cli.folder / "brief.ipynb", BRIEF)
    return cli


@pytest.fixture
def nothing_left(project, processes, until):
    "After the test no process of the project is there any more."
    yield
    until(lambda: not processes(project.folder), 20)


def test_ctrl_c_in_a_terminal_cancels_the_run_and_the_table_tells_it_to_the_end(project, nothing_left):
    terminal = Terminal(project, "run", "slow.ipynb")
    shown = terminal.read("cell 3/3")
    assert "Run 1" in shown
    assert "▸ slow  running" in shown
    assert "· Ctrl-C cancels it" in shown
    assert "\x1b[36m" in terminal.raw, "running is cyan"
    terminal.resize(24)
    terminal.read("slow")
    terminal.resize(80)
    terminal.type(b"\x03")
    terminal.read("cancelling…")
    code, rest = terminal.end()
    assert code == 143
    assert "■ slow  canceled" in rest
    assert "Run 1 · slow · CANCELED" in rest
    assert "Ctrl-C cancels it" not in rest.partition("canceled")[2]
    assert "Traceback" not in terminal.raw
    assert "\x1b[?25h" in terminal.raw, "the cursor is back"
    run = project("show", "latest", "--json").json
    assert (run["state"], run["steps"][0]["exit_code"]) == ("CANCELED", 143)
    assert "begun" in project("logs", "latest").out


def test_a_run_survives_its_terminal(project, until, nothing_left):
    terminal = Terminal(project, "run", "brief.ipynb", NO_COLOR="1", columns=30)
    terminal.read("running")
    assert not re.search(r"\x1b\[3\dm", terminal.raw), "no colours"
    os.close(terminal.controller)
    assert terminal.process.wait(timeout=20) == -signal.SIGHUP
    assert project("show", "latest", "--json").json["state"] == "RUNNING"
    followed = project("logs", "latest", "-f")
    assert (followed.code, followed.out) == (0, "begun\ndone\n")
    assert project("show", "latest", "--json").json["state"] == "SUCCEEDED"


def test_a_detached_run_is_watched_and_cancelled_from_elsewhere(project, until, nothing_left):
    started = project("run", "slow.ipynb", "--detach")
    assert re.fullmatch(r"\d+\n", started.out)
    assert started.code == 0
    number = started.out.strip()
    until(lambda: "begun" in project("logs", number).out)
    listed = project("runs", "-n", "1", "--json").json[0]
    assert (listed["id"], listed["state"]) == (number, "RUNNING")
    assert "▸ slow  RUNNING" in project("show", number).out.replace("    ", "  ")
    watching = project.start("logs", number, "-f")
    assert watching.stdout.readline() == "begun\n"
    interrupted = project.start("logs", number, "-f")
    assert interrupted.stdout.readline() == "begun\n"
    interrupted.send_signal(signal.SIGINT)
    assert interrupted.communicate(timeout=20) == ("", "\n")
    assert interrupted.returncode == 143
    assert project("show", number, "--json").json["state"] == "RUNNING", (
        "who stops watching stops nothing else"
    )
    done = project("cancel", "latest")
    assert (done.code, done.out) == (0, f"run {number}: CANCELED\n")
    _, said = watching.communicate(timeout=20)
    assert (watching.returncode, said) == (0, "")
    assert project("cancel", number).out == f"run {number} had ended already: CANCELED\n"


def test_sigterm_cancels_too_from_the_first_moment_and_impatience_changes_nothing(
    project, until, nothing_left
):
    folder = project.folder / ".aiinfra/runs"
    before = set(folder.iterdir())
    process = project.start("run", "slow.ipynb", "--json")
    until(lambda: set(folder.iterdir()) - before)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM, signal.SIGINT):
        process.send_signal(number)
    out, said = process.communicate(timeout=60)
    assert process.returncode == 143
    assert "Traceback" not in said
    assert said.count("cancelling…") == 1
    assert strict(out)["state"] == "CANCELED"
