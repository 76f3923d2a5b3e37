// The boot ROM's two tables of arithmetic, in their order: single precision ('SF') and double precision ('SD').
// Each entry works on the registers and costs a typical number of cycles. The cycles are an estimate from the length
// of such routines on this core, good for ratios: the datasheet (2.8.3.2) gives averages, and they depend on operands.
import * as f from './floats.mjs';

const f64 = new Float64Array(1);
const words = new Int32Array(f64.buffer);
const big = new BigInt64Array(f64.buffer);
const SMALLEST = 2 ** -1022;

function unpackDouble(low, high) {
  const exponent = (high >>> 20) & 0x7ff;
  if (exponent === 0) return high < 0 ? -0 : 0;
  if (exponent === 0x7ff) return high < 0 ? -Infinity : Infinity;
  words[0] = low;
  words[1] = high;
  return f64[0];
}

/** Puts a double into r0 and r1; too small a one becomes a zero of its sign. */
function packDouble(r, value, noMinusZero = false) {
  f64[0] = value;
  if (Math.abs(value) < SMALLEST) f64[0] = !noMinusZero && (value < 0 || Object.is(value, -0)) ? -0 : 0;
  r[0] = words[0];
  r[1] = words[1];
}

function pack64(r, integer) {
  big[0] = BigInt.asIntN(64, integer);
  r[0] = words[0];
  r[1] = words[1];
}

function unpack64(r, unsigned) {
  words[0] = r[0];
  words[1] = r[1];
  return unsigned ? BigInt.asUintN(64, big[0]) : big[0];
}

const x = (r) => unpackDouble(r[0], r[1]);
const y = (r) => unpackDouble(r[2], r[3]);

function addDouble(r, b) {
  const a = x(r);
  packDouble(r, a === Infinity || b === Infinity ? Infinity : a + b);
}

function multiplyDouble(r) {
  const sign = r[1] ^ r[3];
  const product = x(r) * y(r);
  packDouble(r, Number.isNaN(product) ? (sign < 0 ? -Infinity : Infinity) : product);
}

function divideDouble(r) {
  const sign = r[1] ^ r[3];
  const a = x(r);
  const b = y(r);
  packDouble(r, b === 0 || !Number.isFinite(a) ? (sign < 0 ? -Infinity : Infinity) : a / b);
}

