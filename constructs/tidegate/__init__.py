"""CDK constructs that deploy machine-learning models on Amazon SageMaker safely.

Example:
    from tidegate import InstanceVariant, Model, ModelSource, RealTimeEndpoint

    model = Model(stack, "Model", source=ModelSource.model_package(arn), role=role)
    live = InstanceVariant(name="live", model=model, instance_type="ml.m5.large", initial_count=2)
    RealTimeEndpoint(stack, "Endpoint", variants=[live], endpoint_name="digits")

The public names are the lines of `__init__.pyi`: type checkers read it, and at run time each name is
imported when it is first used. To export a name, add one line there.

"""

import re
from importlib import import_module
from pathlib import Path

# A stack needs a few of the constructs, and each one's CDK service modules take up to 0.2 s to import.
_HOMES = {
    name: module
    for module, name in re.findall(
        r"^from (tidegate\.\w+) import (\w+) as \2$",
        Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
