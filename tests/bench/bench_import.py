"""What `import aiinfra` costs, against the start of Python alone.

    python tests/bench/bench_import.py

Each is a fresh process; the figure is the median of many, taken in turns so that a busy machine slows both alike.
"""

import statistics
import subprocess
import sys
import time

BUDGET = 0.050
STATEMENTS = {
    "import aiinfra": "import aiinfra",
    "interface, settings, errors": "import aiinfra.notebook.interface, aiinfra.config, aiinfra.errors",
    "the run store": "import aiinfra.runs.store",
    "the command line": "import aiinfra.cli.main",
    "(papermill, to compare)": "import papermill",
}


def start(statement: str) -> float:
    "Seconds that a fresh interpreter takes for `statement`."
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True, capture_output=True)
    return time.perf_counter() - begin


def main() -> None:
    "Print a line a statement: the time over bare Python's start, and the ratio of both."
    print(f"budget of `import aiinfra`: {BUDGET * 1000:.0f} ms over Python's own start")
    for name, statement in STATEMENTS.items():
        start(statement)
        pairs = [(start("pass"), start(statement)) for _ in range(11)]
        bare, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(
            f"{name:30} {(ours - bare) * 1000:8.1f} ms over {bare * 1000:5.1f} ms   ratio {ours / bare:6.2f}"
        )


if __name__ == "__main__":
    main()
