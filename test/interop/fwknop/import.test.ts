import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../../gate/scene.ts';
import { Gate } from '../../rig/gate.ts';
import { CLIENT4, createPair, type Pair } from '../../rig/netns.ts';
import { sleep } from '../../rig/process.ts';
import { MODE_NAME, runFwknop } from './fwknop-client.ts';
import { Fwknopd, type Stanza } from './fwknopd.ts';

/** Stanzas of different kinds, each with the port that its client asks for. */
const CLIENTS: readonly (Stanza & { readonly port: number })[] = [
  {
    mode: 'cbc',
    hmac: 'sha256',
    key: 'a key with blanks in it',
    hmacKey: 'the hmac key of the first',
    more: ['OPEN_PORTS tcp/22, tcp/2001', 'REQUIRE_USERNAME alice', 'REQUIRE_SOURCE_ADDRESS Y'],
    port: 2001,
  },
  {
    mode: 'ctr',
    hmac: 'sha512',
    key: 'the key of the second',
    hmacKey: 'the hmac key of the second',
    more: ['OPEN_PORTS tcp/2002', 'MAX_FW_TIMEOUT 600'],
    port: 2002,
  },
  {
    mode: 'legacy',
    hmac: undefined,
    key: 'sixteen letters!',
    hmacKey: undefined,
    more: ['OPEN_PORTS tcp/2003'],
    port: 2003,
  },
];

describe('the configuration of a real fwknopd, imported', () => {
  let pair: Pair;
  let fwknopd: Fwknopd | undefined;
  let gate: Gate;

  beforeAll(async () => {
    pair = await createPair({ name: 'import' });
    gate = new Gate(pair.target);
    await gate.enrolmentLine();
    fwknopd = await Fwknopd.start(pair.target, CLIENTS);
  });
  afterAll(async () => {
    await fwknopd?.stop();
    await gate?.dispose();
    pair?.destroy();
  });

  it('opens for the same clients of fwknop, with the same commands', { timeout: 60_000 }, async () => {
    if (fwknopd === undefined) throw new Error('no fwknopd');
    expect(await openedByAll(() => fwknopd?.opened(CLIENT4))).toEqual(CLIENTS.map(({ port }) => port));
    const { access, config } = fwknopd.files;
    const done = await gate.cli(['import-fwknop', access, config], { asRoot: true });
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).not.toContain(Buffer.from(CLIENTS[0]?.key ?? '').toString('base64'));
    await fwknopd.stop();
    fwknopd = undefined;
    gate.configureText(done.stdout);
    await gate.start();
    // A packet names whole seconds: one of the second in which the record of replays was made counts as older than it.
    await sleep(1000);
    const opened = await openedByAll(async () => {
      const granted = gate.events.filter(({ event, source }) => event === 'granted' && source === CLIENT4);
      return new Set(granted.flatMap(({ ports = [] }) => ports.map((port) => Number(port.split('/')[1]))));
    });
    expect(opened).toEqual(CLIENTS.map(({ port }) => port));
    figure(
      `import-fwknop: ${opened.length} of ${CLIENTS.length} clients of a real fwknopd open the gate made from its files`,
    );
    for (const line of done.stdout.split('\n').filter((each) => each.startsWith('#'))) figure(`import-fwknop: ${line}`);
  });

  /** Has every client knock, and tells what was opened for them. */
  async function openedByAll(look: () => Promise<Set<number> | undefined> | undefined): Promise<number[]> {
    for (const { mode, hmac, key, hmacKey = '', port } of CLIENTS) {
      const ask = ['-A', `tcp/${port}`, '-a', CLIENT4, '-M', MODE_NAME[mode], '-U', 'alice'];
      const done = await runFwknop(pair.client, gate.dir, ask, key, hmac && { type: hmac, key: hmacKey });
      expect(done.code, done.stderr).toBe(0);
    }
    const wanted = CLIENTS.map(({ port }) => port);
    for (let tries = 0; ; tries++) {
      const opened = (await look()) ?? new Set();
      if (tries > 100 || wanted.every((port) => opened.has(port))) return [...opened].sort();
      await sleep(50);
    }
  }
});
