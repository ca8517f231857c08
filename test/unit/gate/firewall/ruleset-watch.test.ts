import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RulesetWatch } from '../../../../server-helper/firewall/ruleset-watch.ts';
import { FakeClock, temporaryFolder } from '../support.ts';

/** Says what stands in a file beside it, one for rules and one for elements, as lines are added. */
const FAKE_NFT = `#!/bin/sh
case "$*" in 'monitor rules') what=rules ;; 'monitor destroy elements') what=elements ;; *) exit 2 ;; esac
echo $$ > "$0.$what.pid"
exec tail -n +1 -s 0.02 -f "$0.$what"
`;

let program: string;
let clock: FakeClock;
let watch: RulesetWatch;
let changes: number;
beforeEach(() => {
  program = join(temporaryFolder(), 'nft');
  writeFileSync(program, FAKE_NFT, { mode: 0o755 });
  for (const what of ['rules', 'elements']) writeFileSync(`${program}.${what}`, '');
  clock = new FakeClock();
  changes = 0;
  const changed = () => {
    changes += 1;
  };
  watch = new RulesetWatch({ steady: () => clock.steady(), changed, program, settled: 20 });
});
afterEach(() => watch.stop());

const say = (what: 'rules' | 'elements', ...lines: string[]) =>
  writeFileSync(`${program}.${what}`, lines.map((line) => `${line}\n`).join(''), { flag: 'a' });
const pidFile = (what: string) => `${program}.${what}.pid`;
const until = (holds: () => void) => vi.waitFor(holds, 5000);

async function started(): Promise<void> {
  watch.start();
  await until(() =>
    expect([watch.isTrusted, existsSync(pidFile('rules')), existsSync(pidFile('elements'))]).not.toContain(false),
  );
}

describe('a watch over the table', () => {
  it('is trusted once it listens; what happened before is unknown', async () => {
    watch.start();
    expect(watch.isTrusted).toBe(false);
    await until(() => expect(watch.isTrusted).toBe(true));
    expect(changes).toBe(1);
  });

  it.each([
    ['rules', 'insert rule inet knockgate gate accept'],
    ['rules', 'delete rule inet knockgate spa handle 16'],
    ['rules', 'delete rule inet knockgate sequence_step handle 4'],
    ['rules', '# ERROR: We lost some netlink events!'],
    ['elements', 'delete element inet knockgate tags { 0x1 timeout 1m expires 3s }'],
    ['elements', 'delete element inet knockgate gated { tcp . 22 }'],
    ['elements', 'delete element inet knockgate knockports { 443 }'],
  ] as const)('hears of %s: %s', async (what, line) => {
    await started();
    say(what, line);
    await until(() => expect(changes).toBe(2));
    expect(watch.isTrusted).toBe(true);
  });

  it('makes nothing of what others do to theirs, nor of grants that end', async () => {
    await started();
    say('rules', 'delete rule inet other gate handle 3', 'add rule ip knockgate gate accept');
    // The daemon's own doing, every minute.
    say('rules', 'add rule inet knockgate sequence_end_0 goto sequence_done');
    say(
      'elements',
      'delete element inet knockgate granted4 { 192.0.2.1 . tcp . 22 }',
      'delete element inet other tags { 1 }',
    );
    say('rules', '# the last line');
    await until(() => expect(changes).toBe(2));
    say('elements', '# the last line');
    await until(() => expect(changes).toBe(3));
  });

  it.each(['rules', 'elements'])('that lost the one for %s says so, and is started again when asked', async (what) => {
    await started();
    process.kill(Number(readFileSync(pidFile(what), 'utf8')), 'SIGKILL');
    await until(() => expect(watch.isTrusted).toBe(false));
    expect(changes).toBe(2);
    watch.start();
    watch.start();
    await until(() => expect(watch.isTrusted).toBe(true));
    expect(changes).toBe(3);
  });

  it('gives up when it hears more than looking would cost', async () => {
    await started();
    say('elements', ...new Array<string>(2000).fill('delete element inet knockgate granted4 { 192.0.2.1 . tcp . 22 }'));
    await until(() => expect(watch.isTrusted).toBe(false));
    expect(changes).toBe(2);
  });

  it('that cannot be started is not trusted', async () => {
    watch = new RulesetWatch({ steady: () => 0, changed: () => changes++, program: '/nonexistent/nft', settled: 1000 });
    watch.start();
    await until(() => expect(changes).toBe(1));
    expect(watch.isTrusted).toBe(false);
  });
});
