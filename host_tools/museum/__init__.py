"""The museum: every landing of facts/landings.md, flown by every voter over many seeds, on one page."""

LANDINGS = (
    "apollo_11",
    "apollo_12",
    "schiaparelli",
    "beresheet",
    "vikram",
    "hakuto_r_mission_1",
    "slim",
    "odysseus",
    "athena",
    "resilience",
    "inav_false_touchdown",
    "apex_1",
)
