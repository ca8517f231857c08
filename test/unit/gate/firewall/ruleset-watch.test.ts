import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RulesetWatch } from '../../../../server-helper/firewall/ruleset-watch.ts';
import { FakeClock, temporaryFolder } from '../support.ts';

/** Says what stands in a file beside it, as lines are added. */
const FAKE_NFT = `#!/bin/sh
echo "$@" >> "$0.starts"
echo $$ > "$0.pid"
exec tail -n +1 -s 0.02 -f "$0.says"
`;
const OURS = 4242;

let program: string;
let clock: FakeClock;
let watch: RulesetWatch;
let changes: number;
beforeEach(() => {
  program = join(temporaryFolder(), 'nft');
  writeFileSync(program, FAKE_NFT, { mode: 0o755 });
  writeFileSync(`${program}.says`, '');
  clock = new FakeClock();
  changes = 0;
  const changed = () => void changes++;
  watch = new RulesetWatch({ steady: () => clock.steady(), isOurs: (pid) => pid === OURS, changed, program });
});
afterEach(() => watch.stop());

const say = (...lines: string[]) =>
  writeFileSync(`${program}.says`, lines.map((line) => `${line}\n`).join(''), { flag: 'a' });
const generation = (pid: number) => `# new generation 17 by process ${pid} (nft)`;
const heard = () => vi.waitFor(() => expect(watch.isTrusted).toBe(true), 5000);

describe('a watch over the rules', () => {
  it('is trusted once it was heard; what happened before is unknown', async () => {
    watch.start();
    expect(watch.isTrusted).toBe(false);
    say(generation(OURS));
    await heard();
    expect(changes).toBe(1);
    expect(readFileSync(`${program}.starts`, 'utf8')).toBe('monitor\n');
  });

  it('tells of the changes of others, not of ours', async () => {
    watch.start();
    say(generation(OURS));
    await heard();
    say('add element inet knockgate tags { 0x1 timeout 1m }', generation(OURS), generation(OURS));
    say('delete table inet other', generation(17));
    await vi.waitFor(() => expect(changes).toBe(2), 5000);
    say('# ERROR: We lost some netlink events!');
    await vi.waitFor(() => expect(changes).toBe(3), 5000);
  });

  it('that is silent for longer than we are is not trusted any more', async () => {
    watch.start();
    say(generation(OURS));
    await heard();
    clock.pass(45_000);
    expect(watch.isTrusted).toBe(false);
  });

  it('that ended says so, and is started again when asked', async () => {
    watch.start();
    say(generation(OURS));
    await heard();
    process.kill(Number(readFileSync(`${program}.pid`, 'utf8')), 'SIGKILL');
    await vi.waitFor(() => expect(watch.isTrusted).toBe(false), 5000);
    expect(changes).toBe(2);
    watch.start();
    watch.start();
    await heard();
    expect(changes).toBe(3);
    expect(readFileSync(`${program}.starts`, 'utf8')).toBe('monitor\nmonitor\n');
  });

  it('that cannot be started is not trusted', async () => {
    const missing = new RulesetWatch({
      steady: () => 0,
      isOurs: () => false,
      changed: () => void changes++,
      program: '/nonexistent/nft',
    });
    missing.start();
    await vi.waitFor(() => expect(changes).toBe(1), 5000);
    expect(missing.isTrusted).toBe(false);
  });
});
