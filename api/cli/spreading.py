"""Options that several commands share: fields of a dataclass, each an option of the command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from inspect import Parameter, signature
from typing import Any, get_type_hints


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the fields of its dataclass arguments as options, where the argument stands.

        @dataclass(frozen=True, slots=True, kw_only=True)
        class Reading:
            key: Annotated[str | None, typer.Option("--key", help="The key.")] = None

        @spread
        def calibrate(answers: Answers, reading: Reading, out: Out = None) -> None: ...

    The options are gathered again before the command runs.
    """
    own = signature(command, eval_str=True).parameters.values()
    gathered: dict[str, Any] = {
        each.name: each.annotation for each in own if is_dataclass(each.annotation)
    }
    spread_out = [option for each in own for option in _options(each)]

    @wraps(command)
    def gathering(**given: Any) -> None:
        for name, kind in gathered.items():
            given[name] = kind(**{field.name: given.pop(field.name) for field in fields(kind)})
        command(**given)

    told = signature(command).replace(parameters=spread_out)
    setattr(gathering, "__signature__", told)  # noqa: B010 - functions have no such attribute
    gathering.__annotations__ = {each.name: each.annotation for each in spread_out}
    return gathering


def _options(parameter: Parameter) -> Iterator[Parameter]:
    kind = parameter.annotation
    if not is_dataclass(kind):
        yield parameter.replace(kind=Parameter.KEYWORD_ONLY)
        return
    hints = get_type_hints(kind, include_extras=True)
    for field in fields(kind):
        default = Parameter.empty if field.default is MISSING else field.default
        yield Parameter(
            field.name, Parameter.KEYWORD_ONLY, default=default, annotation=hints[field.name]
        )
