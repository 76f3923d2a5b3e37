// The other end of the USB cable: a host that enumerates the board by itself, opens its serial port (DTR) and reads it
// without pause. A read that the board has armed is completed only when there is data: the package's own host answers
// each with an empty packet every 10 us, so that the core never comes to rest. USB 2.0 chapter 9; CDC PSTN 1.2, 6.3.12.
import { DescriptorType, createSetupPacket } from 'rp2040js';

const PACKET = 64;
const CONFIGURATION_HEAD = 9;
const TURNAROUND_NS = 20_000; // from the end of one control transfer to the next
const CLASS_COMMUNICATION = 2;
const CLASS_DATA = 10;
const BULK = 2;
const SET_ADDRESS = 5;
const GET_DESCRIPTOR = 6;
const SET_CONFIGURATION = 9;
const SET_LINE_STATE = 0x22;
const DTR_RTS = 3;
const INTE = 0x90;
const SOF_RD = 0x48;
const DEV_SOF = 1 << 17; // INTR, INTE: start of frame, cleared by reading SOF_RD, RP2040 datasheet 4.1.4
const FRAME_NS = 1_000_000;

const toDevice = (bRequest, wValue) =>
  createSetupPacket({ dataDirection: 0, type: 0, recipient: 0, bRequest, wValue, wIndex: 0, wLength: 0 });
const descriptor = (type, wLength) =>
  createSetupPacket({ dataDirection: 1, type: 0, recipient: 0, bRequest: GET_DESCRIPTOR, wValue: type << 8, wIndex: 0, wLength });
const lineState = (wIndex) =>
  createSetupPacket({ dataDirection: 0, type: 1, recipient: 1, bRequest: SET_LINE_STATE, wValue: DTR_RTS, wIndex, wLength: 0 });

/** Interface and endpoints of the serial port in a configuration descriptor. */
export function findSerialPort(bytes) {
  const port = { control: -1, input: -1, output: -1 };
  let data = false;
  for (let at = 0; at + 2 <= bytes.length && bytes[at] >= 2; at += bytes[at]) {
    const type = bytes[at + 1];
    if (type === DescriptorType.Interface) {
      if (bytes[at + 5] === CLASS_COMMUNICATION && port.control < 0) port.control = bytes[at + 2];
      data = bytes[at + 5] === CLASS_DATA && port.input < 0;
    } else if (type === DescriptorType.Endpoint && data && (bytes[at + 3] & 3) === BULK) {
      if (bytes[at + 2] & 0x80) port.input = bytes[at + 2] & 15;
      else port.output = bytes[at + 2] & 15;
    }
    if (port.input >= 0 && port.output >= 0) data = false;
  }
  return port;
}

export class UsbHost {
  constructor(machine) {
    this.machine = machine;
    this.out = []; // chunks that came from the board
    this.input = []; // chunks for the board
    this.breakOnData = false;
  }

  /** Plugs the cable into a new chip; what was on its way to the old one is lost. */
  install() {
    this.usb = this.machine.mcu.usbCtrl;
    this.input = [];
    this.alarm = this.machine.clock.createAlarm(() => this.request());
    this.disconnect();
    this.usb.onUSBEnabled = () => {
      this.disconnect();
      this.usb.resetDevice();
    };
    this.usb.onResetReceived = () => {
      this.disconnect();
      this.start('address', toDevice(SET_ADDRESS, 1));
    };
    this.usb.onEndpointWrite = (endpoint, bytes) => this.received(endpoint, bytes);
    this.usb.onEndpointRead = (endpoint, size) => this.armed(endpoint, size);
    this.installFrames();
  }

  /** Frames begin each millisecond, but only while the board listens: MicroPython counts 16 of them, then greets. */
  installFrames() {
    const { usb } = this;
    const read = usb.readUint32.bind(usb);
    const write = usb.writeUint32.bind(usb);
    const frames = this.machine.clock.createAlarm(() => {
      usb.sofFrameNumber = (usb.sofFrameNumber + 1) & 0x7ff;
      usb.intRaw |= DEV_SOF;
      usb.checkInterrupts();
      frames.schedule(FRAME_NS);
    });
    usb.readUint32 = (offset) => {
      if (offset === SOF_RD) {
        usb.intRaw &= ~DEV_SOF;
        usb.checkInterrupts();
      }
      return read(offset);
    };
    usb.writeUint32 = (offset, value) => {
      write(offset, value);
      if (offset !== INTE) return;
      if (!(value & DEV_SOF)) frames.cancel();
      else if (!frames.scheduled) frames.schedule(FRAME_NS);
    };
  }

  disconnect() {
    this.stage = null;
    this.configuration = [];
    this.port = { control: -1, input: -1, output: -1 };
    this.connected = false;
    this.room = 0; // size of the read that the board has armed
    this.alarm.cancel();
  }

  start(stage, packet) {
    this.stage = stage;
    this.packet = packet;
    this.alarm.schedule(TURNAROUND_NS);
  }

  request() {
    this.usb.sendSetupPacket(this.packet);
  }

  received(endpoint, bytes) {
    if (endpoint === 0) {
      if (bytes.length === 0) this.acknowledged();
      else this.configuration.push(...bytes);
    } else if (endpoint === this.port.input && bytes.length) {
      this.out.push(Uint8Array.from(bytes));
      if (this.breakOnData) this.machine.attention = true;
    }
  }

  /** The board has finished a request without data. */
  acknowledged() {
    if (this.stage === 'address') this.start('head', descriptor(DescriptorType.Configration, CONFIGURATION_HEAD));
    else if (this.stage === 'configure') this.start('line', lineState(this.port.control));
    else if (this.stage === 'line') {
      this.connected = true;
      this.feed();
    }
  }

  armed(endpoint, size) {
    if (endpoint === 0) {
      this.usb.endpointReadDone(0, new Uint8Array(0)); // the status stage of a request with data
      this.described();
    } else if (endpoint === this.port.output) {
      this.room = size;
      this.feed();
    }
  }

  described() {
    const bytes = this.configuration;
    const total = bytes[2] | (bytes[3] << 8);
    if (this.stage === 'head' && bytes.length >= CONFIGURATION_HEAD) {
      this.configuration = [];
      this.start('whole', descriptor(DescriptorType.Configration, total));
    } else if (this.stage === 'whole' && bytes.length >= total) {
      this.port = findSerialPort(bytes);
      this.start('configure', toDevice(SET_CONFIGURATION, 1));
    }
  }

  /** Bytes for the board, sent as soon as it reads. */
  send(bytes) {
    if (bytes?.length) this.input.push(Uint8Array.from(bytes));
    this.feed();
  }

  feed() {
    if (!this.room || !this.input.length || !this.connected) return;
    const chunk = this.input[0];
    const size = Math.min(this.room, PACKET, chunk.length);
    this.room = 0;
    if (size === chunk.length) this.input.shift();
    else this.input[0] = chunk.subarray(size);
    this.usb.endpointReadDone(this.port.output, chunk.subarray(0, size));
  }

  /** What came from the board since the last call. */
  take() {
    const total = this.out.reduce((sum, chunk) => sum + chunk.length, 0);
    const bytes = new Uint8Array(total);
    let at = 0;
    for (const chunk of this.out) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    this.out = [];
    return bytes;
  }
}
