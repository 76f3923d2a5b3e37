// The analogue inputs: what is plugged in, and two cures of the stock converter (datasheet 4.9).
// The rest of it, and all of PWM, works as it comes.

/** The temperature sensor at 27 degrees: 0.706 V of 3.3 V in 4096 steps (4.9.5). */
export const ROOM_TEMPERATURE = Math.round((0.706 / 3.3) * 4096);

const CS_START_ONE = 1 << 2;
const AINSEL_SHIFT = 12;
const AINSEL_MASK = 7;
const TEMPERATURE_CHANNEL = 4;

/** Feed the converter of the present chip from `machine.plugged.analog`. */
export function install(machine) {
  const { adc } = machine.mcu;
  const feed = () => {
    machine.plugged.analog.forEach((value, channel) => {
      adc.channelValues[channel] = channel === TEMPERATURE_CHANNEL ? value || ROOM_TEMPERATURE : value;
    });
  };
  feed();
  machine.atPlug.push(feed);

  // START_ONE clears itself; kept, it makes each later write to CS convert once more.
  const write = adc.writeUint32.bind(adc);
  adc.writeUint32 = (offset, value) => {
    write(offset, value);
    adc.cs &= ~CS_START_ONE;
  };
  // The stock setter masks the channel with the shift, so that round robin stays on channel 0.
  Object.defineProperty(adc, 'activeChannel', {
    get: () => (adc.cs >> AINSEL_SHIFT) & AINSEL_MASK,
    set: (channel) => {
      adc.cs = (adc.cs & ~(AINSEL_MASK << AINSEL_SHIFT)) | ((channel & AINSEL_MASK) << AINSEL_SHIFT);
    },
  });
}
