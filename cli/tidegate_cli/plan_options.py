"""The options of `tidegate plan`."""

from pathlib import Path
from typing import Annotated

import typer

BaseErrorRate = Annotated[
    float | None, typer.Option(help="Share of live's requests that are bad; the file's needs otherwise.")
]
ServiceFile = Annotated[Path | None, typer.Option(help="Service file with a rollout.")]
PlanFile = Annotated[
    Path | None, typer.Option("--plan", help="Plan as JSON, as RolloutPlan.to_json writes it.")
]
RequestsPerSecond = Annotated[
    float | None, typer.Option(help="Requests a second; the service file's needs otherwise.")
]
Ratio = Annotated[float, typer.Option(help="Candidate's error rate over live's that should be seen.")]
Instances = Annotated[int | None, typer.Option(help="Instances of live; the file's otherwise.")]
CandidateInstances = Annotated[
    int | None, typer.Option(help="Instances of the candidate; the plan's, or live's, otherwise.")
]
InstanceType = Annotated[str | None, typer.Option(help="Instance type; the file's otherwise.")]
PricePerHour = Annotated[float | None, typer.Option(help="Price of an instance-hour.")]
Quota = Annotated[int | None, typer.Option(help="Instances of the type that the account may use.")]
RewardRate = Annotated[
    float | None, typer.Option(help="With a contest: rewards of live for a request, for example 0.05.")
]
RewardRatio = Annotated[
    float, typer.Option(help="With a contest: candidate's rate of rewards over live's that should be seen.")
]
Shortest = Annotated[bool, typer.Option("--shortest", help="Find the shortest plan for a risk.")]
RiskBadAnswers = Annotated[float | None, typer.Option(help="With --shortest: most bad answers to expect.")]
DetectProbability = Annotated[
    float | None, typer.Option(help="With --shortest: least chance to fail before 100 %.")
]
