import { chmodSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportGpgKey, listGpgKeys, parseGpgList } from '../../../../src/client/fwknop/gpg-program.ts';
import { fakeGpg } from '../../fwknop/fake-gpg.ts';
import { problemOf, temporaryFolder } from '../support.ts';

const [FIRST, SECOND, THIRD] = ['A', 'B', 'C'].map((letter) => letter.repeat(40));

/** As gpg 2.2 prints it. */
const LISTING = `tru::1:1700000000:0:3:1:5
sec:u:2048:1:1111111111111111:1700000000:::u:::scESC:::+:::23::0:
fpr:::::::::${FIRST}:
grp:::::::::${'0'.repeat(40)}:
uid:u::::1700000000::${'1'.repeat(40)}::Alice \\x3a work <alice@test.invalid>::::::::::0:
uid:u::::1700000000::${'1'.repeat(40)}::Alice again::::::::::0:
ssb:u:2048:1:2222222222222222:1700000000::::::e:::+:::23:
fpr:::::::::${'2'.repeat(40)}:
sec:e:2048:1:3333333333333333:1600000000:1600000001::u:::sc:::+:::23::0:
fpr:::::::::${SECOND}:
uid:e::::1600000000::${'1'.repeat(40)}::Expired::::::::::0:
sec:u:2048:1:4444444444444444:1700000000:::u:::scESC:::D2760001240102010006000000000000:::23::0:
fpr:::::::::${THIRD}:
uid:u::::1700000000::${'1'.repeat(40)}::On a card::::::::::0:
`;

describe('what gpg lists', () => {
  it('is each key that can be used, with its own fingerprint and first name', () => {
    const alice = { fingerprint: FIRST, user: 'Alice : work <alice@test.invalid>' };
    expect(parseGpgList(LISTING, 'S')).toEqual([alice]);
    expect(parseGpgList(LISTING.replaceAll('\n', '\r\n'), 'E')).toEqual([alice]);
    expect(parseGpgList(LISTING.replace(FIRST ?? '', 'nonsense'), 'S')).toEqual([]);
    expect(parseGpgList('no listing', 'S')).toEqual([]);
  });

  it('is asked for with arguments alone, and nothing where there is no gpg', async () => {
    const gpg = fakeGpg({ listing: LISTING, armoured: '' });
    expect(await listGpgKeys('signers', gpg.env)).toHaveLength(1);
    expect(await listGpgKeys('recipients', gpg.env)).toHaveLength(1);
    expect(gpg.asked()).toEqual(['--batch --with-colons --list-secret-keys', '--batch --with-colons --list-keys']);
    expect(await listGpgKeys('signers', { PATH: temporaryFolder() })).toEqual([]);
  });
});

describe('what gpg exports', () => {
  const wanted = { key: '-x; touch /tmp/y', secret: true, home: undefined, passphrase: undefined };

  it('is told which key as one argument, and its passphrase by a pipe', async () => {
    const gpg = fakeGpg({ listing: '', armoured: 'a key' });
    expect(await exportGpgKey(wanted, gpg.env)).toBe('a key');
    expect(await exportGpgKey({ ...wanted, passphrase: 'open sesame' }, gpg.env)).toBe('a key');
    expect(gpg.asked()[0]).toBe('--armor --export-secret-keys -- -x; touch /tmp/y');
    expect(gpg.asked()[1]).not.toContain('sesame');
    expect(readFileSync(join(gpg.folder, 'input'), 'utf8')).toBe('open sesame\n');
  });

  it('is missed with what gpg says of it, or that there is none', async () => {
    const gpg = fakeGpg({ listing: '', armoured: '' });
    const { code, why } = await problemOf(() => exportGpgKey(wanted, gpg.env));
    expect([code, why]).toEqual(['gpg-failed', 'gpg: nothing exported']);
    const none = await problemOf(() => exportGpgKey(wanted, { PATH: gpg.nowhere }));
    expect([none.code, none.why]).toEqual(['gpg-failed', 'There is no gpg on this computer.']);
  });

  it('is not asked for in a folder of others, whose settings name programs', async () => {
    const gpg = fakeGpg({ listing: '', armoured: 'a key' });
    const refusal = async (home: string) => {
      const { code, why } = await problemOf(() => exportGpgKey({ ...wanted, home }, gpg.env));
      return `${code}: ${why}`;
    };
    const [above, home] = [join(gpg.folder, 'above'), join(gpg.folder, 'above/home')];
    const settings = join(home, 'gpg.conf');
    mkdirSync(home, { recursive: true, mode: 0o700 });
    writeFileSync(settings, 'agent-program /home/eve/run\n', { mode: 0o600 });
    expect(await refusal('gnupg')).toMatch('gpg-folder-of-others: It is not an absolute path');
    expect(await refusal(join(home, 'none'))).toMatch('file-unusable');
    for (const path of [home, above, settings]) {
      chmodSync(path, 0o777);
      expect(await refusal(home)).toBe(`gpg-folder-of-others: Others can write to ${realpathSync(path)}.`);
      chmodSync(path, 0o700);
    }
    expect(gpg.asked()).toEqual([]);
    expect(await exportGpgKey({ ...wanted, home }, gpg.env)).toBe('a key');
    expect(gpg.asked()[0]).toContain(`--homedir ${home} `);
  });

  it('is not waited for any longer than somebody wants it', async () => {
    const gpg = fakeGpg({ listing: '', armoured: 'a key' });
    const exported = exportGpgKey({ ...wanted, signal: AbortSignal.abort() }, gpg.env);
    await expect(exported).rejects.toMatchObject({ name: 'AbortError' });
  });
});
