"""The handlers' own code for the library: what is refused at synth is what they would refuse later."""

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Final

_HERE: Final = Path(__file__).resolve().parent
_NAME: Final = "tidegate_runtime"


def lambdas_root() -> Path:
    """Return the folder with the handlers: the one packed in the wheel, else the checkout's."""
    packaged = _HERE / "_lambdas"
    return packaged if packaged.is_dir() else _HERE.parents[1] / "lambdas"


def runtime_module(name: str) -> ModuleType:
    """Return a module of the handlers' runtime; it uses the standard library only.

    Only this package is made importable: the handlers beside it have names as common as `check` and `end`.

    Args:
        name: Name of the module below `tidegate_runtime`.

    """
    if _NAME not in sys.modules and find_spec(_NAME) is None:
        folder = lambdas_root() / _NAME
        spec = spec_from_file_location(
            _NAME, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        if spec is None or spec.loader is None:
            raise ImportError(f"this installation has no {folder}")
        sys.modules[_NAME] = module = module_from_spec(spec)
        spec.loader.exec_module(module)
    return import_module(f"{_NAME}.{name}")
