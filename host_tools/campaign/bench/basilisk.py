"""Our vehicle as Basilisk has it: a hub, a tank, fifteen thrusters, and the Moon as a point mass.

Basilisk (PyPI `bsk`, the extra `bench`) is imported by name when it is asked for: nothing else needs it.
Its fuel tank of uniform burn is a cylinder whose inertia is linear in its mass: radius and length are
chosen so that hub and tank together have the profile's inertia, full and empty.
"""

import importlib
import importlib.metadata
import math
from types import SimpleNamespace
from typing import Any

import numpy as np

from host_tools.campaign.bench.burn import Floats
from host_tools.world import dynamics as dyn
from host_tools.world.moon import MU_M3_S2, RADIUS_M
from host_tools.world.vehicle import FlightVehicle

NS_PER_S = 1_000_000_000
TASK = "dynamics"
# Modules of a task run by falling priority: what feeds the thrusters, the thrusters, the tank, the body.
FEED, THRUSTERS, TANK, BODY, PILOT = 100, 20, 15, 10, 5
_MODULES = {
    "architecture": ("messaging", "sysModel"),
    "simulation": ("fuelTank", "gravityEffector", "spacecraft", "thrusterDynamicEffector"),
    "utilities": ("SimulationBaseClass",),
}


class NoBasilisk(Exception):
    """Basilisk cannot be imported; the message is one line."""


def modules() -> SimpleNamespace:
    """What the bench uses of Basilisk. Raises NoBasilisk."""
    found = SimpleNamespace()
    for package, names in _MODULES.items():
        for name in names:
            try:
                setattr(found, name, importlib.import_module(f"Basilisk.{package}.{name}"))
            except ImportError as error:
                raise NoBasilisk(
                    f"Basilisk cannot be imported ({error}): `make bench` installs it, "
                    "or pip install -e '.[bench]'"
                ) from error
    return found


def version() -> str:
    """Of the installed Basilisk."""
    return importlib.metadata.version("bsk")


