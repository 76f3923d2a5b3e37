"""The surface story, whole: five boards on one bus, from a low start of the descent to five images."""

import binascii
import json
import re

import pytest

from host_tools.scenarios.library import ScenarioError
from host_tools.story import report
from host_tools.story.downlink import Downlink
from host_tools.story.ground import Ground
from host_tools.story.play import play
from host_tools.story.script import FOLDER, Condition, Script, Step, load_script
from plumbline.link import dictionary as d
from plumbline.services import modes

NAME = "resilience_to_regolith"
SOURCE = (FOLDER / f"{NAME}.toml").read_text()


# --- the whole -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told():
    return play(load_script(NAME), seed=2, late=True)


def test_the_story_is_complete(told):
    assert told.complete, told.outcome
    assert [mark.name for mark in told.marks] == [step.name for step in told.script.steps]


def test_it_lands_softly_and_then_no_valve_has_supply(told):
    assert told.descent.landed
    assert told.figures["touchdown_sinking_m_s"] < 1.5
    touchdown_s = next(mark.time_s for mark in told.marks if mark.name == "engine_off")
    rows = [on for time_s, on in zip(told.trace["time_s"], told.trace["arm_supply"], strict=True)
            if time_s > touchdown_s + 1]  # fmt: skip
    assert rows and not any(rows)


def test_power_is_positive_before_the_rover_is_let_go_and_at_the_end(told):
    times = {mark.name: mark.time_s for mark in told.marks}
    for time_s, battery_a in zip(told.trace["time_s"], told.trace["lander_battery_a"], strict=True):
        if time_s > times["power_positive"]:
            assert battery_a > 0.5
    assert times["power_positive"] < times["release"] < times["rover_free"]


def test_the_rover_has_driven_ten_metres_of_ground_and_not_only_of_wheels(told):
    assert told.rover_way_m >= 10.0
    # wheels slip: the odometer says more than the truth
    assert told.figures["rover_odometer_m"] > told.trace["rover_way_m"][-1]


def test_five_images_are_on_the_ground_and_are_what_the_camera_froze(told):
    assert sorted(told.images) == [1, 2, 3, 4, 5]
    assert told.images_right == 5
    for number, image in told.images.items():
        about = told.stations[number]
        assert binascii.crc32(image) == about["crc_high"] << 16 | about["crc_low"]
    assert [told.stations[n]["station"] for n in told.images] == [0, 1, 2, 3, 4]


def test_no_fault_was_told_and_no_tick_came_late(told):
    assert [e for e in told.events if e.severity == "fault"] == []
    refused = (
        "command_elsewhere",
        "command_unknown",
        "command_malformed",
        "rover_refused",
        "structure_refused",
    )
    assert [e for e in told.events if e.name in refused] == []
    assert set(told.figures["overruns"].values()) == {0}
    assert set(told.figures["ticks"]) == {"navigation", "propulsion", "power", "structure", "rover"}
    assert max(told.figures["ticks"].values()) - min(told.figures["ticks"].values()) <= 1


def test_the_vehicle_s_mode_is_told_from_boot_to_surface_and_as_guidance_s_phases_are(told):
    said = [e for e in told.events if (e.board, e.name) == ("navigation", "mode_changed")]
    names = [modes.MODES[e.argument] for e in said]
    # from so low the braking burn is over after one step of guidance, between two looks at it
    assert names == ["cruise", "coast", "approach", "terminal", "contact", "landed", "surface"]
    phases = {e.argument: e.time_s for e in told.events if e.name == "phase_changed"}
    for event in said[2:-1]:  # at most a step of 0.1 s behind guidance
        assert 0 <= event.time_s - phases[event.argument - 2] <= 0.11


def test_the_bus_has_room(told):
    assert told.figures["bus_load_mean"] < 0.1
    # a tick is 10 ms: what waits for the bus is heard in the next one at the latest
    assert told.figures["bus_worst_wait_us"] < 10_000


