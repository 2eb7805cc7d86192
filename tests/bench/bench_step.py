"""One trivial notebook by `aiinfra run`, against the same by the `papermill` command line.

    python tests/bench/bench_step.py [-n 5]

Whole processes, from the start of the program to its end, taken in turns so that a busy machine slows both alike; the
figures are medians. Also how long it takes until the first cell runs. papermill runs the notebook and saves it; `aiinfra
run` also bundles the code, records the run in MLflow and in the run store, and makes the page of the executed notebook.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CELLS = (
    "import os, pathlib, time\npathlib.Path(os.environ['FIRST_CELL']).write_text(str(time.time()))",
    "total = sum(range(1000))",
    "print(total)",
)


def write_notebook(path: Path) -> None:
    "A notebook of three trivial cells."
    cells = [
        {
            "cell_type": "code",
            "id": f"c{i}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for i, source in enumerate(CELLS)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content))


def measure(argv: list[str], folder: Path) -> tuple[float, float]:
    "Seconds until the first cell runs, and until the process has ended."
    first = folder / "first"
    env = os.environ | {"FIRST_CELL": str(first), "DO_NOT_TRACK": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}
    begin = time.time()
    subprocess.run(argv, cwd=folder, env=env, check=True, capture_output=True)
    return float(first.read_text()) - begin, time.time() - begin


def main() -> None:
    "Print both medians and their ratio, to the first cell and in all."
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "-n", type=int, default=5, help="times that each is run (at least 5 for a figure to quote)"
    )
    count = parser.parse_args().n
    programs = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_notebook(folder / "trivial.ipynb")
        (folder / "settings.ini").touch()
        ours = [str(programs / "aiinfra"), "run", "trivial.ipynb"]
        theirs = [str(programs / "papermill"), "trivial.ipynb", "executed.ipynb"]
        measure(ours, folder)  # makes MLflow's database, once in a project's life
        measure(theirs, folder)
        pairs = [(measure(ours, folder), measure(theirs, folder)) for _ in range(count)]
    print(f"one notebook of {len(CELLS)} trivial cells, {count} times each in turns, medians")
    for index, title in enumerate(("to the first cell", "whole process")):
        us, they = (statistics.median(pair[who][index] for pair in pairs) for who in (0, 1))
        print(f"{title:20} aiinfra run {us:6.2f} s   papermill {they:6.2f} s   ratio {us / they:5.2f}")


if __name__ == "__main__":
    main()
