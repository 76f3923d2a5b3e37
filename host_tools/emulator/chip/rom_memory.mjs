// The boot ROM's memory and bit functions: code, cycles, work on the registers. What a function returns is added to
// its cycles: estimates for loops of the obvious kind (16 bytes in 13 cycles where both ends are aligned, else a byte
// in 7). RP2040 datasheet 2.8.3.1.1 and 2.8.3.1.2.

function charged(work) {
  work.charged = true;
  return work;
}

function copy(r, core, machine) {
  const { mcu } = machine;
  const to = r[0] >>> 0;
  const from = r[1] >>> 0;
  const size = r[2] >>> 0;
  if (((to | from | size) & 3) === 0) {
    for (let at = 0; at < size && !machine.halted; at += 4) mcu.writeUint32(to + at, mcu.readUint32(from + at));
  } else {
    for (let at = 0; at < size && !machine.halted; at++) mcu.writeUint8(to + at, mcu.readUint8(from + at));
  }
  return ((to ^ from) & 3) === 0 ? 20 + 13 * Math.ceil(size / 16) : 14 + 7 * size;
}

function fill(r, core, machine) {
  const { mcu } = machine;
  const to = r[0] >>> 0;
  const size = r[2] >>> 0;
  const byte = r[1] & 0xff;
  for (let at = 0; at < size && !machine.halted; at++) mcu.writeUint8(to + at, byte);
  return 20 + 8 * Math.ceil(size / 16);
}

function reversed(value) {
  let result = 0;
  for (let bit = 0; bit < 32; bit++) result |= ((value >>> bit) & 1) << (31 - bit);
  return result;
}

function ones(value) {
  let count = 0;
  for (let rest = value; rest; rest &= rest - 1) count++;
  return count;
}

const bits = (work) => (r) => {
  r[0] = work(r[0]);
};

export const memoryFunctions = [
  ['P3', 20, bits(ones)],
  ['R3', 18, bits(reversed)],
  ['L3', 18, bits(Math.clz32)],
  ['T3', 16, bits((value) => (value ? 31 - Math.clz32(value & -value) : 32))],
  ['MS', 0, charged(fill)],
  ['S4', 0, charged(fill)],
  ['MC', 0, charged(copy)],
  ['C4', 0, charged(copy)],
];
