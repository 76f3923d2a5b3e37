// Lines on pins: a PIO UART of eight ticks a bit, as ports/rp2_uart.py has it, and the hand-over to a hardware UART.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Bench, DMA, IO, jmp, out, PIO0, pull, push, set, shiftIn, SRAM, wait } from './pin_bench.mjs';

const BAUD = 460800;
const BIT_NS = 1e9 / BAUD;
const TXF1 = PIO0 + 0x14;
const RXF0 = PIO0 + 0x20;
const DIVIDER = Math.floor((125e6 * 256) / (8 * BAUD)) << 8;

// 0 to 11 receive, 12 to 17 send; each machine wraps in its own part
const RECEIVER = [
  wait(1, 1, 0), wait(0, 1, 0, 4), set(2, 7), 0xa042 | (5 << 8), shiftIn(0, 1), jmp(3, 4),
  shiftIn(3, 24, 3), jmp(9, 6), jmp(0), push(0, 0),
];
const SENDER = [pull(0, 1), set(0, 0, 6), set(1, 7), out(0, 1, 6), jmp(13, 2), set(0, 1, 6)];
const PROGRAM = [...RECEIVER, ...SENDER];

/** A chip with a PIO UART, tx on GPIO 6, rx on GPIO 7, whose receiver fills a ring of 64 kB by DMA. */
function pioUart() {
  const b = new Bench();
  b.give(6, 6);
  b.to(100);
  b.program(PIO0, 1, PROGRAM, {
    divider: DIVIDER, wrapBottom: 10, wrapTop: 15, outputs: 1 << 6,
    pin: (1 << 26) | (6 << 5) | (1 << 20) | 6, shift: 0x400c0000,
  });
  b.write(PIO0 + 0xe0 + 0x10, jmp(10));
  b.write(PIO0 + 0xe0 + 0x10, set(0, 1));
  const receiver = { wrapBottom: 1, wrapTop: 9, pin: 7 << 15, exec: 7 << 24, shift: 0x800c0000 };
  b.program(PIO0, 0, PROGRAM, { divider: DIVIDER, ...receiver });
  b.write(DMA + 0, RXF0);
  b.write(DMA + 4, SRAM);
  b.write(DMA + 8, 0xffffffff);
  b.write(DMA + 12, 1 | (1 << 5) | (4 << 15)); // bytes, write address goes up, PIO0_RX0
  b.plugged.serial.set('line', { name: 'line', tx: 6, rx: 7, baudrate: BAUD });
  b.atPlug.forEach((plug) => plug());
  b.to(20000);
  return b;
}

function noise(count) {
  let state = 1;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 16;
  });
}

test('ten kilobytes go into a PIO UART at 460,800 baud without loss', () => {
  const b = pioUart();
  const sent = noise(10240);
  b.start({ serial: { line: [[b.clock.nanos + 1000, sent]] } });
  b.to(b.core.cycles + Math.ceil((10240 * 10 * BIT_NS) / 8) + 1000);
  assert.equal(b.read(DMA + 4) - SRAM, 10240);
  assert.deepEqual(b.mcu.sram.slice(0, 10240), sent);
});

test('ten kilobytes come out of a PIO UART, each at the end of its stop bit', () => {
  const b = pioUart();
  const sent = noise(10240);
  b.mcu.sram.set(sent, 0x10000);
  const start = b.core.cycles;
  b.write(DMA + 0x40, SRAM + 0x10000);
  b.write(DMA + 0x44, TXF1);
  b.write(DMA + 0x48, sent.length);
  b.write(DMA + 0x4c, 1 | (1 << 4) | (1 << 11) | (1 << 15)); // bytes, read address goes up, PIO0_TX1
  b.to(start + Math.ceil((10245 * 10 * BIT_NS) / 8));
  const { serial } = b.end();
  assert.deepEqual(Uint8Array.from(serial.line, ([, byte]) => byte), sent);
  const ends = serial.line.map(([ns]) => ns);
  // the sender's bit is 8 ticks of a divider cut to 1/256: less than 0.02 % off the line's
  const exact = ends.every((ns, i) => Math.abs(ns - ends[0] - i * 10 * BIT_NS) < 1e-3 * (i + 1) * 10 * BIT_NS + 16);
  assert.ok(exact);
  assert.ok(ends[0] > start * 8 + 10 * BIT_NS);
});

