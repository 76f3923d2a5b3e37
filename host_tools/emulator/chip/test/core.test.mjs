// The chip around the instructions: clock, waits, exceptions, timers, faults, flash commands.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Clock } from '../clock.mjs';
import { flashErase, flashProgram, UNIQUE_ID } from '../flash.mjs';
import { Machine } from '../machine.mjs';
import { readUf2 } from '../uf2.mjs';
import { CODE, bench, cycles, put } from './bench.mjs';

const DATA = 0x20010000;
const HANDLER = 0x20002000;
const BACK = 0xe7fe;
const WFI = 0xbf30;
const WFE = 0xbf20;
const SEV = 0xbf40;
const CPSID = 0xb672;
const CPSIE = 0xb662;
const TIMER_IRQ0 = 0;
const TIMER = 0x40054000;
const PPB = 0xe000e000;

/** A bench whose timer interrupt 0 is enabled and handled: the handler counts in r7 and clears the timer. */
function withTimer(program, microseconds) {
  const machine = bench(program);
  const { mcu } = machine;
  // r7 += 1; r0 = TIMER.INTR: ldr r0, [pc, #8]; movs r1, #1; str r1, [r0, #0x34]; bx lr
  put(machine, HANDLER, [0x3701, 0x4802, 0x2101, 0x6341, 0x4770, 0xbf00, TIMER & 0xffff, TIMER >>> 16]);
  mcu.writeUint32(0x20000000 + 4 * (16 + TIMER_IRQ0), HANDLER | 1);
  mcu.writeUint32(PPB + 0x100, 1);
  mcu.writeUint32(TIMER + 0x38, 1);
  if (microseconds) mcu.writeUint32(TIMER + 0x10, microseconds);
  return machine;
}

test('alarms fire in the order of their times, each at its own time, and a host alarm outlives a reset', () => {
  const clock = new Clock();
  const seen = [];
  const alarm = (name, make = 'createAlarm') => clock[make](() => seen.push([name, clock.nanos]));
  alarm('b').schedule(100);
  alarm('a').schedule(52);
  alarm('c').schedule(100);
  const cancelled = alarm('never');
  cancelled.schedule(60);
  cancelled.cancel();
  clock.core.cycles = 7; // 56 ns
  clock.fire();
  clock.core.cycles = 20;
  clock.fire();
  assert.deepEqual(seen, [['a', 52], ['b', 100], ['c', 100]]);
  alarm('chip').schedule(8);
  alarm('host', 'createHostAlarm').schedule(16);
  clock.dropChipAlarms();
  clock.skipTo(100);
  clock.fire();
  assert.deepEqual(seen.at(-1), ['host', 176]);
  assert.equal(seen.length, 4);
});

test('a waiting core costs no cycles, and the clock stops at the end of the run', () => {
  const machine = bench([WFI, BACK]);
  const answer = machine.run({ until: 1e9 });
  assert.equal(answer.now, 1e9);
  assert.ok(answer.idle);
  assert.equal(answer.cycles, 2);
});

test('a timer alarm wakes WFI at its microsecond, not before', () => {
  const machine = withTimer([WFI, 0x2601, BACK], 1000);
  machine.run({ until: 999_999 });
  assert.equal(machine.mcu.core.registers[7], 0);
  machine.run({ until: 1_001_000 });
  assert.equal(machine.mcu.core.registers[7], 1);
  assert.equal(machine.mcu.core.registers[6], 1);
});

test('with interrupts masked, WFI ends without entering the handler, WFE does not end', () => {
  const wfi = withTimer([CPSID, WFI, 0x2601, BACK], 100);
  wfi.run({ until: 200_000 });
  assert.equal(wfi.mcu.core.registers[6], 1);
  assert.equal(wfi.mcu.core.registers[7], 0);
  const wfe = withTimer([CPSID, WFE, 0x2601, BACK], 100);
  assert.ok(wfe.run({ until: 200_000 }).idle);
  assert.equal(wfe.mcu.core.registers[6], 0);
  const pend = withTimer([CPSID, WFE, 0x2601, BACK], 100);
  pend.mcu.writeUint32(PPB + 0xd10, 1 << 4); // SEVONPEND
  pend.run({ until: 200_000 });
  assert.equal(pend.mcu.core.registers[6], 1);
  assert.equal(pend.mcu.core.registers[7], 0);
});

