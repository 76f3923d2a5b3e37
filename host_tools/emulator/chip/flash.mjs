// The Pico's flash chip, a W25Q16JV: what the boot ROM's erase and program do to it, and the commands that firmware
// sends itself through the SSI with chip select held by hand (unique id, JEDEC id, status). Erasing and programming
// take emulated time during which the core stands still with interrupts off, as on the board. What power-off finds
// under way stays half done: some of a program's bits cleared, some of an erase's bytes set, others spoiled.
// W25Q16JV datasheet 8.1 (instructions), 9.6 (times, typical); RP2040 datasheet 4.10 (SSI), 2.19.6.2 (IO_QSPI).
import { BasePeripheral } from 'rp2040js';

const SECTOR = 4096;
const BLOCK = 65536;
const PAGE = 256;
const SECTOR_ERASE_NS = 45e6;
const BLOCK_ERASE_NS = 150e6;
const PAGE_PROGRAM_NS = 0.4e6;
const JEDEC = [0xef, 0x40, 0x15];
/** Another id for another board of the same world; the last byte is free. */
export const UNIQUE_ID = [0xe6, 0x61, 0x41, 0x04, 0x03, 0x50, 0x4c, 0x42];
const OUTOVER_LOW = 2; // GPIO_QSPI_SS_CTRL.OUTOVER

function outside(machine, offset, size) {
  if (offset + size <= machine.memory.flash.length) return false;
  machine.fault('flash', `flash operation at offset 0x${offset.toString(16)}, past the 2 MB`, 0x10000000 + offset);
  return true;
}

/** A small generator of bytes (xorshift32), seeded by the time: the same cut leaves the same flash. */
function bytesFrom(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 16) & 0xff;
  };
}

/** Power-off: the operation under way, if any, is left half done. */
export function flashPowerOff(machine) {
  const operation = machine.flashOperation;
  if (!operation || machine.clock.ticks >= machine.stallUntil) return;
  const { offset, before, erases } = operation;
  const { flash } = machine.memory;
  const next = bytesFrom(machine.clock.ticks);
  const done = next();
  for (let at = 0; at < before.length; at++) {
    if (!erases) flash[offset + at] |= before[at] & next();
    else if (next() >= done) flash[offset + at] = before[at] | (next() & next());
  }
}

function begin(machine, offset, size, erases) {
  machine.flashOperation = { offset, before: machine.memory.flash.slice(offset, offset + size), erases };
}

/** flash_range_erase: whole sectors from `offset`; whole blocks where the caller allows them. */
export function flashErase(machine, offset, size, blockSize) {
  if (outside(machine, offset, size)) return;
  begin(machine, offset, size, true);
  let nanos = 0;
  for (let at = offset; at < offset + size; ) {
    const whole = blockSize === BLOCK && at % BLOCK === 0 && offset + size - at >= BLOCK;
    const step = whole ? BLOCK : SECTOR;
    const start = at - (at % step);
    machine.memory.flash.fill(0xff, start, start + step);
    nanos += whole ? BLOCK_ERASE_NS : SECTOR_ERASE_NS;
    at += step;
  }
  machine.stall(nanos);
}

/** flash_range_program: bits only fall from 1 to 0. */
export function flashProgram(machine, offset, address, size) {
  if (outside(machine, offset, size)) return;
  begin(machine, offset, size, false);
  const { flash } = machine.memory;
  for (let at = 0; at < size; at++) flash[offset + at] &= machine.mcu.readUint8(address + at);
  machine.stall(Math.ceil(size / PAGE) * PAGE_PROGRAM_NS);
}

const CTRLR0 = 0x00;
const SSIENR = 0x08;
const TXFLR = 0x20;
const RXFLR = 0x24;
const SR = 0x28;
const IDR = 0x58;
const VERSION = 0x5c;
const DR0 = 0x60;
const DR0_END = 0xf0;
const SR_IDLE = 0x06; // TFE | TFNF, not busy: a word is through as soon as it is written
const SR_RFNE = 0x08;

/** The serial interface in front of the flash chip. */
class Ssi extends BasePeripheral {
  constructor(machine) {
    super(machine.mcu, 'SSI');
    this.machine = machine;
    this.words = new Map();
    this.received = [];
    this.sent = [];
    this.selected = false; // chip select held by hand through IO_QSPI
  }

  select(held) {
    this.selected = held;
    this.sent = [];
  }

  readUint32(offset) {
    if (offset >= DR0 && offset < DR0_END) return this.received.shift() ?? 0;
    switch (offset) {
      case SR:
        return SR_IDLE | (this.received.length ? SR_RFNE : 0);
      case TXFLR:
        return 0;
      case RXFLR:
        return this.received.length;
      case IDR:
        return 0x51535049;
      case VERSION:
        return 0x3430312a;
    }
    return this.words.get(offset) ?? 0;
  }

  writeUint32(offset, value) {
    if (offset >= DR0 && offset < DR0_END) {
      if (!this.selected && !this.received.length) this.sent = []; // the SSI's own select: a new command
      this.sent.push(value & 0xff);
      this.received.push(this.answer());
      return;
    }
    if (offset === SSIENR && !(value & 1)) this.received = [];
    this.words.set(offset, value >>> 0);
  }

  /** The byte that the flash chip shifts out while the newest one goes in. */
  answer() {
    const at = this.sent.length - 1;
    if (at === 0) return 0xff;
    switch (this.sent[0]) {
      case 0x05: // status 1: never busy, the core stood still until the end
        return 0;
      case 0x35: // status 2: quad mode is enabled
        return 0x02;
      case 0x15:
        return 0x60;
      case 0x9f:
        return JEDEC[(at - 1) % JEDEC.length];
      case 0x90:
        return at < 4 ? 0 : [0xef, 0x14][at % 2];
      case 0x4b:
        return at < 5 ? 0 : UNIQUE_ID[(at - 5) % UNIQUE_ID.length];
    }
    return 0xff;
  }
}

/** IO_QSPI: pad control of the flash pins, of which only chip select does something. */
class IoQspi extends BasePeripheral {
  constructor(mcu, ssi) {
    super(mcu, 'IO_QSPI');
    this.ssi = ssi;
    this.words = new Uint32Array(0x60 / 4);
  }

  readUint32(offset) {
    return offset < 0x60 ? this.words[offset >> 2] : 0;
  }

  writeUint32(offset, value) {
    if (offset >= 0x60) return;
    const before = this.words[3];
    this.words[offset >> 2] = value;
    if (offset === 0x0c && ((before ^ value) >> 8) & 3) this.ssi.select(((value >> 8) & 3) === OUTOVER_LOW);
  }
}

/** Installs the SSI and IO_QSPI on the machine's chip. */
export function installSsi(machine) {
  const ssi = new Ssi(machine);
  ssi.words.set(CTRLR0, 0);
  machine.mcu.peripherals[0x18000] = ssi;
  machine.mcu.peripherals[0x40018] = new IoQspi(machine.mcu, ssi);
}
