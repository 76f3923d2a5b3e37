// Wires, pads and pin interrupts: RP2040 datasheet 2.19.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Bench, IO, jmp, PADS, PIO0, set, SIO } from './pin_bench.mjs';

const [GPIO_IN, GPIO_OUT, OUT_SET, OUT_CLR, OUT_XOR] = [4, 0x10, 0x14, 0x18, 0x1c].map((x) => SIO + x);
const [OE_SET, OE_CLR] = [SIO + 0x24, SIO + 0x28];
const ctrl = (gpio) => IO + 8 * gpio + 4;
const pad = (gpio) => PADS + 4 + 4 * gpio;
const [PULL_DOWN, PULL_UP, NO_PULL, KEEPER] = [0x56, 0x5a, 0x52, 0x5e];
const INTR0 = IO + 0xf0;
const INTE0 = IO + 0x100;
const INTF0 = IO + 0x110;
const INTS0 = IO + 0x120;

function bench(...gpios) {
  const b = new Bench();
  b.give(5, ...gpios);
  b.watch(...gpios);
  b.to(100);
  return b;
}

const input = (b, gpio) => (b.read(GPIO_IN) >>> gpio) & 1;

test('an output reads back, with its edges at their cycles', () => {
  const b = bench(3);
  b.write(OE_SET, 8);
  b.to(110);
  b.write(OUT_SET, 8);
  assert.equal(input(b, 3), 1);
  b.to(120);
  b.write(OUT_XOR, 8);
  assert.equal(input(b, 3), 0);
  b.write(GPIO_OUT, 8);
  b.to(130);
  b.write(OUT_CLR, 8);
  assert.deepEqual(b.end().edges, [[110, 3, 1], [130, 3, 0]], 'the two of cycle 120 are no pulse');
});

test('a pin that nobody drives has the level of its pull, else its last one', () => {
  const b = bench(3);
  assert.equal(input(b, 3), 0, 'pads reset to pull-down');
  b.write(pad(3), PULL_UP);
  assert.equal(input(b, 3), 1);
  b.write(pad(3), NO_PULL);
  assert.equal(input(b, 3), 1);
  b.write(OE_SET, 8);
  b.write(OE_CLR, 8);
  assert.equal(input(b, 3), 0, 'charged by the output');
  b.write(pad(3), KEEPER);
  b.gpio.drive(3, 'test', 1);
  b.gpio.drive(3, 'test', null);
  assert.equal(input(b, 3), 1, 'both pulls are a bus keeper');
});

test('several drivers are wired-AND', () => {
  const b = bench(3);
  b.write(pad(3), PULL_UP);
  b.gpio.drive(3, 'one', 0);
  b.gpio.drive(3, 'two', 0);
  assert.equal(b.gpio.level(3), 0);
  b.gpio.drive(3, 'one', null);
  assert.equal(b.gpio.level(3), 0);
  b.gpio.drive(3, 'two', 1);
  b.write(OE_SET, 8);
  assert.equal(b.gpio.level(3), 0, 'the chip pulls low');
  b.write(OE_CLR, 8);
  assert.equal(b.gpio.level(3), 1);
});

test('a part may answer an edge with its own pin in the same instant', () => {
  const b = bench(3, 4);
  const heard = [];
  b.gpio.onLevel(3, (level, ns) => {
    heard.push([ns / 8, level]);
    b.gpio.drive(4, 'part', level);
  });
  b.write(OE_SET, 8);
  b.to(200);
  b.write(OUT_SET, 8);
  assert.equal(input(b, 4), 1);
  assert.deepEqual(heard, [[200, 1]]);
  assert.deepEqual(b.end().edges, [[200, 3, 1], [200, 4, 1]]);
});

test('input enable, output disable and the overrides', () => {
  const b = bench(3);
  b.gpio.drive(3, 'test', 1);
  b.write(pad(3), PULL_DOWN & ~0x40);
  assert.equal(input(b, 3), 0, 'no input enable');
  b.write(pad(3), PULL_DOWN);
  b.write(ctrl(3), 5 | (1 << 16));
  assert.equal(input(b, 3), 0, 'INOVER inverts');
  b.gpio.drive(3, 'test', null);
  b.write(ctrl(3), 5 | (3 << 8) | (3 << 12));
  assert.equal(b.gpio.level(3), 1, 'OUTOVER high, OEOVER on');
  assert.equal(b.read(IO + 24), (1 << 9) | (1 << 13) | (1 << 17) | (1 << 19), 'STATUS');
  b.write(pad(3), PULL_DOWN | 0x80);
  assert.equal(b.gpio.level(3), 0, 'output disable');
});

