// The real firmware, given by PLUMBLINE_UF2, on the whole chip: both interpreters go the same way cycle for cycle,
// and what a board keeps survives what it survives.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import test from 'node:test';
import { Machine } from '../machine.mjs';
import { state } from './bench.mjs';

const MS = 1e6;
assert.ok(process.env.PLUMBLINE_UF2, 'set PLUMBLINE_UF2 to a firmware image for the RP2040');
const uf2 = fs.readFileSync(process.env.PLUMBLINE_UF2);

function board({ flash = null, slow = false } = {}) {
  const machine = new Machine();
  machine.slow = slow;
  machine.load({ uf2, flash });
  return machine;
}

/** Runs for so long, sending `text` first; the answer's `text` is what came back. */
function go(machine, ms, text = '') {
  const answer = machine.run({ until: machine.now + ms * MS, usb: Buffer.from(text) });
  assert.equal(answer.fault, null);
  return { ...answer, text: Buffer.from(answer.usb).toString('latin1') };
}

/** Runs `code` through the raw REPL; yields what it printed, or fails with its traceback. */
function execute(machine, code, ms = 1000) {
  let text = go(machine, 10, '\r\x03\x01').text;
  text = go(machine, 1, `${code}\x04`).text;
  const end = machine.now + ms * MS;
  while (!/\x04[^]*\x04>/.test(text) && machine.now < end) text += go(machine, 5).text;
  const [, output, error] = /OK([^]*?)\x04([^]*?)\x04>/.exec(text) ?? assert.fail(`no answer in ${ms} ms: ${text}`);
  assert.equal(error, '');
  go(machine, 5, '\x02');
  return output.trim();
}

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

test('a boot to the prompt and some Python take the same way on the fast and on the stock interpreter', () => {
  const pair = [board(), board({ slow: true })];
  const legs = [[3], [150], [350], [20, '\r\n'], [60, 'print(sum(1/(i+1) for i in range(90)), 3**70)\r\n']];
  for (const [ms, text] of legs) {
    const [fast, slow] = pair.map((machine) => go(machine, ms, text));
    assert.equal(fast.text, slow.text);
    assert.equal(fast.cycles, slow.cycles);
    assert.deepEqual(state(pair[0]), state(pair[1]));
    assert.equal(digest(pair[0].memory.sram), digest(pair[1].memory.sram));
    assert.equal(digest(pair[0].memory.flash), digest(pair[1].memory.flash));
  }
});

test('the same run twice gives the same cycles and the same memory', () => {
  const [first, second] = [board(), board()].map((machine) => {
    go(machine, 600);
    execute(machine, 'import os, random\nopen("x", "w").write(str(random.random()))');
    return { state: state(machine), sram: digest(machine.memory.sram), flash: digest(machine.memory.flash) };
  });
  assert.deepEqual(first, second);
});

test('the prompt comes by itself, and Python calculates in single precision', () => {
  const machine = board();
  assert.match(go(machine, 700).text, /MicroPython v1\.\d+\.\d+[^]*>>> $/);
  // mantissas of 24 bits: sqrt(2) is 11,863,283 / 2^23, 1/3 is 11,184,811 / 2^25
  const code = 'print(1.5*2, int(2**0.5*2**23), int(1/3*2**25), int(-1.5), float("inf")-1, 7//2, -7//2)';
  assert.equal(execute(machine, code), '3.0 11863283 11184811 -1 inf 3 -4');
  assert.equal(execute(machine, 'print(float("nan")==float("nan"), 0.0==-0.0, 1e-40, 3e38*10)'), 'False True 0.0 inf');
});

test('a file survives a soft reset, machine.reset() and a new process; an erased flash is formatted', () => {
  const machine = board();
  go(machine, 700);
  execute(machine, 'f = open("a.txt", "w"); f.write("landed" * 500); f.close()');
  go(machine, 300, '\x04');
  assert.equal(execute(machine, 'print(len(open("a.txt").read()))'), '3000');
  const { resets } = go(machine, 600, 'import machine; machine.reset()\r\n');
  assert.deepEqual(resets.map(({ cause }) => cause), ['software']);
  assert.equal(execute(machine, 'print(len(open("a.txt").read()))'), '3000');
  const other = board({ flash: Uint8Array.from(machine.memory.flash) });
  go(other, 700);
  assert.equal(execute(other, 'print(len(open("a.txt").read()))'), '3000');
});

