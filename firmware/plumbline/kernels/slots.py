"""Where each value lives in the arrays that kernels hand to each other: declared once, here.

A kernel repeats the slots that it uses as `_NAME = const(n)`, because only a literal
in its own file folds; tests_host/test_slots.py holds every repetition against this table.
A comment begins with the slot's range, proved to hold for ever by `make prove`; it goes for
the unnamed slots that follow, too. A heading's first word is the array's name in the kernels.
"""

from micropython import const

# --- imu: one poll of the inertial unit ------------------------------------------------
IMU_SAMPLES = const(0)  # 0..37; good datagrams in this poll
IMU_ANGLE_X = const(1)  # -310_378_496..310_378_496; incremental angle, sum over the poll, LSB of 2^-21 degree
IMU_ANGLE_Y = const(2)  # -310_378_496..310_378_496
IMU_ANGLE_Z = const(3)  # -310_378_496..310_378_496
IMU_VELOCITY_X = const(4)  # -310_378_496..310_378_496; incremental velocity, the same, LSB of 2^-22 m/s
IMU_VELOCITY_Y = const(5)  # -310_378_496..310_378_496
IMU_VELOCITY_Z = const(6)  # -310_378_496..310_378_496
IMU_FAULTS = const(7)  # 0..536_870_911; datagrams whose status byte was not 0, running count
IMU_REJECTED = const(8)  # 0..536_870_911; checksum failures, running count
IMU_LOST = const(9)  # 0..536_870_911; datagrams that the part's counter says are missing, running count
IMU_SIZE = const(10)

# --- inertial: memory of two units (inertial.py, contest.py); INS_STRIDE slots each from INS_FIRST on
INS_USED = const(0)  # 0..3; whose increments are flown by: nobody's, first, second, the mean of both
INS_DISPUTED = const(1)  # 0..1_000; ticks that they have differed, and it is not decided who is wrong
INS_SWITCHES = const(2)  # 0..1_000_000
INS_FAULTS = const(3)  # 0..536_870_911; running counts of what is handed on
INS_LOST = const(4)  # 0..536_870_911
INS_CONTEST = const(5)  # -1_000..1_000; evidence against the second one, signed
INS_TURN_REST = const(6)  # 0..2_097_151
INS_REST = const(7)  # 0..1; six halves that the mean has left
INS_DIFFERENCE = const(13)  # -16_000_000..16_000_000; second less first, in as many samples; six axes
INS_APART_Q4 = const(19)  # -256_000_000..256_000_000; the same over 0.3 s, * 16
INS_MEAN_Q4 = const(25)  # -128_000_000..128_000_000; the mean of both over 0.3 s, * 16
INS_EXPECTED_Q4 = const(31)  # 0..210_000_000; velocity increment that the engines should give, as slowly
INS_JUMP = const(32)  # -20_000_000..20_000_000; whose rates jump alone, three axes
INS_LEAN = const(35)  # -60_000_000..60_000_000; second's attitude less first's in a dispute, 2^-21 degree
INS_TAKEN = const(38)  # -60_000_000..60_000_000; what of it the estimate has
INS_LEAN_SPEED_Q8 = const(41)  # -100_000_000..100_000_000; second's velocity less first's, local
INS_OWED = const(44)  # -60_000_000..60_000_000; turn to be given back
INS_PAST = const(47)  # -16_000_000..16_000_000; rates of the first in the last tick, and the differences
INS_FIRST = const(53)
INS_STRIDE = const(14)  # 2 of them; within one:
# +0 0..50; samples
# +1 -8_000_000..8_000_000; increments
# +2 -8_000_000..8_000_000; increments
# +3 -8_000_000..8_000_000; increments
# +4 -8_000_000..8_000_000; increments
# +5 -8_000_000..8_000_000; increments
# +6 -8_000_000..8_000_000; increments
# +7 0..50; faults
# +8 0..50; lost
# +9 0..536_870_911; seen_faults
# +10 0..536_870_911; seen_lost
# +11 0..1_000; repeats
# +12 0..200; out_ticks
# +13 0..4; verdict
INS_SEEN_FAULTS = const(9)
INS_SEEN_LOST = const(10)
INS_OUT_TICKS = const(12)
INS_VERDICT = const(13)  # 0 good, 1 silent, 2 overloaded, 3 stuck, 4 implausible
INS_SIZE = const(81)

# --- reading: the last reading of one range finder or radar --------------------------
ALT_COUNT = const(0)  # 0..536_870_911; replies so far; changes when a new reading is in
ALT_STATUS = const(1)  # 0..255; bit 0 range valid, bit 1 weak, bit 2 self-test failed, bit 3 velocity valid
ALT_RANGE_MM = const(2)  # 0..536_870_911; slant range along the beam
ALT_AGE_MS = const(3)  # 0..65_535; age of the measurement when its reply was sent
ALT_BEAM_COS_Q14 = const(4)  # -16_384..16_384; beam direction in the body's pitch plane: (-cos, -sin, 0)
ALT_BEAM_SIN_Q14 = const(5)  # -16_384..16_384
ALT_VELOCITY_X_MM_S = const(6)  # -8_388_608..8_388_607; radar only: velocity over the ground, body axes
ALT_VELOCITY_Y_MM_S = const(7)  # -8_388_608..8_388_607
ALT_VELOCITY_Z_MM_S = const(8)  # -8_388_608..8_388_607
ALT_REJECTED = const(9)  # 0..536_870_911; checksum or length failures, running count
ALT_SIZE = const(10)

