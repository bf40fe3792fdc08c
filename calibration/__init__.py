"""The psychometrician's workbench, beside the exam and never inside it.

Here answers come in (`responses`), items are looked at (`screen`) and estimated (`estimation`, with
the formulas of `families`), and studies of a design tell how accurate its results are, simulated
through the functions that run the live exam (`studies`).

Not here: the mathematics of one exam (`engine`), what items ask (`itembank`), and anything that
knows HTTP or a candidate's name (`api`).

Read `estimation/calibrate.py` first, then `studies`.

    responses = calibration.read_responses("answers.csv")
    found = calibration.calibrate(responses, "2pl")
    print(found.log_likelihood, found.items[0].parameters, found.items[0].errors)

    study = calibration.accuracy(design, n=10_000, seed=1)
    print(study.as_text())
"""

from calibration.errors import CalibrationError, ResponsesError
from calibration.estimation.calibrate import calibrate
from calibration.estimation.comparison import Comparison, compare
from calibration.estimation.options import CalibrationOptions
from calibration.estimation.result import Calibration, Excluded, ItemEstimate, Latent
from calibration.responses import InPieces, Responses, read_responses
from calibration.studies import AccuracyStudy, Band, accuracy

__all__ = [
    "AccuracyStudy",
    "Band",
    "Calibration",
    "CalibrationError",
    "CalibrationOptions",
    "Comparison",
    "Excluded",
    "InPieces",
    "ItemEstimate",
    "Latent",
    "Responses",
    "ResponsesError",
    "accuracy",
    "calibrate",
    "compare",
    "read_responses",
]
