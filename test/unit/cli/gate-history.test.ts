import { beforeEach, describe, expect, it } from 'vitest';
import type { DeployModule, Shell, Tone } from '../../../src/cli/shell.ts';
import { temporaryFolder } from '../client/support.ts';
import { knockgate } from './support.ts';

let home: string;
beforeEach(() => {
  home = temporaryFolder();
});

const ACTIVITY = {
  version: '1.2.3',
  memory: 67_108_864,
  status: {
    armed: '2026-11-01T08:00:00.000Z',
    trial: null,
    capture: 'lost',
    state: 'durable',
    restored: 0,
    lead_seconds: 900,
    skipped: null,
    clients: 2,
    packets: {},
    kernel: { junk: 7 },
    time: '2026-11-30T12:34:55.000Z',
  },
  grants: [{ client: 'alice', address: '192.0.2.1', port: 'tcp/22', seconds: 41 }],
  hours: [{ hour: '2026-11-30T10:00:00.000Z', event: 'refused', reason: 'replayed', count: 1 }],
  visitors: [],
};
const event = (seq: number) => ({ time: '2026-11-30T10:00:00.000Z', seq, event: 'granted', client: `=c${seq}` });
/** Pages of the log by cursor. */
const PAGES: Readonly<Record<string, unknown>> = {
  '': { events: [event(3), event(2)], next: 's=2' },
  's=2': { events: [], next: 's=1' },
  's=1': { events: [event(1)], next: null },
};

/** Runs a command for a gate with this history. @returns what it said, and what the gate was asked */
async function run(argv: readonly string[], changes: Partial<Shell> = {}, answers = answer) {
  const asked: string[] = [];
  const deployment = {
    deviceOf: () => ({}),
    readGateFiles: () => ({}),
    loginTo: async () => ({ settings: { hostName: 'prod', port: 22 } }),
    connectToGate: async () => ({
      ask: async (words: readonly string[]) => {
        asked.push(words.join(' '));
        return answers(words);
      },
      close: async () => void asked.push('closed'),
    }),
  };
  const loadDeployment = async () => deployment as unknown as DeployModule;
  return { ...(await knockgate(home, argv, { loadDeployment, ...changes })), asked };
}

const said = (value: unknown) => ({ code: 0, stdout: `${JSON.stringify(value)}\n`, stderr: '' });
const answer = (words: readonly string[]) => {
  if (words[0] === 'activity') return said(ACTIVITY);
  const before = words.find((word) => word.startsWith('--before='))?.slice(9) ?? '';
  return said(PAGES[before]);
};
const noLog = (words: readonly string[]) =>
  words[0] === 'activity'
    ? said(ACTIVITY)
    : { code: 5, stdout: '{"error":{"code":"log-missing","what":"The log is missing."}}', stderr: '' };

describe('knockgate activity', () => {
  it('shows counts and events of one login, and how to end a grant', async () => {
    const { code, out, asked } = await run(['activity', 'prod', '--days', '31']);
    expect(code).toBe(0);
    expect(asked).toEqual(['activity --json', 'events --json --limit=10', 'closed']);
    expect(out).toMatch(/^In now:\n.*\nalice +192\.0\.2\.1.*\nTo end a grant: knockgate gate prod revoke ADDRESS\n/);
    expect(out).toMatch(/Last events:\nTIME.*\n.*granted +=c3/);
  });

  it('marks what is bad, for a terminal with colours', async () => {
    const marked: [string, Tone][] = [];
    await run(['activity', 'prod'], { print: (line, tone = 'plain') => marked.push([line, tone]) });
    expect(marked.find(([line]) => line.startsWith('Capture'))?.[1]).toBe('bad');
    expect(marked.find(([line]) => line.startsWith('alice'))?.[1]).toBe('good');
  });

  it('is worth seeing without the log', async () => {
    const { code, out } = await run(['activity', 'prod'], {}, noLog);
    expect([code, out]).toEqual([0, expect.stringMatching(/Last events:\nThe log is missing\.\n$/)]);
    const json = await run(['activity', 'prod', '--json'], {}, noLog);
    expect(JSON.parse(json.out)).toEqual({ ...ACTIVITY, events: null });
  });

  it('prints everything for programs, and the hours for a spreadsheet', async () => {
    const json = await run(['activity', 'prod', '--json']);
    expect(JSON.parse(json.out)).toEqual({ ...ACTIVITY, events: [event(3), event(2)] });
    const csv = await run(['activity', 'prod', '--csv', '--days', '31'], {
      clock: { wallMs: () => Date.parse('2026-12-01T00:00:00Z'), monotonicMs: () => 0, sleep: async () => {} },
    });
    expect(csv.out).toBe('hour,event,reason,count\n2026-11-30T10:00:00.000Z,refused,replayed,1\n');
  });

  it('ends with the error of the gate', async () => {
    const { code, err } = await run(['activity', 'prod'], {}, () => ({
      code: 1,
      stdout: '{"error":{"code":"not-running","what":"knockgated is not running."}}',
      stderr: '',
    }));
    expect([code, err]).toEqual([1, expect.stringContaining('knockgated is not running.')]);
  });
});

