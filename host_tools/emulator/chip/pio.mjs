// A PIO block: four state machines, their FIFOs, flags, interrupts and pins (RP2040 datasheet chapter 3).
// The stock block runs on the host's timers and ignores the clock divider; this one is exact to the cycle, lazily:
// each access catches up first (timeline.mjs).
import { Block, onBlockReset } from './block.mjs';
import { PioMachine } from './pio_machine.mjs';
import { RXUNDER, TXOVER } from './pio_execute.mjs';
import { LAG_INTERRUPT, SLOT_DMA, SLOT_MACHINE } from './timeline.mjs';

// Registers, datasheet 3.7
const CTRL = 0x000;
const FSTAT = 0x004;
const FDEBUG = 0x008;
const FLEVEL = 0x00c;
const TXF0 = 0x010;
const RXF0 = 0x020;
const IRQ = 0x030;
const IRQ_FORCE = 0x034;
const INPUT_SYNC_BYPASS = 0x038;
const DBG_PADOUT = 0x03c;
const DBG_PADOE = 0x040;
const DBG_CFGINFO = 0x044;
const INSTR_MEM0 = 0x048;
const SM0_CLKDIV = 0x0c8;
const INTR = 0x128;
const IRQ0_INTE = 0x12c;
const IRQ1_INTS = 0x140;
const SM_STRIDE = 0x18;
const [SM_CLKDIV, SM_EXECCTRL, SM_SHIFTCTRL, SM_ADDR, SM_INSTR, SM_PINCTRL] = [0, 4, 8, 12, 16, 20];

const MACHINES = 4;
const FIRST_IRQ = [7, 9]; // PIO0_IRQ_0, PIO1_IRQ_0: 2.3.2
const RESET_BIT = [10, 11]; // 2.14.3
const PAGE = [0x50200, 0x50300];
const DREQ_STRIDE = 8; // 2.5.3.1: four TX, then four RX a block
const DREQ_RX = 4;

export class Pio extends Block {
  /** @param {object} mcu @param {number} number 0 or 1 @param {{timeline, gpio}} world */
  constructor(mcu, number, { timeline, gpio }) {
    super(mcu, `PIO${number}`);
    this.number = number;
    this.timeline = timeline;
    this.gpio = gpio;
    this.program = new Uint16Array(32);
    this.machines = [];
    for (let i = 0; i < MACHINES; i++) {
      this.machines.push(new PioMachine(this, i, timeline, SLOT_MACHINE + MACHINES * number + i));
    }
    this.#clear();
  }

