// The SPI controller and the analogue inputs (RP2040 datasheet 4.4, 4.9).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RP2040 } from 'rp2040js';
import { install as installAdc, ROOM_TEMPERATURE } from '../adc.mjs';
import { install } from '../spi.mjs';

const [CR0, CR1, DR, SR, CPSR, IMSC, RIS, ICR, DMACR] = [0x00, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x18, 0x20, 0x24];
const [TFE, TNF, RNE, RFF, BSY] = [0x01, 0x02, 0x04, 0x08, 0x10];
const [ROR, RT, RX, TX] = [1, 2, 4, 8];

// 1 MHz as pico-sdk sets it: 125 MHz / (2 * (1 + 62)) = 992,063 Hz: a bit lasts 126 cycles or 1008 ns. A byte
// with SPH = 0 takes eight of them and one of rest.
const BIT_NS = 1008;
const BYTE_NS = 9 * BIT_NS;

/** Controller 0 and a part that answers each byte by its complement. */
function open({ cr0 = 0x3e07, plugged = true, select } = {}) {
  const mcu = new RP2040();
  const asked = [];
  const levels = new Map();
  const listeners = new Map();
  const gpio = {
    level: (pin) => levels.get(pin) ?? 1,
    onLevel: (pin, listener) => (listeners.set(pin, listener), () => listeners.delete(pin)),
    set: (pin, level) => (levels.set(pin, level), listeners.get(pin)?.(level)),
  };
  const machine = {
    mcu,
    gpio,
    clock: mcu.clock,
    atPlug: [],
    plugged: { spi: [plugged, false], spiSelect: [select], analog: [100, 200, 300, 400, 0] },
    ask: (question) => {
      asked.push(question);
      return { byte: ~question.byte };
    },
  };
  install(machine);
  const write = (offset, value) => mcu.writeUint32(0x4003c000 + offset, value);
  const read = (offset) => mcu.readUint32(0x4003c000 + offset);
  write(CPSR, 2);
  write(CR0, cr0);
  write(CR1, 2);
  return { mcu, gpio, machine, asked, write, read, wait: (nanos) => mcu.clock.tick(nanos) };
}

test('a byte goes to the part at its end and what it answers is received', () => {
  const { write, read, wait, asked } = open();
  write(DR, 0x5a);
  assert.equal(read(SR), TFE | TNF | BSY);
  wait(BYTE_NS - 1);
  assert.deepEqual(asked, []);
  wait(1);
  assert.deepEqual(asked, [{ ask: 'spi', bus: 0, byte: 0x5a, bits: 8, at: BYTE_NS }]);
  assert.equal(read(SR), TFE | TNF | RNE);
  assert.equal(read(DR), 0xa5);
});

test('with SPH = 1 the clock does not rest between words', () => {
  const { write, wait, asked } = open({ cr0: 0x3e87 });
  write(DR, 1);
  write(DR, 2);
  wait(16 * BIT_NS);
  assert.deepEqual(asked.map(({ at }) => at), [8 * BIT_NS, 16 * BIT_NS]);
});

test('words of sixteen bits', () => {
  const { write, read, wait, asked } = open({ cr0: 0x3e0f });
  write(DR, 0x12345);
  wait(17 * BIT_NS);
  assert.equal(asked[0].byte, 0x2345);
  assert.equal(read(DR), 0xdcba);
});

test('eight words are received, the ninth is lost and an interrupt tells', () => {
  const { write, read, wait } = open();
  for (let count = 0; count < 9; count++) write(DR, count); // one is in the shift register
  assert.equal(read(SR) & TNF, 0);
  wait(9 * BYTE_NS);
  assert.equal(read(SR) & RFF, RFF);
  assert.equal(read(RIS) & ROR, ROR);
  write(ICR, ROR);
  assert.equal(read(RIS) & ROR, 0);
  assert.deepEqual(Array.from({ length: 9 }, () => read(DR)), [255, 254, 253, 252, 251, 250, 249, 248, 0]);
});

