"""What people learn when they put runs side by side."""

import pytest

from aiinfra.errors import NotFound
from aiinfra.project.data import Version
from aiinfra.project.environment import Environment, packages_sha256
from aiinfra.project.git import GitState
from aiinfra.runs.store import RunStore
from aiinfra.step.outputs import Produced
from aiinfra.step.record import Manifest, NotebookRecord, write_manifest
from aiinfra.step.workspace import Placed
from aiinfra.targets.compare import compare


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path)


def environment(packages, **changes):
    usual = {
        "python": "3.11.7",
        "implementation": "CPython",
        "platform": "Linux",
        "os": "Debian",
        "cpu": "EPYC",
        "cpu_count": 2,
        "memory": 2**34,
        "gpus": (),
        "driver": None,
        "lock": "uv.lock",
        "lock_sha256": "1" * 64,
        "image": None,
        "flags": {},
    }
    return Environment(**{**usual, **changes}, packages=packages, packages_sha256=packages_sha256(packages))


def run(store, arguments=None, steps=(("train", {}),), name="train"):
    "A run that has ended, whose steps left these manifests."
    made = store.create(name, f"{name}.ipynb", arguments=arguments, steps=[step for step, _ in steps])
    for step, more in steps:
        folder = store.run_dir(made.id) / "steps" / step
        folder.mkdir(parents=True)
        usual = {
            "bundle": "sha256:" + "a" * 64,
            "git": GitState("c" * 40),
            "notebook": NotebookRecord(path=f"{step}.ipynb", sha256="b" * 64, cells={}),
            "environment": environment({"numpy": "2.0"}),
        }
        manifest = Manifest(run=made.id, task=step, state="SUCCEEDED", started=0, **{**usual, **more})
        write_manifest(manifest, folder)
    return made.id


def rows(found, group):
    return {row.name: row.values for row in found.groups[group]}


def different(found):
    return {f"{group}.{row.name}" for group, rows in found.groups.items() for row in rows if row.differs}


def test_runs_that_are_the_same_differ_in_nothing(store):
    found = compare(store, [run(store, {"x": 1}), run(store, {"x": 1})])
    assert different(found) == set()
    assert rows(found, "parameters") == {"x": [1, 1]}
    assert list(found.groups) == ["parameters", "data", "code", "environment", "metrics"]


def test_what_differs_comes_first_and_the_rest_keeps_its_order(store):
    ids = [run(store, {"a": 1, "b": 1, "c": 1, "d": 1}), run(store, {"a": 1, "b": 2, "c": 1, "d": 2})]
    assert list(rows(compare(store, ids), "parameters")) == ["b", "d", "a", "c"]


def test_a_default_that_a_run_was_not_given_is_compared_with_one_that_was_given(store):
    plain = run(store, {}, [("train", {"arguments": {"x": 1}})])
    given = run(store, {"x": 3}, [("train", {"arguments": {"x": 3}})])
    same = run(store, {"x": 1}, [("train", {"arguments": {"x": 1}})])
    assert rows(compare(store, [plain, given]), "parameters") == {"x": [1, 3]}
    assert different(compare(store, [plain, same])) == set()


def test_steps_that_disagree_get_a_row_each(store):
    steps = [("learn", {"arguments": {"x": 1}}), ("later", {"arguments": {"x": 2}})]
    found = compare(store, [run(store, {"x": 1}, steps), run(store, {"x": 1}, steps)])
    assert rows(found, "parameters") == {"x": [1, 1], "learn.x": [1, 1], "later.x": [2, 2]}


def test_runs_of_different_pipelines_are_compared_by_the_names_that_they_share(store):
    one = run(store, {"x": 1}, [("train", {"outputs": [Produced("auc", value=0.5)]})])
    other = run(store, {"y": 1}, [("fit", {"outputs": [Produced("auc", value=0.75)]})], name="fit")
    found = compare(store, [one, other])
    assert rows(found, "parameters") == {"x": [1, None], "y": [None, 1]}
    assert rows(found, "metrics") == {"auc": [0.5, 0.75]}
    assert rows(found, "code")["train.ipynb"] == ["bbbbbbbb", None]
    assert {"parameters.x", "parameters.y", "metrics.auc", "code.source", "code.train.ipynb"} <= different(
        found
    )


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1, 1.0, True),
        (float("nan"), float("nan"), True),
        (1, True, False),
        ("1", 1, False),
        ([1, 2], [2, 1], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ("x" * 5000 + "y", "x" * 5000 + "z", False),
        (0.1 + 0.2, 0.3, False),
    ],
    ids=["int-float", "nan", "bool", "text", "order", "keys", "long", "close"],
)
def test_what_counts_as_the_same(store, left, right, same):
    found = compare(store, [run(store, {"x": left}), run(store, {"x": right})])
    assert ("parameters.x" not in different(found)) is same


