"""The list of commands."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from api.cli import (
    assemble,
    bank,
    calibrate,
    crosscheck,
    demo,
    export_responses,
    migrate,
    next_item,
    people,
    replay,
    score,
    serve,
    simulate,
    verify,
)

app = typer.Typer(
    name="samatthana",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Adaptive assessment and item banks for competency certification.",
    epilog="Every command reads its data folder from --data, else $SAMATTHANA_DATA, else ./.samatthana.",
)
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.command("calibrate")(calibrate.calibrate)
app.command("crosscheck")(crosscheck.crosscheck)
app.command("export-responses")(export_responses.export_responses)
app.command("score")(score.score)
app.command("next-item")(next_item.next_item)
app.command("assemble")(assemble.assemble)
app.command("simulate")(simulate.simulate)
app.command("replay")(replay.replay)
app.command("verify")(verify.verify)
app.command("migrate")(migrate.migrate)
app.add_typer(bank.app, name="bank")
app.add_typer(people.agencies, name="agency")
app.add_typer(people.accounts, name="account")


def main() -> None:
    """Run the command line."""
    app()


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"samatthana {version('samatthana')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Adaptive assessment and item banks for competency certification."""