# --- estimate: what navigation believes (state.py, altitude.py) ------------------------
EST_ALTITUDE_MM = const(0)  # -10_000_000..110_000_000; inertial, above the site's datum
EST_AGL_MM = const(1)  # -210_000_000..210_000_000; above the ground below
EST_DOWNRANGE_MM = const(2)  # -1_000_000_000..1_000_000_000; on the datum sphere, negative before the site
EST_CROSSRANGE_MM = const(3)  # -200_000_000..200_000_000
EST_VELOCITY_UP_Q8 = const(4)  # -512_000_000..512_000_000; mm/s * 256
EST_VELOCITY_DOWNRANGE_Q8 = const(5)  # -512_000_000..512_000_000
EST_VELOCITY_CROSSRANGE_Q8 = const(6)  # -512_000_000..512_000_000
EST_Q0 = const(7)  # -536_870_911..536_870_911; quaternion body to local, scalar first, * 2^29
EST_Q1 = const(8)  # -536_870_911..536_870_911
EST_Q2 = const(9)  # -536_870_911..536_870_911
EST_Q3 = const(10)  # -536_870_911..536_870_911
EST_R00 = const(11)  # -536_870_910..536_870_910; body-to-local matrix * 2^29, nine slots, rows up first
EST_RATE_X_URAD_S = const(20)  # -17_000_000..17_000_000; body rates
EST_RATE_Y_URAD_S = const(21)  # -17_000_000..17_000_000
EST_RATE_Z_URAD_S = const(22)  # -17_000_000..17_000_000
EST_FORCE_X_MM_S2 = const(23)  # -1_000_000..1_000_000; specific force along body x
EST_CLIMB_MM = const(24)  # -7_500_000..7_500_000; altitude gained in this tick, or found to have been
EST_STEP_UP_Q8 = const(25)  # -2_000_000..2_000_000; velocity gained in this tick
EST_STEP_DOWNRANGE_Q8 = const(26)  # -2_000_000..2_000_000
EST_STEP_CROSSRANGE_Q8 = const(27)  # -2_000_000..2_000_000
EST_VELOCITY_AGE_TICKS = const(28)  # 0..100_000; since a radar velocity was taken
EST_AGL_VALID = const(29)  # 0..1
EST_TERRAIN_MM = const(30)  # -220_000_000..320_000_000; altitude - agl
EST_HEIGHT_MM = const(31)  # -210_000_000..210_000_000; agl, before the first range the altitude
EST_HEIGHT_DOUBT_MM = const(32)  # 0..2_500_000; what of the height must not be counted on
EST_RANGE_OVERDUE = const(33)  # 0..1; every altimeter should have spoken and none has
EST_CLIMB_DOUBT_Q8 = const(34)  # 0..51_200_000; mm/s * 256; what increments that are missing may have hidden
EST_ATTITUDE_DOUBT_MRAD = const(35)  # 0..1_000; the same of the attitude
EST_RANGE_AGE_TICKS = const(36)  # 0..100_000; since a range was followed
EST_DRIFT_TICKS = const(37)  # 0..100_000; how long there was no velocity, while the speeds are being regained
EST_TO_REGAIN = const(38)  # 0..64; velocities until they are
EST_BLURRED_TICKS = const(39)  # 0..30; for which rates and force still may not be what the body does
EST_SIZE = const(40)

# --- state: private to state.py --------------------------------------------------------
STA_LOST = const(0)  # 0..536_870_911; datagrams lost, as last seen
STA_REST_UP = const(1)  # 0..255; velocity remainders, 2^-16 mm/s
STA_REST_DOWNRANGE = const(2)  # 0..255
STA_REST_CROSSRANGE = const(3)  # 0..255
STA_REST_ALTITUDE = const(4)  # 0..127_999; position remainders
STA_REST_DOWNRANGE_WAY = const(5)  # 0..127_999
STA_REST_CROSSRANGE_WAY = const(6)  # 0..127_999
STA_REST_TURN_DOWNRANGE = const(7)  # 0..4_095; frame turn remainders
STA_REST_TURN_CROSSRANGE = const(8)  # 0..4_095
STA_TURN_DOWNRANGE = const(9)  # -280_000_000..280_000_000; frame turn of this step, rad * 2^40
STA_TURN_CROSSRANGE = const(10)  # -280_000_000..280_000_000
STA_KICK_X = const(11)  # -125_000_000..125_000_000; velocity increment of this step, body, 2^-16 mm/s
STA_KICK_Y = const(12)  # -125_000_000..125_000_000
STA_KICK_Z = const(13)  # -125_000_000..125_000_000
STA_ANGLE_X = const(14)  # -9_000_000..9_000_000; half rotation of this step, body, rad * 2^29
STA_ANGLE_Y = const(15)  # -9_000_000..9_000_000
STA_ANGLE_Z = const(16)  # -9_000_000..9_000_000
STA_SAMPLES = const(17)  # 0..87
STA_REST_SHORT = const(18)  # 0..255
STA_REST_SHORT_ACROSS = const(19)  # 0..255
STA_SHRINK_Q29 = const(20)  # 0..536_870_911; radius / (radius + altitude) of this step
STA_FAULTS = const(21)  # 0..536_870_911; datagrams with a fault, as last seen
STA_SILENT_TICKS = const(22)  # 0..1_000; without any increments
STA_CALM_X = const(23)  # -10_000_000..10_000_000; mean velocity increment of a tick, body, 2^-16 mm/s
STA_CALM_Y = const(24)  # -10_000_000..10_000_000
STA_CALM_Z = const(25)  # -10_000_000..10_000_000
STA_SIZE = const(26)

