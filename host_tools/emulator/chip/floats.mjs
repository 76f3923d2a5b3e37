// Single precision as the RP2040's boot ROM computes it, on bit patterns in registers. Round to nearest even as in
// IEEE 754, but denormals are zeros (of their sign), NaN is read as infinity and no operation yields NaN; pico-sdk
// puts the NaN back around it. RP2040 datasheet 2.8.3.2. A float operation done in doubles and rounded once more is
// the float operation: 53 >= 2 * 24 + 2 bits. Sine, cosine and their kin are the host library's, not the ROM's CORDIC.

const SMALLEST = 2 ** -126;
const HALF_BELOW = 2 ** -126 - 2 ** -150; // a tie that the ROM's division sends to zero
const f32 = new Float32Array(1);
const i32 = new Int32Array(f32.buffer);

/** The float that the ROM reads from these bits. */
export function unpack(bits) {
  const exponent = (bits >>> 23) & 0xff;
  if (exponent === 0) return bits < 0 ? -0 : 0;
  if (exponent === 255) return bits < 0 ? -Infinity : Infinity;
  i32[0] = bits;
  return f32[0];
}

/** Bits of the nearest float; what is too small becomes a zero of the same sign. */
export function pack(value) {
  f32[0] = value;
  if (Math.abs(f32[0]) < SMALLEST) f32[0] = f32[0] < 0 || Object.is(f32[0], -0) ? -0 : 0;
  return i32[0];
}

/** As `pack`, but the conversions from integers know no negative zero. */
function packInteger(value) {
  return pack(value) === -0x80000000 ? 0 : pack(value);
}

export function add(x, y) {
  const a = unpack(x);
  const b = unpack(y);
  if (a === Infinity || b === Infinity) return pack(Infinity); // also of +inf and -inf
  return pack(a + b);
}

export function subtract(x, y) {
  return add(x, y ^ 0x80000000);
}

export function multiply(x, y) {
  const a = unpack(x);
  const b = unpack(y);
  if (!Number.isFinite(a) || !Number.isFinite(b)) return infinity(x ^ y); // also of zero times infinity
  return pack(a * b);
}

export function divide(x, y) {
  const a = unpack(x);
  const b = unpack(y);
  if (b === 0) return infinity(x ^ y); // also 0 / 0
  if (!Number.isFinite(a)) return infinity(x ^ y); // also inf / inf
  const quotient = a / b;
  return pack(Math.abs(quotient) === HALF_BELOW ? Math.sign(quotient) * 0 : quotient);
}

function infinity(sign) {
  return sign < 0 ? 0xff800000 | 0 : 0x7f800000;
}

export function squareRoot(x) {
  const a = unpack(x);
  return a < 0 ? infinity(-1) : pack(Math.sqrt(a));
}

/** -1, 0 or 1; `exact` compares the bits as they are, without the rules for denormals and NaN. */
export function compare(x, y, exact) {
  const order = (bits) => (bits < 0 ? -(bits & 0x7fffffff) : bits);
  if (exact) return Math.sign(order(x) - order(y)) | 0;
  const a = unpack(x);
  const b = unpack(y);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** value * 2^power without an infinity on the way to a finite result. */
export function scale(value, power) {
  if (value === 0) return value;
  const half = Math.trunc(Math.max(-2200, Math.min(2200, power)) / 2);
  return value * 2 ** half * 2 ** (Math.max(-2200, Math.min(2200, power)) - half);
}

/** Towards minus infinity, clamped: the ROM's conversions to integers. */
export function toInt(value) {
  return Math.max(-0x80000000, Math.min(0x7fffffff, Math.floor(value))) | 0;
}

export function toUint(value) {
  return Math.max(0, Math.min(0xffffffff, Math.floor(value))) | 0;
}

const MIN64 = -(2n ** 63n);
const MAX64 = 2n ** 63n - 1n;
const MAX64U = 2n ** 64n - 1n;

export function toInt64(value) {
  if (!(Math.abs(value) < 2 ** 64)) return value < 0 ? MIN64 : MAX64;
  const whole = BigInt(Math.floor(value));
  return whole < MIN64 ? MIN64 : whole > MAX64 ? MAX64 : whole;
}

export function toUint64(value) {
  if (value <= 0) return 0n;
  return value < 2 ** 64 ? BigInt(Math.floor(value)) : MAX64U;
}

/** Bits of the float nearest to a 64-bit integer: the low bits are folded into one sticky bit, to round only once. */
export function fromInt64(integer, fraction) {
  const magnitude = integer < 0n ? -integer : integer;
  const value =
    magnitude < 2n ** 53n ? Number(magnitude) : Number((magnitude >> 11n) | (magnitude & 2047n ? 1n : 0n)) * 2048;
  return packInteger(scale(integer < 0n ? -value : value, -fraction));
}

export function fromInt(integer, fraction) {
  return packInteger(scale(integer, -fraction));
}
