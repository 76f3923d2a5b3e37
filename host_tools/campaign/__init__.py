"""Campaigns: one landing flown many times over what is uncertain; stored, questioned, reported.

`spec` is what a campaign file holds, `draw` makes the landing of one index out of it, `flight` flies it,
`tasks`, `pool` and `cluster` spread the work, `store` keeps it, `ask` and `report` tell of it.
`batch` and `abreast` fly many landings at once, bit for bit as `plumbline land` does.
"""
