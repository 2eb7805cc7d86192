import gzip
import hashlib
import io
import subprocess
import sys
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiinfra.errors import BundleError
from aiinfra.project.archive import content_sha256, pack, unpack

part = st.text(
    st.characters(codec="utf-8", exclude_characters="/\\\0", exclude_categories=["Cs"]),
    min_size=1,
    max_size=80,
).filter(lambda p: p not in (".", ".."))
files = st.dictionaries(part, st.binary(max_size=200), min_size=1, max_size=6)


@given(files=files, order=st.randoms(use_true_random=False))
def test_the_same_files_make_the_same_archive_in_any_order(files, order):
    names = list(files)
    order.shuffle(names)
    assert pack({name: files[name] for name in names}) == pack(files)


@given(files=files)
def test_what_is_packed_comes_out(tmp_path_factory, files):
    folder = tmp_path_factory.mktemp("out")
    assert unpack(pack(files), folder) == sorted(files)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files


@given(one=files, other=files)
def test_different_files_have_different_names(one, other):
    assert (content_sha256(pack(one)) == content_sha256(pack(other))) == (one == other)


def test_the_archive_is_the_same_in_another_process_with_another_hash_seed():
    code = "import sys; from aiinfra.project.archive import pack; sys.stdout.buffer.write(pack({c: b'x' for c in 'zyxabc'}))"
    made = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }
    assert made == {pack(dict.fromkeys("abcxyz", b"x"))}


def test_the_name_is_that_of_the_tar_and_tar_itself_can_read_it(tmp_path):
    data = pack({"a/b.py": b"x = 1\n", "n" * 150 + ".py": b""})
    (tmp_path / "x.tar.gz").write_bytes(data)
    subprocess.run(["tar", "xzf", "x.tar.gz"], cwd=tmp_path, check=True)
    assert (tmp_path / "a/b.py").read_text() == "x = 1\n"
    assert content_sha256(data) == hashlib.sha256(gzip.decompress(data)).hexdigest()


def evil(**fields):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("good.py")
        archive.addfile(member)
        member = tarfile.TarInfo("bad")
        for key, value in fields.items():
            setattr(member, key, value)
        archive.addfile(member)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "../evil"},
        {"name": "a/../../evil"},
        {"name": "/etc/evil"},
        {"name": "C:\\evil"},
        {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"},
        {"type": tarfile.LNKTYPE, "linkname": "good.py"},
        {"type": tarfile.CHRTYPE},
        {"type": tarfile.FIFOTYPE},
        {"type": tarfile.DIRTYPE},
    ],
)
def test_a_harmful_archive_is_refused_before_anything_is_written(tmp_path, fields):
    with pytest.raises(BundleError):
        unpack(evil(**fields), tmp_path / "work")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "data",
    [b"", b"no gzip", pack({"a": b"1" * 5000})[:-30], gzip.compress(b"no tar")],
    ids=["empty", "no gzip", "cut", "no tar"],
)
def test_a_damaged_archive_is_refused(tmp_path, data):
    with pytest.raises(BundleError):
        unpack(data, tmp_path / "work")


def test_unpacking_never_writes_through_a_link_that_is_there(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work/a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError):
        unpack(pack({"a": b"1"}), tmp_path / "work")
    assert not (tmp_path / "elsewhere").exists()