test('an interrupt that came while masked is taken at CPSIE, before the next instruction', () => {
  // cpsid; 4 x (adds r2, #1; b .+0) ... the alarm fires meanwhile; cpsie; movs r6 <- r7
  const machine = withTimer([CPSID, WFI, CPSIE, 0x003e, BACK], 100);
  machine.run({ until: 200_000 });
  assert.equal(machine.mcu.core.registers[6], 1, 'r7 counted before r6 was taken from it');
});

test('SEV and an exception set the event register, WFE clears it and passes once', () => {
  const machine = bench([SEV, WFE, 0x2601, WFE, 0x2602, BACK]);
  assert.ok(machine.run({ until: 10_000 }).idle);
  assert.equal(machine.mcu.core.registers[6], 1);
  const after = withTimer([0x3a01, 0xd1fd, WFE, 0x2601, BACK], 1); // a loop in which the interrupt comes, then WFE
  after.mcu.core.registers[2] = 200;
  assert.ok(!after.run({ until: 100_000 }).idle);
  assert.equal(after.mcu.core.registers[6], 1);
});

test('an interrupt set pending by software is entered once', () => {
  const machine = bench([BACK]);
  put(machine, HANDLER, [0x3701, 0x4770]);
  for (const irq of [13, 31]) machine.mcu.writeUint32(0x20000000 + 4 * (16 + irq), HANDLER | 1);
  machine.mcu.writeUint32(PPB + 0x100, 0x80002000);
  machine.mcu.writeUint32(PPB + 0x200, 0x80002000);
  cycles(machine, 200);
  assert.equal(machine.mcu.core.registers[7], 2);
  assert.equal(machine.mcu.core.pendingInterrupts & 0x80002000, 0);
});

test('SysTick counts cycles, reloads, raises its flag once and its exception each period', () => {
  const machine = bench([BACK]);
  const { mcu } = machine;
  put(machine, HANDLER, [0x3701, 0x4770]);
  mcu.writeUint32(0x20000000 + 4 * 15, HANDLER | 1);
  mcu.writeUint32(PPB + 0x014, 999);
  mcu.writeUint32(PPB + 0x018, 0);
  mcu.writeUint32(PPB + 0x010, 5);
  cycles(machine, 101); // one cycle to load 999, then down: 100 cycles later it is 899
  const late = machine.mcu.core.cycles - 101;
  assert.equal(mcu.readUint32(PPB + 0x018), 899 - late);
  assert.equal(mcu.readUint32(PPB + 0x010) >>> 16, 0);
  cycles(machine, 2000);
  assert.equal(mcu.readUint32(PPB + 0x010) >>> 16, 1);
  assert.equal(mcu.readUint32(PPB + 0x010) >>> 16, 0, 'reading clears it');
  mcu.writeUint32(PPB + 0x018, 0);
  mcu.writeUint32(PPB + 0x010, 7);
  cycles(machine, 10_500); // periods of 1,000 cycles
  assert.equal(mcu.core.registers[7], 10);
});

test('the timer counts microseconds, wraps its alarms at 32 bits, can be paused and set', () => {
  const machine = withTimer([BACK]);
  const { mcu } = machine;
  machine.run({ until: 2_500_500 });
  assert.equal(mcu.readUint32(TIMER + 0x28), 2500);
  mcu.writeUint32(TIMER + 0x04, 0xfffffff0);
  mcu.writeUint32(TIMER + 0x00, 1);
  assert.equal(mcu.readUint32(TIMER + 0x0c), 0xfffffff0);
  assert.equal(mcu.readUint32(TIMER + 0x08), 1);
  mcu.writeUint32(TIMER + 0x10, 4); // 20 us ahead, over the wrap
  assert.equal(mcu.readUint32(TIMER + 0x20), 1);
  const before = machine.now;
  machine.run({ until: before + 19_000 });
  assert.equal(mcu.core.registers[7], 0);
  machine.run({ until: before + 21_000 });
  assert.equal(mcu.core.registers[7], 1);
  assert.equal(mcu.readUint32(TIMER + 0x24), 2);
  mcu.writeUint32(TIMER + 0x30, 1);
  const stopped = mcu.readUint32(TIMER + 0x28);
  machine.run({ until: machine.now + 50_000 });
  assert.equal(mcu.readUint32(TIMER + 0x28), stopped);
});