describe('knockgate events', () => {
  it('prints a page, and how to get the next one', async () => {
    const { code, out, err, asked } = await run([
      'events',
      'prod',
      '--event',
      'granted',
      '--event',
      'refused',
      '--since',
      '7d',
    ]);
    expect(code).toBe(0);
    expect(asked).toEqual(['events --json --event=granted --event=refused --since=7d', 'closed']);
    expect(out).toMatch(/^TIME.*\n.*=c3\n.*=c2\n$/);
    expect(err).toContain("Older: knockgate events prod --before 's=2'");
  });

  it('prints every page when asked, a thousand events each', async () => {
    const { out, err, asked } = await run(['events', 'prod', '--all-pages']);
    const pages = ['', ' --before=s=2', ' --before=s=1'].map((more) => `events --json --limit=1000${more}`);
    expect(asked).toEqual([...pages, 'closed']);
    expect(out.match(/TIME|=c\d/g)).toEqual(['TIME', '=c3', '=c2', '=c1']);
    expect(err).not.toContain('Older');
  });

  it('is one object for programs', async () => {
    const page = await run(['events', 'prod', '--json', '--limit', '2']);
    expect(JSON.parse(page.out)).toEqual(PAGES['']);
    const all = await run(['events', 'prod', '--json', '--all-pages']);
    expect(JSON.parse(all.out)).toEqual({ events: [event(3), event(2), event(1)], next: null });
    const last = await run(['events', 'prod', '--json', '--before', 's=1']);
    expect(JSON.parse(last.out)).toEqual(PAGES['s=1']);
  });

  it('is a table for a spreadsheet, in which nothing is a formula', async () => {
    const { out } = await run(['events', 'prod', '--csv', '--all-pages']);
    expect(out.split('\n').map((line) => line.split(',')[2])).toEqual(['client', "'=c3", "'=c2", "'=c1", undefined]);
  });

  it('does not go on after Ctrl-C', async () => {
    const aborting = new AbortController();
    const { code, asked } = await run(['events', 'prod', '--all-pages'], { signal: aborting.signal }, (words) => {
      aborting.abort();
      return answer(words);
    });
    expect([code, asked]).toEqual([13, ['events --json --limit=1000', 'closed']]);
  });

  it.each([
    ['of another kind', '{"events":7,"next":null}'],
    ['without a cursor', '{"events":[]}'],
    ['other than JSON', 'Welcome!'],
  ])('refuses an answer %s', async (_, stdout) => {
    const { code, err } = await run(['events', 'prod'], {}, () => ({ code: 0, stdout, stderr: '' }));
    expect([code, err]).toEqual([3, expect.stringContaining('unreadable')]);
  });

  it('has one form at a time', async () => {
    expect((await run(['events', 'prod', '--json', '--csv'])).code).toBe(2);
  });
});
