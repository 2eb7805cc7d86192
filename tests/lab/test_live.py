"""Changes as they are told: events to every window, replay of what was missed, and a server that began anew."""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3

import psutil
import pytest

from aiinfra.lab import live
from aiinfra.lab.event import EVENT, EVENT_SCHEMA
from aiinfra.lab.live import KEPT, Relay
from aiinfra.lab.project import Lab
from aiinfra.lab.run_models import Change
from aiinfra.runs.events import Event
from aiinfra.runs.store import RunStore

PATIENCE = 60


@pytest.fixture(scope="module")
def project(make_project):
    project = make_project()
    project.notebook("quick.ipynb", "print('here')", "x = 1")
    project.notebook("slow.ipynb", "print('here')", "import time; time.sleep(600)")
    return project


@pytest.fixture
def lab(tmp_path):
    (tmp_path / "settings.ini").write_text("[aiinfra]\nproject = bare\n")
    return Lab(tmp_path)


@pytest.fixture
def relay(lab):
    relay = Relay(lab)
    relay.position()
    return relay


def other(lab):
    "The runs, as another process has them."
    return RunStore(lab.root / ".aiinfra")


def told(changes):
    return [(c.seq, c.run.id, c.run.state) for c in changes]


# -- noticing -----------------------------------------------------------------------------------------------------------


def test_a_run_that_another_process_leads_is_told_from_its_first_state_to_its_last(relay, lab):
    runs = other(lab)
    run = runs.create("train", "a.ipynb", steps=["train"])
    assert told(relay.look()) == [(1, "1", "PENDING")]
    with runs.hold(run.id):
        runs.update_run(run.id, state="RUNNING")
        runs.update_step(run.id, "train", state="RUNNING", cell=3, cells=9)
        (change,) = relay.look()
        assert (change.run.step, change.run.cell, change.run.cells) == ("train", 3, 9)
        runs.events(run.id).append(Event("note", 1.0, "train", {"text": "x"}))
        (change,) = relay.look()
        assert change.offset == runs.events(run.id).path.stat().st_size
        runs.update_run(run.id, state="SUCCEEDED", metrics={"auc": 0.6})
    (change,) = relay.look()
    assert (change.run.state, change.run.metrics, change.run.steps_done) == ("SUCCEEDED", {"auc": 0.6}, 1)
    assert relay.look() == []


def test_nothing_new_is_nothing_told(relay, lab):
    runs = other(lab)
    run = runs.create("train", "a.ipynb")
    assert len(relay.look()) == 1
    assert [relay.look() for _ in range(5)] == [[]] * 5
    assert relay.position()[1] == 1
    runs.update_run(run.id, state="FAILED", error="no")
    assert told(relay.look()) == [(2, "1", "FAILED")]


def test_a_run_that_this_server_changes_is_told_as_well(relay, lab):
    run = lab.runs.create("train", "a.ipynb")
    assert told(relay.look()) == [(1, run.id, "PENDING")]
    lab.runs.update_run(run.id, state="CANCELED")
    assert told(relay.look()) == [(2, run.id, "CANCELED")]


def test_what_was_there_before_is_not_news_until_it_changes(lab):
    runs = other(lab)
    over, going = runs.create("over", "a.ipynb"), runs.create("going", "a.ipynb")
    runs.update_run(over.id, state="SUCCEEDED")
    relay = Relay(lab)
    assert relay.look() == []
    runs.update_run(going.id, state="CANCELED")
    assert told(relay.look()) == [(1, going.id, "CANCELED")]


def test_a_run_is_not_missed_that_starts_and_ends_between_two_looks(relay, lab):
    runs = other(lab)
    for n in range(3):
        runs.update_run(runs.create(f"r{n}", "a.ipynb").id, state="SUCCEEDED")
    assert told(relay.look()) == [(1, "1", "SUCCEEDED"), (2, "2", "SUCCEEDED"), (3, "3", "SUCCEEDED")]


def test_a_list_that_somebody_replaced_begins_anew(relay, lab):
    runs = other(lab)
    runs.create("old", "a.ipynb")
    relay.look()
    epoch, seq = relay.position()
    runs.close()
    for file in (lab.root / ".aiinfra").glob("runs.db*"):
        file.unlink()
    runs.create("new", "a.ipynb")
    relay.look()
    assert relay.since(epoch, seq).reset is True


def test_a_store_that_cannot_be_read_for_a_while_loses_no_change(relay, lab, monkeypatch):
    runs = other(lab)
    runs.create("one", "a.ipynb")

    def broken(*args, **kwargs):
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr("aiinfra.runs.store.pick", broken)
        with pytest.raises(Exception, match="run store failed"):
            relay.look()
    assert told(relay.look()) == [(1, "1", "PENDING")]


# -- telling again ------------------------------------------------------------------------------------------------------


def test_a_window_that_slept_gets_the_last_word_on_each_run_it_missed(relay, lab):
    runs = other(lab)
    epoch, seen = relay.position()
    first, second = runs.create("first", "a.ipynb"), runs.create("second", "a.ipynb")
    relay.look()
    for n in range(5):
        runs.update_run(first.id, metrics={"n": n})
        relay.look()
    runs.update_run(second.id, state="CANCELED")
    relay.look()
    missed = relay.since(epoch, seen)
    assert (missed.reset, missed.seq) == (False, 8)
    assert [(c.seq, c.run.name, c.run.state) for c in missed.changes] == [
        (7, "first", "PENDING"),
        (8, "second", "CANCELED"),
    ]
    assert missed.changes[0].run.metrics == {"n": 4.0}
    assert told(relay.since(epoch, 7).changes) == [(8, second.id, "CANCELED")]
    assert relay.since(epoch, 8).changes == []


