import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { inEnglish } from '../../../src/base/phrase.ts';
import type { DeployModule } from '../../../src/cli/shell.ts';
import { RecoveryFile } from '../../../src/deploy/second-way/recovery-file.ts';
import type { SecondWay } from '../../../src/deploy/second-way/second-way.ts';
import { formatGateLine, parseGateLine } from '../../../src/spa/enrolment.ts';
import { expectMode, temporaryFolder } from '../client/support.ts';
import { gateLine, knockgate } from './support.ts';

const PASSPHRASE = 'correct horse battery staple';
const TWICE = `${PASSPHRASE}\n${PASSPHRASE}\n`;

let home: string;
let file: string;
beforeEach(() => {
  home = temporaryFolder();
  file = join(home, 'prod-recovery');
});

/** Sets up a gate without a server, with the chosen second way in. An interrupted set-up takes its recovery file back. */
async function deploy(options: readonly string[], typed = '', breaksOff = false, gate = parseGateLine(gateLine())) {
  let way: SecondWay | undefined;
  const module = {
    RecoveryFile,
    deviceOf: () => ({}),
    loginTo: async () => ({ settings: { hostName: 'prod.example', port: 22 } }),
    readGateFiles: () => ({}),
    deploy: async ({ ui, secondWay, dryRun }: Parameters<DeployModule['deploy']>[0]) => {
      way = secondWay ?? (await ui.chooseSecondWay());
      if (way?.kind !== 'recovery-key' || dryRun)
        return { report: '# It is set up', summary: '# It is set up', gate: undefined };
      if (!(await way.keeper.secure())) throw new Error('not secured');
      await way.keeper.complete('prod', { gate, login: 'ssh://dev@192.0.2.2:22' });
      if (!breaksOff) return { report: '# It is set up', summary: '# It is set up', gate: undefined };
      const became = await way.keeper.discard();
      throw new Error(became && inEnglish(became));
    },
  };
  const loadDeployment = async () => module as unknown as DeployModule;
  const openStdin = () => Readable.from([typed]);
  const said = await knockgate(home, ['deploy', 'prod', ...options], { loadDeployment, openStdin });
  return { ...said, way };
}

const importIn = (folder: string, typed: string, ...options: readonly string[]) =>
  knockgate(folder, ['import-key', file, ...options], { openStdin: () => Readable.from([typed]) });
const keyOf = (way: SecondWay | undefined) =>
  way && 'client' in way ? Buffer.from(way.client.key).toString('base64url') : '';