test('the hardware divider follows the datasheet, zero included', () => {
  const { mcu } = bench([BACK]);
  const divide = (signed, n, d) => {
    mcu.writeUint32(0xd0000060 + signed * 8, n);
    mcu.writeUint32(0xd0000064 + signed * 8, d);
    const remainder = mcu.readUint32(0xd0000074);
    assert.equal(mcu.readUint32(0xd0000078), 3);
    return [mcu.readUint32(0xd0000070), remainder].map((word) => (signed ? word | 0 : word));
  };
  assert.deepEqual(divide(0, 0xffffffff, 7), [613566756, 3]);
  assert.deepEqual(divide(1, -7, 2), [-3, -1]);
  assert.deepEqual(divide(1, -0x80000000, -1), [-0x80000000, 0]);
  assert.deepEqual(divide(0, 5, 0), [0xffffffff, 5]);
  assert.deepEqual(divide(1, 5, 0), [-1, 5]);
  assert.deepEqual(divide(1, -5, 0), [1, -5]);
  assert.equal(mcu.readUint32(0xd0000078), 1, 'reading the quotient clears dirty');
});

/** The fault of one instruction with r0 set. */
function faultOf(program, r0 = 0) {
  const machine = bench([...program, BACK], { registers: [r0] });
  const { fault } = cycles(machine, 50);
  const again = cycles(machine, 50);
  assert.deepEqual(again.fault, fault, 'it stays stopped and says so');
  assert.equal(again.cycles, 0);
  return fault;
}

test('a bad access stops the run with its address, pc and lr in one line', () => {
  for (const [op, address, kind] of [
    [0x6800, 0x60000000, 'bus'], // ldr r0, [r0]
    [0x7800, 0x20042000, 'bus'], // ldrb, one past SRAM
    [0x8000, 0x10200000, 'bus'], // strh, past the flash
    [0x6000, 0x10000000, 'bus'], // str into flash
    [0x6000, 0x00000010, 'bus'], // str into ROM
    [0x5040, 0x10000000, 'bus'], // str r0, [r0, r1], and the other stores
    [0x5240, 0x10000000, 'bus'],
    [0x5440, 0x10000000, 'bus'],
    [0x7000, 0x10000000, 'bus'],
    [0xc002, 0x10000000, 'bus'],
    [0x6800, 0xd0000200, 'bus'], // past SIO
    [0x6800, DATA + 2, 'unaligned'],
    [0x8000, DATA + 1, 'unaligned'],
    [0xc80e, DATA + 2, 'unaligned'], // ldm r0!, {r1-r3}
    [0x4700, 0x60000001, 'bus'], // bx r0
    [0x4700, DATA, 'state'], // bx to an even address
  ]) {
    const fault = faultOf([0xbf00, op], address);
    assert.equal(fault.kind, kind, op.toString(16));
    assert.equal(fault.address >>> 0, (op === 0x4700 && kind === 'bus' ? address - 1 : address) >>> 0);
    assert.equal(fault.pc, CODE + 2);
    assert.equal(fault.lr, CODE | 1);
    assert.match(fault.message, /0x[0-9a-f]{8}.*pc=0x20001002 lr=0x20001001$/);
    assert.ok(!fault.message.includes('\n'));
  }
  for (const program of [
    [0x4685, 0xb402], // mov sp, r0; push {r1}
    [0x4685, 0x9101], // str r1, [sp, #4]
    [0x4685, 0xbc02], // pop {r1}
    [0x4685, 0x9901], // ldr r1, [sp, #4]
  ]) {
    assert.equal(faultOf(program, 0x60000000).kind, 'bus');
  }
  for (const program of [[0xde00], [0xe800], [0xb100], [0xf7f0, 0xa000]]) {
    assert.equal(faultOf(program).kind, 'undefined');
    assert.equal(faultOf(program).pc, CODE);
  }
  assert.equal(faultOf([0xbe05]).kind, 'breakpoint');
  assert.equal(faultOf([CPSID, 0xdf00]).kind, 'hardfault');
  const tolerated = bench([0x6000, BACK]);
  assert.equal(cycles(tolerated, 50).fault, null, 'TinyUSB writes a word to address 0, and the chip ignores it');
  assert.equal(tolerated.mcu.readUint32(0), 0x20041f00);
});

