// The 64-bit microsecond timer with its four alarms. The package arms an alarm a fraction of a microsecond early, so
// firmware that checks finds its time not yet come; here an alarm fires when the counter reaches its value.
// A reset starts the count at zero. RP2040 datasheet 4.6.
import { BasePeripheral } from 'rp2040js';

const TIMEHW = 0x00;
const TIMELW = 0x04;
const TIMEHR = 0x08;
const TIMELR = 0x0c;
const ALARM0 = 0x10;
const ALARM3 = 0x1c;
const ARMED = 0x20;
const TIMERAWH = 0x24;
const TIMERAWL = 0x28;
const DBGPAUSE = 0x2c;
const PAUSE = 0x30;
const INTR = 0x34;
const INTE = 0x38;
const INTF = 0x3c;
const INTS = 0x40;
const WORD = 2 ** 32;

class Timer extends BasePeripheral {
  constructor(machine) {
    super(machine.mcu, 'TIMER');
    this.clock = machine.clock;
    this.origin = this.clock.nanos; // emulated time at which the counter was zero
    this.paused = -1; // the count while paused
    this.latched = 0;
    this.written = 0;
    this.targets = [0, 0, 0, 0];
    this.armed = 0;
    this.raw = 0;
    this.enabled = 0;
    this.forced = 0;
    this.debugPause = 7;
    this.alarms = this.targets.map((_, index) => this.clock.createAlarm(() => this.fire(index)));
  }

  get count() {
    return this.paused >= 0 ? this.paused : Math.floor((this.clock.nanos - this.origin) / 1000);
  }

  get status() {
    return (this.raw & this.enabled) | this.forced;
  }

  readUint32(offset) {
    switch (offset) {
      case TIMEHR:
        return this.latched;
      case TIMELR:
        this.latched = Math.floor(this.count / WORD);
        return this.count % WORD;
      case TIMERAWH:
        return Math.floor(this.count / WORD);
      case TIMERAWL:
        return this.count % WORD;
      case ARMED:
        return this.armed;
      case DBGPAUSE:
        return this.debugPause;
      case PAUSE:
        return this.paused >= 0 ? 1 : 0;
      case INTR:
        return this.raw;
      case INTE:
        return this.enabled;
      case INTF:
        return this.forced;
      case INTS:
        return this.status;
    }
    return offset >= ALARM0 && offset <= ALARM3 ? this.targets[(offset - ALARM0) >> 2] : 0;
  }

  writeUint32(offset, value) {
    switch (offset) {
      case TIMELW:
        this.written = value >>> 0;
        return;
      case TIMEHW:
        this.setCount((value >>> 0) * WORD + this.written);
        return;
      case ARMED:
        for (let index = 0; index < 4; index++) if (this.rawWriteValue & (1 << index)) this.disarm(index);
        return;
      case DBGPAUSE:
        this.debugPause = value & 7;
        return;
      case PAUSE:
        this.pause(Boolean(value & 1));
        return;
      case INTR:
        this.raw &= ~this.rawWriteValue;
        break;
      case INTE:
        this.enabled = value & 15;
        break;
      case INTF:
        this.forced = value & 15;
        break;
      default:
        if (offset >= ALARM0 && offset <= ALARM3) this.arm((offset - ALARM0) >> 2, value >>> 0);
        return;
    }
    this.signal();
  }

  arm(index, target) {
    this.targets[index] = target;
    this.armed |= 1 << index;
    this.schedule(index);
  }

  schedule(index) {
    if (this.paused >= 0) return;
    const ahead = (this.targets[index] - (this.count % WORD)) >>> 0;
    this.alarms[index].scheduleAt(this.origin + (this.count + ahead) * 1000);
  }

  disarm(index) {
    this.armed &= ~(1 << index);
    this.alarms[index].cancel();
  }

  fire(index) {
    this.disarm(index);
    this.raw |= 1 << index;
    this.signal();
  }

  signal() {
    for (let index = 0; index < 4; index++) this.rp2040.setInterrupt(index, Boolean(this.status & (1 << index)));
  }

  setCount(count) {
    if (this.paused >= 0) this.paused = count;
    else this.origin = this.clock.nanos - count * 1000;
    this.rearm();
  }

  pause(on) {
    if (on === this.paused >= 0) return;
    if (on) {
      this.paused = this.count;
      for (const alarm of this.alarms) alarm.cancel();
    } else {
      this.origin = this.clock.nanos - this.paused * 1000;
      this.paused = -1;
      this.rearm();
    }
  }

  rearm() {
    for (let index = 0; index < 4; index++) if (this.armed & (1 << index)) this.schedule(index);
  }
}

/** Installs the timer on the machine's chip. */
export function installTimer(machine) {
  machine.mcu.peripherals[0x40054] = new Timer(machine);
}