# --- vote: memory of the altitude vote; four altimeters of VOT_STRIDE slots from VOT_FIRST on
VOT_FITTED = const(0)  # 0..4
VOT_AGE_TICKS = const(1)  # 0..100_000; since a reading was last accepted
VOT_ACQUIRED = const(2)  # 0..1
VOT_STEP_MM = const(3)  # -420_000_000..420_000_000; last step taken for terrain
VOT_STEPS = const(4)  # 0..1_000_000
VOT_GROUND_SPEED_MM_S = const(5)  # 0..3_000_000
VOT_GROUND_RATE_MM_S = const(6)  # -750_000..750_000; slope of the ground times our speed, + falls away
VOT_LAG = const(7)  # -3..3; readings in a row on the same side of agl, signed
VOT_TICK = const(8)  # 0..536_870_911
VOT_ODOMETER_MM = const(9)  # -200_000_000..200_000_000; inertial climb since the start
VOT_GROUND_MM = const(10)  # -420_000_000..420_000_000; level of the ground below, on the odometer
VOT_NEWS = const(11)  # 0..2; readings wait to be judged, 2: they came in this tick
VOT_VOTERS = const(12)  # 0..4; altimeters accepted
VOT_QUIET_TICKS = const(13)  # 0..1_000; since any reading came
VOT_BOUND_MM = const(14)  # 0..200_000_000; protection right after a reading
VOT_DISPUTED_MM = const(15)  # 0..200_000_000; how far off the level is that might be the ground instead
VOT_PROTECTION_MM = const(16)  # 0..200_000_000; agl is wrong by less, or a flag is up
VOT_FLAGS = const(17)  # 0..31; bits: no range, disputed, above the alert limit, range overdue, coasting
VOT_IMPOSSIBLE = const(18)  # 0..1_000_000; heights dropped because they cannot be
VOT_CORRECTIONS = const(19)  # 0..1_000_000; times that agl was wrong and an altimeter that stood still right
VOT_NOISE_MM = const(20)  # 0..21_200_000; sigma of the altimeter that agl follows
VOT_STAGE = const(21)  # 0..4; 0 to hear, 1 to dispute, 2 to take, 3 to follow, 4 to guard
VOT_ASKED = const(22)  # 0..4; altimeters up to here have been asked, whether theirs is the ground
VOT_FOLLOWED = const(23)  # 0..64; readings followed since the ground began anew
VOT_FIRST = const(24)
VOT_STRIDE = const(18)  # 4 of them; within one:
# +0 -420_000_000..420_000_000; level_mm
# +1 0..536_870_911; heard_tick
# +2 0..5; verdict
# +3 0..1_000; trial
# +4 0..536_870_911; seen
# +5 0..1_000; repeats
# +6 0..200_000_000; last_range_mm
# +7 0..20_200_000; sigma_mm
# +8 0..2; fresh
# +9 -30..1_000; outside
# +10 -200_000_000..200_000_000; held_from_mm
# +11 -420_000_000..420_000_000; quick_mm
# +12 -420_000_000..420_000_000; slow_mm
# +13 0..8; wary
# +14 0..200_000_000; reach_mm
# +15 0..7; blamed
# +16 0..1_000_000; excess_mm
# +17 0..11; waited
VOT_VERDICT = const(2)  # 0 silent, 1 accepted, 2 on trial, 3 terrain, 4 put out, 5 overdue
VOT_REACH_MM = const(14)  # from where on it should see the ground, set at start
# history: 64 ticks, the tick's number modulo 64 being the place
VOT_PAST_ODOMETER_MM = const(96)  # -200_000_000..200_000_000
VOT_PAST_UP_X_Q14 = const(160)  # -16_384..16_384; the vertical's part along body x
VOT_PAST_UP_Y_Q14 = const(224)  # -16_384..16_384; and along body y
VOT_SIZE = const(288)

# --- fit: what an altimeter is, five slots each ----------------------------------------
FIT_FLOOR_MM = const(0)  # 0..100_000; one standard deviation: floor + fraction of the height
FIT_FRACTION_Q14 = const(1)  # 0..1_638
FIT_MOUNT_MM = const(2)  # -10_000..10_000; head above the footpad plane
FIT_DELAY_MS = const(3)  # 0..500; bus and poll, on top of the reported age
FIT_REACH_MM = const(4)  # 0..200_000_000; from where on it should see the ground
FIT_STRIDE = const(5)  # 4 of them

