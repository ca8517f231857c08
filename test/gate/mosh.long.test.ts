import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureDebian } from '../../scripts/install.mjs';
import { scratch } from '../rig/cleanup.ts';
import { exec, processesIn, TARGET4 } from '../rig/netns.ts';
import { loadNft, setElements } from '../rig/nft.ts';
import { type Finished, finish, isAlive, signalQuietly } from '../rig/process.ts';
import { HOST, Scene } from '../rig/scene.ts';
import { HOST_ALIAS } from '../rig/sshd.ts';

/** The UDP ports that mosh-server may take, all of them hidden. */
const MOSH_PORTS = '60000:60010';

/** A UDP service behind a gate: mosh logs in by ssh, and then speaks UDP to a port that its server has chosen. */
describe('mosh', () => {
  let scene: Scene;
  let config: string;
  let discard: () => void;

  beforeAll(async () => {
    const missing = await ensureDebian(['mosh', 'util-linux', 'bsdutils']);
    if (missing.length > 0) throw new Error(missing.map(({ name, why }) => `${name} is missing: ${why}`).join('\n'));
    scene = await Scene.make({ name: 'mosh', settings: { ports: ['tcp/22', 'udp/60000-60010'] } });
    const folder = scratch('mosh');
    discard = folder.discard;
    config = join(folder.dir, 'config');
    const lines = [
      `Host ${HOST}`,
      `HostName ${TARGET4}`,
      'User root',
      `IdentityFile ${scene.sshd.identity}`,
      `UserKnownHostsFile ${scene.sshd.knownHosts}`,
      `HostKeyAlias ${HOST_ALIAS}`,
      'ConnectTimeout 5',
    ];
    writeFileSync(config, `${lines.join('\n')}\n`);
  });

  afterAll(async () => {
    // mosh-server outlives its client by a minute, and is ours by its namespace.
    for (const pid of scene ? processesIn(scene.pair.target) : [])
      if (isAlive(pid) && readFileSync(`/proc/${pid}/comm`, 'latin1') === 'mosh-server\n')
        signalQuietly(pid, 'SIGTERM');
    discard?.();
    await scene?.end();
  });

  /** Runs `mosh HOST -- COMMAND`, and shows what a person at a terminal sees. */
  const mosh = (command: string, seconds: number): Promise<Finished> => {
    const line = `stty rows 24 cols 80; timeout --foreground -s KILL ${seconds} mosh --ssh="ssh -F ${config}" -p ${MOSH_PORTS} ${HOST} -- sh -c '${command}'`;
    const env = { PATH: process.env.PATH, HOME: scene.client.configHome, LC_ALL: 'C.UTF-8', TERM: 'xterm' };
    return finish(exec(scene.pair.client, ['script', '-qec', line, '/dev/null'], { env }), { timeout: 60_000 });
  };

  const endGrants = () => loadNft(scene.pair.target, 'flush set inet knockgate granted4');

  it('does not get in without a knock', async () => {
    expect((await mosh('echo is-$((40 + 2)); sleep 2', 10)).stdout).not.toContain('is-42');
  });

  it('gets in after a knock, which opens all ports that the gate allows', async () => {
    expect((await scene.client.run(['knock', HOST])).code).toBe(0);
    expect((await mosh('echo is-$((40 + 2)); sleep 2', 30)).stdout).toContain('is-42');
  });

  it('gets in after a knock for its range and the port of ssh, as it is written in --hide', async () => {
    await endGrants();
    const knock = ['knock', HOST, '--force', '--port', `tcp/22,udp/${MOSH_PORTS.replace(':', '-')}`];
    expect((await scene.client.run(knock)).code).toBe(0);
    expect((await mosh('echo is-$((40 + 2)); sleep 2', 30)).stdout).toContain('is-42');
  });

  it('goes on when the grant is over', async () => {
    await endGrants();
    await scene.client.run(['knock', HOST, '--force']);
    const going = mosh('for i in 1 2 3 4 5 6 7 8; do sleep 1; echo tick-$i; done; sleep 2', 40);
    await new Promise((done) => setTimeout(done, 4000));
    await endGrants();
    expect(await setElements(scene.pair.target, 'granted4')).toEqual([]);
    expect((await going).stdout).toContain('tick-8');
  });
});
