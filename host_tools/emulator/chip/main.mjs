// The chip as a process: one JSON request a line on stdin, one JSON answer a line on stdout, in step. There is no event
// loop; while a request runs, the chip may ask a question on stdout and wait for the answer on stdin.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const WANTED = '1.4.1'; // the fast interpreter uses the package's inner fields: another version may mean other things
const require = createRequire(import.meta.url);

/** The installed version of rp2040js; its package.json is not among its exports. */
function installedVersion() {
  const folder = path.join(path.dirname(new URL(import.meta.url).pathname), 'node_modules', 'rp2040js');
  return require(path.join(folder, 'package.json')).version;
}

/** Lines over two file descriptors, blocking. */
export class Channel {
  constructor(input = 0, output = 1) {
    this.input = input;
    this.output = output;
    this.chunk = Buffer.alloc(65536);
    this.pending = Buffer.alloc(0);
  }

  /** The next line, or null at the end of the input. */
  read() {
    for (;;) {
      const end = this.pending.indexOf(10);
      if (end >= 0) {
        const line = this.pending.toString('utf8', 0, end);
        this.pending = this.pending.subarray(end + 1);
        return line;
      }
      const size = this.fill();
      if (size === 0) return this.last();
      this.pending = Buffer.concat([this.pending, this.chunk.subarray(0, size)]);
    }
  }

  /** What stands behind the last line's end; then null. */
  last() {
    const line = this.pending.toString('utf8');
    this.pending = Buffer.alloc(0);
    return line || null;
  }

  fill() {
    for (;;) {
      try {
        return fs.readSync(this.input, this.chunk, 0, this.chunk.length, null);
      } catch (error) {
        if (error.code === 'EOF') return 0;
        if (error.code !== 'EAGAIN') throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); // a terminal on stdin is not blocking
      }
    }
  }

  write(object) {
    let rest = Buffer.from(`${JSON.stringify(object)}\n`);
    while (rest.length) {
      try {
        rest = rest.subarray(fs.writeSync(this.output, rest));
      } catch (error) {
        if (error.code !== 'EAGAIN') throw error;
      }
    }
  }
}

const base64 = (bytes) => Buffer.from(bytes).toString('base64');
const bytesOf = (text) => new Uint8Array(Buffer.from(text ?? '', 'base64'));

/** Writes beside the file and renames, so that a cut leaves the old image whole. */
function writeAtomically(file, bytes) {
  const beside = `${file}.${process.pid}.part`;
  const descriptor = fs.openSync(beside, 'w');
  fs.writeSync(descriptor, bytes);
  fs.fsyncSync(descriptor);
  fs.closeSync(descriptor);
  fs.renameSync(beside, file);
}

/** Answers to the requests, by their `op`. */
export function makeOperations(machine) {
  const plug = () => {
    for (const listener of machine.atPlug) listener();
    return { ok: true };
  };
  return {
    load({ uf2, flash }) {
      machine.load({
        uf2: uf2 ? fs.readFileSync(uf2) : null,
        flash: flash && fs.existsSync(flash) ? fs.readFileSync(flash) : null,
      });
      return { ok: true };
    },
    serial({ name, tx, rx, baudrate }) {
      machine.plugged.serial.set(name, { name, tx, rx, baudrate });
      return plug();
    },
    watch({ gpios }) {
      for (const gpio of gpios) machine.plugged.watch.add(gpio);
      return plug();
    },
    i2c({ bus, addresses }) {
      machine.plugged.i2c[bus] = new Set(addresses);
      return plug();
    },
    spi({ bus, select }) {
      machine.plugged.spi[bus] = true;
      machine.plugged.spiSelect[bus] = select;
      return plug();
    },
    analog({ channel, value }) {
      machine.plugged.analog[channel] = value;
      return plug();
    },
    run(request) {
      const serial = {};
      for (const [name, chunks] of Object.entries(request.serial ?? {})) {
        serial[name] = chunks.map(([start, text]) => [start, bytesOf(text)]);
      }
      const answer = machine.run({ ...request, usb: bytesOf(request.usb), serial, pins: request.pins ?? [] });
      return { ...answer, usb: base64(answer.usb) };
    },
    peek({ regions }) {
      return { bytes: regions.map(([address, length]) => base64(machine.peek(address, length))) };
    },
    poke({ address, bytes }) {
      machine.poke(address, bytesOf(bytes));
      return { ok: true };
    },
    save({ flash }) {
      writeAtomically(flash, machine.memory.flash);
      return { ok: true };
    },
    reset() {
      machine.reset('run');
      return { ok: true };
    },
    power() {
      machine.power();
      return { ok: true };
    },
  };
}

/** Serves requests until the input ends. */
async function serve() {
  const channel = new Channel();
  if (installedVersion() !== WANTED) {
    channel.write({ error: `rp2040js ${installedVersion()} is installed, ${WANTED} is needed: run npm ci in its folder` });
    return;
  }
  const { Machine } = await import('./machine.mjs');
  const machine = new Machine();
  machine.ask = (question) => {
    channel.write(question);
    const line = channel.read();
    if (line === null) process.exit(0);
    return JSON.parse(line);
  };
  const operations = makeOperations(machine);
  for (let line = channel.read(); line !== null; line = channel.read()) {
    if (!line.trim()) continue;
    try {
      const request = JSON.parse(line);
      const operation = Object.hasOwn(operations, request.op) ? operations[request.op] : null;
      if (!operation) throw new Error(`unknown op ${JSON.stringify(request.op)}`);
      channel.write(operation(request));
    } catch (error) {
      channel.write({ error: String(error.message).split('\n')[0] });
      if (!(error instanceof Error)) throw error;
    }
  }
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fs.realpathSync(new URL(import.meta.url).pathname)) await serve();
