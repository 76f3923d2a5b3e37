// One PIO state machine (RP2040 datasheet 3.2, 3.5): its registers, its clock divider, when it runs.
// Tick n of its clock is at cycle base + floor(n * divider): the first-order accumulator of 3.5.5. An instruction is
// executed at a tick, pins change one cycle later; a stalled or looping machine is not due at all.
import { execute, WAIT_CYCLE, WAIT_IRQ, WAIT_PINS } from './pio_execute.mjs';
import { Loop } from './pio_loop.mjs';

const SIDE_EN = 1 << 30;
const SIDE_PINDIR = 1 << 29;

/** A FIFO of up to eight words, or of none. */
export class WordFifo {
  constructor() {
    this.words = new Uint32Array(8);
    this.first = 0;
    this.count = 0;
    this.depth = 4;
  }

  get free() {
    return this.depth - this.count;
  }

  put(word) {
    this.words[(this.first + this.count++) & 7] = word;
  }

  take() {
    const word = this.words[this.first];
    this.first = (this.first + 1) & 7;
    this.count--;
    return word;
  }
}

function rotate(value, bits) {
  return (value << bits) | (bits ? value >>> (32 - bits) : 0);
}

function maskOf(count, base) {
  return rotate(count >= 32 ? -1 : (1 << count) - 1, base);
}

export class PioMachine {
  constructor(block, index, timeline, slot) {
    this.block = block;
    this.index = index;
    this.timeline = timeline;
    this.slot = slot;
    this.tx = new WordFifo();
    this.rx = new WordFifo();
    this.loop = new Loop();
    this.reset();
    timeline.sources[slot] = this;
  }

  reset() {
    this.enabled = false;
    this.x = this.y = this.osr = this.isr = 0;
    this.osrCount = 32;
    this.isrCount = 0;
    this.pc = 0;
    this.base = this.timeline.now;
    this.tick = 0; // of the next instruction, or of the one that stalls
    this.rest = 0; // ticks of a delay left over while disabled
    this.stalled = this.parked = this.irqRaised = false;
    this.waiting = this.waitPins = 0;
    this.injected = -1; // an instruction to be executed instead of the next one
    this.target = -1; // of a jump
    this.undelayed = false;
    this.acted = this.readsIrq = this.xUsed = this.yUsed = false; // see pio_loop.mjs
    this.xDecrements = this.yDecrements = this.reads = this.writes = 0;
    this.loop.head = -1;
    this.tx.count = this.rx.count = 0;
    this.timeline.times[this.slot] = Infinity;
    this.divide(0x00010000);
    this.setExecCtrl(0x0001f000);
    this.setShiftCtrl(0x000c0000);
    this.setPinCtrl(0x14000000);
  }

  // --- registers, datasheet 3.7

  divide(value) {
    this.clkdiv = value & 0xffffff00;
    const whole = value >>> 16;
    this.divider = whole ? value >>> 8 : 0x1000000; // in 1/256 cycles; INT 0 means 65,536
  }

  setExecCtrl(value) {
    this.execCtrl = value & 0x7fffffff;
    this.sideEnable = (value & SIDE_EN) !== 0;
    this.sideDirections = (value & SIDE_PINDIR) !== 0;
    this.jmpPin = (value >>> 24) & 0x1f;
    this.enableBit = (value >>> 19) & 0x1f;
    this.inlineEnable = (value & (1 << 18)) !== 0;
    this.wrapTop = (value >>> 12) & 0x1f;
    this.wrapBottom = (value >>> 7) & 0x1f;
  }

  setShiftCtrl(value) {
    const joinTx = (value & (1 << 30)) !== 0;
    const joinRx = (value & (1 << 31)) !== 0;
    this.shiftCtrl = value;
    this.pullThreshold = (value >>> 25) & 0x1f || 32;
    this.pushThreshold = (value >>> 20) & 0x1f || 32;
    this.outRight = (value & (1 << 19)) !== 0;
    this.inRight = (value & (1 << 18)) !== 0;
    this.autopull = (value & (1 << 17)) !== 0;
    this.autopush = (value & (1 << 16)) !== 0;
    const txDepth = joinRx ? 0 : joinTx ? 8 : 4; // a FIFO that is joined to the other has no room of its own
    const rxDepth = joinTx ? 0 : joinRx ? 8 : 4;
    if (txDepth !== this.tx.depth || rxDepth !== this.rx.depth) {
      this.tx.count = this.rx.count = 0; // changing a join flushes both
      this.tx.depth = txDepth;
      this.rx.depth = rxDepth;
    }
  }

  setPinCtrl(value) {
    this.pinCtrl = value;
    this.sideBits = value >>> 29;
    this.setBase = (value >>> 5) & 0x1f;
    this.setMask = maskOf((value >>> 26) & 7, this.setBase);
    this.outBase = value & 0x1f;
    this.outMask = maskOf((value >>> 20) & 0x3f, this.outBase);
    this.inBase = (value >>> 15) & 0x1f;
    this.sideBase = (value >>> 10) & 0x1f;
  }