# --- guidance: memory of guidance.py and its rooms ---------------------------------------------------
# 0 waiting, 1 coast, 2 braking, 3 approach, 4 terminal, 5 contact, 6 landed, 7 abort, 8 orbit
GUI_PHASE = const(0)  # 0..8
GUI_MASS_G = const(1)  # 0..100_000_000
GUI_MASS_REST_MG = const(2)  # 0..999
GUI_FULL_MM_S2 = const(3)  # 0..30_517; what full thrust gives now
GUI_SCALE_Q14 = const(4)  # 0..18_022; measured over expected thrust
GUI_FORCE_SUM = const(5)  # -10_000_000..10_000_000
GUI_FORCE_MEAN_Q4 = const(6)  # -16_000_000..16_000_000
GUI_EXPECTED_MEAN_Q4 = const(7)  # 0..488_272
GUI_EXPECTED_MM_S2 = const(8)  # 0..30_517; specific force of the present command
GUI_FORCE_UP = const(9)  # -30_517..30_517; demanded specific force, mm/s2
GUI_FORCE_DOWNRANGE = const(10)  # -30_517..30_517
GUI_FORCE_CROSSRANGE = const(11)  # -30_517..30_517
GUI_DIRECTION_UP_Q14 = const(12)  # -16_384..16_384; unit vector of it
GUI_DIRECTION_DOWNRANGE_Q14 = const(13)  # -16_384..16_384
GUI_DIRECTION_CROSSRANGE_Q14 = const(14)  # -16_384..16_384
GUI_THROTTLE_Q14 = const(15)  # 0..16_384; duty of the assist thrusters
GUI_MAIN_ON = const(16)  # 0..1
GUI_TIME_TO_GO_Q6 = const(17)  # 0..500_000; s * 64
GUI_CONTACTS = const(18)  # 0..4
GUI_PHASE_STEPS = const(19)  # 0..1_000_000; guidance steps since the phase began
GUI_FORCE_NOW_MM_S2 = const(20)  # -1_000_000..1_000_000
GUI_HOVER_S = const(21)  # 0..3_600; how long the propellant lasts to hover
GUI_PASSED_MM = const(22)  # -500_000_000..500_000_000; downrange where the ground was noted last
GUI_PASSED_GROUND_MM = const(23)  # -220_000_000..320_000_000; its altitude there
GUI_LEVEL_WANTED_MM = const(24)  # 0..12_000; so much level ground must still pass below
GUI_SIZE = const(25)

# --- params: the vehicle and its gate, set at start ------------------------------------
PAR_THRUST_FULL_MN = const(0)  # 1_000..10_000_000
PAR_THRUST_MAIN_MN = const(1)  # 0..10_000_000
PAR_EXHAUST_M_S = const(2)  # 500..6_000
PAR_GATE_ALTITUDE_MM = const(3)  # 0..100_000_000; where braking ends and the approach begins
PAR_GATE_SINK_MM_S = const(4)  # 0..1_000_000; speed down there, positive
PAR_GATE_SPEED_MM_S = const(5)  # 0..1_000_000
PAR_GATE_DOWNRANGE_MM = const(6)  # -70_000_000..0; negative: before the site
PAR_GROWTH_SPEED_MM_S = const(7)  # 100_000..100_000_000; loss that doubles the deceleration at full thrust
PAR_IGNITION_Q14 = const(8)  # 0..16_384; share of full thrust at which braking begins
PAR_EMPTY_G = const(9)  # 0..100_000_000; mass without propellant
PAR_SIZE = const(10)

# --- attitude: memory of attitude.py ---------------------------------------------------
ATT_TRIM_Y = const(0)  # -1_677_312..1_677_312; duty * 2^10
ATT_TRIM_Z = const(1)  # -1_677_312..1_677_312
ATT_ERROR_X_Q14 = const(2)  # -16_384..16_384; rad
ATT_ERROR_Y_Q14 = const(3)  # -49_152..49_152
ATT_ERROR_Z_Q14 = const(4)  # -49_152..49_152
ATT_DIRECTION_X_Q14 = const(5)  # -49_152..49_152; demand in body axes
ATT_DIRECTION_Y_Q14 = const(6)  # -49_152..49_152
ATT_DIRECTION_Z_Q14 = const(7)  # -49_152..49_152
ATT_SIZE = const(8)

# --- demand: what navigation asks of propulsion, in the order of the packet ------------
DEM_TICK = const(0)  # 0..65_535
DEM_FLAGS = const(1)  # 0..255; bit 0 armed, bit 1 main engine, bit 2 the ground is near, bit 3 blurred
DEM_THROTTLE_Q14 = const(2)  # -32_768..32_767
DEM_TORQUE_X_Q14 = const(3)  # -32_768..32_767
DEM_TORQUE_Y_Q14 = const(4)  # -32_768..32_767
DEM_TORQUE_Z_Q14 = const(5)  # -32_768..32_767
DEM_TRIM_Y_Q14 = const(6)  # -32_768..32_767
DEM_TRIM_Z_Q14 = const(7)  # -32_768..32_767
DEM_FORCE_X_MM_S2 = const(8)  # -32_768..32_767; what it measures meanwhile: specific force along body x
DEM_RATE_X_Q = const(9)  # -32_768..32_767; body rates, 32 urad/s
DEM_RATE_Y_Q = const(10)  # -32_768..32_767
DEM_RATE_Z_Q = const(11)  # -32_768..32_767
DEM_MASS_KG = const(12)  # -32_768..32_767; as guidance reckons it
DEM_SIZE = const(13)

# --- modulation: memory of modulation.py -----------------------------------------------
MOD_TICK = const(0)  # 0..9; 0..9 within the period
MOD_CARRY_US = const(1)  # -12_000..12_000; assist: six remainders
MOD_RCS_CARRY_US = const(7)  # -100_000..100_000; three axes
MOD_RCS_BUSY_US = const(10)  # 0..100_000
MOD_RCS_ACTIVE = const(13)  # 0..1
MOD_SHARED_TRIM_Y_Q14 = const(16)  # -16_384..16_384; with what assist thrusters do for jets out of service
MOD_SHARED_TRIM_Z_Q14 = const(17)  # -16_384..16_384
MOD_OUT = const(18)  # 0..32_767; valves out of service, a bit each
MOD_JET_IN_TRIM_Q14 = const(19)  # 0..16_384; trim that does what two jets do; set at start
MOD_SIZE = const(20)

# --- pulses_us: what modulation.py asks of the valves: main engine, six assist, eight RCS --
# 15 slots 0..100_000; 0 for no pulse

