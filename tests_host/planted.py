"""Kernel modules with a mistake planted in their text, run as plain Python; firmware/ stays as it is."""

from pathlib import Path
from types import ModuleType

import host_tools.host_board  # noqa: F401  (makes the kernels importable)


def planted(module: ModuleType, right: str, wrong: str) -> ModuleType:
    """A copy of the module in which that text, which must be there once, reads otherwise."""
    assert module.__file__ is not None
    source = Path(module.__file__).read_text()
    assert source.count(right) == 1, f"{right!r} stands {source.count(right)} times in {module.__file__}"
    copy = ModuleType(module.__name__)
    plain_source = source.replace("@micropython.viper\n", "").replace(right, wrong)
    exec(compile(plain_source, f"planted {module.__name__}", "exec"), vars(copy))
    return copy
