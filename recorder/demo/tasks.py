"""The Tasks of the demo's pipeline, by their parameters."""

from __future__ import annotations

from pydantic import BaseModel

from recorder.models import TaskParameters


class PeakSearch(BaseModel):
    """What counts as a peak, and how many make a hit."""

    min_peaks: int = 15
    max_peaks: int = 2048
    npix_min: int = 2
    npix_max: int = 30
    amax_thr: float = 80.0
    son_min: float = 7.0


class Compression(BaseModel):
    """How images of hits are stored."""

    compressor: str = "sz3"
    abs_error: float = 10.0
    roi_window: int = 9


class FindPeaks(TaskParameters):
    """Find the images that hold a diffraction pattern."""

    out_dir: str
    mask_file: str | None = None
    detector: str = "epix10k2M"
    n_events: int = 0
    camera_length: float | str = "DET:Z:POSITION"
    search: PeakSearch = PeakSearch()
    compression: Compression | None = None
    regions: list[list[int]]
    tag: str | None = None


class MakePowder(TaskParameters):
    """Sum the images of a run into a powder picture."""

    hits: str
    bins: int = 96
    normalize: bool = True
    percentiles: list[float]


class OptimizeGeometry(TaskParameters):
    """Refine the detector's centre and distance against rings of silver behenate."""

    powder: str
    distance: float
    center: list[float]
    steps: dict[str, float]
    rings: list[int]
    threads: int = 32


class IndexPatterns(TaskParameters):
    """Index the hits of a run and integrate their peaks."""

    in_file: str
    out_file: str
    geometry: str
    cell_file: str | None = None
    indexing: str = "mosflm"
    int_radius: str = "3,4,5"
    tolerance: str = "5,5,5,1.5"
    multi: bool = True
    push_res: float = float("inf")
    threads: int = 120
    extra_options: list[str]


class IndexPatternsByWavelength(IndexPatterns):
    """IndexPatterns since the wavelength may be given; it records into the same table."""

    wavelength_estimate: float | None = None


class ConcatenateStreams(TaskParameters):
    """Join the streams of several runs."""

    in_files: list[str]
    out_file: str
    tag: str


class MergeIntensities(TaskParameters):
    """Scale and merge the reflections of a joined stream."""

    in_file: str
    out_file: str
    symmetry: str
    model: str = "unity"
    iterations: int = 3
    min_measurements: int = 2
    partialator: dict[str, bool | float | None]


class CompareStatistics(TaskParameters):
    """Compare two half data sets by one figure of merit, per resolution shell."""

    in_files: list[str]
    symmetry: str
    cell_file: str
    figure_of_merit: str
    shells: int = 10
    high_resolution: float = 1.8


class SolveStructure(TaskParameters):
    """Solve and refine the structure from merged intensities."""

    in_file: str
    model: str
    out_dir: str
    resolution: float = 1.8
    cycles: dict[str, int]
    free_fraction: float = 0.05
