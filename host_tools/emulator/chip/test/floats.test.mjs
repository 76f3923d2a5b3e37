// The ROM's single precision against exact rational arithmetic, rounded here once, bit by bit.
import assert from 'node:assert/strict';
import test from 'node:test';
import { DOUBLE, SINGLE } from '../float_table.mjs';
import * as f from '../floats.mjs';
import { bench, cycles, sequence } from './bench.mjs';

const INFINITY = 0x7f800000;
const SIGN = 0x80000000;
const f32 = new Float32Array(1);
const bits32 = new Uint32Array(f32.buffer);
const bitsOf = (value) => {
  f32[0] = value;
  return bits32[0];
};

/** Mantissa and power of two of a finite float's bits, exactly; denormals are zero. */
function exact(bits) {
  const exponent = (bits >>> 23) & 255;
  if (!exponent) return { sign: bits >>> 31, mantissa: 0n, power: 0 };
  return { sign: bits >>> 31, mantissa: BigInt((bits & 0x7fffff) | 0x800000), power: exponent - 150 };
}

/** Bits of the float nearest to numerator / denominator * 2^power, ties to even, by the ROM's rules. */
function round(sign, numerator, denominator, power, { sticky = false, touching = false } = {}) {
  const top = sign ? SIGN : 0;
  if (!numerator) return top;
  let shift = numerator.toString(2).length - denominator.toString(2).length - 25;
  const divide = () => (shift >= 0 ? [numerator, denominator << BigInt(shift)] : [numerator << BigInt(-shift), denominator]);
  let [n, d] = divide();
  while (n / d >= 1n << 25n) [n, d] = (shift++, divide());
  while (n / d < 1n << 24n) [n, d] = (shift--, divide());
  // n / d lies in [2^24, 2^25): one bit more than the mantissa, the rest is in the remainder
  let mantissa = n / d;
  const more = n % d !== 0n || sticky;
  const half = mantissa & 1n;
  mantissa >>= 1n;
  if (half && (more || mantissa & 1n)) mantissa += 1n;
  let exponent = power + shift + 1 + 150;
  if (mantissa === 1n << 24n) {
    mantissa >>= 1n;
    exponent += 1;
  }
  if (exponent >= 255) return (top | INFINITY) >>> 0;
  // the ROM's multiplication lets what lies half a denormal's step below the smallest normal number touch it
  if (touching && exponent === 0 && mantissa === 0xffffffn) return (top | 0x800000) >>> 0;
  if (exponent <= 0) return top;
  return (top | (exponent << 23) | Number(mantissa & 0x7fffffn)) >>> 0;
}

/** Random bits, with exponents near each other, zeros, denormals and the ends of the range among them. */
function operand(random) {
  const kind = random(8);
  if (kind === 0) return [0, SIGN, 1, 0x807fffff, 0x00800000, 0x7f7fffff, 0xff7fffff, 0x3f800000, 0x3f7fffff, 0xbf800001][random(10)];
  if (kind < 5) return ((random(2) << 31) | ((120 + random(14)) << 23) | random(1 << 23)) >>> 0;
  return ((random(2) << 31) | ((1 + random(254)) << 23) | random(1 << 23)) >>> 0;
}

const finite = (x, y) => [exact(x), exact(y)];

function sum(x, y) {
  const [a, b] = finite(x, y);
  if (!a.mantissa && !b.mantissa) return x >>> 31 && y >>> 31 ? SIGN : 0;
  const low = Math.min(a.mantissa ? a.power : b.power, b.mantissa ? b.power : a.power);
  const term = (v) => (v.mantissa ? (v.sign ? -v.mantissa : v.mantissa) << BigInt(v.power - low) : 0n);
  const total = term(a) + term(b);
  return total === 0n ? 0 : round(total < 0n, total < 0n ? -total : total, 1n, low);
}

test('addition, subtraction, multiplication and division are the exact results rounded once', () => {
  const random = sequence(2040);
  for (let i = 0; i < 40_000; i++) {
    const x = operand(random);
    const y = operand(random);
    const [a, b] = finite(x, y);
    const sign = (x ^ y) >>> 31;
    const where = `${x.toString(16)} ${y.toString(16)}`;
    assert.equal(f.add(x | 0, y | 0) >>> 0, sum(x, y), `add ${where}`);
    assert.equal(f.subtract(x | 0, y | 0) >>> 0, sum(x, (y ^ SIGN) >>> 0), `subtract ${where}`);
    assert.equal(f.multiply(x | 0, y | 0) >>> 0, round(sign, a.mantissa * b.mantissa, 1n, a.power + b.power, { touching: true }), `multiply ${where}`);
    const quotient = b.mantissa ? round(sign, a.mantissa, b.mantissa, a.power - b.power) : ((sign ? SIGN : 0) | INFINITY) >>> 0;
    assert.equal(f.divide(x | 0, y | 0) >>> 0, quotient, `divide ${where}`);
  }
});

