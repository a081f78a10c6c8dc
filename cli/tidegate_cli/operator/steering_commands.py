"""The commands that steer a rollout in flight: `hold`, `resume` and `promote`."""

import json
from typing import Annotated, Any

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
from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.session import Aws
from tidegate_cli.operator.status import read_status
from tidegate_cli.operator.status_view import status_table
from tidegate_cli.operator.steer import seconds_of, steer

Reason = Annotated[str, typer.Option(help="Why; goes into the ledger, with your name.")]


def hold(
    service: Service,
    environment: Environment,
    *,
    reason: Reason,
    length: Annotated[
        str, typer.Option("--for", help="How long, for example 90m or 24h; at most 72h.")
    ] = "24h",
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Hold the rollout in flight: no share rises, nothing is promoted; a bad candidate still goes back."""
    with told_in_one_line():
        aws = Aws(profile=profile, region=region, endpoint_url=endpoint_url)
        more = {"seconds": seconds_of(length)}
        _ask(aws, "hold", service, environment, reason=reason, as_json=as_json, **more)


def resume(
    service: Service,
    environment: Environment,
    *,
    reason: Reason = "resumed by an operator",
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Let a rollout that is held go on."""
    with told_in_one_line():
        aws = Aws(profile=profile, region=region, endpoint_url=endpoint_url)
        _ask(aws, "resume", service, environment, reason=reason, as_json=as_json)


def promote(
    service: Service,
    environment: Environment,
    *,
    reason: Reason,
    every: Annotated[
        bool, typer.Option("--all", help="Waive the evidence of all later steps too; gates stay.")
    ] = False,
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Open the gate that the rollout waits at, or waive what is missing of its step's evidence."""
    with told_in_one_line():
        aws = Aws(profile=profile, region=region, endpoint_url=endpoint_url)
        _ask(aws, "promote", service, environment, reason=reason, as_json=as_json, every=every)


def _ask(
    aws: Aws, verb: str, service: str, environment: str, *, reason: str, as_json: bool, **more: Any
) -> None:
    controller = Controller.find(aws, service=service, environment=environment)
    done = steer(aws, controller, verb, reason=reason, **more)
    status = read_status(aws, controller, rollout_id=done.rollout_id)
    if as_json:
        typer.echo(json.dumps({**done.to_json(), "status": status.to_json()}, indent=2))
    else:
        typer.echo(f"{done.rollout_id}: {done.message}")
        make_console().print(status_table(status))
