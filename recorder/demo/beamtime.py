"""Two experiments as they might have gone: what was run, how it ended and what it left behind."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from recorder.demo import outputs, tasks
from recorder.models import AnalysisHeader, TaskParameters


@dataclass(frozen=True)
class Finished:
    """One execution of a Task that has ended.

    Attributes:
        minutes: How long it took.
        schemas: Names of the forms its result has, as ``impl_schemas`` holds them.
    """

    task: str
    parameters: TaskParameters
    status: str = "COMPLETED"
    summary: str = ""
    payload: Any = None
    schemas: str | None = None
    minutes: float = 4.0

    @property
    def run(self) -> int:
        """The run it belongs to."""
        return int(self.parameters.lute_config.run)


@dataclass(frozen=True)
class Mishap:
    """How the first attempt at a Task went wrong.

    Attributes:
        changes: Parameters that were different in that attempt.
        retried: False if it was left at that.
    """

    status: str
    summary: str = ""
    payload: str | None = None
    changes: dict[str, Any] | None = None
    retried: bool = True


@dataclass(frozen=True)
class Experiment:
    """One experiment of the demo.

    Attributes:
        results: Where its Tasks write. A directory that is not on this machine stays that way.
        merged_every: Runs that are merged together.
        mishaps: What went wrong, by Task and run.
    """

    name: str
    title: str
    date: str
    symmetry: str
    runs: range
    results: Path
    merged_every: int
    mishaps: dict[tuple[str, int], Mishap]

    @property
    def is_here(self) -> bool:
        """Whether its results are on this machine, so that its files are really written."""
        return self.results.parent.is_dir()


def experiments(directory: Path) -> tuple[Experiment, Experiment]:
    """Return the two experiments, in the order in which they had beam time.

    The first one's results went to a node's scratch disk, which is nowhere to be found; the second one's are in
    ``directory``. Both have runs 12 to 16.
    """
    missing_mask = str(directory / "masks" / "epix10k_r0014.npy")
    mixing = Experiment(
        name="cxix00218",
        title="Proteinase K, mixing jet, 7.2 keV",
        date="2024/02/11",
        symmetry="4/mmm",
        runs=range(3, 17),
        results=Path("/lscratch/cxix00218/results"),
        merged_every=7,
        mishaps={
            ("FindPeaks", 5): Mishap("FAILED", payload="OSError: run 5 has no detector frames", retried=False),
            ("IndexPatterns", 8): Mishap("TIMEDOUT", "Timed out.", changes={"threads": 24}),
            ("IndexPatterns", 13): Mishap("STOPPED", changes={"indexing": "xgandalf,mosflm,asdf"}),
        },
    )
    lysozyme = Experiment(
        name="mfxx00125",
        title="Lysozyme SFX, 10% attenuation, 9.5 keV",
        date="2024/02/14",
        symmetry="4/mmm",
        runs=range(12, 42),
        results=directory / "results",
        merged_every=8,
        mishaps={
            ("FindPeaks", 17): Mishap(
                "FAILED",
                payload=f"FileNotFoundError: [Errno 2] No such file or directory: '{missing_mask}'",
                changes={"mask_file": missing_mask},
            ),
            ("FindPeaks", 22): Mishap("TIMEDOUT", "Timed out.", changes={"n_events": 400000}),
            ("FindPeaks", 31): Mishap("CANCELLED"),
            ("IndexPatterns", 19): Mishap(
                "FAILED",
                "Number of lattices indexed: 0;Indexing rate: 0.0",
                payload="Error: unit cell file 'cells/lysozyme.cel' could not be read\nexit status 1",
                changes={"cell_file": str(directory / "cells" / "lysozyme.cel"), "tolerance": "2,2,2,1"},
            ),
            ("IndexPatterns", 28): Mishap("TIMEDOUT", "Timed out.", changes={"threads": 24}),
            ("SolveStructure", 27): Mishap("FAILED", "Best TFZ: 4.1", payload="*** No solution found ***"),
            ("IndexPatterns", 40): Mishap(
                "FAILED", payload="slurmstepd: error: Detected 1 oom_kill event in StepId=48214461.0", retried=False
            ),
        },
    )
    return mixing, lysozyme


def history(experiment: Experiment, dice: random.Random) -> Iterator[list[Finished]]:
    """Yield what was run for an experiment, a list a run; goes on after the planned runs without an end."""
    group: list[int] = []
    for run in itertools.count(experiment.runs.start):
        hits = int(dice.triangular(60, 2200, 1100))
        pipeline = Pipeline(experiment, run, dice)
        steps = [pipeline.peaks(hits), pipeline.index(hits)]
        if run == experiment.runs.start:
            steps.insert(0, pipeline.geometry())
        if run % 4 == 0:
            steps.append(pipeline.powder())
        group.append(run)
        if len(group) == experiment.merged_every:
            steps += pipeline.merge(group)
            group = []
        yield [attempt for step in steps for attempt in pipeline.attempts(step)]


@dataclass(frozen=True)
class Pipeline:
    """The Tasks of one run."""

    experiment: Experiment
    run: int
    dice: random.Random

    def attempts(self, good: Finished) -> Iterator[Finished]:
        """Yield the mishap that befell a Task, if any, and then its success."""
        mishap = self.experiment.mishaps.get((good.task, self.run))
        if mishap:
            yield replace(
                good,
                parameters=good.parameters.model_copy(update=mishap.changes),
                status=mishap.status,
                summary=mishap.summary,
                payload=mishap.payload,
                schemas=None,
                minutes=10.0 if mishap.status == "TIMEDOUT" else 0.7,
            )
        if mishap is None or mishap.retried:
            yield good

    def header(self) -> AnalysisHeader:
        """Return the configuration that all Tasks of the run share."""
        return AnalysisHeader(
            title=self.experiment.title,
            experiment=self.experiment.name,
            run=str(self.run),
            date=self.experiment.date,
            lute_version=0.1,
            task_timeout=600,
            work_dir=str(self.experiment.results.parent),
        )

    def output(self, folder: str, name: str, text: str) -> Path:
        """Return the path of an output file, written if the experiment's results are on this machine."""
        path = self.experiment.results / folder / name
        if self.experiment.is_here:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return path

    def geometry(self) -> Finished:
        """Refine the geometry, once at the beginning."""
        parameters = tasks.OptimizeGeometry(
            lute_config=self.header(),
            powder=str(self.experiment.results / "powder" / f"r{self.run - 1:04d}_agbh.npy"),
            distance=0.2971,
            center=[812.4, 804.9],
            steps={"dx": 0.5, "dy": 0.5, "dz": 0.0005},
            rings=[1, 2, 3, 5],
        )
        return Finished(
            "OptimizeGeometry",
            parameters,
            summary="Detector distance (m): 0.29684;Mean residual (pixels): 0.31",
            payload=outputs.powder_picture([0.2, 0.4, 0.6, 1.0]),
            schemas="geom;",
            minutes=11,
        )

    def peaks(self, hits: int) -> Finished:
        """Find the hits; images have been compressed since run 18."""
        frames = 20 * (1500 + 10 * self.run)
        stem = f"{self.experiment.name}_r{self.run:04d}"
        names = "".join(f"{stem}_{rank:03d}.cxi\n" for rank in range(4))
        parameters = tasks.FindPeaks(
            lute_config=self.header(),
            out_dir=str(self.experiment.results / "cxi"),
            n_events=0,
            camera_length=0.125 if self.run % 9 == 0 else "DET:Z:POSITION",
            search=tasks.PeakSearch(son_min=7.0 if self.run > 14 else 10.0),
            compression=tasks.Compression(compressor="qoz" if self.run < 20 else "sz3") if self.run >= 18 else None,
            regions=[[0, 0, 352, 384], [352, 0, 704, 384]],
            tag="lyso" if self.experiment.is_here else None,
        )
        return Finished(
            "FindPeaks",
            parameters,
            summary=f"Number of hits found: {hits};Fractional hit rate: {hits / frames:.3f}",
            payload=self.output("cxi", f"{stem}.list", names),
            schemas="cxi-list;",
            minutes=6 + hits / 400,
        )

    def powder(self) -> Finished:
        """Sum the hits into a picture."""
        parameters = tasks.MakePowder(
            lute_config=self.header(), hits=str(self.experiment.results / "cxi"), percentiles=[1.0, 99.5]
        )
        rings = sorted(self.dice.uniform(0.15, 0.9) for _ in range(4))
        return Finished(
            "MakePowder", parameters, summary=f"Images summed: {20 * self.run}", payload=outputs.powder_picture(rings)
        )

    def index(self, hits: int) -> Finished:
        """Index the hits. The wavelength could not be given before run 24, and has been given since run 26."""
        rate = self.dice.triangular(0.3, 0.85, 0.65)
        lattices = int(hits * rate)
        stem = f"{self.experiment.name}_r{self.run:04d}"
        values: dict[str, Any] = {
            "lute_config": self.header(),
            "in_file": str(self.experiment.results / "cxi" / f"{stem}.list"),
            "out_file": str(self.experiment.results / "streams" / f"{stem}.stream"),
            "geometry": str(self.experiment.results.parent / "geometry" / "epix10k2M_0012.geom"),
            "cell_file": str(self.experiment.results.parent / "cells" / "lysozyme.cell"),
            "indexing": "xgandalf,mosflm" if self.run % 5 == 0 else "mosflm",
            "extra_options": ["--fast-execution", "--max-indexer-threads=4"] if self.run % 5 == 0 else [],
        }
        parameters: TaskParameters
        if self.experiment.is_here and self.run >= 24:
            wavelength = 1.3051 if self.run >= 26 else None
            parameters = tasks.IndexPatternsByWavelength(**values, wavelength_estimate=wavelength)
        else:
            parameters = tasks.IndexPatterns(**values)
        stream = f"CrystFEL stream format 2.3\nlattices = {lattices}\n"
        return Finished(
            "IndexPatterns",
            parameters,
            summary=f"Number of lattices indexed: {lattices};Indexing rate: {rate:.2f}",
            payload=self.output("streams", f"{stem}.stream", stream),
            minutes=8 + hits / 150,
        )

    def merge(self, runs: list[int]) -> Iterator[Finished]:
        """Join, merge and judge a group of runs, and solve the structure from them."""
        results, tag = self.experiment.results, f"r{runs[0]:04d}-{runs[-1]:04d}"
        header, best = self.header(), self.dice.uniform(0.05, 0.09)
        joined, merged = f"{tag}.stream", f"{tag}.hkl"
        yield Finished(
            "ConcatenateStreams",
            tasks.ConcatenateStreams(
                lute_config=header,
                in_files=[f"{results}/streams/{self.experiment.name}_r{run:04d}.stream" for run in runs],
                out_file=str(results / "streams" / joined),
                tag=tag,
            ),
            payload=self.output("streams", joined, f"streams = {len(runs)}\n"),
            minutes=1,
        )
        yield Finished(
            "MergeIntensities",
            tasks.MergeIntensities(
                lute_config=header,
                in_file=str(results / "streams" / joined),
                out_file=str(results / "merged" / merged),
                symmetry=self.experiment.symmetry,
                partialator={"max_adu": None, "min_res": 2.4, "scale": True},
            ),
            summary=f"Reflections merged: {int(12000 / best / 10)};Overall Rsplit: {best:.4f}",
            payload=self.output("merged", merged, "   h    k    l          I    phase   sigma(I)   nmeas\n"),
            minutes=14,
        )
        for figure, low, high in (("Rsplit", best, 0.62), ("CCstar", 0.9991, 0.71), ("CChalf", 0.9964, 0.34)):
            yield Finished(
                "CompareStatistics",
                tasks.CompareStatistics(
                    lute_config=header,
                    in_files=[f"{results}/merged/{merged}{half}" for half in (1, 2)],
                    symmetry=self.experiment.symmetry,
                    cell_file=str(results.parent / "cells" / "lysozyme.cell"),
                    figure_of_merit=figure,
                ),
                summary=f"Overall {figure}: {low:.4f};Highest shell: {high}",
                payload={"figure_of_merit": figure, "shells": outputs.shells(low, high, 10, 1.8)},
                minutes=0.5,
            )
        yield self.structure(merged, best)

    def structure(self, merged: str, best: float) -> Finished:
        """Solve the structure from merged intensities."""
        r_work, r_free = 0.14 + best, 0.17 + best
        parameters = tasks.SolveStructure(
            lute_config=self.header(),
            in_file=str(self.experiment.results / "merged" / merged),
            model=str(self.experiment.results.parent / "models" / "6ftr.pdb"),
            out_dir=str(self.experiment.results / "solved"),
            cycles={"jelly": 4, "restrained": 12},
        )
        return Finished(
            "SolveStructure",
            parameters,
            summary=f"R-work: {r_work:.3f};R-free: {r_free:.3f};Best TFZ: 31.2",
            payload=outputs.refinement_report(self.experiment.title, r_work, r_free, 12),
            schemas="refinement;",
            minutes=9,
        )
