"""One notebook in one kernel that prints, displays, clears, updates and fails in every way; and what is kept of it."""

import json
import textwrap

import nbformat
import pytest

from aiinfra.config import RunSettings
from aiinfra.step.execute import execute
from aiinfra.step.workspace import open_workspace

CODE = nbformat.v4.new_code_cell
LIMIT = 10_000
CELLS = {
    "too much": "for i in range(100_000): print('line', i)",
    "at once": "print('x' * 3_000_000)",
    "unicode": "print('ü' * 20_000)",
    "both streams": """
        import sys
        for i in range(3):
            print('out', i, flush=True)
            print('err', i, file=sys.stderr, flush=True)""",
    "progress": """
        import sys
        for i in range(20_000):
            sys.stderr.write(f'\\r{i} of the way')
            if i % 100 == 0: sys.stderr.flush()
        sys.stderr.write('\\n'); sys.stderr.flush()
        print('auc 0.664')""",
    "animation": """
        from IPython.display import clear_output
        for i in range(60):
            clear_output(wait=True)
            print(f'epoch {i}', '#' * 1000, flush=True)""",
    "cleared": "print('#' * 9000, flush=True); clear_output(); print('#' * 9000, flush=True); print('seen')",
    "update": """
        from IPython.display import display, HTML, JSON
        handle = display('first', display_id=True)
        handle.update('second')""",
    "update earlier": "handle.update('third')",
    "picture": "display({'text/plain': 'small', 'image/png': 'A' * 150_000}, raw=True)",
    "big page": "display({'text/html': 'x' * 300_000}, raw=True); print('after')",
    "big json": "display({'application/json': {'data': 'x' * 300_000}}, raw=True)",
    "big update": """
        big = display('small', display_id=True)
        big.update({'text/html': 'x' * 300_000}, raw=True)""",
    "nan": "display({'application/json': {'loss': float('nan')}}, raw=True)",
    "widget": """
        import ipywidgets
        display(ipywidgets.IntSlider(value=7))
        out = ipywidgets.Output()
        display(out)
        with out:
            print('inside the widget')
        print('beside it')""",
    "comm": """
        from comm import create_comm
        comm = create_comm(target_name='of-somebody-else', data={'a': 1})
        comm.send({'b': 2})
        print('sent')""",
    "magic": "%time sum(range(10))\n!echo from a shell",
    "bash": "%%bash\necho from bash; exit 0",
    "allowed": "1 / 0",
    "empty": "   \n",
    "background": """
        import threading, time
        threading.Thread(target=lambda: (time.sleep(0.2), print('from a thread'))).start()
        time.sleep(0.5)""",
    "shadow": """
        json = open = list = dict = globals = print = exec = str = isinstance = None
        auc = 0.664""",
}
MARKDOWN = nbformat.v4.new_markdown_cell("# Train\n\nSome prose.")


@pytest.fixture(scope="module")
def run(lab):
    "The executed notebook, what was told while it ran, and the execution."
    parameters = CODE(
        "month: int = 1\nnote: str = ''\nrate: float = 1.0\nauc: Output[float]",
        metadata={"tags": ["parameters"]},
        id="parameters",
    )
    source = [CODE("from aiinfra import Output", id="imports"), MARKDOWN, parameters]
    for name, code in CELLS.items():
        tags = ["raises-exception"] if name == "allowed" else []
        cell = CODE(textwrap.dedent(code).lstrip("\n"), id=name.replace(" ", "-"), metadata={"tags": tags})
        source.append(cell)
    notebook = lab.notebook()
    notebook.cells = source
    address = lab.bundle(notebook)
    workspace = open_workspace(address, str(lab.root / "store"), "train.ipynb", lab.root / "work")
    before = (workspace.root / "train.ipynb").read_bytes()
    events = []
    execution = execute(
        workspace,
        {"month": 3, "note": "lone \ud800", "rate": float("inf")},
        lab.root / "executed.ipynb",
        RunSettings(cell_output_limit=LIMIT),
        emit=lambda kind, **data: events.append((kind, data)),
        env=lab.env | {"MLFLOW_TRACKING_URI": "", "MLFLOW_RUN_ID": ""},
    )
    assert execution.error is None
    assert (workspace.root / "train.ipynb").read_bytes() == before
    yield lab.root / "executed.ipynb", events, execution


@pytest.fixture
def outputs(run):
    "The outputs of a cell, as the executed notebook has them."
    cells = {c["id"]: c for c in json.loads(run[0].read_text())["cells"]}
    return lambda name: cells[name.replace(" ", "-")]["outputs"]


@pytest.fixture
def text(outputs):
    "What a cell printed."

    def text(name):
        return "".join("".join(o["text"]) for o in outputs(name) if o["output_type"] == "stream")

    return text


def test_a_cell_that_prints_too_much_is_cut_and_says_so(text):
    shown, _, note = text("too much").rpartition("\n[aiinfra: ")
    assert shown.startswith("line 0\nline 1\n")
    assert len(shown) == LIMIT
    total = sum(len(f"line {i}\n") for i in range(100_000))
    assert note == f"{total - LIMIT:,} more bytes of output were not kept ([run] cell_output_limit)]\n"


def test_one_text_that_is_too_long_is_kept_as_far_as_it_fits(text):
    assert text("at once").startswith("x" * LIMIT + "\n[aiinfra: 2,990,001 more bytes")


