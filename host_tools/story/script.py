"""What the ground does, as data: steps in order, each with what it waits for and what it then sends.

    script = load_script("resilience_to_regolith")

Whatever is wrong with a file is a ScenarioError of one line: file, key, reason. Commands, their fields and
ranges, events and telemetry are judged by the link dictionary.
"""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from host_tools.ground.dictionary import load as load_dictionary
from host_tools.ground.model import Dictionary, Packet
from host_tools.landing.notebook import PHASES
from host_tools.scenarios.library import ScenarioError, read, validate
from host_tools.scenarios.rover import Rover, load_rover

FOLDER = Path(__file__).parent
FLYING = ("navigation", "propulsion", "power", "structure", "rover")  # boards of the story
_Seconds = Annotated[float, Field(ge=0, le=100_000)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(_Table):
    """One thing to wait for: an event since the last step, a value of telemetry, images on the ground."""

    event: str = ""  # "board.name"
    argument: int | None = None
    telemetry: str = ""  # "packet.field"
    at_least: int | None = None
    equals: int | None = None
    images: int | None = None


class Order(_Table):
    """One command: a field's value is an integer, or "packet.field" of the last telemetry."""

    command: str
    fields: dict[str, int | str] = {}


class Step(_Table):
    """When all conditions hold, and `after_s` later, the orders are sent. `fetch`: get images.

    again_from: the step to go back to when this one has not come within `again_s` or a board restarts whose
    event it waits for: a command, or the answer, is lost.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Annotated[str, Field(min_length=1)]
    when: list[Condition] = []
    after_s: _Seconds = 0.0
    within_s: _Seconds = 60.0
    send: list[Order] = []
    again_from: str = ""
    again_s: _Seconds = 3.0
    fetch: bool = False


class Start(_Table):
    """Another start of the descent, for a story that begins late; `ignition_mass_kg`: with emptier tanks."""

    altitude_m: float
    horizontal_speed_m_s: float
    vertical_speed_m_s: float
    range_to_site_m: float
    ignition_mass_kg: Annotated[float, Field(gt=0)] | None = None


class Goal(_Table):
    """What the truth has to say at the end."""

    rover_way_m: float
    images: int


class Reset(_Table):
    """A board hangs, and its watchdog resets it: at a time, or `after_s` after a step, or a phase of the
    descent (landing/notebook.py's PHASES), began.
    """

    board: str
    at_s: _Seconds | None = None
    step: str = ""
    phase: str = ""
    after_s: _Seconds = 0.0


class Bus(_Table):
    """What disturbs the bus: wrong bits, and a node that sends so many random bytes in each 10 ms."""

    bit_error_rate: Annotated[float, Field(ge=0, le=0.1)] = 0.0
    bit_errors_from_s: _Seconds = 0.0
    babble_bytes: Annotated[int, Field(ge=0, le=2000)] = 0
    babble_from_s: _Seconds = 0.0
    babble_for_s: _Seconds = 100_000.0


class Script(_Table):
    """The whole story. `rover` is a name or a path in the file; --late begins with `late`."""

    name: str
    title: Annotated[str, Field(min_length=1)]
    description: str
    descent: str
    rover: Rover
    sun_elevation_deg: float
    late: Start
    goal: Goal
    bus: Bus = Bus()
    resets: list[Reset] = []
    steps: Annotated[list[Step], Field(min_length=1)]


def names() -> list[str]:
    """The built-in stories."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_script(name_or_path: str) -> Script:
    """The built-in story of that name, or the one in that file. Raises ScenarioError."""
    path = FOLDER / f"{name_or_path}.toml" if name_or_path in names() else Path(name_or_path)
    if name_or_path not in names() and not path.suffix and not path.exists():
        known = ", ".join(names())
        raise ScenarioError(name_or_path, None, f"no such story: neither built in ({known}) nor a file")
    shown = path.name if name_or_path in names() else name_or_path
    data = read(path, shown)
    data["rover"] = _rover(data.get("rover", "micro_rover"), path, shown)
    script: Script = validate(Script, data, shown)
    _Judge(shown, load_dictionary()).judge(script)
    return script


def _rover(given: Any, path: Path, shown: str) -> Rover:
    if not isinstance(given, str):
        raise ScenarioError(shown, "rover", f"must be a rover's name or a path (got {given!r})")
    return load_rover(given, path.parent)


class _Judge:
    """Holds a script against the link dictionary."""

    def __init__(self, shown: str, dictionary: Dictionary) -> None:
        self._shown = shown
        self._packets = {packet.name: packet for packet in dictionary.packets}
        self._events = {event.name for event in dictionary.events}
        self._boards = {name for _, name in dictionary.boards}

    def judge(self, script: Script) -> None:
        """Raises ScenarioError for the first thing that is wrong."""
        seen: set[str] = set()
        for number, step in enumerate(script.steps):
            if step.name in seen:
                raise self._refuse(f"steps.{number}.name", f"'{step.name}' is there twice")
            if step.again_from and step.again_from not in seen:
                raise self._refuse(f"steps.{number}.again_from", f"no step '{step.again_from}' before it")
            seen.add(step.name)
            for condition in step.when:
                self._condition(f"steps.{number}.when", condition)
            for order in step.send:
                self._order(f"steps.{number}.send", order)

        for number, reset in enumerate(script.resets):
            self._reset(f"resets.{number}", reset, seen)

    def _reset(self, key: str, reset: Reset, steps: set[str]) -> None:
        if reset.board not in FLYING:
            raise self._refuse(f"{key}.board", f"'{reset.board}' is not one of {', '.join(FLYING)}")
        if [reset.at_s is not None, bool(reset.step), bool(reset.phase)].count(True) != 1:
            raise self._refuse(key, "needs one of at_s, step and phase")
        if reset.step and reset.step not in steps:
            raise self._refuse(f"{key}.step", f"no step '{reset.step}'")
        if reset.phase and reset.phase not in PHASES:
            raise self._refuse(f"{key}.phase", f"'{reset.phase}' is not one of {', '.join(PHASES)}")

    def _refuse(self, key: str, reason: str) -> ScenarioError:
        return ScenarioError(self._shown, key, reason)

    def _condition(self, key: str, condition: Condition) -> None:
        kinds = [bool(condition.event), bool(condition.telemetry), condition.images is not None]
        if sum(kinds) != 1:
            raise self._refuse(key, "must be one of event, telemetry or images")
        if condition.event:
            board, _, name = condition.event.partition(".")
            if board not in self._boards or name not in self._events:
                raise self._refuse(key, f"no event '{condition.event}': it is board.name of the dictionary")
        if condition.telemetry:
            self._field(key, condition.telemetry)
            if (condition.at_least is None) == (condition.equals is None):
                raise self._refuse(key, "telemetry needs one of at_least and equals")

    def _field(self, key: str, reference: str) -> None:
        name, _, field = reference.partition(".")
        packet = self._packets.get(name)
        if packet is None or packet.is_command or field not in {f.name for f in packet.fields}:
            raise self._refuse(key, f"no telemetry '{reference}': it is packet.field of the dictionary")

    def _order(self, key: str, order: Order) -> None:
        packet = self._packets.get(order.command)
        if packet is None or not packet.is_command:
            raise self._refuse(key, f"no command '{order.command}' in the dictionary")
        if order.command == "initial_state":  # from orbit determination, whatever it says
            return
        wanted = [field.name for field in packet.fields]
        if sorted(order.fields) != sorted(wanted):
            raise self._refuse(key, f"{order.command} has the fields {', '.join(wanted)}")
        for name, value in order.fields.items():
            self._value(key, packet, name, value)

    def _value(self, key: str, packet: Packet, name: str, value: Any) -> None:
        if isinstance(value, str):
            self._field(key, value)
            return
        field = next(field for field in packet.fields if field.name == name)
        if not field.least <= value <= field.most:
            raise self._refuse(key, f"{packet.name}.{name} is {value}, not in {field.least} to {field.most}")