def test_the_report_is_one_page_one_table_and_the_images(told, tmp_path):
    report.write(told, tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [*(f"image_{n}.jpg" for n in range(1, 6)), "story.html", "story.json", "story.png"]
    page = (tmp_path / "out" / "story.html").read_text()
    for step in told.script.steps:
        assert step.title.replace("'", "&#x27;") in page
    assert "http://" not in page.replace("http-equiv", "") and "<script" not in page
    figures = json.loads((tmp_path / "out" / "story.json").read_text())
    assert figures["complete"] is True
    assert figures["figures"]["tier"] == "host"
    assert len(figures["trace"]["time_s"]) == int(figures["figures"]["simulated_s"] * 2)


# --- the ground ------------------------------------------------------------------------------


class NoLine:
    """A bus on which nobody speaks."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def readinto(self, _buffer) -> None:
        return None

    def write(self, data) -> int:
        self.sent.append(bytes(data))
        return len(data)


def test_a_step_that_does_not_come_in_time_ends_the_story_and_is_named():
    base = load_script(NAME)
    step = Step(name="never", title="It never comes", when=[Condition(event="rover.rover_free")], within_s=2)
    now = [0]
    ground = Ground(NoLine(), base.model_copy(update={"steps": [step]}), list, lambda: now[0])
    for _ in range(250):
        now[0] += 10_000
        ground.tick()
    assert ground.is_done
    assert ground.failure == "'It never comes' did not come within 2 s of the step before"
    assert ground.marks == []


def test_going_back_again_and_again_ends_when_the_step_s_time_is_over():
    # a rover that was reset refuses to drive: the ground goes back each 200 s, and was never done with it
    base = load_script(NAME)
    first = Step(name="first", title="First")
    never = Step(
        name="never",
        title="It never comes",
        when=[Condition(event="rover.rover_free")],
        again_from="first",
        again_s=2,
        within_s=7,
    )
    now = [0]
    ground = Ground(NoLine(), base.model_copy(update={"steps": [first, never]}), list, lambda: now[0])
    while not ground.is_done:
        now[0] += 10_000
        ground.tick()
    assert now[0] == pytest.approx(7_000_000, abs=50_000)
    assert ground.repeats == 3
    assert [mark.name for mark in ground.marks] == ["first"] * 4


def frames_of(image: bytes, number: int) -> list[list[int]]:
    padded = image.ljust(-(-len(image) // 128) * 128, b"\0")
    return [
        [number, i // 128, *(int.from_bytes(padded[at : at + 2], "big") for at in range(i, i + 128, 2))]
        for i in range(0, len(padded), 128)
    ]


def about(image: bytes, number: int) -> dict[str, int]:
    crc = binascii.crc32(image)
    return {"image": number, "size": len(image), "crc_high": crc >> 16, "crc_low": crc & 0xFFFF}


def test_lost_packets_of_an_image_are_asked_for_again_and_only_these():
    asked = []
    down = Downlink(lambda packet, *values: asked.append((packet, values)))
    image = bytes(range(256)) * 4  # eight packets
    down.about(about(image, 3))
    down.is_fetching = True
    down.tick(0.0)
    frames = frames_of(image, 3)
    for frame in frames[:2] + frames[5:]:
        down.take(frame)
    down.about(about(image, 3))
    down.tick(0.01)
    for frame in frames[2:5]:
        down.take(frame)
    down.about(about(image, 3))
    assert asked == [(d.ROVER_SEND, (3, 0, 0)), (d.ROVER_SEND, (3, 2, 3))]
    assert down.complete == {3: image}


def test_an_image_with_a_wrong_checksum_is_asked_for_anew():
    asked = []
    down = Downlink(lambda packet, *values: asked.append(values))
    image = b"\xff\xd8" + bytes(200)
    down.about(about(image, 1))
    down.is_fetching = True
    down.tick(0.0)
    for frame in frames_of(b"\xff\xd9" + bytes(200), 1):
        down.take(frame)
    down.about(about(image, 1))
    assert down.complete == {}
    down.tick(0.01)
    assert asked == [(1, 0, 0), (1, 0, 0)]


def test_an_answer_that_does_not_come_is_asked_for_again_after_three_seconds():
    asked = []
    down = Downlink(lambda packet, *values: asked.append(values))
    down.about(about(b"\xff\xd8" + bytes(200), 1))
    down.is_fetching = True
    for tenths in range(35):
        down.tick(tenths / 10)
    assert len(asked) == 2


# --- the script ------------------------------------------------------------------------------


def refused(tmp_path, old: str, new: str) -> str:
    assert old in SOURCE
    path = tmp_path / "story.toml"
    path.write_text(SOURCE.replace(old, new, 1))
    with pytest.raises(ScenarioError) as error:
        load_script(str(path))
    assert "\n" not in str(error.value)
    return str(error.value)


def test_what_is_wrong_with_a_script_is_said_in_one_line_with_file_and_key(tmp_path):
    wrong = [
        ('command = "rover_scoop"', 'command = "rover_dance"', "no command 'rover_dance'"),
        (
            "deepest_mrad = 1300",
            "deepest_mrad = 1600",
            "rover_scoop.deepest_mrad is 1600, not in 700 to 1500",
        ),
        ("deepest_mrad = 1300", "depth = 1300", "rover_scoop has the fields deepest_mrad"),
        ("images = 5 }", 'event = "power.arm_up" }', "no event 'power.arm_up'"),
        ("has_bits = 4 }", "has_bits = 4, equals = 4 }", "needs one of at_least, equals and has_bits"),
        ("power_status.battery_ma", "power_status.battery_a", "no telemetry 'power_status.battery_a'"),
        ('name = "safe"', 'name = "legs"', "'legs' is there twice"),
        ('"structure_armed.nonce"', '"structure_armed.once"', "no telemetry 'structure_armed.once'"),
        (
            "images = 5 }",
            "images = 5, equals = 2, event = 'rover.boot' }",
            "one of event, telemetry or images",
        ),
    ]
    for old, new, said in wrong:
        message = refused(tmp_path, old, new)
        assert said in message and "story.toml: steps." in message, message


def test_unknown_keys_and_missing_files_are_refused(tmp_path):
    assert "colour" in refused(tmp_path, "sun_elevation_deg", 'colour = "grey"\nsun_elevation_deg')
    with pytest.raises(ScenarioError, match="no such story"):
        load_script("resilience_to_mars")


def test_the_command_says_what_is_wrong_in_one_line_and_exits_with_2(tmp_path, capsys):
    from host_tools.story.command import story

    assert story("resilience_to_mars", seed=1, out=tmp_path / "out", late=True, quiet=True) == 2
    assert re.fullmatch(r"resilience_to_mars: no such story: .*\n", capsys.readouterr().err)
    (tmp_path / "file").write_text("")
    assert story(NAME, seed=1, out=tmp_path / "file", late=True, quiet=True) == 2
    assert "is a file, not a folder" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_the_built_in_script_is_a_script():
    assert isinstance(load_script(NAME), Script)
