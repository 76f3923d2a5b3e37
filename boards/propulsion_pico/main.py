from plumbline.services.start import prepare

prepare()

from plumbline.ports import Board
from plumbline.services.limit_table import LimitTable
from plumbline.subsystems.propulsion import Propulsion
from plumbline.subsystems.propulsion_parameters import PropulsionParameters

parameters = PropulsionParameters.from_file("parameters.json")
limits = LimitTable.from_file("limits.json")
Propulsion(Board.from_files("propulsion_pico"), parameters, limits).run()
