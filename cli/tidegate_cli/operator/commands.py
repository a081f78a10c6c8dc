"""The commands that look back: `history` and `explain`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from tidegate_cli.command_line import (
    AsJson,
    EndpointUrl,
    Environment,
    Profile,
    Region,
    Service,
    make_console,
    told_in_one_line,
)
from tidegate_cli.failures import CliError, ExitCode
from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.history import read_history
from tidegate_cli.operator.history_view import history_parts
from tidegate_cli.operator.session import Aws
from tidegate_cli.runtime import make_runtime_importable

RolloutId = Annotated[str | None, typer.Argument(help="Id of the rollout; the newest by default.")]


def history(
    service: Service,
    environment: Environment,
    *,
    limit: Annotated[int, typer.Option(help="How many rollouts.", min=1, max=1000)] = 10,
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """List a service's newest rollouts: when, how they ended and why, and what they served."""
    with told_in_one_line():
        aws = Aws(profile=profile, region=region, endpoint_url=endpoint_url)
        controller = Controller.find(aws, service=service, environment=environment)
        found = read_history(aws, controller, limit=limit)
        if as_json:
            typer.echo(json.dumps([rollout.to_json() for rollout in found], indent=2))
        elif found:
            console = make_console()
            for part in history_parts(found, width=console.width):
                console.print(part)
        else:
            typer.echo(f"no rollout of {controller.endpoint} yet")


def explain(
    service: Service,
    environment: Environment,
    *,
    rollout_id: RolloutId = None,
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option(help="Write a page with everything there, too.")] = None,
    profile: Profile = None,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Explain a rollout's end from the ledger: what decided, on which numbers, judged again."""
    with told_in_one_line():
        make_runtime_importable()
        from tidegate_cli.operator.explain import read_explanation
        from tidegate_cli.operator.explain_page import write_page
        from tidegate_cli.operator.explain_view import explanation_parts

        aws = Aws(profile=profile, region=region, endpoint_url=endpoint_url)
        controller = Controller.find(aws, service=service, environment=environment)
        found = read_explanation(aws, controller, rollout_id)
        if html is not None:
            write_page(found, html)
        if as_json:
            typer.echo(json.dumps(found.to_json(), indent=2))
        else:
            console = make_console()
            plain = not (sys.stdout.encoding or "").lower().startswith("utf")
            for part in explanation_parts(found, width=console.width, plain=plain):
                console.print(part)
        if found.differences:
            raise CliError(_differing(found.rollout_id), ExitCode.REPLAY_DIFFERS)


def _differing(rollout_id: str) -> str:
    return f"the judgements of {rollout_id} do not come out as recorded"