test('the edges towards the chip are at exact bit times', () => {
  const b = pioUart();
  b.watch(7);
  b.end();
  const begin = 1e6;
  b.start({ serial: { line: [[begin, Uint8Array.of(0x55)], [begin, Uint8Array.of(0x0f)], [2e6, Uint8Array.of(0)]] } });
  b.to(400000);
  const { edges } = b.end();
  const at = (bits, start = begin) => Math.round((start + bits * BIT_NS) / 8);
  const first = [...Array(10).keys()].map((bit) => [at(bit), 7, bit % 2]); // 0x55: every bit is another level
  const second = [[at(10), 7, 0], [at(11), 7, 1], [at(15), 7, 0], [at(19), 7, 1]]; // back to back
  const third = [[at(0, 2e6), 7, 0], [at(9, 2e6), 7, 1]];
  assert.deepEqual(edges, [...first, ...second, ...third]);
  assert.deepEqual([...b.mcu.sram.slice(0, 3)], [0x55, 0x0f, 0]);
});

test('a stop bit held low by `pins` loses that byte and only that', () => {
  const b = pioUart();
  const begin = 1e6;
  const low = begin + 19.2 * BIT_NS; // in the stop bit of the second byte
  b.start({
    serial: { line: [[begin, Uint8Array.of(0xa1, 0xa2)], [begin + 40 * BIT_NS, Uint8Array.of(0xa3)]] },
    pins: [[low, 7, 0], [low + 2 * BIT_NS, 7, null]],
  });
  b.to(300000);
  assert.equal(b.read(DMA + 4) - SRAM, 2);
  assert.deepEqual([...b.mcu.sram.slice(0, 2)], [0xa1, 0xa3]);
});

test('a pin under a hardware UART hands whole frames over, at the end of their stop bits', () => {
  const b = pioUart();
  b.plugged.serial.set('hard', { name: 'hard', tx: 0, rx: 1, baudrate: 115200 });
  b.atPlug.forEach((plug) => plug());
  b.write(IO + 4, 2);
  b.write(IO + 12, 2);
  const heard = [];
  b.mcu.uart[0].receive = (byte, startNs, bitNs) => heard.push([byte, startNs, bitNs, b.clock.nanos]);
  b.start({ serial: { hard: [[1e6, Uint8Array.of(7, 8)]] } });
  b.to(1e6);
  const bit = 1e9 / 115200;
  assert.deepEqual(heard.map((frame) => frame.slice(0, 3)), [[7, 1e6, bit], [8, 1e6 + 10 * bit, bit]]);
  assert.ok(heard.every(([, start, , now]) => now - (start + 10 * bit) >= 0 && now - (start + 10 * bit) < 8));
  b.mcu.uart[0].onFrame(0x41, 3e6, 3e6 + 10 * bit, bit);
  b.mcu.uart[1].onFrame(0x42, 3e6, 3e6 + 10 * bit, bit);
  assert.deepEqual(b.end().serial.hard, [[3e6 + 10 * bit, 0x41]]);
});

test('a UART at twice the line\'s baud rate is read as garbage or not at all', () => {
  const b = new Bench();
  b.plugged.serial.set('hard', { name: 'hard', tx: 0, rx: 1, baudrate: 115200 });
  b.atPlug.forEach((plug) => plug());
  b.to(100);
  b.write(IO + 4, 2);
  const bit = 1e9 / 230400;
  for (let i = 0; i < 10; i++) {
    b.mcu.uart[0].onFrame(0x41, 1e5 + i * 10 * bit, 1e5 + (i + 1) * 10 * bit, bit);
  }
  b.to(200000);
  const { serial } = b.end();
  assert.ok((serial.hard ?? []).every(([, byte]) => byte !== 0x41));
  assert.ok((serial.hard ?? []).length < 10);
});

test('a line works after a change of function and after a reset', () => {
  const b = pioUart();
  b.write(IO + 8 * 6 + 4, 5);
  b.write(IO + 8 * 6 + 4, 6);
  b.write(TXF1, 0x33);
  b.to(b.core.cycles + 10000);
  assert.deepEqual(b.end().serial.line.map(([, byte]) => byte), [0x33]);
  b.atReset.forEach((before) => before());
  b.build();
  b.to(b.core.cycles + 100000);
  assert.equal(b.end().serial.line, undefined, 'a pin that falls to its pull-down sends nothing');
  assert.equal(b.gpio.level(7), 1, 'the other side rests');
});
