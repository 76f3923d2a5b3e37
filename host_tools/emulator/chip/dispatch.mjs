// The fast interpreter: one `switch` over the kinds of decode.mjs, registers in a typed array, flags and program
// counter in local variables, memory without a call. Everything else goes through the chip's bus with the core's
// state written back. Cycle counts are those of rp2040js's own interpreter, for the tests hold the two equal:
// Cortex-M0+ TRM 3.3, with 3 or 4 more for a peripheral on the APB, and one less for PUSH with LR and POP with PC.
// Case labels must be plain numbers: only then does V8 make a jump table.
import { BITS, KIND } from './decode.mjs';
import { FLASH_AT, FLASH_SIZE, ROM_SIZE, SRAM_AT, SRAM_SIZE, regionShift } from './memory.mjs';
import { makeRare } from './rare.mjs';

const LONG = 0x3fffffff; // cycles of one stretch at most, so that the countdown stays a small integer

/**
 * Makes the interpreter of one chip. `run()` executes until `clock.stopAt`, or earlier where the run loop has to look:
 * a wait, a pending exception, a stop.
 */
export function makeInterpreter(machine) {
  const { mcu, memory, clock } = machine;
  const { core } = mcu;
  const { u8, i8, u16, i16, i32 } = memory;
  const r = new Int32Array(core.registers.buffer);
  const rare = makeRare(machine, r);
  let base = 0; // core.cycles at which the present stretch ends: core.cycles = base - left
  let rest = 0; // cycles left after a slow access

  /** After something outside was touched: how many cycles until the run loop must look. */
  function remaining() {
    const now = core.cycles;
    base = core.interruptsUpdated || core.waiting || machine.attention ? now : Math.min(clock.stopAt, now + LONG);
    return base - now;
  }

  function leave(left, pc) {
    core.cycles = base - left;
    r[15] = pc;
  }

  function cost(a, write) {
    const top = a >>> 28;
    if (top === 0xd) return 0;
    return top === 4 ? (write ? 4 : 3) : 1;
  }

  /** Index of ROM or flash, the memories that are read but never written; -1 for anything else. */
  function readable(a) {
    const top = a >>> 28;
    if (top === 1) return a < 0x14000000 && (a & 0xffffff) < FLASH_SIZE ? (a & 0xffffff) + FLASH_AT : -1;
    return a >>> 0 < ROM_SIZE ? a : -1;
  }

  function load32(a, left, pc) {
    const index = readable(a);
    if (index >= 0 && !(a & 3)) {
      rest = left - 2;
      return i32[index >> 2];
    }
    leave(left, pc);
    const value = mcu.readUint32(a) | 0;
    rest = remaining() - 1 - cost(a, false);
    return value;
  }

  function load16(a, left, pc) {
    const index = readable(a);
    if (index >= 0 && !(a & 1)) {
      rest = left - 2;
      return u16[index >> 1];
    }
    leave(left, pc);
    const value = mcu.readUint16(a) | 0;
    rest = remaining() - 1 - cost(a, false);
    return value;
  }

  function load8(a, left, pc) {
    const index = readable(a);
    if (index >= 0) {
      rest = left - 2;
      return u8[index];
    }
    leave(left, pc);
    const value = mcu.readUint8(a) | 0;
    rest = remaining() - 1 - cost(a, false);
    return value;
  }

  function store(a, value, size, left, pc) {
    leave(left, pc);
    if (size === 4) mcu.writeUint32(a, value >>> 0);
    else if (size === 2) mcu.writeUint16(a, value);
    else mcu.writeUint8(a, value);
    return remaining() - 1 - cost(a, true);
  }

  /** LDM, STM, PUSH, POP outside SRAM: word by word; a cycle for each. */
  function several(a, mask, write, left, pc) {
    leave(left, pc);
    let address = a;
    for (let i = 0; i < 16; i++) {
      if (!(mask & (1 << i))) continue;
      if (write) mcu.writeUint32(address, r[i] >>> 0);
      else r[i] = mcu.readUint32(address);
      address += 4;
    }
    return remaining();
  }

  /** Where code at `pc` lies; a jump to nowhere stops the run and yields ROM, of which nothing is executed. */
  function region(pc, from) {
    const shift = regionShift(pc);
    if (shift !== null) return shift;
    machine.faultAt('bus', `jumps to 0x${(pc >>> 0).toString(16).padStart(8, '0')}, where no code can be`, pc, from);
    return 0;
  }

  function run() {
    let left = remaining();
    let pc = r[15] & ~1;
    let shift = region(pc, pc);
    if (machine.attention) return;
    // N is n < 0, Z is z === 0, C is c < 0, V is v < 0: a result serves as its own flags
    let n = core.N ? -1 : 0;
    let z = core.Z ? 0 : 1;
    let c = core.C ? -1 : 0;
    let v = core.V ? -1 : 0;
    let a = 0;
    let b = 0;
    let o = 0;
    let x = 0;
    while (left > 0) {
      const op = u16[(pc + shift) >> 1];
      pc = (pc + 2) | 0;
      switch (KIND[op]) {
        case 2: // LSLS Rd, Rm, #1..31
          a = r[(op >> 3) & 7];
          b = (op >> 6) & 31;
          c = a << (b - 1);
          r[op & 7] = n = z = a << b;
          left -= 1;
          break;
        case 3: // LSRS Rd, Rm, #1..32
          a = r[(op >> 3) & 7];
          b = (op >> 6) & 31;
          c = a << (32 - b);
          r[op & 7] = n = z = b ? a >>> b : 0;
          left -= 1;
          break;
        case 4: // ASRS Rd, Rm, #1..32
          a = r[(op >> 3) & 7];
          b = (op >> 6) & 31;
          c = a << (32 - b);
          r[op & 7] = n = z = b ? a >> b : a >> 31;
          left -= 1;
          break;
        case 5: // MOVS Rd, Rm
          r[op & 7] = n = z = r[(op >> 3) & 7];
          left -= 1;
          break;
        case 6: // ADDS Rd, Rn, Rm
          a = r[(op >> 3) & 7];
          b = r[(op >> 6) & 7];
          r[op & 7] = n = z = (a + b) | 0;
          c = (a & b) | ((a | b) & ~n);
          v = (a ^ n) & (b ^ n);
          left -= 1;
          break;
        case 7: // SUBS Rd, Rn, Rm
          a = r[(op >> 3) & 7];
          b = r[(op >> 6) & 7];
          r[op & 7] = n = z = (a - b) | 0;
          c = (a & ~b) | ((a | ~b) & ~n);
          v = (a ^ b) & (a ^ n);
          left -= 1;
          break;
        case 8: // ADDS Rd, Rn, #0..7
          a = r[(op >> 3) & 7];
          b = (op >> 6) & 7;
          r[op & 7] = n = z = (a + b) | 0;
          c = a & ~n;
          v = ~a & n;
          left -= 1;
          break;
        case 9: // SUBS Rd, Rn, #0..7
          a = r[(op >> 3) & 7];
          b = (op >> 6) & 7;
          r[op & 7] = n = z = (a - b) | 0;
          c = a | ~n;
          v = a & ~n;
          left -= 1;
          break;
        case 10: // MOVS Rd, #0..255
          r[(op >> 8) & 7] = n = z = op & 255;
          left -= 1;
          break;
        case 11: // CMP Rn, #0..255
          a = r[(op >> 8) & 7];
          n = z = (a - (op & 255)) | 0;
          c = a | ~n;
          v = a & ~n;
          left -= 1;
          break;
        case 12: // ADDS Rd, #0..255
          a = r[(op >> 8) & 7];
          r[(op >> 8) & 7] = n = z = (a + (op & 255)) | 0;
          c = a & ~n;
          v = ~a & n;
          left -= 1;
          break;
        case 13: // SUBS Rd, #0..255
          a = r[(op >> 8) & 7];
          r[(op >> 8) & 7] = n = z = (a - (op & 255)) | 0;
          c = a | ~n;
          v = a & ~n;
          left -= 1;
          break;
        case 20: // ANDS
          r[op & 7] = n = z = r[op & 7] & r[(op >> 3) & 7];
          left -= 1;
          break;
        case 21: // EORS
          r[op & 7] = n = z = r[op & 7] ^ r[(op >> 3) & 7];
          left -= 1;
          break;
        case 22: // LSLS by register
          a = r[op & 7];
          b = r[(op >> 3) & 7] & 255;
          if (b) {
            c = b > 32 ? 0 : a << (b - 1);
            a = b > 31 ? 0 : a << b;
          }
          r[op & 7] = n = z = a;
          left -= 1;
          break;
        case 23: // LSRS by register
          a = r[op & 7];
          b = r[(op >> 3) & 7] & 255;
          if (b) {
            c = b > 32 ? 0 : a << (32 - b);
            a = b > 31 ? 0 : a >>> b;
          }
          r[op & 7] = n = z = a | 0;
          left -= 1;
          break;
        case 24: // ASRS by register
          a = r[op & 7];
          b = r[(op >> 3) & 7] & 255;
          if (b) {
            c = b > 31 ? a : a << (32 - b);
            a = b > 31 ? a >> 31 : a >> b;
          }
          r[op & 7] = n = z = a;
          left -= 1;
          break;
        case 25: // ADCS
          a = r[op & 7];
          b = r[(op >> 3) & 7];
          r[op & 7] = n = z = (a + b + (c >>> 31)) | 0;
          c = (a & b) | ((a | b) & ~n);
          v = (a ^ n) & (b ^ n);
          left -= 1;
          break;
        case 26: // SBCS
          a = r[op & 7];
          b = ~r[(op >> 3) & 7];
          r[op & 7] = n = z = (a + b + (c >>> 31)) | 0;
          c = (a & b) | ((a | b) & ~n);
          v = (a ^ n) & (b ^ n);
          left -= 1;
          break;
        case 27: // RORS by register
          a = r[op & 7];
          b = r[(op >> 3) & 7] & 255;
          if (b) {
            a = (a >>> (b & 31)) | (a << (32 - (b & 31)));
            c = a;
          }
          r[op & 7] = n = z = a;
          left -= 1;
          break;
        case 28: // TST
          n = z = r[op & 7] & r[(op >> 3) & 7];
          left -= 1;
          break;
        case 29: // RSBS Rd, Rn, #0
          b = r[(op >> 3) & 7];
          r[op & 7] = n = z = -b | 0;
          c = ~(b | n);
          v = b & n;
          left -= 1;
          break;
        case 30: // CMP Rn, Rm
          a = r[op & 7];
          b = r[(op >> 3) & 7];
          n = z = (a - b) | 0;
          c = (a & ~b) | ((a | ~b) & ~n);
          v = (a ^ b) & (a ^ n);
          left -= 1;
          break;
        case 31: // CMN
          a = r[op & 7];
          b = r[(op >> 3) & 7];
          n = z = (a + b) | 0;
          c = (a & b) | ((a | b) & ~n);
          v = (a ^ n) & (b ^ n);
          left -= 1;
          break;
        case 32: // ORRS
          r[op & 7] = n = z = r[op & 7] | r[(op >> 3) & 7];
          left -= 1;
          break;
        case 33: // MULS, the RP2040's single-cycle multiplier, datasheet 2.4.1
          r[op & 7] = n = z = Math.imul(r[op & 7], r[(op >> 3) & 7]);
          left -= 1;
          break;
        case 34: // BICS
          r[op & 7] = n = z = r[op & 7] & ~r[(op >> 3) & 7];
          left -= 1;
          break;
        case 35: // MVNS
          r[op & 7] = n = z = ~r[(op >> 3) & 7];
          left -= 1;
          break;
        case 36: // ADD Rdn, Rm, any register
          r[15] = pc + 2;
          b = (op & 7) | ((op >> 4) & 8);
          a = (r[b] + r[(op >> 3) & 15]) | 0;
          if (b === 15) {
            pc = a & ~1;
            shift = region(pc, r[15] - 4);
            if (machine.attention) base -= left, left = 0;
            left -= 2;
          } else {
            r[b] = b === 13 ? a & ~3 : a;
            left -= 1;
          }
          break;
        case 37: // CMP Rn, Rm, any register
          r[15] = pc + 2;
          a = r[(op & 7) | ((op >> 4) & 8)];
          b = r[(op >> 3) & 15];
          n = z = (a - b) | 0;
          c = (a & ~b) | ((a | ~b) & ~n);
          v = (a ^ b) & (a ^ n);
          left -= 1;
          break;
        case 38: // MOV Rd, Rm, any register
          r[15] = pc + 2;
          b = (op & 7) | ((op >> 4) & 8);
          a = r[(op >> 3) & 15];
          if (b === 15) {
            pc = a & ~1;
            shift = region(pc, r[15] - 4);
            if (machine.attention) base -= left, left = 0;
            left -= 2;
          } else {
            r[b] = b === 13 ? a & ~3 : a;
            left -= 1;
          }
          break;
        case 39: // BX, BLX
          r[15] = pc + 2;
          a = r[(op >> 3) & 15];
          if (op & 0x80) r[14] = pc | 1;
          if ((a & 1) === 0 || (a >>> 28 === 15 && core.IPSR)) {
            core.N = n < 0;
            core.Z = z === 0;
            core.C = c < 0;
            core.V = v < 0;
            leave(left, pc);
            core.cycles += 2;
            rare.branch(a);
            pc = r[15] & ~1;
            n = core.N ? -1 : 0;
            z = core.Z ? 0 : 1;
            c = core.C ? -1 : 0;
            v = core.V ? -1 : 0;
            shift = region(pc, pc);
            left = remaining();
          } else {
            x = pc - 2;
            pc = a & ~1;
            if ((pc ^ x) >>> 24 || pc >>> 28 !== 1) {
              shift = region(pc, x);
              if (machine.attention) base -= left, left = 0;
            }
            left -= 2;
          }
          break;
        case 40: // LDR Rt, literal: beside the code, in the same region
          a = ((pc + 2) & ~3) + ((op & 255) << 2);
          r[(op >> 8) & 7] = i32[(a + shift) >> 2];
          left -= 2;
          break;
        case 41: // STR Rt, [Rn, Rm]
          a = (r[(op >> 3) & 7] + r[(op >> 6) & 7]) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE && (a & 3) === 0) {
            i32[(o + SRAM_AT) >> 2] = r[op & 7];
            left -= 2;
          } else {
            left = store(a, r[op & 7], 4, left, pc);
          }
          break;
        case 42: // STRH Rt, [Rn, Rm]
          a = (r[(op >> 3) & 7] + r[(op >> 6) & 7]) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE && (a & 1) === 0) {
            u16[(o + SRAM_AT) >> 1] = r[op & 7];
            left -= 2;
          } else {
            left = store(a, r[op & 7], 2, left, pc);
          }
          break;
        case 43: // STRB Rt, [Rn, Rm]
          a = (r[(op >> 3) & 7] + r[(op >> 6) & 7]) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE) {
            u8[o + SRAM_AT] = r[op & 7];
            left -= 2;
          } else {
            left = store(a, r[op & 7], 1, left, pc);
          }
          break;
        case 44: // LDRSB Rt, [Rn, Rm]
          a = (r[(op >> 3) & 7] + r[(op >> 6) & 7]) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE) {
            r[op & 7] = i8[o + SRAM_AT];
            left -= 2;
          } else {
            r[op & 7] = (load8(a, left, pc) << 24) >> 24;
            left = rest;
          }
          break;
        case 45: // LDR Rt, [Rn, Rm]
          a = (r[(op >> 3) & 7] + r[(op >> 6) & 7]) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE && (a & 3) === 0) {
            r[op & 7] = i32[(o + SRAM_AT) >> 2];
            left -= 2;
          } else {
            r[op & 7] = load32(a, left, pc);
            left = rest;
          }
          break;
        case 46: // LDRH Rt, [Rn, Rm]
          a = (r[(op >> 3) & 7] + r[(op >> 6) & 7]) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE && (a & 1) === 0) {
            r[op & 7] = u16[(o + SRAM_AT) >> 1];
            left -= 2;
          } else {
            r[op & 7] = load16(a, left, pc);
            left = rest;
          }
          break;
        case 47: // LDRB Rt, [Rn, Rm]
          a = (r[(op >> 3) & 7] + r[(op >> 6) & 7]) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE) {
            r[op & 7] = u8[o + SRAM_AT];
            left -= 2;
          } else {
            r[op & 7] = load8(a, left, pc);
            left = rest;
          }
          break;
        case 48: // LDRSH Rt, [Rn, Rm]
          a = (r[(op >> 3) & 7] + r[(op >> 6) & 7]) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE && (a & 1) === 0) {
            r[op & 7] = i16[(o + SRAM_AT) >> 1];
            left -= 2;
          } else {
            r[op & 7] = (load16(a, left, pc) << 16) >> 16;
            left = rest;
          }
          break;
        case 49: // STR Rt, [Rn, #]
          a = (r[(op >> 3) & 7] + ((op >> 4) & 0x7c)) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE && (a & 3) === 0) {
            i32[(o + SRAM_AT) >> 2] = r[op & 7];
            left -= 2;
          } else {
            left = store(a, r[op & 7], 4, left, pc);
          }
          break;
        case 50: // LDR Rt, [Rn, #]
          a = (r[(op >> 3) & 7] + ((op >> 4) & 0x7c)) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE && (a & 3) === 0) {
            r[op & 7] = i32[(o + SRAM_AT) >> 2];
            left -= 2;
          } else {
            r[op & 7] = load32(a, left, pc);
            left = rest;
          }
          break;
        case 51: // STRB Rt, [Rn, #]
          a = (r[(op >> 3) & 7] + ((op >> 6) & 31)) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE) {
            u8[o + SRAM_AT] = r[op & 7];
            left -= 2;
          } else {
            left = store(a, r[op & 7], 1, left, pc);
          }
          break;
        case 52: // LDRB Rt, [Rn, #]
          a = (r[(op >> 3) & 7] + ((op >> 6) & 31)) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE) {
            r[op & 7] = u8[o + SRAM_AT];
            left -= 2;
          } else {
            r[op & 7] = load8(a, left, pc);
            left = rest;
          }
          break;
        case 53: // STRH Rt, [Rn, #]
          a = (r[(op >> 3) & 7] + ((op >> 5) & 0x3e)) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE && (a & 1) === 0) {
            u16[(o + SRAM_AT) >> 1] = r[op & 7];
            left -= 2;
          } else {
            left = store(a, r[op & 7], 2, left, pc);
          }
          break;
        case 54: // LDRH Rt, [Rn, #]
          a = (r[(op >> 3) & 7] + ((op >> 5) & 0x3e)) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE && (a & 1) === 0) {
            r[op & 7] = u16[(o + SRAM_AT) >> 1];
            left -= 2;
          } else {
            r[op & 7] = load16(a, left, pc);
            left = rest;
          }
          break;
        case 55: // STR Rt, [SP, #]
          a = (r[13] + ((op & 255) << 2)) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE) {
            i32[(o + SRAM_AT) >> 2] = r[(op >> 8) & 7];
            left -= 2;
          } else {
            left = store(a, r[(op >> 8) & 7], 4, left, pc);
          }
          break;
        case 56: // LDR Rt, [SP, #]
          a = (r[13] + ((op & 255) << 2)) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE) {
            r[(op >> 8) & 7] = i32[(o + SRAM_AT) >> 2];
            left -= 2;
          } else {
            r[(op >> 8) & 7] = load32(a, left, pc);
            left = rest;
          }
          break;
        case 57: // ADR
          r[(op >> 8) & 7] = ((pc + 2) & ~3) + ((op & 255) << 2);
          left -= 1;
          break;
        case 58: // ADD Rd, SP, #
          r[(op >> 8) & 7] = r[13] + ((op & 255) << 2);
          left -= 1;
          break;
        case 59: // ADD SP, #
          r[13] = r[13] + ((op & 127) << 2);
          left -= 1;
          break;
        case 60: // SUB SP, #
          r[13] = r[13] - ((op & 127) << 2);
          left -= 1;
          break;
        case 61: // SXTH
          r[op & 7] = (r[(op >> 3) & 7] << 16) >> 16;
          left -= 1;
          break;
        case 62: // SXTB
          r[op & 7] = (r[(op >> 3) & 7] << 24) >> 24;
          left -= 1;
          break;
        case 63: // UXTH
          r[op & 7] = r[(op >> 3) & 7] & 0xffff;
          left -= 1;
          break;
        case 64: // UXTB
          r[op & 7] = r[(op >> 3) & 7] & 0xff;
          left -= 1;
          break;
        case 65: // PUSH
          b = BITS[op & 255];
          a = (r[13] - ((b + ((op >> 8) & 1)) << 2)) | 0;
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE - 36) {
            o = (o + SRAM_AT) >> 2;
            for (x = 0; x < 8; x++) {
              if (op & (1 << x)) i32[o++] = r[x];
            }
            if (op & 256) i32[o] = r[14];
          } else {
            left = several(a, (op & 255) | ((op & 256) << 6), true, left, pc);
          }
          r[13] = a;
          left -= 1 + b;
          break;
        case 66: // REV
          a = r[(op >> 3) & 7];
          r[op & 7] = (a << 24) | ((a & 0xff00) << 8) | ((a >>> 8) & 0xff00) | (a >>> 24);
          left -= 1;
          break;
        case 67: // REV16
          a = r[(op >> 3) & 7];
          r[op & 7] = ((a << 8) & 0xff00ff00) | ((a >>> 8) & 0x00ff00ff);
          left -= 1;
          break;
        case 68: // REVSH
          a = r[(op >> 3) & 7];
          r[op & 7] = ((a << 24) >> 16) | ((a >>> 8) & 0xff);
          left -= 1;
          break;
        case 69: // POP
          b = BITS[op & 255];
          a = r[13];
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE - 36) {
            o = (o + SRAM_AT) >> 2;
            for (x = 0; x < 8; x++) {
              if (op & (1 << x)) r[x] = i32[o++];
            }
            x = i32[o];
          } else {
            left = several(a, op & 255, false, left, pc);
            if (op & 256) {
              leave(left, pc);
              x = mcu.readUint32(a + (b << 2)) | 0;
              left = remaining();
            }
          }
          left -= 1 + b;
          if (op & 256) {
            r[13] = a + ((b + 1) << 2);
            left -= 2;
            if ((x & 1) === 0 || (x >>> 28 === 15 && core.IPSR)) {
              core.N = n < 0;
              core.Z = z === 0;
              core.C = c < 0;
              core.V = v < 0;
              leave(left, pc);
              rare.branch(x);
              pc = r[15] & ~1;
              n = core.N ? -1 : 0;
              z = core.Z ? 0 : 1;
              c = core.C ? -1 : 0;
              v = core.V ? -1 : 0;
              shift = region(pc, pc);
              left = remaining();
            } else {
              a = pc - 2;
              pc = x & ~1;
              if ((pc ^ a) >>> 24 || pc >>> 28 !== 1) {
                shift = region(pc, a);
                if (machine.attention) base -= left, left = 0;
              }
            }
          } else {
            r[13] = a + (b << 2);
          }
          break;
        case 70: // NOP, YIELD
          left -= 1;
          break;
        case 73: // STM Rn!, {..}
          b = BITS[op & 255];
          a = r[(op >> 8) & 7];
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE - 32 && (a & 3) === 0) {
            o = (o + SRAM_AT) >> 2;
            for (x = 0; x < 8; x++) {
              if (op & (1 << x)) i32[o++] = r[x];
            }
          } else {
            left = several(a, op & 255, true, left, pc);
          }
          r[(op >> 8) & 7] = a + (b << 2);
          left -= 1 + b;
          break;
        case 74: // LDM Rn!, {..}, or without writing back where Rn is loaded
          b = BITS[op & 255];
          a = r[(op >> 8) & 7];
          o = (a - 0x20000000) >>> 0;
          if (o < SRAM_SIZE - 32 && (a & 3) === 0) {
            o = (o + SRAM_AT) >> 2;
            for (x = 0; x < 8; x++) {
              if (op & (1 << x)) r[x] = i32[o++];
            }
          } else {
            left = several(a, op & 255, false, left, pc);
          }
          if (!(op & (1 << ((op >> 8) & 7)))) r[(op >> 8) & 7] = a + (b << 2);
          left -= 1 + b;
          break;
        case 75: // B
          pc = (pc + 2 + ((op << 21) >> 20)) | 0;
          left -= 2;
          break;
        case 76: // BL, or a rare one of 32 bits
          b = u16[(pc + shift) >> 1];
          if ((b & 0xd000) === 0xd000) {
            r[14] = (pc + 2) | 1;
            // offset S:I1:I2:imm10:imm11:0 with I = not (J xor S), A6.7.13
            a = (op << 21) >> 31;
            x = (((b >> 13) & 1) ^ a ^ 1) & 1;
            o = (((b >> 11) & 1) ^ a ^ 1) & 1;
            pc = (pc + 2 + ((a << 24) | (x << 23) | (o << 22) | ((op & 0x3ff) << 12) | ((b & 0x7ff) << 1))) | 0;
            left -= 3;
            break;
          }
        // falls through
        case 1: // system instructions
          core.N = n < 0;
          core.Z = z === 0;
          core.C = c < 0;
          core.V = v < 0;
          leave(left, pc);
          rare.execute(op, u16[(pc + shift) >> 1]);
          n = core.N ? -1 : 0;
          z = core.Z ? 0 : 1;
          c = core.C ? -1 : 0;
          v = core.V ? -1 : 0;
          pc = r[15];
          left = remaining();
          break;
        case 80: // BEQ
          if (z === 0) {
            pc = (pc + 2 + ((op << 24) >> 23)) | 0;
            left -= 2;
          } else {
            left -= 1;
          }
          break;
        case 81: // BNE
          if (z !== 0) {
            pc = (pc + 2 + ((op << 24) >> 23)) | 0;
            left -= 2;
          } else {
            left -= 1;
          }
          break;
        case 82: // BCS
          if (c < 0) {
            pc = (pc + 2 + ((op << 24) >> 23)) | 0;
            left -= 2;
          } else {
            left -= 1;
          }
          break;
        case 83: // BCC
          if (c >= 0) {
            pc = (pc + 2 + ((op << 24) >> 23)) | 0;
            left -= 2;
          } else {
            left -= 1;
          }
          break;
        case 84: // BMI
          if (n < 0) {
            pc = (pc + 2 + ((op << 24) >> 23)) | 0;
            left -= 2;
          } else {
            left -= 1;
          }
          break;
        case 85: // BPL
          if (n >= 0) {
            pc = (pc + 2 + ((op << 24) >> 23)) | 0;
            left -= 2;
          } else {
            left -= 1;
          }
          break;
        case 86: // BVS
          if (v < 0) {
            pc = (pc + 2 + ((op << 24) >> 23)) | 0;
            left -= 2;
          } else {
            left -= 1;
          }
          break;
        case 87: // BVC
          if (v >= 0) {
            pc = (pc + 2 + ((op << 24) >> 23)) | 0;
            left -= 2;
          } else {
            left -= 1;
          }
          break;
        case 88: // BHI
          if (c < 0 && z !== 0) {
            pc = (pc + 2 + ((op << 24) >> 23)) | 0;
            left -= 2;
          } else {
            left -= 1;
          }
          break;
        case 89: // BLS
          if (c >= 0 || z === 0) {
            pc = (pc + 2 + ((op << 24) >> 23)) | 0;
            left -= 2;
          } else {
            left -= 1;
          }
          break;
        case 90: // BGE
          if ((n ^ v) >= 0) {
            pc = (pc + 2 + ((op << 24) >> 23)) | 0;
            left -= 2;
          } else {
            left -= 1;
          }
          break;
        case 91: // BLT
          if ((n ^ v) < 0) {
            pc = (pc + 2 + ((op << 24) >> 23)) | 0;
            left -= 2;
          } else {
            left -= 1;
          }
          break;
        case 92: // BGT
          if ((n ^ v) >= 0 && z !== 0) {
            pc = (pc + 2 + ((op << 24) >> 23)) | 0;
            left -= 2;
          } else {
            left -= 1;
          }
          break;
        case 93: // BLE
          if ((n ^ v) < 0 || z === 0) {
            pc = (pc + 2 + ((op << 24) >> 23)) | 0;
            left -= 2;
          } else {
            left -= 1;
          }
          break;
        default: // undefined, or code that ran off the end of its memory
          leave(left, pc);
          machine.faultAt('undefined', `undefined instruction 0x${(op ?? 0).toString(16).padStart(4, '0')}`, pc - 2, pc - 2);
          left = remaining() - 1;
      }
    }
    core.cycles = base - left;
    r[15] = pc;
    core.N = n < 0;
    core.Z = z === 0;
    core.C = c < 0;
    core.V = v < 0;
  }

  return { run };
}
