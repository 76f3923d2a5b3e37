// The I2C controller (RP2040 datasheet 4.3) with parts that answer by questions, and the same parts bit by bit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as R from '../i2c_registers.mjs';
import { bench, Registers } from './i2c_bench.mjs';

const [READ, STOP, RESTART] = [R.CMD_READ, R.CMD_STOP, R.CMD_RESTART];

// 400 kHz as pico-sdk sets it: a period of 313 cycles, 187 low and 126 high, spikes of 187 / 16 = 11 cycles are
// suppressed. The wire is then high for 126 + 11 + 7 = 144 and low for 188 cycles: 332 cycles or 2656 ns.
const SCL_NS = 2656;

/** Set up as pico-sdk does; target 0x29. */
function open(parts) {
  const it = bench(parts);
  it.write(R.ENABLE, 0);
  it.write(R.CON, 0x165); // master, fast, restart, TX_EMPTY only when the byte is out
  it.write(R.FS_SCL_HCNT, 126);
  it.write(R.FS_SCL_LCNT, 187);
  it.write(R.FS_SPKLEN, 11);
  it.target = (address) => {
    it.write(R.ENABLE, 0);
    it.wait(200); // as the core takes its time
    it.write(R.TAR, address);
    it.write(R.ENABLE, 1);
  };
  it.target(0x29);
  it.raw = () => it.read(R.RAW_INTR_STAT);
  return it;
}

test('a byte takes nine clocks after a start and an address of nine', () => {
  const part = new Registers();
  const { write, raw, wait } = open({ 0x29: part });
  assert.equal(raw() & R.TX_EMPTY, R.TX_EMPTY);
  write(R.DATA_CMD, STOP | 0x10);
  assert.equal(raw() & R.TX_EMPTY, 0);
  wait(19 * SCL_NS - 1);
  assert.deepEqual(part.log, ['write']);
  assert.equal(raw() & R.TX_EMPTY, 0);
  wait(1);
  assert.deepEqual(part.log, ['write', 0x10]);
  assert.equal(raw() & (R.TX_EMPTY | R.STOP_DET), R.TX_EMPTY);
  wait(SCL_NS);
  assert.deepEqual(part.log, ['write', 0x10, 'stop']);
  assert.equal(raw() & R.STOP_DET, R.STOP_DET);
});

test('an address that nobody has aborts with TX_EMPTY set, flushes and stops', () => {
  const { write, read, raw, wait, target } = open();
  target(0x30);
  write(R.DATA_CMD, 1);
  write(R.DATA_CMD, 2);
  wait(10 * SCL_NS);
  assert.equal(raw() & (R.TX_ABRT | R.TX_EMPTY | R.STOP_DET), R.TX_ABRT | R.TX_EMPTY);
  assert.equal(read(R.TX_ABRT_SOURCE) & 0xffff, R.ABRT_7B_ADDR_NOACK);
  assert.equal(read(R.TX_ABRT_SOURCE) >>> 23, 2); // commands thrown away
  write(R.DATA_CMD, 3); // the FIFO is in reset until the abort is cleared
  assert.equal(read(R.TXFLR), 0);
  wait(SCL_NS);
  assert.equal(raw() & R.STOP_DET, R.STOP_DET);
  assert.equal(read(R.CLR_TX_ABRT), 1);
  assert.equal(read(R.TX_ABRT_SOURCE), 0);
  assert.equal(read(R.STATUS) & 1, 0);
});

test('a data byte that is not acknowledged aborts with its own source', () => {
  const part = new Registers();
  part.nackAt = 1;
  const { write, read, wait } = open({ 0x29: part });
  write(R.DATA_CMD, 0x10);
  write(R.DATA_CMD, STOP | 0x11);
  wait(30 * SCL_NS);
  assert.equal(read(R.TX_ABRT_SOURCE) & 0xffff, R.ABRT_TXDATA_NOACK);
  assert.deepEqual(part.log, ['write', 0x10, 0x11, 'stop']);
});

