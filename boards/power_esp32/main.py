import gc

gc.threshold(8192)  # imports leave garbage: collected often, it leaves no holes between what stays

from plumbline.ports.bus_board import Board
from plumbline.services.limit_table import LimitTable
from plumbline.subsystems.power import Power
from plumbline.subsystems.power_limits import PowerLimits

limits = LimitTable.from_file("limits.json")
Power(Board.from_files("power_esp32"), PowerLimits.from_file("parameters.json"), limits).run()