describe('a recovery key in a file', () => {
  it('is sealed by a passphrase, and gets its owner in from another computer', async () => {
    const { code, way, err } = await deploy(['--recovery-key', file], `short\n${PASSPHRASE}\nanother\n${TWICE}`);
    expect(err).toContain(`A new passphrase for ${file}, of at least 12 characters:`);
    expect([code, err.match(/fewer than 12|are not the same/g)]).toEqual([0, ['fewer than 12', 'are not the same']]);
    expectMode(file, 0o600);
    expect(readFileSync(file, 'latin1')).toMatch(/^knockgate-sealed 1 /);

    const elsewhere = temporaryFolder();
    const wrong = await importIn(elsewhere, 'wrong horse battery staple\n');
    expect(wrong.err).toContain('this passphrase does not open the file');
    const { out, err: told } = await importIn(elsewhere, `${PASSPHRASE}\n`);
    const key = join(elsewhere, '.config', 'knockgate', 'recovery');
    expect(out).toContain(`The key is in ${key}.`);
    expect(told).toContain(`knockgate knock prod --identity ${key} && ssh ssh://dev@192.0.2.2:22`);
    const [, , publicKey] = (await knockgate(elsewhere, ['pubkey', '--identity', key])).out.split(' ');
    expect(publicKey).toBe(keyOf(way));
    expect((await knockgate(elsewhere, ['list'])).out).toContain('prod');
  });

  it('serves for the next host, and for the next attempt', async () => {
    const first = await deploy(['--recovery-key', file], TWICE);
    const second = await deploy(['--recovery-key', file], `${PASSPHRASE}\n`);
    expect([second.code, keyOf(second.way)]).toEqual([0, keyOf(first.way)]);
  });

  it('is gone, or as it was, when the gate is taken back', async () => {
    expect((await deploy(['--recovery-key', file], TWICE, true)).err).toContain('is void and was deleted');
    expect(existsSync(file)).toBe(false);
    await deploy(['--recovery-key', file], TWICE);
    const before = readFileSync(file);
    expect((await deploy(['--recovery-key', file], `${PASSPHRASE}\n`, true)).err).toContain('is as it was before');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('asks for its passphrase again after a wrong one, three times', async () => {
    const first = await deploy(['--recovery-key', file], TWICE);
    const second = await deploy(['--recovery-key', file], `wrong\nwrong\n${PASSPHRASE}\n`);
    expect([second.code, keyOf(second.way)]).toEqual([0, keyOf(first.way)]);
    const wrong = await deploy(['--recovery-key', file], `wrong\nwrong\nwrong\n${PASSPHRASE}\n`);
    expect([wrong.code, wrong.err.match(/Passphrase of/g)]).toEqual([
      14,
      ['Passphrase of', 'Passphrase of', 'Passphrase of'],
    ]);
    expect((await importIn(temporaryFolder(), `wrong\n${PASSPHRASE}\n`)).code).toBe(0);
  });

  it.each([
    ['a folder that does not exist', () => join(home, 'stick', 'prod'), /The folder .*stick does not exist\./],
    ['a folder', () => home, /is a folder: name a file in it\./],
    ['a file as a folder', () => join(home, '.config/knockgate/id', 'prod'), /id is not a folder\./],
  ])('is refused in %s, before anything is asked', async (_, path, says) => {
    await knockgate(home, ['keygen']);
    for (const options of [[], ['--dry-run']]) {
      const { code, err } = await deploy(['--recovery-key', path(), ...options], TWICE);
      expect([code, err.includes('passphrase')]).toEqual([3, false]);
      expect(err).toContain(`The recovery key cannot be kept in ${path()}. Nothing was changed.`);
      expect(err).toMatch(says);
    }
  });

  it('is found below ~', async () => {
    await deploy(['--recovery-key=~/prod-recovery'], TWICE);
    expect(existsSync(file)).toBe(true);
  });

  it('is not made by --dry-run', async () => {
    expect((await deploy(['--recovery-key', file, '--dry-run'])).code).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  it('overwrites no key and no host', async () => {
    await deploy(['--recovery-key', file], TWICE);
    const elsewhere = temporaryFolder();
    await importIn(elsewhere, `${PASSPHRASE}\n`);
    expect((await importIn(elsewhere, `${PASSPHRASE}\n`)).code).not.toBe(0);
    const other = join(elsewhere, 'other');
    const { code, err } = await importIn(elsewhere, `${PASSPHRASE}\n`, '--identity', other);
    expect([code, existsSync(other)]).toEqual([0, true]);
    expect(err).toContain('prod stays as it is in');
  });

  it('is imported by a command that a shell splits as intended', async () => {
    await deploy(['--recovery-key', file], TWICE);
    const key = join(temporaryFolder(), "it's $HOME");
    const { err } = await importIn(temporaryFolder(), `${PASSPHRASE}\n`, '--identity', key);
    expect(err).toContain(`--identity '${key.replace("'", "'\\''")}' && ssh ssh://dev@192.0.2.2:22`);
  });

  it('is not taken over when the key of its gate is one that anybody could use', async () => {
    await deploy(['--recovery-key', file], TWICE, false, { ...parseGateLine(gateLine()), key: new Uint8Array(32) });
    const elsewhere = temporaryFolder();
    expect((await importIn(elsewhere, `${PASSPHRASE}\n`)).err).toContain('low-order point');
    expect(existsSync(join(elsewhere, '.config', 'knockgate', 'recovery'))).toBe(false);
  });

  it('is not taken over when the key of its gate is known under another address', async () => {
    await deploy(['--recovery-key', file], TWICE);
    const elsewhere = temporaryFolder();
    const { addresses, ...gate } = parseGateLine(gateLine());
    const other = formatGateLine({ ...gate, addresses: addresses.map(() => '192.0.2.66') });
    expect((await knockgate(elsewhere, ['add', other, '--name', 'known'])).code).toBe(0);
    const { code, err } = await importIn(elsewhere, `${PASSPHRASE}\n`);
    expect([code, err.includes('its key is that of known already')]).toEqual([3, true]);
    expect(existsSync(join(elsewhere, '.config', 'knockgate', 'recovery'))).toBe(false);
  });
});

describe('a second way in that is asked for', () => {
  it('is a file that is not there yet', async () => {
    const taken = join(home, 'taken');
    await deploy(['--recovery-key', taken], TWICE);
    const before = readFileSync(taken);
    const { code, err } = await deploy([], `4\n1\n${taken}\n\n${join(home, 'stick', 'x')}\n~/prod-recovery\n${TWICE}`);
    expect(code).toBe(0);
    expect(err).toContain('That is none of them.');
    expect(err).toContain('there is a file already. Name another one.');
    expect(err).toContain('stick does not exist.');
    expect([existsSync(file), readFileSync(taken).equals(before)]).toEqual([true, true]);
  });

  it('is declined by the full sentence, and only by that', async () => {
    expect((await deploy([], 'I have no second way in\n')).way).toEqual({ kind: 'declined' });
    expect((await deploy([], 'no\n')).way).toBeUndefined();
  });
});