def test_a_very_long_value_is_shown_by_its_beginning(store):
    (row,) = compare(store, [run(store, {"x": "é" * 5000})]).groups["parameters"]
    assert row.values == ["é" * 1000 + "…"]


def test_data_is_the_same_by_its_content_not_by_the_commit_that_holds_it(store):
    def placed(md5, rev):
        version = Version("data/f.parquet", md5, 1, "clean", rev=rev)
        return {"inputs": [Placed("flights", "data/f.parquet", md5, 1, version)]}

    ids = [
        run(store, steps=[("train", placed(md5, rev))])
        for md5, rev in (("1" * 32, "abcdef1234"), ("1" * 32, "fedcba"))
    ]
    found = compare(store, ids)
    assert rows(found, "data") == {"flights": ["11111111 @ abcdef1", "11111111 @ fedcba"]}
    assert "data.flights" not in different(found)
    changed = run(store, steps=[("train", placed("2" * 32, None))])
    assert "data.flights" in different(compare(store, [ids[0], changed]))


def test_two_different_changes_of_the_same_commit_are_different_code(store):
    ids = [
        run(store, steps=[("train", {"git": GitState("c" * 40, dirty=True, patch=patch)})])
        for patch in ("-a\n+b", "-a\n+c")
    ]
    found = compare(store, ids)
    assert rows(found, "code")["commit"] == ["c" * 10] * 2
    assert rows(found, "code")["uncommitted changes"] == [True, True]
    assert different(found) == {"code.uncommitted changes"}


def test_of_the_packages_only_those_that_differ_are_listed(store):
    first = {"numpy": "2.0", "pandas": "2.3", "torch": "2.13"}
    second = {"numpy": "2.1", "pandas": "2.3"}
    ids = [run(store, steps=[("train", {"environment": environment(p)})]) for p in (first, second)]
    listed = {k: v for k, v in rows(compare(store, ids), "environment").items() if k.startswith("package")}
    assert listed == {"package numpy": ["2.0", "2.1"], "package torch": ["2.13", None]}


def test_a_run_that_has_not_begun_is_not_different_for_what_is_unknown(store):
    begun = run(store, {"x": 1}, [("train", {"arguments": {"x": 1, "y": 2}})])
    waiting = store.create("train", "train.ipynb", arguments={"x": 1}, steps=["train"]).id
    found = compare(store, [begun, waiting])
    assert rows(found, "parameters") == {"x": [1, 1], "y": [2, None]}
    assert different(found) == set()


def test_a_step_that_goes_on_shows_the_numbers_that_it_has_told(store):
    made = store.create("train", "train.ipynb", steps=["train"])
    store.update_run(made.id, state="RUNNING")
    store.update_step(made.id, "train", state="RUNNING", metrics={"loss": 0.25})
    with store.hold(made.id):
        assert rows(compare(store, [made.id]), "metrics") == {"loss": [0.25]}


def test_a_damaged_manifest_is_left_out_and_told(store):
    good, bad = run(store), run(store)
    (store.run_dir(bad) / "steps/train/manifest.json").write_text("{")
    found = compare(store, [good, bad])
    assert len(found.notes) == 1
    assert found.notes[0].startswith(f"run {bad}, train: manifest.json is left out: ")
    assert rows(found, "code")["train.ipynb"] == ["bbbbbbbb", None]


def test_a_run_named_twice_is_one_column(store):
    assert [r.id for r in compare(store, [run(store), "latest", "1"]).runs] == ["1"]


def test_a_run_that_is_not_there_is_told(store):
    run(store)
    with pytest.raises(NotFound, match="99"):
        compare(store, ["1", "99"])
