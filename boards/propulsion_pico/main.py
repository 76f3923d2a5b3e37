from plumbline.services.start import prepare

prepare()

from plumbline.ports import Board
from plumbline.subsystems.propulsion import Propulsion
from plumbline.subsystems.propulsion_parameters import PropulsionParameters

parameters = PropulsionParameters.from_file("parameters.json")
Propulsion(Board.from_files("propulsion_pico"), parameters, "limits.json").run()
