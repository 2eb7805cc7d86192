"""What a target announces, and what of a wish it refuses."""

import pytest

from aiinfra.project.environment import Gpu, Machine
from aiinfra.targets.capabilities import Wish, announce_local, cores, refused, size

GIB = 2**30
BARE = announce_local(Machine(2, 4 * GIB, ()))
LAB = announce_local(Machine(16, 64 * GIB, (Gpu("L4", 24 * GIB), Gpu("L4", 24 * GIB), Gpu("H100", 80 * GIB))))


def fields(wish, there):
    return [error.where.field for error in refused(wish, there)]


def test_gpus_are_counted_by_their_kind():
    assert [(g.name, g.count, g.memory) for g in LAB.gpus] == [("L4", 2, 24 * GIB), ("H100", 1, 80 * GIB)]
    assert all(field.enabled for field in LAB.resources)


def test_without_a_gpu_its_fields_say_why_they_are_disabled():
    told = {f.name: (f.enabled, f.reason) for f in BARE.resources if f.name.startswith("accelerator")}
    assert set(told.values()) == {(False, "this machine has no GPU")} and len(told) == 2


def test_memory_that_can_not_be_told_has_no_maximum():
    there = announce_local(Machine(2, None, ()))
    assert next(f for f in there.resources if f.name == "memory").maximum is None
    assert fields(Wish(memory="1Ei"), there) == []


@pytest.mark.parametrize(
    ("text", "number"), [("2", 2), ("0.5", 0.5), ("500m", 0.5), ("m", None), ("-1", None), ("٢", None)]
)
def test_processors_are_counted_as_kubernetes_counts_them(text, number):
    assert cores(text) == number


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [("4Gi", 4 * GIB), ("1K", 1000), ("7", 7), ("4 Gi", None), ("4gi", None), ("1i", None), ("1.5Gi", None)],
)
def test_memory_is_measured_as_kubernetes_measures_it(text, bytes_):
    assert size(text) == bytes_


@pytest.mark.parametrize(
    ("wish", "wrong"),
    [
        (Wish(), []),
        (Wish("2", "4Gi"), []),
        (Wish("2001m", "4097Mi"), ["resources.cpu", "resources.memory"]),
        (Wish("0", "0"), ["resources.cpu", "resources.memory"]),
        (Wish(accelerator_count=0), []),
        (Wish(accelerator="L4"), ["resources.accelerator"]),
        (Wish(accelerator_count=1), ["resources.accelerator_count"]),
    ],
    ids=str,
)
def test_a_small_machine_refuses_what_it_has_not(wish, wrong):
    assert fields(wish, BARE) == wrong


@pytest.mark.parametrize(
    ("wish", "wrong"),
    [
        (Wish(accelerator="L4", accelerator_count=2), []),
        (Wish(accelerator="nvidia.com/gpu", accelerator_count=3), []),
        (Wish(accelerator="H100", accelerator_count=2), ["resources.accelerator_count"]),
        (Wish(accelerator_count=4), ["resources.accelerator_count"]),
        (Wish(accelerator="A100"), ["resources.accelerator"]),
    ],
    ids=str,
)
def test_accelerators_are_given_by_kind_and_count(wish, wrong):
    assert fields(wish, LAB) == wrong


def test_a_kind_of_accelerator_is_one_of_it():
    assert Wish("1", accelerator="L4").resources() == {"cpu": "1", "gpu": 1}
    assert Wish(accelerator_count=2).resources() == {"gpu": 2}
