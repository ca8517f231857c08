import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { importFwknop, wantedGpgKeys } from '../../../../server-helper/import/fwknop.ts';
import type { ExportedKey, Exports, WantedKey } from '../../../../server-helper/import/fwknop-gpg-keys.ts';
import { showImported } from '../../../../server-helper/import/imported.ts';
import { readFwknop } from '../../../../server-helper/import/read-fwknop.ts';
import { pathsFrom } from '../../../../server-helper/paths.ts';
import { problemOf, temporaryFolder } from '../support.ts';

const FOLDER = '/etc/knockgate/fwknop';
const SERVER = '0f'.repeat(20);
const ALICE = 'a1'.repeat(20);
const BOB = 'b2'.repeat(20);
const SECRET = 'open sesame';
const LEAST = `SOURCE ANY
GPG_HOME_DIR /root/.gnupg
GPG_DECRYPT_ID ABCD1234
GPG_DECRYPT_PW ${SECRET}
GPG_REMOTE_ID A1A1A1A1, 0xB2B2B2B2B2B2B2B2
HMAC_KEY_BASE64 c2VjcmV0LWhtYWMta2V5
`;

/** A gpg with three keys, each known by the end of its fingerprint; the server's by its short ID as well. */
const exported: Exports = ({ key, secret }) => {
  const all = secret === undefined ? [ALICE, BOB] : [SERVER];
  const fingerprint = all.find((each) => each.endsWith(key) || key === 'ABCD1234');
  if (fingerprint === undefined) return { ok: false, why: 'No such key' };
  return { ok: true, fingerprint, armoured: `${secret ? 'secret' : 'public'} ${fingerprint}\n` };
};
const imported = (text: string, by: Exports = exported, daemon?: string) =>
  importFwknop(
    { text, file: 'access.conf' },
    daemon === undefined ? undefined : { text: daemon, file: 'fwknopd.conf' },
    FOLDER,
    by,
  );
const stanzasOf = (text: string, by?: Exports) =>
  parseGateConfig(`${showImported(imported(text, by))}\n`, 'gate.toml').fwknop;
const notesOf = (text: string, by?: Exports) => imported(text, by).notes.join('\n');
const without = (name: string) => LEAST.replace(new RegExp(`^${name}.*\n`, 'm'), '');

