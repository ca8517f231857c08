import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { keepLastGood } from '../../../server-helper/config/load.ts';
import { planOf } from '../../../server-helper/config/plan.ts';
import { ChildFile } from '../../../server-helper/daemon/children.ts';
import { writeTrial } from '../../../server-helper/daemon/trial.ts';
import { keepBootScript } from '../../../server-helper/firewall/boot-script.ts';
import { appendLine, appendToFile, replaceFile, writeNewFile } from '../../../server-helper/own-file.ts';
import { pathsFrom } from '../../../server-helper/paths.ts';
import { openReplayFile } from '../../../server-helper/verify/replay-file.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { ALICE, loadedFrom, SHORTEST, temporaryFolder, WALL } from './support.ts';

let folder: string;
let victim: string;
beforeEach(() => {
  folder = temporaryFolder();
  victim = join(temporaryFolder(), 'of-root');
  writeFileSync(victim, 'precious\n', { mode: 0o640 });
});

/** Puts a trap into the folder, as its owner could before root writes there. */
function trap(name: string): string {
  symlinkSync(victim, join(folder, name));
  return join(folder, name);
}

const isWhole = () => {
  expect(readFileSync(victim, 'utf8')).toBe('precious\n');
  expect(statSync(victim).mode & 0o777).toBe(0o640);
};

describe('a file in a folder of the daemon’s user', () => {
  it('is replaced whole, with the mode that was asked for', () => {
    const path = join(folder, 'file');
    const before = process.umask(0o077);
    try {
      replaceFile(path, 'one', 0o644);
      replaceFile(path, 'two', 0o644);
    } finally {
      process.umask(before);
    }
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(existsSync(`${path}.new`)).toBe(false);
  });

  it('stays as it was when it cannot be replaced', () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'one');
    mkdirSync(`${path}.new`);
    expect(() => replaceFile(path, 'two', 0o600)).toThrow();
    expect(readFileSync(path, 'utf8')).toBe('one');
  });

  it('is never written through a link', () => {
    trap('a.new');
    replaceFile(join(folder, 'a'), 'x', 0o600);
    writeNewFile(trap('b'), 'x', 0o600);
    expect(() => appendToFile(trap('c'), 'x', 0o600)).toThrow('ELOOP');
    expect(() => appendLine(trap('d'), 'x\n', 0o600)).toThrow('ELOOP');
    isWhole();
    expect(lstatSync(join(folder, 'b')).isFile()).toBe(true);
  });

  it('is not one that the daemon writes at its start', () => {
    const loaded = loadedFrom(SHORTEST);
    const paths = pathsFrom({ STATE_DIRECTORY: folder, RUNTIME_DIRECTORY: folder });
    for (const name of ['boot.nft.new', 'gate.toml.last-good.new', 'replay.new', 'children', 'trial.new']) trap(name);
    keepLastGood(paths, loaded);
    keepBootScript(paths.boot, planOf(loaded.config));
    new ChildFile(paths.children).started(process.pid);
    new ChildFile(paths.children).endLeftovers();
    writeTrial(join(folder, 'trial'), 5);
    const options = { clients: [ALICE.publicKey], places: 8, now: WALL, boot: undefined, crypto: nodeCrypto };
    openReplayFile({ ...options, path: paths.replay }).close();
    isWhole();
    expect(readFileSync(paths.lastGood, 'utf8')).toBe(SHORTEST);
    expect(readFileSync(paths.boot, 'utf8')).toContain('gated');
  });
});
