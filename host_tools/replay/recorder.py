"""Writes down the readings of a simulated flight, as the drivers had them, for `plumbline replay`.

    recorder = Recorder()
    fly(scenario, onlooker=recorder.look)
    recorder.content()

Replayed, they give the same votes bit for bit: numbers stand in units of which they are whole fractions.
"""

from typing import Any

from host_tools.host_board.lander import Lander
from host_tools.replay.columns import (
    ANGLES,
    ATTITUDE,
    BEAM,
    DOPPLER,
    FLAG_WORDS,
    FLAGS,
    HEADER,
    IMU,
    INITIAL,
    KICKS,
    POSITION,
    SENSOR,
    SPEEDS,
    TIME,
)
from host_tools.replay.parts import ANGLE_LSB_DEG, UNIT_Q14, UNIT_Q29, VELOCITY_LSB_M_S
from plumbline.kernels import slots as s


class Recorder:
    """Looks at a lander of the host board after every tick."""

    def __init__(self) -> None:
        self._lines = [",".join(HEADER)]
        self._commands = 0
        self._lost = 0
        self._faults = 0
        self._counts = {"laser": 0, "radar": 0}

    def look(self, lander: Lander) -> None:
        """Write down what the tick just flown has read."""
        navigation = lander.navigation
        time = f"{lander.world.now_us * 1e-6:.2f}"
        if navigation.bus.accepted != self._commands:
            self._commands = navigation.bus.accepted
            self._add(time, INITIAL, _initial(navigation.bus.values))
        self._look_at_imu(time, navigation.imu.readings)
        names = {part.kind: part.name for part in lander.world.scenario.vehicle.altimeters}
        for kind in self._counts:
            readings = getattr(navigation, kind).readings
            if readings[s.ALT_COUNT] != self._counts[kind]:
                self._counts[kind] = readings[s.ALT_COUNT]
                self._add(time, names.get(kind, kind), _reply(readings))

    def content(self) -> bytes:
        """The file."""
        return "".join(line + "\n" for line in self._lines).encode()

    def _look_at_imu(self, time: str, readings: Any) -> None:
        lost, faults = readings[s.IMU_LOST] - self._lost, readings[s.IMU_FAULTS] - self._faults
        self._lost, self._faults = readings[s.IMU_LOST], readings[s.IMU_FAULTS]
        samples = readings[s.IMU_SAMPLES]
        if samples or lost or faults:
            cells: dict[str, Any] = {"samples": samples, "lost": lost or "", "faults": faults or ""}
            for i in range(3):
                cells[ANGLES[i]] = readings[s.IMU_ANGLE_X + i] * ANGLE_LSB_DEG
                cells[KICKS[i]] = readings[s.IMU_VELOCITY_X + i] * VELOCITY_LSB_M_S
            self._add(time, IMU, cells)

    def _add(self, time: str, sensor: str, cells: dict[str, Any]) -> None:
        cells |= {TIME: time, SENSOR: sensor}
        self._lines.append(",".join(str(cells.get(name, "")) for name in HEADER))


def _initial(fields: Any) -> dict[str, Any]:
    """The fields of INITIAL_STATE."""
    cells: dict[str, Any] = {name: fields[i] / 1e3 for i, name in enumerate(POSITION)}
    cells |= {name: fields[3 + i] / 256e3 for i, name in enumerate(SPEEDS)}
    cells |= {name: fields[6 + i] / UNIT_Q29 for i, name in enumerate(ATTITUDE)}
    cells["mass_kg"] = fields[10] / 1e3
    return cells


def _reply(readings: Any) -> dict[str, Any]:
    status = readings[s.ALT_STATUS]
    cells: dict[str, Any] = {"age_ms": readings[s.ALT_AGE_MS]}
    if status & 1:
        cells["range_m"] = readings[s.ALT_RANGE_MM] / 1e3
    cosine, sine = readings[s.ALT_BEAM_COS_Q14], readings[s.ALT_BEAM_SIN_Q14]
    if cosine or sine:  # none when the driver has found it impossible
        cells |= {BEAM[0]: cosine / UNIT_Q14, BEAM[1]: sine / UNIT_Q14}
    if status & 8:
        cells |= {name: readings[s.ALT_VELOCITY_X_MM_S + i] / 1e3 for i, name in enumerate(DOPPLER)}
    cells[FLAGS] = " ".join(word for word, bit in FLAG_WORDS.items() if status & bit)
    return cells