function compareDouble(r, exact) {
  if (!exact) return x(r) < y(r) ? -1 : x(r) > y(r) ? 1 : 0;
  const order = (low, high) => {
    words[0] = low;
    words[1] = high & 0x7fffffff;
    return high < 0 ? -big[0] : big[0];
  };
  const a = order(r[0], r[1]);
  const b = order(r[2], r[3]);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The result of a comparison is also in the flags, as after CMP r0, #0. */
function compared(r, core, result) {
  r[0] = result;
  core.N = result < 0;
  core.Z = result === 0;
  core.C = true;
  core.V = false;
}

/** Arguments beyond the range in which the ROM works give zero, not NaN. */
const number = (value) => (Number.isNaN(value) ? 0 : value);
const logarithm = (value) => (value <= 0 ? -Infinity : Math.log(value));
const single = (work) => (r) => {
  r[0] = f.pack(number(work(f.unpack(r[0]))));
};
const double = (work) => (r) => packDouble(r, number(work(x(r))));
const op = (cycles, work) => ({ cycles, work });

function sineSingle(r) {
  const angle = f.unpack(r[0]);
  r[0] = f.pack(number(Math.sin(angle)));
  r[1] = f.pack(number(Math.cos(angle))); // both at once: pico-sdk's sincosf uses this entry
}

function sineDouble(r) {
  const angle = x(r);
  packDouble(r, number(Math.cos(angle)));
  [r[2], r[3]] = [r[0], r[1]];
  packDouble(r, number(Math.sin(angle)));
}

export const SINGLE = [
  op(62, (r) => (r[0] = f.add(r[0], r[1]))),
  op(65, (r) => (r[0] = f.subtract(r[0], r[1]))),
  op(54, (r) => (r[0] = f.multiply(r[0], r[1]))),
  op(68, (r) => (r[0] = f.divide(r[0], r[1]))),
  op(16, (r, core) => compared(r, core, f.compare(r[0], r[1], true))),
  op(16, (r, core) => compared(r, core, f.compare(r[0], r[1], true))),
  op(60, (r) => (r[0] = f.squareRoot(r[0]))),
  op(36, (r) => (r[0] = f.toInt(f.unpack(r[0])))),
  op(36, (r) => (r[0] = f.toInt(f.scale(f.unpack(r[0]), r[1])))),
  op(34, (r) => (r[0] = f.toUint(f.unpack(r[0])))),
  op(34, (r) => (r[0] = f.toUint(f.scale(f.unpack(r[0]), r[1])))),
  op(50, (r) => (r[0] = f.fromInt(r[0], 0))),
  op(50, (r) => (r[0] = f.fromInt(r[0], r[1]))),
  op(50, (r) => (r[0] = f.fromInt(r[0] >>> 0, 0))),
  op(50, (r) => (r[0] = f.fromInt(r[0] >>> 0, r[1]))),
  op(560, single(Math.cos)),
  op(560, sineSingle),
  op(640, single(Math.tan)),
  op(560, sineSingle),
  op(520, single(Math.exp)),
  op(560, single(logarithm)),
  op(28, (r, core) => compared(r, core, f.compare(r[0], r[1], false))),
  op(560, (r) => (r[0] = f.pack(number(Math.atan2(f.unpack(r[0]), f.unpack(r[1])))))),
  op(60, (r) => (r[0] = f.fromInt64(unpack64(r, false), 0))),
  op(60, (r) => (r[0] = f.fromInt64(unpack64(r, false), r[2]))),
  op(60, (r) => (r[0] = f.fromInt64(unpack64(r, true), 0))),
  op(60, (r) => (r[0] = f.fromInt64(unpack64(r, true), r[2]))),
  op(54, (r) => pack64(r, f.toInt64(f.unpack(r[0])))),
  op(54, (r) => pack64(r, f.toInt64(f.scale(f.unpack(r[0]), r[1])))),
  op(42, (r) => pack64(r, f.toUint64(f.unpack(r[0])))),
  op(42, (r) => pack64(r, f.toUint64(f.scale(f.unpack(r[0]), r[1])))),
  op(16, (r) => packDouble(r, f.unpack(r[0]))),
];

export const DOUBLE = [
  op(90, (r) => addDouble(r, y(r))),
  op(95, (r) => addDouble(r, -y(r))),
  op(155, multiplyDouble),
  op(183, divideDouble),
  op(24, (r, core) => compared(r, core, compareDouble(r, true))),
  op(24, (r, core) => compared(r, core, compareDouble(r, true))),
  op(169, (r) => packDouble(r, x(r) < 0 ? -Infinity : Math.sqrt(x(r)))),
  op(75, (r) => (r[0] = f.toInt(x(r)))),
  op(74, (r) => (r[0] = f.toInt(f.scale(x(r), r[2])))),
  op(63, (r) => (r[0] = f.toUint(x(r)))),
  op(62, (r) => (r[0] = f.toUint(f.scale(x(r), r[2])))),
  op(69, (r) => packDouble(r, r[0])),
  op(68, (r) => packDouble(r, f.scale(r[0], -r[1]), true)),
  op(64, (r) => packDouble(r, r[0] >>> 0)),
  op(62, (r) => packDouble(r, f.scale(r[0] >>> 0, -r[1]), true)),
  op(1617, double(Math.cos)),
  op(1618, sineDouble),
  op(1891, double(Math.tan)),
  op(1618, sineDouble),
  op(804, double(Math.exp)),
  op(428, double(logarithm)),
  op(39, (r, core) => compared(r, core, compareDouble(r, false))),
  op(2168, (r) => packDouble(r, number(Math.atan2(x(r), y(r))))),
  op(55, (r) => packDouble(r, Number(unpack64(r, false)))),
  op(56, (r) => packDouble(r, f.scale(Number(unpack64(r, false)), -r[2]), true)),
  op(53, (r) => packDouble(r, Number(unpack64(r, true)))),
  op(53, (r) => packDouble(r, f.scale(Number(unpack64(r, true)), -r[2]), true)),
  op(65, (r) => pack64(r, f.toInt64(x(r)))),
  op(63, (r) => pack64(r, f.toInt64(f.scale(x(r), r[2])))),
  op(53, (r) => pack64(r, f.toUint64(x(r)))),
  op(52, (r) => pack64(r, f.toUint64(f.scale(x(r), r[2])))),
  op(23, (r) => (r[0] = f.pack(x(r)))),
];
