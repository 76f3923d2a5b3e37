// The chip as a process: requests in, answers out, errors in one line, and it goes on.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';

const MAIN = new URL('../main.mjs', import.meta.url).pathname;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'chip-'));
test.after(() => fs.rmSync(folder, { recursive: true }));

/** Checksum of the second stage, RP2040 datasheet 2.8.1.3.1, as a division of polynomials on one big number. */
function checksum(bytes) {
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex')}00000000`);
  rest ^= 0xffffffffn << BigInt(8 * bytes.length);
  for (let bit = 8 * bytes.length + 31; bit >= 32; bit--) {
    if ((rest >> BigInt(bit)) & 1n) rest ^= 0x104c11db7n << BigInt(bit - 32);
  }
  return Number(rest);
}

/** A UF2 whose second stage counts in r7, puts the count at 0x20000000 and waits for an interrupt that never comes. */
function writeUf2() {
  const stage = Buffer.alloc(256);
  // movs r0, #32; lsls r0, #24; adds r7, #1; str r7, [r0]; wfi; b back
  [0x2020, 0x0600, 0x3701, 0x6007, 0xbf30, 0xe7fb].forEach((half, at) => stage.writeUInt16LE(half, 2 * at));
  stage.writeUInt32LE(checksum(stage.subarray(0, 252)), 252);
  const block = Buffer.alloc(512);
  [0x0a324655, 0x9e5d5157, 0x2000, 0x10000000, 256, 0, 1, 0xe48bff56].forEach((word, at) => block.writeUInt32LE(word, 4 * at));
  stage.copy(block, 32);
  block.writeUInt32LE(0x0ab16f30, 508);
  const file = path.join(folder, 'count.uf2');
  fs.writeFileSync(file, block);
  return file;
}

/** Answers of one process to these requests. */
function serve(requests) {
  const input = requests.map((request) => (typeof request === 'string' ? request : JSON.stringify(request))).join('\n');
  const { stdout, stderr, status } = spawnSync('node', [MAIN], { input, encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return stdout.trim().split('\n').map((line) => JSON.parse(line));
}

test('a small firmware runs, is read, is saved, and runs again from the saved flash', () => {
  const image = path.join(folder, 'flash.bin');
  const peek = { op: 'peek', regions: [[0x20000000, 4], [0x10000000, 2]] };
  const [loaded, ran, seen, poked, saved, reset, again] = serve([
    { op: 'load', uf2: writeUf2(), flash: image },
    { op: 'run', until: 1_000_000, usb: '', serial: {}, pins: [], break_on_usb: false },
    peek,
    { op: 'poke', address: 0x10100000, bytes: Buffer.from('landed').toString('base64') },
    { op: 'save', flash: image },
    { op: 'reset' },
    { op: 'run', until: 2_000_000 },
  ]);
  assert.deepEqual(loaded, { ok: true });
  assert.deepEqual(ran, { now: 1_000_000, cycles: 7, idle: true, usb: '', serial: {}, edges: [], resets: [], fault: null });
  assert.deepEqual(seen.bytes.map((text) => [...Buffer.from(text, 'base64')]), [[1, 0, 0, 0], [0x20, 0x20]]);
  assert.deepEqual([poked, saved, reset], [{ ok: true }, { ok: true }, { ok: true }]);
  assert.deepEqual(again.resets, [{ at: 1_000_000, cause: 'run' }]);
  assert.equal(fs.statSync(image).size, 2 * 1024 * 1024);
  assert.deepEqual(fs.readdirSync(folder).sort(), ['count.uf2', 'flash.bin']);
  const [, , flown] = serve([
    { op: 'load', uf2: null, flash: image },
    { op: 'run', until: 1_000_000 },
    { op: 'peek', regions: [[0x20000000, 1], [0x10100000, 6]] },
  ]);
  assert.deepEqual(flown.bytes.map((text) => Buffer.from(text, 'base64').toString('latin1')), ['\x01', 'landed']);
});

test('an error is one line, and the next request is answered', () => {
  const answers = serve([
    { op: 'load', uf2: path.join(folder, 'none.uf2'), flash: null },
    'not json',
    { op: 'constructor' },
    { op: 'peek', regions: [[0x60000000, 1]] },
    { op: 'load', uf2: MAIN, flash: null },
    { op: 'load', uf2: null, flash: null },
    { op: 'run', until: 1000 },
  ]);
  assert.match(answers[0].error, /none\.uf2/);
  assert.match(answers[1].error, /JSON/);
  assert.equal(answers[2].error, 'unknown op "constructor"');
  assert.match(answers[3].error, /^reads address 0x60000000/);
  assert.match(answers[4].error, /no UF2 block/);
  assert.deepEqual(answers[5], { ok: true });
  assert.equal(answers[6].fault.kind, 'boot');
  assert.ok(answers.every((answer) => !JSON.stringify(answer).includes('\\n')));
});
