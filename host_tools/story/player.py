"""Steps a story's spacecraft, writes down what was true meanwhile, and judges it by the truth at the end."""

from dataclasses import dataclass, field
from typing import Any

from host_tools.landing.loop import after_contact
from host_tools.landing.notebook import Notebook
from host_tools.landing.record import Event, FlightRecord
from host_tools.story.ground import Mark
from host_tools.story.resets import Resets
from host_tools.story.script import Script
from host_tools.story.spacecraft import Spacecraft
from host_tools.world import dynamics as dyn

TICKS_S = 100
_TRACE_TICKS = 50
_LONGEST_S = 7_200.0
_REVIVAL_TICKS = 20  # until the heart of a propulsion board that begins anew is believed
_STANDS_S = 10.0  # after the last step, to be heard and seen at rest


@dataclass
class Told:
    """A story as it was: marks, events, traces, images, and the figures of truth and of the bus."""

    script: Script
    seed: int
    late: bool
    complete: bool
    outcome: str
    marks: list[Mark]
    events: list[Event]
    descent: FlightRecord | None
    trace: dict[str, list[float]]
    images: dict[int, bytes]
    stations: dict[int, dict[str, int]]
    images_right: int
    rover_way_m: float
    figures: dict[str, Any] = field(default_factory=dict)


