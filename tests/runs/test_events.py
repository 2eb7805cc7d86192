import fcntl
import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiinfra.errors import StoreError
from aiinfra.runs.events import CHUNK, KINDS, Event, EventLog, bounded, from_line, plain, to_line


@pytest.fixture
def log(tmp_path):
    return EventLog(tmp_path / "events.jsonl")


def everything(log):
    return list(log.follow(stop=lambda: True))


texts = st.text(st.characters(), max_size=30)  # half surrogates, newlines and U+2028 among them
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(
    kind=st.sampled_from(sorted(KINDS)),
    step=st.none() | texts,
    data=st.dictionaries(texts, values, max_size=4),
)
def test_every_event_is_one_line_of_strict_json_and_comes_back(kind, step, data):
    line = to_line(Event(kind, 1.5, step, data))

    def refuse(constant):
        raise AssertionError(constant)

    json.loads(line, parse_constant=refuse)
    assert line.count(b"\n") == 1
    assert from_line(line) == Event(kind, 1.5, step, plain(data))


@given(st.floats())
def test_a_metric_comes_back_as_the_number_that_it_was(value):
    event = from_line(to_line(Event("metric", 0.0, "train", {"name": "loss", "value": value})))
    assert (got := float(event.data["value"])) == value or (math.isnan(got) and math.isnan(value))


def test_numpy_numbers_are_numbers():
    np = pytest.importorskip("numpy")
    assert plain({"a": np.float32(0.5), "b": np.int64(3), "c": np.float64("nan")}) == {
        "a": 0.5,
        "b": 3,
        "c": "NaN",
    }


@given(st.binary(max_size=60))
def test_bytes_that_are_no_event_are_none(line):
    assert from_line(line) is None


def test_a_picture_too_big_for_the_log_is_replaced_by_its_size():
    outputs = ["small", "x" * 100_000]
    assert bounded({"outputs": outputs}) == {"outputs": ["small", {"truncated": 100_002}]}


def test_many_small_outputs_are_bounded_too():
    data = bounded({"cell": 1, "outputs": ["x" * 1000] * 5000})
    assert data["cell"] == 1
    assert set(data["outputs"]) == {"truncated"}


def write_many(path, name, count):
    from pathlib import Path

    from aiinfra.runs.events import Event, EventLog

    for i in range(int(count)):
        EventLog(Path(path)).append(Event("log", float(i), name, {"text": name * 500}))


def test_processes_that_write_at_once_lose_nothing(log, start):
    writers = [start(write_many, log.path, name, 200) for name in "abcd"]
    for writer in writers:
        assert writer.wait() == 0
    events = everything(log)
    assert len(events) == 800
    for name in "abcd":
        assert [e.time for e in events if e.step == name] == [float(i) for i in range(200)]


def write_for_ever(path):
    from pathlib import Path

    from aiinfra.runs.events import Event, EventLog

    for i in range(10**9):
        EventLog(Path(path)).append(Event("log", float(i), None, {"text": "x" * 50_000}))
        print(i, flush=True)


def test_kill_9_of_a_writer_leaves_every_event_that_it_had_written(log, start):
    for _ in range(5):
        log.path.unlink(missing_ok=True)
        writer = start(write_for_ever, log.path)
        for _ in range(20):
            writer.stdout.readline()
        writer.kill()
        told = 20 + len([line for line in writer.communicate()[0].split("\n") if line.isdigit()])
        log.append(Event.now("run-finished", state="FAILED"))
        events = everything(log)
        assert [e.time for e in events[:-1]] == [float(i) for i in range(len(events) - 1)]
        assert len(events) - 1 >= told
        assert events[-1].kind == "run-finished"


@pytest.mark.parametrize("cut", [1, 20, -2])
def test_a_torn_last_line_is_no_event_and_costs_no_other(log, cut):
    first, torn, last = (Event("note", float(i), None, {"text": str(i)}) for i in range(3))
    log.append(first)
    with log.path.open("ab") as f:
        f.write(to_line(torn)[:cut])
    events, offset = log.read()
    assert events == [first]
    log.append(last)
    assert log.read(offset)[0] == [last]
    assert everything(log) == [first, last]


