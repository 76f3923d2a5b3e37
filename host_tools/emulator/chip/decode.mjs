// Thumb instructions of ARMv6-M by number: one table look-up replaces the package's chain of some seventy
// comparisons. The numbers are those of the `switch` in dispatch.mjs; 0 is undefined, 1 is "rare" (system
// instructions, decoded again there). ARMv6-M reference manual A5.2 and A5.3.

const DATA = 20; // 20..35: data processing, in the order of their opcode field, A5.2.2

function classify(op) {
  switch (op >>> 12) {
    case 0x0:
    case 0x1: {
      const kind = (op >>> 11) & 3;
      if (kind < 3) return kind === 0 && !(op & 0x7c0) ? 5 : 2 + kind; // LSLS, LSRS, ASRS; MOVS is LSLS #0
      return 6 + ((op >>> 9) & 3); // ADDS, SUBS register; ADDS, SUBS 3 bits
    }
    case 0x2:
    case 0x3:
      return 10 + ((op >>> 11) & 3); // MOVS, CMP, ADDS, SUBS 8 bits
    case 0x4:
      if (op & 0x800) return 40; // LDR literal
      if (!(op & 0x400)) return DATA + ((op >>> 6) & 15);
      switch ((op >>> 8) & 3) {
        case 0:
          return 36; // ADD high
        case 1:
          return 37; // CMP high
        case 2:
          return 38; // MOV high
        default:
          return op & 7 ? 0 : 39; // BX, BLX
      }
    case 0x5:
      return 41 + ((op >>> 9) & 7); // STR STRH STRB LDRSB LDR LDRH LDRB LDRSH, register offset
    case 0x6:
    case 0x7:
      return 49 + ((op >>> 11) & 3); // STR LDR STRB LDRB, immediate
    case 0x8:
      return op & 0x800 ? 54 : 53; // LDRH, STRH immediate
    case 0x9:
      return op & 0x800 ? 56 : 55; // LDR, STR from SP
    case 0xa:
      return op & 0x800 ? 58 : 57; // ADD from SP, ADR
    case 0xb:
      return miscellaneous(op);
    case 0xc:
      return op & 0x800 ? 74 : 73; // LDM, STM
    case 0xd: {
      const condition = (op >>> 8) & 15;
      return condition < 14 ? 80 + condition : condition === 15 ? 1 : 0; // B; SVC; UDF
    }
    case 0xe:
      return op & 0x800 ? 0 : 75; // B
    default:
      return op & 0x800 ? 0 : 76; // first half of the 32-bit ones, all of them BL or rare
  }
}

function miscellaneous(op) {
  switch ((op >>> 8) & 15) {
    case 0x0:
      return op & 0x80 ? 60 : 59; // SUB, ADD to SP
    case 0x2:
      return 61 + ((op >>> 6) & 3); // SXTH SXTB UXTH UXTB
    case 0x4:
    case 0x5:
      return 65; // PUSH
    case 0x6:
      return op === 0xb662 || op === 0xb672 ? 1 : 0; // CPS
    case 0xa:
      return [66, 67, 0, 68][(op >>> 6) & 3]; // REV, REV16, REVSH
    case 0xc:
    case 0xd:
      return 69; // POP
    case 0xe:
      return 1; // BKPT
    case 0xf:
      if (op & 0xf) return 0;
      return op === 0xbf00 || op === 0xbf10 || op > 0xbf40 ? 70 : 1; // NOP, YIELD and reserved hints; WFE, WFI, SEV
    default:
      return 0;
  }
}

/** Kind of each of the 65,536 halfwords. */
export const KIND = Uint8Array.from({ length: 65536 }, (_, op) => classify(op));

/** Number of bits set in a byte. */
export const BITS = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest; rest &= rest - 1) count++;
  return count;
});
