// A chip without a processor for tests of pins, PIO, DMA and lines: the test is the bus master and owns the clock.
import { RP2040 } from 'rp2040js';
import { Clock, NS_PER_CYCLE } from '../clock.mjs';
import * as gpio from '../gpio.mjs';
import * as pio from '../pio.mjs';
import * as dma from '../dma.mjs';
import * as serialLine from '../serial_line.mjs';

class Chip extends RP2040 {
  reset() {} // the stock one fills 16 MB of flash
}

export const PIO0 = 0x50200000;
export const PIO1 = 0x50300000;
export const DMA = 0x50000000;
export const IO = 0x40014000;
export const PADS = 0x4001c000;
export const SIO = 0xd0000000;
export const SRAM = 0x20000000;

export class Bench {
  constructor() {
    this.clock = new Clock();
    this.core = { cycles: 0 };
    this.clock.follow(this.core);
    this.host = {};
    this.plugged = { serial: new Map(), watch: new Set() };
    this.interrupts = []; // [cycle, irq, level] at each change
    this.levels = new Map();
    this.build();
  }

  build() {
    this.clock.dropChipAlarms();
    this.atPlug = [];
    this.atRunStart = [];
    this.atRunEnd = [];
    this.atReset = [];
    this.out = { serial: {}, edges: [] };
    this.mcu = new Chip(this.clock);
    this.mcu.pwm.reset();
    this.mcu.logger = { debug() {}, info() {}, warn() {}, error() {} };
    this.mcu.setInterrupt = (irq, level) => {
      if (level !== (this.levels.get(irq) ?? false)) {
        this.levels.set(irq, level);
        this.interrupts.push([this.timeline.now, irq, level]);
      }
    };
    [gpio, pio, dma, serialLine].forEach((module) => module.install(this));
  }

  emitEdge(ns, pin, level) {
    this.out.edges.push([ns / NS_PER_CYCLE, pin, level]);
  }

  emitSerial(name, ns, byte) {
    (this.out.serial[name] ??= []).push([ns, byte]);
  }

  /** Let the clock come to a cycle, alarms on the way at their times. */
  to(cycle) {
    while (this.clock.nextTick <= cycle) {
      this.core.cycles = Math.max(this.core.cycles, this.clock.nextTick);
      this.clock.fire();
    }
    this.core.cycles = cycle;
  }

  write(address, value) {
    this.mcu.writeUint32(address, value >>> 0);
  }

  read(address) {
    return this.mcu.readUint32(address) >>> 0;
  }

  /** RAM as the processor would see it after an access to the DMA. */
  ram(offset, length) {
    this.timeline.sync();
    return [...this.mcu.sram.subarray(offset, offset + length)];
  }

  watch(...gpios) {
    gpios.forEach((pin) => this.plugged.watch.add(pin));
    this.atPlug.forEach((plug) => plug());
  }

  start(request) {
    this.atRunStart.forEach((begin) => begin(request));
  }

  /** What has come out since the last time: {edges: [[cycle, gpio, level]], serial}. */
  end() {
    this.atRunEnd.forEach((end) => end({}));
    const { out } = this;
    this.out = { serial: {}, edges: [] };
    return out;
  }

  /** Give GPIOs to a PIO block, its outputs enabled from outside the machines. */
  give(select, ...gpios) {
    gpios.forEach((pin) => this.write(IO + 8 * pin + 4, select));
  }

  /**
   * Load a program at 0 and start machine `sm` of a block at the present cycle.
   * config: divider (CLKDIV), exec, shift, pin (the registers' values), outputs (mask of pins made outputs first).
   */
  program(block, sm, words, config = {}) {
    words.forEach((word, i) => this.write(block + 0x48 + 4 * i, word));
    const registers = block + 0xc8 + 0x18 * sm;
    for (let pin = 0; pin < 32; pin++) {
      if ((config.outputs ?? 0) & (1 << pin)) {
        this.write(registers + 0x14, (1 << 26) | (pin << 5));
        this.write(registers + 0x10, 0xe081); // set pindirs, 1
      }
    }
    this.write(registers, config.divider ?? 0x10000);
    const top = config.wrapTop ?? words.length - 1;
    this.write(registers + 4, (config.exec ?? 0) | (top << 12) | ((config.wrapBottom ?? 0) << 7));
    this.write(registers + 8, config.shift ?? 0xc0000);
    this.write(registers + 0x14, config.pin ?? 0);
    this.write(registers + 0x10, 0); // jmp 0
    this.write(block, this.read(block) | (0x110 << sm) | (1 << sm));
  }
}

// Instructions, encoded as in datasheet 3.4; `field` is delay and side-set
export const jmp = (target, condition = 0, field = 0) => (field << 8) | (condition << 5) | target;
export const wait = (polarity, source, index, field = 0) =>
  0x2000 | (field << 8) | (polarity << 7) | (source << 5) | index;
export const shiftIn = (source, bits, field = 0) => 0x4000 | (field << 8) | (source << 5) | (bits & 31);
export const out = (destination, bits, field = 0) => 0x6000 | (field << 8) | (destination << 5) | (bits & 31);
export const push = (ifFull, block, field = 0) => 0x8000 | (field << 8) | (ifFull << 6) | (block << 5);
export const pull = (ifEmpty, block, field = 0) => 0x8080 | (field << 8) | (ifEmpty << 6) | (block << 5);
export const mov = (destination, source, operation = 0, field = 0) =>
  0xa000 | (field << 8) | (destination << 5) | (operation << 3) | source;
export const irq = (clear, waits, index, field = 0) => 0xc000 | (field << 8) | (clear << 6) | (waits << 5) | index;
export const set = (destination, value, field = 0) => 0xe000 | (field << 8) | (destination << 5) | value;
export const NOP = mov(2, 2);
