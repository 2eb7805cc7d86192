import json
import os
import sqlite3
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiinfra.errors import ArgumentError, NotFound, StoreError
from aiinfra.runs.events import Event
from aiinfra.runs.state import TERMINAL, State, may_follow
from aiinfra.runs.store import RunStore


def new(store, steps=(), target="local", name="flights"):
    return store.create(name, "pipelines/flights/pipeline.py", target, steps=steps)


def sql(state, statement, *values):
    db = sqlite3.connect(state / "runs.db")
    try:
        with db:
            return db.execute(statement, values).fetchall()
    finally:
        db.close()


# -- a run from its beginning to its end ----------------------------------------------------------------------------


def test_what_was_given_comes_back(store):
    arguments = {
        "month": 1,
        "rate": 1e-3,
        "hidden": [64, 64],
        "holdout": None,
        "text": "½ 'quoted'\n",
        "big": 2**70,
    }
    run = store.create("flights", "a.ipynb", arguments=arguments, user="ada", steps=["prepare", "train"])
    got = store.get(run.id)
    assert got == run
    assert got.arguments == arguments
    assert [s.name for s in got.steps] == ["prepare", "train"]
    assert store.run_dir(run.id).is_dir()
    assert store.get("latest").id == run.id


def test_a_list_as_json_is_strict_even_with_nan_in_it(store):
    run = new(store)
    store.update_run(run.id, state="RUNNING", metrics={"loss": float("nan"), "auc": 0.5})
    text = json.dumps([r.to_dict() for r in store.page()], allow_nan=False)
    assert json.loads(text)[0]["metrics"] == {"loss": "NaN", "auc": 0.5}


def test_reading_makes_no_files(store, state):
    assert store.page() == []
    with pytest.raises(NotFound, match="nothing has run here yet"):
        store.get("latest")
    assert not state.exists()


@pytest.mark.parametrize("run_id", ["0", "7", "-1", "1.0", "../1", "", "x" * 300, "9" * 30, "²"])
def test_what_is_no_run_is_not_found(store, run_id):
    new(store)
    with pytest.raises(NotFound):
        store.get(run_id)


def test_times_follow_from_the_state(store):
    run = new(store, ["train"])
    store.update_run(run.id, state="RUNNING")
    store.update_step(run.id, "train", state="RUNNING", cell=1, cells=3)
    store.update_step(run.id, "train", state="SUCCEEDED", exit_code=0, metrics={"auc": 1})
    store.update_run(run.id, state="SUCCEEDED")
    run = store.get(run.id)
    step = run.steps[0]
    assert run.created <= run.started <= step.started <= step.finished <= run.finished
    assert (step.cell, step.cells, step.exit_code, step.metrics) == (1, 3, 0, {"auc": 1.0})


def test_metrics_are_added_to_those_that_are_there(store):
    run = new(store)
    with store.hold(run.id):
        store.update_run(run.id, metrics={"a": 1, "b": 2})
        store.update_run(run.id, metrics={"b": 3})
        assert store.get(run.id).metrics == {"a": 1.0, "b": 3.0}


def test_an_ended_run_has_no_running_step(store):
    run = new(store, ["prepare", "train", "evaluate"])
    store.update_run(run.id, state="RUNNING")
    store.update_step(run.id, "prepare", state="SUCCEEDED")
    store.update_step(run.id, "train", state="RUNNING")
    store.update_run(run.id, state="FAILED", error="a cell raised")
    steps = {s.name: (s.state, s.error) for s in store.get(run.id).steps}
    assert steps == {
        "prepare": ("SUCCEEDED", None),
        "train": ("FAILED", "a cell raised"),
        "evaluate": ("SKIPPED", None),
    }
    assert not store.update_step(run.id, "train", state="SUCCEEDED")
    with pytest.raises(StoreError, match="has ended"):
        store.add_steps(run.id, ["late"])


def test_steps_can_be_added_while_a_run_goes_on(store):
    run = new(store, ["prepare"])
    store.add_steps(run.id, ["train-1", "train-2"])
    assert [s.name for s in store.get(run.id).steps] == ["prepare", "train-1", "train-2"]


def test_a_field_or_step_that_does_not_exist_is_refused(store):
    run = new(store, ["train"])
    with pytest.raises(TypeError, match="did you mean 'state'"):
        store.update_run(run.id, stat="RUNNING")
    with pytest.raises(TypeError, match="cell"):
        store.update_run(run.id, cell=1)
    with pytest.raises(NotFound, match="no step"):
        store.update_step(run.id, "trian", cell=1)


