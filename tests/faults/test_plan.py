"""The same seed is the same run: faults, their order, the gaps, and what each draws for itself."""

from importlib import import_module
from random import Random

from tests.faults.catalogue import every_fault
from tests.faults.crashing import POINTS
from tests.faults.plan import draw

FAULTS = every_fault()


def test_the_same_seed_draws_the_same_schedule() -> None:
    one, again = (draw(7, 3, every_fault(), 60, gap=3) for _ in range(2))
    assert [(p.fault.name, p.gap, Random(p.seed).random()) for p in one] == [
        (p.fault.name, p.gap, Random(p.seed).random()) for p in again
    ]


def test_another_seed_or_segment_draws_another() -> None:
    schedules = [draw(seed, segment, FAULTS, 60, gap=3) for seed, segment in ((7, 1), (7, 2), (8, 1))]
    assert len({tuple((p.fault.name, p.gap) for p in schedule) for schedule in schedules}) == 3


def test_every_fault_there_is_comes_at_least_once() -> None:
    assert {planned.fault for planned in draw(1, 1, FAULTS, len(FAULTS), gap=3)} == set(FAULTS)


def test_what_a_stranger_can_do_comes_in_every_run() -> None:
    always = {fault.name for fault in FAULTS if fault.always}

    assert always == {"twenty poisonous deliveries at once", "the intake's session ended in a batch"}
    for seed in range(20):
        assert always <= {planned.fault.name for planned in draw(seed, 1, FAULTS, 5, gap=3)}


def test_faults_have_names_of_their_own() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_every_crash_point_is_a_function_of_the_product() -> None:
    for module, path, _ in POINTS.values():
        found: object = import_module(module)
        for step in path.split("."):
            found = getattr(found, step)
        assert callable(found)
