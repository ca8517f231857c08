import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../../rig/figure.ts';
import { MODE_NAME, runFwknop, runFwknopGpg } from '../../rig/fwknop-client.ts';
import { Fwknopd, type Stanza } from '../../rig/fwknopd.ts';
import { Gate } from '../../rig/gate.ts';
import { GnupgHome, type GnupgKey } from '../../rig/gnupg.ts';
import { CLIENT4, createPair, type Pair } from '../../rig/netns.ts';
import { sleep } from '../../rig/process.ts';

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

const PASSPHRASE = 'open sésame';
/** Signers, with a key of the server; those of one server's key share a stanza. */
const SIGNERS = [
  { name: 'alice', server: 'locked', port: 2004 },
  { name: 'bob', server: 'locked', port: 2005 },
  { name: 'carol', server: 'bare', port: 2006 },
] as const;
const gpgHmacKey = (server: string): string => `the hmac key of ${server}`;
const PORTS = [...CLIENTS, ...SIGNERS].map(({ port }) => port);

describe('the configuration of a real fwknopd, imported', () => {
  const [servers, clients] = [new GnupgHome(), new GnupgHome()];
  const keys = new Map<string, GnupgKey>();
  const key = (name: string): GnupgKey => keys.get(name) ?? { name, fingerprint: '', public: '', secret: '' };
  let pair: Pair;
  let fwknopd: Fwknopd | undefined;
  let gate: Gate;

  beforeAll(async () => {
    pair = await createPair({ name: 'import' });
    gate = new Gate(pair.target);
    await gate.enrolmentLine();
    // Each side has its own private keys and the other's public ones, as fwknop's documentation has it.
    const make = async (home: GnupgHome, name: string, passphrase?: string) =>
      keys.set(name, await home.make(name, 'rsa2048', passphrase));
    for (const { name } of SIGNERS) await make(clients, name);
    await make(servers, 'locked', PASSPHRASE);
    await make(servers, 'bare');
    for (const { name } of SIGNERS) await servers.trust(key(name), PASSPHRASE);
    for (const name of ['locked', 'bare']) await clients.trust(key(name));
    fwknopd = await Fwknopd.start(pair.target, [...CLIENTS, ...gpgStanzas()]);
  }, 120_000);
  afterAll(async () => {
    await fwknopd?.stop();
    await Promise.all([servers.end(), clients.end()]);
    await gate?.dispose();
    pair?.destroy();
  });

  it('opens for the same clients of fwknop, with the same commands', { timeout: 60_000 }, async () => {
    if (fwknopd === undefined) throw new Error('no fwknopd');
    expect(await openedByAll(() => fwknopd?.opened(CLIENT4))).toEqual(PORTS);
    const { access, config } = fwknopd.files;
    const done = await gate.cli(['import-fwknop', access, config], { asRoot: true });
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).not.toContain(Buffer.from(CLIENTS[0]?.key ?? '').toString('base64'));
    expect(done.stdout + done.stderr).not.toContain(PASSPHRASE);
    // gpg writes a private key with a passphrase differently each time: it is the same for all that.
    expect(await gate.cli(['import-fwknop', access, config], { asRoot: true })).toEqual(done);
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
    expect(opened).toEqual(PORTS);
    figure(
      `import-fwknop: ${opened.length} of ${PORTS.length} clients of a real fwknopd open the gate made from its files`,
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
    for (const { name, server, port } of SIGNERS) {
      const by = { home: clients.dir, signer: key(name).fingerprint, recipient: key(server).fingerprint };
      const ask = ['-A', `tcp/${port}`, '-a', CLIENT4];
      const done = await runFwknopGpg(pair.client, gate.dir, ask, by, gpgHmacKey(server));
      expect(done.code, done.stderr).toBe(0);
    }
    for (let tries = 0; ; tries++) {
      const opened = (await look()) ?? new Set();
      if (tries > 100 || PORTS.every((port) => opened.has(port))) return [...opened].sort();
      await sleep(50);
    }
  }

  function gpgStanzas(): Stanza[] {
    const [alice, bob, carol] = SIGNERS.map(({ name }) => key(name).fingerprint.toUpperCase());
    // fwknopd knows by these lists 8 digits, or all of them.
    const stanza = (server: string, ...more: string[]): Stanza => {
      const gpg = [`GPG_HOME_DIR ${servers.dir}`, `GPG_DECRYPT_ID ${key(server).fingerprint.slice(-8)}`, ...more];
      return { mode: 'cbc', key: '', hmac: 'sha256', hmacKey: gpgHmacKey(server), gpg };
    };
    return [
      stanza(
        'locked',
        `GPG_DECRYPT_PW ${PASSPHRASE}`,
        `GPG_REMOTE_ID ${alice?.slice(-8)},${bob?.slice(-8)}`,
        'OPEN_PORTS tcp/2004, tcp/2005',
      ),
      stanza('bare', 'GPG_ALLOW_NO_PW Y', `GPG_FINGERPRINT_ID ${carol}`, 'OPEN_PORTS tcp/2006'),
    ];
  }
});
