import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  addToHostsFile,
  readGates,
  readHostsFile,
  removeFromHostsFile,
  restoreHost,
} from '../../../../src/client/hosts/hosts-file.ts';
import { formatGateLine } from '../../../../src/spa/enrolment.ts';
import { expectMode, pair, problemOf, temporaryFolder } from '../support.ts';

const GATE = { key: pair.gatePublic, slots: 32, addresses: ['192.0.2.2'], knockPorts: [443], name: 'gate' };
const LINE = formatGateLine(GATE);
const OTHER = { ...GATE, key: pair.clientPublic, addresses: ['192.0.2.99'] };

let path: string;
beforeEach(() => {
  path = join(temporaryFolder(), 'knockgate', 'hosts.toml');
});

function write(text: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

function add(name: string, gate = GATE, replace = false) {
  return addToHostsFile(path, name, gate, replace, 'temporary');
}

describe('the hosts file', () => {
  it('keeps the gates of a group together, and changes nothing for those that it has', () => {
    const members = [OTHER];
    const add = (more: { members?: readonly (typeof OTHER)[] }, replace = false) =>
      addToHostsFile(path, 'web', GATE, replace, 'temporary', more);
    expect(add({ members })).toBe('added');
    expect(readGates(path).get('web')?.members).toEqual(members);
    expect([add({ members }), add({})]).toEqual(['unchanged', 'unchanged']);
    expect(() => add({ members: [{ ...OTHER, name: 'renamed' }] })).toThrow();
    expect(add({ members: [{ ...OTHER, name: 'renamed' }] }, true)).toBe('replaced');
    expect(
      readGates(path)
        .get('web')
        ?.members.map(({ name }) => name),
    ).toEqual(['renamed']);
  });

  it('has no hosts when it is not there', () => {
    expect(readGates(path).size).toBe(0);
  });

  it('names the line that is not TOML', async () => {
    write('[prod]\ngate = "x"\nports = [\n\n[');
    const problem = await problemOf(() => readHostsFile(path));
    expect(problem).toMatchObject({ code: 'hosts-file-invalid', exit: 3 });
    expect(problem.what).toMatch(/hosts\.toml, line [345] is invalid/);
  });

  it('names the field that is wrong', async () => {
    write(`[prod]\ngate = "${LINE}"\nduration = 1.5\n`);
    expect((await problemOf(() => readHostsFile(path))).what).toBe(`${path}: prod.duration is invalid.`);
  });

  it('names a kind that is unknown, and those that are known', async () => {
    write('[cave]\nkind = "toy"\naddress = "192.0.2.9"\n');
    expect(await problemOf(() => readHostsFile(path))).toMatchObject({
      code: 'hosts-file-invalid',
      what: `${path}: cave.kind is invalid.`,
      next: 'Expected gate, fwknop, sequence, pyknock, xt_pknock, aldaba.',
    });
  });

  it('says so when it cannot be read', async () => {
    mkdirSync(path, { recursive: true });
    expect(await problemOf(() => readHostsFile(path))).toMatchObject({ code: 'file-unusable', exit: 3 });
  });
});

describe('adding a host', () => {
  it('makes the file, for its owner only', () => {
    expect(add('prod')).toBe('added');
    expect(readFileSync(path, 'utf8')).toBe(`[prod]\ngate = "${LINE}"\n`);
    expectMode(path, 0o600);
    expectMode(join(path, '..'), 0o700);
    expect(readdirSync(join(path, '..'))).toEqual(['hosts.toml']);
  });

  it('changes nothing when the host has this line already', () => {
    add('prod');
    const before = lstatSync(path).mtimeMs;
    expect(add('prod')).toBe('unchanged');
    expect(lstatSync(path).mtimeMs).toBe(before);
  });

  it('keeps what is there to the letter, and the mode', () => {
    const before = `# mine\n[a]  # first\ngate   = '${LINE}'`;
    write(before);
    chmodSync(path, 0o644);
    add('b.example@x');
    expect(readFileSync(path, 'utf8')).toBe(`${before}\n\n["b.example@x"]\ngate = "${LINE}"\n`);
    expectMode(path, 0o644);
    expect([...readGates(path).keys()]).toEqual(['a', 'b.example@x']);
  });

  it('writes through a link', () => {
    write('');
    const link = join(path, '..', 'link.toml');
    symlinkSync(path, link);
    addToHostsFile(link, 'prod', GATE, false, 'temporary');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readGates(path).has('prod')).toBe(true);
  });

  it('refuses a name that is there, and a file that is broken, and changes neither', async () => {
    add('prod');
    const before = readFileSync(path, 'utf8');
    expect(await problemOf(() => add('prod', OTHER))).toMatchObject({ code: 'host-exists', exit: 6 });
    expect(await problemOf(() => add('PROD', OTHER))).toMatchObject({ code: 'host-exists', exit: 6 });
    expect(readFileSync(path, 'utf8')).toBe(before);
    write('[');
    expect(await problemOf(() => add('prod'))).toMatchObject({ code: 'hosts-file-invalid' });
    expect(readFileSync(path, 'utf8')).toBe('[');
  });

  it('any name that is one reads back', () => {
    const letter = 'abzAZ09._@-'.split('');
    const names = fc.uniqueArray(
      fc
        .tuple(fc.constantFrom(...'aZ9'.split('')), fc.string({ unit: fc.constantFrom(...letter), maxLength: 20 }))
        .map((parts) => parts.join('')),
      { minLength: 1, maxLength: 4, selector: (name) => name.toLowerCase() },
    );
    fc.assert(
      fc.property(names, (added) => {
        write('');
        for (const name of added) add(name);
        expect(new Set(readGates(path).keys())).toEqual(new Set(added));
      }),
      { numRuns: 60 },
    );
  });
});

