"""A page of the list at 100,000 runs, against the plain `SELECT … ORDER BY id DESC LIMIT … OFFSET …` over the same file.

    python tests/bench/bench_runs.py [--runs 100000]

The plain question is what one writes first. It is asked for the same runs: the first page, the last page, and those of one
state. The store's time holds everything that it does besides: looking for dead supervisors, and making `Run`s.
"""

import argparse
import json
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from aiinfra.runs.store import RunStore

BUDGET = 0.050


def fill(state: Path, count: int) -> RunStore:
    "A store of `count` runs, all of them over."
    store = RunStore(state)
    store.update_run(store.create("first", "nb/first.ipynb").id, state="SUCCEEDED")
    metrics, arguments = json.dumps({"auc": 0.61, "loss": 0.4}), json.dumps({"month": 1, "hidden": [64, 64]})
    rows = (
        (
            n,
            f"sweep {n % 7}",
            f"nb/{n % 100}.ipynb",
            "FAILED" if n % 50 == 0 else "SUCCEEDED",
            n,
            metrics,
            arguments,
        )
        for n in range(2, count + 1)
    )
    db = sqlite3.connect(state / "runs.db")
    with db:
        db.executemany(
            "INSERT INTO runs (id, name, source, target, state, created, metrics, arguments, user, booted)"
            " VALUES (?, ?, ?, 'local', ?, ?, ?, ?, 'ada', 'x 0')",
            rows,
        )
    db.close()
    return store


def naive(state: Path, where: str, offset: int) -> list[sqlite3.Row]:
    "The plain question, on a connection of its own."
    db = sqlite3.connect(state / "runs.db")
    try:
        return db.execute(f"SELECT * FROM runs {where} ORDER BY id DESC LIMIT 50 OFFSET {offset}").fetchall()
    finally:
        db.close()


def median(function, times: int = 15) -> float:
    "The median time of `function()`, in seconds, after one that doesn't count."
    function()
    took = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def main() -> None:
    "Print a line a question: the store's time, the plain one's, and their ratio."
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100_000)
    count = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        store = fill(state, count)
        failed, one, texts = (
            "WHERE state = 'FAILED'",
            "WHERE source = 'nb/7.ipynb'",
            "WHERE name LIKE '%first%'",
        )
        questions = {
            "first page": (store.page, lambda: naive(state, "", 0)),
            "last page": (lambda: store.page(before_id="51"), lambda: naive(state, "", count - 50)),
            "failed, last page": (
                lambda: store.page(state="FAILED", before_id="2501"),
                lambda: naive(state, failed, count // 50 - 50),
            ),
            "of one notebook": (lambda: store.page(source="nb/7.ipynb"), lambda: naive(state, one, 0)),
            "a text found once": (lambda: store.page(text="first"), lambda: naive(state, texts, 0)),
        }
        print(f"{count} runs, pages of 50; budget {BUDGET * 1000:.0f} ms")
        for name, (ours, plain) in questions.items():
            us, they = median(ours), median(plain)
            ok = "ok" if us < BUDGET else "OVER"
            print(
                f"{name:20} store {us * 1000:7.2f} ms   plain {they * 1000:7.2f} ms   ratio {us / they:6.2f}   {ok}"
            )
        store.close()


if __name__ == "__main__":
    main()
