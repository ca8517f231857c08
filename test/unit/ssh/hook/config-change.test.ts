import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replaceFile } from '../../../../src/os/atomic-file.ts';
import { applyChange, ConfigRefused, readConfig } from '../../../../src/ssh/hook/config-change.ts';
import { withBlock, withoutBlock } from '../../../../src/ssh/hook/marked-block.ts';
import { expectMode, temporaryFolder } from '../../client/support.ts';

const LINE = 'Include "/home/a/ssh-hook/config"';

function enable(path: string): void {
  const before = readConfig(path);
  applyChange({ path, before, after: withBlock(before, LINE) }, 'new');
}

function disable(path: string): void {
  const before = readConfig(path);
  applyChange({ path, before, after: withoutBlock(before) }, 'new');
}

function refusalOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigRefused) return error.refusal;
    throw error;
  }
  return 'none';
}

describe('a change of an SSH configuration', () => {
  it('is taken back byte for byte, with the mode that the file had', () => {
    const path = join(temporaryFolder(), 'config');
    const anyBytes = fc.uint8Array({ maxLength: 300 });
    const asWritten = fc
      .array(fc.constantFrom('Host prod', '\n', '\r\n', '\xEF\xBB\xBF', '\t', '# ü'))
      .map((parts) => new Uint8Array(Buffer.from(parts.join(''), 'latin1')));
    fc.assert(
      fc.property(fc.oneof(anyBytes, asWritten), fc.constantFrom(0o600, 0o644, 0o640), (bytes, mode) => {
        writeFileSync(path, bytes);
        chmodSync(path, mode);
        enable(path);
        expect(readFileSync(path, 'latin1')).toContain(`${LINE}`);
        expectMode(path, mode);
        disable(path);
        expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
        expectMode(path, mode);
      }),
      { numRuns: 60 },
    );
    expect(readdirSync(join(path, '..'))).toEqual(['config']);
  });

  it('makes the file where there is none, for its owner alone, and takes it away again', () => {
    const path = join(temporaryFolder(), '.ssh', 'config');
    enable(path);
    expectMode(path, 0o600);
    expectMode(join(path, '..'), 0o700);
    disable(path);
    expect(existsSync(path)).toBe(false);
  });

  it('goes to where a link leads, and the link stays', () => {
    const folder = temporaryFolder();
    const [path, real] = [join(folder, 'config'), join(folder, 'dotfiles', 'ssh')];
    mkdirSync(join(folder, 'dotfiles'));
    writeFileSync(real, 'Host a', { mode: 0o640 });
    symlinkSync(join('dotfiles', 'ssh'), path);
    enable(path);
    expect(readFileSync(real, 'utf8')).toContain(LINE);
    expect([lstatSync(path).isSymbolicLink(), statSync(real).mode & 0o777]).toEqual([true, 0o640]);
    disable(path);
    expect([lstatSync(path).isSymbolicLink(), readFileSync(real, 'utf8')]).toEqual([true, 'Host a']);
  });

  it('is refused when the link leads nowhere', () => {
    const path = join(temporaryFolder(), 'config');
    symlinkSync('nowhere', path);
    expect(refusalOf(() => enable(path))).toBe('dead-link');
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
  });

  it('is refused when the file is read-only, also to root', () => {
    const path = join(temporaryFolder(), 'config');
    writeFileSync(path, 'Host a', { mode: 0o444 });
    expect(refusalOf(() => enable(path))).toBe('read-only');
    expect(readFileSync(path, 'utf8')).toBe('Host a');
  });

  it('is refused when somebody else changed, made or removed the file meanwhile', () => {
    const path = join(temporaryFolder(), 'config');
    const after = 'whatever';
    writeFileSync(path, 'Host a');
    expect(refusalOf(() => applyChange({ path, before: undefined, after }, 'new'))).toBe('changed-meanwhile');
    expect(refusalOf(() => applyChange({ path, before: 'Host b', after }, 'new'))).toBe('changed-meanwhile');
    expect(readFileSync(path, 'utf8')).toBe('Host a');
    const gone = join(path, '..', 'gone');
    expect(refusalOf(() => applyChange({ path: gone, before: 'Host a', after }, 'new'))).toBe('changed-meanwhile');
    expect(existsSync(gone)).toBe(false);
  });

  it('leaves nothing behind when it is called off at the last moment', () => {
    const path = join(temporaryFolder(), 'config');
    writeFileSync(path, 'Host a');
    const callOff = () => {
      writeFileSync(path, 'Host b');
      throw new ConfigRefused('changed-meanwhile');
    };
    expect(refusalOf(() => replaceFile(path, 'Host c', 'new', false, callOff))).toBe('changed-meanwhile');
    expect([readFileSync(path, 'utf8'), readdirSync(join(path, '..'))]).toEqual(['Host b', ['config']]);
  });
});