@settings(max_examples=60, deadline=None)
@given(wanted=st.lists(st.sampled_from(list(State)), max_size=8))
def test_a_run_goes_only_where_its_states_lead(tmp_path_factory, wanted):
    store = RunStore(tmp_path_factory.mktemp("states"))
    run = new(store, ["train"])
    with store.hold(run.id):
        expected = "PENDING"
        for state in wanted:
            moved = store.update_run(run.id, state=state)
            assert moved == may_follow(expected, state)
            expected = str(state) if moved else expected
            got = store.get(run.id)
            assert got.state == expected
            if expected in TERMINAL:
                assert all(s.state in TERMINAL for s in got.steps)
    store.close()


def test_not_even_another_program_brings_a_finished_run_back(store, state):
    run = new(store, ["train"])
    store.update_run(run.id, state="SUCCEEDED")
    for table in ("runs", "steps"):
        with pytest.raises(sqlite3.IntegrityError, match="stays as it is"):
            sql(state, f"UPDATE {table} SET state = 'RUNNING'")
    assert store.get(run.id).state == "SUCCEEDED"


# -- several at once ------------------------------------------------------------------------------------------------


def create_and_lead(state, count):
    from pathlib import Path

    from aiinfra.runs.store import RunStore

    store = RunStore(Path(state))
    for _ in range(int(count)):
        run = store.create("flights", "a.ipynb", steps=["train"])
        with store.hold(run.id):
            assert store.update_run(run.id, state="RUNNING")
            for cell in range(3):
                store.update_step(run.id, "train", state="RUNNING", cell=cell, cells=3)
            assert store.update_step(run.id, "train", state="SUCCEEDED", metrics={"auc": 0.5})
            assert store.update_run(run.id, state="SUCCEEDED", metrics={"auc": 0.5})
        print(run.id, flush=True)


def test_processes_that_create_and_update_at_once_lose_nothing(store, state, start):
    writers = [start(create_and_lead, state, 60) for _ in range(3)]
    ids = []
    for writer in writers:
        out, _ = writer.communicate()
        assert writer.returncode == 0
        ids += out.split()
    assert sorted(ids, key=int) == [str(n) for n in range(1, 181)]
    runs = store.page(limit=1000)
    assert len(runs) == 180
    assert {(r.state, r.metrics["auc"]) for r in runs} == {("SUCCEEDED", 0.5)}
    assert {(s.state, s.cell) for r in runs for s in store.get(r.id).steps} == {("SUCCEEDED", 2)}


def add_metrics(state, run_id, name):
    from pathlib import Path

    from aiinfra.runs.store import RunStore

    store = RunStore(Path(state))
    for i in range(150):
        store.update_run(run_id, metrics={f"{name}{i}": i})


def test_two_that_update_one_run_at_once_lose_nothing(store, state, start):
    run = new(store)
    with store.hold(run.id):
        store.update_run(run.id, state="RUNNING")
        writers = [start(add_metrics, state, run.id, name) for name in "ab"]
        for writer in writers:
            assert writer.wait() == 0
        assert len(store.get(run.id).metrics) == 300


def create_one(state):
    import sys
    from pathlib import Path

    from aiinfra.runs.store import RunStore

    store = RunStore(Path(state))
    print("ready", flush=True)
    sys.stdin.readline()
    print(store.create("first", "a.ipynb").id)


def test_many_that_start_in_a_fresh_project_at_once_all_get_a_number(tmp_path, start):
    for attempt in range(3):
        writers = [start(create_one, tmp_path / str(attempt)) for _ in range(6)]
        for writer in writers:
            writer.stdout.readline()
        for writer in writers:
            writer.stdin.write("\n")
            writer.stdin.flush()
        ids = [writer.communicate()[0].strip() for writer in writers]
        assert sorted(ids) == ["1", "2", "3", "4", "5", "6"]


def test_threads_share_a_store(store):
    def work():
        for _ in range(10):
            run = new(store)
            store.update_run(run.id, state="SUCCEEDED")
            store.page(limit=5)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [r.state for r in store.page(limit=100)] == ["SUCCEEDED"] * 60


def test_a_forked_child_uses_the_store_beside_its_parent(store):
    new(store)
    if (child := os.fork()) == 0:
        try:
            for _ in range(20):
                new(store)
        finally:
            os._exit(0)
    for _ in range(20):
        new(store)
    os.waitpid(child, 0)
    assert [r.id for r in store.page(limit=100)] == [str(n) for n in range(41, 0, -1)]