  #clear() {
    this.fdebug = 0;
    this.irq = this.irqNext = 0; // flags set or cleared in a cycle are seen from the next one on
    this.irqCycle = -1;
    this.bypass = 0;
    this.out = this.directions = 0;
    this.enables = [0, 0]; // INTE and INTF of the two interrupts
    this.forces = [0, 0];
    this.watched = false; // whether any interrupt is enabled or forced
  }

  reset() {
    const cycle = this.timeline.enter();
    this.program.fill(0);
    this.machines.forEach((machine) => machine.reset());
    const changed = this.out | this.directions;
    this.#clear();
    this.gpio.chipChanged(changed, cycle);
    this.machines.forEach((machine) => this.#levels(machine, cycle));
    this.#interrupts();
    this.timeline.leave();
  }

  // stock names, read by other peripherals of the package
  get pinValues() {
    return this.out;
  }

  get pinDirections() {
    return this.directions;
  }

  // --- what the machines use

  /** The levels of all GPIOs as a program sees them: two flip-flops late, but for bypassed ones (3.5.6.3). */
  inputs(cycle) {
    const synced = this.gpio.synced(cycle);
    return this.bypass ? (synced & ~this.bypass) | (this.gpio.inputsAt(cycle) & this.bypass) : synced;
  }

  flags(cycle) {
    return cycle > this.irqCycle ? this.irqNext : this.irq;
  }

  setFlags(set, clear, cycle) {
    this.irq = this.flags(cycle);
    this.irqCycle = cycle;
    this.irqNext = (this.irqNext & ~clear) | set;
    for (const machine of this.machines) {
      machine.flagsChanged(cycle);
    }
    this.#interrupts();
  }

  debug(machine, position) {
    this.fdebug |= 1 << (position + machine.index);
  }

  pushRx(machine, word, cycle) {
    machine.rx.put(word);
    machine.acted = true;
    this.#levels(machine, cycle);
  }

  pullTx(machine, cycle) {
    const word = machine.tx.take();
    machine.acted = true;
    this.#levels(machine, cycle);
    return word;
  }

  setPins(machine, mask, value, cycle) {
    machine.writes |= mask;
    const changed = (this.out ^ value) & mask;
    if (changed) {
      this.#settleWriters(machine, changed, cycle);
      this.out ^= changed;
      this.#moved(machine, changed, cycle);
    }
  }

  setDirections(machine, mask, value, cycle) {
    machine.writes |= mask;
    const changed = (this.directions ^ value) & mask;
    if (changed) {
      this.#settleWriters(machine, changed, cycle);
      this.directions ^= changed;
      this.#moved(machine, changed, cycle);
    }
  }

  /** Parked loops that write these pins again and again go on from here, up to their turn in this cycle. */
  #settleWriters(machine, changed, cycle) {
    const { slot } = this.timeline; // whoever comes after it in this cycle has not been there yet
    for (const other of this.machines) {
      if (other !== machine && other.writes & changed) {
        other.settle(other.slot > slot ? cycle - 1 : cycle);
        other.acted = true;
      }
    }
  }

  #moved(machine, changed, cycle) {
    machine.acted = true;
    this.gpio.chipChanged(changed & this.gpio.pioPins[this.number], cycle + 1);
  }

  /** Called by gpio.mjs: these inputs will have changed at `cycle`. Loops that read them go on from there. */
  pinsChanging(changed, cycle) {
    const { timeline } = this;
    const done = timeline.slot < SLOT_DMA ? cycle - 1 : timeline.cycle; // DMA and processor come last in a cycle
    for (const machine of this.machines) {
      if (machine.parked && machine.reads & changed) {
        machine.settle(done);
      } else if (machine.stalled) {
        machine.pinsChanging(changed, changed & this.bypass ? cycle : cycle + 2);
      }
    }
  }

  #levels(machine, cycle) {
    const dreq = DREQ_STRIDE * this.number + machine.index;
    this.rp2040.dma.setLevel(dreq, machine.tx.free > 0, cycle);
    this.rp2040.dma.setLevel(dreq + DREQ_RX, machine.rx.count > 0, cycle);
    this.#interrupts();
  }

  /** Tell the DMA all levels (it is made after this block). */
  announce() {
    this.machines.forEach((machine) => this.#levels(machine, this.timeline.now));
  }

  // --- interrupts, 3.7 INTR: flags 0 to 3, then TX not full, then RX not empty

  get #raw() {
    let raw = (this.irqNext & 0xf) << 8;
    for (const { index, tx, rx } of this.machines) {
      raw |= (tx.free > 0 ? 0x10 << index : 0) | (rx.count ? 1 << index : 0);
    }
    return raw;
  }

  #interrupts() {
    if (this.watched) {
      const raw = this.#raw;
      for (let i = 0; i < 2; i++) {
        const level = ((raw & this.enables[i]) | this.forces[i]) !== 0;
        this.rp2040.setInterrupt(FIRST_IRQ[this.number] + i, level);
      }
    }
  }

  #enableInterrupts() {
    this.watched = true;
    this.#interrupts();
    this.watched = (this.enables[0] | this.enables[1] | this.forces[0] | this.forces[1]) !== 0;
    this.timeline.need(this, this.watched ? LAG_INTERRUPT : Infinity);
  }

  // --- registers

  read(offset) {
    const cycle = this.timeline.enter();
    const value = this.#read(offset, cycle);
    this.timeline.leave();
    return value;
  }

  #read(offset, cycle) {
    if (offset >= TXF0 && offset < IRQ) {
      return offset < RXF0 ? 0 : this.#readRx(this.machines[(offset - RXF0) >> 2], cycle);
    }
    if (offset >= SM0_CLKDIV && offset < INTR) {
      return this.#readMachine(offset - SM0_CLKDIV, cycle);
    }
    if (offset >= IRQ0_INTE && offset <= IRQ1_INTS) {
      const [line, register] = [offset >= IRQ0_INTE + 12 ? 1 : 0, (offset - IRQ0_INTE) % 12];
      const status = (this.#raw & this.enables[line]) | this.forces[line];
      return [this.enables[line], this.forces[line], status][register >> 2];
    }
    switch (offset) {
      case CTRL:
        return this.machines.reduce((bits, { enabled, index }) => bits | (enabled ? 1 << index : 0), 0);
      case FSTAT:
        return this.machines.reduce((bits, { tx, rx, index }) => {
          const empty = (tx.count ? 0 : 1 << 24) | (rx.count ? 0 : 1 << 8);
          const full = (tx.free ? 0 : 1 << 16) | (rx.free ? 0 : 1);
          return bits | ((empty | full) << index);
        }, 0);
      case FDEBUG:
        return this.fdebug;
      case FLEVEL:
        return this.machines.reduce((bits, { tx, rx, index }) => {
          return bits | ((tx.count | (rx.count << 4)) << (8 * index));
        }, 0);
      case IRQ:
        return this.irqNext;
      case INPUT_SYNC_BYPASS:
        return this.bypass;
      case DBG_PADOUT:
        return this.out;
      case DBG_PADOE:
        return this.directions;
      case DBG_CFGINFO:
        return 0x00200404; // 32 instructions, 4 machines, FIFOs of 4
      case INTR:
        return this.#raw;
      default:
        return 0; // the instruction memory is write-only
    }
  }

  #readRx(machine, cycle) {
    if (!machine.rx.count) {
      this.debug(machine, RXUNDER);
      return 0;
    }
    machine.settle(cycle); // its status may look at this FIFO
    machine.forget();
    const word = machine.rx.take();
    machine.retry(cycle + 1);
    this.#levels(machine, cycle);
    return word;
  }

  #readMachine(offset, cycle) {
    const machine = this.machines[Math.floor(offset / SM_STRIDE)];
    switch (offset % SM_STRIDE) {
      case SM_CLKDIV:
        return machine.clkdiv;
      case SM_EXECCTRL:
        return machine.execCtrl | (machine.stalled && machine.injected >= 0 ? 1 << 31 : 0);
      case SM_SHIFTCTRL:
        return machine.shiftCtrl;
      case SM_ADDR:
        machine.settle(cycle);
        return machine.pc;
      case SM_INSTR:
        machine.settle(cycle);
        return machine.injected >= 0 ? machine.injected : this.program[machine.pc];
      default:
        return machine.pinCtrl;
    }
  }

  /** FIFOs, flags to be cleared and SMx_INSTR take what is written; the others are read, changed, written. */
  writeUint32Atomic(address, value, alias) {
    const offset = address & 0xfff;
    const plain = alias === 0 || (offset >= FDEBUG && offset <= IRQ_FORCE);
    this.rawWriteValue = value;
    if (plain) {
      this.writeUint32(offset, value);
    } else {
      super.writeUint32Atomic(offset, value, alias);
    }
  }

  write(offset, value) {
    const cycle = this.timeline.enter();
    this.#write(offset, value, cycle);
    this.timeline.leave();
  }

  #write(offset, value, cycle) {
    if (offset >= TXF0 && offset < RXF0) {
      this.#writeTx(this.machines[(offset - TXF0) >> 2], value, cycle);
    } else if (offset >= SM0_CLKDIV && offset < INTR) {
      this.#writeMachine(offset - SM0_CLKDIV, value, cycle);
    } else if (offset >= INSTR_MEM0 && offset < SM0_CLKDIV) {
      this.machines.forEach((machine) => machine.settle(cycle));
      this.program[(offset - INSTR_MEM0) >> 2] = value;
      for (const machine of this.machines) {
        machine.forget();
        machine.retry(cycle + 1);
      }
    } else if (offset >= IRQ0_INTE && offset <= IRQ1_INTS) {
      const line = offset >= IRQ0_INTE + 12 ? 1 : 0;
      const register = (offset - IRQ0_INTE) % 12;
      if (register < 8) {
        (register ? this.forces : this.enables)[line] = value & 0xfff;
        this.#enableInterrupts();
      }
    } else if (offset === CTRL) {
      this.#control(value, cycle);
    } else if (offset === FDEBUG) {
      this.#clearDebug(value, cycle);
    } else if (offset === IRQ) {
      this.setFlags(0, value & 0xff, cycle);
    } else if (offset === IRQ_FORCE) {
      this.setFlags(value & 0xff, 0, cycle);
    } else if (offset === INPUT_SYNC_BYPASS) {
      for (const machine of this.machines) {
        machine.settle(cycle);
        machine.forget();
      }
      this.bypass = value;
      this.pinsChanging(-1, cycle);
    }
  }

  #control(value, cycle) {
    for (const machine of this.machines) {
      const bit = 1 << machine.index;
      if (value & (bit << 8)) {
        machine.restartClock(cycle);
      }
      if (value & (bit << 4)) {
        machine.restart(cycle);
      }
      machine.enable((value & bit) !== 0, cycle);
    }
  }

  /** What still holds is set again at the next tick: stalled and looping machines go on from here. */
  #clearDebug(value, cycle) {
    this.fdebug &= ~value;
    for (const machine of this.machines) {
      machine.settle(cycle);
      machine.forget();
      machine.retry(cycle + 1);
    }
  }

  #writeTx(machine, value, cycle) {
    if (!machine.tx.free) {
      this.debug(machine, TXOVER);
      return;
    }
    machine.settle(cycle);
    machine.forget();
    machine.tx.put(value);
    machine.refillBetween(cycle);
    machine.retry(cycle + 1);
    this.#levels(machine, cycle);
  }

  #writeMachine(offset, value, cycle) {
    const machine = this.machines[Math.floor(offset / SM_STRIDE)];
    machine.settle(cycle);
    machine.forget();
    switch (offset % SM_STRIDE) {
      case SM_CLKDIV:
        machine.setDivider(value, cycle);
        break;
      case SM_EXECCTRL:
        machine.setExecCtrl(value);
        break;
      case SM_SHIFTCTRL:
        machine.setShiftCtrl(value);
        this.#levels(machine, cycle);
        break;
      case SM_INSTR:
        machine.exec(value & 0xffff, cycle);
        break;
      case SM_PINCTRL:
        machine.setPinCtrl(value);
        break;
      default: // SM_ADDR is read-only
        return;
    }
    machine.retry(cycle + 1);
  }
}

/** Put both blocks into a new chip; after gpio.mjs, before dma.mjs. */
export function install(machine) {
  const { mcu, timeline, gpio } = machine;
  for (let number = 0; number < 2; number++) {
    const block = new Pio(mcu, number, { timeline, gpio });
    mcu.pio[number] = block;
    mcu.peripherals[PAGE[number]] = block;
    onBlockReset(mcu, RESET_BIT[number], () => block.reset());
  }
  gpio.blocks = mcu.pio;
}
