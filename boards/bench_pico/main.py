import gc

gc.threshold(8192)  # imports leave garbage: collected often, it leaves no holes between what stays

from plumbline.ports.bus_board import Board
from plumbline.subsystems.bench import Bench

Bench(Board.from_files("bench_pico")).run()
