// PIO against the cycle counts of the RP2040 datasheet, chapter 3. Pins change one cycle after the instruction.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Bench, irq, jmp, mov, NOP, out, PIO0, PIO1, pull, push, set, shiftIn, wait } from './pin_bench.mjs';
import { Loop } from '../pio_loop.mjs';

const TXF0 = PIO0 + 0x10;
const RXF0 = PIO0 + 0x20;
const FDEBUG = PIO0 + 0x08;
const FSTAT = PIO0 + 0x04;
const FLEVEL = PIO0 + 0x0c;
const IRQ = PIO0 + 0x30;
const SM0 = PIO0 + 0xc8;
const ADDR = SM0 + 0x0c;
const INSTR = SM0 + 0x10;

const setPin = (gpio) => (1 << 26) | (gpio << 5);
const outPins = (gpio, count) => (count << 20) | gpio;
const inPin = (gpio) => gpio << 15;
const sidePins = (gpio, bits) => (bits << 29) | (gpio << 10);
const RIGHT = 0xc0000;
const AUTOPULL = 1 << 17;
const AUTOPUSH = 1 << 16;
const pullAt = (bits) => (bits & 31) << 25;
const pushAt = (bits) => (bits & 31) << 20;

function bench(...gpios) {
  const b = new Bench();
  b.give(6, ...gpios);
  b.watch(...gpios);
  b.to(100);
  return b;
}

const cycles = (b) => b.end().edges.map(([cycle]) => cycle);
const steps = (times) => times.slice(1).map((time, i) => time - times[i]);

test('a square wave of 10 us is exact at a divider of 125', () => {
  const b = bench(2);
  // five ticks of 125 cycles for each level: 625 cycles, 5 us
  b.program(PIO0, 0, [set(0, 1, 4), set(0, 0, 4)], { divider: 125 << 16, pin: setPin(2), outputs: 4 });
  b.to(100 + 125 * 101 + 1);
  assert.deepEqual(steps(cycles(b)), Array(20).fill(625));
});

test('a divider of 2.5 makes ticks of 2 and 3 cycles, and a divider of 31.25 loses nothing', () => {
  const b = bench(2);
  b.program(PIO0, 0, [set(0, 1), set(0, 0)], { divider: (2 << 16) | (128 << 8), pin: setPin(2), outputs: 4 });
  b.to(100 + 1000);
  const ticks = cycles(b);
  // 3.5.5: the fraction is accumulated; tick n is at floor(2.5 n)
  assert.deepEqual(ticks.slice(0, 5), [103, 106, 108, 111, 113]);
  const c = bench(2);
  c.program(PIO0, 0, [set(0, 1), set(0, 0)], { divider: (31 << 16) | (64 << 8), pin: setPin(2), outputs: 4 });
  c.to(100 + 125 * 1000 + 1);
  const times = cycles(c);
  assert.equal(times.length, 4000, '4 MHz for 1 ms');
  assert.equal(times[3996] - times[0], 3996 * 31.25);
});

test('INT 0 divides by 65,536', () => {
  const b = bench(2);
  b.program(PIO0, 0, [set(0, 1), set(0, 0)], { divider: 0xff00, pin: setPin(2), outputs: 4 });
  b.to(100 + 65536 * 4 + 10);
  assert.deepEqual(steps(cycles(b)), [65536, 65536, 65536]);
});

test('delay, side-set and its enable bit share five bits, and side-set wins over SET', () => {
  const b = bench(2, 3);
  // side-set of one pin with enable: bit 4 enables, bit 3 is the value, three bits of delay are left
  const words = [set(0, 1, 0b10_000 | 2), NOP | (0b11_001 << 8), NOP | (7 << 8)];
  b.program(PIO0, 0, words, { pin: sidePins(3, 2) | setPin(2), exec: 1 << 30, outputs: 0xc });
  b.to(140);
  // 101 + 1: both set (side 0); three ticks later side 1 for 2 ticks; NOP [7] without side-set: 8 ticks. 13 a turn
  const expected = [[102, 2, 1], [105, 3, 1], [115, 3, 0], [118, 3, 1], [128, 3, 0], [131, 3, 1]];
  assert.deepEqual(b.end().edges, expected);
  const c = bench(2);
  c.program(PIO0, 0, [set(0, 1), jmp(1)], { pin: sidePins(2, 1) | setPin(2), outputs: 4 });
  c.to(140);
  assert.deepEqual(c.end().edges, [], 'SET writes 1, the side-set of the same cycle 0');
});