def test_who_missed_too_much_is_told_to_look_anew(relay, lab):
    runs = other(lab)
    epoch, seen = relay.position()
    for n in range(KEPT + 1):
        runs.update_run(runs.create(f"r{n}", "a.ipynb").id, state="SUCCEEDED")
    relay.look()
    assert relay.since(epoch, seen).reset is True
    assert relay.since(epoch, seen).changes == []
    assert len(relay.since(epoch, 1).changes) == KEPT


@pytest.mark.parametrize(("epoch", "after"), [("another", 0), (None, 99)])
def test_who_counts_by_another_server_is_told_to_look_anew(relay, epoch, after):
    assert relay.since(epoch or relay.epoch, after).reset is True


async def test_the_api_answers_from_the_position_that_it_gave(api, project, wait_until):
    status = (await api("changes", epoch="another", after=0)).json
    assert (status["reset"], status["changes"]) == (True, [])
    run = project.runs.create("x", "x.ipynb")
    missed = {"changes": []}
    while not missed["changes"]:
        missed = (await api("changes", epoch=status["epoch"], after=status["seq"])).json
        await asyncio.sleep(0.05)
    assert [(c["run"]["id"], c["run"]["state"]) for c in missed["changes"]] == [(run.id, "PENDING")]
    project.runs.update_run(run.id, state="CANCELED")


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"epoch": "x"},
        {"epoch": "x", "after": -1},
        {"epoch": "x", "after": "y"},
        {"epoch": "x", "after": 1, "z": 1},
    ],
    ids=str,
)
async def test_a_question_about_changes_that_means_nothing(api, asked):
    assert (await api("changes", **asked)).status == 422


# -- the server ---------------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def window(jp_ws_fetch):
    "What a window hears: a function that waits for the next change that fits."
    socket = await jp_ws_fetch("api", "events", "subscribe")

    async def hear(fits):
        while True:
            message = json.loads(await asyncio.wait_for(socket.read_message(), PATIENCE))
            if message.get("schema_id") == EVENT and fits(message):
                return message

    try:
        yield hear
    finally:
        socket.close()


async def test_every_window_hears_of_a_run_that_was_started_elsewhere(api, project, jp_ws_fetch):
    async with window(jp_ws_fetch) as one, window(jp_ws_fetch) as two:
        await api("runs")  # the first request: from now on the server looks
        run = await asyncio.to_thread(project.submit, "quick.ipynb")
        for hear in (one, two):
            over = await hear(lambda m: m["run"]["id"] == run and m["run"]["state"] == "SUCCEEDED")
            assert set(EVENT_SCHEMA["properties"]) <= set(over)
            assert (over["run"]["steps"], over["run"]["steps_done"], over["run"]["name"]) == (1, 1, "quick")
    await asyncio.to_thread(project.end, run)


async def test_a_window_may_listen_before_anything_was_asked(jp_ws_fetch, jp_serverapp):
    async with window(jp_ws_fetch):
        assert EVENT in jp_serverapp.event_logger.schemas


async def test_a_supervisor_that_was_killed_is_told_as_failed(api, project, jp_ws_fetch):
    async with window(jp_ws_fetch) as hear:
        await api("runs")
        run = await asyncio.to_thread(project.submit, "slow.ipynb")
        await hear(lambda m: m["run"]["id"] == run and m["run"]["cell"])
        family = await asyncio.to_thread(project.processes, run)
        os.kill(project.runs.supervisor(run), signal.SIGKILL)
        over = await hear(lambda m: m["run"]["id"] == run and m["run"]["state"] == "FAILED")
        assert "supervisor died" in over["run"]["error"]
    for process in family:
        with contextlib.suppress(psutil.Error):
            process.kill()


async def test_the_server_does_not_look_before_the_first_request(jp_serverapp, api):
    def looking():
        return [t.name for t in __import__("threading").enumerate() if t.name.startswith("aiinfra-relay")]

    before = looking()
    await asyncio.sleep(0.6)
    assert looking() == before
    await api("runs")
    await asyncio.sleep(0.6)
    assert len(looking()) == len(before) + 1


async def test_trouble_with_the_store_is_logged_once_and_gone_when_it_is_gone(lab, monkeypatch):
    said, found = [], []

    class Log:
        def warning(self, *args):
            said.append(args[0] % args[1:])

    relay = live.relay_of(lab)
    relay.position()
    real, looks = relay.look, []

    def look():
        looks.append(1)
        if len(looks) < 4:
            raise OSError("no disk")
        return real()

    monkeypatch.setattr(relay, "look", look)
    monkeypatch.setattr(live, "SECONDS", 0.01)
    live.follow(lab, lambda data: found.append(Change.model_validate(data)), Log())
    live.follow(lab, lambda data: found.append("twice"), Log())
    run = other(lab).create("x", "x.ipynb")
    for _ in range(500):
        if found:
            break
        await asyncio.sleep(0.02)
    lab.shared["follower"].timer.stop()
    assert told(found) == [(1, run.id, "PENDING")]
    assert len(said) == 1
    assert "no disk" in said[0]


def test_the_schema_of_the_event_and_the_message_have_the_same_fields():
    assert (
        sorted(EVENT_SCHEMA["properties"]) == sorted(EVENT_SCHEMA["required"]) == sorted(Change.model_fields)
    )
