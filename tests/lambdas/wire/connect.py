"""Put the real adapters, with boto3's real clients, between the handlers and the fakes."""

from types import SimpleNamespace
from typing import Any, Final

from botocore import xform_name

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.parts import OUT
from tests.lambdas.wire.beside import (
    EventsSide,
    ExecutionsSide,
    MetricsSide,
    ParameterSide,
    RuntimeSide,
    ScalingSide,
    StackSide,
)
from tests.lambdas.wire.sagemaker_side import SageMakerSide
from tests.lambdas.wire.table_side import TableSide
from tests.lambdas.wire.transport import Answer, Refused, Request, Wire
from tidegate_runtime import errors, ports
from tidegate_runtime.adapters.alarms import CloudWatchAlarms
from tidegate_runtime.adapters.authority import RollbackAuthority
from tidegate_runtime.adapters.cloudwatch import CloudWatchMetrics
from tidegate_runtime.adapters.events import EventBus
from tidegate_runtime.adapters.executions import StateMachines
from tidegate_runtime.adapters.invoker import PATIENT, RuntimeInvoker
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.adapters.pointer import SsmPointer
from tidegate_runtime.adapters.registry import ModelRegistry
from tidegate_runtime.adapters.sagemaker import SageMakerEndpoint
from tidegate_runtime.adapters.scaling import VariantScaling
from tidegate_runtime.adapters.stacks import HostingStack
from tidegate_runtime.adapters.topic import SnsTopic
from tidegate_runtime.health_ports import Alarms
from tidegate_runtime.metric_ports import Metrics
from tidegate_runtime.notice_ports import Events, Topic
from tidegate_runtime.sample_ports import Invoker
from tidegate_runtime.settings import Settings

NAME: Final = "digits-rehearsal"


def connect(service: Service) -> Wire:
    """Let everything that a service's handlers ask of AWS go through botocore; return what it goes through.

    The fakes stay where they are, in whoever holds them; only the methods of their ports are exchanged for
    those of the adapters. What the fakes refuse is said as AWS says it.
    """
    sides: dict[str, Any] = {}

    def serve(request: Request) -> Answer:
        try:
            answer: Answer = getattr(sides[request.service], xform_name(request.operation))(request)
        except errors.Fault as fault:
            raise _as_aws_says(request.service, fault) from fault
        return answer

    wire = Wire(serve)
    sagemaker = wire.client("sagemaker")
    endpoint = _exchange(service.endpoint, SageMakerEndpoint(sagemaker, name=NAME), ports.Endpoint)
    registry = ModelRegistry(sagemaker, s3=wire.client("s3"))
    sides["sagemaker"] = SageMakerSide(
        service.endpoint, endpoint, _exchange(service.registry, registry, ports.Registry)
    )
    sides["s3"] = sides["sagemaker"]
    ledger = DynamoLedger(wire.client("dynamodb"), table="ledger", endpoint_name=NAME)
    sides["dynamodb"] = TableSide(_exchange(service.ledger, ledger, ports.Ledger))
    pointer = SsmPointer(wire.client("ssm"), name="/live")
    sides["ssm"] = ParameterSide(_exchange(service.pointer, pointer, ports.Pointer))
    runtime = RuntimeInvoker(wire.client("sagemaker-runtime", config=PATIENT), endpoint_name=NAME)
    sides["sagemaker-runtime"] = RuntimeSide(_exchange(service.invoker, runtime, Invoker))
    metrics = CloudWatchMetrics(wire.client("cloudwatch"), endpoint_name=NAME)
    alarms = CloudWatchAlarms(wire.client("cloudwatch"), endpoint_name=NAME, plan=service.plan)
    sides["cloudwatch"] = MetricsSide(
        _exchange(service.metrics, metrics, Metrics), _exchange(service.alarms, alarms, Alarms)
    )
    scaling = VariantScaling(wire.client("application-autoscaling"), endpoint_name=NAME)
    sides["application-autoscaling"] = ScalingSide(_exchange(service.scaling, scaling, ports.Scaling))
    machines = StateMachines(wire.client("stepfunctions"))
    sides["stepfunctions"] = ExecutionsSide(_exchange(service.executions, machines, ports.Executions))
    events = _exchange(service.events, EventBus(wire.client("events")), Events)
    topic = _exchange(service.topic, SnsTopic(wire.client("sns"), arn="arn:aws:sns:us-east-1:0:told"), Topic)
    sides["events"] = sides["sns"] = EventsSide(events, topic)
    stack = HostingStack(wire.client("cloudformation"), name=f"{NAME}-hosting")
    sides["cloudformation"] = StackSide(service.stack, _exchange(service.stack, stack, ports.Stack))
    return wire


def connect_authority(service: Service, wire: Wire) -> None:
    """Let the preflight ask over the wire as well; otherwise its calls would be the first of their kind."""
    settings = Settings(
        endpoint_name=NAME,
        pointer_parameter="/live",
        hosting_stack=f"{NAME}-hosting",
        ledger_table="ledger",
        model_package_group=NAME,
        plan=service.plan,
        execution_role_arn="arn:aws:iam::000000000000:role/execution",
        rollout_state_machine=OUT,
    )
    names = ("sagemaker", "cloudformation", "ssm", "stepfunctions")
    service.authority = RollbackAuthority(**{name: wire.client(name) for name in names}, settings=settings)


def _exchange(fake: Any, adapter: Any, port: type) -> SimpleNamespace:
    """Give a fake the adapter's methods of a port; return its own."""
    names = [name for name in vars(port) if not name.startswith("_")]
    own = SimpleNamespace(**{name: getattr(fake, name) for name in names})
    for name in names:
        setattr(fake, name, getattr(adapter, name))
    return own


def _as_aws_says(service: str, fault: errors.Fault) -> Refused:
    text = str(fault)
    if isinstance(fault, errors.EndpointBusy):
        return Refused("ValidationException", f'Cannot update in-progress endpoint "{text}".')
    if isinstance(fault, errors.EndpointMissing):
        return Refused("ValidationException", f'Could not find endpoint "{text}".')
    if isinstance(fault, errors.NothingToUpdate):
        return Refused("ValidationError", "No updates are to be performed.")
    if isinstance(fault, errors.ArtifactMissing):
        return Refused("404", "Not Found", status=404)
    if isinstance(fault, errors.Denied):
        return Refused("AccessDeniedException", text)
    if isinstance(fault, errors.QuotaExceeded):
        return Refused("ResourceLimitExceeded", text)
    if isinstance(fault, errors.Transient) and "can not be updated" not in text:
        return Refused("ServiceUnavailable", text, status=503)
    code = "ValidationError" if service == "cloudformation" else "ValidationException"
    return Refused(code, text)