test('edges are latched until they are cleared, levels are not', () => {
  const b = bench(3);
  b.write(INTR0, 0xf << 12);
  b.gpio.drive(3, 'test', 1);
  assert.equal(b.read(INTR0) >>> 12 & 0xf, 0b1010, 'edge and level high');
  b.gpio.drive(3, 'test', 0);
  assert.equal(b.read(INTR0) >>> 12 & 0xf, 0b1101);
  b.write(INTR0, 0xf << 12);
  assert.equal(b.read(INTR0) >>> 12 & 0xf, 0b0001);
  b.write(INTE0, 0b1000 << 12);
  assert.equal(b.levels.get(13) ?? false, false);
  b.gpio.drive(3, 'test', 1);
  assert.equal(b.levels.get(13), true);
  assert.equal(b.read(INTS0), 0b1000 << 12);
  b.write(INTR0 + 0x2000, 0b1000 << 12); // the set alias: still write 1 to clear
  assert.equal(b.levels.get(13), false);
  b.write(INTE0, 0b0010 << 12);
  assert.equal(b.levels.get(13), true, 'level high');
  b.gpio.drive(3, 'test', 0);
  assert.equal(b.levels.get(13), false);
  b.write(INTF0, 1);
  assert.equal(b.levels.get(13), true, 'forced');
});

test('the protocol\'s pins play at their times, and interrupt in time', () => {
  const b = bench(3, 4);
  b.write(INTE0, 0b1100 << 12);
  b.start({ pins: [[8000, 3, 1], [8024, 4, 1], [16000, 3, 0], [24000, 3, null]] });
  b.to(1001);
  assert.deepEqual(b.interrupts, [[1000, 13, true]]);
  b.to(4000);
  assert.deepEqual(b.end().edges, [[1000, 3, 1], [1003, 4, 1], [2000, 3, 0]]);
});

test('a hardware UART holds its TX high, SPI its clock low, I2C lets go', () => {
  const b = bench(0, 1, 2);
  b.write(ctrl(0), 2);
  assert.equal(b.gpio.level(0), 1);
  b.write(ctrl(0), 1);
  assert.equal(b.gpio.level(0), 0, 'SPI RX is an input');
  b.write(ctrl(1), 1);
  assert.equal(b.gpio.level(1), 1, 'CSn');
  b.write(pad(2), PULL_UP);
  b.write(ctrl(2), 1);
  assert.equal(b.gpio.level(2), 0, 'SCK');
  b.write(ctrl(2), 3);
  assert.equal(b.gpio.level(2), 1, 'SDA');
  b.gpio.setPeripheral(2, { value: 0, enable: 1 });
  assert.equal(b.gpio.level(2), 0);
  b.gpio.setPeripheral(2, null);
  assert.equal(b.gpio.level(2), 1);
});

test('PWM drives its pins, and a change of function changes the driver', () => {
  const b = bench(4);
  b.write(ctrl(4), 4);
  const PWM2 = 0x40050000 + 2 * 0x14;
  b.write(PWM2 + 0x10, 99); // TOP: 100 cycles a period
  b.write(PWM2 + 0x0c, 25);
  b.write(PWM2, 1);
  b.to(100 + 1000);
  const { edges } = b.end();
  const rising = edges.filter(([, , level]) => level).map(([cycle]) => cycle);
  const falling = edges.filter(([, , level]) => !level).map(([cycle]) => cycle);
  assert.ok(rising.length >= 8);
  assert.ok(rising.slice(1).every((cycle, i) => cycle - rising[i] === 100));
  assert.ok(rising.slice(0, 7).every((cycle, i) => falling.find((fall) => fall > cycle) - cycle === 25));
  b.write(ctrl(4), 5);
  assert.equal(b.gpio.level(4), 0);
});

test('a reset of the chip lets go of its pins; drivers from outside stay', () => {
  const b = bench(3, 4);
  b.write(OE_SET, 8);
  b.write(OUT_SET, 8);
  b.gpio.drive(4, 'test', 1);
  b.to(200);
  b.atReset.forEach((before) => before());
  const { edges } = b.end();
  b.build();
  assert.deepEqual(edges, [[100, 3, 1], [100, 4, 1]]);
  assert.equal(b.gpio.level(3), 0);
  assert.equal(b.gpio.level(4), 1);
  assert.deepEqual(b.end().edges, [[200, 3, 0]]);
});

test('outputs of PIO are reported at their own time, however late they are computed', () => {
  const b = bench(3);
  b.give(6, 3);
  const words = [set(0, 1, 9), set(0, 0, 9), jmp(0)];
  b.program(PIO0, 0, words, { pin: (1 << 26) | (3 << 5), outputs: 8 });
  b.to(5000);
  b.write(ctrl(3), 5); // SIO takes the pin: low
  const { edges } = b.end();
  assert.deepEqual(edges.slice(0, 4), [[102, 3, 1], [112, 3, 0], [123, 3, 1], [133, 3, 0]]);
  assert.ok(edges.at(-1)[0] <= 5000 && edges.at(-1)[0] > 4970);
});
