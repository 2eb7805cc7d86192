"""One trivial notebook as a recorded run, against the `papermill` command line, which records nothing.

    python tests/bench/bench_step.py [-n RUNS]

Whole processes, taken in turns so that a busy machine slows both alike; the figures are medians. Ours compiles a
pipeline, runs it under a supervisor, and leaves a manifest, a page, and two MLflow runs.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

BIN = Path(sys.executable).parent


def write_project(folder: Path) -> None:
    "A project with one notebook of three cells."
    (folder / "settings.ini").write_text("[aiinfra]\nproject = bench\n")
    nb = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    nb.cells = [
        nbformat.v4.new_code_cell("month: int = 1", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("following = month + 1"),
        nbformat.v4.new_code_cell("print(following)"),
    ]
    nbformat.write(nb, folder / "trivial.ipynb")


def seconds(folder: Path, *command: str) -> float:
    "What `command` takes in `folder`."
    begin = time.perf_counter()
    subprocess.run([BIN / command[0], *command[1:]], cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - begin


def to_first_cell(folder: Path) -> float:
    "Seconds from the newest run's submission to its first cell."
    run = max((folder / ".aiinfra/runs").iterdir(), key=lambda p: int(p.name))
    submitted = (run / "plan.json").stat().st_mtime
    events = map(json.loads, (run / "events.jsonl").read_text().splitlines())
    return next(e["time"] for e in events if e["kind"] == "cell-started") - submitted


def main() -> None:
    "Print the medians and their ratio."
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", "--runs", type=int, default=5, help="runs of each (default 5)")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_project(folder)
        ours = ("aiinfra", "run", "trivial.ipynb", "-p", "month=3")
        theirs = ("papermill", "trivial.ipynb", "out.ipynb", "-p", "month", "3")
        seconds(folder, *ours), seconds(folder, *theirs)  # MLflow makes its database once
        rows = [
            (seconds(folder, *ours), to_first_cell(folder), seconds(folder, *theirs)) for _ in range(runs)
        ]
    run, first, papermill = (statistics.median(column) for column in zip(*rows, strict=True))
    print(
        f"aiinfra run                {run:6.2f} s, median of {runs} (submitted to first cell: {first:.2f} s)"
    )
    print(f"papermill command line     {papermill:6.2f} s, median of {runs}")
    print(f"ratio                      {run / papermill:6.2f}")


if __name__ == "__main__":
    main()
