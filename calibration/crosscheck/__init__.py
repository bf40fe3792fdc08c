"""A second look with R: the data and a script for mirt and TAM, and what they find beside ours.

`write_crosscheck` writes a folder; `Rscript crosscheck.R` in it asks mirt and TAM for the same model
on the same answers, nodes and priors; `compare` reads what they found.
"""

from calibration.crosscheck.comparison import Comparison, Difference, compare
from calibration.crosscheck.folder import write_crosscheck

__all__ = ["Comparison", "Difference", "compare", "write_crosscheck"]