test('an address past SRAM is refused to a peek, and the program goes on', () => {
  const machine = bench([BACK]);
  assert.throws(() => machine.peek(0x20041fff, 2), /reads address 0x20042000, where nothing is$/);
  assert.equal(cycles(machine, 10).fault, null);
  machine.poke(0x10000004, [1, 2]);
  machine.poke(DATA, [3]);
  assert.deepEqual([...machine.peek(0x10000003, 4)], [0xff, 1, 2, 0xff]);
  assert.deepEqual([...machine.peek(DATA, 1)], [3]);
});

test('both views of SRAM and the four of flash show the same memory; narrow writes replicate on a peripheral', () => {
  const { mcu } = bench([BACK]);
  mcu.writeUint32(0x20000014, 0x11223344); // word 5: bank 1, its word 1
  assert.equal(mcu.readUint32(0x21010004), 0x11223344);
  mcu.writeUint8(0x21010005, 0x99);
  assert.equal(mcu.readUint32(0x20000014), 0x11229944);
  assert.equal(mcu.readUint8(0x13000000), 0xff);
  mcu.writeUint8(0x4005800c, 0x5a); // watchdog scratch 0
  assert.equal(mcu.readUint32(0x4005800c), 0x5a5a5a5a);
  mcu.writeUint32(0x4005a00c, 0x0f); // set alias
  mcu.writeUint32(0x4005b00c, 0xff00); // clear alias
  assert.equal(mcu.readUint32(0x4005800c), 0x5a5a005f);
});

test('erasing and programming flash take their time, in which nothing runs and alarms still fire', () => {
  const machine = bench([0x3701, 0xe7fd]); // counts in r7
  const alarms = [];
  machine.clock.createAlarm(() => alarms.push(machine.clock.nanos)).schedule(20e6);
  machine.memory.flash.fill(0, 0, 16384);
  flashErase(machine, 4096, 4096, 65536);
  const { cycles: executed } = machine.run({ until: 45e6 });
  assert.equal(executed, 0);
  assert.deepEqual(alarms, [20e6]);
  assert.deepEqual([0, 4095, 4096, 8191, 8192].map((at) => machine.memory.flash[at]), [0, 0, 0xff, 0xff, 0]);
  machine.poke(DATA, [0xf0, 0x0f]);
  flashProgram(machine, 4096, DATA, 512);
  flashProgram(machine, 4097, DATA, 1);
  assert.deepEqual([...machine.memory.flash.subarray(4096, 4098)], [0xf0, 0x00], 'bits only fall');
  assert.ok(machine.run({ until: 45e6 + 390_000 }).cycles === 0);
  flashErase(machine, 2 * 1024 * 1024, 4096, 65536);
  assert.match(machine.halted.message, /past the 2 MB/);
});

test('flash commands by hand: unique id, JEDEC id, status', () => {
  const { mcu } = bench([BACK]);
  const select = (low) => mcu.writeUint32(0x4001800c, low ? 2 << 8 : 0);
  const command = (bytes) => {
    select(true);
    const answer = bytes.map((byte) => {
      mcu.writeUint32(0x18000060, byte);
      assert.equal(mcu.readUint32(0x18000028) & 8, 8);
      return mcu.readUint32(0x18000060);
    });
    select(false);
    return answer;
  };
  assert.deepEqual(command([0x4b, 0, 0, 0, 0, ...Array(8).fill(0)]).slice(5), UNIQUE_ID);
  assert.deepEqual(command([0x9f, 0, 0, 0]).slice(1), [0xef, 0x40, 0x15]);
  assert.deepEqual(command([0x05, 0]).slice(1), [0]);
});