test('write, restart, read: the register pointer is set without a stop in between', () => {
  const part = new Registers();
  const { write, read, wait, target } = open({ 0x29: part });
  write(R.DATA_CMD, 0x10);
  wait(40 * SCL_NS);
  assert.equal(read(R.STATUS) & 0x21, 0x21); // holds the bus
  target(0x29); // pico-sdk switches the controller off and on here
  write(R.DATA_CMD, RESTART | READ);
  write(R.DATA_CMD, READ | STOP);
  wait((1 + 9 + 18 + 1) * SCL_NS);
  assert.deepEqual(part.log, ['write', 0x10, 'read', 0x10 ^ 0xa5, 0x11 ^ 0xa5, 'stop']);
  assert.equal(read(R.RXFLR), 2);
  assert.equal(read(R.DATA_CMD), R.FIRST_DATA_BYTE | (0x10 ^ 0xa5));
  assert.equal(read(R.DATA_CMD), 0x11 ^ 0xa5);
});

test('a controller that is switched off while it holds the bus gives it back', () => {
  const part = new Registers();
  const { write, read, wait } = open({ 0x29: part });
  write(R.DATA_CMD, 0x10);
  wait(40 * SCL_NS);
  write(R.ENABLE, 0);
  assert.equal(read(R.ENABLE_STATUS), 1);
  wait(2 * SCL_NS);
  assert.equal(read(R.ENABLE_STATUS), 0);
  assert.deepEqual(part.log, ['write', 0x10, 'stop']);
});

test('the receive interrupt follows the FIFO and its threshold', () => {
  const { mcu, write, read, raw, wait } = open();
  write(R.INTR_MASK, R.RX_FULL);
  write(R.RX_TL, 1); // more than one
  write(R.DATA_CMD, READ);
  write(R.DATA_CMD, READ | STOP);
  wait(19 * SCL_NS);
  assert.equal(raw() & R.RX_FULL, 0);
  wait(9 * SCL_NS);
  assert.equal(raw() & R.RX_FULL, R.RX_FULL);
  assert.equal((mcu.core.pendingInterrupts >>> 23) & 1, 1);
  read(R.DATA_CMD);
  assert.equal((mcu.core.pendingInterrupts >>> 23) & 1, 0);
});

test('reading an empty FIFO and overfilling one are told', () => {
  const { write, read, raw } = open();
  read(R.DATA_CMD);
  for (let count = 0; count < 17; count++) write(R.DATA_CMD, count);
  assert.equal(raw() & (R.RX_UNDER | R.TX_OVER), R.RX_UNDER | R.TX_OVER);
  assert.equal(read(R.CLR_INTR), 1);
  assert.equal(raw() & (R.RX_UNDER | R.TX_OVER), 0);
});

test('a part that stretches the clock delays what comes after', () => {
  const part = new Registers();
  part.stretchNs = 100_000;
  const { write, raw, wait } = open({ 0x29: part });
  write(R.DATA_CMD, STOP | 0x10);
  wait(19 * SCL_NS + 99_999);
  assert.deepEqual(part.log, ['write']);
  wait(1);
  assert.deepEqual(part.log, ['write', 0x10]);
  wait(SCL_NS + 99_999);
  assert.equal(raw() & R.STOP_DET, 0);
  wait(1);
  assert.equal(raw() & R.STOP_DET, R.STOP_DET);
});

test('a clock that is held low stops everything until it is let go', () => {
  const { gpio, write, raw, wait } = open();
  write(R.DATA_CMD, STOP | 0x10);
  wait(5 * SCL_NS);
  gpio.drive(5, 'fault', 0);
  wait(1e9);
  assert.equal(raw() & R.STOP_DET, 0);
  gpio.drive(5, 'fault', null);
  wait(20 * SCL_NS);
  assert.equal(raw() & R.STOP_DET, R.STOP_DET);
});

