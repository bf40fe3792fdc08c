"""A study from its design file to its sums: who sits, in which parts, under which snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

import engine
from calibration.studies.bands import Bands
from calibration.studies.crew import Crew, Sitting, Sittings
from calibration.studies.design_file import DesignFile, Exposure, read_design_file
from calibration.studies.persons import Crowd, crowd_of
from calibration.studies.sections import StudySection, compiled_sections
from calibration.studies.sums import Exams, Sums, sums_of
from calibration.studies.totals import Totals
from engine.arrays import FloatArray, SeedArray

PART = 4096
"""Candidates who are simulated and summed up together where no snapshot parts them."""

WARM_UPDATES = 100
"""Into how many blocks a warm-up is cut."""

Progress = Callable[[int, int], None]
"""Is told how many candidates are done, and of how many; warm-ups count too."""


class Writer(Protocol):
    """Takes in the candidates part by part, to write them down."""

    def write(self, section: StudySection, first: int, exams: Exams) -> None:
        """Write down candidates number `first`, `first` + 1, ... of a section."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SectionStudy:
    """What was found of one section.

    Attributes
    ----------
    section
        What was simulated.
    bands
        Bands of true ability.
    sums
        Of all its exams.
    snapshot
        The exposure of items after the last candidate; None where nothing is spared.
    parameters
        How the search for Sympson-Hetter parameters ended; None for other methods.
    """

    section: StudySection
    bands: Bands
    sums: Sums
    snapshot: engine.Snapshot | None = None
    parameters: engine.SympsonHetter | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """A study of a whole design file.

    Attributes
    ----------
    file
        What was asked.
    n, n_without
        Candidates, and real persons left out who had answered nothing.
    sections
        What was found, in the order of the file.
    whole
        Of whole sittings, where there are several sections: for each candidate all items, all
        seconds, and whether every level was the true one; `n`, sums and sums of squares by name.
    """

    file: DesignFile
    n: int
    n_without: int
    sections: tuple[SectionStudy, ...]
    whole: Mapping[str, tuple[int, float, float]] = field(default_factory=dict)


def run_study(
    path: Path, *, workers: int = 1, progress: Progress | None = None, writer: Writer | None = None
) -> Study:
    """Run the study of a design file.

    The same file gives the same study, whatever the number of workers.

    Parameters
    ----------
    workers
        How many processes or threads simulate.
    progress
        Is told from time to time how far the study is.
    writer
        Writes down every candidate.

    Raises
    ------
    StudyError
        With everything that is wrong with the design file and what it names.
    """
    file = read_design_file(path)
    sections = compiled_sections(file, path.parent)
    return study_of(file, sections, path.parent, workers=workers, progress=progress, writer=writer)


def study_of(
    file: DesignFile,
    sections: tuple[StudySection, ...],
    folder: Path = Path(),
    *,
    workers: int = 1,
    progress: Progress | None = None,
    writer: Writer | None = None,
) -> Study:
    """Run the study of sections that are compiled; see `run_study`."""
    crowd = crowd_of(file, sections, folder)
    step = _Steps(progress, _candidates(crowd, sections))
    totals = Totals(len(crowd) if len(sections) > 1 else 0, sections)
    found = []
    with Crew([section.design for section in sections], workers, len(crowd)) as crew:
        for number in range(len(sections)):
            one = _OneSection(file, crowd, sections, number, crew, step)
            found.append(_summed(one, writer, totals))
    return Study(
        file=file,
        n=len(crowd),
        n_without=crowd.n_without,
        sections=tuple(found),
        whole=totals.moments(),
    )


def _summed(one: _OneSection, writer: Writer | None, totals: Totals) -> SectionStudy:
    """Sit a section, and keep the sums."""
    bands = Bands.of(one.file.bands, one.crowd.points)
    sums: Sums | None = None
    first = 0
    for exams in one.exams():
        band = bands.place(exams.theta)
        part = sums_of(one.section, exams, band, bands.n)
        sums = part if sums is None else sums + part
        totals.add(first, exams, one.section.design)
        if writer is not None:
            writer.write(one.section, first, exams)
        first += exams.theta.size
    if sums is None:
        raise AssertionError("a crowd is never empty")
    return SectionStudy(
        section=one.section,
        bands=bands,
        sums=sums,
        snapshot=one.snapshot,
        parameters=one.parameters,
    )