def test_the_limit_counts_bytes_and_cuts_between_letters(text):
    assert text("unicode").startswith("ü" * (LIMIT // 2) + "\n[aiinfra: ")


def test_what_a_stream_goes_on_to_say_is_one_output(outputs):
    assert len(outputs("too much")) == 2  # the text, and the note about the rest
    assert [(o["name"], "".join(o["text"])) for o in outputs("both streams")][:2] == [
        ("stdout", "out 0\n"),
        ("stderr", "err 0\n"),
    ]


def test_a_progress_bar_leaves_its_last_state_and_room_for_results(text):
    assert text("progress") == "19999 of the way\nauc 0.664\n"


def test_an_animation_counts_as_what_stays_to_be_seen(text):
    assert text("animation") == f"epoch 59 {'#' * 1000}\n"
    assert text("cleared") == "#" * 9000 + "\nseen\n"


def test_a_display_is_updated_in_place_also_from_a_later_cell(outputs):
    assert outputs("update")[0]["data"]["text/plain"] == ["'third'"]
    assert outputs("update earlier") == []


def test_pictures_may_be_bigger_than_text(outputs):
    assert len("".join(outputs("picture")[0]["data"]["image/png"])) == 150_000


@pytest.mark.parametrize("name", ["big page", "big json"])
def test_a_display_beyond_its_limit_is_left_out_and_that_is_said(outputs, text, name):
    assert not [o for o in outputs(name) if o["output_type"] == "display_data"]
    assert "more bytes of output were not kept" in text(name)


def test_what_is_printed_after_a_display_that_was_left_out_is_kept(text):
    assert text("big page").startswith("after\n")


def test_an_update_beyond_the_limit_leaves_the_display_as_it_was(outputs, text):
    assert outputs("big update")[0]["data"]["text/plain"] == ["'small'"]
    assert "more bytes of output were not kept" in text("big update")


def test_the_executed_notebook_is_json_that_a_browser_reads(run):
    def refuse(constant):
        raise AssertionError(constant)

    json.loads(run[0].read_text(encoding="utf-8"), parse_constant=refuse)


def test_widgets_and_their_state_are_kept(run, outputs):
    widget = "application/vnd.jupyter.widget-view+json"
    assert widget in outputs("widget")[0]["data"]
    state = json.loads(run[0].read_text())["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]
    assert state["state"][outputs("widget")[0]["data"][widget]["model_id"]]["state"]["value"] == 7
    assert outputs("widget")[-1]["text"] == ["beside it\n"]
    printed = [s["state"]["outputs"] for s in state["state"].values() if s["model_name"] == "OutputModel"]
    assert printed[0][0]["text"] == "inside the widget\n"


@pytest.mark.parametrize(
    ("name", "printed"),
    [("comm", "sent\n"), ("bash", "from bash\n"), ("background", "from a thread\n")],
)
def test_other_things_that_cells_do(text, name, printed):
    assert text(name) == printed


def test_magics_run(text):
    assert "from a shell" in text("magic")


def test_a_cell_that_may_raise_does(outputs):
    assert outputs("allowed")[0]["ename"] == "ZeroDivisionError"


def test_outputs_are_read_back_whatever_the_notebook_calls_its_variables(run):
    assert run[2].values == {"auc": 0.664}


def test_progress_counts_the_cells_that_run_and_names_those_of_the_source(run):
    started = [data for kind, data in run[1] if kind == "cell-started"]
    total = len(CELLS) + 2  # the imports, the parameters, the injected cell; but not the empty one
    assert [s["index"] for s in started] == list(range(1, total + 1))
    assert {s["total"] for s in started} == {total}
    assert [(s["cell"], s["id"]) for s in started[:4]] == [
        (1, "imports"),
        (3, "parameters"),
        (0, "injected-parameters"),
        (4, "too-much"),
    ]
    numbers = [s["cell"] for s in started[3:]]
    empty = 4 + list(CELLS).index("empty")
    assert numbers == [n for n in range(4, 4 + len(CELLS)) if n != empty]


def test_every_cell_that_starts_is_said_to_finish(run):
    finished = [data for kind, data in run[1] if kind == "cell-finished"]
    assert [f["index"] for f in finished] == [
        data["index"] for kind, data in run[1] if kind == "cell-started"
    ]
    assert {f["state"] for f in finished} == {"SUCCEEDED"}
    assert all(f["seconds"] >= 0 for f in finished)
    assert [t["id"] for t in run[2].timings] == [f["id"] for f in finished]


def test_what_cells_print_is_told_while_they_run_up_to_the_same_limit(run):
    events, running = run[1], None
    told = {}
    for kind, data in events:
        running = data["id"] if kind == "cell-started" else running
        if kind == "log":
            told[running] = told.get(running, "") + data["text"]
    assert told["both-streams"].startswith("out 0\n")
    for name, text in told.items():
        assert len(text.encode()) < LIMIT + 200, name


def test_the_arguments_are_in_a_cell_of_their_own_and_in_the_metadata(run):
    notebook = json.loads(run[0].read_text())
    injected = next(c for c in notebook["cells"] if c["id"] == "injected-parameters")
    assert "month = 3" in "".join(injected["source"])
    assert notebook["metadata"]["papermill"]["parameters"] == {
        "month": 3,
        "note": "lone \ud800",
        "rate": "Infinity",
    }
    assert notebook["metadata"]["papermill"]["input_path"] == "train.ipynb"
    assert str(run[0].parent) not in json.dumps(notebook["metadata"])


def test_states_of_cells(run):
    notebook = json.loads(run[0].read_text())
    assert {c["metadata"]["papermill"]["status"] for c in notebook["cells"]} == {"completed"}
    assert notebook["metadata"]["papermill"]["exception"] is False
