"""Two services that train, delivered twice by one pipeline, and what the proofs ask of them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.e2e.delivery.training import create_training
from tidegate_cli.failures import CliError
from tidegate_cli.operator.controller import stack_outputs
from tidegate_cli.operator.status import read_pointer
from tidegate_cli.rehearsal.models import DataSet, load_data
from tidegate_cli.rehearsal.request import save_rows
from tidegate_cli.rehearsal.training import labelled_rows
from tidegate_cli.rehearsal_pipeline.commits import Commit
from tidegate_cli.rehearsal_pipeline.executions import SUCCEEDED, ExecutionTold
from tidegate_cli.rehearsal_pipeline.stage import CODE, STACK, PipelineStage
from tidegate_cli.rehearsal_pipeline.traffic import Traffic

TREE: Final = Path(__file__).parent / "repository"
ENDPOINTS: Final = ("deploy-code-staging", "deploy-code-prod", "hybrid-staging", "hybrid-prod")
MODELS: Final = "rehearsed-hybrid-models"
_ASKED: Final = 60
_SECONDS: Final = 300.0
Package = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What one commit has led to.

    Attributes:
        revision: The commit.
        code: The execution of the code pipeline.
        live: The version that is live at each endpoint after it, as the registry describes it.

    """

    revision: str
    code: ExecutionTold
    live: Mapping[str, Package]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """Everything that was delivered.

    Attributes:
        first: What brought the services about.
        second: The next commit, which is rolled out while callers ask.
        models: The execution of the model pipeline that the second one led to.
        sent: Requests, by endpoint.
        failed: Requests without an answer.

    """

    first: Delivery
    second: Delivery
    models: ExecutionTold
    sent: Mapping[str, int]
    failed: int


def deliver(stage: PipelineStage) -> Delivered:
    """Deploy the pipeline once, and push two commits through it.

    Raises:
        CliError: a delivery did not come to its end, or to a good one.

    """
    data = load_data()
    commit = _prepare(stage, data)
    first = _push(stage, commit)
    rows, traffic = stage.work / "rows.jsonl", Traffic()
    save_rows(rows, *data.held_out)
    early = {each.id for each in stage.executions.every(MODELS)}
    traffic.start(stage.processes, ENDPOINTS, work=stage.work, url=stage.cloud.endpoint_url, rows=rows)
    second = _push(stage, commit, then=MODELS)
    sent, failed = traffic.stop()
    models = [each for each in stage.executions.every(MODELS) if each.id not in early]
    assert len(models) == 1, models
    return Delivered(first=first, second=second, models=models[0], sent=sent, failed=failed)


def _prepare(stage: PipelineStage, data: DataSet) -> Commit:
    """Deploy what training needs, then the pipeline; return what it is to deliver."""
    draft = _files(stage, data)
    assembly = stage.synth(Commit(message="Draft", files=draft).write(stage.work / "draft"))
    stage.open_repository()
    stage.cdk.bootstrap(assembly)
    stage.cdk.deploy(assembly, *(f"{name.rpartition('-')[2]}/{name}-foundation" for name in ENDPOINTS))
    create_training(stage.aws, data)
    files = {path: _with_buckets(stage, content) for path, content in draft.items()}
    commit = Commit(message="Train in staging and in production", files=files)
    stage.cdk.deploy(stage.synth(commit.write(stage.work / "repository")), STACK)
    return commit


def _files(stage: PipelineStage, data: DataSet) -> dict[str, bytes]:
    root, (rows, labels) = stage.cdk.checkout.root, data.held_out
    settings = {**json.loads((root / "cdk.json").read_text()), "app": "python app.py"}
    return {
        **{path.relative_to(TREE).as_posix(): path.read_bytes() for path in TREE.rglob("*.yaml")},
        "app.py": (root / "app.py").read_bytes(),
        "cdk.json": json.dumps(settings).encode(),
        "services/samples/validation.jsonl": labelled_rows(rows[:_ASKED], labels[:_ASKED]),
    }


def _with_buckets(stage: PipelineStage, content: bytes) -> bytes:
    """Return a file with the names of the artifact buckets, which CloudFormation has made up."""
    for name in ENDPOINTS:
        bucket = stack_outputs(stage.aws, f"{name}-foundation")["ArtifactBucket"]
        content = content.replace(f"bucket-of-{name}".encode(), bucket.encode())
    return content


def _push(stage: PipelineStage, commit: Commit, *, then: str = "") -> Delivery:
    """Push a commit and wait until it is delivered, and until what it has started has ended too."""
    before = {name: {each.id for each in stage.executions.every(name)} for name in (CODE, then) if name}
    revision = stage.push(commit)
    for name, known in before.items():
        found = stage.watch(name, _ended(known), what=f"{name} has delivered", seconds=_SECONDS)
        if found[-1].status != SUCCEEDED:
            raise CliError(stage.explained(found[-1]))
    code = next(each for each in stage.executions.every(CODE) if each.revision == revision)
    return Delivery(revision=revision, code=code, live={name: _live(stage, name) for name in ENDPOINTS})


def _ended(known: set[str]) -> Callable[[list[ExecutionTold]], bool]:
    return lambda found: (
        any(each.id not in known for each in found) and not any(each.at_work for each in found)
    )


def _live(stage: PipelineStage, endpoint: str) -> Package:
    service, _, environment = endpoint.rpartition("-")
    live = read_pointer(stage.aws, f"/tidegate/{environment}/{service}/live-model-package")
    assert live is not None, endpoint
    return dict(stage.aws.sagemaker.describe_model_package(ModelPackageName=live))