class BasiliskLander:
    """The vehicle in a Basilisk simulation of one task; `add` modules, then `start`, then `run`.

    start_state: as a row of a path (burn.py). Keeps every part: Basilisk holds only references to them.
    """

    def __init__(self, start_state: Floats, vehicle: FlightVehicle, step_s: float) -> None:
        self.bsk = modules()
        self._added: list[Any] = []
        self._simulation = self.bsk.SimulationBaseClass.SimBaseClass()
        process = self._simulation.CreateNewProcess("bench")
        process.addTask(self._simulation.CreateNewTask(TASK, round(step_s * NS_PER_S)))
        self.thrusters = [self._thruster(row) for row in vehicle.thrusters]
        self.body = self._body(start_state, vehicle)
        self._effector = self.bsk.thrusterDynamicEffector.ThrusterDynamicEffector()
        for thruster in self.thrusters:
            self._effector.addThruster(thruster)
        self._tank = self._filled_tank(start_state, vehicle)
        self._tank.addThrusterSet(self._effector)
        self.body.addDynamicEffector(self._effector)
        self.body.addStateEffector(self._tank)
        self.commands = self.bsk.messaging.THRArrayOnTimeCmdMsg()
        self._effector.cmdsInMsg.subscribeTo(self.commands)
        for module, priority in ((self._effector, THRUSTERS), (self._tank, TANK), (self.body, BODY)):
            self.add(module, priority)

    def add(self, module: Any, priority: int) -> None:
        """One more module in the task."""
        self._simulation.AddModelToTask(TASK, module, priority)
        self._added.append(module)

    def command(self, on_times_s: list[float]) -> None:
        """Open each valve for so long from the start on."""
        payload = self.bsk.messaging.THRArrayOnTimeCmdMsgPayload()
        payload.OnTimeRequest = on_times_s
        self.commands.write(payload, 0)

    def start(self) -> None:
        """Everything is connected."""
        self._simulation.InitializeSimulation()

    def run(self, until_s: float) -> None:
        """Until this simulated time."""
        self._simulation.ConfigureStopTime(round(until_s * NS_PER_S))
        self._simulation.ExecuteSimulation()

    def _body(self, start_state: Floats, vehicle: FlightVehicle) -> Any:
        """The hub: the empty vehicle, its centre of mass off the thrust axis as the vehicle's is."""
        body = self.bsk.spacecraft.Spacecraft()
        body.ModelTag = "lander"
        body.hub.mHub = float(vehicle.frame[dyn.F_EMPTY_KG])
        body.hub.r_BcB_B = _column(np.zeros(3))  # thrusters are placed from the centre of mass
        body.hub.IHubPntBc_B = np.diag(vehicle.frame[dyn.F_I_EMPTY :][:3]).tolist()
        body.hub.r_CN_NInit = _column(start_state[dyn.POSITION :][:3])
        body.hub.v_CN_NInit = _column(start_state[dyn.VELOCITY :][:3])
        body.hub.sigma_BNInit = _column(rodrigues(start_state[dyn.QUATERNION :][:4]))
        body.hub.omega_BN_BInit = _column(start_state[dyn.RATES :][:3])
        moon = self.bsk.gravityEffector.GravBodyData()
        moon.planetName = "moon_planet_data"
        moon.mu = MU_M3_S2
        moon.radEquator = RADIUS_M
        moon.isCentralBody = True
        body.gravField.gravBodies = self.bsk.spacecraft.GravBodyVector([moon])
        return body

    def _filled_tank(self, start_state: Floats, vehicle: FlightVehicle) -> Any:
        """Propellant as a cylinder along the thrust axis around the centre of mass, which it never moves.

        `updateOnly`: mass and inertia change, but flow exerts no torque by itself (no damping by the jets,
        no rate of inertia), as in our world.
        """
        frame = vehicle.frame
        gains = frame[dyn.F_I_FULL :][:3] - frame[dyn.F_I_EMPTY :][:3]
        along, across, _ = gains / (frame[dyn.F_IGNITION_KG] - frame[dyn.F_EMPTY_KG])
        if gains[1] != gains[2]:
            raise ValueError("a cylinder along the thrust axis gains as much inertia about y as about z")
        model = self.bsk.fuelTank.FuelTankModelUniformBurn()
        model.propMassInit = float(start_state[dyn.MASS] - frame[dyn.F_EMPTY_KG])
        model.maxFuelMass = model.propMassInit
        model.r_TcT_TInit = _column(np.zeros(3))
        model.radiusTankInit = math.sqrt(2.0 * along)  # I = m r^2 / 2
        model.lengthTank = math.sqrt(12.0 * (across - along / 2.0))  # I = m (r^2 / 4 + l^2 / 12)
        tank = self.bsk.fuelTank.FuelTank()
        tank.setTankModel(model)
        tank.setR_TB_B(_column(np.zeros(3)))
        tank.setDcm_TB([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])  # its third axis is our x
        tank.setUpdateOnly(True)
        return tank

    def _thruster(self, row: Floats) -> Any:
        """One thruster at full force, without ramps."""
        thruster = self.bsk.thrusterDynamicEffector.THRSimConfig()
        thruster.thrLoc_B = _column(row[dyn.T_X :][:3])
        thruster.thrDir_B = _column(row[dyn.T_DIR_X :][:3])
        thruster.MaxThrust = float(row[dyn.T_FORCE_N])
        thruster.steadyIsp = float(row[dyn.T_ISP_S])
        thruster.MinOnTime = 0.0
        thruster.updateOnly = True
        return thruster


def rodrigues(quaternion: Floats) -> Floats:
    """Modified Rodrigues parameters of a unit quaternion, scalar first."""
    sign = -1.0 if quaternion[0] < 0.0 else 1.0
    return sign * quaternion[1:] / (1.0 + sign * quaternion[0])


def quaternions(sigmas: Floats) -> Floats:
    """(n, 4) unit quaternions, scalar first, of (n, 3) modified Rodrigues parameters."""
    squares = np.sum(sigmas**2, axis=1, keepdims=True)
    return np.hstack([(1.0 - squares) / (1.0 + squares), 2.0 * sigmas / (1.0 + squares)])


def _column(values: Floats) -> list[list[float]]:
    return [[float(value)] for value in values]