test('an input goes through two flip-flops unless it is bypassed', () => {
  for (const [bypass, seen] of [[0, 202], [32, 200]]) {
    const b = bench(2);
    b.write(PIO0 + 0x38, bypass);
    b.program(PIO0, 0, [wait(1, 0, 5), set(0, 1), jmp(2)], { pin: setPin(2), outputs: 4 });
    b.start({ pins: [[200 * 8, 5, 1]] });
    b.to(300);
    // WAIT ends in the cycle that sees it, SET is the next one, and the pin changes at that one's end
    assert.deepEqual(cycles(b), [seen + 2]);
  }
});

test('an output is seen by its own program three cycles later', () => {
  const b = bench(2);
  const words = [set(0, 1), shiftIn(0, 1), shiftIn(0, 1), shiftIn(0, 1), push(0, 1), jmp(5)];
  b.program(PIO0, 0, words, { pin: setPin(2) | inPin(2), shift: 0, outputs: 4 });
  b.to(120);
  assert.equal(b.read(RXF0), 0b001); // shifted to the left: not, not, seen
});

test('OUT and IN shift either way, MOV inverts and reverses', () => {
  const b = bench();
  const words = [pull(0, 1), out(1, 8), mov(6, 1, 1), push(0, 1), out(2, 4), mov(6, 2, 2), push(0, 1), jmp(7)];
  b.program(PIO0, 0, words, { shift: RIGHT });
  b.write(TXF0, 0x12345678);
  b.to(200);
  assert.equal(b.read(RXF0), 0xffffff87, '~0x78');
  assert.equal(b.read(RXF0), 0x60000000, '0x6 reversed');
  const c = bench();
  const left = [pull(0, 1), out(1, 8), shiftIn(1, 8), out(1, 4), shiftIn(1, 4), push(0, 1), jmp(6)];
  c.program(PIO0, 0, left, { shift: 0 });
  c.write(TXF0, 0x12345678);
  c.to(200);
  assert.equal(c.read(RXF0), 0x123);
});

test('JMP has eight conditions', () => {
  // each condition that holds adds its bit to ISR through IN X, 1 after SET X
  const cases = [
    [[set(1, 0)], 1, true], [[set(1, 3)], 1, false],
    [[set(1, 2)], 2, true], [[set(1, 0)], 2, false],
    [[set(2, 0)], 3, true], [[set(2, 1)], 3, false],
    [[set(2, 1)], 4, true], [[set(2, 0)], 4, false],
    [[set(1, 1), set(2, 2)], 5, true], [[set(1, 1), set(2, 1)], 5, false],
    [[], 6, true], [[], 7, false],
  ];
  for (const [before, condition, taken] of cases) {
    const b = bench();
    b.gpio.drive(9, 'test', 1);
    b.to(110);
    const at = before.length;
    const words = [...before, jmp(at + 2, condition), jmp(at + 3), irq(0, 0, 1), jmp(at + 3)];
    b.program(PIO0, 0, words, { exec: 9 << 24 });
    b.to(200);
    assert.equal(b.read(IRQ) & 2, taken ? 2 : 0, `condition ${condition} after ${before}`);
  }
});

test('a blocking PULL stalls until the cycle after the write, and a non-blocking one takes X', () => {
  const b = bench(2);
  b.program(PIO0, 0, [pull(0, 1), out(0, 1)], { pin: outPins(2, 1), outputs: 4 });
  b.to(200);
  b.write(TXF0, 1);
  b.to(300);
  assert.deepEqual(cycles(b), [203]); // PULL in 201, OUT in 202
  assert.equal(b.read(FDEBUG) & (1 << 24), 1 << 24, 'it has stalled');
  const c = bench(2);
  c.program(PIO0, 0, [set(1, 1), pull(0, 0), out(0, 1), jmp(3)], { pin: outPins(2, 1), outputs: 4 });
  c.to(200);
  assert.deepEqual(cycles(c), [104]);
  assert.equal(c.read(FDEBUG), 0, 'PULL NOBLOCK is no stall');
});

