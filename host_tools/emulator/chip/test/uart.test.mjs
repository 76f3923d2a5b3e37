// The UART's arithmetic: bit times, FIFO levels, interrupts (RP2040 datasheet 4.2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RP2040 } from 'rp2040js';
import { install } from '../uart.mjs';

const [DR, RSR, FR, IBRD, FBRD, LCR_H, CR, IFLS, IMSC, RIS, ICR, DMACR] = [
  0x00, 0x04, 0x18, 0x24, 0x28, 0x2c, 0x30, 0x34, 0x38, 0x3c, 0x44, 0x48,
];
const [TXFE, RXFF, TXFF, RXFE, BUSY] = [0x80, 0x40, 0x20, 0x10, 0x08];
const [RX, TX, RT, FE, PE, BE, OE] = [0x10, 0x20, 0x40, 0x80, 0x100, 0x200, 0x400];
const FEN_8N1 = 0x70;
const BASE = 0x40034000;
const RESETS = 0x4000c000;

// 921600 baud from 125 MHz as pico-sdk computes it: 8 * 125e6 / 921600 + 1 = 1086, of which the upper bits are
// 1086 >> 7 = 8 and the fraction (1086 & 127) >> 1 = 31: divisor 8 31/64. A bit lasts
// 16 * (8 + 31/64) * 8 ns = 1086 ns, a character 10,860 ns.
const BIT_NS = 1086;
const BYTE_NS = 10 * BIT_NS;

function openUart({ lcr = FEN_8N1, cr = 0x301, ifls = 0x12, ibrd = 8, fbrd = 31 } = {}) {
  const mcu = new RP2040();
  install({ mcu });
  const write = (offset, value) => mcu.writeUint32(BASE + offset, value);
  const read = (offset) => mcu.readUint32(BASE + offset);
  write(IBRD, ibrd);
  write(FBRD, fbrd);
  write(LCR_H, lcr);
  write(IFLS, ifls);
  write(CR, cr);
  const uart = mcu.uart[0];
  const sent = [];
  uart.onFrame = (byte, startNs, endNs) => sent.push([byte, startNs, endNs]);
  const wait = (nanos) => mcu.clock.tick(nanos);
  const come = (bytes, bitNs = BIT_NS) => {
    for (const byte of bytes) {
      wait(10 * bitNs);
      uart.receive(byte, mcu.clock.nanos - 10 * bitNs, bitNs);
    }
  };
  return { mcu, uart, write, read, sent, wait, come };
}

const bytes = (count) => Array.from({ length: count }, (_, index) => index + 1);
const pending = (mcu, irq = 20) => (mcu.core.pendingInterrupts >>> irq) & 1;

test('a character lasts ten bits of the fractional divider', () => {
  const { write, sent, wait, read } = openUart();
  write(DR, 0x55);
  wait(BYTE_NS - 1);
  assert.deepEqual(sent, []);
  assert.equal(read(FR) & BUSY, BUSY);
  wait(1);
  assert.deepEqual(sent, [[0x55, 0, BYTE_NS]]);
  assert.equal(read(FR) & (BUSY | TXFE), TXFE);
});

test('the divisors count only once the line control register is written', () => {
  const { write, uart } = openUart();
  write(IBRD, 67);
  assert.equal(uart.bitNs, BIT_NS);
  write(LCR_H, FEN_8N1);
  assert.equal(uart.bitNs, (67 * 64 + 31) * 2);
});

test('thirty-three characters fit into an idle transmitter and leave back to back', () => {
  const { write, read, sent, wait } = openUart();
  bytes(33).forEach((byte) => write(DR, byte)); // one goes on to the shift register
  assert.equal(read(FR) & TXFF, TXFF);
  write(DR, 0xee); // no room: lost
  wait(34 * BYTE_NS);
  assert.deepEqual(sent.map(([byte]) => byte), bytes(33));
  assert.deepEqual(sent.at(-1), [33, 32 * BYTE_NS, 33 * BYTE_NS]);
});

test('the transmit interrupt comes as the FIFO sinks to its level and not before anything was sent', () => {
  const { mcu, write, read, wait } = openUart();
  write(IMSC, TX);
  assert.equal(pending(mcu), 0); // the stock part's storm begins here
  bytes(33).forEach((byte) => write(DR, byte)); // 32 in the FIFO; the level is 16, reached 16 characters later
  wait(16 * BYTE_NS - 1);
  assert.equal(pending(mcu), 0);
  wait(1);
  assert.equal(pending(mcu), 1);
  write(ICR, TX);
  wait(30 * BYTE_NS);
  assert.equal(read(RIS) & TX, 0); // once a passage
});

test('filling the FIFO above its level takes the transmit interrupt back', () => {
  const { write, read, wait } = openUart();
  bytes(18).forEach((byte) => write(DR, byte)); // 17 in the FIFO
  wait(BYTE_NS);
  assert.equal(read(RIS) & TX, TX);
  write(DR, 1);
  assert.equal(read(RIS) & TX, 0);
});

