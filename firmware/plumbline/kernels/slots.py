"""Where each value lives in the arrays that kernels hand to each other: declared once, here.

A kernel repeats the slots that it uses as `_NAME = const(n)`, because only a literal
in its own file folds; tests_host/test_slots.py holds every repetition against this table.
"""

from micropython import const

# --- imu: one poll of the inertial unit ------------------------------------------------
IMU_SAMPLES = const(0)  # good datagrams in this poll
IMU_ANGLE_X = const(1)  # incremental angle, sum over the poll, LSB of 2^-21 degree
IMU_ANGLE_Y = const(2)
IMU_ANGLE_Z = const(3)
IMU_VELOCITY_X = const(4)  # incremental velocity, sum over the poll, LSB of 2^-22 m/s
IMU_VELOCITY_Y = const(5)
IMU_VELOCITY_Z = const(6)
IMU_FAULTS = const(7)  # datagrams whose status byte was not 0, running count
IMU_REJECTED = const(8)  # checksum failures, running count
IMU_LOST = const(9)  # datagrams that the part's counter says are missing, running count
IMU_SIZE = const(10)

# --- altimeter: the last reading of one range finder or radar --------------------------
ALT_COUNT = const(0)  # replies so far; changes when a new reading is in
ALT_STATUS = const(1)  # bit 0 range valid, bit 1 weak, bit 2 self-test failed, bit 3 velocity valid
ALT_RANGE_MM = const(2)  # slant range along the beam
ALT_AGE_MS = const(3)  # age of the measurement when its reply was sent
ALT_BEAM_COS_Q14 = const(4)  # beam direction in the body's pitch plane: (-cos, -sin, 0)
ALT_BEAM_SIN_Q14 = const(5)
ALT_VELOCITY_X_MM_S = const(6)  # radar only: velocity over the ground, body axes
ALT_VELOCITY_Y_MM_S = const(7)
ALT_VELOCITY_Z_MM_S = const(8)
ALT_REJECTED = const(9)  # checksum or length failures, running count
ALT_SIZE = const(10)

# --- estimate: what navigation believes (state.py, altitude.py) ------------------------
EST_ALTITUDE_MM = const(0)  # inertial, above the site's datum
EST_AGL_MM = const(1)  # above the ground below
EST_DOWNRANGE_MM = const(2)  # along the datum sphere, 0 at the site, negative before it
EST_CROSSRANGE_MM = const(3)
EST_VELOCITY_UP_Q8 = const(4)  # mm/s * 256
EST_VELOCITY_DOWNRANGE_Q8 = const(5)
EST_VELOCITY_CROSSRANGE_Q8 = const(6)
EST_Q0 = const(7)  # quaternion body to local, scalar first, * 2^29
EST_Q1 = const(8)
EST_Q2 = const(9)
EST_Q3 = const(10)
EST_R00 = const(11)  # body-to-local matrix * 2^29, nine slots, rows up, downrange, crossrange
EST_RATE_X_URAD_S = const(20)  # body rates
EST_RATE_Y_URAD_S = const(21)
EST_RATE_Z_URAD_S = const(22)
EST_FORCE_X_MM_S2 = const(23)  # specific force along body x
EST_CLIMB_MM = const(24)  # altitude gained in this tick
EST_STEP_UP_Q8 = const(25)  # velocity gained in this tick
EST_STEP_DOWNRANGE_Q8 = const(26)
EST_STEP_CROSSRANGE_Q8 = const(27)
EST_VELOCITY_AGE_TICKS = const(28)  # since a radar velocity was taken
EST_AGL_VALID = const(29)
EST_TERRAIN_MM = const(30)  # altitude - agl
EST_SIZE = const(31)

# --- state: private to state.py --------------------------------------------------------
STA_LOST = const(0)  # datagrams lost, as last seen
STA_REST_UP = const(1)  # velocity remainders, 2^-16 mm/s
STA_REST_DOWNRANGE = const(2)
STA_REST_CROSSRANGE = const(3)
STA_REST_ALTITUDE = const(4)  # position remainders
STA_REST_DOWNRANGE_WAY = const(5)
STA_REST_CROSSRANGE_WAY = const(6)
STA_REST_TURN_DOWNRANGE = const(7)  # frame turn remainders
STA_REST_TURN_CROSSRANGE = const(8)
STA_TURN_DOWNRANGE = const(9)  # frame turn of this step, rad * 2^40
STA_TURN_CROSSRANGE = const(10)
STA_KICK_X = const(11)  # velocity increment of this step, body, 2^-16 mm/s
STA_KICK_Y = const(12)
STA_KICK_Z = const(13)
STA_ANGLE_X = const(14)  # half rotation of this step, body, rad * 2^29
STA_ANGLE_Y = const(15)
STA_ANGLE_Z = const(16)
STA_SAMPLES = const(17)
STA_REST_SHORT = const(18)
STA_SIZE = const(19)