test('the square root is exact, of minus zero minus zero, of anything negative minus infinity', () => {
  const random = sequence(7);
  for (let i = 0; i < 5000; i++) {
    const x = operand(random) & 0x7fffffff;
    const { mantissa, power } = exact(x);
    // mantissa * 2^power = m * 2^(2 k): root = isqrt(m << 60) * 2^(k - 30), the remainder is sticky
    const even = power & 1 ? [mantissa << 1n, power - 1] : [mantissa, power];
    const wide = even[0] << 60n;
    let root = BigInt(Math.floor(Math.sqrt(Number(wide))));
    while (root * root > wide) root -= 1n;
    while ((root + 1n) * (root + 1n) <= wide) root += 1n;
    const expected = round(0, root, 1n, even[1] / 2 - 30, { sticky: root * root !== wide });
    assert.equal(f.squareRoot(x) >>> 0, expected, x.toString(16));
  }
  assert.equal(f.squareRoot(SIGN | 0) >>> 0, SIGN);
  assert.equal(f.squareRoot(bitsOf(-2) | 0) >>> 0, (SIGN | INFINITY) >>> 0);
});

test('infinities and NaN follow the ROM: no operation yields NaN', () => {
  const nan = 0x7fc00000;
  const minus = (SIGN | INFINITY) | 0;
  assert.equal(f.add(INFINITY, minus), INFINITY);
  assert.equal(f.add(minus, bitsOf(5)), minus);
  assert.equal(f.add(nan, 0), INFINITY);
  assert.equal(f.multiply(0, minus), minus);
  assert.equal(f.divide(0, 0), INFINITY);
  assert.equal(f.divide(bitsOf(1), minus) >>> 0, SIGN);
  assert.equal(f.divide(minus, INFINITY), minus);
  assert.equal(f.multiply(bitsOf(1e-30), bitsOf(-1e-30) | 0) >>> 0, SIGN, 'underflow keeps its sign');
});

test('comparison orders zeros as equal and leaves its result in the flags too', () => {
  assert.equal(f.compare(0, SIGN | 0, false), 0);
  assert.equal(f.compare(0, SIGN | 0, true), 0);
  assert.equal(f.compare(1, SIGN | 1, false), 0, 'denormals are zeros');
  assert.equal(f.compare(1, SIGN | 1, true), 1, 'but not to the fast one');
  assert.equal(f.compare(bitsOf(-2) | 0, bitsOf(-1) | 0, false), -1);
  assert.equal(f.compare(bitsOf(-2) | 0, bitsOf(-3) | 0, true), 1);
  const core = {};
  SINGLE[21].work([bitsOf(-2) | 0, bitsOf(1)], core);
  assert.deepEqual(core, { N: true, Z: false, C: true, V: false });
  SINGLE[21].work([0, SIGN | 0], core);
  assert.deepEqual(core, { N: false, Z: true, C: true, V: false });
});

test('conversions to integers round down and stop at the ends', () => {
  assert.deepEqual([1.9, -1.1, -0, 3e9, -3e9, Infinity, -Infinity].map(f.toInt), [1, -2, 0, 0x7fffffff, SIGN | 0, 0x7fffffff, SIGN | 0]);
  assert.deepEqual([1.9, -1.1, 3e9, 5e9, -Infinity].map((x) => f.toUint(x) >>> 0), [1, 0, 3e9, 0xffffffff, 0]);
  assert.deepEqual([-1.5, 1e19, -1e19, 2 ** 62].map(f.toInt64), [-2n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 62n]);
  assert.deepEqual([-1.5, 1e19, 1e20, 7.9].map(f.toUint64), [0n, 10n ** 19n, 2n ** 64n - 1n, 7n]);
  assert.equal(f.toInt(f.scale(1.75, 4)), 28);
  assert.equal(f.toInt(f.scale(-1e-30, -40)), -1);
});

test('integers become the nearest float, rounded once even from 64 bits', () => {
  const random = sequence(99);
  for (let i = 0; i < 5000; i++) {
    const word = random() | 0;
    assert.equal(f.fromInt(word, 0) >>> 0, round(word < 0, BigInt(Math.abs(word)), 1n, 0));
    const wide = BigInt.asIntN(64, (BigInt(random()) << 32n) | BigInt(random())) >> BigInt(random(40));
    const fraction = random(20);
    const expected = wide === 0n ? 0 : round(wide < 0n, wide < 0n ? -wide : wide, 1n, -fraction);
    assert.equal(f.fromInt64(wide, fraction) >>> 0, expected);
  }
  // 2^60 + 2^36 is a tie at 24 bits, one more is not: rounding twice, by way of a double, would lose that one
  assert.equal(f.fromInt64(2n ** 60n + 2n ** 36n, 0), 0x5d800000);
  assert.equal(f.fromInt64(2n ** 60n + 2n ** 36n + 1n, 0), 0x5d800001);
  assert.equal(f.fromInt(0, 3), 0);
});