test('autopull refills in the cycle of the last OUT, but an empty OSR costs a cycle', () => {
  const b = bench(2);
  b.program(PIO0, 0, [out(0, 1)], { pin: outPins(2, 1), shift: RIGHT | AUTOPULL | pullAt(4), outputs: 4 });
  b.to(200);
  b.write(TXF0, 0b0101); // 201 fills the OSR; the bits are out in 202 to 205
  b.write(TXF0, 0b0101); // filled in 205: the next bits follow at once
  b.to(300);
  assert.deepEqual(cycles(b), [203, 204, 205, 206, 207, 208, 209, 210]);
});

test('a word that comes during a delay is in the OSR before the next OUT', () => {
  const b = bench(2);
  const words = [NOP | (31 << 8), out(0, 1), jmp(2)];
  b.program(PIO0, 0, words, { pin: outPins(2, 1), shift: RIGHT | AUTOPULL | pullAt(8), outputs: 4 });
  b.to(110);
  b.write(TXF0, 1);
  b.to(200);
  assert.deepEqual(cycles(b), [134]); // NOP [31] is 101 to 132; OUT in 133 does not stall
});

test('autopush pushes at its threshold and stalls on a full FIFO without losing a bit', () => {
  const b = bench();
  b.program(PIO0, 0, [set(1, 5), shiftIn(1, 4), jmp(1, 2), jmp(3)], { shift: AUTOPUSH | pushAt(8) });
  b.to(200);
  // X = 5, 4, 3, 2, 1, 0 and then the jump falls through: three bytes
  assert.equal(b.read(FLEVEL), 3 << 4);
  assert.deepEqual([b.read(RXF0), b.read(RXF0), b.read(RXF0)], [0x54, 0x32, 0x10]);
  const c = bench();
  c.program(PIO0, 0, [shiftIn(1, 8), jmp(0, 2)], { shift: AUTOPUSH | pushAt(8) });
  c.write(INSTR, set(1, 9)); // X is 0 or below by now; from here on it counts down from 9
  c.to(200);
  assert.equal(c.read(FSTAT) & 1, 1, 'full');
  assert.equal(c.read(FDEBUG) & 1, 1, 'RXSTALL');
  const seen = [];
  for (let i = 0; i < 6; i++) {
    seen.push(c.read(RXF0));
    c.to(210 + 10 * i);
  }
  assert.deepEqual(seen.map((x, i) => (seen[0] - x) & 0xff), [0, 1, 2, 3, 4, 5]);
});

test('a full FIFO drops words of PUSH NOBLOCK and of the processor, and both are noted', () => {
  const b = bench();
  b.program(PIO0, 0, [push(0, 0), jmp(0)]);
  b.to(200);
  assert.equal(b.read(FDEBUG), 1);
  b.write(PIO0, 0);
  b.write(FDEBUG, 1);
  assert.equal(b.read(FDEBUG), 0, 'cleared by writing 1');
  for (let i = 0; i < 5; i++) {
    b.write(TXF0, i);
  }
  assert.equal(b.read(FDEBUG), 1 << 16, 'TXOVER');
  [0, 1, 2, 3].forEach(() => b.read(RXF0));
  assert.equal(b.read(RXF0), 0);
  assert.equal(b.read(FDEBUG), (1 << 16) | (1 << 8), 'RXUNDER');
});

test('a stall flag that is cleared comes back while the machine still stalls', () => {
  const b = bench();
  b.program(PIO0, 0, [pull(0, 1)]);
  b.to(200);
  b.write(FDEBUG, 1 << 24);
  assert.equal(b.read(FDEBUG), 0);
  b.to(210);
  assert.equal(b.read(FDEBUG), 1 << 24);
});

test('joined FIFOs hold eight words, and changing the join empties them', () => {
  const b = bench();
  b.program(PIO0, 0, [jmp(0)], { shift: 0x400c0000 });
  for (let i = 0; i < 8; i++) {
    b.write(TXF0, i);
  }
  assert.equal(b.read(FLEVEL) & 0xf, 8);
  assert.equal(b.read(FSTAT) & (1 << 16), 1 << 16, 'full');
  b.write(SM0 + 8, 0x800c0000);
  assert.equal(b.read(FLEVEL) & 0xff, 0);
  b.write(TXF0, 1);
  assert.equal(b.read(FDEBUG) & (1 << 16), 1 << 16, 'joined to RX there is no TX FIFO');
});

