import type { Report, Result } from '../../../bench/results.ts';

const result = (fields: Pick<Result, 'case' | 'subject'> & Partial<Result>): Result => {
  return { n: 50, succeeded: 50, median_ms: null, p95_ms: null, sent_pps: null, received_pps: null, ...fields };
};

/** A report with one of everything. */
export const REPORT: Report = {
  machine: '2 cores & little else',
  versions: 'fwknopd 1.2, knockd 3.4',
  results: [
    result({ case: 'idle', subject: 'knockgate-known', median_ms: 0.25, p95_ms: 0.5 }),
    result({ case: 'idle', subject: 'knockgate', median_ms: 5, p95_ms: 7.25 }),
    result({ case: 'idle', subject: 'knockd', median_ms: 1250, p95_ms: 2000 }),
    result({ case: 'flood-max', subject: 'knockgate', median_ms: 10, p95_ms: 12, sent_pps: 9100, received_pps: 8200 }),
    result({ case: 'flood-max', subject: 'knockd', n: 10, succeeded: 0, sent_pps: 7100, received_pps: 6200 }),
    result({ case: 'clients-10k', subject: 'knockgate', median_ms: 5, p95_ms: 6, succeeded: 49 }),
    result({ case: 'clients-10k', subject: 'knockd', n: null, succeeded: null, reason: 'no clients' }),
    result({ case: 'no-daemon', subject: 'knockgate', median_ms: 5, p95_ms: 6 }),
    result({ case: 'no-daemon', subject: 'knockd', n: 10, succeeded: 0 }),
  ],
  figures: [
    { figure: 'idle CPU', subject: 'knockgate', value: 0.0123, unit: '%' },
    { figure: 'idle CPU', subject: 'knockd', value: 0, unit: '%' },
    { figure: 'drop rate', subject: 'knockgate', value: 0.95, unit: '' },
  ],
  breakdown: [
    { stage: 'disk', ms: 2 },
    { stage: 'nft', ms: 1.5 },
    { stage: 'knock to open', ms: 3.6 },
  ],
};
