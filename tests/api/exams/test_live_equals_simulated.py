"""One engine: sessions over HTTP and simulated sessions are the same, item by item."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from api.bank.opening import demonstration_catalogue
from api.exams.pinned import PinnedExam
from tests.api.people import Candidate, Service

ABILITIES = [-2.0, -0.5, 0.5, 2.0]
SKILL_SETS = ("DLit", "PSM")


def pinned(seed: int) -> PinnedExam:
    content = demonstration_catalogue().in_force()
    return PinnedExam(
        release=content.release, scheme=content.scheme, seed=seed, skill_sets=SKILL_SETS
    )


def sit_as_simulated(candidate: Candidate, session: str, exam: PinnedExam, simulated) -> None:
    """Answer each question as the simulation did; fail where another item comes."""
    for skill_set in SKILL_SETS:
        section, simulation = exam.section(skill_set), simulated[skill_set]
        item = candidate.open_section(session)
        for position, category in simulation:
            expected = section.items[position]
            assert item["item"] == expected.id
            wrong = next(each for each in expected.option_ids if each != expected.key)
            reply = candidate.answer(session, item, expected.key if category else wrong)
            item = reply.json()["next_item"]
        assert item is None


def simulate(exam: PinnedExam, skill_set: str, theta: float, companions: int = 3):
    """The course of one candidate, simulated in a batch of several."""
    seeds = np.array([exam.section_seed(skill_set), *range(companions)], dtype=np.uint64)
    abilities = np.array([theta, *np.linspace(-1, 1, companions)])
    result = engine.simulate(exam.section(skill_set).design, abilities, seeds)
    given = int(result.report.n_items[0])
    course = list(zip(result.items[0, :given], result.categories[0, :given], strict=True))
    return course, float(result.report.theta[0]), float(result.report.se[0]), result.report


@pytest.mark.parametrize("theta", ABILITIES)
def test_simulated_sessions_equal_live_ones(service: Service, psychometrician, theta):
    # The service of a test gives session seeds 1, 2, 3, ...
    exam = pinned(seed=1)
    simulated = {each: simulate(exam, each, theta) for each in SKILL_SETS}
    candidate = service.register("live.test")
    session = candidate.start(*SKILL_SETS)
    sit_as_simulated(candidate, session, exam, {key: row[0] for key, row in simulated.items()})
    log = service.client.get(f"/api/v1/sessions/{session}/log", headers=psychometrician).json()
    ended = {each["skill_set"]: each for each in log["events"] if each["kind"] == "section_ended"}
    for skill_set, (_, estimate, se, report) in simulated.items():
        event = ended[skill_set]
        assert event["theta"] == pytest.approx(estimate, abs=1e-12)
        assert event["se"] == pytest.approx(se, abs=1e-12)
        assert (event["detail"]["level"] or 0) == report.level[0]
        assert event["detail"]["probability_of_cuts"] == pytest.approx(report.p_above[0], abs=1e-12)
