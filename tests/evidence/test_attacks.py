"""Ways round the controls that a hostile reader found: each was open once, and is shut."""

from __future__ import annotations

import dataclasses

from case.henan import barred, henan
from habeas.evidence import (
    Correction,
    CustodianRecord,
    Method,
    Record,
    Result,
    Retraction,
    Ruling,
    RulingEffect,
    TestResult,
)
from habeas.mandates import independent
from habeas.wire import DAY, HOUR
from scene import CODED, Scene, make_actor, sample_number

HENAN = henan()


def is_barred(scene: Scene, name: str = "li") -> bool:
    return barred([scene.derivation(name, HENAN)], scene.now) == 1


def sampled(scene: Scene, name: str, sample: str, *, days: int = 0) -> None:
    at = CODED.after(-12 * HOUR - days * DAY)
    record = CustodianRecord(record=Record.SAMPLING, sample=sample_number(sample))
    scene.admit("clinic", record, name, at=max(at, scene.now), observed=at)


def test_taking_a_result_back_and_signing_it_again_does_not_renew_it() -> None:
    scene = Scene()
    sampled(scene, "li", "s")
    for turn in range(8):
        at = CODED.after(turn * 6 * DAY)
        result = scene.positive("li", sample="s", at=at, observed=at.after(-HOUR))
        scene.admit("lab", Retraction(target=result), "li", at=at.after(5 * DAY))
    scene.positive("li", sample="s", at=CODED.after(48 * DAY), observed=CODED.after(48 * DAY - HOUR))
    assert not is_barred(scene)


def test_taking_a_result_back_before_the_ruling_does_not_spare_its_signers() -> None:
    scene = Scene()
    sampled(scene, "li", "s")
    result = scene.positive("li", sample="s", at=CODED, observed=CODED.after(-12 * HOUR))
    scene.admit("lab", Retraction(target=result), "li", at=CODED.after(HOUR))
    scene.admit("redress", Ruling(target=result, effect=RulingEffect.ANNUL), "li", at=CODED.after(2 * HOUR))
    scene.positive("li", sample="s", at=CODED.after(3 * HOUR), observed=CODED.after(-11 * HOUR))
    assert not is_barred(scene)


def test_an_old_sampling_record_supports_no_new_result() -> None:
    scene = Scene()
    sampled(scene, "li", "s", days=20)
    scene.positive("li", sample="s", at=CODED.after(30 * DAY), observed=CODED.after(30 * DAY - HOUR))
    assert not is_barred(scene)


def test_clear_tests_long_after_an_illness_are_no_retests() -> None:
    recovered = [f"recovered {number}" for number in range(8)]
    scene = Scene(["li", *recovered])
    for name in recovered:
        sampled(scene, name, name)
    for name in recovered:
        scene.positive(name, sample=name, at=CODED, observed=CODED.after(-12 * HOUR))
    later = CODED.after(20 * DAY)
    record = CustodianRecord(record=Record.SAMPLING, sample=sample_number("li's"))
    scene.admit("clinic", record, "li", at=later, observed=later)
    scene.positive("li", sample="li's", at=later.after(HOUR), observed=later)
    for name in recovered:
        scene.negative(name, sample=f"{name} again", at=later.after(2 * HOUR))
    assert is_barred(scene)


def test_one_persons_eight_clear_tests_are_one() -> None:
    scene = Scene()
    sampled(scene, "li", "li's")
    sampled(scene, "wang", "wang's")
    for name in ("li", "wang"):
        scene.positive(name, sample=f"{name}'s", at=CODED, observed=CODED.after(-12 * HOUR))
    for number in range(8):
        scene.negative("wang", sample=f"again {number}", at=CODED.after((number + 1) * HOUR))
    assert is_barred(scene)


def test_junk_about_a_friend_buys_a_laboratory_no_cap() -> None:
    names = [f"victim {number}" for number in range(30)]
    scene = Scene(["friend", *names])
    for day in range(25):
        for number in range(15):
            at = CODED.after(-26 * DAY + day * DAY)
            scene.positive("friend", sample=f"junk {day} {number}", at=max(at, scene.now), observed=at)
    for name in names:
        sampled(scene, name, name)
    for name in names:
        scene.positive(name, sample=name, at=CODED, observed=CODED.after(-12 * HOUR))
    assert sum(is_barred(scene, name) for name in names) <= 10


def test_a_record_that_contradicts_something_can_still_be_taken_back_as_support() -> None:
    scene = Scene()
    entry = scene.entry("li", at=CODED.after(-2 * DAY))
    record = CustodianRecord(record=Record.SAMPLING, sample=sample_number("s"), against=entry)
    scene.admit("clinic", record, "li", at=CODED.after(-12 * HOUR), observed=CODED.after(-13 * HOUR))
    scene.positive("li", sample="s", at=CODED, observed=CODED.after(-13 * HOUR))
    assert not is_barred(scene), "a record that is both for and against supports nothing"


def test_a_correction_does_not_move_a_positives_clock_on() -> None:
    scene = Scene()
    sampled(scene, "li", "s")
    result = scene.positive("li", sample="s", at=CODED, observed=CODED.after(-12 * HOUR))
    ends = scene.derivation("li", HENAN).at(scene.now).grounds[0].until
    at = CODED.after(6 * DAY)
    replacement = scene.sign("lab", _result(), "li", at=at, observed=at.after(-HOUR))
    scene.admit("lab", Correction(target=result, replacement=replacement), "li", at=at)
    grounds = scene.derivation("li", HENAN).at(scene.now).grounds
    assert all(ground.until <= ends.after(DAY) for ground in grounds)


def _result() -> TestResult:
    return TestResult(method=Method.PCR, result=Result.POSITIVE, sample=sample_number("s"))


def test_whoever_runs_the_machines_of_another_is_no_second_custodian() -> None:
    lab, clinic = make_actor("lab", operator="cloud").mandate, make_actor("clinic").mandate
    run_by_lab = dataclasses.replace(clinic, body=dataclasses.replace(clinic.body, operator="lab"))
    assert independent(lab, clinic)
    assert not independent(lab, run_by_lab)
