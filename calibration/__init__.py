"""The psychometrician's workbench, beside the exam and never inside it.

Here live studies of a design: how accurate its results are, simulated through the functions that
run the live exam (`studies`).

Not here: the mathematics of one exam (`engine`), what items ask (`itembank`), and anything that
knows HTTP or a candidate's name (`api`).

Read `studies` first.

    study = calibration.accuracy(design, n=10_000, seed=1)
    print(study.as_text())
"""

from calibration.studies import AccuracyStudy, Band, accuracy

__all__ = ["AccuracyStudy", "Band", "accuracy"]
