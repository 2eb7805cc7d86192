"""What is shown of runs, steps and logs."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiinfra.cli.progress import Lines, Live, StepProgress, display_for, duration
from aiinfra.cli.text import LogText, ago, columns, number, run_text, runs_text, short, shown, size
from aiinfra.runs.events import Event, bounded
from aiinfra.runs.state import Run, State, StepRow


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1:00"),
        (3599.6, "1:00:00"),
        (7384, "2:03:04"),
    ],
)
def test_durations_are_written_as_people_do(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3600, "1 h ago"),
        (86400, "1 day ago"),
        (2 * 86400, "2 days ago"),
    ],
)
def test_times_are_told_from_now(seconds, text):
    assert ago(1e9 - seconds, now=1e9) == text


def test_what_is_long_ago_has_its_date():
    assert ago(1e9 - 15 * 86400, now=1e9) == "2001-08-25"
    assert ago(None) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.66412345678, "0.664123"),
        (78146.0, "78146"),
        (1234567.0, "1234567"),
        (1e20, "1e+20"),
        (float("nan"), "nan"),
        (-0.5, "-0.5"),
    ],
)
def test_numbers_are_as_long_as_they_have_to_be(value, text):
    assert number(value) == text


def test_values_are_shown_as_they_are_written():
    assert [shown(v) for v in (True, False, 3, "adam", None, [1, 2])] == [
        "yes",
        "no",
        "3",
        '"adam"',
        "None",
        "[1, 2]",
    ]
    assert len(shown("x" * 5000)) == 100
    assert [size(n) for n in (5, 2048, 5e6, 3e12)] == ["5 B", "2.0 KiB", "4.8 MiB", "2794.0 GiB"]


@given(st.text())
def test_a_shortened_text_is_one_line_of_limited_length(text):
    assert len(short(text, 20)) <= 20
    assert "\n" not in short(text, 20)


@given(st.lists(st.lists(st.text("abc ", max_size=6), min_size=3, max_size=3), min_size=1))
def test_columns_keep_their_places(rows):
    lines = columns(rows, "  ").split("\n")
    assert len(lines) == len(rows)
    start = 2 + max(len(row[0]) for row in rows) + 2
    assert all(line[start:].startswith(row[1].rstrip()) for line, row in zip(lines, rows, strict=True))


def a_run(**changes):
    return Run(**{"id": "41", "name": "flights", "source": "pipeline.py", "target": "local", **changes})


def test_the_list_shows_each_state_with_its_sign_and_one_line_a_run():
    told = runs_text(
        [
            a_run(state=str(s), error="x\ny" if s == "FAILED" else None, started=0.0, finished=5.0)
            for s in State
        ]
    )
    assert len(told.splitlines()) == 1 + len(State)
    assert all(str(state) in told for state in State)
    assert all(sign in told for sign in "·▸✓✗■–‖")


def test_an_empty_list_says_how_to_fill_it():
    assert "aiinfra run NOTEBOOK" in runs_text([])
    assert runs_text([], asked=True) == "No such runs."


def test_a_run_says_where_its_steps_stopped_and_what_they_cost():
    steps = [
        StepRow("41", "learn", "SUCCEEDED", started=0.0, finished=2.0, cell=3, cells=3),
        StepRow("41", "later", "CANCELED", started=2.0, finished=9.0, cell=2, cells=7),
        StepRow("41", "last", "SKIPPED"),
    ]
    told = run_text(
        a_run(state="CANCELED", steps=steps, started=0.0, finished=9.0), [], "mlflow ui", Path("runs/41")
    )
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert lines[0] == "Run 41 · flights · CANCELED · 9.0 s · local"
    for line in ("✓ learn SUCCEEDED 2.0 s", "■ later CANCELED 7.0 s cell 2/7", "– last SKIPPED", "runs/41"):
        assert line in lines
    assert "MLflow" not in told


def test_a_failed_run_says_where_to_look():
    told = run_text(
        a_run(state="FAILED", error="learn: cell 3: KeyError", mlflow_run_id="abc"), [], "http://x", Path("r")
    )
    assert "learn: cell 3: KeyError" in told
    assert "aiinfra logs 41" in told
    assert "run abc" in told


# -- progress --------------------------------------------------------------------------------------------------------

STORY = [
    Event("run-started", 100.0, None, {"tasks": ["a", "b"]}),
    Event("step-started", 102.0, "a"),
    Event("cell-started", 103.0, "a", {"index": 1, "total": 2}),
    Event("log", 103.5, "a", {"text": "hello\n"}),
    Event("note", 104.0, None, {"text": "not in MLflow: [red]x[/red]"}),
    Event("step-finished", 105.0, "a", {"state": "SUCCEEDED"}),
    Event("step-started", 105.0, "b"),
    Event("step-finished", 170.0, "b", {"state": "FAILED", "error": "cell 7: KeyError: 'dest'"}),
    Event("run-finished", 170.5, None, {"state": "FAILED"}),
    Event("step-started", 171.0, "unknown"),
]


def test_lines_tell_the_story():
    said = []
    with Lines(["a", "b"], said.append) as lines:
        for event in STORY:
            lines.hear(event)
        lines.say("cancelling…")
    assert said == [
        "[ 0.0 s] preparing",
        "[ 2.0 s] a: started",
        "[ 3.0 s] a: cell 1/2",
        "[ 4.0 s] note: not in MLflow: [red]x[/red]",
        "[ 5.0 s] a: SUCCEEDED in 3.0 s",
        "[ 5.0 s] b: started",
        "[  1:10] b: FAILED in 1:05, cell 7: KeyError: 'dest'",
        "cancelling…",
    ]


@pytest.mark.parametrize("width", [10, 40, 200])
def test_the_table_fits_any_terminal(width):
    from rich.console import Console

    live = Live(["a", "b", "c"])
    for event in STORY:
        live.hear(event)
    console = Console(width=width, force_jupyter=False)
    with console.capture() as shown:
        console.print(live.table())
    assert all(len(line) <= width for line in shown.get().splitlines())
    live.say("cancelling…")
    assert "cancelling…" in live.table().renderables[1].plain


def test_where_a_step_is(monkeypatch):
    step = StepProgress("a")
    assert (step.where, step.elapsed(5.0)) == ("", "")
    for event in STORY[1:3]:
        step.hear(event)
    assert (step.state, step.where, step.elapsed(112.0)) == ("RUNNING", "cell 1/2", "10 s")


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "term", "display"),
    [
        (Terminal(), "xterm", Live),
        (Terminal(), "dumb", Lines),
        (Terminal(), None, Lines),
        (io.StringIO(), "xterm", Lines),
        (None, "xterm", Lines),
    ],
)
def test_only_a_terminal_that_can_has_a_table(monkeypatch, stream, term, display):
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.delenv("TERM", raising=False)
    if term:
        monkeypatch.setenv("TERM", term)
    assert isinstance(display_for(["a"]), display)


# -- logs ------------------------------------------------------------------------------------------------------------


def logged(*texts, marked=True):
    log = LogText(marked)
    return "".join(log.hear(Event("log", 0.0, step, {"text": text})) for step, text in texts)


def test_of_one_step_the_text_is_as_it_was_printed():
    assert logged(("a", "x"), ("a", "\ry\n"), ("a", "z"), marked=False) == "x\ry\nz"


def test_of_several_steps_each_line_says_whose_it_is_however_it_came():
    assert logged(("a", "one"), ("a", " two\nthree\n\nfour"), ("b", "five\n"), ("a", "six\n")) == (
        "a | one two\na | three\na | \na | four\nb | five\na | six\n"
    )


@given(st.lists(st.tuples(st.sampled_from("ab"), st.text("xy\n\r", min_size=1))))
def test_no_line_is_without_its_step_and_nothing_printed_is_lost(texts):
    told = logged(*texts)
    lines = told.split("\n")
    assert all(line.startswith(("a | ", "b | ")) for line in lines if line)
    assert all(line == "" for line in lines[-1:]) or texts[-1][1][-1] != "\n"
    for step in "ab":
        printed = "".join(text for s, text in texts if s == step).replace("\n", "")
        assert "".join(line[4:] for line in lines if line.startswith(step)) == printed


def test_what_was_printed_at_once_and_is_too_long_for_an_event_is_said():
    event = Event("log", 0.0, "a", bounded({"text": "x" * 100_000, "stream": "stdout"}))
    assert "100,002 bytes" in LogText(False).hear(event)


def test_a_cell_that_raised_shows_its_traceback_on_lines_of_its_own():
    raised = {"output_type": "error", "traceback": ["Traceback", "KeyError: 'x'"]}
    log = LogText(True)
    assert log.hear(Event("log", 0.0, "a", {"text": "so far"})) == "a | so far"
    finished = Event(
        "cell-finished", 1.0, "a", {"outputs": [{"output_type": "stream"}, {"truncated": 9}, raised]}
    )
    assert log.hear(finished) == "\na | Traceback\na | KeyError: 'x'\n"
    for outputs in ([], {"truncated": 5}, None):
        assert log.hear(Event("cell-finished", 1.0, "a", {"outputs": outputs})) == ""