/** Calls a double function on values in r0:r1 and r2:r3; the result is r0:r1 as a double. */
function double(index, a, b = 0) {
  const f64 = new Float64Array([a, b]);
  const r = new Int32Array(f64.buffer);
  DOUBLE[index].work(r, {});
  return f64[0];
}

test('doubles are the host\'s, with the ROM\'s zeros and infinities', () => {
  const random = sequence(5);
  const value = () => (random() - 2 ** 31) * 2 ** (random(200) - 100);
  for (let i = 0; i < 2000; i++) {
    const [a, b] = [value(), value()];
    assert.deepEqual([0, 1, 2, 3].map((index) => double(index, a, b)), [a + b, a - b, a * b, a / b]);
  }
  assert.equal(double(6, 2), Math.SQRT2);
  assert.equal(double(6, -2), -Infinity);
  assert.equal(double(2, 5e-324, 1e300), 0);
  assert.equal(double(3, 0, 0), Infinity);
  assert.equal(double(0, Infinity, -Infinity), Infinity);
  assert.ok(Object.is(double(2, -1e-200, 1e-200), -0));
  assert.equal(double(23, new Float64Array(new BigInt64Array([-5n]).buffer)[0]), -5);
  const r = new Int32Array(new Float64Array([-1.5, 0]).buffer);
  DOUBLE[31].work(r, {});
  assert.equal(r[0] >>> 0, bitsOf(-1.5));
});

test('firmware finds the tables where pico-sdk looks: version 2, 32 entries each, their number two bytes before', () => {
  const { mcu } = bench([0xe7fe]);
  assert.deepEqual([0x10, 0x11, 0x12, 0x13].map((at) => mcu.readUint8(at)), [0x4d, 0x75, 1, 2]);
  const find = (table, code) => {
    for (let at = mcu.readUint16(table); mcu.readUint16(at); at += 4) {
      if (mcu.readUint16(at) === (code.charCodeAt(0) | (code.charCodeAt(1) << 8))) return mcu.readUint16(at + 2);
    }
    return 0;
  };
  for (const code of ['SF', 'SD']) {
    const at = find(0x16, code);
    assert.equal(mcu.readUint8(at - 2), 32);
    for (let entry = 0; entry < 32; entry++) assert.equal(mcu.readUint16((mcu.readUint32(at + 4 * entry) & ~1) >>> 0), 0xbe00);
  }
  for (const code of ['P3', 'R3', 'L3', 'T3', 'MS', 'S4', 'MC', 'C4', 'UB', 'WV', 'IF', 'EX', 'RE', 'RP', 'FC', 'CX']) {
    assert.equal(find(0x14, code) & 1, 1, code);
  }
});

/** Calls a ROM function by its code through the ROM's own look-up, as pico-sdk does. */
function romCall(code, ...registers) {
  // r4 = lookup, r5.. keep the arguments: blx r4 finds the function; blx r0 with the arguments would need r0, so by r4
  const machine = bench([0x47a0, 0x0004, 0x0028, 0x0031, 0x003a, 0x47a0, 0xe7fe]);
  const { mcu } = machine;
  const { core } = mcu;
  core.registers[0] = mcu.readUint16(0x14);
  core.registers[1] = code.charCodeAt(0) | (code.charCodeAt(1) << 8);
  core.registers[4] = mcu.readUint16(0x18);
  registers.forEach((value, index) => {
    core.registers[5 + index] = value;
  });
  return { machine, run: () => cycles(machine, 2000).fault ?? core.registers[0] };
}

test('memory and bit functions work through the ROM\'s look-up', () => {
  assert.equal(romCall('P3', 0xf0f00001).run(), 9);
  assert.equal(romCall('R3', 0x80000001).run(), 0x80000001);
  assert.equal(romCall('R3', 6).run(), 0x60000000);
  assert.equal(romCall('L3', 0x00010000).run(), 15);
  assert.equal(romCall('L3', 0).run(), 32);
  assert.equal(romCall('T3', 0x00010000).run(), 16);
  assert.equal(romCall('T3', 0).run(), 32);
  const fill = romCall('MS', 0x20010001, 0x15a, 6);
  assert.equal(fill.run(), 0x20010001);
  assert.deepEqual([...fill.machine.peek(0x20010000, 8)], [0, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0]);
  const copy = romCall('MC', 0x20010003, 0x10, 4);
  copy.run();
  assert.deepEqual([...copy.machine.peek(0x20010002, 6)], [0, 0x4d, 0x75, 1, 2, 0]);
  assert.equal(romCall('MC', 0x60000000, 0, 4).run().kind, 'bus');
});
