"""The sections of a calibration's report, one function each; `report` has them in order of reading."""

from calibration.report.sections.classical import options_section, screen_section
from calibration.report.sections.items import curves_section, items_section
from calibration.report.sections.run import record_section, second_section
from calibration.report.sections.scale import (
    map_section,
    persons_section,
    precision_section,
    reliability_section,
)

__all__ = [
    "curves_section",
    "items_section",
    "map_section",
    "options_section",
    "persons_section",
    "precision_section",
    "record_section",
    "reliability_section",
    "screen_section",
    "second_section",
]
