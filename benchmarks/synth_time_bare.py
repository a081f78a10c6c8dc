"""The floor of benchmarks.synth_time: an app of plain L1 resources, written from synthesized templates."""

import inspect
import typing
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

_HEAD: Final = """import gc
gc.disable()
import aws_cdk
from aws_cdk import App, CfnParameter, CfnResource, Stack, Token
gc.freeze()
gc.enable()
app = App()
"""
_INPUTS: Final = """from pathlib import Path
from stacks.service_files import load_deployments
from constructs import Construct
from tidegate._assets import function_code
load_deployments(Path("services"))
for folder in {folders!r}:
    function_code(Construct(stack, folder), folder)
"""


def write_bare_app(templates: Mapping[str, Mapping[str, Any]], target: Path, *, inputs: bool = False) -> None:
    """Write an app that makes each resource by its typed `Cfn...` class, as one would by hand.

    Args:
        templates: The templates, by the name of the stack.
        target: The file to write.
        inputs: Whether it also reads the service files and packs each function's code: what the example app
            cannot leave out, however its resources are made.

    """
    stacks = [line for name, template in templates.items() for line in _stack(name, template)]
    modules = sorted({line for line in stacks if line.startswith("import ")})
    made = [line for line in stacks if not line.startswith("import ")]
    read = _INPUTS.format(folders=sorted(_folders(templates))) if inputs else ""
    target.write_text("\n".join([*modules, _HEAD, *made, read, "app.synth()", ""]), encoding="utf-8")


def _folders(templates: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for template in templates.values():
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Lambda::Function":
                yield str(resource["Properties"]["Handler"]).partition(".")[0]


def _stack(name: str, template: Mapping[str, Any]) -> Iterator[str]:
    yield f"stack = Stack(app, {name!r})"
    for key, parameter in template.get("Parameters", {}).items():
        if key != "BootstrapVersion":  # the stack has it of itself
            settings = f"type={parameter['Type']!r}, default={parameter['Default']!r}"
            yield f"CfnParameter(stack, {key!r}, {settings})"
    for key, resource in template["Resources"].items():
        yield from _resource(key, resource["Type"], resource.get("Properties", {}))


def _resource(key: str, kind: str, properties: Mapping[str, Any]) -> Iterator[str]:
    vendor, *names = kind.split("::")
    if vendor != "AWS":
        yield f"CfnResource(stack, {key!r}, type={kind!r}, properties={dict(properties)!r})"
        return
    service, resource = names
    module = f"aws_cdk.aws_{service.lower()}"
    yield f"import {module}"
    made = getattr(import_module(module), f"Cfn{resource}")
    yield f"{module}.{made.__qualname__}(stack, {key!r}, {_arguments(made, properties)})"


def _arguments(made: type[Any], properties: Mapping[str, Any]) -> str:
    """Return the keyword arguments of a class; CloudFormation's names differ in capitals and underscores."""
    constructor = inspect.getattr_static(made, "__init__")
    hints = typing.get_type_hints(constructor)
    names = {name.replace("_", "").lower(): name for name in inspect.signature(constructor).parameters}
    given = {names[key.lower()]: value for key, value in properties.items()}
    return ", ".join(f"{name}={_value(value, hints[name])}" for name, value in given.items())


def _value(value: Any, hint: Any) -> str:
    choices = list(_choices(hint))
    if isinstance(value, dict):
        return _mapping(value, choices)
    if isinstance(value, list):
        (items,) = [typing.get_args(one)[0] for one in choices if _is(one, "Sequence", "List")] or [Any]
        return f"[{', '.join(_value(one, items) for one in value)}]"
    return repr(value)


def _mapping(value: dict[str, Any], choices: list[Any]) -> str:
    if str in choices and [key for key in value if key == "Ref" or key.startswith("Fn::")]:
        return f"Token.as_string({value!r})"
    for one in choices:
        if inspect.isclass(one) and hasattr(one, "__jsii_type__") and one.__name__ != "IResolvable":
            return f"{one.__module__}.{one.__qualname__}({_arguments(one, value)})"
    for one in choices:
        if _is(one, "Mapping"):
            inner = typing.get_args(one)[1]
            return f"{{{', '.join(f'{key!r}: {_value(each, inner)}' for key, each in value.items())}}}"
    return repr(value)


def _choices(hint: Any) -> Iterator[Any]:
    if typing.get_origin(hint) is typing.Union:
        for one in typing.get_args(hint):
            yield from _choices(one)
    else:
        yield hint


def _is(hint: Any, *names: str) -> bool:
    origin = typing.get_origin(hint)
    return origin is not None and origin.__name__.capitalize() in names
