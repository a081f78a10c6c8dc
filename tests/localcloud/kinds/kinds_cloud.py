"""A running local cloud to which the repository's examples are deployed, and really called."""

import io
import json
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from botocore.config import Config

from tests.localcloud.running_cloud import clients

ROOT: Final = Path(__file__).resolve().parents[3]
SCALE: Final = 600
DEADLINE_SECONDS: Final = 40.0

ECHO: Final = """
import json, os, time
def model_fn(model_dir):
    return {version!r}
def predict_fn(data, model):
    if data == "bug" or {broken!r}:
        raise ValueError("negative width")
    if isinstance(data, dict) and "sleep" in data:
        time.sleep(data["sleep"])
    return {{"version": model, "data": data, "pid": os.getpid()}}
"""


class KindsCloud:
    """A local cloud in a process of its own.

    Args:
        folder: Where tests keep their files.
        url: Where it answers.

    """

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.client = clients(url, config=Config(retries={"total_max_attempts": 1}))
        self.sagemaker = self.client("sagemaker")
        self.runtime = self.client("sagemaker-runtime")
        self.s3 = self.client("s3")
        self.stacks = self.client("cloudformation")

    def upload(self, uri: str, *, version: str = "v1", broken: bool = False) -> None:
        """Put a model archive that answers with its version; a broken one fails at every request."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        self.s3.create_bucket(Bucket=bucket)
        target, data = io.BytesIO(), ECHO.format(version=version, broken=broken).encode()
        with tarfile.open(fileobj=target, mode="w:gz") as archive:
            member = tarfile.TarInfo("code/inference.py")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        self.s3.put_object(Bucket=bucket, Key=key, Body=target.getvalue())

    def deploy(self, stack: str, template: Mapping[str, Any], *, update: bool = False) -> None:
        """Begin to create a stack, or to update it."""
        change = self.stacks.update_stack if update else self.stacks.create_stack
        body = json.dumps(template)
        change(StackName=stack, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"])

    def settled(self, stack: str, meanwhile: Callable[[], object] | None = None) -> str:
        """Return the status that a stack ends in; on the way something may be done again and again."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            status = str(self.stacks.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])
            if not status.endswith("IN_PROGRESS"):
                return status
            assert time.monotonic() < deadline, self.reasons(stack)
            if meanwhile:
                meanwhile()
            time.sleep(0.02)

    def reasons(self, stack: str) -> list[str]:
        """Return why resources of a stack failed."""
        events = self.stacks.describe_stack_events(StackName=stack)["StackEvents"]
        return [each.get("ResourceStatusReason", "") for each in events if "FAILED" in each["ResourceStatus"]]

    def created(self, stack: str, template: Mapping[str, Any]) -> None:
        """Create a stack."""
        self.deploy(stack, template)
        assert self.settled(stack) == "CREATE_COMPLETE", self.reasons(stack)

    def until(self, done: Callable[[], bool]) -> None:
        """Wait for something."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not done():
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.02)

    def invoke(self, endpoint: str, data: object = 1, **more: Any) -> dict[str, Any]:
        """Call an endpoint and return its answer."""
        answer = self.runtime.invoke_endpoint(
            EndpointName=endpoint, Body=json.dumps(data), ContentType="application/json", **more
        )
        return dict(json.loads(answer["Body"].read()))


def synthesize(example: str, folder: Path) -> dict[str, Any]:
    """Return the template of an example, without what only a bootstrapped account has."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "constructs"), "CDK_OUTDIR": str(folder / example)}
    app = ROOT / "examples" / example / "app.py"
    subprocess.run([sys.executable, str(app)], cwd=folder, env=environment, timeout=60, check=True)
    (written,) = (folder / example).glob("*.template.json")
    template = json.loads(written.read_text())
    return {name: template[name] for name in ("Resources", "Outputs") if name in template}


def replaced(template: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """Return a template with a text replaced wherever it is."""
    return dict(json.loads(json.dumps(template).replace(old, new)))
