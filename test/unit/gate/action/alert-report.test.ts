import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlertReport, formatReport, parseReport } from '../../../../server-helper/action/alert-report.ts';
import { environmentFor, inputFor } from '../../../../server-helper/action/alert-text.ts';
import { ALERT_EVENTS, type ConfiguredAlert } from '../../../../server-helper/config/alert-config.ts';

const TIME = '2027-01-15T08:00:15.000Z';
const LATER = '2027-01-15T08:00:45.000Z';
const ENTRY = { time: TIME, event: 'granted', client: 'alice', source: '192.0.2.1', ports: ['tcp/22'], seconds: 30 };
const REPORT: AlertReport = {
  alert: 'mail',
  events: [
    { event: 'new-address', count: 1, first: TIME, last: TIME, entries: [ENTRY] },
    { event: 'firewall-lost', count: 3, first: TIME, last: LATER, entries: [{ time: TIME, event: 'firewall-lost' }] },
  ],
};
const LINE = formatReport(REPORT).trimEnd();
const ALERT: ConfiguredAlert = {
  name: 'mail',
  events: ALERT_EVENTS,
  run: ['/bin/mail'],
  user: 'nobody',
  input: 'json',
  every: 60,
  timeout: 30,
  memory: 256,
};

describe('a report of an alert', () => {
  it('reads as it was written', () => {
    expect(parseReport(LINE)).toEqual(REPORT);
  });

  it.each([
    '',
    LINE.replace('knockgate1', 'knockgate2'),
    LINE.replace(' mail ', ' ../mail '),
    LINE.replace(' mail ', ' -f '),
    LINE.replace('firewall-lost', 'flood'),
    LINE.replace('"event":"firewall-lost","count"', '"event":"new-address","count"'),
    LINE.replace('"count":3', '"count":0'),
    LINE.replace('"count":3', '"count":"3"'),
    LINE.replace(`"first":"${TIME}"`, '"first":"now"'),
    LINE.slice(0, -1),
    'knockgate1 alert mail []',
    'knockgate1 alert mail {}',
    `${LINE} more`,
  ])('is refused: %j', (line) => {
    expect(parseReport(line)).toBeUndefined();
  });

  it('has no more than printable text, numbers and lists of texts, whatever the daemon sends', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string({ unit: 'binary' }), (fields, text) => {
        const entry = { ...fields, detail: text, ports: [text] };
        const events = [{ event: 'clock', count: 1, first: TIME, last: TIME, entries: [entry] }];
        const report = parseReport(`knockgate1 alert mail ${JSON.stringify(events).replace(/[\u2028\u2029]/g, '')}`);
        for (const input of ['json', 'mail'] as const) {
          const said = inputFor({ ...ALERT, input }, report ?? REPORT, 'prod');
          expect(said).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('what a command is told', () => {
  it('is one line of JSON, with a text for people', () => {
    const told = inputFor(ALERT, REPORT, 'prod');
    expect(told.indexOf('\n')).toBe(told.length - 1);
    expect(JSON.parse(told)).toMatchObject({ gate: 'prod', ...REPORT });
    expect(JSON.parse(told).text).toBe(
      [
        'knockgate on prod: new-address (1), firewall-lost (3)',
        '',
        `new-address: once, at ${TIME}`,
        'A client was let in from an address for the first time. If that was not its owner, remove the client.',
        `  ${TIME} granted client=alice source=192.0.2.1 ports=tcp/22 seconds=30`,
        '',
        `firewall-lost: 3 times, from ${TIME} to ${LATER}`,
        "Something removed or changed the gate's table. The gate puts it back within seconds.",
        `  ${TIME} firewall-lost`,
        '  and 2 more: see journalctl -u knockgate',
      ].join('\n'),
    );
  });

  it('or a mail, in whose headers nobody writes', () => {
    const mail = inputFor({ ...ALERT, input: 'mail' }, REPORT, 'prod\nBcc: x@example.net');
    const [headers = ''] = mail.split('\n\n');
    expect(headers.split('\n').map((line) => line.split(':')[0])).toEqual([
      'Subject',
      'Auto-Submitted',
      'MIME-Version',
      'Content-Type',
      'Content-Transfer-Encoding',
    ]);
    expect(mail).toContain(`\n  ${TIME} granted client=alice source=192.0.2.1`);
  });

  it('is in variables too', () => {
    expect(environmentFor(REPORT, 'prod')).toEqual({
      KNOCKGATE_GATE: 'prod',
      KNOCKGATE_ALERT: 'mail',
      KNOCKGATE_EVENTS: 'new-address firewall-lost',
      KNOCKGATE_COUNT: '4',
    });
  });
});