# --- motion: memory of valve_motion.py; rates in 32 urad/s, what a tick adds to them in fractions of it
MOT_LEFT_US = const(0)  # 0..100_000; of each valve's pulse; 15 slots
MOT_ON_US = const(15)  # 0..10_000; in the tick that has passed; 15 slots
MOT_ASSIST_Q4 = const(30)  # 1..65_535; what one assist thruster adds in a tick now
MOT_JET_Q4 = const(31)  # 1..65_535; a jet about y or z
MOT_ROLL_Q4 = const(32)  # 1..65_535; a jet about x
MOT_TURN_Q4 = const(33)  # -1_000_000..1_000_000; expected, three axes; last tick's, and the one's before
MOT_JETS_Q4 = const(39)  # -200_000..200_000; the jets' part of it
MOT_RATE_Q4 = const(45)  # -600_000..600_000; predicted, three axes
MOT_TORQUE_Q10 = const(48)  # -4_000_000..4_000_000; that nobody commanded
MOT_QUIET_TICKS = const(51)  # 0..1_000; since jets fired about the axis
MOT_SEEN_Q = const(54)  # -32_768..32_767; rates of the last tick
MOT_MISSED_Q4 = const(57)  # -4_000_000..4_000_000; of an episode of the jets: turned, less what was expected
MOT_FIRED_Q4 = const(60)  # -4_000_000..4_000_000; of the episode: expected of the jets
MOT_STEADY_Q10 = const(63)  # -4_000_000..4_000_000; uncommanded torque when it began
MOT_LACK_Q4 = const(66)  # -1_000_000..1_000_000; six groups, +x -x +y -y +z -z: what is missing of the next
MOT_ASKED_Q4 = const(72)  # 0..1_000_000; what was expected of them
MOT_AGE_TICKS = const(78)  # 0..1_000; since it was armed
MOT_MAIN_US = const(79)  # 0..1_000_000; for how long the main engine was open since thrust was weighed
MOT_THRUSTERS_US = const(80)  # 0..6_000_000; the same of all assist thrusters together
MOT_FORCE_SUM = const(81)  # -400_000..400_000; specific force along body x, a tick each
MOT_LACK_Q10 = const(82)  # -8_192..8_192; missing of all engines' thrust; 0 while the main one rests
MOT_ROUGH_Q4 = const(83)  # 0..1_000_000; of the six groups: what was missing, or too much, of each episode
MOT_SIZE = const(89)

# --- health: memory of valve_health.py, steps of 100 ms ----------------------------------------
HEA_OUT = const(0)  # 0..32_767; valves out of service, a bit each
HEA_ISOLATED = const(1)  # 0..255; branches: main, three assist pairs, jets y, jets z, two for roll
HEA_WEAK = const(2)  # 0..1_023; assist pairs, then jets +x -x +y -y +z -z, then the main engine
HEA_TORQUE_Q10 = const(3)  # -8_192..8_192; uncommanded, of an assist thruster's torque; x: of a roll jet's
HEA_STEADY_Q10 = const(6)  # -20_000..20_000; what of it has long been there, * 64
HEA_PAIR = const(9)  # 0..3; suspected
HEA_PAIR_STEPS = const(10)  # 0..100
HEA_WEAK_STEPS = const(11)  # 0..100
HEA_STUCK_STEPS = const(12)  # 0..100; three axes
HEA_TRIAL = const(15)  # 0..7; the branch that is isolated on trial
HEA_TRIAL_STEPS = const(16)  # 0..100
HEA_ACQUITTED = const(17)  # 0..255; branches that were tried and were not the one
HEA_MAIN_STEPS = const(18)  # 0..100; thrust was missing
HEA_SIZE = const(19)

# --- turning: what an engine does to this vehicle, and limits; set at start ----------------------
TRN_ASSIST = const(0)  # 1..500_000_000; rate of 32 urad/s / 16 that one gives 1 kg in a tick
TRN_JET = const(1)  # 1..500_000_000
TRN_ROLL = const(2)  # 1..500_000_000
TRN_CUT_Q10 = const(3)  # 1..8_192; uncommanded torque of a pair that is cut off, of a thruster's
TRN_WEAK_Q10 = const(4)  # 1..8_192; of a pair that is told to be weak
TRN_STUCK_Q10 = const(5)  # 1..8_192; of jets that are tried
TRN_MAIN_MN = const(6)  # 0..100_000_000; thrust of the main engine
TRN_THRUSTER_MN = const(7)  # 1..100_000_000; of an assist thruster
TRN_LACK_Q10 = const(8)  # 1..8_192; missing thrust that is the main engine's, of all engines'
TRN_SIZE = const(9)

# --- coils: memory of coil.py; readings of a converter are 0 to 65,535 ------------------------------
COI_ARM = const(0)  # 0..65_535; reading of the drivers' supply
COI_SHARE_Q10 = const(1)  # 1..1_024; set at start: a coil's reading, of the supply's
COI_BRANCH = const(2)  # 0..7; that was chosen to be read last
COI_TURN = const(3)  # 0..3
COI_DEAD = const(4)  # 0..32_767; valves that drew nothing when they were commanded
COI_DRIVEN = const(5)  # 0..255; branches that drew more than was commanded
COI_DOUBT = const(6)  # 0..3; readings in a row that were too low, of each valve; 15 slots
COI_EXCESS = const(21)  # 0..3; that were too high, of each branch; 8 slots
COI_SEEN = const(29)  # 0..65_535; the highest reading of each branch since that was told; 8 slots
COI_PATROL = const(37)  # 0..7; the branch that was looked at last because it was its turn
COI_SIZE = const(38)

