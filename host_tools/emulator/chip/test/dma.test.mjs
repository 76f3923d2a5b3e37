// DMA against RP2040 datasheet 2.5, on PIO FIFOs where a peripheral is needed.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Bench, DMA, out, PIO0, pull, push, shiftIn, SRAM } from './pin_bench.mjs';

const TXF0 = PIO0 + 0x10;
const RXF0 = PIO0 + 0x20;
const FLEVEL = PIO0 + 0x0c;
const [READ, WRITE, COUNT, CTRL_TRIG, AL1_CTRL] = [0, 4, 8, 12, 16];
const AL1_COUNT_TRIG = 0x1c;
const AL3_READ_TRIG = 0x3c;
const INTR = DMA + 0x400;
const INTE0 = DMA + 0x404;
const INTS0 = DMA + 0x40c;
const TIMER0 = DMA + 0x420;
const MULTI = DMA + 0x430;
const SNIFF_CTRL = DMA + 0x434;
const SNIFF_DATA = DMA + 0x438;
const ABORT = DMA + 0x444;
const BUSY = 1 << 24;
const [BYTE, HALF, WORD] = [0, 1, 2];
const PERMANENT = 0x3f;

/** CTRL of a channel; it chains to itself, that is to nobody, unless `chain` is given. */
function ctrl(fields) {
  const { size = WORD, channel = 0, incRead = 0, incWrite = 0, treq = PERMANENT } = fields;
  const { chain = channel, ring = 0, ringWrite = 0, more = 0 } = fields;
  const increments = (incRead << 4) | (incWrite << 5) | (ring << 6) | (ringWrite << 10);
  return (1 | (size << 2) | increments | (chain << 11) | (treq << 15) | more) >>> 0;
}

function begin(b, channel, { read, write, count, control }) {
  const base = DMA + 0x40 * channel;
  b.write(base + READ, read);
  b.write(base + WRITE, write);
  b.write(base + COUNT, count);
  b.write(base + CTRL_TRIG, control);
}

function bench() {
  const b = new Bench();
  b.to(100);
  return b;
}

test('a copy without a request moves an element each cycle and shows how far it is', () => {
  const b = bench();
  b.mcu.sram.set([...Array(64).keys()]);
  begin(b, 2, { read: SRAM, write: SRAM + 0x100, count: 16, control: ctrl({ channel: 2, incRead: 1, incWrite: 1 }) });
  b.to(110); // transfers in 101 to 110
  const base = DMA + 0x80;
  assert.deepEqual([b.read(base + COUNT), b.read(base + READ), b.read(base + WRITE)], [6, SRAM + 40, SRAM + 0x128]);
  assert.ok(b.read(base + CTRL_TRIG) & BUSY);
  b.to(116);
  assert.equal(b.read(base + CTRL_TRIG) & BUSY, 0);
  assert.equal(b.read(base + COUNT), 0);
  assert.equal(b.read(DMA + 0x800 + 0x80 + 4), 16, 'TCR, the reload value');
  assert.deepEqual(b.ram(0x100, 64), [...Array(64).keys()]);
});

test('a byte-wide read of a PIO FIFO pops a word and takes its low byte, into a ring', () => {
  const b = bench();
  const control = ctrl({ size: BYTE, incWrite: 1, ring: 2, ringWrite: 1, treq: 4 });
  begin(b, 0, { read: RXF0, write: SRAM + 0x40, count: 0xffffffff, control });
  b.program(PIO0, 0, [pull(0, 1), out(6, 32), push(0, 1)]);
  for (const word of [0x11223344, 0x55667788, 0x99aabbcc, 0xddeeff00, 0x01020304, 0x05060708]) {
    b.write(TXF0, word);
    b.to(b.core.cycles + 20);
  }
  assert.deepEqual(b.ram(0x40, 5), [0x04, 0x08, 0xcc, 0x00, 0], 'four bytes, the fifth and sixth over the first');
  assert.equal(b.read(DMA + WRITE), SRAM + 0x42);
  assert.equal(b.read(DMA + COUNT), 0xffffffff - 6);
  assert.equal(b.read(FLEVEL), 0);
});

test('RAM that a PIO writes through DMA is at most 4 us old without any access', () => {
  const b = bench();
  begin(b, 0, { read: RXF0, write: SRAM, count: 8, control: ctrl({ size: BYTE, incWrite: 1, treq: 4 }) });
  b.program(PIO0, 0, [shiftIn(1, 8), push(0, 1)], { divider: 100 << 16 });
  b.mcu.sram.fill(0xee, 0, 16);
  b.to(5000 + 500);
  assert.deepEqual([...b.mcu.sram.subarray(0, 9)], [0, 0, 0, 0, 0, 0, 0, 0, 0xee]);
});