def test_a_damaged_stretch_of_the_file_is_passed_over(log):
    log.path.write_bytes(b"\0" * (CHUNK + 10))
    log.append(Event.now("note", text="after"))
    assert [e.data["text"] for e in everything(log)] == ["after"]


def test_a_long_log_is_read_in_pieces(log):
    line = to_line(Event("log", 0.0, None, {"text": "x" * 60_000}))
    log.path.write_bytes(line * 100)
    events, offset = log.read()
    assert 0 < len(events) < 100
    assert offset <= CHUNK
    assert len(everything(log)) == 100


def test_who_follows_sees_the_events_of_another_process_and_then_the_end(log, start):
    writer = start(write_many, log.path, "a", 50)
    assert len(list(log.follow(stop=lambda: writer.poll() is not None, interval=0.01))) == 50


def test_what_is_written_just_before_the_end_is_still_told(log):
    asked = []

    def stop():
        asked.append(1)
        if len(asked) == 2:
            log.append(Event.now("run-finished", state="SUCCEEDED"))
        return len(asked) > 1

    assert [e.kind for e in log.follow(stop, interval=0)] == ["run-finished"]


def test_a_writer_waits_for_another_that_is_in_the_middle_of_a_line(log, start):
    with log.path.open("ab") as middle:
        fcntl.flock(middle, fcntl.LOCK_EX)
        writer = start(write_many, log.path, "a", 1)
        while f"-> FLOCK  ADVISORY  WRITE {writer.pid} " not in Path("/proc/locks").read_text():
            assert writer.poll() is None, "it didn't wait"
    assert writer.wait() == 0
    assert len(everything(log)) == 1


def fill_the_disk(folder):
    from pathlib import Path

    from aiinfra.errors import StoreError
    from aiinfra.runs.events import Event, EventLog

    log = EventLog(Path(folder) / "events.jsonl")
    written = 0
    try:
        while True:
            log.append(Event("log", float(written), None, {"text": "x" * 5000}))
            written += 1
    except StoreError as e:
        assert "the disk is full" in e.what, e.what
        assert "free some space" in e.remedy, e.remedy
    assert log.path.read_bytes().endswith(b"}\n")
    assert len(log.read()[0]) == written > 50
    with log.path.open("rb+") as f:  # somebody makes room
        f.truncate(5000)
    log.append(Event("note", 1.0, None, {"text": "goes on"}))
    assert log.read()[0][-1].data == {"text": "goes on"}
    print("seen")


def test_on_a_full_disk_an_event_is_refused_whole_and_the_others_stay(on_small_disk):
    assert on_small_disk(fill_the_disk) == "seen\n"


def fill_the_disk_together(folder):
    import os
    from pathlib import Path

    from aiinfra.errors import StoreError
    from aiinfra.runs.events import Event, EventLog

    log = EventLog(Path(folder) / "events.jsonl")
    writers = []
    for size in (100, 9000, 40_000):
        back, told = os.pipe()
        if os.fork() == 0:
            written = refused = 0
            while refused < 20:
                try:
                    log.append(Event("log", float(written), str(size), {"text": "x" * size}))
                    written += 1
                except StoreError:
                    refused += 1
            os.write(told, str(written).encode())
            os._exit(0)
        writers.append((str(size), back))
    told = {name: int(os.read(back, 20)) for name, back in writers}
    events = list(log.follow(stop=lambda: True))
    for name, count in told.items():
        assert [e.time for e in events if e.step == name] == [float(i) for i in range(count)], (name, count)
    print("seen")


def test_on_a_full_disk_nobody_takes_back_what_another_has_written(on_small_disk):
    assert on_small_disk(fill_the_disk_together, "2m") == "seen\n"


def test_a_log_that_cannot_be_read_is_an_error_not_an_empty_run(tmp_path):
    with pytest.raises(StoreError, match="can't read the events"):
        EventLog(tmp_path).read()


def test_a_kind_that_no_reader_knows_is_refused():
    with pytest.raises(ValueError, match="step-finished"):
        Event.now("step-done")
