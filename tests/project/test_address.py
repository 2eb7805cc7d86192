import gzip
import os
import threading

import pytest

from aiinfra.errors import BundleError, StoreError
from aiinfra.project.address import INLINE_LIMIT, fetch_bundle, inline_address, ref_address, save_bundle
from aiinfra.project.archive import content_sha256, pack
from aiinfra.project.bundle import Bundle


def bundle(content=b"x = 1\n"):
    data = pack({"a.py": content})
    return Bundle(content_sha256(data), data, ("a.py",), "")


STORES = {"folder": "{}", "file address": "file://{}", "fsspec": "memory://{}"}


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    return STORES[request.param].format(tmp_path / "store")


def test_a_bundle_comes_back_from_any_store(store):
    made = bundle(os.urandom(100))
    save_bundle(made, store)
    save_bundle(made, store)
    assert fetch_bundle(ref_address(made), store) == made.data


def test_a_bundle_that_was_never_saved_is_told(store):
    with pytest.raises(StoreError, match="holds no bundle"):
        fetch_bundle(ref_address(bundle(os.urandom(100))), store)


def test_small_bundles_travel_inside_the_address_and_need_no_store():
    assert fetch_bundle(inline_address(bundle()), "/no/store") == bundle().data


def test_the_limit_of_the_inline_address_is_kept():
    sizes = [
        len(a) if (a := inline_address(bundle(os.urandom(n)))) else None for n in (60_000, 67_000, 68_000)
    ]
    assert sizes[0]
    assert sizes[0] <= INLINE_LIMIT
    assert sizes[-1] is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "sha256:xyz",
        "sha256:" + "0" * 63,
        "data:text/plain;base64,AAAA#sha256=" + "0" * 64,
        "../../etc/passwd",
        "sha256:../../x" + "0" * 57,
    ],
)
def test_a_malformed_address_is_refused(address, tmp_path):
    with pytest.raises(BundleError, match="not the address"):
        fetch_bundle(address, str(tmp_path))


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.replace("base64,H", "base64,I"),
        lambda a: a[:-1] + "0",
        lambda a: a.replace("base64,", "base64,!"),
    ],
)
def test_an_inline_bundle_that_was_tampered_with_is_refused(change):
    address = inline_address(bundle())
    assert change(address) != address
    with pytest.raises(BundleError, match="not what its sha256 says"):
        fetch_bundle(change(address), "")


@pytest.mark.parametrize("damage", [b"", b"no gzip", pack({"a.py": b"evil"})])
def test_a_damaged_bundle_in_the_store_is_never_used_and_mended_by_saving_again(tmp_path, damage):
    made = bundle()
    save_bundle(made, str(tmp_path))
    path = next(tmp_path.rglob("*.gz"))
    path.write_bytes(damage)
    with pytest.raises(StoreError, match="damaged"):
        fetch_bundle(ref_address(made), str(tmp_path))
    save_bundle(made, str(tmp_path))
    assert fetch_bundle(ref_address(made), str(tmp_path)) == made.data


def test_a_bundle_compressed_by_another_zlib_is_the_same_bundle(tmp_path):
    made = bundle()
    save_bundle(made, str(tmp_path))
    path = next(tmp_path.rglob("*.gz"))
    path.write_bytes(gzip.compress(gzip.decompress(made.data), compresslevel=1))
    assert content_sha256(fetch_bundle(ref_address(made), str(tmp_path))) == made.sha256


def test_many_can_save_the_same_bundle_at_once(tmp_path):
    made = bundle(os.urandom(200_000))
    threads = [threading.Thread(target=save_bundle, args=(made, str(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [p.name for p in (tmp_path / "bundles").iterdir()] == [f"{made.sha256}.tar.gz"]
    assert fetch_bundle(ref_address(made), str(tmp_path)) == made.data


def test_a_store_that_cannot_be_written_is_told_and_nothing_is_left(tmp_path):
    (tmp_path / "store").write_text("a file")
    with pytest.raises(StoreError, match="can't be put into"):
        save_bundle(bundle(), str(tmp_path / "store"))


def test_no_credentials_of_the_store_come_out():
    for action in (lambda s: save_bundle(bundle(), s), lambda s: fetch_bundle(ref_address(bundle()), s)):
        with pytest.raises(StoreError) as error:
            action("nosuch://AKIA:wJalr@bucket/x")
        assert "wJalr" not in str(error.value)
