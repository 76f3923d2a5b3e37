"""What CMSIS-DSP's own tests allow, beside what was found here.

Limits: the tests of CMSIS-DSP for q31 (sin and cos 2,200 LSB of 2^31, square root 7, division 1;
shared facts of this project). The flight code has no trigonometric kernel: attitude takes its
cosines from the rotation matrix, which first-order steps of the quaternion keep.
"""

from dataclasses import dataclass
from functools import cache

from host_tools.proof.harness.sweep import Outcome


@dataclass(frozen=True)
class Comparison:
    """One operation: errors in LSB of our result word, their limit in LSB of 2^31 and of our word.

    Their tests compare with a reference that is quantised to the word; so does `ours_lsb`.
    """

    operation: str
    kernel: str
    ours_lsb: float | None  # against the exact value in our word
    real_lsb: float | None  # against the real number, which no integer hits
    limit_lsb: int
    word_bits: int

    @property
    def scaled_limit_lsb(self) -> float:
        """The same part of full scale in LSB of our shorter word."""
        return self.limit_lsb / 2 ** (31 - self.word_bits)


@cache
def _worst_root_error() -> float:
    from host_tools.proof.references.fixed import worst_root_error

    return worst_root_error()[0]


def comparisons(outcomes: list[Outcome]) -> list[Comparison]:
    """Rows for what these outcomes contain; trigonometry has none."""
    worst = {
        name: max((o.worst_error_lsb for o in outcomes if o.kernel == name), default=None)
        for name in _KERNELS
    }
    rows = []
    if worst["fixed.isqrt"] is not None:
        # the root of 30 bits has 15: rounded down, so under 1 of its last bits from the real root
        rows.append(
            Comparison("square root", "fixed.isqrt", worst["fixed.isqrt"], _worst_root_error(), 7, 15)
        )
    if worst["fixed.divide"] is not None:
        # floor: the remainder is below the divisor, so below 1 of the quotient's last bits
        rows.append(Comparison("division", "fixed.divide", worst["fixed.divide"], 1 - 2.0**-29, 1, 29))
    rows.append(Comparison("sine, cosine", "none in the flight code", None, None, 2200, 29))
    return rows


_KERNELS = ("fixed.isqrt", "fixed.divide")
