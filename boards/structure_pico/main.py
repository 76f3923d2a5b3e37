from plumbline.services.start import prepare

prepare()

from plumbline.ports.bus_board import Board
from plumbline.services.limit_table import LimitTable
from plumbline.subsystems.structure import Structure
from plumbline.subsystems.structure_parameters import StructureParameters

limits = LimitTable.from_file("limits.json")
Structure(Board.from_files("structure_pico"), StructureParameters.from_file("parameters.json"), limits).run()