# --- feed: what flow costs the pressurant, and limits; set at start (drawdown.py); unit: 1/16 kPa --------
FEE_MAIN = const(0)  # 0..100_000; for 10 ms of the main engine, unit / 2^14
FEE_ASSIST = const(1)  # 0..100_000; of an assist thruster
FEE_JET = const(2)  # 0..100_000; of a jet
FEE_FLOOR = const(3)  # 1..100_000; what a window may differ by, whatever flows
FEE_SHARE_Q10 = const(4)  # 0..1_024; and of what was commanded in it
FEE_SIZE = const(5)

# --- drawdown: memory of drawdown.py, in the unit of feed --------------------------------------------
DRA_REST = const(0)  # 0..16_383; of what was commanded, below the unit
DRA_EXPECTED = const(1)  # 0..8_000_000; that has been commanded so far
DRA_READINGS = const(2)  # 0..9; of this window
DRA_SUM = const(3)  # -10_000_000..100_000_000; readings and what was commanded by then
DRA_EXPECTED_SUM = const(4)  # 0..80_000_000; the second part of it
DRA_LAST_SUM = const(5)  # -10_000_000..100_000_000; of the window before
DRA_LAST_EXPECTED_SUM = const(6)  # 0..80_000_000
DRA_WINDOWS = const(7)  # 0..1; there is a window before
DRA_UNEXPLAINED = const(8)  # -500_000..500_000; what has gone from window to window without a command
DRA_WINDOW_EXPECTED = const(9)  # 0..500_000; and with one
DRA_EXCESS_WINDOWS = const(10)  # 0..3; in a row
DRA_MISSING_WINDOWS = const(11)  # 0..3
DRA_VERDICT = const(12)  # 0..2; 1 more has gone than was commanded, 2 less
DRA_SIZE = const(13)

# --- pressure: the last reading of a transducer (drivers/transducer.py) --------------------------------
PRS_COUNT = const(0)  # 0..536_870_911; readings so far
PRS_STATUS = const(1)  # 0..2; 0 nothing yet or no supply, 1 valid, 2 open or short circuit
PRS_VALUE = const(2)  # -131_072..1_250_000; in the unit of its full scale
PRS_COUNTS = const(3)  # 0..65_535; the converter's, mean
PRS_REJECTED = const(4)  # 0..536_870_911; readings that no whole transducer gives, or without its supply
PRS_SIZE = const(5)

# --- curve: a thermistor and its pull-up, set at start (thermistor.py) -------------------
CRV_LN_PULL_UP_Q24 = const(0)  # 0..260_000_000; natural logarithm of the pull-up in ohm, * 2^24
CRV_A_Q35 = const(1)  # -200_000_000..200_000_000; A in 1/K * 2^35
CRV_B_Q40 = const(2)  # 0..536_000_000; B in 1/K * 2^40
CRV_C_Q50 = const(3)  # -268_435_456..268_435_456; C in 1/K * 2^50
CRV_SIZE = const(4)

# --- temperature: the last reading of a thermistor (drivers/thermistor.py) ---------------
TMP_COUNT = const(0)  # 0..536_870_911; readings so far
TMP_STATUS = const(1)  # 0..3; bit 0 valid, bit 1 open or short circuit
TMP_MC = const(2)  # -150_000..500_000; millidegree Celsius
TMP_COUNTS = const(3)  # 0..65_535; the converter's, mean
TMP_REJECTED = const(4)  # 0..536_870_911; readings outside of what a thermistor can give
TMP_SIZE = const(5)

# --- power: the last conversion of a rail's monitor (drivers/ina226.py) ------------------
PWR_COUNT = const(0)  # 0..536_870_911; conversions so far
PWR_STATUS = const(1)  # 0..1; bit 0 valid
PWR_BUS_MV = const(2)  # 0..40_960
PWR_CURRENT_MA = const(3)  # -819_200..819_200
PWR_POWER_MW = const(4)  # -33_600_000..33_600_000
PWR_SHUNT_UV = const(5)  # -81_920..81_918
PWR_REJECTED = const(6)  # 0..536_870_911; failed transfers and wrong answers, running count
PWR_SIZE = const(7)

# --- heartbeat: memory of heartbeat.py ------------------------------------------------------
HBT_PLACE = const(0)  # 0..5; of the newest count
HBT_GAP_TICKS = const(1)  # 0..1_000; since there was an edge
HBT_GOOD_TICKS = const(2)  # 0..6; in a row
HBT_WHY = const(3)  # 0..2; 0 as it should be, 1 too slow or frozen, 2 too fast
HBT_ALIVE = const(4)  # 0..1; has been as it should be for long enough
HBT_COUNTS = const(5)  # 0..15; edges in each of the last six ticks
HBT_SIZE = const(11)

# --- supply: memory of power.py, and of the arm supply in arm_supply.py ---------------------------
SUP_LEVEL = const(0)  # 0..2; 0 normal, 1 low, 2 critical
SUP_BATTERY_MV = const(1)  # 0..40_960; last voltage that was believed
SUP_KNOWN_TICKS = const(2)  # 0..100; for how long it still counts
SUP_SINKING_TICKS = const(3)  # 0..1_000; below what this level asks for, in a row
SUP_RISING_TICKS = const(4)  # 0..10_000; above what the next better level asks for, in a row
SUP_SHED_TICKS = const(5)  # 0..1_000; until the next load may be dropped
SUP_CHARGE_MAS = const(6)  # 0..536_870_911; mA s in the battery
SUP_CHARGE_REST = const(7)  # 0..999; mA ms
SUP_ARM_TICKS = const(8)  # 0..360_000; for which the arm supply is still asked for
SUP_ARM_LOST_TICKS = const(9)  # 0..200; asked for and without a heartbeat
# 0 not asked for, 1 on, 2 its time is over, 3 battery, 4 heartbeat slow or frozen, 5 heartbeat fast
SUP_ARM_STATE = const(10)  # 0..5
SUP_ARM_DROPS = const(11)  # 0..536_870_911; times that it went off, running count
SUP_STUCK_TICKS = const(12)  # 0..100; voltage on the arm supply though it is off
SUP_SIZE = const(13)