class Player:
    """Steps the spacecraft and notes."""

    def __init__(self, craft: Spacecraft, notebook: Notebook) -> None:
        self.craft = craft
        self.ticks = 0
        self._notebook = notebook
        self._landing: tuple[bool, str] | None = None
        self._descent: FlightRecord | None = None
        self._over_at = 0
        self._free_way_m: float | None = None
        self.resets = Resets(craft.ground.script.resets, craft.chips)
        self._trace: dict[str, list[float]] = {}

    @property
    def is_over(self) -> bool:
        """The script is at its end, the lander has crashed, or two hours have passed."""
        if self._landing is not None and not self._landing[0]:
            return True
        if self.ticks > _LONGEST_S * TICKS_S:
            return True
        return bool(self._over_at) and self.ticks >= self._over_at

    @property
    def now_s(self) -> float:
        """Simulated."""
        return self.ticks / TICKS_S

    @property
    def phase(self) -> int:
        """What guidance is in: the truth and not what was told."""
        return int(self.craft.navigation.guidance[0])

    def go_on_by(self, script: Script) -> None:
        """From now on by another script, which began as this one did."""
        self.craft.ground.script = script
        self.resets = Resets(script.resets, self.craft.chips)

    def step(self) -> None:
        """One tick."""
        craft = self.craft
        craft.step()
        self.ticks += 1
        if craft.chips:
            self.resets.look(craft.chips, self.now_s, craft.ground.marks, self.phase)
        if self._landing is None:
            self._notebook.look(craft, self.ticks)
            if craft.world.contact[0] > 0.0:
                self._landing = after_contact(craft.world, craft.navigation.guidance[0])
                if self._landing is not None:
                    self._descent = self._notebook.record(*self._landing, self.ticks, 0.0)
        rover = craft.rover
        if self._free_way_m is None and rover.rover.mode > 2:
            self._free_way_m = rover.world.travelled_m
        if self.ticks % _TRACE_TICKS == 0:
            self._note()
        if craft.ground.is_done and not self._over_at:
            self._over_at = self.ticks + (0 if craft.ground.failure else int(_STANDS_S * TICKS_S))

    def _note(self) -> None:
        craft = self.craft
        lander, rover = craft.power.world, craft.rover
        row = {
            "time_s": self.now_s,
            "lander_battery_a": lander.battery_a,
            "lander_battery_share": lander.charge_share,
            "lander_solar_a": lander.solar_a,
            "lander_load_a": lander.bus_a,
            "arm_supply": float(craft.power.arm_is_on),
            "rover_way_m": rover.world.travelled_m,
            "rover_along_m": rover.world.along_m,
            "rover_left_m": rover.world.left_m,
            "rover_odometer_m": (rover.rover.odometer_mm + _moving_mm(rover.rover)) * 1e-3,
            "rover_mode": float(rover.rover.mode),
            "rover_battery_v": rover.world.battery_v,
            "rover_pitch_deg": rover.world.pitch_rad * 57.29578,
            "rover_arm_rad": rover.world.arm_rad,
            "wheel_1_a": rover.world.wheel_a[0],
            "bus_kb": craft.bus.busy_us * 1e-6 * craft.bus.baudrate / 10 / 1e3,
        }
        for name, value in row.items():
            self._trace.setdefault(name, []).append(float(value))

    def told(self, script: Script, seed: int, late: bool, wall_s: float) -> Told:
        """The whole, judged by the truth: what has landed, how far the rover is, whose images are right."""
        craft, ground = self.craft, self.craft.ground
        way_m = (
            craft.rover.world.travelled_m - (self._free_way_m or 0.0) if self._free_way_m is not None else 0.0
        )
        taken = [frozen.image for frozen in craft.rover.camera.frozen]
        right = sum(image in taken for image in ground.downlink.complete.values())
        failure = self._failure(script, way_m, right)
        return Told(
            script=script,
            seed=seed,
            late=late,
            complete=not failure,
            outcome=failure or f"all {len(script.steps)} steps reached, and the truth agrees",
            marks=ground.marks,
            events=ground.events,
            descent=self._descent,
            trace=self._trace,
            images=dict(sorted(ground.downlink.complete.items())),
            stations=ground.downlink.abouts,
            images_right=right,
            rover_way_m=way_m,
            figures=self._figures(way_m, right, wall_s),
        )

    def _failure(self, script: Script, way_m: float, right: int) -> str:
        """Why the story is not complete, "" if it is."""
        if self._landing is None:
            return self.craft.ground.failure or "it did not land"
        if not self._landing[0]:
            return f"crashed: it {self._landing[1]}"
        if self.craft.ground.failure:
            return self.craft.ground.failure
        chips = self.craft.chips
        revivals = chips["propulsion"].resets if "propulsion" in chips else 0
        if self.craft.unsupplied_ticks > _REVIVAL_TICKS * revivals:
            return "valves were asked for while they had no supply"
        if way_m < script.goal.rover_way_m:
            return f"the rover has come {way_m:.1f} m of {script.goal.rover_way_m:g} m"
        if right < script.goal.images:
            return f"{right} of {script.goal.images} images are as the camera had them"
        return ""

    def _figures(self, way_m: float, right: int, wall_s: float) -> dict[str, Any]:
        craft, ground = self.craft, self.craft.ground
        seconds = self.now_s
        rover = craft.rover
        at = craft.world.contact[1:]
        return {
            "tier": _said(craft.tiers),
            "simulated_s": seconds,
            "wall_s": round(wall_s, 1),
            "touchdown_sinking_m_s": round(-float(at[dyn.SPEED_UP]), 3),
            "unsupplied_ticks": craft.unsupplied_ticks,
            "propellant_left_kg": round(craft.world.propellant_kg, 2),
            "lander_battery_share": round(craft.power.world.charge_share, 4),
            "lander_battery_a": round(craft.power.world.battery_a, 3),
            "rover_way_m": round(way_m, 3),
            "rover_odometer_m": round(rover.rover.odometer_mm * 1e-3, 3),
            "rover_battery_share": round(rover.world.charge_share, 4),
            "images_taken": len(rover.camera.frozen),
            "images_on_the_ground": len(ground.downlink.complete),
            "images_as_the_camera_had_them": right,
            "image_bytes": sum(map(len, ground.downlink.complete.values())),
            "images_asked_for": ground.downlink.asked,
            "commands_sent": ground.orders.sent,
            "commands_repeated": ground.orders.repeated,
            "commands_unanswered": ground.orders.unanswered,
            "steps_sent_anew": ground.repeats,
            "bus_load_mean": round(craft.bus.busy_us * 1e-6 / seconds, 4),
            "bus_worst_wait_us": int(craft.bus.worst_wait_us),
            "bus_bytes": {name: end.sent_bytes for name, end in craft.bus.ends.items()},
            "events": {name: sum(e.severity == name for e in ground.events) for name in _SEVERITIES},
            **craft.figures(),
            "hung_at_s": {done.board: round(done.at_s, 2) for done in self.resets.done},
            "resets": {name: chip.resets for name, chip in craft.chips.items()},
            **({} if craft.noise is None else {"bus_account": vars(craft.noise.account)}),
        }


_SEVERITIES = ("diagnostic", "activity", "warning", "fault")


def _said(tiers: dict[str, str]) -> str:
    """The one tier of all boards, or whose it is: "emulated: navigation, propulsion; host: power"."""
    if len(set(tiers.values())) == 1:
        return next(iter(tiers.values()))
    names = {tier: [name for name in tiers if tiers[name] == tier] for tier in sorted(set(tiers.values()))}
    return "; ".join(f"{tier}: {', '.join(boards)}" for tier, boards in names.items())


def _moving_mm(rover: Any) -> int:
    """Way of a straight motion under way, which the odometer does not have yet."""
    return int(rover.drive[4]) if rover.drive[0] == 1 else 0
