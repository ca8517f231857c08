import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLIENT4, LINK, TARGET4, TARGET6 } from '../rig/netns.ts';
import { loadNft } from '../rig/nft.ts';
import { must } from '../rig/process.ts';
import { Scene } from '../rig/scene.ts';

/** Address that a cloud's gateway translates to the server's own address, one to one. The server has no interface with it. */
const PUBLIC4 = '203.0.113.9';

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.make({ name: 'cloud' });
});
afterEach(async () => {
  await scene.end();
});

const ip = (ns: string, ...words: string[]) => must(['ip', '-n', ns, ...words]);

/** Where the client takes the gate to be. */
function enter(address: string): void {
  const hosts = join(scene.client.configHome, 'knockgate', 'hosts.toml');
  writeFileSync(hosts, `${readFileSync(hosts, 'utf8').trimEnd()}\naddress = "${address}"\n`);
}

async function expectGate(address: string): Promise<void> {
  enter(address);
  expect(await scene.isOpen(address, 22, 300)).toBe(false);
  const knocked = await scene.client.json(['knock', 'target', '--force']);
  expect(knocked).toMatchObject({ code: 0, json: { open: true } });
  expect(await scene.isOpen(address)).toBe(true);
  expect((await scene.gate.cli(['flush'])).code).toBe(0);
  expect(await scene.isOpen(address, 22, 300)).toBe(false);
}

describe('a gate in a cloud', () => {
  it('opens at an address that is on none of its interfaces', async () => {
    const { client } = scene.pair;
    await ip(client, 'route', 'add', `${PUBLIC4}/32`, 'via', TARGET4, 'src', CLIENT4);
    await loadNft(
      client,
      `table ip cloud { chain out { type nat hook output priority -100; ip daddr ${PUBLIC4} dnat to ${TARGET4}; }; }`,
    );
    await expectGate(PUBLIC4);
  });

  it('opens on a network that has nothing but IPv6', async () => {
    await ip(scene.pair.client, 'addr', 'del', `${CLIENT4}/24`, 'dev', LINK);
    await ip(scene.pair.target, 'addr', 'del', `${TARGET4}/24`, 'dev', LINK);
    await expectGate(TARGET6);
  });
});