# --- limits: of battery, loads and arm supply, set at start ------------------------------------
LIM_LOW_MV = const(0)  # 0..40_960; below it the battery is low
LIM_CRITICAL_MV = const(1)  # 0..40_960; below it critical
LIM_HYSTERESIS_MV = const(2)  # 0..10_000; above a limit by as much the level gets better
LIM_SINK_TICKS = const(3)  # 1..1_000; below a limit for so long
LIM_RISE_TICKS = const(4)  # 1..10_000
LIM_KEPT_LOW = const(5)  # 0..7; priorities up to this one stay on
LIM_KEPT_CRITICAL = const(6)  # 0..7
LIM_SHED_TICKS = const(7)  # 0..1_000; between two loads that are dropped
LIM_CAPACITY_MAS = const(8)  # 0..536_870_911
LIM_FULL_MV = const(9)  # 0..40_960; a battery that takes less than the tail at this voltage is full
LIM_TAIL_MA = const(10)  # 0..100_000
LIM_ARM_MOST_S = const(11)  # 0..3_600; longest time for which the arm supply may be asked for
LIM_SIZE = const(12)

# --- loads: switched outputs, four slots each --------------------------------------------------
LOD_ON = const(0)  # 0..1
LOD_PRIORITY = const(1)  # 0..7; the highest number is dropped first
LOD_LEFT_TICKS = const(2)  # 0..8_640_000; until it goes off by itself
LOD_MOST_S = const(3)  # 0..86_400; longest time on; 0: there is no such load
LOD_STRIDE = const(4)  # 8 of them

# --- wheels: what the rover's four wheels say in this tick (subsystems/rover.py) -----------
WHL_PULSES = const(0)  # 0..1_000; of the encoder since the last tick, whichever way it turns; four slots
WHL_CURRENT_MA = const(4)  # 0..20_000; of the motor, last conversion; four slots
WHL_SIZE = const(8)

# --- drive: memory of rover_drive.py; wheels are front left, front right, rear left, rear right
DRV_MOTION = const(0)  # 0..2; none, straight, turn
DRV_SIGN = const(1)  # -1..1; forwards or to the left is positive
DRV_GOAL = const(2)  # 0..50_000; mm, or mrad of a turn
DRV_SPEED_MM_S = const(3)  # 0..60; of the wheels' rims
DRV_WAY = const(4)  # 0..250_000; mm by the wheels, or mrad by the gyro, since the motion began
DRV_YAW = const(5)  # -750_000_000..750_000_000; turned since then, 2^-21 degree, to the left positive
DRV_TICKS_LEFT = const(6)  # 0..120_000; until the motion ends by itself
DRV_DUTY_Q10 = const(7)  # 0..1_024
DRV_LEFT_Q10 = const(8)  # -1_024..1_024; what the left motors get
DRV_RIGHT_Q10 = const(9)  # -1_024..1_024
DRV_END = const(10)  # 0..9; how the last motion ended: 0 under way, 1 reached; rover.md has them all
DRV_WINDOW_TICKS = const(11)  # 0..10
DRV_WINDOW_PULSES = const(12)  # 0..1_000_000; way at the window's beginning, in pulses
DRV_PULSES = const(13)  # 0..1_000_000; since the motion began; four slots
DRV_STILL_TICKS = const(17)  # 0..1_000; without a pulse; four slots
DRV_OVERLOAD_TICKS = const(21)  # 0..1_000; four slots
DRV_VERDICT = const(25)  # 0..2; turns, encoder silent, stalled; four slots
DRV_LOAD_Q6 = const(29)  # 0..1_280_000; mA * 2^6, smoothed; four slots
DRV_SIZE = const(33)

# --- tilt: memory of rover_tilt.py -------------------------------------------------------
TLT_VALID = const(0)  # 0..1; there is a gravity to measure against
TLT_SINE_Q14 = const(1)  # 0..32_768; of the tilt; above 16,384 the rover lies on its back
TLT_QUIET = const(2)  # 0..100; windows in a row in which the tilt has not changed
TLT_SILENT_TICKS = const(3)  # 0..1_000; without a sample
TLT_SAMPLES = const(4)  # 0..100; in this window
TLT_SUM_X = const(5)  # -900_000_000..900_000_000; specific force summed over the window, 2^-22 m/s
TLT_SUM_Y = const(6)  # -900_000_000..900_000_000
TLT_SUM_Z = const(7)  # -900_000_000..900_000_000
TLT_BIAS = const(8)  # -50_000..50_000; of the yaw gyro, 2^-21 degree a sample
TLT_REST_SAMPLES = const(9)  # 0..500; taken at rest for the next bias
TLT_REST_YAW = const(10)  # -1_000_000_000..1_000_000_000; their sum
TLT_SIZE = const(11)