test('five seconds of sleep take five seconds of emulated time and few cycles', () => {
  const machine = board();
  go(machine, 700);
  const before = machine.clock.ticks - machine.clock.skipped;
  const took = Number(execute(machine, 'import time\nt = time.ticks_us()\ntime.sleep(5)\nprint(time.ticks_diff(time.ticks_us(), t))', 6000));
  const cycles = machine.clock.ticks - machine.clock.skipped - before;
  assert.ok(took >= 5_000_000 && took < 5_000_500, `${took} us`);
  assert.ok(cycles < 1_500_000, `${cycles} cycles`);
});

test('a watchdog that is not fed resets on time; the cause and the scratch registers tell', () => {
  const machine = board();
  go(machine, 700);
  assert.equal(execute(machine, 'import machine\nprint(machine.reset_cause())'), '1');
  execute(machine, 'machine.mem32[0x4005800c] = 0x1badcafe');
  const code = 'from machine import WDT\nimport time\nw = WDT(timeout=300)\nfor i in range(4):\n time.sleep_ms(200)\n w.feed()\nwhile 1:\n pass\n';
  go(machine, 10, '\r\x03\x01');
  const { now } = go(machine, 1, `${code}\x04`);
  const { resets } = go(machine, 2000);
  assert.deepEqual(resets.map(({ cause }) => cause), ['watchdog']);
  // fed for the last time 800 ms after its start, so it expires at 1,100 ms
  assert.ok(Math.abs(resets[0].at - now - 1100 * MS) < 10 * MS, `${(resets[0].at - now) / MS} ms`);
  assert.equal(execute(machine, 'import machine\nprint(machine.reset_cause(), hex(machine.mem32[0x4005800c]))'), '3 0x1badcafe');
  machine.reset('run');
  go(machine, 700);
  assert.equal(execute(machine, 'import machine\nprint(machine.reset_cause(), hex(machine.mem32[0x4005800c]))'), '1 0x0');
});

test('machine.bootloader() is reported, and the chip waits until it is reset', () => {
  const machine = board();
  go(machine, 700);
  const { resets } = go(machine, 100, 'import machine; machine.bootloader()\r\n');
  assert.deepEqual(resets.map(({ cause }) => cause), ['bootloader']);
  const { idle, cycles } = go(machine, 1000, 'print(1)\r\n');
  assert.deepEqual({ idle, cycles }, { idle: true, cycles: 0 });
  machine.reset('run');
  assert.match(go(machine, 700).text, /MicroPython/);
});

test('_thread stops the run instead of hanging it', () => {
  const machine = board();
  go(machine, 700);
  const answer = machine.run({
    until: machine.now + 500 * MS,
    usb: Buffer.from('import _thread; _thread.start_new_thread(print, ())\r\n'),
  });
  assert.equal(answer.fault.kind, 'core1');
  assert.match(answer.fault.message, /^core 1 is not modelled: .*pc=0x1[0-9a-f]{7} lr=0x/);
});

test('native and viper functions, collections and an interrupt handler work', () => {
  const machine = board();
  go(machine, 700);
  const code = `
import gc, micropython
from machine import Timer
@micropython.viper
def v(n: int) -> int:
    s = 0
    for i in range(n):
        s += (i * i) >> 3
    return s
@micropython.native
def a(x, y):
    return x * y + 1
for i in range(50):
    l = [[j] for j in range(300)]
    gc.collect()
seen = []
t = Timer(period=10, callback=lambda t: seen.append(1))
import time
time.sleep_ms(105)
t.deinit()
print(v(1000), a(6, 7), len(l), len(seen))`;
  // sum of i*i >> 3 for i below 1,000
  const sum = Array.from({ length: 1000 }, (_, i) => (i * i) >> 3).reduce((x, y) => x + y);
  assert.equal(execute(machine, code, 5000), `${sum} 43 300 10`);
});