class _OneSection:
    """The exams of one section, part after part."""

    def __init__(
        self,
        file: DesignFile,
        crowd: Crowd,
        sections: tuple[StudySection, ...],
        number: int,
        crew: Crew,
        step: _Steps,
    ) -> None:
        self.file, self.crowd, self.section = file, crowd, sections[number]
        self.snapshot: engine.Snapshot | None = None
        self.parameters: engine.SympsonHetter | None = None
        self._number, self._crew, self._step = number, crew, step
        generator = np.random.default_rng([file.seed, 1, number])
        self._theta = np.ascontiguousarray(crowd.theta[:, number])
        self._seeds = _seeds(generator, len(crowd))
        twice = file.second_sitting != "none" and crowd.answers is None
        self._again = _seeds(generator, len(crowd)) if twice else None
        self._speed = self._speeds(generator)

    def exams(self) -> Iterator[Exams]:
        """Yield the exams in parts whose bounds nothing but the design decides."""
        exposure = self.section.exposure
        if exposure is not None and exposure.method != "sympson_hetter":
            yield from self._blocks(exposure, rule_of(exposure))
            return
        if exposure is not None:
            self.parameters = self._searched(exposure)
            self.snapshot = self.parameters.snapshot
        for sitting, sat in self._crew.sit(self._sittings(0, len(self.crowd), PART)):
            self._step.done(sitting.theta.size)
            yield self._exams(sitting.theta, sat)

    def _blocks(self, exposure: Exposure, rule: engine.ExposureRule) -> Iterator[Exams]:
        """Blocks of candidates, each under the snapshot that the blocks before it made."""
        design = self.section.design
        ledger = engine.Ledger.begin(engine.open_snapshot(design))
        for warm in self._warm_up(exposure):
            self.snapshot = ledger.snapshot
            tally, _ = self._block([warm])
            ledger = ledger.after(rule, tally)
            self._step.done(warm.theta.size)
        for first in range(0, len(self.crowd), exposure.block):
            self.snapshot = ledger.snapshot
            last = min(first + exposure.block, len(self.crowd))
            size = -(-(last - first) // self._crew.hands)
            tally, parts = self._block(self._sittings(first, last, size))
            ledger = ledger.after(rule, tally)
            self._step.done(last - first)
            yield _together(parts)
        self.snapshot = ledger.snapshot

    def _block(
        self, sittings: Iterator[Sitting] | list[Sitting]
    ) -> tuple[engine.Tally, list[Exams]]:
        design, snapshot = self.section.design, self.snapshot
        if snapshot is None:
            raise AssertionError("a block sits under a snapshot")
        tally, parts = engine.Tally.none(*snapshot.admission.shape), []
        for sitting, sat in self._crew.sit(sittings):
            tally += engine.tallied(design, snapshot, sitting.seeds, sat[0])
            parts.append(self._exams(sitting.theta, sat))
        return tally, parts

    def _warm_up(self, exposure: Exposure) -> Iterator[Sitting]:
        """Candidates like the others, who are not counted, before the first block.

        Rates settle over updates rather than candidates: they sit in many small blocks.
        """
        generator = np.random.default_rng([self.file.seed, 2, self._number])
        size = max(-(-exposure.warm_up // WARM_UPDATES), 1)
        for first in range(0, exposure.warm_up, size):
            n = min(size, exposure.warm_up - first)
            theta = generator.choice(self._theta, n)
            yield self._sitting(theta, _seeds(generator, n), None, engine.Conditions())

    def _searched(self, exposure: Exposure) -> engine.SympsonHetter:
        return engine.sympson_hetter(
            self.section.design, exposure.rate or 1.0, seed=self.file.seed, threads=None
        )

    def _sittings(self, first: int, last: int, size: int) -> Iterator[Sitting]:
        for start in range(first, last, size):
            rows = slice(start, min(start + size, last))
            again = None if self._again is None else self._again[rows]
            yield self._sitting(self._theta[rows], self._seeds[rows], again, self._conditions(rows))

    def _sitting(
        self,
        theta: FloatArray,
        seeds: SeedArray,
        again: SeedArray | None,
        conditions: engine.Conditions,
    ) -> Sitting:
        return Sitting(
            section=self._number,
            theta=theta,
            seeds=seeds,
            seeds_again=again,
            snapshot=self.snapshot,
            conditions=conditions,
            without_items_seen=self.file.second_sitting == "without_items_seen",
        )

    def _conditions(self, rows: slice) -> engine.Conditions:
        answers = self.crowd.answers
        return engine.Conditions(
            answers=None if answers is None else answers[rows],
            times=self.section.times,
            speed=None if self.section.times is None else self._speed[rows],
        )

    def _speeds(self, generator: np.random.Generator) -> FloatArray:
        """Each candidate's speed, normal, correlated with ability as the section says."""
        theta, rho = self._theta, self.section.speed_correlation
        spread = theta.std()
        standard = (theta - theta.mean()) / spread if spread > 0 else np.zeros(theta.size)
        own = generator.normal(size=theta.size)
        speed: FloatArray = rho * standard + np.sqrt(1.0 - rho**2) * own
        return self.section.speed_sd * speed

    def _exams(self, theta: FloatArray, sat: Sittings) -> Exams:
        estimate, se = self._reported(sat[0])
        return Exams(theta=theta, sat=sat[0], estimate=estimate, se=se, again=sat[1])

    def _reported(self, sat: engine.Simulation) -> tuple[FloatArray, FloatArray]:
        """The ability that is reported and its standard error."""
        if self.section.method == "eap":
            return sat.report.theta, sat.report.se
        design = self.section.design
        answers = np.full((sat.theta.size, len(design.pool) + 1), -1, dtype=np.int64)
        np.put_along_axis(answers, sat.items, sat.categories, axis=1)
        scored = engine.score(
            design.pool,
            answers[:, :-1],
            method=self.section.method,
            prior=design.prior,
            grid=design.grid,
        )
        return scored.theta, scored.se


def rule_of(exposure: Exposure) -> engine.ExposureRule:
    """Return the engine's rule for what a design file says of exposure."""
    if exposure.method == "overlap":
        return engine.OverlapLimit(overlap=exposure.overlap or 1.0, fading=exposure.fading)
    rate = exposure.rate or 1.0
    if exposure.method == "maximum_rate" and not isinstance(rate, tuple):
        return engine.MaximumRate(rate=rate)
    return engine.Eligibility(rate=rate, fading=exposure.fading)


def _together(parts: list[Exams]) -> Exams:
    if len(parts) == 1:
        return parts[0]
    again = [part.again for part in parts if part.again is not None]
    return Exams(
        theta=np.concatenate([part.theta for part in parts]),
        sat=engine.joined([part.sat for part in parts]),
        estimate=np.concatenate([part.estimate for part in parts]),
        se=np.concatenate([part.se for part in parts]),
        again=engine.joined(again) if again else None,
    )


def _seeds(generator: np.random.Generator, n: int) -> SeedArray:
    return generator.integers(0, 2**64, n, dtype=np.uint64)


def _candidates(crowd: Crowd, sections: tuple[StudySection, ...]) -> int:
    warm = sum(each.exposure.warm_up for each in sections if each.exposure is not None)
    return len(crowd) * len(sections) + warm


class _Steps:
    """How far a study is."""

    def __init__(self, progress: Progress | None, whole: int) -> None:
        self._progress, self._whole, self._so_far = progress, whole, 0

    def done(self, n: int) -> None:
        self._so_far += n
        if self._progress is not None:
            self._progress(self._so_far, self._whole)
