// What the replaced peripherals share: offsets without the alias bits, a clock, and the RESETS block.
// The stock RESETS only remembers what is written; on the chip a block held in reset loses its registers
// and FIFOs (datasheet 2.14), and MicroPython resets a UART, I2C or SPI whenever it opens one.
import { BasePeripheral } from 'rp2040js';

const RESETS_BASE = 0x4000c;
const RESETS_RESET = 0x0;

/** A peripheral of the APB bus: 4 KB of registers, the atomic aliases above them. */
export class Block extends BasePeripheral {
  /** Emulated time in nanoseconds. */
  get nowNs() {
    return this.rp2040.clock.nanos;
  }

  readUint32(offset) {
    return this.read(offset & 0xfff) >>> 0;
  }

  writeUint32(offset, value) {
    this.write(offset & 0xfff, value >>> 0);
  }
}

/** An alarm at an absolute time, which its callback gets; a time that has passed means now. */
export class AlarmAt {
  constructor(clock, callback) {
    this.clock = clock;
    this.dueNs = 0;
    this.armed = false;
    this.alarm = clock.createAlarm(() => {
      this.armed = false;
      callback(this.dueNs);
    });
  }

  at(nanos) {
    this.armed = true;
    this.dueNs = nanos;
    this.alarm.schedule(Math.max(0, nanos - this.clock.nanos));
  }

  cancel() {
    if (this.armed) {
      this.armed = false;
      this.alarm.cancel();
    }
  }
}

/**
 * Put a block in the place of a stock one: at its address, under its name, and on its bit of RESETS.
 * @param {object} mcu the RP2040
 * @param {{array: object[], index: number, page: number, resetBit: number}} place
 * @param {Block} block has reset()
 */
export function replace(mcu, { array, index, page, resetBit }, block) {
  array[index] = block;
  mcu.peripherals[page] = block;
  onBlockReset(mcu, resetBit, () => block.reset());
  return block;
}

/** Call `reset` whenever the firmware puts the block of this bit into reset (datasheet 2.14.3). */
export function onBlockReset(mcu, bit, reset) {
  const resets = mcu.peripherals[RESETS_BASE];
  const write = resets.writeUint32.bind(resets);
  resets.writeUint32 = (offset, value) => {
    const before = resets.readUint32(RESETS_RESET);
    write(offset, value);
    if (offset === RESETS_RESET && (value & ~before) >>> bit & 1) {
      reset();
    }
  };
}