# -- the truth about the dead ---------------------------------------------------------------------------------------


def lead_for_ever(state):
    from pathlib import Path

    from aiinfra.runs.store import RunStore

    store = RunStore(Path(state))
    run = store.create("flights", "a.ipynb", steps=["prepare", "train", "evaluate"])
    with store.hold(run.id):
        store.update_run(run.id, state="RUNNING")
        store.update_step(run.id, "prepare", state="SUCCEEDED")
        store.update_step(run.id, "train", state="RUNNING")
        for cell in range(10**9):
            store.update_step(run.id, "train", cell=cell)
            print(run.id, cell, flush=True)


def test_kill_9_in_the_middle_of_writes_is_a_failed_run_and_a_whole_store(store, state, start):
    for _ in range(5):
        leader = start(lead_for_ever, state)
        for _ in range(30):
            run_id, cell = leader.stdout.readline().split()
        assert store.get(run_id).state == "RUNNING"
        leader.kill()
        leader.wait()
        run = store.get(run_id)
        assert run.state == "FAILED"
        assert "supervisor died" in run.error
        assert run.finished >= run.started
        assert [s.state for s in run.steps] == ["SUCCEEDED", "FAILED", "SKIPPED"]
        assert run.steps[1].cell >= int(cell)
        assert sql(state, "PRAGMA integrity_check") == [("ok",)]
    assert [r.state for r in store.page(state="FAILED")] == ["FAILED"] * 5
    assert store.page(state="RUNNING") == []


def test_a_dead_run_is_recorded_as_failed_when_the_list_is_looked_at(store, state, start):
    leader = start(lead_for_ever, state)
    leader.stdout.readline()
    leader.kill()
    leader.wait()
    assert [r.state for r in store.page()] == ["FAILED"]
    assert sql(state, "SELECT state FROM runs") == [("FAILED",)]
    assert sql(state, "SELECT state FROM steps ORDER BY position") == [
        ("SUCCEEDED",),
        ("FAILED",),
        ("SKIPPED",),
    ]


def test_what_the_supervisor_said_last_counts(store):
    run = new(store, ["train"])
    with store.hold(run.id):
        store.update_run(run.id, state="RUNNING")
        store.update_step(run.id, "train", state="RUNNING")
        log = store.events(run.id)
        log.append(Event.now("step-finished", "train", state="SUCCEEDED", metrics={"auc": 0.7}))
        log.append(Event.now("run-finished", state="SUCCEEDED", error=None, metrics={"auc": 0.7}))
    run = store.get(run.id)
    assert (run.state, run.error, run.metrics) == ("SUCCEEDED", None, {"auc": 0.7})
    assert (run.steps[0].state, run.steps[0].metrics) == ("SUCCEEDED", {"auc": 0.7})


def test_a_step_that_was_heard_of_had_begun(store):
    run = new(store, ["train", "evaluate"])
    with store.hold(run.id):
        store.update_run(run.id, state="RUNNING")
        store.events(run.id).append(Event.now("step-started", "train"))
    assert [s.state for s in store.get(run.id).steps] == ["FAILED", "SKIPPED"]


def test_a_run_that_died_while_it_was_canceled_is_canceled(store):
    run = new(store, ["train"])
    with store.hold(run.id):
        store.update_run(run.id, state="RUNNING")
        store.update_step(run.id, "train", state="RUNNING")
        store.update_run(run.id, state="CANCELING")
    run = store.get(run.id)
    assert (run.state, run.steps[0].state) == ("CANCELED", "CANCELED")


def test_a_new_run_has_half_a_minute_to_get_its_supervisor(store, state):
    run = new(store, ["train"])
    assert store.get(run.id).state == "PENDING"
    boot, seconds = sql(state, "SELECT booted FROM runs")[0][0].split()
    sql(state, "UPDATE runs SET booted = ?", f"{boot} {float(seconds) - 31}")
    run = store.get(run.id)
    assert (run.state, run.error) == ("FAILED", "its supervisor never started")
    assert run.steps[0].state == "SKIPPED"
    assert not store.update_run(run.id, state="RUNNING")


def test_a_run_on_another_target_is_not_judged_from_here(store):
    run = new(store, target="kubeflow")
    store.update_run(run.id, state="RUNNING")
    assert store.get(run.id).state == "RUNNING"
    assert [r.state for r in store.page()] == ["RUNNING"]


