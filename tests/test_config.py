"""`settings.ini` and the environment: what is read, who wins, and what is refused."""

import dataclasses
import os
import typing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiinfra.config import SECTIONS, PlatformSettings, Settings, env_name, find_root, load_settings
from aiinfra.errors import ConfigError

FIELDS = [(section, f) for section, kind in SECTIONS.items() for f in dataclasses.fields(kind)]
IDS = [f"{section}.{f.name}" for section, f in FIELDS]


def load(folder, text="", **env):
    (folder / "settings.ini").write_text(text, encoding="utf-8")
    return load_settings(folder, env=env)


def other(section, field):
    "A valid text for the field that isn't its default, and the value that it means."
    kind = typing.get_type_hints(SECTIONS[section])[field.name]
    if typing.get_origin(kind) is typing.Literal:
        text = next(choice for choice in typing.get_args(kind) if choice != field.default)
        return text, text
    if typing.get_origin(kind) is tuple:
        return "a, b", ("a", "b")
    if kind in (int, int | None):
        return "4711", 4711
    if kind is float:
        return "0.77", 0.77
    assert kind is str
    return "other", "other"


# -- what is read ----------------------------------------------------------------------------------------------------


def test_without_a_file_everything_has_its_default(tmp_path):
    assert load_settings(tmp_path, env={}) == Settings(tmp_path)
    assert load(tmp_path, "") == Settings(tmp_path)
    assert load(tmp_path, "[aiinfra]\n[run]\n# nothing\n") == Settings(tmp_path)


@pytest.mark.parametrize(("section", "field"), FIELDS, ids=IDS)
def test_every_key_is_read_from_the_file_and_from_the_environment_which_wins(tmp_path, section, field):
    text, value = other(section, field)
    before = getattr(getattr(Settings(tmp_path), section), field.name)
    from_file = load(tmp_path, f"[{section}]\n{field.name} = {text}\n")
    assert getattr(getattr(from_file, section), field.name) == value != before
    variable = env_name(section, field.name)
    from_env = load(tmp_path, "", **{variable: text})
    assert getattr(getattr(from_env, section), field.name) == value
    default = "" if before in ((), None, "") else str(before)
    both = load(tmp_path, f"[{section}]\n{field.name} = {default}\n", **{variable: text})
    assert getattr(getattr(both, section), field.name) == value


@pytest.mark.parametrize(("section", "field"), FIELDS, ids=IDS)
def test_every_key_says_what_it_means(section, field):
    source = Path(__import__("aiinfra.config").config.__file__).read_text(encoding="utf-8")
    _, _, after = source.partition(f"class {SECTIONS[section].__name__}")[2].partition(
        f"\n    {field.name}: "
    )
    assert after.splitlines()[1].strip().startswith('"'), "the line below it is its description"


def test_no_two_keys_share_an_environment_variable():
    names = [env_name(section, f.name) for section, f in FIELDS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("text", ["a,b", "a, b", "\n  a\n  b", "a,\n  b,", " a ,, b "])
def test_lists_are_separated_by_commas_or_lines(tmp_path, text):
    assert load(tmp_path, f"[bundle]\ninclude = {text}\n").bundle.include == ("a", "b")


def test_percent_signs_dollars_and_equals_signs_are_themselves(tmp_path):
    settings = load(tmp_path, "[aiinfra]\nproject = 100% $HOME ${x} a=b: c # d\n")
    assert settings.project == "100% $HOME ${x} a=b: c # d"


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("section", "field"), FIELDS, ids=IDS)
def test_a_misspelt_key_is_refused_with_the_nearest(tmp_path, section, field):
    wrong = f"{field.name}x"
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, f"[{section}]\n{wrong} = 1\n")
    assert repr(wrong) in refused.value.what
    assert refused.value.remedy == f"did you mean {field.name!r}?"
    with pytest.raises(ConfigError, match=env_name(section, wrong)):
        load(tmp_path, "", **{env_name(section, wrong): "1"})


NUMBERS = [(s, f) for s, f in FIELDS if isinstance(f.default, int | float) or "timeout" in f.name]


@pytest.mark.parametrize(("section", "field"), NUMBERS, ids=[f"{s}.{f.name}" for s, f in NUMBERS])
@pytest.mark.parametrize("text", ["ten", "1,5", "-1", "nan", "1 s"])
def test_a_number_that_is_none_or_makes_no_sense_is_refused_by_name(tmp_path, section, field, text):
    for settings_text, env in (
        (f"[{section}]\n{field.name} = {text}\n", {}),
        ("", {env_name(section, field.name): text}),
    ):
        with pytest.raises(ConfigError) as refused:
            load(tmp_path, settings_text, **env)
        assert field.name in refused.value.what
        assert "got" in refused.value.what
        place = env_name(section, field.name) if env else "settings.ini"
        assert refused.value.where.file == place


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("[runs]\n", "unknown section [runs]", None),
        ("[target:prod]\n", "unknown section [target:prod]", None),
        ("[DEFAULT]\nproject = x\n", "unknown section [DEFAULT]", None),
        ("project = x\n", "above the first [section]", 1),
        ("[run]\ncell_timeout\n", "no =", 2),
        ("[run]\ncell_timeout = 1\nCELL_TIMEOUT = 2\n", "cell_timeout is given twice in [run]", 3),
        ("[run]\n[bundle]\n[run]\n", "[run] begins twice", 3),
        ("[drift]\nnumerical_method = ks\n", "numerical_method must be one of wasserstein", None),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_line(tmp_path, text, words, line):
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, text)
    assert words in refused.value.what
    assert refused.value.where.line == line


