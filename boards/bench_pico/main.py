from plumbline.services.start import prepare

prepare()

from plumbline.ports.bus_board import Board
from plumbline.subsystems.bench import Bench

Bench(Board.from_files("bench_pico")).run()
