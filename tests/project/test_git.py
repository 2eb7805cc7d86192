import subprocess

from aiinfra.project.git import _patch, _status, git_state


def apply(repo, state):
    "What the tree is when the patch is applied to the recorded commit."
    repo.git("reset", "-q", "--hard")
    repo.git("clean", "-qfd")
    patch = state.patch.encode("utf-8", "surrogateescape")
    subprocess.run(["git", "apply"], cwd=repo.root, input=patch, check=True)


def test_outside_of_a_repository_there_is_nothing_to_tell(folder):
    assert git_state(folder.root).commit is None


def test_before_the_first_commit_branch_and_untracked_files_are_known(repo):
    repo.write("a.py")
    state = git_state(repo.root)
    assert (state.commit, state.branch, state.untracked, state.dirty) == (None, "main", ("a.py",), True)


def test_a_clean_tree_is_clean(repo):
    repo.write("a.py")
    commit = repo.commit()
    state = git_state(repo.root)
    assert (state.commit, state.dirty, state.patch, state.untracked) == (commit, False, "", ())
    assert state.author == "Ada <ada@example.org>"


def test_the_patch_brings_back_text_bytes_deletions_new_files_and_odd_names(repo):
    names = ["a b.py", "é.py", 'quo"te.py', "latin.txt", "gone.py", "data.bin"]
    for name in names:
        repo.write(name, "1\n")
    repo.commit()
    contents = {
        "a b.py": b"2\n",
        "é.py": b"3\n",
        'quo"te.py': b"4\n",
        "latin.txt": b"\xe9\xe8\n",
        "data.bin": bytes(range(256)) * 20,
    }
    for name, content in contents.items():
        repo.write(name, content)
    (repo.root / "gone.py").unlink()
    repo.write("new.py", "5\n")
    repo.git("add", "-N", "new.py")
    state = git_state(repo.root)
    assert state.left_out == ()
    apply(repo, state)
    assert {n: (repo.root / n).read_bytes() for n in contents} == contents
    assert not (repo.root / "gone.py").exists()
    assert (repo.root / "new.py").read_text() == "5\n"


def test_a_detached_head_has_no_branch(repo):
    repo.write("a.py")
    repo.commit()
    repo.git("checkout", "-q", "--detach")
    assert git_state(repo.root).branch is None


def test_only_the_project_s_own_part_of_a_bigger_repository_counts(repo):
    repo.write("other/x.py", "1\n")
    repo.write("project/y.py", "1\n")
    repo.commit()
    repo.write("other/x.py", "2\n")
    assert not git_state(repo.root / "project").dirty
    repo.write("project/y.py", "2\n")
    assert "project/y.py" in git_state(repo.root / "project").patch


def test_no_credentials_come_out(repo):
    repo.write("a.py")
    repo.write(".dvc/config", "[core]\n")
    repo.write(".env", "A=1\n")
    repo.commit()
    repo.git("remote", "add", "upstream", "https://ada:ghp_secret@example.org/x.git")
    repo.write(".dvc/config", "url = https://ada:ghp_secret@store.example.org/x\n")
    repo.write(".env", "TOKEN=ghp_secret\n")
    repo.write("a.py", "x = 1\n")
    state = git_state(repo.root)
    assert "ghp_secret" not in str(state.to_dict())
    assert state.remote == "https://example.org/x.git"
    assert set(state.left_out) == {".dvc/config", ".env"}
    assert "a.py" in state.patch


def test_a_big_change_is_named_and_the_others_are_still_in_the_patch(repo):
    for name in ("a.py", "big.csv", "z.py"):
        repo.write(name, "1\n")
    repo.commit()
    repo.write("big.csv", "x" * 3000 + "\n")
    repo.write("a.py", "2\n")
    repo.write("z.py", "2\n")
    patch, left_out = _patch(repo.root, _status(repo.root), limit=2000)
    assert left_out == ("big.csv",)
    assert patch.count("diff --git") == 2


def test_a_patch_that_grows_too_big_ends_between_two_files(repo):
    for name in ("a.py", "b.py", "c.py"):
        repo.write(name, "1\n")
    repo.commit()
    for name in ("a.py", "b.py", "c.py"):
        repo.write(name, "y" * 900 + "\n")
    patch, left_out = _patch(repo.root, _status(repo.root), limit=2200)
    assert left_out == ("c.py",)
    assert patch.endswith("\n")
    assert patch.count("+yyy") == 2


def test_asking_never_takes_the_lock_of_the_index(repo):
    repo.write("a.py")
    repo.commit()
    (repo.root / ".git/index.lock").touch()
    repo.write("a.py", "1")
    assert git_state(repo.root).dirty