test('each trigger level of the receive FIFO is an eighth, quarter, half, three quarters, seven eighths', () => {
  for (const [select, level] of [[0, 4], [1, 8], [2, 16], [3, 24], [4, 28]]) {
    const { read, come } = openUart({ ifls: select << 3 });
    come(bytes(level - 1));
    assert.equal(read(RIS) & RX, 0);
    come([0]);
    assert.equal(read(RIS) & RX, RX);
  }
});

test('the receive interrupt comes on reaching the level: cleared above it, it does not come again', () => {
  const { read, write, come } = openUart({ ifls: 0 });
  come(bytes(10));
  write(ICR, RX);
  come(bytes(5));
  assert.equal(read(RIS) & RX, 0);
  while (!(read(FR) & RXFE)) read(DR);
  come(bytes(4));
  assert.equal(read(RIS) & RX, RX);
});

test('reading below the level takes the receive interrupt back', () => {
  const { mcu, read, write, come } = openUart({ ifls: 0 });
  write(IMSC, RX);
  come(bytes(4));
  assert.equal(pending(mcu), 1);
  assert.equal(read(DR), 1);
  assert.equal(pending(mcu), 0);
});

test('the receive FIFO holds 32 characters and loses the rest but says so', () => {
  const { read, write, come } = openUart();
  come(bytes(40));
  assert.equal(read(FR) & RXFF, RXFF);
  assert.equal(read(RIS) & OE, OE);
  assert.equal(read(RSR), 8);
  const got = [];
  while (!(read(FR) & RXFE)) got.push(read(DR));
  assert.deepEqual(got, bytes(32)); // the first 32, in order and without flags
  come([0x77]);
  assert.equal(read(DR), 0x877); // the first after the gap carries it
  write(RSR, 0);
  assert.equal(read(RSR), 0);
});

test('the receive timeout comes 32 bit times after the last character, and again if it is not emptied', () => {
  const { read, write, come, wait } = openUart();
  come([1, 2]);
  wait(32 * BIT_NS - 1);
  assert.equal(read(RIS) & RT, 0);
  wait(1);
  assert.equal(read(RIS) & RT, RT);
  write(ICR, RT);
  read(DR);
  assert.equal(read(RIS) & RT, 0);
  wait(32 * BIT_NS);
  assert.equal(read(RIS) & RT, RT);
  read(DR);
  assert.equal(read(RIS) & RT, 0); // empty
});

test('a steady stream has no receive timeout', () => {
  const { read, come } = openUart({ ifls: 0 });
  come(bytes(30));
  assert.equal(read(RIS) & RT, 0);
});

test('without FIFOs one character is held each way', () => {
  const { read, write, come, sent, wait } = openUart({ lcr: 0x60 });
  write(DR, 1);
  write(DR, 2);
  assert.equal(read(FR) & TXFF, TXFF);
  write(DR, 3); // lost
  wait(3 * BYTE_NS);
  assert.deepEqual(sent.map(([byte]) => byte), [1, 2]);
  come([7]);
  assert.equal(read(RIS) & RX, RX);
  come([8]);
  assert.equal(read(RIS) & OE, OE);
  assert.equal(read(DR), 7);
  assert.equal(read(FR) & RXFE, RXFE);
});

test('loopback receives what is sent, and nothing from outside', () => {
  const { read, write, come, sent, wait } = openUart({ cr: 0x381 });
  come([9]);
  write(DR, 0x42);
  wait(BYTE_NS);
  assert.equal(read(DR), 0x42);
  assert.equal(read(FR) & RXFE, RXFE);
  assert.deepEqual(sent, []);
});

test('a line within three per cent is read, one beyond is garbled with framing errors whatever its bytes', () => {
  for (const permille of [971, 985, 1015, 1029]) {
    const { read, come } = openUart();
    come([0x00, 0x55, 0xff], (BIT_NS * 1000) / permille);
    assert.deepEqual([read(DR), read(DR), read(DR)], [0x00, 0x55, 0xff], String(permille));
  }
  for (const permille of [100, 500, 800, 940, 965, 1035, 1060, 1200, 2000]) {
    const { read, come, wait } = openUart();
    const line = [0x00, 0x55, 0x7f, 0xff, 0x80, 0x31];
    come(line, (BIT_NS * 1000) / permille);
    wait(20 * BYTE_NS);
    const got = [];
    while (!(read(FR) & RXFE)) got.push(read(DR));
    assert.ok(got.length > 0, String(permille));
    assert.ok(got.every((entry) => entry & 0x100), `framing errors at ${permille}`);
    const values = got.map((entry) => (entry & 0x400 ? 'break' : entry & 0xff));
    assert.notDeepEqual(values, line);
    if (Math.abs(permille - 1000) < 50) { // here every character is still found where it is
      line.forEach((byte, index) => assert.notEqual(values[index], byte, `${byte} at ${permille}`));
    }
  }
});

