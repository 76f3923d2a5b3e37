// An RP2040 that can fly: rp2040js's chip with every cure installed, run to a given emulated time. A reset builds a
// new chip and carries over what a real one keeps: flash, watchdog reason and scratch registers, what is plugged in.
// Nothing here looks at the wall clock; the same requests give the same answers, bit for bit.
import { RP2040 } from 'rp2040js';
import { install as adc } from './adc.mjs';
import { Bootrom } from './bootrom.mjs';
import { installBus, hex } from './bus.mjs';
import { Clock, NS_PER_CYCLE } from './clock.mjs';
import { installCore, WAIT_EVENT, WAIT_INTERRUPT } from './core.mjs';
import { makeInterpreter } from './dispatch.mjs';
import { install as dma } from './dma.mjs';
import { flashPowerOff, installSsi } from './flash.mjs';
import { install as gpio } from './gpio.mjs';
import { install as i2c } from './i2c.mjs';
import { Memory } from './memory.mjs';
import { install as pio } from './pio.mjs';
import { installRegisters } from './registers.mjs';
import { install as serialLine } from './serial_line.mjs';
import { installSio } from './sio.mjs';
import { install as spi } from './spi.mjs';
import { installTimer } from './timer.mjs';
import { install as uart } from './uart.mjs';
import { readUf2 } from './uf2.mjs';
import { UsbHost } from './usb_cdc.mjs';
import { installWatchdog } from './watchdog.mjs';

/** In this order: pins first, for the buses look at them. */
const PERIPHERALS = [gpio, pio, dma, serialLine, uart, i2c, spi, adc];
const CLK_SYS = 125e6;
const FASTEST_OTHER = 48e6; // the crystal, the ring oscillator and the USB clock, on which a start runs for moments
const WFE = 0xbf20;
const makeSilent = () => ({ debug() {}, info() {}, warn() {}, error() {} });

/** The package's chip without its own 16 MB of flash being filled at every reset. */
class Chip extends RP2040 {
  reset() {}
}

export class Machine {
  constructor() {
    this.memory = new Memory();
    this.clock = new Clock();
    this.bootrom = new Bootrom(this);
    this.usb = new UsbHost(this);
    this.plugged = { serial: new Map(), watch: new Set(), i2c: [new Set(), new Set()], spi: [false, false], spiSelect: [], analog: [0, 0, 0, 0, 0] };
    this.host = {};
    this.ask = () => {
      throw new Error('nobody answers questions: set machine.ask');
    };
    this.slow = false; // the package's own interpreter, for comparison
    this.kept = { reason: 0, scratch: new Uint32Array(8), chipReset: 0x100 };
    this.clearOut();
    this.build();
  }

  clearOut() {
    this.out = { serial: {}, edges: [], resets: [] };
  }

  /** A new chip around the memories, at its boot ROM's entry. */
  build() {
    this.clock.dropChipAlarms();
    this.atPlug = [];
    this.atRunStart = [];
    this.atRunEnd = [];
    this.atReset = [];
    this.attention = false;
    this.halted = null;
    this.pendingReset = null;
    this.stallUntil = 0;
    this.flashOperation = null;
    const mcu = new Chip(this.clock);
    this.mcu = mcu;
    mcu.pwm.reset(); // the one thing besides wiping memory that the package's reset does
    mcu.logger = makeSilent();
    mcu.addClockListener((hertz) => {
      if (hertz === CLK_SYS || hertz <= FASTEST_OTHER) return;
      this.fault('clock', `clk_sys is set to ${hertz / 1e6} MHz: only 125 MHz is modelled`);
    });
    this.memory.attach(mcu);
    this.clock.follow(mcu.core);
    installBus(mcu, this.memory, (kind, message, address) => this.fault(kind, message, address));
    installCore(mcu.core);
    installRegisters(this);
    installSio(this);
    installSsi(this);
    installTimer(this);
    installWatchdog(this);
    this.bootrom.install();
    this.usb.install();
    for (const install of PERIPHERALS) install(this);
    mcu.onBreak = (code) => this.stockBreak(code);
    this.interpreter = makeInterpreter(this);
    this.bootrom.boot();
  }

  /** Power-on: `flash` is an image of 2 MB or null for an erased one, `uf2` a file's bytes or null. */
  load({ uf2, flash }) {
    this.flashOperation = null; // of the flash that is taken away
    this.memory.flash.fill(0xff);
    if (flash) this.memory.flash.set(flash.subarray(0, this.memory.flash.length));
    if (uf2) readUf2(uf2, this.memory.flash);
    this.power();
    this.clearOut();
  }

  /** Power cycle: SRAM is lost, and a flash operation under way is left half done. */
  power() {
    flashPowerOff(this);
    this.reset('power');
  }

  /** Resets the chip now. Causes: power, run, watchdog, software. */
  reset(cause) {
    for (const listener of this.atReset) listener(cause);
    this.kept = this.watchdog.keep(cause, this.kept);
    if (cause === 'power') this.memory.sram.fill(0);
    this.out.resets.push({ at: this.now, cause });
    this.build();
  }

