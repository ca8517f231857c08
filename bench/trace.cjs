// Loaded into the daemon before its own program (node --require): notes when each knock reached which stage, a JSON line for
// each grant, in the file named by KNOCKGATE_BENCH_TRACE. The daemon tells of its stages on a diagnostics channel when
// somebody listens (server-helper/stages.ts).
const { appendFile } = require('node:fs');
const { subscribe } = require('node:diagnostics_channel');

const NFULA_TIMESTAMP = 3;
const knocks = new WeakMap();

subscribe('knockgate.stages', ({ stage, packet, frame }) => {
  const at = Number(process.hrtime.bigint()) / 1e6;
  const knock = knocks.get(packet) ?? { stages: [] };
  knocks.set(packet, knock);
  knock.stages.push({ stage, at });
  if (frame) {
    knock.tcpdumpWall = frame.time;
    knock.kernelWall = kernelTime(frame);
  }
  // Not waited for, and after the last stage: writing is not part of what is measured.
  if (stage === 'granted') appendFile(process.env.KNOCKGATE_BENCH_TRACE, `${JSON.stringify(knock)}\n`, () => {});
});

/** When the rule logged the packet, in unix milliseconds: an attribute of LINKTYPE_NFLOG, seconds and microseconds. */
function kernelTime({ bytes, littleEndian }) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 4; at + 4 <= bytes.length; ) {
    const length = view.getUint16(at, littleEndian);
    if (length < 4) return undefined;
    if (view.getUint16(at + 2, littleEndian) === NFULA_TIMESTAMP) {
      return Number(view.getBigUint64(at + 4)) * 1000 + Number(view.getBigUint64(at + 12)) / 1000;
    }
    at += (length + 3) & ~3;
  }
  return undefined;
}
