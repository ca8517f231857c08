import { describe, expect, it } from 'vitest';
import { auditTo } from '../../../../server-helper/audit/audit.ts';
import { WALL } from '../support.ts';

describe('the audit log', () => {
  it('is one JSON object a line, its time first, absent fields left out', () => {
    const lines: string[] = [];
    const audit = auditTo(
      (line) => lines.push(line),
      () => WALL + 7,
    );
    audit({ event: 'refused', client: 'alice', source: '198.51.100.7', reason: 'clock-skew', skew_ms: 75000 });
    audit({ event: 'armed', detail: 'one\nline "only"' });
    expect(lines).toEqual([
      '{"time":"2027-01-15T08:00:15.007Z","event":"refused","client":"alice","source":"198.51.100.7","reason":"clock-skew","skew_ms":75000}\n',
      '{"time":"2027-01-15T08:00:15.007Z","event":"armed","detail":"one\\nline \\"only\\""}\n',
    ]);
  });

  it('has its lines counted with the time that they have', () => {
    let now = WALL;
    const counted: number[] = [];
    const lines: string[] = [];
    const audit = auditTo(
      (line) => lines.push(line),
      () => now++,
      { count: (_, at) => counted.push(at) },
    );
    audit({ event: 'armed' });
    audit({ event: 'stopped' });
    expect(lines.map((line) => Date.parse(JSON.parse(line).time))).toEqual(counted);
  });
});