test('a reset keeps what the chip keeps', () => {
  const machine = bench([BACK]);
  const { mcu } = machine;
  mcu.writeUint32(0x40058010, 77);
  machine.poke(DATA, [9]);
  mcu.writeUint32(0x40058004, 2000); // 1,000 us
  mcu.writeUint32(0x40058000, 1 << 30);
  const { resets } = machine.run({ until: 2e6 });
  assert.deepEqual(resets, [{ at: 1e6, cause: 'watchdog' }]);
  assert.deepEqual([0x40058008, 0x40058010, 0x40064008].map((at) => machine.mcu.readUint32(at)), [1, 77, 0x100]);
  assert.equal(machine.peek(DATA, 1)[0], 9);
  machine.mcu.writeUint32(PPB + 0xd0c, 0x05fa0004);
  machine.halted = null;
  assert.equal(machine.run({ until: 3e6 }).resets[0].cause, 'software');
  assert.equal(machine.mcu.readUint32(0x40058010), 77);
  machine.reset('run');
  assert.deepEqual([0x40058008, 0x40058010, 0x40064008].map((at) => machine.mcu.readUint32(at)), [0, 0, 0x10000]);
  machine.power();
  assert.equal(machine.peek(DATA, 1)[0], 0);
});

test('the ROM jumps where the scratch registers say, once', () => {
  const machine = bench([BACK]);
  const magic = 0xb007c0d3;
  put(machine, DATA, [0x2605, BACK]);
  const words = [magic, ((DATA | 1) ^ -magic) >>> 0, 0x20030000, DATA | 1];
  words.forEach((word, index) => machine.mcu.writeUint32(0x4005801c + 4 * index, word));
  machine.mcu.writeUint32(0x40058000, 0x80000000);
  machine.run({ until: 10_000 });
  assert.equal(machine.mcu.core.registers[6], 5);
  assert.equal(machine.mcu.core.SP, 0x20030000);
  assert.equal(machine.mcu.readUint32(0x4005801c), 0);
});

test('an erased flash is told, and a UF2 that does not fit is refused in one line', () => {
  const machine = new Machine();
  assert.match(machine.run({ until: 1000 }).fault.message, /^the flash holds no firmware: load a UF2/);
  const flash = new Uint8Array(2 * 1024 * 1024);
  const block = (family, target, size = 256) => {
    const bytes = new Uint8Array(512);
    const view = new DataView(bytes.buffer);
    [0x0a324655, 0x9e5d5157, 0x2000, target, size, 0, 1, family].forEach((word, at) => view.setUint32(4 * at, word, true));
    view.setUint32(508, 0x0ab16f30, true);
    bytes[32] = 0x42;
    return bytes;
  };
  readUf2(block(0xe48bff56, 0x10000100), flash);
  assert.equal(flash[0x100], 0x42);
  assert.throws(() => readUf2(block(0xe48bff59, 0x10000100), flash), /family 0xe48bff59.*RP2040/);
  assert.throws(() => readUf2(block(0xe48bff56, 0x10200000), flash), /outside the 2 MB/);
  assert.throws(() => readUf2(new Uint8Array(512), flash), /no UF2 block/);
  assert.throws(() => readUf2(new Uint8Array(0), flash), /nothing for the RP2040/);
});

test('power that goes in the middle of a program or an erase leaves it half done, and the same each time', () => {
  const cut = () => {
    const machine = bench([BACK]);
    const { flash } = machine.memory;
    flashErase(machine, 0, 4096, 65536);
    machine.power();
    const erased = flash.slice(0, 4096);
    flash.fill(0xff, 0, 4096);
    machine.mcu.sram.fill(0, DATA - 0x20000000, DATA - 0x20000000 + 256);
    flashProgram(machine, 256, DATA, 256);
    machine.power();
    return { erased, programmed: flash.slice(256, 512), beside: flash.slice(512, 4096) };
  };
  const { erased, programmed, beside } = cut();
  assert.ok(programmed.some((byte) => byte) && programmed.some((byte) => byte !== 0xff));
  assert.ok(beside.every((byte) => byte === 0xff));
  assert.ok(erased.every((byte) => byte === 0xff)); // it was blank before
  assert.deepEqual(cut(), { erased, programmed, beside });
});

test('an erase that is cut off leaves some of what was there; one that has ended does not', () => {
  const erased = (nanos) => {
    const machine = bench([BACK]);
    const { flash } = machine.memory;
    flash.fill(0x5a, 0, 4096);
    flashErase(machine, 0, 4096, 65536);
    machine.run({ until: machine.now + nanos });
    machine.power();
    return flash.slice(0, 4096);
  };
  assert.ok(erased(20e6).some((byte) => byte !== 0xff));
  assert.ok(erased(20e6).every((byte) => (byte & 0x5a) === 0x5a)); // an erase clears no bit
  assert.ok(erased(60e6).every((byte) => byte === 0xff));
});
