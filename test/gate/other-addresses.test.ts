import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, TARGET4, TARGET6 } from '../rig/netns.ts';
import { nmap } from '../rig/nmap.ts';
import { giveOtherAddresses, OTHER_ADDRESSES, REDIRECTED, VIRTUAL4 } from '../rig/other-addresses.ts';
import { Scene } from '../rig/scene.ts';

/** Every way to sshd that rules before routing and translation do not see. */
const WAYS: readonly [string, number][] = [
  ...OTHER_ADDRESSES.map(([, host]): [string, number] => [host, 22]),
  [TARGET4, REDIRECTED],
  [TARGET6, REDIRECTED],
];

const PACE = ['--max-retries', '1', '--initial-rtt-timeout', '50ms', '--max-rtt-timeout', '100ms'];

describe('a gate with a second routing table, a translated address and a redirected port', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.make({ name: 'ways', start: false });
    await giveOtherAddresses(scene.pair);
  });
  afterAll(async () => {
    await scene?.end();
  });

  /** Scans each way as a stranger: `open`, or `filtered` where nothing answers. */
  async function scan(): Promise<string[]> {
    const scans = WAYS.map(async ([host, port]) => {
      const family = host.includes(':') ? ['-6'] : [];
      const { ports } = await nmap(scene.pair.client, [...PACE, ...family, '-sS', '-p', String(port), host]);
      return ports.map(({ state }) => state).join();
    });
    return await Promise.all(scans);
  }

  it('answers no stranger; with a knock to any of them each opens', async () => {
    const all = (state: string) => WAYS.map(() => state);
    expect(await scan()).toEqual(all('open'));
    await scene.gate.start();
    expect(await scan()).toEqual(all('filtered'));
    for (const host of [VIRTUAL4, TARGET6])
      expect(await scene.outcome(scene.seal({ to: host, duration: 300 }), { host })).toMatchObject({
        event: 'granted',
      });
    expect(await scan()).toEqual(all('open'));
    await scene.gate.cli(['flush']);
    expect(await scan()).toEqual(all('filtered'));
  });

  it('has rules that nft can load again as it lists them', async () => {
    const { stdout } = await run(scene.pair.target, ['nft', 'list', 'ruleset']);
    expect(await run(scene.pair.target, ['nft', '-c', '-f', '-'], { input: stdout })).toMatchObject({ code: 0 });
  });
});
