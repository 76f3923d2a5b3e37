// The watchdog: it resets on time, and says afterwards that it did. Its eight scratch registers and its reason survive
// every reset but power-on and the RUN pin. It counts down twice a microsecond (erratum RP2040-E1), so the longest time
// is 8.388 s. RP2040 datasheet 4.7, 2.12.7 (CHIP_RESET flags).
import { BasePeripheral } from 'rp2040js';

const CTRL = 0x00;
const LOAD = 0x04;
const REASON = 0x08;
const SCRATCH0 = 0x0c;
const SCRATCH7 = 0x28;
const TICK = 0x2c;
const TRIGGER = 1 << 31;
const ENABLE = 1 << 30;
const PAUSES = 0x07000000;
const REASON_TIMER = 1;
const REASON_FORCE = 2;
const MASK24 = 0xffffff;
const NS_PER_COUNT = 500;
const TICK_ENABLE = 1 << 9;
const TICK_RUNNING = 1 << 10;
const HAD_POR = 1 << 8;
const HAD_RUN = 1 << 16;

class Watchdog extends BasePeripheral {
  constructor(machine) {
    super(machine.mcu, 'WATCHDOG');
    this.machine = machine;
    this.clock = machine.clock;
    this.reason = machine.kept.reason;
    this.scratch = Uint32Array.from(machine.kept.scratch);
    this.pauses = PAUSES;
    this.enabled = false;
    this.tick = TICK_ENABLE; // the ROM of a real chip leaves it off, pico-sdk sets it before it counts on it
    this.value = 0; // count at `since`
    this.since = 0;
    this.alarm = this.clock.createAlarm(() => this.expire());
  }

  get count() {
    if (!this.enabled) return this.value;
    return Math.max(0, this.value - Math.floor((this.clock.nanos - this.since) / NS_PER_COUNT));
  }

  readUint32(offset) {
    if (offset >= SCRATCH0 && offset <= SCRATCH7) return this.scratch[(offset - SCRATCH0) >> 2];
    switch (offset) {
      case CTRL:
        return (this.enabled ? ENABLE : 0) | this.pauses | this.count;
      case REASON:
        return this.reason;
      case TICK:
        return this.tick | (this.tick & TICK_ENABLE ? TICK_RUNNING : 0);
    }
    return 0;
  }

  writeUint32(offset, value) {
    if (offset >= SCRATCH0 && offset <= SCRATCH7) {
      this.scratch[(offset - SCRATCH0) >> 2] = value;
    } else if (offset === LOAD) {
      this.settle(value & MASK24);
    } else if (offset === TICK) {
      this.tick = value & (TICK_ENABLE | 0x1ff);
    } else if (offset === CTRL) {
      const count = this.count;
      this.pauses = value & PAUSES;
      this.enabled = Boolean(value & ENABLE);
      this.settle(count);
      if (value & TRIGGER) {
        this.reason = REASON_FORCE;
        this.machine.requestReset('software');
      }
    }
  }

  settle(count) {
    this.value = count;
    this.since = this.clock.nanos;
    if (this.enabled) this.alarm.schedule(count * NS_PER_COUNT);
    else this.alarm.cancel();
  }

  expire() {
    this.enabled = false;
    this.reason = REASON_TIMER;
    this.machine.requestReset('watchdog');
  }

  /** What the next chip starts with. */
  keep(cause) {
    if (cause === 'power') return { reason: 0, scratch: new Uint32Array(8), chipReset: HAD_POR };
    if (cause === 'run') return { reason: 0, scratch: new Uint32Array(8), chipReset: HAD_RUN };
    return { reason: this.reason, scratch: this.scratch, chipReset: this.machine.kept.chipReset };
  }
}

/** Installs the watchdog on the machine's chip. */
export function installWatchdog(machine) {
  machine.watchdog = new Watchdog(machine);
  machine.mcu.peripherals[0x40058] = machine.watchdog;
}