describe("a stanza of GnuPG's mode", () => {
  it('becomes one for each key that may sign, with the keys in files', () => {
    const [gate, passphrase] = [`${FOLDER}/fwknop-1.gate.asc`, `${FOLDER}/fwknop-1.passphrase`];
    const shared = { keyFile: gate, passphraseFile: passphrase };
    expect(stanzasOf(`${LEAST}HMAC_DIGEST_TYPE SHA512\nOPEN_PORTS tcp/22\n`)).toMatchObject([
      {
        name: 'fwknop-1',
        hmac: 'sha512',
        keyFile: `${FOLDER}/fwknop-1`,
        gpg: { ...shared, signer: ALICE, signerFile: `${FOLDER}/fwknop-1.signer-1.asc` },
      },
      {
        name: 'fwknop-2',
        hmac: 'sha512',
        keyFile: `${FOLDER}/fwknop-1`,
        gpg: { ...shared, signer: BOB, signerFile: `${FOLDER}/fwknop-1.signer-2.asc` },
      },
    ]);
    const { keyFiles, notes } = imported(LEAST);
    expect(Object.fromEntries(keyFiles.map(({ path, text }) => [path.slice(FOLDER.length + 1), text]))).toEqual({
      'fwknop-1': 'HMAC_KEY_BASE64: c2VjcmV0LWhtYWMta2V5\n',
      'fwknop-1.gate.asc': `secret ${SERVER}\n`,
      'fwknop-1.passphrase': `${SECRET}\n`,
      'fwknop-1.signer-1.asc': `public ${ALICE}\n`,
      'fwknop-1.signer-2.asc': `public ${BOB}\n`,
    });
    expect(notes.filter((note) => /gpg|GPG/.test(note))).toEqual([
      'access.conf:5: fwknopd lets nobody in by a GPG_REMOTE_ID that does not have 8 digits; a gate does',
    ]);
  });

  it('may be one of Rijndael as well', () => {
    const both = `${LEAST}KEY_BASE64 c2VjcmV0LXJpam5kYWVs\nENCRYPTION_MODE CTR\n`;
    expect(stanzasOf(both)).toMatchObject([
      { name: 'fwknop-1', mode: 'ctr', gpg: undefined, keyFile: `${FOLDER}/fwknop-1` },
      { name: 'fwknop-2', gpg: { signer: ALICE }, keyFile: `${FOLDER}/fwknop-2` },
      { name: 'fwknop-3', gpg: { signer: BOB }, keyFile: `${FOLDER}/fwknop-2` },
    ]);
    // As in the access.conf that comes with fwknopd.
    expect(stanzasOf(`${LEAST}KEY_BASE64 __CHANGEME__\n`)).toHaveLength(2);
    expect(notesOf(`${LEAST}KEY_BASE64 __CHANGEME__\n`)).toContain('keys for Rijndael cannot be used');
  });

  it('has the folder of fwknopd.conf, or root’s, when it names none', () => {
    const homes = (daemon: string | undefined, text = without('GPG_HOME_DIR')) => {
      const file = daemon === undefined ? undefined : { text: daemon, file: 'fwknopd.conf' };
      return [...new Set(wantedGpgKeys({ text, file: 'access.conf' }, file).map(({ home }) => home))];
    };
    expect(homes(undefined)).toEqual(['/root/.gnupg']);
    expect(homes('GPG_HOME_DIR /srv/gpg;')).toEqual(['/srv/gpg']);
    expect(homes('GPG_HOME_DIR gpg;')).toEqual(['/root/.gnupg']);
    expect(homes('GPG_HOME_DIR /srv/gpg;', LEAST)).toEqual(['/root/.gnupg']);
    expect(imported(LEAST, exported, 'GPG_HOME_DIR gpg;').notes.join()).toContain('not an absolute path');
  });

  it.each([
    ['no HMAC', without('HMAC'), 'without an HMAC key anybody could have a gate compute'],
    ['no client’s key', without('GPG_REMOTE_ID'), 'a gate takes nothing unsigned'],
    ['unsigned packets', `${without('GPG_REMOTE_ID')}GPG_DISABLE_SIG Y\n`, 'a gate takes nothing unsigned'],
    ['no passphrase', without('GPG_DECRYPT_PW'), 'neither GPG_DECRYPT_PW nor GPG_ALLOW_NO_PW'],
    ['the passphrase of the example', LEAST.replace(SECRET, '__CHANGEME__'), 'neither GPG_DECRYPT_PW'],
    ['a relative folder', LEAST.replace('/root/.gnupg', '.gnupg'), 'not an absolute path'],
    ['ids that are none', LEAST.replace(/A1A1.*/, 'alice, -Z'), 'not a key ID'],
  ])('is left out with its reason: %s', (_, text, why) => {
    expect(imported(text)).toMatchObject({ toml: '', keyFiles: [] });
    expect(notesOf(text)).toContain(why);
    expect(notesOf(text)).not.toContain(SECRET);
  });

  it.each([
    ['GPG_DISABLE_SIG Y', 'GPG_DISABLE_SIG is left out: packets must be signed'],
    ['GPG_REQUIRE_SIG N', 'GPG_REQUIRE_SIG is left out: packets must be signed'],
    ['GPG_IGNORE_SIG_VERIFY_ERROR Y', 'GPG_IGNORE_SIG_VERIFY_ERROR is left out: a signature must be good'],
  ])('is stricter than fwknopd was, and says so: %s', (line, why) => {
    expect(stanzasOf(`${LEAST}${line}\n`)).toHaveLength(2);
    expect(notesOf(`${LEAST}${line}\n`)).toContain(why);
  });

  it('needs no passphrase where none is wanted', () => {
    const [stanza] = stanzasOf(`${without('GPG_DECRYPT_PW')}GPG_ALLOW_NO_PW Y\n`);
    expect(stanza?.gpg?.passphraseFile).toBeUndefined();
  });

  it('admits those in both lists of keys, when there are two', () => {
    const text = `${LEAST}GPG_FINGERPRINT_ID ${BOB.toUpperCase()},${'c3'.repeat(20)}\n`;
    expect(stanzasOf(text)).toMatchObject([{ gpg: { signer: BOB } }]);
    expect(notesOf(text)).toContain('2 keys are only in one of GPG_REMOTE_ID and GPG_FINGERPRINT_ID');
  });

  it('lets one key in once, by whichever of its parts it is named', () => {
    const subkey: Exports = (wanted) => ({ ok: true, fingerprint: wanted.secret ? SERVER : ALICE, armoured: 'key' });
    expect(stanzasOf(LEAST, subkey)).toMatchObject([{ gpg: { signer: ALICE } }]);
    expect(notesOf(LEAST, subkey)).toContain(`b2b2b2b2b2b2b2b2 is part of the key ${ALICE}`);
  });

  it('is written without the keys that gpg does not export, with the command that does', () => {
    const nothing: Exports = () => ({ ok: false, why: 'there is no gpg' });
    const text = `${LEAST.replace('/root/.gnupg', "/root/it's")}GPG_FINGERPRINT_ID ${ALICE}\n`;
    const { toml, notes, keyFiles } = imported(text, nothing);
    expect(toml).toContain(`gpg_signer = "${ALICE}"`);
    expect(keyFiles.map(({ path }) => path)).toEqual([`${FOLDER}/fwknop-1`, `${FOLDER}/fwknop-1.passphrase`]);
    const file = `${FOLDER}/fwknop-1.gate.asc`;
    expect(notes).toContain(
      `access.conf:3: gpg does not export a key (there is no gpg); by hand: (umask 027; gpg --homedir '/root/it'\\''s' --armor --export-secret-keys -- ABCD1234 >${file}; chgrp knockgate ${file})`,
    );
    expect(notes.join('\n')).toContain(`--armor --export -- ${ALICE} >${FOLDER}/fwknop-1.signer-1.asc`);
  });

  it('has no command for root where gpg would run what others say', () => {
    const others: Exports = () => ({ ok: false, why: 'others can write to /home/eve', isOthers: true });
    const { notes, toml } = imported(`${LEAST}GPG_FINGERPRINT_ID ${ALICE}\n`, others);
    expect(toml).toContain(`gpg_signer = "${ALICE}"`);
    expect(notes.join('\n')).toContain(
      `(others can write to /home/eve); ask its owner to export ABCD1234, and put that into ${FOLDER}/fwknop-1.gate.asc`,
    );
    expect(notes.join('\n')).not.toContain('by hand');
    expect(notesOf(LEAST, others)).toContain('run by the folder’s owner, says into GPG_FINGERPRINT_ID');
  });

  it('is left out when a client’s whole fingerprint is unknown, with what to do', () => {
    expect(imported(LEAST, () => undefined)).toMatchObject({ toml: '', keyFiles: [] });
    expect(notesOf(LEAST, () => undefined)).toContain(
      '`gpg --homedir /root/.gnupg --fingerprint a1a1a1a1` says into GPG_FINGERPRINT_ID, and import again',
    );
  });

  it('comes out as a good gate.toml or as nothing, whatever is in it, and no passphrase is shown', () => {
    const names = [
      'HOME_DIR',
      'DECRYPT_ID',
      'ALLOW_NO_PW',
      'REQUIRE_SIG',
      'DISABLE_SIG',
      'REMOTE_ID',
      'FINGERPRINT_ID',
    ];
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('Y', 'N', 'ABCD1234', `${ALICE}, ${BOB}`, '-o/etc/passwd', '$(id)', '"\n[[client]]', "'", '/a b'),
    );
    const lines = fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 6 });
    const results = fc.func(
      fc.oneof(
        fc.constantFrom(ALICE, BOB).map((fingerprint): ExportedKey => ({ ok: true, fingerprint, armoured: 'key' })),
        fc.string({ unit: 'binary' }).map((why): ExportedKey => ({ ok: false, why })),
      ),
    );
    fc.assert(
      fc.property(lines, results, (more, by) => {
        const text = `${LEAST}${more.map(([name, each]) => `GPG_${name} ${each}`).join('\n')}\n`;
        const result = imported(text, by);
        expect(showImported(result)).not.toContain(SECRET);
        for (const note of result.notes) expect(note).not.toMatch(/[\r\n]/);
        if (result.toml === '') expect(result.keyFiles).toEqual([]);
        else for (const { gpg } of stanzasOf(text, by)) expect([ALICE, BOB]).toContain(gpg?.signer.slice(-40));
      }),
      { numRuns: 100 },
    );
  });
});