test('a TX request keeps a FIFO full and no fuller, and a byte is replicated over the word', () => {
  const b = bench();
  b.mcu.sram.set([1, 2, 3, 4, 5, 6, 7, 8]);
  begin(b, 1, { read: SRAM, write: TXF0, count: 8, control: ctrl({ channel: 1, size: BYTE, incRead: 1, treq: 0 }) });
  b.to(200);
  assert.equal(b.read(FLEVEL), 4);
  assert.equal(b.read(DMA + 0x40 + COUNT), 4);
  b.program(PIO0, 0, [pull(0, 1), out(6, 32), push(0, 1)]);
  const seen = [];
  for (let i = 0; i < 8; i++) {
    b.to(b.core.cycles + 20);
    seen.push(b.read(RXF0));
  }
  assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7, 8].map((byte) => byte * 0x01010101)); // 2.1.4
  assert.equal(b.read(PIO0 + 8) & (1 << 16), 0, 'never TXOVER');
});

test('a write to TRANS_COUNT is for the next trigger, and a trigger of a busy channel is void', () => {
  const b = bench();
  begin(b, 0, { read: SRAM, write: SRAM + 0x100, count: 100, control: ctrl({}) });
  b.to(110);
  b.write(DMA + COUNT, 7);
  b.write(DMA + AL3_READ_TRIG, SRAM);
  assert.equal(b.read(DMA + COUNT), 90);
  b.to(300);
  b.write(DMA + AL1_COUNT_TRIG, 50);
  b.to(310);
  assert.equal(b.read(DMA + COUNT), 40);
});

test('abort stops channels at once, endless ones too', () => {
  const b = bench();
  begin(b, 0, { read: RXF0, write: SRAM, count: 0xffffffff, control: ctrl({ size: BYTE, treq: 4 }) });
  begin(b, 3, { read: SRAM, write: SRAM + 4, count: 1000, control: ctrl({ channel: 3 }) });
  b.to(200);
  b.write(ABORT, 0xfff);
  assert.equal(b.read(ABORT), 0);
  assert.equal((b.read(DMA + CTRL_TRIG) | b.read(DMA + 0xc0 + CTRL_TRIG)) & BUSY, 0);
  b.to(2000);
  assert.equal(b.read(DMA + 0xc0 + COUNT), 900);
});

test('a channel that is switched off pauses and goes on', () => {
  const b = bench();
  begin(b, 0, { read: SRAM, write: SRAM + 4, count: 100, control: ctrl({}) });
  b.to(110);
  b.write(DMA + AL1_CTRL, ctrl({}) & ~1);
  b.to(200);
  assert.equal(b.read(DMA + COUNT), 90);
  assert.ok(b.read(DMA + CTRL_TRIG) & BUSY);
  b.write(DMA + AL1_CTRL, ctrl({}));
  b.to(290);
  assert.equal(b.read(DMA + COUNT), 0);
});

test('channels chain, and a chain may feed another channel its registers', () => {
  const b = bench();
  const view = new DataView(b.mcu.sram.buffer, b.mcu.sram.byteOffset);
  view.setUint32(0x10, SRAM + 0x20, true); // a control block list: two read addresses, then a null trigger
  view.setUint32(0x14, SRAM + 0x24, true);
  b.mcu.sram.set([1, 2, 3, 4, 5, 6, 7, 8], 0x20);
  const worker = ctrl({ channel: 1, chain: 0, incRead: 1, incWrite: 1, more: 1 << 21 });
  b.write(DMA + 0x40 + WRITE, SRAM + 0x80);
  b.write(DMA + 0x40 + COUNT, 1);
  b.write(DMA + 0x40 + AL1_CTRL, worker);
  const feeder = ctrl({ channel: 0, incRead: 1 });
  begin(b, 0, { read: SRAM + 0x10, write: DMA + 0x40 + AL3_READ_TRIG, count: 1, control: feeder });
  b.to(200);
  assert.deepEqual(b.ram(0x80, 9), [1, 2, 3, 4, 5, 6, 7, 8, 0]);
  assert.equal(b.read(INTR) & 2, 2, 'the null trigger at the end of the list interrupts');
});