def test_a_file_that_is_no_text_or_no_file_is_told(tmp_path):
    (tmp_path / "settings.ini").write_bytes(b"[aiinfra]\nproject = \xff\xfe\n")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_settings(tmp_path, env={})
    (tmp_path / "settings.ini").unlink()
    (tmp_path / "settings.ini").mkdir()
    with pytest.raises(ConfigError, match="directory"):
        load_settings(tmp_path, env={})


@given(st.text())
def test_whatever_the_file_holds_it_is_read_or_refused_in_words(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("any")
    (folder / "settings.ini").write_text(text, encoding="utf-8", errors="replace")
    try:
        settings = load_settings(folder, env={})
    except ConfigError as error:
        assert error.where.file == "settings.ini"
    else:
        assert settings.root == folder


def test_variables_of_others_and_those_between_processes_are_let_be(tmp_path):
    env = {
        "PATH": "x",
        "AIINFRA": "x",
        "_AIINFRA_COMPLETE": "bash_complete",
        "AIINFRA_DEBUG": "1",
        "AIINFRA_RUN": "7",
    }
    assert load(tmp_path, "", **env) == Settings(tmp_path)


def test_the_environment_is_the_process_s_own_if_none_is_given(tmp_path, monkeypatch):
    monkeypatch.setenv("AIINFRA_EXPERIMENT", "mine")
    assert load_settings(tmp_path).experiment == "mine"


# -- what is worked out ----------------------------------------------------------------------------------------------


def test_what_is_empty_is_worked_out_from_the_folder(tmp_path):
    settings = load(tmp_path)
    assert settings.state == tmp_path / ".aiinfra"
    assert settings.project == settings.experiment == tmp_path.name
    assert settings.tracking_uri == f"sqlite:///{tmp_path}/.aiinfra/mlflow.db"
    assert settings.store == f"{tmp_path}/.aiinfra/store"
    named = load(tmp_path, "[aiinfra]\nproject = flights\n")
    assert (named.project, named.experiment) == ("flights", "flights")
    assert load(tmp_path, "[aiinfra]\nproject = flights\nexperiment = late\n").experiment == "late"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("http://mlflow.example.org:5000", "http://mlflow.example.org:5000"),
        ("databricks", "databricks"),
        ("databricks://profile", "databricks://profile"),
        ("sqlite:///mlflow.db", "sqlite:///ROOT/mlflow.db"),
        ("sqlite:////data/mlflow.db", "sqlite:////data/mlflow.db"),
        ("postgresql://ada@db/mlflow", "postgresql://ada@db/mlflow"),
        ("mlruns", "ROOT/mlruns"),
        ("/data/mlruns", "/data/mlruns"),
    ],
)
def test_where_mlflow_records_does_not_depend_on_the_current_folder(tmp_path, given, meant):
    assert load(tmp_path, f"[aiinfra]\ntracking_uri = {given}\n").tracking_uri == meant.replace(
        "ROOT", str(tmp_path)
    )


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("s3://bucket/aiinfra", "s3://bucket/aiinfra"),
        ("shared/store", "ROOT/shared/store"),
        ("/data/store", "/data/store"),
    ],
)
def test_where_artifacts_go_does_not_depend_on_the_current_folder(tmp_path, given, meant):
    assert load(tmp_path, f"[aiinfra]\nstore = {given}\n").store == meant.replace("ROOT", str(tmp_path))


def test_settings_are_values():
    assert dataclasses.replace(PlatformSettings(), project="x") == PlatformSettings(project="x")
    with pytest.raises(dataclasses.FrozenInstanceError):
        PlatformSettings().project = "x"


# -- the project's folder --------------------------------------------------------------------------------------------


def test_the_project_is_the_nearest_folder_that_says_so(tmp_path):
    (inner := tmp_path / "a/b/c").mkdir(parents=True)
    assert find_root(inner) in (inner, *inner.parents)
    (tmp_path / ".git").mkdir()
    assert find_root(inner) == tmp_path
    (tmp_path / "a/pyproject.toml").touch()
    assert find_root(inner) == tmp_path / "a"
    (tmp_path / "settings.ini").touch()
    assert find_root(inner) == tmp_path, "settings.ini before all others"
    (tmp_path / "a/b/settings.ini").touch()
    assert find_root(inner) == tmp_path / "a/b"
    (inner / "n.ipynb").touch()
    assert find_root(inner / "n.ipynb") == find_root(inner / "not there.ipynb") == tmp_path / "a/b"


def test_links_are_followed_and_those_to_themselves_let_be(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real/settings.ini").touch()
    (tmp_path / "link").symlink_to("real")
    assert find_root(tmp_path / "link/n.ipynb") == tmp_path / "real"
    (tmp_path / "real/loop").symlink_to("loop")
    assert find_root(tmp_path / "real/loop") == tmp_path / "real"


def test_a_bare_folder_is_a_project_of_its_own(tmp_path):
    above = [
        p
        for p in tmp_path.parents
        if any((p / mark).exists() for mark in ("settings.ini", "pyproject.toml", ".git"))
    ]
    assert not above, "the test needs a folder that is in no project"
    assert find_root(tmp_path) == tmp_path
    assert find_root(Path(os.path.relpath(tmp_path))) == tmp_path


def test_the_settings_of_this_project_are_valid():
    assert load_settings(Path(__file__).parent.parent, env={}).project == "aiinfra"
