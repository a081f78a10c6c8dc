"""The real function roll_back under its own role: a statement that is taken away is found."""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.lambdas.test_handlers import ENVIRONMENT
from tests.localcloud.running_cloud import Client, clients, running
from tidegate._permissions import Statement, policy_document, statements, trust
from tidegate._targets import Place, Targets
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.ports import Lease, Run
from tidegate_runtime.state import Baseline, RunState

ROOT = Path(__file__).parents[2]
LAMBDAS = ROOT / "lambdas"
NAME, POINTER, STACK = (ENVIRONMENT[key] for key in ("ENDPOINT_NAME", "POINTER_PARAMETER", "HOSTING_STACK"))
PLACE = Place(partition="aws", region="us-east-1", account="000000000000")
TARGETS = Targets(
    place=PLACE,
    endpoint_name=NAME,
    group_name=NAME,
    pointer_parameter=POINTER,
    hosting_stack=STACK,
    ledger_arn=PLACE.arn("dynamodb", "table/ledger"),
    execution_role_arn=ENVIRONMENT["EXECUTION_ROLE_ARN"],
    bucket_arns=[],
)
ROLE = "arn:aws:iam::000000000000:role/f"
LIVE = PLACE.arn("sagemaker", f"model-package/{NAME}/1")
STATE = RunState(
    rollout_id="v2",
    model_package_arn=PLACE.arn("sagemaker", f"model-package/{NAME}/2"),
    phase="CHECKED",
    baseline=Baseline(
        config_name="Config-AbC", model_name="m", package_arn=LIVE, instances=2, instance_type="ml.m5.large"
    ),
)
TEMPLATE = {
    "Parameters": {"Live": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": POINTER}},
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Live"}}}},
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with running(tmp_path_factory.mktemp("cloud"), "--enforce-iam") as url:
        yield clients(url)


@pytest.fixture(scope="module")
def put_up(client: Client) -> Client:
    """Put up pointer, stack, ledger with a rollout that holds the endpoint, and the function."""
    client("ssm").put_parameter(Name=POINTER, Value=LIVE, Type="String")
    client("cloudformation").create_stack(StackName=STACK, TemplateBody=json.dumps(TEMPLATE))
    _wait(lambda: _status(client) == "CREATE_COMPLETE")
    keys = {"endpoint": "HASH", "entry": "RANGE"}
    client("dynamodb").create_table(
        TableName="ledger",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
    )
    ledger = DynamoLedger(client("dynamodb"), table="ledger", endpoint_name=NAME)
    assert ledger.acquire(Lease(rollout_id="v2", expires_at=2**31), replacing=None)
    assert ledger.save(Run(rollout_id="v2", status="RUNNING", body={"phase": "CHECKED"}))
    client("iam").create_role(
        RoleName="f", AssumeRolePolicyDocument=json.dumps(trust("lambda.amazonaws.com"))
    )
    variables = {key: value for key, value in ENVIRONMENT.items() if not key.startswith("AWS_")}
    client("lambda").create_function(
        FunctionName="f",
        Runtime="python3.14",
        Role=ROLE,
        Handler="roll_back.handler.handle",
        Code={"ZipFile": _archive()},
        Timeout=60,
        Environment={"Variables": {**variables, "ROLLOUT_STATE_MACHINE": TARGETS.rollout_machine}},
    )
    return client


def _archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for folder in ("roll_back", "tidegate_runtime"):
            for path in (LAMBDAS / folder).rglob("*.py"):
                archive.write(path, path.relative_to(LAMBDAS))
    return buffer.getvalue()


def _status(client: Client) -> str:
    return str(client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"])


def _wait(done: Callable[[], bool]) -> None:
    for _ in range(200):
        if done():
            return
        time.sleep(0.05)
    raise AssertionError("it takes too long")


def _asked(client: Client, allowed: Sequence[Statement]) -> dict[str, Any]:
    """Call the function under a role with these statements."""
    document = json.dumps(policy_document(allowed))
    client("iam").put_role_policy(RoleName="f", PolicyName="p", PolicyDocument=document)
    answer = client("lambda").invoke(FunctionName="f", Payload=json.dumps(STATE.to_dict()))
    result: dict[str, Any] = json.loads(answer["Payload"].read())
    return result


def test_the_synthesized_role_may_roll_back(put_up: Client) -> None:
    assert _asked(put_up, statements("roll_back", TARGETS))["status"] == "DONE"


@pytest.mark.parametrize(
    ("sid", "actions"),
    [
        ("ReadEndpoint", ["sagemaker:DescribeEndpoint"]),
        ("SetWeights", ["sagemaker:UpdateEndpointWeightsAndCapacities"]),
        ("UpdateEndpoint", ["sagemaker:UpdateEndpoint"]),
        ("ReadPointer", ["ssm:GetParameter"]),
        ("MovePointer", ["ssm:PutParameter"]),
        ("ReadStack", ["cloudformation:DescribeStacks", "cloudformation:DescribeStackResources"]),
        ("UpdateStack", ["cloudformation:UpdateStack"]),
        ("StopRollout", ["states:StopExecution"]),
    ],
)
def test_rejects_a_rollout_whose_rollback_lacks_a_statement(
    put_up: Client, sid: str, actions: list[str]
) -> None:
    allowed = [one for one in statements("roll_back", TARGETS) if one["Sid"] != sid]
    answer = _asked(put_up, allowed)
    assert answer["status"] == "REFUSED"
    assert answer["reason"].endswith(f"may not do {', '.join(actions)}")


def test_asking_changes_nothing(put_up: Client) -> None:
    """The pointer has moved since the stack was deployed: an update that started would be seen."""
    ssm = put_up("ssm")
    ssm.put_parameter(Name=POINTER, Value=f"{LIVE}0", Type="String", Overwrite=True)
    before = ssm.get_parameter(Name=POINTER)["Parameter"]["Version"]
    assert _asked(put_up, statements("roll_back", TARGETS))["status"] == "DONE"
    after = ssm.get_parameter(Name=POINTER)["Parameter"]
    assert (after["Version"], after["Value"]) == (before, f"{LIVE}0")
    assert _status(put_up) == "CREATE_COMPLETE"