describe('replacing a host', () => {
  it('changes its line, and nothing else', () => {
    write(
      `[a]\ngate = "${LINE}"\n\n[ "prod" ] # mine\nduration = 60\ngate = "${LINE}" # old\nports = ["tcp/22"]\n\n[z]\ngate = "${LINE}"\n`,
    );
    const before = readFileSync(path, 'utf8').split('\n');
    expect(add('prod', OTHER, true)).toBe('replaced');
    before[5] = `gate = "${formatGateLine(OTHER)}" # old`;
    expect(readFileSync(path, 'utf8').split('\n')).toEqual(before);
  });

  it('adds it when there is none of that name', () => {
    expect(add('prod', GATE, true)).toBe('added');
  });

  it.each([
    ['an inline table', `prod = { gate = "${LINE}" }\n`],
    ['dotted keys', `prod.gate = "${LINE}"\n`],
    ['a text over two lines', `[prod]\ngate = """\n${LINE}"""\n[z]\ngate = "${LINE}"\n`],
  ])('does not dare to edit %s', async (_, text) => {
    write(text);
    const problem = await problemOf(() => add('prod', OTHER, true));
    expect(problem).toMatchObject({ code: 'host-not-editable', exit: 3 });
    expect(problem.next).toContain(formatGateLine(OTHER));
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

describe('removing a host', () => {
  const remove = (name: string) => removeFromHostsFile(path, name, 'temporary');

  it('leaves everything else as it is, comments included', () => {
    const others = `# mine\n[a]\ngate = "${LINE}"\n`;
    const last = `# about z\n["z.b"]\ngate = "${LINE}"\n`;
    write(`${others}[prod] # here\n# not for long\ngate = "${LINE}"\nports = [\n  "tcp/22",\n]\n${last}`);
    remove('prod');
    expect(readFileSync(path, 'utf8')).toBe(`${others}${last}`);
    remove('z.b');
    expect(readFileSync(path, 'utf8')).toBe(`${others}# about z\n`);
  });

  it('takes back what was added', () => {
    add('a');
    const before = readFileSync(path, 'utf8');
    add('b');
    remove('b');
    expect(readFileSync(path, 'utf8').trimEnd()).toBe(before.trimEnd());
  });

  it('says so when it is not there, or not written as a table of its own', async () => {
    write(`x = { gate = "${LINE}" }\n`);
    expect(await problemOf(() => remove('y'))).toMatchObject({ code: 'host-unknown' });
    expect(await problemOf(() => remove('x'))).toMatchObject({ code: 'host-not-editable' });
    write(`[x]\ngate = "${LINE}"\nports = [\n[\n"tcp/22"]]\n`);
    expect(await problemOf(() => remove('x'))).toMatchObject({ code: 'host-not-editable' });
  });
});

describe('taking back what was written about a host', () => {
  const OURS = `[prod] # ours\ngate = "${LINE}" # kept\nduration = 30\n`;
  const others = `# theirs\n[b]\ngate = "${formatGateLine(OTHER)}"\n`;
  const now = () => readFileSync(path, 'utf8');

  it('leaves no file where there was none', () => {
    add('prod');
    restoreHost(path, 'prod', undefined, 'temporary');
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  it.each([
    ['alone', ''],
    ['behind another one', others],
  ])('gives a host its earlier table, to the letter: %s', (_title, before) => {
    write(`${before}${OURS}`);
    addToHostsFile(path, 'prod', { ...GATE, slots: 64 }, true, 'temporary', { pskFile: 'psk/prod', sshPort: 2222 });
    expect(now()).not.toBe(`${before}${OURS}`);
    restoreHost(path, 'prod', `${before}${OURS}`, 'temporary');
    expect(now()).toBe(`${before}${OURS}`);
  });

  it('keeps what others have added meanwhile', () => {
    write(OURS);
    add('new', OTHER);
    add('b', { ...OTHER, key: new Uint8Array(32).fill(9) });
    restoreHost(path, 'new', OURS, 'temporary');
    expect([...readGates(path).keys()]).toEqual(['prod', 'b']);
  });

  it('changes nothing when the host is gone', () => {
    write(OURS);
    restoreHost(path, 'new', OURS, 'temporary');
    expect(now()).toBe(OURS);
  });
});
