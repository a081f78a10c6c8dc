"""The command `advise`: which kind of inference fits, and why the others do not."""

import json
from typing import Annotated

import typer
from rich.console import Console, Group
from rich.text import Text

from tidegate.advice import Advice, Choice, Rejection
from tidegate.advice import advise as advise_on
from tidegate.compatibility import Feature
from tidegate.workload import Cost, Traffic, Workload
from tidegate_cli.failures import ExitCode


def advise(
    *,
    payload_mb: Annotated[float, typer.Option(help="Largest request or answer in MB.")] = 1.0,
    processing_seconds: Annotated[
        float, typer.Option(help="Longest time that the model works on one request.")
    ] = 0.1,
    answer_within_seconds: Annotated[
        float, typer.Option(help="How long a caller may wait, processing included.")
    ] = 1.0,
    traffic: Annotated[Traffic, typer.Option(help="Shape of the traffic.")] = "steady",
    requests_per_second: Annotated[float, typer.Option(help="Requests a second at the peak.")] = 1.0,
    cost: Annotated[Cost, typer.Option(help="What matters more.")] = "balanced",
    gpu: Annotated[bool, typer.Option(help="Whether the models need GPUs.")] = False,
    models: Annotated[int, typer.Option(help="How many models.")] = 1,
    frameworks: Annotated[int, typer.Option(help="How many different containers they need.")] = 1,
    feature: Annotated[
        list[Feature] | None, typer.Option(help="What else is wanted; may be given several times.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say which kind of inference fits, and why the others do not; no AWS account is asked."""
    try:
        workload = Workload(
            payload_mb=payload_mb,
            processing_seconds=processing_seconds,
            answer_within_seconds=answer_within_seconds,
            traffic=traffic,
            requests_per_second=requests_per_second,
            cost=cost,
            gpu=gpu,
            models=models,
            frameworks=frameworks,
            features=frozenset(feature if feature is not None else ()),
        )
    except ValueError as error:
        typer.echo(f"tidegate: {error}", err=True)
        raise typer.Exit(int(ExitCode.USAGE)) from error
    advice = advise_on(workload)
    if as_json:
        typer.echo(json.dumps(advice.to_json(), indent=2))
    else:
        Console(highlight=False, soft_wrap=True).print(advice_view(advice))
    if not advice.choices:
        raise typer.Exit(int(ExitCode.FAILED))


def advice_view(advice: Advice) -> Group:
    """Return the answer for a terminal."""
    lines = [line for position, choice in enumerate(advice.choices) for line in _choice(position, choice)]
    if not advice.choices:
        lines = [Text("Nothing fits.", style="bold red")]
    rejected = [line for rejection in advice.rejected for line in _rejection(rejection)]
    return Group(*lines, *([Text("\nDoes not fit", style="bold"), *rejected] if rejected else []))


def _choice(position: int, choice: Choice) -> list[Text]:
    style = "bold green" if position == 0 else "bold"
    title = "Best fit" if position == 0 else "Fits too"
    points = [Text(f"  {point.weight:+d}  {point.reason}") for point in choice.points]
    conditions = [Text(f"  if  {finding.reason} ({finding.source})") for finding in choice.conditions]
    return [Text(f"{title}: {choice.mode.value} ({choice.score:+d})", style=style), *points, *conditions]


def _rejection(rejection: Rejection) -> list[Text]:
    reasons = [Text(f"  {finding}") for finding in rejection.reasons]
    return [Text(rejection.mode.value), *reasons]