  /** Asks for a reset at the end of the present instruction. */
  requestReset(cause) {
    this.pendingReset ??= cause;
    this.attention = true;
  }

  /** The core stands still until then: a flash operation with interrupts off. */
  stall(nanos) {
    this.stallUntil = this.clock.ticks + Math.round(nanos / NS_PER_CYCLE);
    this.attention = true;
  }

  get now() {
    return this.clock.ticks * NS_PER_CYCLE;
  }

  /** Stops the run; `pc` is that of the instruction at work. */
  fault(kind, message, address = 0) {
    this.faultAt(kind, message, address, this.mcu.core.PC - 2);
  }

  faultAt(kind, message, address, pc) {
    if (this.halted) return;
    const lr = this.mcu.core.LR >>> 0;
    const text = `${message}, pc=0x${hex(pc)} lr=0x${hex(lr)}`;
    this.halted = { kind, address: address >>> 0, pc: pc >>> 0, lr, message: text };
    this.attention = true;
  }

  /** BKPT under the package's interpreter. */
  stockBreak(code) {
    const { core } = this.mcu;
    const at = core.PC - core.breakRewind;
    if (this.bootrom.has(at)) this.bootrom.call(at);
    else this.faultAt('breakpoint', `breakpoint ${code} without a debugger`, at, at);
  }

  emitSerial(name, endNs, byte) {
    (this.out.serial[name] ??= []).push([Math.round(endNs), byte]);
  }

  emitEdge(ns, gpio, level) {
    this.out.edges.push([Math.round(ns), gpio, level]);
  }

  /** Runs to `request.until` nanoseconds; the answer is the protocol's. */
  run(request) {
    const { clock } = this;
    const executed = clock.ticks - clock.skipped;
    this.usb.send(request.usb);
    for (const listener of this.atRunStart) listener(request);
    clock.limit = Math.ceil(request.until / NS_PER_CYCLE);
    clock.update();
    this.usb.breakOnData = Boolean(request.break_on_usb);
    const idle = this.advance();
    clock.limit = Infinity;
    clock.update();
    const answer = {
      now: this.now,
      cycles: clock.ticks - clock.skipped - executed,
      idle,
      usb: this.usb.take(),
      serial: this.out.serial,
      edges: this.out.edges,
      resets: this.out.resets,
      fault: this.halted,
    };
    for (const listener of this.atRunEnd) listener(answer);
    this.clearOut();
    return answer;
  }

  /** Bytes at `address`, of memory or of anything on the bus. */
  peek(address, length) {
    return this.aside(() => Uint8Array.from({ length }, (_, at) => this.mcu.readUint8(address + at)));
  }

  /** Writes bytes; flash too, as a programmer would. */
  poke(address, bytes) {
    const offset = address - 0x10000000;
    if (offset >= 0 && offset + bytes.length <= this.memory.flash.length) this.memory.flash.set(bytes, offset);
    else this.aside(() => bytes.forEach((byte, at) => this.mcu.writeUint8(address + at, byte)));
  }

  /** An access from outside: a bad address is the caller's error, not the program's. */
  aside(access) {
    const { halted } = this;
    this.halted = null;
    const result = access();
    const error = this.halted;
    this.halted = halted;
    if (error) throw new Error(error.message.replace(/,? pc=.*/, ''));
    return result;
  }

  /** The run loop; true if the core waits at the end. */
  advance() {
    const { clock } = this;
    while (!this.halted && clock.ticks < clock.limit) {
      if (this.usb.breakOnData && this.usb.out.length) break;
      this.attention = false;
      clock.fire();
      if (this.pendingReset) {
        this.settleReset();
        continue;
      }
      const { core } = this.mcu;
      if (this.stallUntil > clock.ticks) {
        clock.skipTo(Math.min(clock.limit, clock.nextTick, this.stallUntil));
        continue;
      }
      if (core.waiting) core.lookForWakeUp();
      if (core.waiting) {
        if (clock.nextTick > clock.ticks) clock.skipTo(Math.min(clock.limit, clock.nextTick));
        continue;
      }
      if (core.interruptsUpdated) core.checkForInterrupts();
      if (this.slow) this.stockRun();
      else this.interpreter.run();
    }
    if (this.pendingReset) this.settleReset();
    return this.mcu.core.waiting;
  }

  settleReset() {
    const cause = this.pendingReset;
    if (cause === 'bootloader') {
      this.out.resets.push({ at: this.now, cause });
      this.pendingReset = null;
      this.mcu.core.waiting = true; // BOOTSEL: waits for a new UF2, that is for load, reset or power
      this.mcu.core.enabledInterrupts = 0;
      this.clock.dropChipAlarms();
      return;
    }
    this.reset(cause);
  }

  stockRun() {
    const { clock } = this;
    const { core, logger } = this.mcu;
    logger.info = (name, text) => text === 'SEV' && core.signalEvent(); // all that the package does with it
    do core.executeInstruction();
    while (core.cycles < clock.stopAt && !core.waiting && !core.interruptsUpdated && !this.attention);
    if (core.waiting) core.waitKind = this.mcu.readUint16((core.PC & ~1) - 2) === WFE ? WAIT_EVENT : WAIT_INTERRUPT;
  }
}
