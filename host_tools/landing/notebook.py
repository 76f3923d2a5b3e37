"""Takes notes during a flight: truth beside estimate at 10 Hz, errors at every tick, moments, events."""

import math
from typing import Any

import numpy as np

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.landing.record import TRACE_NUMBERS, Event, FlightRecord, Limits, Moment, Touchdown
from host_tools.world import dynamics as dyn
from host_tools.world.world import World
from micropython import KERNEL_MODE
from plumbline.kernels import slots as s

EVERY_TICKS = 10
PHASES = ("waiting", "coast", "braking", "approach", "terminal", "contact", "landed", "abort", "orbit")
VERDICTS = ("none", "accepted", "on_trial", "terrain", "put_out", "overdue")
FLAGS = ("no_range", "disputed", "above_limit", "range_overdue", "coasting")  # the bits of VOT_FLAGS
MOMENT_OF_PHASE = {
    "braking": "ignition",
    "approach": "high_gate",
    "terminal": "terminal",
    "landed": "cutoff",
}
_TERRAIN_POINTS = 6000
_BEYOND_M = 20_000.0
_NEAR_M = 8_000.0


class Notebook:
    """One flight's notes; `look` after every tick, `record` at the end."""

    def __init__(self, world: World, voter: str, seed: int) -> None:
        self._world = world
        self._voter = voter
        self._seed = seed
        self._names = [part.name for part in world.scenario.vehicle.altimeters]
        self._rows: list[tuple[float, ...]] = []
        self._phases: list[str] = []
        self._readings: list[list[tuple[float, str]]] = []
        self._seen = [0] * len(self._names)
        self._latest: list[tuple[float, str]] = [(math.nan, "none")] * len(self._names)
        self._phase = 0
        self._rims_passed = np.zeros(len(world.terrain.rims), np.bool_)
        self._faults_seen: set[tuple[int, str]] = set()
        self._max_agl_error_m = math.nan
        self._max_altitude_error_m = 0.0
        self.moments: list[Moment] = []
        self.events: list[Event] = []

    def event(self, time_s: float, board: str, name: str, severity: str, argument: int) -> None:
        """An event that reached the spacecraft."""
        self.events.append(Event(time_s, board, name, severity, argument))

    def look(self, lander: Any, ticks: int) -> None:
        """Note what matters of this tick."""
        navigation, view = lander.navigation, self._world.view
        estimate, vote = navigation.estimate, navigation.vote
        if navigation.guidance[s.GUI_MASS_G] == 0:
            return
        error_m = abs(estimate[s.EST_ALTITUDE_MM] * 1e-3 - view[dyn.ALTITUDE_M])
        self._max_altitude_error_m = max(self._max_altitude_error_m, error_m)
        if vote[s.VOT_ACQUIRED]:
            error_m = abs(estimate[s.EST_AGL_MM] * 1e-3 - view[dyn.AGL_M])
            if math.isnan(self._max_agl_error_m):
                self._moment("first_range")
                self._max_agl_error_m = error_m
            self._max_agl_error_m = max(self._max_agl_error_m, error_m)
        phase = navigation.guidance[s.GUI_PHASE]
        if phase != self._phase:
            self._phase = phase
            name = MOMENT_OF_PHASE.get(PHASES[phase])
            if name is not None:
                self._moment(name)
        self._look_for_rims(view[dyn.DOWNRANGE_M])
        self._look_for_faults()
        self._look_at_altimeters(navigation)
        if ticks % EVERY_TICKS == 0:
            self._row(lander, estimate, view)

    def _moment(self, name: str) -> None:
        self.moments.append(Moment(name, self._world.now_us * 1e-6))

    def _look_for_rims(self, downrange_m: float) -> None:
        for i, rim in enumerate(self._world.terrain.rims):
            if not self._rims_passed[i] and downrange_m >= rim[0]:
                self._rims_passed[i] = True
                self._moment("rim")

    def _look_for_faults(self) -> None:
        if self._world.faults is None:
            return
        for i, fault in enumerate(self._world.faults.all):
            for name, at_us in fault.moments:
                if (i, name) not in self._faults_seen:
                    self._faults_seen.add((i, name))
                    self.moments.append(Moment(name, at_us * 1e-6))

    def _look_at_altimeters(self, navigation: Any) -> None:
        for i, reading in enumerate(navigation.readings):
            if reading[s.ALT_COUNT] != self._seen[i]:
                self._seen[i] = reading[s.ALT_COUNT]
                if reading[s.ALT_STATUS] & 1:
                    verdict = navigation.vote[s.VOT_FIRST + i * s.VOT_STRIDE + s.VOT_VERDICT]
                    self._latest[i] = (reading[s.ALT_RANGE_MM] * 1e-3, VERDICTS[verdict])

    def _row(self, lander: Any, estimate: Any, view: np.ndarray) -> None:
        world = self._world
        full_n = world.scenario.vehicle.full_thrust_n
        self._rows.append(
            (
                world.now_us * 1e-6,
                view[dyn.DOWNRANGE_M],
                view[dyn.CROSSRANGE_M],
                view[dyn.ALTITUDE_M],
                view[dyn.AGL_M],
                estimate[s.EST_ALTITUDE_MM] * 1e-3,
                estimate[s.EST_AGL_MM] * 1e-3 if lander.navigation.vote[s.VOT_ACQUIRED] else math.nan,
                lander.navigation.vote[s.VOT_PROTECTION_MM] * 1e-3,
                lander.navigation.vote[s.VOT_FLAGS],
                view[dyn.SPEED_UP],
                estimate[s.EST_VELOCITY_UP_Q8] / 256e3,
                math.hypot(view[dyn.SPEED_DOWNRANGE], view[dyn.SPEED_CROSSRANGE]),
                math.hypot(
                    estimate[s.EST_VELOCITY_DOWNRANGE_Q8] / 256e3,
                    estimate[s.EST_VELOCITY_CROSSRANGE_Q8] / 256e3,
                ),
                self._commanded_n(lander) / full_n,
                math.degrees(view[dyn.TILT_RAD]),
                world.propellant_kg,
                lander.navigation.rate_group.overruns,
                lander.propulsion.rate_group.overruns,
                int(self._rims_passed.sum()),
            )
        )
        self._phases.append(PHASES[self._phase])
        self._readings.append(self._latest)
        self._latest = [(math.nan, "none")] * len(self._names)

    def _commanded_n(self, lander: Any) -> float:
        vehicle, demand = self._world.scenario.vehicle, lander.navigation.demand
        assist_n = vehicle.full_thrust_n - vehicle.main_engine.thrust_n
        main_n = vehicle.main_engine.thrust_n if demand[s.DEM_FLAGS] & 2 else 0.0
        return main_n + assist_n * demand[s.DEM_THROTTLE_Q14] / 16384.0

    def _trace(self) -> dict[str, np.ndarray]:
        trace: dict[str, np.ndarray] = dict(zip(TRACE_NUMBERS, np.array(self._rows).T, strict=True))
        trace["phase"] = np.array(self._phases)
        for i, name in enumerate(self._names):
            trace[f"{name}_range_m"] = np.array([row[i][0] for row in self._readings])
            trace[f"{name}_verdict"] = np.array([row[i][1] for row in self._readings])
        return trace

    def _terrain_downrange_m(self, flown_m: np.ndarray) -> np.ndarray:
        """Places for the picture: the whole way, and the last kilometres finely."""
        way_m = np.linspace(flown_m.min(), flown_m.max() + _BEYOND_M, _TERRAIN_POINTS)
        near_m = np.linspace(flown_m.max() - _NEAR_M, flown_m.max() + _NEAR_M, _TERRAIN_POINTS)
        return np.union1d(way_m, near_m)

    def record(self, landed: bool, outcome: str, ticks: int, wall_s: float) -> FlightRecord:
        """The whole flight."""
        world = self._world
        scenario = world.scenario
        trace = self._trace()
        downrange_m = self._terrain_downrange_m(trace["downrange_m"])
        touchdown = self._touchdown()
        left_kg = world.propellant_kg
        requirement = scenario.requirement
        return FlightRecord(
            scenario=scenario.name,
            title=scenario.title,
            seed=self._seed,
            voter=self._voter,
            landed=landed,
            outcome=outcome,
            touchdown=touchdown,
            propellant_left_kg=left_kg,
            propellant_left_fraction=left_kg / scenario.vehicle.propellant_at_ignition_kg,
            max_agl_error_m=self._max_agl_error_m,
            max_altitude_error_m=self._max_altitude_error_m,
            requirement=Limits(
                requirement.vertical_speed_m_s,
                requirement.horizontal_speed_m_s,
                requirement.tilt_deg,
                requirement.propellant_left_fraction,
            ),
            altimeters=self._names,
            trace=trace,
            terrain_downrange_m=downrange_m,
            terrain_height_m=world.terrain.heights_m(downrange_m),
            moments=sorted(self.moments, key=lambda moment: moment.time_s),
            events=self.events,
            ticks=ticks,
            wall_s=wall_s,
            kernels=KERNEL_MODE,
        )

    def _touchdown(self) -> Touchdown | None:
        contact = self._world.contact
        if contact[0] == 0.0:
            return None
        at = contact[1:]
        time_s = float(contact[0] * 1e-6)
        self.moments.append(Moment("touchdown", time_s))
        return Touchdown(
            time_s=time_s,
            vertical_speed_m_s=float(-at[dyn.SPEED_UP]),
            horizontal_speed_m_s=math.hypot(at[dyn.SPEED_DOWNRANGE], at[dyn.SPEED_CROSSRANGE]),
            tilt_deg=math.degrees(at[dyn.TILT_RAD]),
            miss_distance_m=math.hypot(at[dyn.DOWNRANGE_M], at[dyn.CROSSRANGE_M]),
        )
