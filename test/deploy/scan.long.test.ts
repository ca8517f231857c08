import { Installed } from './installed.ts';
import { describeScans, SCANNED } from './scans.ts';

describeScans('a gate with systemd', async () => {
  const gate = await Installed.armed({ name: 'scanned', settings: SCANNED });
  return { pair: gate.target.pair, knock: () => gate.knock(), end: () => gate.end() };
});