test('a start waits while SDA is low, and goes ahead when it is high', () => {
  const { gpio, write, raw, wait } = open();
  gpio.drive(4, 'fault', 0);
  write(R.DATA_CMD, STOP | 0x10);
  wait(1e9);
  assert.equal(raw() & (R.TX_EMPTY | R.TX_ABRT | R.START_DET), 0); // nothing but the driver's time-out ends it
  gpio.drive(4, 'fault', null);
  wait(20 * SCL_NS);
  assert.equal(raw() & R.STOP_DET, R.STOP_DET);
});

test('SDA pulled low in the middle of a transfer loses the arbitration', () => {
  const { gpio, write, read, wait } = open();
  write(R.DATA_CMD, 0x10);
  wait(5 * SCL_NS);
  gpio.drive(4, 'fault', 0);
  wait(10 * SCL_NS);
  assert.equal(read(R.TX_ABRT_SOURCE) & 0xffff, R.ARB_LOST);
  assert.equal(read(R.STATUS) & 1, 0);
});

test('a byte that meets a low SDA loses the arbitration too, and the FIFO counts as empty', () => {
  const { gpio, write, read, raw, wait } = open();
  write(R.DATA_CMD, 0x10);
  wait(12 * SCL_NS);
  gpio.drive(4, 'fault', 0);
  wait(10 * SCL_NS);
  assert.equal(read(R.TX_ABRT_SOURCE) & 0xffff, R.ARB_LOST);
  assert.equal(raw() & (R.TX_ABRT | R.TX_EMPTY | R.STOP_DET), R.TX_ABRT | R.TX_EMPTY);
});

test('a controller that is switched off in the middle of a byte stops after it', () => {
  const part = new Registers();
  const { write, read, wait } = open({ 0x29: part });
  for (const byte of [1, 2, 3]) write(R.DATA_CMD, byte);
  wait(15 * SCL_NS);
  write(R.ENABLE, 0);
  wait(4 * SCL_NS);
  assert.deepEqual(part.log, ['write', 1]);
  assert.equal(read(R.ENABLE_STATUS), 1);
  wait(SCL_NS);
  assert.deepEqual(part.log, ['write', 1, 'stop']);
  assert.equal(read(R.ENABLE_STATUS), 0);
});

test('software can abort a transfer', () => {
  const part = new Registers();
  const { write, read, wait } = open({ 0x29: part });
  for (const byte of [1, 2, 3, 4]) write(R.DATA_CMD, byte);
  wait(25 * SCL_NS);
  write(R.ENABLE, 3);
  wait(20 * SCL_NS);
  assert.equal(read(R.TX_ABRT_SOURCE) & 0x1ffff, R.ABRT_USER);
  assert.equal(read(R.ENABLE), 1);
  assert.deepEqual(part.log, ['write', 1, 2, 'stop']);
});

test('a controller whose pins are not connected hears no acknowledgement', () => {
  const { mcu, write, read, wait } = open();
  mcu.gpio[4].ctrl = 5;
  write(R.DATA_CMD, STOP | 1);
  wait(20 * SCL_NS);
  assert.equal(read(R.TX_ABRT_SOURCE) & 0xffff, R.ABRT_7B_ADDR_NOACK);
});

test('settings are locked while the controller is on', () => {
  const { write, read } = open();
  write(R.TAR, 0x11);
  assert.equal(read(R.TAR), 0x29);
});

test('DMA requests follow both FIFOs', () => {
  const { mcu, write, read, wait } = open();
  write(R.DMA_CR, 3);
  assert.deepEqual([mcu.dma.dreq[32], mcu.dma.dreq[33]], [true, false]);
  write(R.DATA_CMD, READ | STOP);
  assert.equal(mcu.dma.dreq[32], false); // the level is 0 unless set
  wait(21 * SCL_NS);
  assert.deepEqual([mcu.dma.dreq[32], mcu.dma.dreq[33]], [true, true]);
  read(R.DATA_CMD);
  assert.equal(mcu.dma.dreq[33], false);
});