test('the end interrupts the processor unless it is quiet, and INTS clears it', () => {
  const b = bench();
  b.write(INTE0, 1 << 4);
  begin(b, 4, { read: SRAM, write: SRAM + 4, count: 50, control: ctrl({ channel: 4 }) });
  begin(b, 5, { read: SRAM, write: SRAM + 8, count: 50, control: ctrl({ channel: 5, more: 1 << 21 }) });
  b.to(1000);
  const [[cycle, number, level]] = b.interrupts;
  assert.deepEqual([number, level], [11, true]);
  assert.ok(cycle >= 200 - 1 && cycle <= 200 + 125, `two channels share the bus: 100 transfers, interrupt in ${cycle}`);
  assert.equal(b.read(INTS0), 1 << 4);
  assert.equal(b.read(INTR), 1 << 4);
  b.write(INTS0, 1 << 4);
  assert.equal(b.levels.get(11), false);
});

test('a pacing timer of 1/100 makes a transfer every 100 cycles, and of 2/5 two in five', () => {
  const b = bench();
  b.write(TIMER0, (1 << 16) | 100);
  begin(b, 0, { read: SRAM, write: SRAM + 4, count: 1000, control: ctrl({ treq: 0x3b }) });
  b.to(100 + 100 * 30);
  assert.equal(b.read(DMA + COUNT), 970);
  const c = bench();
  c.write(TIMER0 + 4, (2 << 16) | 5);
  begin(c, 0, { read: SRAM, write: SRAM + 4, count: 1000, control: ctrl({ treq: 0x3c }) });
  c.to(100 + 500);
  assert.equal(c.read(DMA + COUNT), 800);
});

test('several channels start together, and a high priority goes first', () => {
  const b = bench();
  for (const channel of [0, 1]) {
    b.write(DMA + 0x40 * channel + COUNT, 10);
    b.write(DMA + 0x40 * channel + READ, SRAM);
    b.write(DMA + 0x40 * channel + WRITE, SRAM + 8);
    b.write(DMA + 0x40 * channel + AL1_CTRL, ctrl({ channel, more: channel ? 2 : 0 }));
  }
  b.write(MULTI, 3);
  b.to(110);
  assert.deepEqual([b.read(DMA + COUNT), b.read(DMA + 0x40 + COUNT)], [10, 0]);
});

test('byte swap, halfwords and the sniffer', () => {
  const b = bench();
  b.mcu.sram.set(Buffer.from('123456789'));
  const swapped = ctrl({ size: HALF, incRead: 1, incWrite: 1, more: 1 << 22 });
  begin(b, 0, { read: SRAM, write: SRAM + 0x20, count: 4, control: swapped });
  b.to(200);
  assert.equal(Buffer.from(b.ram(0x20, 8)).toString(), '21436587');
  // the check values of "123456789": CRC-32 0xcbf43926, CRC-16/CCITT-FALSE 0x29b1
  const sniffed = ctrl({ size: BYTE, incRead: 1, more: 1 << 23 });
  b.write(SNIFF_DATA, 0xffffffff);
  b.write(SNIFF_CTRL, 1 | (1 << 5) | (1 << 10) | (1 << 11)); // reversed bits, result reversed and inverted
  begin(b, 0, { read: SRAM, write: SRAM + 0x40, count: 9, control: sniffed });
  b.to(300);
  assert.equal(b.read(SNIFF_DATA), 0xcbf43926);
  b.write(SNIFF_DATA, 0xffff);
  b.write(SNIFF_CTRL, 1 | (2 << 5));
  begin(b, 0, { read: SRAM, write: SRAM + 0x40, count: 9, control: sniffed });
  b.to(400);
  assert.equal(b.read(SNIFF_DATA), 0x29b1);
  b.write(SNIFF_DATA, 5);
  b.write(SNIFF_CTRL, 1 | (15 << 5));
  begin(b, 0, { read: SRAM, write: SRAM + 0x40, count: 9, control: sniffed });
  b.to(500);
  assert.equal(b.read(SNIFF_DATA), 5 + 477); // '1' + ... + '9' = 49 + ... + 57
});

test('a stock peripheral raises and withdraws its request', () => {
  const b = bench();
  begin(b, 0, { read: SRAM, write: SRAM + 4, count: 100, control: ctrl({ treq: 36 }) });
  b.to(200);
  assert.equal(b.read(DMA + COUNT), 100);
  b.mcu.dma.setDREQ(36);
  b.to(210);
  b.mcu.dma.clearDREQ(36);
  b.to(300);
  assert.equal(b.read(DMA + COUNT), 90);
  begin(b, 1, { read: SRAM, write: SRAM + 4, count: 100, control: ctrl({ channel: 1, treq: 24 }) });
  b.mcu.dma.setDREQ(24); // a PWM's wrap is a pulse
  b.to(400);
  assert.equal(b.read(DMA + 0x40 + COUNT), 99);
});
