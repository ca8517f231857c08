import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as openpgp from 'openpgp';
import { stringify } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../rig/client.ts';
import { figure } from '../../rig/figure.ts';
import { Fwknopd, type Stanza } from '../../rig/fwknopd.ts';
import { GnupgHome, type GnupgKey } from '../../rig/gnupg.ts';
import { createPair, type Pair, run, TARGET4 } from '../../rig/netns.ts';
import { startSshd } from '../../rig/sshd.ts';

/** Keys that sign and encrypt, and HMACs. */
const GRID = [
  { signer: 'rsa2048', recipient: 'rsa2048', hmac: 'sha256' },
  { signer: 'rsa2048', recipient: 'rsa4096', hmac: 'md5' },
  { signer: 'rsa3072', recipient: 'rsa3072', hmac: 'sha256' },
  { signer: undefined, recipient: 'rsa4096', hmac: 'sha512' },
  { signer: 'rsa2048', recipient: 'rsa3072', hmac: undefined },
  { signer: 'locked', recipient: 'rsa2048', hmac: 'sha256' },
  // What fwknop's own client cannot do: GnuPG frames it as its server does not expect.
  { signer: 'curve', recipient: 'curve', hmac: 'sha256' },
] as const;

const PASSPHRASE = 'open sésame';