test('STATUS is all ones while a FIFO holds less than N words', () => {
  const b = bench(2);
  const words = [mov(0, 5)];
  b.program(PIO0, 0, words, { pin: outPins(2, 1), exec: 2, outputs: 4 });
  b.to(200);
  b.write(TXF0, 0); // one word: still less than 2
  b.to(300);
  b.write(TXF0, 0);
  b.to(400);
  assert.deepEqual(b.end().edges, [[102, 2, 1], [302, 2, 0]]);
});

test('flags pass between machines a cycle later, WAIT clears them, IRQ WAIT waits for that', () => {
  const b = bench(2, 3);
  // machine 0: raise flag 4 at tick 10, wait, then pin 2; machine 1: wait for it, three ticks, pin 3
  const words = [NOP | (8 << 8), irq(0, 1, 4), set(0, 1), jmp(3), wait(1, 2, 4, 0), set(0, 1), jmp(6)];
  b.program(PIO0, 1, words, { pin: setPin(3), outputs: 8 });
  b.write(SM0 + 0x18 + 0x10, jmp(4));
  b.program(PIO0, 0, words, { pin: setPin(2), outputs: 4 });
  b.to(200);
  // IRQ in 110; WAIT ends in 111 and clears; IRQ WAIT ends in 112; pins one instruction and one cycle later
  assert.deepEqual(b.end().edges, [[113, 3, 1], [114, 2, 1]]);
  assert.equal(b.read(IRQ), 0);
});

test('relative flags add the number of the machine modulo 4', () => {
  const b = bench();
  b.program(PIO0, 3, [irq(0, 0, 0x12), jmp(1)]);
  b.to(200);
  assert.equal(b.read(IRQ), 1 << 1); // (2 + 3) mod 4
  b.write(IRQ, 2);
  assert.equal(b.read(IRQ), 0);
  b.write(PIO0 + 0x34, 0x80);
  assert.equal(b.read(IRQ), 0x80);
});

test('the processor is interrupted by flags and FIFO levels within a microsecond', () => {
  const b = bench();
  b.write(PIO0 + 0x12c, (1 << 8) | 1); // IRQ0: flag 0, RX of machine 0
  b.write(PIO0 + 0x138, 1 << 4); // IRQ1: TX of machine 0 not full
  b.program(PIO0, 0, [NOP | (31 << 8), irq(0, 0, 0), NOP | (31 << 8), push(0, 1), jmp(4)]);
  b.to(400);
  const [tx, first] = b.interrupts;
  assert.deepEqual(tx.slice(1), [8, true]);
  assert.deepEqual(first.slice(1), [7, true]);
  assert.ok(first[0] >= 133 && first[0] <= 133 + 125, `flag in cycle 133, interrupt in ${first[0]}`);
  b.write(IRQ, 1);
  assert.equal(b.levels.get(7), true, 'the word is still there');
  b.read(RXF0);
  assert.equal(b.levels.get(7), false);
  assert.equal(b.read(PIO0 + 0x128), 0xf0, 'raw: room in all TX FIFOs');
});

test('SMx_INSTR is executed at once, enabled or not, and only a jump moves the program counter', () => {
  const b = bench(2);
  b.program(PIO0, 0, [pull(0, 1), set(0, 0)], { pin: setPin(2), outputs: 4 });
  b.to(200);
  b.write(INSTR, set(0, 1));
  assert.equal(b.read(ADDR), 0, 'it still stalls at the PULL');
  b.to(210);
  b.write(INSTR, jmp(1)); // SET in 211
  b.to(220);
  assert.deepEqual(b.end().edges, [[201, 2, 1], [212, 2, 0]]);
  b.write(PIO0, 0);
  b.write(INSTR, pull(0, 1));
  assert.equal(b.read(SM0 + 4) >>> 31, 1, 'EXEC_STALLED');
  b.write(TXF0, 5);
  b.to(230);
  assert.equal(b.read(SM0 + 4) >>> 31, 0);
  assert.equal(b.read(FLEVEL), 0);
});

test('OUT EXEC executes in the next cycle; its own delay is void, the executed one has one', () => {
  const b = bench(2);
  b.write(TXF0, 0);
  const words = [pull(0, 1), out(7, 16, 9), set(0, 0), jmp(3)];
  b.program(PIO0, 0, words, { pin: setPin(2), shift: RIGHT, outputs: 4 });
  b.write(TXF0, set(0, 1, 3));
  b.to(200);
  // PULL 101 takes the first word, a 0: JMP 0 is executed in 103. PULL 104, OUT 105, SET [3] 106 to 109, SET 110
  assert.deepEqual(b.end().edges, [[107, 2, 1], [111, 2, 0]]);
});