# --- vote: memory of altitude.py; four altimeters of VOT_STRIDE slots from VOT_FIRST on 
VOT_FITTED = const(0)
VOT_AGE_TICKS = const(1)  # since a reading was last accepted
VOT_ACQUIRED = const(2)
VOT_STEP_MM = const(3)  # last step taken for terrain
VOT_STEPS = const(4)
VOT_GROUND_SPEED_MM_S = const(5)
VOT_GROUND_RATE_MM_S = const(6)  # how fast the ground falls away below: its slope times our speed
VOT_LAG = const(7)  # readings in a row on the same side of agl, signed
VOT_FIRST = const(8)
VOT_STRIDE = const(12)
VOT_VERDICT = const(2)  # within an altimeter's slots: 0 silent, 1 accepted, 2 on trial, 3 terrain, 4 put out
VOT_SIZE = const(56)

# --- fit: what an altimeter is, four slots each ----------------------------------------
FIT_FLOOR_MM = const(0)  # one standard deviation: floor + fraction of the height
FIT_FRACTION_Q14 = const(1)
FIT_MOUNT_MM = const(2)  # head above the footpad plane
FIT_DELAY_MS = const(3)  # bus and poll, on top of the reported age
FIT_STRIDE = const(4)

# --- guidance --------------------------------------------------------------------------
GUI_PHASE = const(0)  # 0 waiting, 1 coast, 2 braking, 3 approach, 4 terminal, 5 contact, 6 landed
GUI_MASS_G = const(1)
GUI_MASS_REST_MG = const(2)
GUI_FULL_MM_S2 = const(3)  # what full thrust gives now
GUI_SCALE_Q14 = const(4)  # measured over expected thrust
GUI_FORCE_SUM = const(5)
GUI_FORCE_MEAN_Q4 = const(6)
GUI_EXPECTED_MEAN_Q4 = const(7)
GUI_EXPECTED_MM_S2 = const(8)  # specific force of the present command
GUI_FORCE_UP = const(9)  # demanded specific force, mm/s2
GUI_FORCE_DOWNRANGE = const(10)
GUI_FORCE_CROSSRANGE = const(11)
GUI_DIRECTION_UP_Q14 = const(12)  # unit vector of it
GUI_DIRECTION_DOWNRANGE_Q14 = const(13)
GUI_DIRECTION_CROSSRANGE_Q14 = const(14)
GUI_THROTTLE_Q14 = const(15)  # duty of the assist thrusters
GUI_MAIN_ON = const(16)
GUI_TIME_TO_GO_Q6 = const(17)  # s * 64
GUI_CONTACTS = const(18)
GUI_PHASE_STEPS = const(19)  # guidance steps since the phase began
GUI_FORCE_NOW_MM_S2 = const(20)
GUI_SIZE = const(21)

# --- params: the vehicle and its gate, set at start ------------------------------------
PAR_THRUST_FULL_MN = const(0)
PAR_THRUST_MAIN_MN = const(1)
PAR_EXHAUST_M_S = const(2)
PAR_GATE_ALTITUDE_MM = const(3)  # where braking ends and the approach begins
PAR_GATE_SINK_MM_S = const(4)  # speed down there, positive
PAR_GATE_SPEED_MM_S = const(5)
PAR_GATE_DOWNRANGE_MM = const(6)  # negative: before the site
PAR_GROWTH_SPEED_MM_S = const(7)  # speed whose loss doubles the deceleration at constant thrust
PAR_IGNITION_Q14 = const(8)  # share of full thrust at which braking begins
PAR_SIZE = const(9)

# --- attitude: memory of attitude.py ---------------------------------------------------
ATT_TRIM_Y = const(0)  # duty * 2^10
ATT_TRIM_Z = const(1)
ATT_ERROR_X_Q14 = const(2)  # rad
ATT_ERROR_Y_Q14 = const(3)
ATT_ERROR_Z_Q14 = const(4)
ATT_DIRECTION_X_Q14 = const(5)  # demand in body axes
ATT_DIRECTION_Y_Q14 = const(6)
ATT_DIRECTION_Z_Q14 = const(7)
ATT_SIZE = const(8)

# --- demand: what navigation asks of propulsion, in the order of the packet ------------
DEM_TICK = const(0)
DEM_FLAGS = const(1)  # bit 0 armed, bit 1 main engine
DEM_THROTTLE_Q14 = const(2)
DEM_TORQUE_X_Q14 = const(3)
DEM_TORQUE_Y_Q14 = const(4)
DEM_TORQUE_Z_Q14 = const(5)
DEM_TRIM_Y_Q14 = const(6)
DEM_TRIM_Z_Q14 = const(7)
DEM_SIZE = const(8)

# --- modulation: memory of modulation.py -----------------------------------------------
MOD_TICK = const(0)  # 0..9 within the period
MOD_CARRY_US = const(1)  # assist: six remainders
MOD_RCS_CARRY_US = const(7)  # three axes
MOD_RCS_BUSY_US = const(10)
MOD_RCS_ACTIVE = const(13)
MOD_SIZE = const(16)
