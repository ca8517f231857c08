import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capture } from '../../rig/capture.ts';
import { Client } from '../../rig/client.ts';
import { figure } from '../../rig/figure.ts';
import { flood } from '../../rig/flood.ts';
import { type AuditLine, Gate } from '../../rig/gate.ts';
import { GnupgHome, type GnupgKey } from '../../rig/gnupg.ts';
import { CLIENT4, createPair, type Pair, TARGET4 } from '../../rig/netns.ts';
import { sleep } from '../../rig/process.ts';
import { startSshd } from '../../rig/sshd.ts';

const PORT = 62_201;
const OTHER4 = '192.0.2.66';
const PASSPHRASE = 'open sésame';

/** Keys of GnuPG: those of devices, and of the gate, one of them locked with a passphrase. */
const KEYS = [
  { name: 'rsa', algorithm: 'rsa2048', passphrase: '' },
  { name: 'curve', algorithm: 'future-default', passphrase: '' },
  { name: 'gate-rsa', algorithm: 'rsa3072', passphrase: PASSPHRASE },
  { name: 'gate-curve', algorithm: 'future-default', passphrase: '' },
  { name: 'mallory', algorithm: 'rsa2048', passphrase: '' },
] as const;

/** Clients, with their keys and those of the gate. */
const HOSTS = [
  { name: 'by-rsa', signer: 'rsa', recipient: 'gate-rsa' },
  { name: 'by-curve', signer: 'curve', recipient: 'gate-curve' },
] as const;

describe("our client at our gate, in GnuPG's mode", () => {
  const home = new GnupgHome();
  const keys = new Map<string, GnupgKey>();
  let pair: Pair;
  let gate: Gate;
  let client: Client;
  let sshd: Awaited<ReturnType<typeof startSshd>>;
  const key = (name: string): GnupgKey => keys.get(name) ?? { name, fingerprint: '', public: '', secret: '' };

  beforeAll(async () => {
    pair = await createPair({ name: 'ours', clientAddresses: [`${OTHER4}/24`] });
    sshd = await startSshd(pair.target);
    for (const { name, algorithm, passphrase } of KEYS) keys.set(name, await home.make(name, algorithm, passphrase));
    gate = new Gate(pair.target);
    await gate.enrolmentLine();
    const stanzas = HOSTS.map(({ name, signer, recipient }) => {
      const isLocked = recipient === 'gate-rsa';
      return {
        name,
        key_file: gateFile(`${name}.hmac`, hmacLine(name)),
        gpg_key_file: gateFile(`${name}.gate`, key(recipient).secret),
        gpg_signer_file: gateFile(`${name}.signer`, key(signer).public),
        gpg_signer: key(signer).fingerprint,
        ...(isLocked && { gpg_passphrase_file: gateFile(`${name}.passphrase`, `${PASSPHRASE}\n`) }),
        grant: 5,
      };
    });
    const settings = { ports: ['tcp/22'], knock_ports: [443], fwknop_port: PORT };
    // A gate that has heard nothing of fwknop takes it in by a reload.
    gate.configureText(stringify({ gate: { ports: ['tcp/22'], knock_ports: [443] } }));
    await gate.start();
    gate.configureText(stringify({ gate: settings, fwknop: stanzas }));
    gate.reload();
    await gate.audit(({ event }) => event === 'reloaded', 20_000);
    client = new Client(pair.client);
    writeHosts();
    // A packet names whole seconds: one of the second in which the record of replays was made counts as older than it.
    await sleep(1000);
  }, 120_000);
  afterAll(async () => {
    await gate?.dispose();
    await sshd?.stop();
    await home.end();
    client?.dispose();
    pair?.destroy();
  });

  it('gets through to sshd, by keys of RSA and on curves, and nobody does by the same packets', async () => {
    for (const { name, signer, recipient } of HOSTS) {
      await gate.cli(['flush']);
      const wire = await capture(pair.client, `udp port ${PORT}`);
      const since = gate.events.length;
      const done = await client.json(['knock', name]);
      expect([done.code, done.stderr, done.json]).toMatchObject([0, '', { open: true }]);
      expect(await outcome(since)).toMatchObject({ event: 'granted', client: name, source: CLIENT4 });
      figure(
        `our gate, our client: signed by ${signer}, encrypted to ${recipient}: open after ${Math.round(Number(done.json?.afterMs))} ms`,
      );
      const { datagrams: packets } = await wire.stop();
      expect(packets).toHaveLength(1);
      for (const source of [CLIENT4, OTHER4]) {
        const before = gate.events.length;
        await flood(pair.client, {
          host: TARGET4,
          port: PORT,
          count: 1,
          bodies: packets.map(({ payload }) => payload),
          source,
        });
        expect(await outcome(before)).toMatchObject({ event: 'refused', client: name, source, reason: 'replayed' });
      }
    }
  });

  it('is refused with another key than the one that the gate knows, or to another than the gate has', async () => {
    await gate.cli(['flush']);
    const since = gate.events.length;
    const cases = [
      ['forged', 'by-rsa'],
      ['to-another', 'by-curve'],
    ] as const;
    await Promise.all(
      cases.map(async ([host, stanza]) => {
        expect((await client.json(['knock', host, '--timeout', '1'])).code).toBe(12);
        const ofStanza = ({ event, client }: AuditLine) => event === 'refused' && client === stanza;
        expect(await gate.audit(ofStanza, 20_000, since)).toMatchObject({ reason: 'unauthentic', source: CLIENT4 });
      }),
    );
    expect(gate.events.slice(since).filter(({ event }) => event === 'granted')).toEqual([]);
  });

  const hmacLine = (name: string) => `HMAC_KEY_BASE64 ${Buffer.from(`hmac key of ${name}`).toString('base64')}\n`;

  const outcome = (since: number): Promise<AuditLine> =>
    gate.audit(({ event }) => event === 'granted' || event === 'refused', 20_000, since);

  function writeHosts(): void {
    const folder = join(client.configHome, 'knockgate');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const put = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 });
    for (const [name, { public: open, secret }] of keys) {
      put(`${name}.public`, open);
      put(`${name}.secret`, secret);
    }
    for (const { name } of HOSTS) put(`${name}.hmac`, hmacLine(name));
    const hostOf = (name: string, signer: string, recipient: string) => ({
      kind: 'fwknop',
      address: TARGET4,
      keyFile: `${name}.hmac`,
      gpgSignerFile: `${signer}.secret`,
      gpgRecipientFile: `${recipient}.public`,
    });
    const known = HOSTS.map(({ name, signer, recipient }) => [name, hostOf(name, signer, recipient)]);
    const forged = hostOf('by-rsa', 'mallory', 'gate-rsa');
    const toAnother = hostOf('by-curve', 'curve', 'mallory');
    put('hosts.toml', stringify({ ...Object.fromEntries(known), forged, 'to-another': toAnother }));
  }

  function gateFile(name: string, text: string): string {
    const path = join(gate.dir, name);
    writeFileSync(path, text);
    chmodSync(path, 0o640);
    gate.give(path);
    return path;
  }
});