test('a restart ends stall, delay and counters, and leaves PC, X, Y and OSR', () => {
  const b = bench(2);
  b.program(PIO0, 0, [set(1, 7), wait(1, 0, 5), jmp(2)], { pin: setPin(2), outputs: 4 });
  b.to(200);
  b.write(PIO0, 0x11);
  assert.equal(b.read(ADDR), 1);
  b.to(210);
  b.write(INSTR, mov(6, 1));
  b.write(INSTR, push(0, 0));
  assert.equal(b.read(RXF0), 7);
});

test('machines whose dividers are restarted together run in step', () => {
  const b = bench(2, 3);
  const words = [set(0, 1), set(0, 0)];
  b.program(PIO0, 0, words, { divider: 7 << 16, pin: setPin(2), outputs: 4 });
  b.to(153);
  b.program(PIO0, 1, words, { divider: 7 << 16, pin: setPin(3), outputs: 8 });
  b.to(203);
  b.write(PIO0, 0x303); // CLKDIV_RESTART and SM_ENABLE of both: phase 0 is cycle 203
  b.write(INSTR, jmp(0));
  b.write(INSTR + 0x18, jmp(0));
  b.end();
  b.to(300);
  const { edges } = b.end();
  const of = (pin) => edges.filter((edge) => edge[1] === pin && edge[0] > 220).map((edge) => edge[0]);
  assert.deepEqual(of(2), of(3));
  assert.ok(of(2).length > 8);
  assert.deepEqual(of(2).map((time) => (time - 1 - 203) % 7), of(2).map(() => 0));
});

test('of two machines that write a pin in one cycle the higher number wins', () => {
  const b = bench(2);
  b.program(PIO0, 1, [set(0, 0)], { pin: setPin(2), outputs: 4 });
  b.program(PIO0, 0, [set(0, 1)], { pin: setPin(2), wrapBottom: 0 });
  b.write(PIO0 + 0x48, set(0, 1)); // both run the same word, so machine 1 gets its 0 by side-set
  b.write(SM0 + 0x18 + 0x14, sidePins(2, 1));
  b.to(200);
  assert.equal(b.gpio.level(2), 0);
});

test('disabled machines keep their place in a delay', () => {
  const b = bench(2);
  b.program(PIO0, 0, [NOP | (31 << 8), set(0, 1), jmp(2)], { pin: setPin(2), outputs: 4 });
  b.to(110);
  b.write(PIO0, 0); // ticks 101 to 110 are done, 22 of the delay's are left
  b.to(500);
  b.write(PIO0, 1);
  b.to(600);
  assert.deepEqual(cycles(b), [500 + 22 + 2]);
});

test('a pulse bank plays 100 us in 12,500 cycles, and its queue takes over from a holding word', () => {
  // ports/rp2_valves.py: 4 MHz; a fixed word lasts 12 ticks and 4 for each count
  const bank = [
    set(1, 0), pull(0, 0, 2), out(0, 8), out(1, 1), out(2, 16), jmp(10, 1),
    mov(1, 5), jmp(0, 1), jmp(6, 4, 1), jmp(0), jmp(10, 4, 3),
  ];
  const config = { divider: (31 << 16) | (64 << 8), outputs: 0x300, pin: outPins(8, 8), exec: 1, shift: 0x40080000 };
  const b = bench(8, 9);
  b.program(PIO0, 1, bank, config);
  b.to(125000);
  b.write(TXF0 + 4, 1 | ((100 - 3) << 9));
  b.to(250000);
  const [opens, closes] = cycles(b);
  assert.equal(closes - opens, 12500);
  assert.ok(opens - 125000 <= 2 * 375, 'an idle bank looks at its queue every 3 us');
  b.write(TXF0 + 4, 2 | 0x100 | ((12000 - 3) << 9)); // hold valve 1
  b.to(250000 + 625000);
  b.write(TXF0 + 4, 1 | ((7 - 3) << 9)); // after 5 ms: valve 0 for 7 us
  b.to(2500000);
  const { edges } = b.end();
  assert.deepEqual(edges.map(([, gpio, level]) => [gpio, level]), [[9, 1], [8, 1], [9, 0], [8, 0]]);
  assert.equal(edges[3][0] - edges[1][0], 875, '7 us');
  assert.ok(edges[1][0] - (250000 + 625000) < 125 + 2 * 375, 'a hold looks at its queue every microsecond');
});

