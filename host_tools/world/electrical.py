"""A lander's electrical world: sun on a solar array, a battery with internal resistance, loads, rails.

One bus: the battery hangs at it, loads take constant power out of it, the array's regulator feeds
what the sun gives into it until the battery is at its charging voltage. All figures are assumed, and
are parameters; none of the vehicles' electrical figures is public.
"""

from dataclasses import dataclass, field
from math import cos, radians, sin, sqrt

SUN_DEG_PER_S = 360.0 / (29.530589 * 86_400)  # synodic month: how fast the sun climbs at the equator
_DIODE_V = 0.4  # between battery and bus, ideal-diode controller at full load


@dataclass(frozen=True)
class Battery:
    """Seven lithium-ion cells in series: open-circuit voltage over the share of the charge that is left."""

    capacity_ah: float = 30.0
    resistance_ohm: float = 0.08
    charging_v: float = 29.2
    curve: tuple[tuple[float, float], ...] = (
        (0.0, 18.9), (0.05, 22.4), (0.2, 24.5), (0.5, 25.9), (0.8, 27.6), (1.0, 29.2),
    )  # fmt: skip

    def open_circuit_v(self, share: float) -> float:
        """Piecewise linear through `curve`; held at its ends."""
        if share <= self.curve[0][0]:
            return self.curve[0][1]
        for (low, low_v), (high, high_v) in zip(self.curve, self.curve[1:], strict=False):
            if share <= high:
                return low_v + (high_v - low_v) * (share - low) / (high - low)
        return self.curve[-1][1]


@dataclass(frozen=True)
class Array:
    """Panels on deck and on the sides, in W with the sun straight on them."""

    deck_w: float = 180.0
    side_w: float = 120.0

    def power_w(self, sun_elevation_deg: float) -> float:
        """What the sun gives at this elevation; nothing below the horizon."""
        if sun_elevation_deg <= 0:
            return 0.0
        elevation = radians(min(sun_elevation_deg, 90.0))
        return self.deck_w * sin(elevation) + self.side_w * cos(elevation)


@dataclass
class Electrical:
    """State and rails; `advance` moves time. Currents in A, positive into the battery and into the loads.

    avionics_w: what is never switched. arm_w: the valve drivers while they have their supply.
    loads_w: of each switched load. Who switches sets `loads_on` and `arm_on`.
    """

    battery: Battery = field(default_factory=Battery)
    array: Array = field(default_factory=Array)
    charge_share: float = 0.8
    sun_elevation_deg: float = 20.0
    sun_climb_deg_s: float = SUN_DEG_PER_S
    avionics_w: float = 35.0
    arm_w: float = 25.0
    loads_w: tuple[float, ...] = (30.0, 60.0, 45.0, 20.0, 8.0, 40.0)
    extra_w: float = 0.0  # a short circuit, a surge: whatever a test adds
    arm_on: bool = False
    arm_is_stuck: bool = False  # its switch has failed closed
    loads_on: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.loads_on = self.loads_on or [False] * len(self.loads_w)
        self.battery_v = self.battery.open_circuit_v(self.charge_share)
        self.battery_a = self.solar_a = self.bus_a = 0.0
        self.advance(0.0)

    @property
    def arm_v(self) -> float:
        """Voltage behind the arm supply's switch."""
        return self.bus_v if self.arm_on or self.arm_is_stuck else 0.0

    @property
    def arm_a(self) -> float:
        """Current into the valve drivers."""
        return self.arm_w / self.bus_v if self.arm_v else 0.0

    @property
    def bus_v(self) -> float:
        """Voltage of the loads' rail."""
        return self.battery_v - _DIODE_V

    @property
    def solar_v(self) -> float:
        """Voltage at the array's regulator: above the battery's while the sun shines."""
        return self.battery_v + 1.0 if self.array.power_w(self.sun_elevation_deg) else 0.0

    @property
    def load_w(self) -> float:
        """All that is taken out of the bus."""
        switched = sum(w for w, on in zip(self.loads_w, self.loads_on, strict=True) if on)
        return self.avionics_w + switched + self.extra_w + (self.arm_w if self.arm_v else 0.0)

    def advance(self, seconds: float) -> None:
        """Solve the bus for this moment, then move charge and sun by `seconds`."""
        self._solve()
        charge_as = 3600 * self.battery.capacity_ah
        self.charge_share = min(max(self.charge_share + self.battery_a * seconds / charge_as, 0.0), 1.0)
        self.sun_elevation_deg += self.sun_climb_deg_s * seconds

    def _solve(self) -> None:
        """Battery: v = open circuit + i r; power balance: i v = sun - loads, a quadratic in v."""
        open_v, ohm = self.battery.open_circuit_v(self.charge_share), self.battery.resistance_ohm
        sun_w = self.array.power_w(self.sun_elevation_deg)
        most_in_w = self.battery.charging_v * max(self.battery.charging_v - open_v, 0.0) / ohm
        into_w = min(sun_w - self.load_w, most_in_w)  # above it the regulator takes less of the sun
        under = open_v * open_v + 4 * ohm * into_w
        if under < 0:  # more than the battery can give: it delivers its most, at half its voltage
            self.battery_v, into_w = open_v / 2, -open_v * open_v / (4 * ohm)
        else:
            self.battery_v = (open_v + sqrt(under)) / 2
        self.battery_a = (self.battery_v - open_v) / ohm
        self.bus_a = self.load_w / self.battery_v
        self.solar_a = max(into_w + self.load_w, 0.0) / self.battery_v if sun_w else 0.0
