"""The chain of a control tick, in navigation's order and then propulsion's, on recorded sensor readings."""

from array import array

from plumbline.kernels import altitude, attitude, guidance, modulation, radar, ranging, slots, state, thrust

ALTIMETERS = 4
VALVES = 15
# what comes first in a step's vector
RESTART = 0  # all memories follow
GUIDANCE_DUE = 1
CONTACTS = 2
RADAR_NEW = 3  # the last altimeter's velocity is new
RADAR_DELAY_MS = 4
CONTROL_SIZE = 5


def _zeros(count: int):
    return array("i", [0] * count)


class Flight:
    """All memories of the two boards; a step is a tick."""

    def __init__(self) -> None:
        self.control = _zeros(CONTROL_SIZE)
        self.imu = _zeros(slots.IMU_SIZE)
        self.readings = [_zeros(slots.ALT_SIZE) for _ in range(ALTIMETERS)]
        self.estimate = _zeros(slots.EST_SIZE)
        self.state = _zeros(slots.STA_SIZE)
        self.vote = _zeros(slots.VOT_SIZE)
        self.guidance = _zeros(slots.GUI_SIZE)
        self.attitude = _zeros(slots.ATT_SIZE)
        self.demand = _zeros(slots.DEM_SIZE)
        self.modulation = _zeros(slots.MOD_SIZE)
        self.params = _zeros(slots.PAR_SIZE)
        self.fit = _zeros(slots.FIT_STRIDE * ALTIMETERS)
        self.pulses_us = _zeros(VALVES)
        self.result = _zeros(1)
        self.memories = (
            self.estimate,
            self.state,
            self.vote,
            self.guidance,
            self.attitude,
            self.demand,
            self.modulation,
            self.params,
            self.fit,
        )
        estimate = ("estimate", slots.EST_SIZE, 4)
        memory = ("guidance", slots.GUI_SIZE, 4)
        self.layout = []
        for kernel, parts in (
            ("state.step", (estimate, ("state", slots.STA_SIZE, 4))),
            ("radar.correct_velocity", (estimate,)),
            ("ranging.ingest", (("vote", slots.VOT_SIZE, 4),)),
            ("altitude.step", (estimate, ("vote", slots.VOT_SIZE, 4))),
            ("thrust.accumulate", (memory,)),
            ("guidance.step", (memory,)),
            ("attitude.step", (("attitude", slots.ATT_SIZE, 4), ("demand", slots.DEM_SIZE, 4))),
            ("modulation.step", (("modulation", slots.MOD_SIZE, 4), ("pulses_us", VALVES, 4))),
        ):
            self.layout.append((kernel, "result", 1, 4))
            for name, size, width in parts:
                self.layout.append((kernel, name, size, width))

    def _write(self, target, result: int, *arrays) -> None:
        self.result[0] = result
        target.write(self.result)
        for values in arrays:
            target.write(values)

    def step(self, source, target) -> None:
        """One tick of 10 ms."""
        control, estimate, memory = self.control, self.estimate, self.guidance
        source.readinto(control)
        if control[RESTART]:
            for values in self.memories:
                source.readinto(values)
        source.readinto(self.imu)
        for values in self.readings:
            source.readinto(values)
        self._write(target, state.step(estimate, self.state, self.imu), estimate, self.state)
        taken = 0
        if control[RADAR_NEW]:
            taken = radar.correct_velocity(estimate, self.readings[-1], control[RADAR_DELAY_MS])
        self._write(target, taken, estimate)
        taken = 0
        for index in range(self.vote[slots.VOT_FITTED]):
            taken += ranging.ingest(self.vote, estimate, self.readings[index], index, self.fit)
        self._write(target, taken, self.vote)
        self._write(target, altitude.step(self.vote, estimate), estimate, self.vote)
        self._write(target, thrust.accumulate(memory, estimate), memory)
        phase = memory[slots.GUI_PHASE]
        if control[GUIDANCE_DUE]:
            phase = guidance.step(memory, estimate, self.params, control[CONTACTS])
        self._write(target, phase, memory)
        flags = attitude.step(self.attitude, self.demand, estimate, memory)
        self._write(target, flags, self.attitude, self.demand)
        mask = modulation.step(self.modulation, self.pulses_us, self.demand)
        self._write(target, mask, self.modulation, self.pulses_us)
