import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../../rig/figure.ts';
import { flood } from '../../rig/flood.ts';
import { base64, runFwknopGpg } from '../../rig/fwknop-client.ts';
import { type AuditLine, Gate } from '../../rig/gate.ts';
import { GnupgHome, type GnupgKey } from '../../rig/gnupg.ts';
import { CLIENT4, createPair, type Pair, TARGET4 } from '../../rig/netns.ts';
import { sleep } from '../../rig/process.ts';

const PORT = 62_201;
const OTHER4 = '192.0.2.66';

/** Keys that sign and encrypt, and HMACs. RSA-4096 signs nothing: fwknop's client refuses what that becomes. */
const GRID = [
  ['rsa2048', 'rsa2048', 'sha256'],
  ['rsa2048', 'rsa3072', 'sha512'],
  ['rsa2048', 'rsa4096', 'sha256'],
  ['rsa3072', 'rsa2048', 'md5'],
  ['rsa3072', 'rsa3072', 'sha256'],
  ['curve', 'curve', 'sha256'],
  ['curve', 'rsa4096', 'sha3_256'],
] as const;

describe("the real fwknop client at our gate, in GnuPG's mode", () => {
  const home = new GnupgHome();
  const keys = new Map<string, GnupgKey>();
  let pair: Pair;
  let gate: Gate;
  const key = (name: string): GnupgKey => keys.get(name) ?? { name, fingerprint: '', public: '', secret: '' };

  beforeAll(async () => {
    pair = await createPair({ name: 'fwknop', clientAddresses: [`${OTHER4}/24`] });
    for (const algorithm of ['rsa2048', 'rsa3072', 'rsa4096', 'curve'])
      for (const side of algorithm === 'rsa4096' ? ['gate'] : ['gate', 'client']) {
        const name = `${side}-${algorithm}`;
        keys.set(name, await home.make(name, algorithm === 'curve' ? 'future-default' : algorithm));
      }
    gate = new Gate(pair.target);
    await gate.enrolmentLine();
    const settings = {
      ports: ['tcp/22', 'tcp/2001-2100'],
      knock_ports: [443],
      fwknop_port: PORT,
      clock_tolerance: 120,
    };
    const stanzas = GRID.map(([signer, recipient, hmac], i) => {
      return {
        name: `grid-${i}`,
        hmac,
        key_file: file(`hmac-${i}`, `HMAC_KEY_BASE64 ${base64(hmacKey(i))}\n`),
        gpg_key_file: file(`gate-${i}`, key(`gate-${recipient}`).secret),
        gpg_signer_file: file(`client-${i}`, key(`client-${signer}`).public),
        gpg_signer: key(`client-${signer}`).fingerprint.toUpperCase(),
      };
    });
    const open = { ...stanzas[0], name: 'seen', any_source: true, key_file: file('hmac-seen', `HMAC_KEY seen\n`) };
    gate.configureText(stringify({ gate: settings, fwknop: [...stanzas, open] }));
    expect(await gate.cli(['check'])).toMatchObject({ code: 0 });
    await gate.start();
    // A packet names whole seconds: one of the second in which the record of replays was made counts as older than it.
    await sleep(1000);
  }, 120_000);
  afterAll(async () => {
    await gate?.dispose();
    await home.end();
    pair?.destroy();
  });

  it('opens by keys of every size that it can send', async () => {
    for (const [i, [signer, recipient, hmac]] of GRID.entries()) {
      const since = gate.events.length;
      const ask = ['-A', `tcp/${2001 + i}`, '-a', CLIENT4, '--hmac-digest-type', hmac];
      expect(await fwknop(ask, `client-${signer}`, `gate-${recipient}`, hmacKey(i))).toMatchObject({ code: 0 });
      expect(await outcome(since)).toMatchObject({ event: 'granted', client: `grid-${i}`, ports: [`tcp/${2001 + i}`] });
      figure(`our gate, fwknop's client: signed by ${signer}, encrypted to ${recipient}, HMAC ${hmac}: opens`);
    }
  });

  it('is refused when it signs with another key, with none, or encrypts to another', async () => {
    const cases: [signer: string | undefined, recipient: string][] = [
      ['client-rsa3072', 'gate-rsa2048'],
      ['gate-rsa2048', 'gate-rsa2048'],
      [undefined, 'gate-rsa2048'],
      ['client-rsa2048', 'gate-rsa3072'],
    ];
    for (const [signer, recipient] of cases) {
      const since = gate.events.length;
      expect(await fwknop(['-A', 'tcp/22', '-a', CLIENT4], signer, recipient, hmacKey(0))).toMatchObject({ code: 0 });
      expect(await outcome(since)).toMatchObject({ event: 'refused', client: 'grid-0', reason: 'unauthentic' });
    }
    // With another key of the HMAC it is nobody's: what is heard next is the one behind it.
    const since = gate.events.length;
    await fwknop(['-A', 'tcp/22', '-a', CLIENT4], 'client-rsa2048', 'gate-rsa2048', 'another');
    await fwknop(['-A', 'tcp/22', '-a', CLIENT4], 'client-rsa2048', 'gate-rsa2048', hmacKey(0));
    expect(await outcome(since)).toMatchObject({ event: 'granted', client: 'grid-0' });
  });

  it('gets in once by one packet: not again, not for somebody who caught it, not after a restart', async () => {
    const { stdout } = await fwknop(['-A', 'tcp/22', '-s', '--test', '-v'], 'client-rsa2048', 'gate-rsa2048', 'seen');
    const packet = Buffer.from(/Final SPA Data: *(\S+)/.exec(stdout)?.[1] ?? '');
    const send = (source: string) =>
      flood(pair.client, { host: TARGET4, port: PORT, count: 1, bodies: [packet], source });
    let since = gate.events.length;
    await send(CLIENT4);
    expect(await outcome(since)).toMatchObject({ event: 'granted', client: 'seen', source: CLIENT4 });
    since = gate.events.length;
    await send(OTHER4);
    expect(await outcome(since)).toMatchObject({ event: 'refused', reason: 'replayed', source: OTHER4 });
    await gate.kill9();
    await gate.start();
    since = gate.events.length;
    await send(OTHER4);
    expect(await outcome(since)).toMatchObject({ event: 'refused', reason: 'replayed', source: OTHER4 });
  });

  const hmacKey = (stanza: number): string => `hmac key of stanza ${stanza}`;

  function fwknop(ask: readonly string[], signer: string | undefined, recipient: string, hmac: string) {
    const keys = {
      home: home.dir,
      signer: signer === undefined ? undefined : key(signer).fingerprint,
      recipient: key(recipient).fingerprint,
    };
    return runFwknopGpg(pair.client, gate.dir, ask, keys, hmac);
  }

  const outcome = (since: number): Promise<AuditLine> =>
    gate.audit(({ event }) => event === 'granted' || event === 'refused', 10_000, since);

  function file(name: string, text: string): string {
    const path = join(gate.dir, name);
    writeFileSync(path, text);
    chmodSync(path, 0o640);
    gate.give(path);
    return path;
  }
});
