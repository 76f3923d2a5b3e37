// A boot ROM by behaviour: tables where pico-sdk looks for them, and for each function a stub `bkpt; bx lr` whose
// breakpoint is answered here. Cycles of the work are added to the core's count; a flash operation lets emulated time
// pass while the core stands still. RP2040 datasheet 2.8 (boot sequence, 2.8.3 contents), 2.8.1.1 (watchdog boot).
import { DOUBLE, SINGLE } from './float_table.mjs';
import { flashErase, flashProgram } from './flash.mjs';
import { memoryFunctions } from './rom_memory.mjs';
import { ROM_SIZE } from './memory.mjs';

const BKPT = 0xbe00;
const BX_LR = 0x4770;
const STUBS = 0x200;
const VERSION = 2;
const MAGIC = 0xb007c0d3; // scratch 4: jump to scratch 7 with the stack of scratch 6
const BOOT2_SIZE = 256;
const BOOT2_AT = 0x20041f00; // where the ROM runs the second stage from, in SRAM5
const WELL_KNOWN = { functions: 0x14, data: 0x16, lookup: 0x18 };

export class Bootrom {
  constructor(machine) {
    this.machine = machine;
    this.handlers = new Map();
    this.image = new Uint8Array(ROM_SIZE);
    this.view = new DataView(this.image.buffer);
    this.next = STUBS;
    this.write();
    machine.memory.rom.set(this.image);
  }

  /** The core's registers as signed words, for the functions. */
  install() {
    this.r = new Int32Array(this.machine.mcu.core.registers.buffer);
  }

  has(address) {
    return this.handlers.has(address >>> 0);
  }

  call(address) {
    const { cycles, work } = this.handlers.get(address >>> 0);
    const { core } = this.machine.mcu;
    core.cycles += cycles;
    const more = work(this.r, core, this.machine);
    if (typeof more === 'number' && work.charged) core.cycles += more;
  }

  /** Adds a function; the result is its address with the Thumb bit. */
  stub(cycles, work) {
    const at = this.next;
    this.view.setUint16(at, BKPT, true);
    this.view.setUint16(at + 2, BX_LR, true);
    this.handlers.set(at, { cycles, work });
    this.next += 4;
    return at + 1;
  }

  write() {
    const { view } = this;
    const functions = [];
    const define = (code, cycles, work) => functions.push([code, this.stub(cycles, work)]);
    for (const [code, cycles, work] of [...memoryFunctions, ...FLASH_FUNCTIONS, ...CONTROL]) define(code, cycles, work);
    const lookup = this.stub(0, charged((r, core, machine) => lookUp(r, machine)));
    const single = this.table(SINGLE);
    const double = this.table(DOUBLE);
    const text = this.next;
    for (const letter of 'Plumbline boot ROM\0') view.setUint8(this.next++, letter.charCodeAt(0));
    this.next = (this.next + 3) & ~3;
    const revision = this.next;
    this.next += 4;
    const data = [['CR', text], ['GR', revision], ['SF', single], ['SD', double], ['FS', STUBS], ['FE', this.next], ['DS', STUBS], ['DE', this.next]];
    view.setUint32(0, BOOT2_AT, true);
    view.setUint32(4, STUBS + 1, true);
    view.setUint8(0x10, 'M'.charCodeAt(0));
    view.setUint8(0x11, 'u'.charCodeAt(0));
    view.setUint8(0x12, 1);
    view.setUint8(0x13, VERSION);
    view.setUint16(WELL_KNOWN.functions, this.entries(functions), true);
    view.setUint16(WELL_KNOWN.data, this.entries(data), true);
    view.setUint16(WELL_KNOWN.lookup, lookup, true);
  }

  /** A table of function pointers; the byte two before it holds the number of entries. */
  table(functions) {
    const pointers = functions.map(({ cycles, work }) => this.stub(cycles, work));
    this.next += 4;
    const at = this.next;
    this.view.setUint8(at - 2, pointers.length);
    for (const pointer of pointers) {
      this.view.setUint32(this.next, pointer, true);
      this.next += 4;
    }
    return at;
  }

  /** Pairs of a two-letter code and a halfword, closed by a zero. */
  entries(pairs) {
    const at = this.next;
    for (const [code, value] of pairs) {
      this.view.setUint8(this.next, code.charCodeAt(0));
      this.view.setUint8(this.next + 1, code.charCodeAt(1));
      this.view.setUint16(this.next + 2, value, true);
      this.next += 4;
    }
    this.next += 4;
    return at;
  }

  /** What the ROM does after a reset: a jump left in the watchdog's scratch registers, or the second stage in flash. */
  boot() {
    const { machine } = this;
    const { core } = machine.mcu;
    const { scratch } = machine.watchdog;
    core.VTOR = 0;
    core.cycles = 0;
    machine.clock.follow(core);
    if (scratch[4] === MAGIC && ((scratch[5] ^ scratch[7]) + MAGIC) >>> 0 === 0) {
      scratch[4] = 0;
      core.SP = scratch[6];
      core.LR = 0;
      core.PC = scratch[7] & ~1;
      return;
    }
    const { flash, sram } = machine.memory;
    const stage = flash.subarray(0, BOOT2_SIZE);
    const sum = new DataView(flash.buffer, flash.byteOffset).getUint32(BOOT2_SIZE - 4, true);
    if (crc32(stage.subarray(0, BOOT2_SIZE - 4)) !== sum) {
      machine.faultAt('boot', 'the flash holds no firmware: load a UF2', 0x10000000, 0);
      return;
    }
    sram.set(stage, BOOT2_AT - 0x20000000);
    core.SP = BOOT2_AT;
    core.LR = 0; // tells the second stage to go on to the program's vector table
    core.PC = BOOT2_AT;
  }
}

function charged(work) {
  work.charged = true;
  return work;
}

/** table_lookup(table, code): the halfword behind the code, or 0; about 14 cycles an entry. */
function lookUp(r, machine) {
  const { mcu } = machine;
  const code = r[1] & 0xffff;
  for (let at = r[0], seen = 1; ; at += 4, seen++) {
    const found = mcu.readUint16(at);
    if (found === 0 || found === code) {
      r[0] = found ? mcu.readUint16(at + 2) : 0;
      return 8 + 14 * seen;
    }
  }
}

const nothing = () => 0;

const FLASH_FUNCTIONS = [
  ['IF', 60, nothing], // connect_internal_flash
  ['EX', 400, nothing], // flash_exit_xip
  ['RE', 40, (r, core, machine) => flashErase(machine, r[0] >>> 0, r[1] >>> 0, r[2] >>> 0)],
  ['RP', 40, (r, core, machine) => flashProgram(machine, r[0] >>> 0, r[1] >>> 0, r[2] >>> 0)],
  ['FC', 30, nothing], // flash_flush_cache
  ['CX', 60, nothing], // flash_enter_cmd_xip
];

const CONTROL = [
  ['UB', 1, (r, core, machine) => machine.requestReset('bootloader')],
  ['WV', 1, (r, core, machine) => machine.fault('core1', 'core 1 is not modelled')],
];

/** CRC-32 of the second stage: polynomial 0x04c11db7, not reflected, datasheet 2.8.1.3.1. */
function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
