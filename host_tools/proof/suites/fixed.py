"""fixed.py: every primitive against exact integers, over the domain that its docstring promises."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.drivers import Arguments
from host_tools.proof.harness.noise import SMALLEST, WORD, Noise
from host_tools.proof.references import fixed as references
from plumbline.kernels import fixed as kernels

BELOW_Q29 = (1 - 2**29, 2**29 - 1)


def numbers(axes: Mapping[str, tuple[int, int]]) -> Callable[[Noise, int], Arguments]:
    """Vectors for a kernel that takes numbers alone."""
    return lambda noise, n: {name: noise.word(*span, n) for name, span in axes.items()}


def primitive(name: str, domain: str, whole: bool = False, **axes: tuple[int, int]) -> Check:
    """The check of one primitive: bit for bit, with a witness."""
    return Check(
        kernel=f"fixed.{name}",
        function=getattr(kernels, name),
        domain=domain,
        vectors=numbers(axes),
        reference=getattr(references, name),
        axes=axes,
        whole=whole,
        share=10.0,
        witness=getattr(references, f"{name}_witness"),
    )


def _clamp_vectors(noise: Noise, n: int) -> Arguments:
    a, b = noise.word(*WORD, n), noise.word(*WORD, n)
    return {"x": noise.word(*WORD, n), "low": np.minimum(a, b), "high": np.maximum(a, b)}


def _clamp() -> Check:
    check: dict[str, Any] = vars(primitive("clamp", "31 bits each, low <= high", x=WORD, low=WORD, high=WORD))
    # the limits are ordered, so the edges come with the random vectors, not as a product
    return Check(**{**check, "vectors": _clamp_vectors, "axes": {}})


CHECKS = [
    primitive("mul_q14", "|x| < 2^29, |k| <= 2^14", x=BELOW_Q29, k=(-(2**14), 2**14)),
    primitive("mul_q29", "|x| < 2^29, |y| <= 2^29", x=BELOW_Q29, y=(-(2**29), 2**29)),
    primitive(
        "divide",
        "n < 2^30, |d| < 2^29, bits <= 29",
        n=(0, 2**30 - 1),
        d=(-(2**29) + 1, 2**29 - 1),
        bits=(0, 29),
    ),
    primitive(
        "divide_signed",
        "|n| < 2^30, |d| < 2^29, bits <= 29",
        n=(1 - 2**30, 2**30 - 1),
        d=BELOW_Q29,
        bits=(0, 29),
    ),
    primitive("isqrt", "0 <= x < 2^30", whole=True, x=(0, 2**30 - 1)),
    Check(
        kernel="fixed.isqrt",
        function=kernels.isqrt,
        domain="-2^30 <= x < 0",
        vectors=numbers({"x": (SMALLEST, -1)}),
        reference=references.isqrt,
        axes={"x": (SMALLEST, -1)},
        witness=references.isqrt_witness,
    ),
    _clamp(),
    primitive("magnitude", "31 bits each, held within 18,000", x=WORD, y=WORD, z=WORD),
]
