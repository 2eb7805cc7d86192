"""What the events tell of the cell that runs."""

from aiinfra.runs import history
from aiinfra.runs.events import Event, EventLog


def started(log, cell, step="train"):
    log.append(Event.now("cell-started", step, id=cell, cell=1))


def printed(log, text, stream="stdout", step="train"):
    log.append(Event.now("log", step, text=text, stream=stream))


def test_the_running_cells_text_is_that_up_to_an_offset_and_of_that_step_only(tmp_path):
    log = EventLog(tmp_path / "events.jsonl")
    started(log, "a")
    printed(log, "of another cell")
    started(log, "b")
    printed(log, "one ")
    printed(log, "other step", step="prepare")
    printed(log, "two")
    printed(log, "bad", "stderr")
    end = log.end()
    printed(log, "later")
    assert history.printing(log, "train", end) == history.Printing(
        "b", (("stdout", "one two"), ("stderr", "bad"))
    )


def test_nothing_runs_before_the_first_cell_after_the_last_one_and_without_a_log(tmp_path):
    log = EventLog(tmp_path / "events.jsonl")
    assert history.printing(log, "train", 0) is None
    printed(log, "from before")
    assert history.printing(log, "train", log.end()) is None
    started(log, "a")
    log.append(Event.now("cell-finished", "train", id="a"))
    printed(log, "late")
    assert history.printing(log, "train", log.end()) is None


def test_a_cell_that_has_printed_much_is_told_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "FIRST_LOOK", 100)
    log = EventLog(tmp_path / "events.jsonl")
    started(log, "a")
    for number in range(100):
        printed(log, f"{number} ")
    found = history.printing(log, "train", log.end())
    assert found == history.Printing("a", (("stdout", "".join(f"{n} " for n in range(100))),))
