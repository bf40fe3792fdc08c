"""Fixed forms by mixed-integer programming: one, or several that are parallel.

`request` reads what a file asks for; `plan` is the same for the search; `programmes` writes it as
linear programmes; `search` solves them; `result` and `report` say what came of it. The constraints
are `itembank.blueprint`'s, the solver `engine.constraints`'. Guide: docs/assembly.md.

    request = read_request(Path("spec.yaml"))
    assembly = assemble(request.plan, time_limit=request.time_limit)
    result_of(request, assembly).to_data()
"""

from calibration.assembly.plan import Aim, AssemblyError, Goal, Plan
from calibration.assembly.report import write_report
from calibration.assembly.request import Request, read_request
from calibration.assembly.result import Form, Result, result_of
from calibration.assembly.search import Assembly, assemble

__all__ = [
    "Aim",
    "Assembly",
    "AssemblyError",
    "Form",
    "Goal",
    "Plan",
    "Request",
    "Result",
    "assemble",
    "read_request",
    "result_of",
    "write_report",
]
