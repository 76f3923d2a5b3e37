// Register blocks that the package has not, and the core's own registers it leaves out: ring oscillator, voltage
// regulator and reset flags, XIP control, SysTick in exact cycles, SCR, reset request, memory protection unit.
// RP2040 datasheet 2.17.8 (ROSC), 2.10.6 and 2.12.8 (VREG, CHIP_RESET), 2.6.3.6 (XIP_CTRL), 2.4.8 (M0+ registers).
import { BasePeripheral } from 'rp2040js';

/** Plain words with values after reset; some read what a function says. */
export class Words extends BasePeripheral {
  constructor(mcu, name, initial = {}, live = {}) {
    super(mcu, name);
    this.words = new Map(Object.entries(initial).map(([offset, value]) => [Number(offset), value]));
    this.live = live;
  }

  readUint32(offset) {
    return (this.live[offset] ? this.live[offset]() : this.words.get(offset) ?? 0) >>> 0;
  }

  writeUint32(offset, value) {
    this.words.set(offset, value >>> 0);
  }
}

const SYST_CSR = 0x010;
const SYST_RVR = 0x014;
const SYST_CVR = 0x018;
const SYST_CALIB = 0x01c;
const MASK24 = 0xffffff;
const EXTERNAL_CYCLES = 125; // the 1 us reference, datasheet 2.4.5.1.1

/** The 24-bit down counter, computed when it is read. ARMv6-M B3.3. */
class SysTick {
  constructor(machine) {
    this.machine = machine;
    this.clock = machine.clock;
    this.control = 0;
    this.reload = 0;
    this.value = 0; // at tick `since`
    this.since = 0;
    this.counted = 0; // zeros reached up to the last look
    this.alarm = this.clock.createAlarm(() => this.fire());
  }

  get step() {
    return this.control & 4 ? 1 : EXTERNAL_CYCLES;
  }

  get elapsed() {
    return this.control & 1 ? Math.floor((this.clock.nanos / 8 - this.since) / this.step) : 0;
  }

  get counter() {
    const steps = this.elapsed;
    if (steps <= this.value) return this.value - steps;
    if (!this.reload) return 0;
    return this.reload - ((steps - this.value - 1) % (this.reload + 1));
  }

  /** How often the counter went from 1 to 0 since it was set. */
  get zeros() {
    const steps = this.elapsed;
    const first = this.value > 0 && steps >= this.value ? 1 : 0;
    if (!this.reload || steps <= this.value) return first;
    return first + Math.floor((steps - this.value) / (this.reload + 1));
  }

  settle(value) {
    this.value = value;
    this.since = this.clock.nanos / 8;
    this.counted = 0;
    this.schedule();
  }

  schedule() {
    this.alarm.cancel();
    if ((this.control & 3) !== 3) return;
    const steps = this.elapsed;
    const period = this.reload + 1;
    let next = this.value;
    if (next === 0 || steps >= next) {
      if (!this.reload) return;
      next += period * (Math.floor((steps - this.value) / period) + 1);
    }
    this.alarm.scheduleAt((this.since + next * this.step) * 8);
  }

  fire() {
    const { core } = this.machine.mcu;
    core.pendingSystick = true;
    core.interruptsUpdated = true;
    core.lookForWakeUp();
    this.schedule();
  }

  read(offset) {
    if (offset === SYST_CVR) return this.counter;
    if (offset === SYST_RVR) return this.reload;
    if (offset === SYST_CALIB) return 0x8000270f;
    const zeros = this.zeros;
    const flag = zeros > this.counted ? 1 << 16 : 0;
    this.counted = zeros;
    return flag | this.control;
  }

  write(offset, value) {
    if (offset === SYST_CVR) {
      this.settle(0);
    } else if (offset === SYST_RVR) {
      const now = this.counter;
      this.reload = value & MASK24;
      this.settle(now);
    } else if (offset === SYST_CSR) {
      const now = this.counter;
      this.control = value & 7;
      this.settle(now);
    }
  }
}

const ISPR = 0x200;
const ICPR = 0x280;
const AIRCR = 0xd0c;
const SCR = 0xd10;
const CCR = 0xd14;
const SHCSR = 0xd24;
const MPU = 0xd90;
const MPU_END = 0xda4;
const VECTKEY = 0x05fa;
const SYSRESETREQ = 4;

/** The private peripheral bus: SysTick and what the package leaves out. */
function installPpb(machine) {
  const { ppb, core } = machine.mcu;
  const sysTick = new SysTick(machine);
  const mpu = new Words(machine.mcu, 'MPU', { [MPU]: 0x00000800 });
  const stockRead = ppb.readUint32.bind(ppb);
  const stockWrite = ppb.writeUint32.bind(ppb);
  ppb.systickAlarm.enable = false;

  ppb.readUint32 = (offset) => {
    if (offset >= SYST_CSR && offset <= SYST_CALIB) return sysTick.read(offset);
    if (offset >= MPU && offset < MPU_END) return mpu.readUint32(offset);
    switch (offset) {
      case AIRCR:
        return 0xfa050000;
      case SCR:
        return core.SCR;
      case CCR:
        return 0x208; // STKALIGN, UNALIGN_TRP
      case SHCSR:
        return core.pendingSVCall ? 1 << 15 : 0;
    }
    return stockRead(offset);
  };

  ppb.writeUint32 = (offset, value) => {
    if (offset >= SYST_CSR && offset <= SYST_CALIB) sysTick.write(offset, value);
    else if (offset >= MPU && offset < MPU_END) mpu.writeUint32(offset, value);
    else if (offset === SCR) core.SCR = value & 0x1e;
    else if (offset === AIRCR) {
      if (value >>> 16 === VECTKEY && value & SYSRESETREQ) machine.requestReset('software');
    } else if (offset === ISPR) {
      core.pendingInterrupts |= value;
      core.interruptsUpdated = true;
    } else if (offset === ICPR) {
      core.pendingInterrupts &= ~value | core.levels; // a line that is held is pending again at once
    } else if (offset !== CCR && offset !== SHCSR) stockWrite(offset, value);
  };
}

/** Bits of the ring oscillator's jitter: not random here, the same in every run. */
function makeJitter() {
  let state = 0x2545f491;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 1;
  };
}

/** Installs the blocks on the machine's chip. */
export function installRegisters(machine) {
  const { mcu } = machine;
  const stable = () => (1 << 31) | (1 << 12);
  mcu.peripherals[0x40060] = new Words(mcu, 'ROSC', { 0x00: 0xaa0 }, { 0x18: stable, 0x1c: makeJitter(), 0x20: () => 0 });
  const flags = () => machine.kept.chipReset;
  mcu.peripherals[0x40064] = new Words(mcu, 'VREG', { 0x00: 0x10b1, 0x04: 0x91 }, { 0x08: flags });
  mcu.peripherals[0x14000] = new Words(mcu, 'XIP_CTRL', { 0x00: 3 }, { 0x04: () => 0, 0x08: () => 2 });
  installPpb(machine);
}
