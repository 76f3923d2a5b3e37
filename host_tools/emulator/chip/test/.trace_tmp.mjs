import { PioMachine } from '../pio_machine.mjs';
const P=PioMachine.prototype; const st=P.step, pk=P.park, se=P.settle, un=P.unpark, ex=P.exec, re=P.retry;
const [A,B]=(process.env.W??'0-0').split('-').map(Number);
const on=(m)=>globalThis.TR&&m.timeline.cycle>=A&&m.timeline.cycle<=B && (process.env.M??'00')===''+m.block.number+m.index;
P.step=function(c){ const pc=this.pc; st.call(this,c); if(on(this)) console.log(c,'now',this.timeline.cycle,'pc',pc,'->',this.pc,'tick',this.tick,'next',this.timeline.times[this.slot],'x',this.x,'y',this.y,this.stalled?'stalled':'','in',this.block.gpio.inputs.toString(2)); };
P.park=function(){ pk.call(this); if(on(this)) console.log('  park tick',this.tick,'period',this.loop.period,'turns',this.loop.turns,'reads',this.reads.toString(2)); };
P.unpark=function(c){ un.call(this,c); if(on(this)) console.log('  unpark',c,'tick',this.tick,'x',this.x,'y',this.y,new Error().stack.split('\n')[2].trim().split(' ')[1]);};
P.exec=function(o,c){ if(on(this)) console.log('  exec',o.toString(16),c); ex.call(this,o,c);};