test('interrupts at half full and half empty', () => {
  const { mcu, write, read, wait } = open();
  for (let count = 0; count < 6; count++) write(DR, count); // five wait
  assert.equal(read(RIS) & (TX | RX), 0);
  write(IMSC, TX);
  wait(BYTE_NS);
  assert.equal(read(RIS) & (TX | RX), TX);
  assert.equal((mcu.core.pendingInterrupts >>> 18) & 1, 1);
  wait(3 * BYTE_NS);
  assert.equal(read(RIS) & RX, RX);
});

test('what is received and not read for 32 bits raises the timeout', () => {
  const { write, read, wait } = open();
  write(IMSC, RT);
  write(DR, 1);
  wait(BYTE_NS + 32 * BIT_NS - 1);
  assert.equal(read(RIS) & RT, 0);
  wait(1);
  assert.equal(read(RIS) & RT, RT);
  read(DR);
  assert.equal(read(RIS) & RT, 0);
});

test('loopback asks nobody', () => {
  const { write, read, wait, asked } = open();
  write(CR1, 3);
  write(DR, 0x42);
  wait(BYTE_NS);
  assert.equal(read(DR), 0x42);
  assert.deepEqual(asked, []);
});

test('without a part the receive pin is read', () => {
  const { mcu, gpio, write, read, wait } = open({ plugged: false });
  write(DR, 1);
  wait(BYTE_NS);
  assert.equal(read(DR), 0); // no pin
  mcu.gpio[16].ctrl = 1;
  gpio.set(16, 1);
  write(DR, 1);
  wait(BYTE_NS);
  assert.equal(read(DR), 0xff);
});

test('a part with a select pin hears what is sent while that is low', () => {
  const { gpio, write, wait, asked } = open({ select: 17 });
  write(DR, 1);
  wait(BYTE_NS);
  assert.deepEqual(asked, []);
  gpio.set(17, 0);
  write(DR, 2);
  wait(BYTE_NS);
  gpio.set(17, 1);
  assert.deepEqual(asked.map(({ event, byte }) => event ?? byte), ['select', 2, 'deselect']);
});

test('DMA requests follow both FIFOs', () => {
  const { mcu, write, read, wait } = open();
  write(DMACR, 3);
  assert.deepEqual([mcu.dma.dreq[16], mcu.dma.dreq[17]], [true, false]);
  for (let count = 0; count < 9; count++) write(DR, count);
  assert.equal(mcu.dma.dreq[16], false);
  wait(BYTE_NS);
  assert.deepEqual([mcu.dma.dreq[16], mcu.dma.dreq[17]], [true, true]);
  read(DR);
  assert.equal(mcu.dma.dreq[17], false);
});

test('a converter samples each channel, one after another if told to, and the room is 27 degrees warm', () => {
  const { mcu, machine } = open();
  installAdc(machine);
  const [CS, RESULT, SET] = [0x4004c000, 0x4004c004, 0x2000];
  const sample = () => {
    mcu.writeUint32(CS + SET, 4);
    mcu.clock.tick(2000);
    return mcu.readUint32(RESULT);
  };
  mcu.writeUint32(CS, 1 | (1 << 12));
  assert.equal(sample(), 200);
  assert.equal(mcu.readUint32(CS) & 4, 0);
  mcu.writeUint32(CS, 1 | (4 << 12));
  assert.equal(sample(), ROOM_TEMPERATURE);
  mcu.writeUint32(CS, 1 | (0b1101 << 16));
  assert.deepEqual([sample(), sample(), sample(), sample()], [100, 300, 400, 100]);
  machine.plugged.analog[0] = 4095;
  machine.atPlug.forEach((plug) => plug());
  mcu.writeUint32(CS, 1);
  assert.equal(sample(), 4095);
});
