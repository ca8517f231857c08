import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeFile, withClient, withoutClient } from '../../../../server-helper/config/edit.ts';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { ALICE, BOB, Device, FILE, problemOf, SHORTEST, temporaryFolder } from '../support.ts';

const bob = { name: 'bob', key: BOB.publicKey, ports: [] };

const BY_HAND = `# the gate of the office

[gate]
ports = [
  "tcp/22", # ssh
  "tcp/8000-8100",
]   # all

# the boss
[[client]]
name = "alice"   # her laptop
key = "${ALICE.key}"
ports = [
  "tcp/22"
] # no more

# nobody else, please
`;

describe('a client that is added', () => {
  it('is at the end, and what was there stays as it was', () => {
    const text = withClient(BY_HAND, FILE, { ...bob, ports: ['tcp/8000-8100'] });
    expect(text).toBe(`${BY_HAND}\n[[client]]\nname = "bob"\nkey = "${BOB.key}"\nports = ["tcp/8000-8100"]\n`);
    expect(parseGateConfig(text, FILE).clients.map(({ name }) => name)).toEqual(['alice', 'bob']);
  });

  it('begins a line of its own', () => {
    const text = withClient('[gate]', FILE, bob);
    expect(text).toBe(`[gate]\n\n[[client]]\nname = "bob"\nkey = "${BOB.key}"\n`);
  });

  it.each([
    ['a name that is taken', { ...bob, name: 'alice' }, 'taken'],
    ['a key that is taken', { ...bob, key: ALICE.publicKey }, 'the same key as alice'],
    ['a port that is not hidden', { ...bob, ports: ['tcp/80'] }, 'not among the ports'],
    ['a port that is none', { ...bob, ports: ['ssh"]\nx = ["'] }, 'is invalid'],
    ['a low-order key', { ...bob, key: new Uint8Array(32) }, 'low-order'],
  ])('with %s is refused', async (_, client, said) => {
    const problem = await problemOf(() => withClient(BY_HAND, FILE, client));
    expect(problem).toMatchObject({ code: 'config-invalid' });
    expect(problem.what).toContain(said);
  });

  it('is refused where the file was bad before', async () => {
    expect(await problemOf(() => withClient('[gate]\nx = 1\n', FILE, bob))).toMatchObject({ code: 'config-invalid' });
  });
});

describe('a client that is taken out', () => {
  it('leaves what was there before it was added, byte for byte', () => {
    for (const text of [SHORTEST, BY_HAND, `${BY_HAND}\n\n`, `${BY_HAND}# the end\n`, BY_HAND.replaceAll('\n', '\r\n')])
      expect(withoutClient(withClient(text, FILE, bob), FILE, 'bob')).toBe(text);
  });

  it('leaves every other client and comment, wherever it stood', () => {
    const blank = fc.constantFrom('', '\n', '\n\n', '# a comment\n', '\n# a comment\n\n');
    const table = fc.record({ above: blank, within: fc.constantFrom('', '# within\n'), below: blank });
    const tables = fc.array(table, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(tables, fc.nat(3), (clients, which) => {
        const chosen = which % clients.length;
        const texts = clients.map(({ above, within, below }, i) => {
          const lines = `[[client]]\nname = "c${i}"\n${within}key = "${new Device(i + 10).key}"\n`;
          return { above, lines, below };
        });
        const textOf = (all: readonly { above: string; lines: string; below: string }[]) =>
          `[gate]\n${all.map(({ above, lines, below }) => above + lines + below).join('')}`;
        const rest = texts.map((text, i) => (i === chosen ? { ...text, lines: '' } : text));
        const result = withoutClient(textOf(texts), FILE, `c${chosen}`);
        const full = (text: string) => text.split('\n').filter((line) => line.trim() !== '');
        expect(full(result)).toEqual(full(textOf(rest)));
        expect(textOf(rest).split('\n').length - result.split('\n').length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('takes its comments with it, and not those of others', () => {
    expect(withoutClient(BY_HAND, FILE, 'alice')).toBe(
      BY_HAND.slice(0, BY_HAND.indexOf('[[client]]')) + BY_HAND.slice(BY_HAND.indexOf('\n# nobody')),
    );
  });

  it('that is not there is an error', async () => {
    const problem = await problemOf(() => withoutClient(SHORTEST, FILE, 'bob'));
    expect(problem).toMatchObject({ code: 'config-invalid', what: `${FILE}: there is no client bob` });
  });
});

describe('replacing the file', () => {
  it('keeps its owner and rights', async () => {
    const path = join(temporaryFolder(), 'gate.toml');
    writeFileSync(path, 'before');
    chmodSync(path, 0o640);
    const { uid, gid } = statSync(path);
    await changeFile(path, (text) => `${text} and after`);
    expect(readFileSync(path, 'utf8')).toBe('before and after');
    expect(statSync(path)).toMatchObject({ uid, gid, mode: 0o100640 });
    expect(existsSync(`${path}.new`)).toBe(false);
  });

  it('that fails leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const problem = await problemOf(() => changeFile(join(folder, 'gate.toml'), (text) => text));
    expect(problem).toMatchObject({ code: 'config-missing' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('lets changes at the same time follow one another, and loses none', async () => {
    const path = join(temporaryFolder(), 'gate.toml');
    writeFileSync(path, '');
    await Promise.all(Array.from({ length: 8 }, (_, i) => changeFile(path, (text) => `${text}${i}`)));
    expect([...readFileSync(path, 'utf8')].sort().join('')).toBe('01234567');
  });

  it('does not write through a link that somebody laid there', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'gate.toml');
    writeFileSync(path, 'before');
    writeFileSync(join(folder, 'victim'), 'precious');
    symlinkSync(join(folder, 'victim'), `${path}.new`);
    expect(await problemOf(() => changeFile(path, () => 'after', 2))).toMatchObject({ code: 'file-unwritable' });
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('precious');
    expect(readFileSync(path, 'utf8')).toBe('before');
  });
});
