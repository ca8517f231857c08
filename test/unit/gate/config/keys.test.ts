import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  adoptGateKey,
  machineMark,
  makeGateKey,
  readGateKey,
  readPsk,
  rotateGateKey,
} from '../../../../server-helper/config/keys.ts';
import { ExitCode } from '../../../../src/base/problem.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../../src/spa/keys.ts';
import { problemOf, temporaryFolder } from '../support.ts';

const HERE = 'hereHEREhereHEREhereHE';
const SECRET = formatKey(new Uint8Array(32).fill(0x5a));

let folder: string;
let path: string;
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'gate.key');
});

const modeOf = (file: string) => statSync(file).mode & 0o777;
const put = (text: string, mode = 0o640) => {
  writeFileSync(path, text);
  chmodSync(path, mode);
};

describe('the key of a gate', () => {
  it('is made once, and read again on its machine', () => {
    const key = makeGateKey(nodeCrypto, path, HERE, false);
    expect(readGateKey(path, HERE)).toEqual(Uint8Array.from(key));
    expect(readFileSync(path, 'utf8')).toBe(`knockgate1 gate-key ${formatKey(key)} ${HERE}\n`);
    expect(modeOf(path)).toBe(0o640);
    expect(readdirSync(folder)).toEqual(['gate.key']);
  });

  it('can be read by the daemon’s group, whatever the umask: made, replaced, adopted, rotated', () => {
    const paths = { key: path, previousKey: `${path}.previous` };
    const changes = [
      () => makeGateKey(nodeCrypto, path, HERE, false),
      () => makeGateKey(nodeCrypto, path, HERE, true),
      () => adoptGateKey(path, HERE),
      () => rotateGateKey(nodeCrypto, paths, HERE, 5000),
    ];
    const before = process.umask(0o077);
    try {
      for (const change of changes) {
        change();
        expect(modeOf(path)).toBe(0o640);
      }
      expect(modeOf(paths.previousKey)).toBe(0o640);
    } finally {
      process.umask(before);
    }
  });

  it('belongs to the group of its folder', () => {
    makeGateKey(nodeCrypto, path, HERE, false);
    expect(statSync(path).gid).toBe(statSync(folder).gid);
  });

  it('is never replaced unless that is asked for', async () => {
    const key = makeGateKey(nodeCrypto, path, HERE, false);
    const problem = await problemOf(() => makeGateKey(nodeCrypto, path, HERE, false));
    expect(problem).toMatchObject({ code: 'file-unwritable', exit: ExitCode.configuration });
    expect(readGateKey(path, HERE)).toEqual(Uint8Array.from(key));
    expect(readdirSync(folder)).toEqual(['gate.key']);
    const other = makeGateKey(nodeCrypto, path, HERE, true);
    expect(readGateKey(path, HERE)).toEqual(Uint8Array.from(other));
    expect(formatKey(other)).not.toBe(formatKey(key));
  });

  it('of another machine is refused with what to do, until it is adopted', async () => {
    const key = makeGateKey(nodeCrypto, path, 'elsewhere', false);
    const problem = await problemOf(() => readGateKey(path, HERE));
    expect(problem).toMatchObject({ code: 'key-cloned', exit: ExitCode.configuration });
    expect(problem.next).toContain('knockgated key --new');
    expect(problem.next).toContain('knockgated key --adopt');
    expect(adoptGateKey(path, HERE)).toEqual(Uint8Array.from(key));
    expect(readGateKey(path, HERE)).toEqual(Uint8Array.from(key));
    expect(modeOf(path)).toBe(0o640);
    expect(await problemOf(() => readGateKey(path, 'elsewhere'))).toMatchObject({ code: 'key-cloned' });
  });

  it('is taken where a machine has no mark', () => {
    const key = Uint8Array.from(makeGateKey(nodeCrypto, path, '-', false));
    expect(readGateKey(path, HERE)).toEqual(key);
    expect(readGateKey(path, '-')).toEqual(key);
  });

  it('that is missing can be made', async () => {
    const problem = await problemOf(() => readGateKey(path, HERE));
    expect(problem).toMatchObject({ code: 'key-missing', exit: ExitCode.keyUnreadable });
    expect(problem.next).toContain('knockgated key');
  });

  it.each([0o644, 0o641, 0o642, 0o664, 0o604, 0o777])('that others may touch (%o) is refused', async (mode) => {
    put(`knockgate1 gate-key ${SECRET} ${HERE}\n`, mode);
    const problem = await problemOf(() => readGateKey(path, HERE));
    expect(problem).toMatchObject({ code: 'secret-exposed', exit: ExitCode.keyUnreadable });
    expect(problem.next).toContain(`chmod 0640 ${path}`);
    expect(JSON.stringify(problem)).not.toContain(SECRET);
  });

  it.each([0o600, 0o640, 0o400, 0o440])('of mode %o is taken', (mode) => {
    put(`knockgate1 gate-key ${SECRET} ${HERE}\n`, mode);
    expect(formatKey(readGateKey(path, HERE))).toBe(SECRET);
  });

  it.each([
    ['nothing', ''],
    ['the key alone', SECRET],
    ['another version', `knockgate2 gate-key ${SECRET} ${HERE}`],
    ['another kind', `knockgate1 client ${SECRET} ${HERE}`],
    ['no machine', `knockgate1 gate-key ${SECRET}`],
    ['a word too many', `knockgate1 gate-key ${SECRET} ${HERE} more`],
    ['a key cut short', `knockgate1 gate-key ${SECRET.slice(0, -1)} ${HERE}`],
    ['a key with a typing error', `knockgate1 gate-key ${SECRET.slice(0, -1)}! ${HERE}`],
    ['two lines', `knockgate1 gate-key ${SECRET} ${HERE}\nknockgate1 gate-key ${SECRET} ${HERE}`],
  ])('in a file that holds %s is refused, and no part of it is said', async (_, text) => {
    put(text);
    const problem = await problemOf(() => readGateKey(path, HERE));
    expect(problem).toMatchObject({ code: 'key-malformed', exit: ExitCode.keyUnreadable });
    for (let i = 0; i + 8 <= SECRET.length; i++) expect(JSON.stringify(problem)).not.toContain(SECRET.slice(i, i + 8));
    expect(await problemOf(() => adoptGateKey(path, HERE))).toMatchObject({ code: 'key-malformed' });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('that is a folder cannot be read', async () => {
    mkdirSync(path, { mode: 0o750 });
    expect(await problemOf(() => readGateKey(path, HERE))).toMatchObject({ code: 'file-unreadable' });
  });

  it('is not left half-written beside', async () => {
    writeFileSync(`${path}.new`, 'left behind');
    makeGateKey(nodeCrypto, path, HERE, false);
    expect(existsSync(`${path}.new`)).toBe(false);
    const nowhere = join(folder, 'no', 'gate.key');
    expect(await problemOf(() => makeGateKey(nodeCrypto, nowhere, HERE, false))).toMatchObject({
      code: 'file-unwritable',
    });
  });
});

describe('a psk', () => {
  it('is one line of 43 characters', () => {
    put(`${SECRET}\n`);
    expect(formatKey(readPsk(path))).toBe(SECRET);
  });

  it('is refused when others may read it, or it is none, and is not said', async () => {
    put(`${SECRET}\n`, 0o644);
    expect(await problemOf(() => readPsk(path))).toMatchObject({ code: 'secret-exposed' });
    put(`psk ${SECRET}\n`);
    const problem = await problemOf(() => readPsk(path));
    expect(problem).toMatchObject({ code: 'key-malformed', exit: ExitCode.keyUnreadable });
    expect(JSON.stringify(problem)).not.toContain(SECRET.slice(0, 8));
  });

  it('that is missing is named', async () => {
    const problem = await problemOf(() => readPsk(path));
    expect(problem.code).toBe('file-unreadable');
    expect(problem.what).toContain(path);
  });
});

describe('the mark of a machine', () => {
  const markOf = (text: string) => {
    put(text);
    return machineMark(path);
  };

  it('is its own, the same each time, and does not show the machine id', () => {
    const id = '0123456789abcdef0123456789abcdef';
    expect(markOf(`${id}\n`)).toBe(markOf(id));
    expect(markOf(id)).not.toBe(markOf(id.replace('0', '1')));
    expect(markOf(id)).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(markOf(id)).not.toContain(id.slice(0, 8));
  });

  it('is none without a machine id', () => {
    expect(markOf('\n')).toBe('-');
    expect(machineMark(join(folder, 'none'))).toBe('-');
  });
});