  inMask(width) {
    return maskOf(width, this.inBase);
  }

  toOut(value) {
    return rotate(value, this.outBase);
  }

  toSet(value) {
    return rotate(value, this.setBase);
  }

  /** MOV's STATUS: all ones while a FIFO holds less than STATUS_N words. */
  status() {
    const fifo = this.execCtrl & 0x10 ? this.rx : this.tx;
    return fifo.count < (this.execCtrl & 0xf) ? -1 : 0;
  }

  // --- time

  cycleOf(tick) {
    return this.base + Math.floor((tick * this.divider) / 256);
  }

  /** The first tick at or after a cycle. */
  tickFrom(cycle) {
    return Math.max(0, Math.ceil(((cycle - this.base) * 256) / this.divider));
  }

  schedule() {
    this.timeline.times[this.slot] = this.cycleOf(this.tick);
  }

  /** The timeline's call: go on until another source is due. */
  run() {
    const { timeline, slot } = this;
    const { times } = timeline;
    do {
      const cycle = times[slot];
      if (cycle > timeline.cycle) {
        timeline.cycle = cycle;
      }
      this.step(cycle);
    } while (times[slot] < timeline.limit);
  }

  step(cycle) {
    if (this.parked) {
      this.unpark(cycle);
    }
    const forced = this.injected;
    const op = forced >= 0 ? forced : this.block.program[this.pc];
    this.injected = this.target = -1;
    this.undelayed = this.stalled = false;
    const done = execute(this, op, cycle);
    const delay = this.sideBits || this.sideEnable ? this.side(op, cycle) : (op >>> 8) & 0x1f;
    if (!done) {
      this.injected = forced;
      this.stall(cycle);
      return;
    }
    this.tick += 1 + (this.undelayed ? 0 : delay);
    if (this.autopull && op >>> 13 !== 3 && this.osrCount >= this.pullThreshold) {
      this.refill(cycle);
    }
    const from = this.pc;
    if (this.target >= 0) {
      this.pc = this.target;
    } else if (forced < 0) {
      this.pc = from === this.wrapTop ? this.wrapBottom : (from + 1) & 0x1f;
    }
    if (!this.enabled) {
      this.timeline.times[this.slot] = Infinity; // an instruction of SMx_INSTR has come to its end
    } else if (forced >= 0) {
      this.loop.head = -1;
      this.schedule();
    } else if (this.pc <= from && this.loop.closes(this, this.pc)) {
      this.park();
    } else {
      this.schedule();
    }
  }

  /** Side-set comes after the instruction's own pins: it has priority (3.5.6). Returns the delay. */
  side(op, cycle) {
    const field = (op >>> 8) & 0x1f;
    const delayBits = 5 - this.sideBits;
    const width = this.sideBits - (this.sideEnable ? 1 : 0);
    if (!this.sideEnable || field & 0x10) {
      const mask = maskOf(width, this.sideBase);
      const value = rotate(field >>> delayBits, this.sideBase);
      if (this.sideDirections) {
        this.block.setDirections(this, mask, value, cycle);
      } else {
        this.block.setPins(this, mask, value, cycle);
      }
    }
    return field & ((1 << delayBits) - 1);
  }

  /** Whether something that the program reads has changed since a cycle, or will as seen by the program. */
  disturbedSince(cycle) {
    const { gpio, irqCycle } = this.block;
    return (this.reads && gpio.changedSince(this.reads, cycle - 2)) || (this.readsIrq && irqCycle >= cycle);
  }

  stall(cycle) {
    const { waiting, block } = this;
    this.stalled = true;
    this.loop.head = -1;
    const again =
      waiting === WAIT_CYCLE ||
      (waiting === WAIT_PINS && block.gpio.settling(cycle)) ||
      (waiting === WAIT_IRQ && block.irqCycle >= cycle);
    if (again) {
      this.tick = Math.max(this.tick + 1, this.tickFrom(cycle + 1));
      this.schedule();
    } else {
      this.timeline.times[this.slot] = Infinity;
    }
  }

  /** Try a stalled instruction again, from `cycle` on. */
  retry(cycle) {
    if (this.stalled && (this.enabled || this.injected >= 0)) {
      this.tick = Math.max(this.tick, this.tickFrom(cycle));
      this.timeline.wake(this.slot, this.cycleOf(this.tick));
    }
  }

  /** Input pins change; the program can read them from cycle `seen` on. */
  pinsChanging(changed, seen) {
    if (this.waiting === WAIT_PINS && this.waitPins & changed) {
      this.retry(seen);
    }
  }

  flagsChanged(cycle) {
    if (this.parked && this.readsIrq) {
      this.rouse(cycle);
    } else if (this.stalled && this.waiting === WAIT_IRQ) {
      this.retry(cycle + 1);
    }
  }