test('a character with even parity sets the parity flag exactly when its ones are odd', () => {
  // The line sends 8N1; with seven data bits and even parity its top bit is taken for the parity.
  const { read, come, wait } = openUart({ lcr: 0x50 | 0x06 });
  come([0x83, 0x03]); // 0000011: parity should be 0, the top bit says 1; then 0
  wait(BYTE_NS);
  assert.equal(read(DR), 0x203);
  assert.equal(read(RIS) & PE, PE);
  assert.equal(read(DR), 0x003);
});

test('a low line is one break, however long', () => {
  const { mcu, uart, read, wait, come } = openUart();
  uart.receiveLevel(0, mcu.clock.nanos);
  wait(25 * BIT_NS);
  uart.receiveLevel(1, mcu.clock.nanos);
  wait(BIT_NS);
  assert.equal(read(RIS) & (BE | FE), BE | FE);
  assert.equal(read(DR), 0x500);
  assert.equal(read(FR) & RXFE, RXFE);
  come([0x41]);
  assert.equal(read(DR), 0x41);
});

test('a break that is sent begins after the present character and is told with its times', () => {
  const { uart, write, wait } = openUart();
  const breaks = [];
  uart.onBreak = (startNs, endNs) => breaks.push([startNs, endNs]);
  write(DR, 1);
  write(LCR_H, FEN_8N1 | 1);
  wait(30 * BIT_NS);
  write(LCR_H, FEN_8N1);
  assert.deepEqual(breaks, [[BYTE_NS, 30 * BIT_NS]]);
});

test('a receiver switched on in the middle of a character takes the next edge for a start bit', () => {
  const { uart, read, write, wait } = openUart({ cr: 0 });
  wait(5.2 * BIT_NS); // 0xdf is 1 1 1 1 1 0 1 1 on the line: the only edge yet to come is 6 bits after the start
  write(CR, 0x301);
  wait(4.8 * BIT_NS);
  uart.receive(0xdf, 0, BIT_NS);
  wait(BYTE_NS);
  assert.equal(read(DR), 0xff);
});

test('seven data bits with parity and two stop bits last eleven bits', () => {
  const { write, sent, wait } = openUart({ lcr: 0x50 | 0x0a });
  write(DR, 0xc1);
  wait(11 * BIT_NS);
  assert.deepEqual(sent, [[0x41, 0, 11 * BIT_NS]]);
});

test('DMA requests say whether there is room to send and something to read', () => {
  const { mcu, read, write, come } = openUart();
  assert.ok(!mcu.dma.dreq[20] && !mcu.dma.dreq[21]);
  write(DMACR, 3);
  assert.deepEqual([mcu.dma.dreq[20], mcu.dma.dreq[21]], [true, false]);
  bytes(33).forEach((byte) => write(DR, byte));
  come([5]); // meanwhile one character was sent
  assert.deepEqual([mcu.dma.dreq[20], mcu.dma.dreq[21]], [true, true]);
  write(DR, 1);
  read(DR);
  assert.deepEqual([mcu.dma.dreq[20], mcu.dma.dreq[21]], [false, false]);
});

test('the RESETS block empties a UART and gives its registers back their first values', () => {
  const { mcu, uart, read, write, sent, wait, come } = openUart();
  come([1]);
  bytes(4).forEach((byte) => write(DR, byte));
  mcu.writeUint32(RESETS + 0x2000, 1 << 22); // the alias that sets bits
  mcu.writeUint32(RESETS + 0x3000, 1 << 22);
  wait(10 * BYTE_NS);
  assert.deepEqual(sent, []);
  assert.deepEqual([read(CR), read(IFLS), read(FR) & ~1], [0x300, 0x12, TXFE | RXFE]);
  assert.equal(uart.baudRate, 0);
});

test('both directions at once at 921600 baud lose nothing while the interrupts are served', () => {
  const { read, write, mcu, uart, sent, wait } = openUart({ ifls: 0x02 });
  write(IMSC, RX | TX | RT);
  const outgoing = bytes(255).concat(bytes(255));
  let next = 0;
  const fill = () => {
    while (next < outgoing.length && !(read(FR) & TXFF)) write(DR, outgoing[next++]);
  };
  fill();
  const got = [];
  for (let index = 0; index < 530; index++) {
    wait(BYTE_NS);
    if (index < 520) uart.receive(index & 0xff, mcu.clock.nanos - BYTE_NS, BIT_NS);
    if (pending(mcu)) {
      write(ICR, RX | TX | RT);
      fill();
      for (let count = 0; count < 23 && !(read(FR) & RXFE); count++) got.push(read(DR));
    }
  }
  assert.deepEqual(sent.map(([byte]) => byte), outgoing);
  assert.deepEqual(got, Array.from({ length: 520 }, (_, index) => index & 0xff));
});
