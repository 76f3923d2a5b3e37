"""The columns of a file of readings, who may fill them and between which limits; README.md explains them."""

from dataclasses import dataclass

INITIAL, IMU, INERTIAL, ALTIMETER = "initial", "imu", "inertial", "altimeter"
TIME, SENSOR, FLAGS = "time_s", "sensor", "flags"
STATE = (INITIAL, INERTIAL)

MOST_SAMPLES = 37  # what the inertial unit's driver takes in one tick
ANGLES = ("delta_angle_x_deg", "delta_angle_y_deg", "delta_angle_z_deg")
KICKS = ("delta_velocity_x_m_s", "delta_velocity_y_m_s", "delta_velocity_z_m_s")
POSITION = ("altitude_m", "downrange_m", "crossrange_m")
SPEEDS = ("up_m_s", "downrange_m_s", "crossrange_m_s")
ATTITUDE = ("q0", "q1", "q2", "q3")
BEAM = ("beam_cos", "beam_sin")
DOPPLER = ("velocity_x_m_s", "velocity_y_m_s", "velocity_z_m_s")
FLAG_WORDS = {"weak": 2, "self_test_failed": 4}  # bits of a reading's status


@dataclass(frozen=True)
class Column:
    """A column of numbers, and the kinds of rows that may fill it."""

    name: str
    least: float
    most: float
    kinds: tuple[str, ...]
    whole: bool = False


def _columns() -> tuple[Column, ...]:
    imu, altimeter = (IMU,), (ALTIMETER,)
    return (
        Column("altitude_m", -10_000, 110_000, STATE),
        Column("downrange_m", -1_000_000, 1_000_000, STATE),
        Column("crossrange_m", -200_000, 200_000, STATE),
        *(Column(name, -2_000, 2_000, STATE) for name in SPEEDS),
        *(Column(name, -1, 1, STATE) for name in ATTITUDE),
        Column("mass_kg", 100, 20_000, (INITIAL,)),
        Column("samples", 0, MOST_SAMPLES, imu, whole=True),
        Column("lost", 0, 10_000, imu, whole=True),
        Column("faults", 0, 10_000, imu, whole=True),
        *(Column(name, -4 * MOST_SAMPLES, 4 * MOST_SAMPLES, imu) for name in ANGLES),
        *(Column(name, -2 * MOST_SAMPLES, 2 * MOST_SAMPLES, imu) for name in KICKS),
        Column("range_m", 0, 536_000, altimeter),
        Column("age_ms", 0, 65_535, altimeter, whole=True),
        *(Column(name, -1, 1, altimeter) for name in BEAM),
        *(Column(name, -8_388, 8_388, altimeter) for name in DOPPLER),
    )


COLUMNS = {column.name: column for column in _columns()}
HEADER = (TIME, SENSOR, *COLUMNS, FLAGS)
