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
  const seen = []; if (process.env.D==String(seed)) console.log(words.map((w,i)=>i+":"+["jmp","wait","in","out",(w&0x80)?"pull":"push","mov","irq","set"][w>>13]+" d="+((w>>8)&31)+" a="+((w>>5)&7)+","+(w&31)).join("\n"), [PIO0,PIO1].flatMap(k=>b.mcu.peripherals[k>>>12].machines.slice(0,2).map(m=>[m.divider,m.execCtrl.toString(16),m.shiftCtrl.toString(16),m.pinCtrl.toString(16)])));
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
    seen.push(...b.end().edges.flat());if(globalThis.LOG)console.log(b.core.cycles, JSON.stringify(seen.slice(-6)), b.mcu.peripherals[0x50200].bypass, b.mcu.peripherals[0x50300].bypass, b.gpio.levels.toString(2));
  }
  seen.push(...[PIO0, PIO1].flatMap((block) => b.mcu.peripherals[block >>> 12].machines).flatMap((m) => {
    m.settle(b.core.cycles);
    return [m.pc, m.x | 0, m.y | 0, m.isr | 0, m.osr | 0, m.isrCount, m.osrCount];
  }));
  return seen;
}

const { closes } = Loop.prototype;
let bad=[];
const N=Number(process.argv[2]??400);
for (let seed=1; seed<=N; seed++){
 Loop.prototype.closes=()=>false; const p=story(seed); Loop.prototype.closes=closes; const f=story(seed);
 if (JSON.stringify(p)!==JSON.stringify(f)) { let i=0; while(p[i]===f[i]) i++; bad.push([seed,i,p.length,f.length,p.slice(i-2,i+10).join(),f.slice(i-2,i+10).join()]); }
}
console.log(bad.length); for (const x of bad.slice(0,6)) console.log(JSON.stringify(x));