def test_a_clock_that_is_set_back_changes_neither_order_nor_truth(store, state, monkeypatch):
    first = new(store)
    with store.hold(first.id):
        store.update_run(first.id, state="RUNNING")
        monkeypatch.setattr("time.time", lambda: 1_000_000.0)  # January 1970
        second = new(store)
        store.update_run(first.id, state="SUCCEEDED")
    assert [r.id for r in store.page()] == [second.id, first.id]
    assert store.get(first.id).finished >= store.get(first.id).started
    monkeypatch.undo()
    assert store.get(second.id).state == "PENDING"  # half a century ago by the wall, a moment by the machine
    boot, seconds = sql(state, "SELECT booted FROM runs WHERE id = ?", second.id)[0][0].split()
    sql(
        state,
        "UPDATE runs SET booted = ?, created = 1e11 WHERE id = ?",
        f"{boot} {float(seconds) - 31}",
        second.id,
    )
    assert store.get(second.id).state == "FAILED"


# -- disks ----------------------------------------------------------------------------------------------------------


def live_on_a_full_disk(folder):
    from pathlib import Path

    from aiinfra.errors import StoreError
    from aiinfra.runs.store import RunStore

    store = RunStore(Path(folder) / ".aiinfra")
    done = store.create("done", "a.ipynb")
    store.update_run(done.id, state="SUCCEEDED")
    dead = store.create("dead", "a.ipynb", steps=["train"])
    with store.hold(dead.id):
        store.update_run(dead.id, state="RUNNING")
        store.update_step(dead.id, "train", state="RUNNING")
        ballast = Path(folder) / "ballast"
        with ballast.open("wb", buffering=0) as f:
            try:
                while True:
                    f.write(b"x" * 4096)
            except OSError:
                pass
        refused = []
        for _ in range(100):
            try:
                store.create("more", "a.ipynb", arguments={"text": "x" * 10_000})
            except StoreError as e:
                refused.append(e)
        assert len(refused) > 50, len(refused)
        assert {e.what for e in refused} == {"the run store failed: the disk is full"}, {
            e.what for e in refused
        }
        assert all(e.remedy for e in refused)
    kept = [r.id for r in store.page(limit=200)]

    for reader in (store, RunStore(Path(folder) / ".aiinfra")):
        shown = {r.id: r.state for r in reader.page(limit=200)}
        assert shown["1"] == "SUCCEEDED"
        assert shown["2"] == "FAILED", shown
        run = reader.get("2")
        assert (run.state, run.steps[0].state) == ("FAILED", "FAILED")
        assert "supervisor died" in run.error
        assert [r.id for r in reader.page(state="RUNNING")] == []
        assert [r.id for r in reader.page(state="FAILED")] == ["2"]
        assert list(shown) == kept

    ballast.unlink()
    assert store.get("2").state == "FAILED"
    run = store.create("after", "a.ipynb")
    assert run.id not in kept
    assert store.get(run.id) == run
    print("seen")


@pytest.mark.parametrize("size", ["300k", "1m"])
def test_on_a_full_disk_nothing_is_half_written_and_the_dead_are_shown_dead(on_small_disk, size):
    assert on_small_disk(live_on_a_full_disk, size) == "seen\n"


def look_at_a_read_only_disk(folder, without_shm=False):
    import os
    import subprocess
    import sys
    from pathlib import Path

    from aiinfra.errors import StoreError
    from aiinfra.runs.store import RunStore

    state = Path(folder) / ".aiinfra"
    child = os.fork()
    if child == 0:  # leads a run, and dies without closing the database: its write-ahead log stays
        store = RunStore(state)
        run = store.create("dead", "a.ipynb", steps=["train"])
        with store.hold(run.id):
            store.update_run(run.id, state="RUNNING")
            store.update_step(run.id, "train", state="RUNNING", cell=7)
            os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    assert (state / "runs.db-wal").stat().st_size > 0
    if without_shm:  # its index of the log is lost: only a copy can be recovered
        (state / "runs.db-shm").unlink()
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)

    store = RunStore(state)
    for _ in range(2):
        run = store.get("latest")
        assert (run.id, run.state, run.steps[0].cell) == ("1", "FAILED", 7), run
        assert [r.state for r in store.page(state="FAILED")] == ["FAILED"]
        assert store.page(state="RUNNING") == []
    for change in (lambda: store.create("no", "a.ipynb"), lambda: store.update_run("1", metrics={"a": 1})):
        try:
            change()
            sys.exit("a read-only store was written")
        except StoreError as e:
            assert "read-only" in e.what or "can't be opened for writing" in e.what, e.what
            assert e.remedy
    store.page(state="SUCCEEDED")
    subprocess.run(["mount", "-o", "remount,rw", folder], check=True)
    assert store.create("goes on", "a.ipynb").id == "2"
    assert store.get("1").state == "FAILED"
    store.close()

    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)  # this time all is in one file
    assert not (state / "runs.db-wal").exists()
    assert [r.name for r in RunStore(state).page()] == ["goes on", "dead"]
    print("seen")