  /** Take the next word into the empty OSR. */
  refill(cycle) {
    if (!this.tx.count) {
      return false;
    }
    this.osr = this.block.pullTx(this, cycle) | 0;
    this.osrCount = 0;
    return true;
  }

  /** A word has come while the OSR is empty: an autopull takes it in any cycle but an OUT's (3.5.4.2). */
  refillBetween(cycle) {
    if (!this.enabled || !this.autopull || this.osrCount < this.pullThreshold) {
      return;
    }
    const op = this.injected >= 0 ? this.injected : this.block.program[this.pc];
    const idle = this.stalled ? op >>> 13 !== 3 : this.tickFrom(cycle + 1) < this.tick;
    if (idle) {
      this.refill(cycle);
    }
  }

  // --- loops

  park() {
    const { turns, period } = this.loop;
    this.parked = true;
    this.timeline.times[this.slot] = turns === Infinity ? Infinity : this.cycleOf(this.tick + turns * period);
  }

  /** Leave the loop in the turn that is under way just before `cycle`; it is played again from its beginning. */
  unpark(cycle) {
    const { turns, period, dx, dy } = this.loop;
    const done = Math.min(turns, Math.max(0, Math.floor((this.tickFrom(cycle) - this.tick) / period)));
    this.tick += done * period;
    this.x = (this.x - done * dx) | 0;
    this.y = (this.y - done * dy) | 0;
    this.parked = false;
    this.loop.head = -1;
    this.schedule();
  }

  /** Something a parked machine may notice changes at `cycle`, inside the timeline's run. */
  rouse(cycle) {
    this.unpark(cycle);
    this.timeline.limit = 0;
  }

  /** Bring a parked machine to the end of `cycle`, so that it can be changed. */
  settle(cycle) {
    if (!this.parked) {
      return;
    }
    const { times } = this.timeline;
    this.unpark(cycle);
    while (times[this.slot] <= cycle) {
      this.step(times[this.slot]);
    }
    this.timeline.limit = 0;
  }

  // --- control, from the processor

  enable(on, cycle) {
    this.settle(cycle);
    if (on === this.enabled) {
      return;
    }
    this.enabled = on;
    this.loop.head = -1;
    const next = this.tickFrom(cycle + 1);
    if (on) {
      this.tick = next + this.rest;
      this.schedule();
    } else {
      this.rest = this.stalled ? 0 : Math.max(0, this.tick - next);
      this.timeline.times[this.slot] = Infinity;
    }
  }

  /** The processor has changed what the program works with: a loop must be watched anew. */
  forget() {
    this.loop.head = -1;
  }

  /** SM_RESTART: counters, ISR, delay, stall and injected instruction, but not PC, X, Y and OSR (3.7, CTRL). */
  restart(cycle) {
    this.settle(cycle);
    this.isr = this.isrCount = this.rest = 0;
    this.osrCount = 32;
    this.stalled = this.irqRaised = false;
    this.injected = -1;
    this.goOn(cycle);
  }

  /** CLKDIV_RESTART: phase 0 now. */
  restartClock(cycle) {
    this.settle(cycle);
    const left = this.stalled ? 0 : Math.max(0, this.tick - this.tickFrom(cycle + 1));
    this.base = cycle;
    this.tick = 1 + left;
    if (this.timeline.times[this.slot] !== Infinity) {
      this.schedule();
    }
  }

  /** A new divider; the present tick comes when it would have, or after one of the new ones. */
  setDivider(value, cycle) {
    this.settle(cycle);
    const left = Math.max(0, this.tick - this.tickFrom(cycle + 1));
    const next = this.cycleOf(this.tickFrom(cycle + 1));
    this.divide(value);
    this.base = Math.min(next, cycle + Math.floor(this.divider / 256));
    this.tick = left;
    if (this.timeline.times[this.slot] !== Infinity) {
      this.schedule();
    }
  }

  goOn(cycle) {
    this.loop.head = -1;
    if (this.enabled) {
      this.tick = this.tickFrom(cycle + 1);
      this.schedule();
    }
  }

  /** OUT EXEC, MOV EXEC: executed at the next tick; the delay is the executed instruction's (3.4.5.2). */
  inject(op) {
    this.injected = op & 0xffff;
    this.undelayed = true;
  }

  /** SMx_INSTR: executed at once, enabled or not; the program counter stays unless it jumps. */
  exec(op, cycle) {
    this.settle(cycle);
    const { waiting } = this;
    this.injected = this.target = -1;
    const done = execute(this, op, cycle);
    if (this.sideBits || this.sideEnable) {
      this.side(op, cycle);
    }
    this.loop.head = -1;
    if (!done) {
      this.injected = op;
      this.tick = this.tickFrom(cycle);
      this.stall(cycle);
    } else if (this.target >= 0) {
      this.pc = this.target;
      this.stalled = this.irqRaised = false;
      this.rest = 0;
      this.goOn(cycle);
    } else {
      this.waiting = waiting;
      this.retry(cycle + 1);
    }
  }
}