describe('knockgated import-fwknop, with keys of GnuPG', () => {
  it('says so where there is no folder for its keys yet', async () => {
    const folder = temporaryFolder();
    const access = join(folder, 'access.conf');
    writeFileSync(access, LEAST);
    const paths = pathsFrom({}, join(folder, 'none/gate.toml'));
    const problem = await problemOf(() =>
      readFwknop(paths, access, undefined, async (wanted) => exported(wanted) ?? { ok: false, why: '' }),
    );
    expect([problem.code, problem.why]).toEqual(['file-unwritable', expect.stringContaining('ENOENT')]);
  });

  it('asks gpg for each key once, and writes what it exports for the daemon alone', async () => {
    const folder = temporaryFolder();
    const [access, paths] = [join(folder, 'access.conf'), pathsFrom({}, join(folder, 'gate.toml'))];
    writeFileSync(access, LEAST + LEAST);
    const asked: WantedKey[] = [];
    const exportKey = async (wanted: WantedKey): Promise<ExportedKey> => {
      asked.push(wanted);
      return exported(wanted) ?? { ok: false, why: '' };
    };
    const result = await readFwknop(paths, access, undefined, exportKey);
    expect(asked.map(({ key, secret }) => [key, secret?.passphrase])).toEqual([
      ['ABCD1234', SECRET],
      ['a1a1a1a1', undefined],
      ['b2b2b2b2b2b2b2b2', undefined],
    ]);
    expect(result.keyFiles).toHaveLength(10);
    for (const path of result.keyFiles) expect([path, statSync(path).mode & 0o777]).toEqual([path, 0o640]);
    expect(await readFwknop(paths, access, undefined, exportKey)).toEqual(result);
    // Another key there is somebody else's: it stays, and the import takes other names.
    const key = join(folder, 'fwknop/fwknop-1.signer-1.asc');
    writeFileSync(key, 'another');
    const again = await readFwknop(paths, access, undefined, exportKey);
    expect(again.keyFiles.map((path) => basename(path).split('.')[0])).toContain('fwknop-2');
    expect(again.keyFiles.filter((path) => result.keyFiles.includes(path))).toEqual([]);
    expect(readFileSync(key, 'utf8')).toBe('another');
  });
});