@pytest.mark.parametrize("more", [[], ["without shm"]])
def test_a_read_only_store_is_read_with_its_last_transactions(on_small_disk, more):
    assert on_small_disk(look_at_a_read_only_disk, "4m", *more) == "seen\n"


def test_a_store_of_a_newer_aiinfra_is_left_alone(store, state):
    new(store)
    store.close()
    sql(state, "PRAGMA user_version = 99")
    before = (state / "runs.db").read_bytes()
    for use in (
        lambda: new(store),
        store.page,
        lambda: store.get("1"),
        lambda: store.update_run("1", metrics={}),
    ):
        with pytest.raises(StoreError, match="newer aiinfra") as caught:
            use()
        assert "upgrade" in caught.value.remedy
    store.close()
    assert (state / "runs.db").read_bytes() == before


def test_a_damaged_store_is_said_to_be_damaged(store, state):
    new(store)
    store.close()
    (state / "runs.db").write_bytes(b"\0\1 nonsense" * 1000)
    for use in (lambda: new(store), store.page):
        with pytest.raises(StoreError, match="damaged") as caught:
            use()
        assert "move it away" in caught.value.remedy


def test_numbers_are_not_used_again_when_the_list_is_deleted(store, state):
    for _ in range(3):
        store.events(new(store).id).append(Event.now("note", text="kept"))
    for file in state.glob("runs.db*"):
        file.unlink()
    assert store.page() == []
    assert new(store).id == "4"
    assert store.get("4").state == "PENDING"


def test_the_folder_of_a_number_that_was_never_given_away_is_taken(store):
    (store.folder / "1").mkdir(parents=True)
    assert new(store).id == "1"


# -- the list -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    "100,000 runs of 100 notebooks, two in a hundred failed, none alive."
    state = tmp_path_factory.mktemp("big")
    store = RunStore(state)
    store.update_run(new(store).id, state="SUCCEEDED")
    rows = (
        (n, f"sweep {n % 7}", f"nb/{n % 100}.ipynb", "FAILED" if n % 50 == 0 else "SUCCEEDED", float(n))
        for n in range(2, 100_001)
    )
    db = sqlite3.connect(state / "runs.db")
    with db:
        db.executemany(
            "INSERT INTO runs (id, name, source, target, state, created, metrics, user, arguments, booted)"
            " VALUES (?, ?, ?, 'local', ?, ?, '{\"auc\": 0.6}', 'ada', '{}', 'x 0')",
            rows,
        )
    db.close()
    yield store
    store.close()


def ids(runs):
    return [int(r.id) for r in runs]


def test_every_run_is_on_exactly_one_page(big):
    seen, last = [], None
    while page := big.page(limit=9000, before_id=last):
        seen += ids(page)
        last = page[-1].id
    assert seen == list(range(100_000, 0, -1))


def test_filters_choose_the_newest_that_fit(big):
    assert ids(big.page(limit=3)) == [100_000, 99_999, 99_998]
    assert ids(big.page(limit=2, state="FAILED", before_id="99950")) == [99_900, 99_850]
    assert ids(big.page(limit=2, source="nb/7.ipynb")) == [99_907, 99_807]
    assert ids(big.page(limit=2, source="nb/50.ipynb", state="FAILED")) == [99_950, 99_850]
    assert big.page(source="nb/7.ipynb", state="FAILED") == []
    assert ids(big.page(limit=2, text="SWEEP 3")) == [n for n in range(100_000, 0, -1) if n % 7 == 3][:2]
    assert ids(big.page(text="pipeline")) == [1]
    assert big.page(text="%") == big.page(text="_") == big.page(limit=0) == []


def test_runs_that_start_meanwhile_move_no_run_to_another_page(store):
    for _ in range(6):
        new(store)
    first = store.page(limit=3)
    new(store)
    assert ids(store.page(limit=3, before_id=first[-1].id)) == [3, 2, 1]


def test_a_filter_that_means_nothing_is_refused(store):
    with pytest.raises(ArgumentError, match="did you mean 'RUNNING'"):
        store.page(state="runing")
    with pytest.raises(ArgumentError, match="not the number of a run"):
        store.page(before_id="last")