# --- scoop: memory of scoop.py -------------------------------------------------------------
SCP_PHASE = const(0)  # 0..2; at rest, scooping, drawing back
SCP_SETPOINT_MRAD = const(1)  # 0..1_500; 0 is up
SCP_DEEPEST_MRAD = const(2)  # 0..1_500
SCP_STATION = const(3)  # 0..5; of the five at which an image is taken
SCP_ASKED = const(4)  # 0..1; the camera has been triggered at this station
SCP_WAIT_TICKS = const(5)  # 0..1_000; at this station
SCP_ASTRAY_TICKS = const(6)  # 0..1_000; the arm has not followed
SCP_TICKS_LEFT = const(7)  # 0..12_000
SCP_END = const(8)  # 0..9; as DRV_END
SCP_LOST = const(9)  # 0..5; images that did not come
SCP_SIZE = const(10)

# --- heater: memory of one heater (heater.py), steps of 100 ms ----------------------------
HTR_ON = const(0)  # 0..1
HTR_ENABLED = const(1)  # 0..1; set by command
HTR_WHY = const(2)  # 0..4; why it may not be on: 0 in control, 1 disabled, 2 thermistor, 3 duty, 4 duration
HTR_CREDIT_Q10 = const(3)  # 0..36_864_000; time on that is saved, steps * 1,024
HTR_ON_STEPS = const(4)  # 0..536_870_911; since it was last off
HTR_REST_STEPS = const(5)  # 0..36_000; left of the rest after a limit
HTR_GOOD_STEPS = const(6)  # 0..10; in a row that the thermistor was good
HTR_TOTAL_STEPS = const(7)  # 0..536_870_911; steps on, running count
HTR_SIZE = const(8)

# --- heater_limits: what a heater is held to, set at start and by command ------------------
HTL_ON_MC = const(0)  # -100_000..100_000; below it goes on
HTL_OFF_MC = const(1)  # -100_000..100_000; from here on it is off
HTL_DUTY_Q10 = const(2)  # 0..1_024; share of the time that it may be on in the long run
HTL_SAVED_STEPS = const(3)  # 0..36_000; time on that it may save up
HTL_MOST_ON_STEPS = const(4)  # 1..36_000; longest time on without a rest
HTL_REST_STEPS = const(5)  # 1..36_000; after a limit
HTL_SIZE = const(6)

# --- legs: memory of the contact vote (contact.py); four switches of LEG_STRIDE slots -------
LEG_VOTE = const(0)  # 0..2; 0 no contact, 1 contact, 2 too few good switches to tell
LEG_CLOSED = const(1)  # 0..15; switches closed, debounced
LEG_STUCK = const(2)  # 0..15; switches that do not vote
LEG_FIRST = const(3)
LEG_STRIDE = const(2)  # 4 of them; within one:
# +0 0..2; differs
# +1 0..499; held_ticks
LEG_SIZE = const(11)

# --- arming: which actuator is armed or fires (arming.py) ---------------------------------
ARM_STATE = const(0)  # 0..2; 0 safe, 1 armed, 2 firing
ARM_ACTUATOR = const(1)  # 0..3; of the last arm
ARM_NONCE = const(2)  # 0..65_535; that FIRE must carry
ARM_LEFT_TICKS = const(3)  # 0..500; until it expires
ARM_EXPIRED_NONCE = const(4)  # 0..65_535; of an arm that has expired, until the next one
ARM_PULSE_LEFT_US = const(5)  # 0..10_000_000
ARM_ASKED_US = const(6)  # 0..100_000; of it, what the hardware plays without being asked again
ARM_FIRED = const(7)  # 0..15; actuators fired since the start
ARM_SIZE = const(8)

# --- releases: what each actuator is, set at start, three slots each -------------------------
REL_MODES = const(0)  # 0..15; bit n: it may be fired in mode n
REL_NEEDS_CONTACT = const(1)  # 0..1; not without contact
REL_WIDTH_US = const(2)  # 1..10_000_000; its pulse
REL_STRIDE = const(3)  # 4 of them

# --- watched: the integers that limits look at, a board's telemetry packet (limits.py) -----------
# 64 slots -1_073_741_824..1_073_741_823; limits.json is held within the packet when it is read

# --- limit_rows: a board's limit table, set at start and by command -----------------------------------
LMR_INDEX = const(0)  # 0..63; of the value in `watched`
LMR_LOW_RED = const(1)  # -1_073_741_824..1_073_741_823; red below it
LMR_LOW_YELLOW = const(2)  # -1_073_741_824..1_073_741_823; yellow below it
LMR_HIGH_YELLOW = const(3)  # -1_073_741_824..1_073_741_823; yellow above it
LMR_HIGH_RED = const(4)  # -1_073_741_824..1_073_741_823; red above it
LMR_CHECKS = const(5)  # 1..1_000; in a row, until a change is believed
LMR_MODES = const(6)  # 0..65_535; bit n: the row is looked at in mode n
LMR_GATE = const(7)  # 0..63; of the flags in `watched` that say whether the value counts
LMR_GATE_MASK = const(8)  # 0..65_535; these bits of them
LMR_GATE_WANTED = const(9)  # 0..65_535; have to be like this
LMR_RESPONSE = const(10)  # 0..15; of the dictionary, while the row is red
LMR_STRIDE = const(11)  # 16 of them

# --- limit_states: what each row of a limit table has found -------------------------------------------
LMS_LEVEL = const(0)  # 0..2; good, yellow, red
LMS_NEXT = const(1)  # 0..2; what it seems to become
LMS_CHECKS = const(2)  # 0..1_000; for which it has seemed so
LMS_STRIDE = const(3)  # 16 of them
