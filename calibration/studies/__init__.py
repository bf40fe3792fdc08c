"""Studies of an exam's design: what it will do, told by candidates whose ability is known.

`accuracy` answers one question of one design. A study of a design file answers them all: `run` goes
from the file to sums, `figures` from sums to figures, `report` to a page.

    study = run_study(Path("design.yaml"), workers=2)
    figures(study)["rmse"]
"""

from calibration.studies.accuracy import AccuracyStudy, Band, accuracy
from calibration.studies.design_file import DesignFile, checked_design, read_design_file
from calibration.studies.figures import figures, item_rows
from calibration.studies.run import SectionStudy, Study, run_study, study_of
from calibration.studies.sections import StudySection, compiled_sections

__all__ = [
    "AccuracyStudy",
    "Band",
    "DesignFile",
    "SectionStudy",
    "Study",
    "StudySection",
    "accuracy",
    "checked_design",
    "compiled_sections",
    "figures",
    "item_rows",
    "read_design_file",
    "run_study",
    "study_of",
]