test('a bank at rest costs nothing and an hour is played in an instant', () => {
  const b = bench(8);
  b.program(PIO0, 0, [set(1, 0), pull(0, 0, 2), out(0, 8), jmp(4, 4), jmp(0)], { pin: outPins(8, 8), outputs: 0x100 });
  b.to(1e6);
  const before = process.cpuUsage().user;
  b.to(125e6 * 3600);
  b.write(TXF0, 1);
  b.to(125e6 * 3600 + 1000);
  assert.equal(b.end().edges.length >= 1, true);
  assert.ok(process.cpuUsage().user - before < 100e3, 'less than 0.1 s');
});

/** A small generator of numbers, the same at every run. */
function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Random programs on random machines, prodded at random times: everything that can be seen. */
function story(seed) {
  const next = random(seed);
  const b = bench(0, 1, 2, 3, 4, 5);
  const words = Array.from({ length: 32 }, () => {
    const kind = next(12);
    const field = next(3) ? 0 : next(32);
    if (kind < 4) {
      return jmp(next(8), next(8), field);
    }
    return [
      () => wait(next(2), next(3), next(8), field), () => shiftIn(next(8), next(32), field),
      () => out(next(7), next(32), field), () => push(next(2), next(2), field), () => pull(next(2), next(2), field),
      () => mov(next(7), next(8), next(3), field), () => irq(next(2), next(2), next(32), field),
      () => set(next(5), next(32), field),
    ][kind - 4]();
  }).slice(0, 8);
  [PIO0, PIO1].forEach((block) => {
    for (let sm = 0; sm < 2; sm++) {
      b.program(block, sm, words, {
        divider: (1 + next(4)) << 16 | (next(2) ? next(256) << 8 : 0),
        exec: next(16) | (next(8) << 24),
        shift: (next(4) << 30) | pullAt(next(32)) | pushAt(next(32)) | (next(16) << 16),
        pin: outPins(next(4), next(4)) | setPin(next(6)) | inPin(next(8)) | sidePins(next(5), next(2)),
        outputs: 0x3f,
      });
    }
  });
  const seen = [];
  for (let i = 0; i < 40; i++) {
    b.to(b.core.cycles + 1 + next(2000));
    const block = next(2) ? PIO0 : PIO1;
    [
      () => b.write(block + 0x10 + 4 * next(2), next(2 ** 20)),
      () => seen.push(b.read(block + 0x20 + 4 * next(2))),
      () => b.gpio.drive(6 + next(2), 'test', next(2)),
      () => b.write(block + 0x30, 1 << next(8)),
      () => b.write(block + 0x34, 1 << next(8)),
      () => seen.push(b.read(block + 0xd4 + 0x18 * next(2)), b.read(block + 8), b.read(block + 0xc)),
      () => b.write(block + (next(2) ? 8 : 0x38), next(2) ? 0xffffffff : 0),
      () => b.write(block + 0xd8 + 0x18 * next(2), jmp(next(8), next(8))),
    ][next(8)]();
    seen.push(...b.end().edges.flat());
  }
  seen.push(...[PIO0, PIO1].flatMap((block) => b.mcu.peripherals[block >>> 12].machines).flatMap((m) => {
    m.settle(b.core.cycles);
    return [m.pc, m.x | 0, m.y | 0, m.isr | 0, m.osr | 0, m.isrCount, m.osrCount];
  }));
  return seen;
}

test('fast-forwarded loops give what plain stepping gives, in 400 random programs', (t) => {
  let parked = 0;
  const { closes } = Loop.prototype;
  for (let seed = 1; seed <= 400; seed++) {
    Loop.prototype.closes = () => false;
    const plain = story(seed);
    Loop.prototype.closes = function (m, head) {
      const result = closes.call(this, m, head);
      parked += result ? 1 : 0;
      return result;
    };
    const fast = story(seed);
    Loop.prototype.closes = closes;
    assert.deepEqual(fast, plain, `seed ${seed}`);
  }
  t.diagnostic(`${parked} loops were fast-forwarded`);
  assert.ok(parked > 1000);
});