describe("our client at a real fwknopd, in GnuPG's mode", () => {
  const home = new GnupgHome();
  const keys = new Map<string, GnupgKey>();
  let pair: Pair;
  let fwknopd: Fwknopd;
  let client: Client;
  let sshd: Awaited<ReturnType<typeof startSshd>>;
  let folder: string;
  const key = (name: string): GnupgKey => keys.get(name) ?? { name, fingerprint: '', public: '', secret: '' };

  beforeAll(async () => {
    pair = await createPair({ name: 'fwknopd' });
    sshd = await startSshd(pair.target);
    for (const name of ['rsa2048', 'rsa3072', 'rsa4096']) keys.set(name, await home.make(name, name));
    keys.set('curve', await home.make('curve', 'future-default'));
    keys.set('locked', await home.make('locked', 'rsa2048', PASSPHRASE));
    for (const rule of ['-P INPUT DROP', '-A INPUT -i lo -j ACCEPT', '-A INPUT -m state --state ESTABLISHED -j ACCEPT'])
      await run(pair.target, ['iptables', ...rule.split(' ')]);
    fwknopd = await Fwknopd.start(pair.target, GRID.map(stanzaOf));
    client = new Client(pair.client);
    folder = join(client.configHome, 'knockgate');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const [name, { public: open, secret }] of keys) {
      writeFileSync(join(folder, `${name}.public`), open);
      writeFileSync(join(folder, `${name}.secret`), secret, { mode: 0o600 });
    }
    // One that the server has not.
    const other = await openpgp.generateKey({ userIDs: [{ name: 'other' }], format: 'armored' });
    writeFileSync(join(folder, 'other.public'), other.publicKey);
    writeFileSync(join(folder, 'passphrase'), `${PASSPHRASE}\n`, { mode: 0o600 });
    const hosts = GRID.map(({ signer, recipient, hmac }, i) => {
      if (hmac !== undefined) writeFileSync(join(folder, `hmac-${i}`), `HMAC_KEY ${hmacKey(i)}\n`, { mode: 0o600 });
      const keyed = hmac === undefined ? { hmac: 'none' } : { hmac, keyFile: `hmac-${i}` };
      const by = signer === undefined ? {} : { gpgSignerFile: `${signer}.secret` };
      const unlocked = signer === 'locked' ? { gpgPassphraseFile: 'passphrase' } : {};
      const gpg = { gpgRecipientFile: `${recipient}.public`, ...by, ...unlocked };
      return [`grid-${i}`, { kind: 'fwknop', address: TARGET4, ...keyed, ...gpg }];
    });
    const [first] = hosts;
    const wrong = (field: object) => ({ ...(first?.[1] as object), ...field });
    writeFileSync(
      join(folder, 'hosts.toml'),
      stringify({
        ...Object.fromEntries(hosts),
        long: wrong({ gpgSignerFile: 'rsa4096.secret', gpgRecipientFile: 'rsa4096.public' }),
        'not-unlocked': wrong({ gpgSignerFile: 'locked.secret' }),
        'other-signer': wrong({ gpgSignerFile: 'rsa3072.secret' }),
        'other-recipient': wrong({ gpgRecipientFile: 'other.public' }),
      }),
    );
  }, 120_000);
  afterAll(async () => {
    await fwknopd?.stop();
    await sshd?.stop();
    await home.end();
    client?.dispose();
    pair?.destroy();
  });

  it('gets through to sshd by keys of every size that fits', async () => {
    for (const [i, { signer, recipient, hmac }] of GRID.entries()) {
      await run(pair.target, ['iptables', '-F', 'FWKNOP_INPUT']);
      const done = await client.json(['knock', `grid-${i}`]);
      expect([i, done.code, done.stderr, done.json]).toMatchObject([i, 0, '', { open: true, sourceClaimed: true }]);
      const how = `signed by ${signer ?? 'nobody'}, encrypted to ${recipient}, HMAC ${hmac ?? 'none'}`;
      figure(`fwknopd, our client: ${how}: open after ${Math.round(Number(done.json?.afterMs))} ms`);
    }
  });

  it('imports a stanza of .fwknoprc with the keys of gpg, and knocks with them', async () => {
    await run(pair.target, ['iptables', '-F', 'FWKNOP_INPUT']);
    const i = GRID.findIndex(({ signer }) => signer === 'locked');
    const lines = [
      '[imported]',
      `SPA_SERVER ${TARGET4}`,
      'ACCESS tcp/22',
      'USE_GPG Y',
      `GPG_HOMEDIR ${home.dir}`,
      `GPG_RECIPIENT ${key('rsa2048').fingerprint}`,
      `GPG_SIGNER ${key('locked').fingerprint}`,
      // fwknop reads GPG_SIGNING_PW up to the first blank.
      `GPG_SIGNING_PW_BASE64 ${Buffer.from(PASSPHRASE).toString('base64')}`,
      `HMAC_KEY ${hmacKey(i)}`,
      '',
    ];
    const file = join(folder, 'fwknoprc');
    writeFileSync(file, lines.join('\n'));
    expect(await client.run(['import-fwknoprc', file])).toMatchObject({ code: 0, stderr: '' });
    for (const name of ['imported.fwknop', 'imported.signer.asc', 'imported.passphrase', 'imported.server.asc'])
      expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600]);
    expect(await client.json(['knock', 'imported'])).toMatchObject({ code: 0, json: { open: true } });
  });

  it('opens nothing signed by another key, or encrypted to another; and says what would be too long', async () => {
    await run(pair.target, ['iptables', '-F', 'FWKNOP_INPUT']);
    const notUnlocked = await client.run(['knock', 'not-unlocked']);
    expect([notUnlocked.code, notUnlocked.stderr]).toEqual([14, expect.stringContaining('nobody is here to enter it')]);
    const [signer, recipient] = await Promise.all(
      ['other-signer', 'other-recipient'].map((name) => client.json(['knock', name, '--timeout', '2'])),
    );
    expect([signer?.code, recipient?.code]).toEqual([12, 12]);
    const long = await client.run(['knock', 'long']);
    expect([long.code, long.stderr]).toEqual([3, expect.stringContaining('fwknopd reads fewer than 1,500')]);
  });

  const hmacKey = (i: number) => `hmac-key-of-stanza-${i}`;

  function stanzaOf({ signer, recipient, hmac }: (typeof GRID)[number], i: number): Stanza {
    const by =
      signer === undefined ? ['GPG_DISABLE_SIG Y'] : [`GPG_FINGERPRINT_ID ${key(signer).fingerprint.toUpperCase()}`];
    const gpg = [
      `GPG_HOME_DIR ${home.dir}`,
      `GPG_DECRYPT_ID ${key(recipient).fingerprint}`,
      'GPG_ALLOW_NO_PW Y',
      ...by,
    ];
    return { mode: 'cbc', hmac, key: '', hmacKey: hmac && hmacKey(i), gpg };
  }
});