/** A master that moves the pins itself, as MicroPython's SoftI2C does. */
class BitMaster {
  constructor(gpio, sda = 4, scl = 5) {
    this.set = (pin, level) => gpio.drive(pin, 'master', level ? null : 0);
    this.sda = (level) => this.set(sda, level);
    this.scl = (level) => this.set(scl, level);
    this.read = () => gpio.level(sda);
    this.readScl = () => gpio.level(scl);
  }

  start() {
    this.sda(1);
    this.scl(1);
    this.sda(0);
    this.scl(0);
  }

  stop() {
    this.sda(0);
    this.scl(1);
    this.sda(1);
  }

  clock() {
    this.scl(1);
    const level = this.read();
    this.scl(0);
    return level;
  }

  /** Returns the acknowledge bit: 0 means yes. */
  write(byte) {
    for (let bit = 7; bit >= 0; bit--) {
      this.sda((byte >> bit) & 1);
      this.clock();
    }
    this.sda(1);
    return this.clock();
  }

  readByte(acknowledge) {
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) byte = (byte << 1) | this.clock();
    this.sda(acknowledge ? 0 : 1);
    this.clock();
    this.sda(1);
    return byte;
  }
}

test('the same part answers bit by bit', () => {
  const part = new Registers();
  const { gpio } = open({ 0x29: part });
  const master = new BitMaster(gpio);
  master.start();
  assert.deepEqual([master.write(0x52), master.write(0x10)], [0, 0]);
  master.start(); // again, without a stop
  assert.equal(master.write(0x53), 0);
  assert.deepEqual([master.readByte(true), master.readByte(false)], [0x10 ^ 0xa5, 0x11 ^ 0xa5]);
  master.stop();
  assert.deepEqual(part.log, ['write', 0x10, 'read', 0x10 ^ 0xa5, 0x11 ^ 0xa5, 'stop']);
});

test('a scan bit by bit finds the parts and nothing else', () => {
  const { gpio } = open({ 0x29: new Registers(), 0x76: new Registers() });
  const master = new BitMaster(gpio);
  const found = [];
  for (let address = 8; address < 0x78; address++) {
    master.start();
    if (!master.write(address << 1)) found.push(address);
    master.stop();
  }
  assert.deepEqual(found, [0x29, 0x76]);
});

test('a part holds the clock low bit by bit too', () => {
  const part = new Registers();
  part.stretchNs = 5000;
  const { gpio, wait } = open({ 0x29: part });
  const master = new BitMaster(gpio);
  master.start();
  for (let bit = 7; bit >= 0; bit--) {
    master.sda((0x52 >> bit) & 1);
    master.clock();
  }
  master.sda(1);
  master.scl(1);
  assert.equal(master.readScl(), 0);
  wait(4999);
  assert.equal(master.readScl(), 0);
  wait(1);
  assert.deepEqual([master.readScl(), master.read()], [1, 0]);
});

test('a read that is broken off leaves SDA low until nine clocks and a stop have passed', () => {
  const part = new Registers();
  part.pointer = 0xa5; // reads as zero: SDA stays low
  const { gpio } = open({ 0x29: part });
  const master = new BitMaster(gpio);
  master.start();
  master.write(0x53);
  master.clock();
  master.scl(1);
  assert.equal(master.read(), 0); // the chip restarts here: the part knows nothing of that
  for (let count = 0; count < 9; count++) master.clock();
  master.stop();
  assert.equal(master.read(), 1);
  master.start();
  assert.equal(master.write(0x52), 0);
});

test('parts lose their supply with the chip', () => {
  const part = new Registers();
  part.pointer = 0xa5;
  const { gpio, machine } = open({ 0x29: part });
  const master = new BitMaster(gpio);
  master.start();
  master.write(0x53);
  assert.equal(gpio.level(4), 0);
  machine.atReset.forEach((listener) => listener('watchdog'));
  assert.equal(gpio.level(4), 0);
  machine.atReset.forEach((listener) => listener('power'));
  assert.equal(gpio.level(4), 1);
});
