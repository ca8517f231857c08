import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ExitCode } from '../../../../src/base/problem.ts';
import { Ledger } from '../../../../src/client/gate/ledger.ts';
import type { Grant } from '../../../../src/client/gate/ledger-state.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { HostStates } from '../../../../src/vscode/knock/host-states.ts';
import { Turns } from '../../../../src/vscode/knock/knock-turns.ts';
import { followFiles, OpenedElsewhere } from '../../../../src/vscode/knock/opened-elsewhere.ts';
import { FakeClock, pair, temporaryFolder, WALL_MS } from '../../client/support.ts';
import { FOREVER, HOST } from '../support.ts';

const OWN_ADDRESS = '10.0.0.9';
const UNTIL = WALL_MS + 30_000;
const OPEN = { kind: 'open', untilMs: UNTIL, answer: undefined } as const;

/** A window, and what others on the same account do. */
function scene(changes: Partial<typeof HOST> = {}) {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const host = { ...HOST, ...changes };
  const states = new HostStates(() => clock.wallMs());
  const turns = () => new Turns(join(folder, 'turns'), clock, nodeCrypto.randomBytes);
  const ledger = () => new Ledger(join(folder, 'cli', 'ledger'), clock, nodeCrypto);
  const elsewhere = new OpenedElsewhere({
    hosts: () => ({ hosts: new Map([[host.name, host]]), broken: new Map() }),
    states,
    turns: turns(),
    ledger: ledger(),
    doors: { known: () => ({ host, sshPort: 2222, sshName: undefined }) },
    ownAddresses: () => ['127.0.0.1', OWN_ADDRESS],
    wallMs: () => clock.wallMs(),
  });
  const changed: string[] = [];
  states.onDidChange((name) => changed.push(name));
  return {
    clock,
    states,
    elsewhere,
    changed,
    /** Knocks as the command line does, at a host that it may call something else. */
    byCommandLine: (grant: Partial<Grant> = {}) =>
      ledger().addGrant(pair, { address: '192.0.2.2', from: OWN_ADDRESS, ports: ['tcp/2222'], until: UNTIL, ...grant }),
    byWindow: async (untilMs: number) => {
      const turn = await turns().take(host.name, clock.wallMs(), FOREVER);
      if (turn.kind === 'knock') await turn.done({ openUntilMs: untilMs });
    },
  };
}

describe('what others open', () => {
  it('is shown: the command line, by the key of the gate', async () => {
    const { elsewhere, states, byCommandLine, changed } = scene();
    elsewhere.look();
    expect(states.get('prod')).toEqual({ kind: 'closed' });
    await byCommandLine();
    elsewhere.look();
    elsewhere.look();
    expect([states.get('prod'), changed]).toEqual([OPEN, ['prod']]);
  });

  it('is shown: another window', async () => {
    const { elsewhere, states, byWindow } = scene();
    await byWindow(UNTIL);
    elsewhere.look();
    expect(states.get('prod')).toEqual(OPEN);
  });

  it.each([
    ['whatever the gate allows', {}, { ports: [] }, true],
    ['the ports of the host', { ports: [{ protocol: 'tcp', port: 443 }] }, { ports: ['tcp/443', 'udp/53'] }, true],
    ['another port than that of ssh', {}, { ports: ['tcp/443'] }, false],
    ['fewer ports than the host has', { ports: [{ protocol: 'tcp', port: 443 }] }, { ports: ['tcp/2222'] }, false],
    ['an address of another network', {}, { from: '10.9.9.9' }, false],
    ['a time that is over', {}, { until: WALL_MS - 1 }, false],
  ] as const)('counts by what it is for: %s', async (_, host, grant, isShown) => {
    const { elsewhere, states, byCommandLine } = scene(host);
    await byCommandLine(grant);
    elsewhere.look();
    expect(states.get('prod').kind).toBe(isShown ? 'open' : 'closed');
  });

  it('does not replace what this window knows better', async () => {
    const { elsewhere, states, byCommandLine, byWindow } = scene();
    states.set('prod', { kind: 'knocking' });
    await byCommandLine();
    elsewhere.look();
    expect(states.get('prod')).toEqual({ kind: 'knocking' });
    const own = { ...OPEN, untilMs: UNTIL + 1 };
    states.set('prod', own);
    elsewhere.look();
    expect(states.get('prod')).toBe(own);
    await byWindow(UNTIL + 5000);
    elsewhere.look();
    expect(states.get('prod')).toEqual({ ...OPEN, untilMs: UNTIL + 5000 });
  });

  it('counts once: a knock that failed later is shown, although the earlier grant still lives', async () => {
    const { elsewhere, states, byCommandLine, byWindow, clock } = scene();
    await byCommandLine();
    elsewhere.look();
    const problem = { code: 'no-answer', what: 'nothing', exit: ExitCode.noAnswer };
    const failed = { kind: 'failed', problem, atMs: clock.wallMs() } as const;
    states.set('prod', failed);
    elsewhere.look();
    expect(states.get('prod')).toBe(failed);
    await byWindow(UNTIL + 1000);
    elsewhere.look();
    expect(states.get('prod')).toMatchObject({ kind: 'open' });
  });
});

describe('files that others write', () => {
  it('are followed from before they exist', async () => {
    const path = join(temporaryFolder(), 'ledger');
    let calls = 0;
    const following = followFiles([path], () => {
      calls += 1;
    });
    onTestFinished(() => following.dispose());
    await expect.poll(() => calls).toBeGreaterThan(0);
    // The system may report that there is no such file.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = calls;
    writeFileSync(path, '{}');
    await expect.poll(() => calls, { timeout: 10_000 }).toBeGreaterThan(before);
  });
});
