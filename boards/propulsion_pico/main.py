from plumbline.services.start import prepare

prepare()

from plumbline.ports import Board
from plumbline.services.limit_table import LimitTable
from plumbline.subsystems.propulsion import Propulsion

Propulsion(Board.from_files("propulsion_pico"), LimitTable.from_file("limits.json")).run()
