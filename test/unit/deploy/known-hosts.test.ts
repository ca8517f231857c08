import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  hasAuthority,
  judgeHostKey,
  knownHostLine,
  knownName,
  knownTypes,
  linesFor,
  parseKnownHosts,
} from '../../../src/deploy/connection/known-hosts.ts';

const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIFirst';
const OTHER = 'AAAAC3NzaC1lZDI1NTE5AAAAISecond';

const judge = (file: string, name: string, key = KEY) => judgeHostKey(linesFor(name, parseKnownHosts(file, 'kh')), key);

describe('a host key', () => {
  it.each([
    ['known by name', `prod ssh-ed25519 ${KEY}`, 'prod', 'known'],
    ['known by one of several names', `a,prod,b ssh-ed25519 ${KEY} comment`, 'prod', 'known'],
    ['known by a pattern', `*.example ssh-ed25519 ${KEY}`, 'a.example', 'known'],
    ['not meant by the pattern', `*.example,!b.example ssh-ed25519 ${KEY}`, 'b.example', 'unknown'],
    ['known at its port', `[prod]:2222 ssh-ed25519 ${KEY}`, '[prod]:2222', 'known'],
    ['known at another port only', `[prod]:2222 ssh-ed25519 ${KEY}`, 'prod', 'unknown'],
    ['of a host never seen', '# nothing\n\n', 'prod', 'unknown'],
    ['other than the known one', `prod ssh-ed25519 ${OTHER}`, 'prod', 'changed'],
    ['of another kind than the known one', `prod ssh-rsa ${OTHER}`, 'prod', 'changed'],
    ['one of two known', `prod ssh-ed25519 ${OTHER}\nprod ssh-ed25519 ${KEY}`, 'prod', 'known'],
    ['revoked', `prod ssh-ed25519 ${KEY}\n@revoked * ssh-ed25519 ${KEY}`, 'prod', 'revoked'],
    ['behind a line that is none', `nonsense\nprod ssh-ed25519 ${KEY}`, 'prod', 'known'],
    ['behind a marker that is none', `@odd prod ssh-ed25519 ${KEY}`, 'prod', 'unknown'],
    ['vouched for by an authority only', `@cert-authority prod ssh-ed25519 ${OTHER}`, 'prod', 'unknown'],
  ])('%s', (_what, file, name, kind) => {
    expect(judge(file, name)).toMatchObject({ kind });
  });

  it('is told with file and line when it changed', () => {
    expect(judge(`# first\nprod ssh-ed25519 ${OTHER}\n`, 'prod')).toEqual({ kind: 'changed', where: 'kh:2' });
  });

  it('is looked up by alias, name, or name and port', () => {
    expect(knownName('Prod.Example', 22, undefined)).toBe('prod.example');
    expect(knownName('prod', 2222, undefined)).toBe('[prod]:2222');
    expect(knownName('192.0.2.1', 2222, 'Target')).toBe('target');
  });

  it('is asked for in the kinds that are known', () => {
    const lines = parseKnownHosts(`prod ssh-rsa ${KEY}\n@cert-authority prod ssh-ed25519 ${OTHER}`, 'kh');
    expect(knownTypes(lines)).toEqual(['ssh-rsa']);
    expect(hasAuthority(lines)).toBe(true);
  });
});

describe('hashed names', () => {
  it('are those of ssh-keygen, both ways', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kg-known-'));
    const file = join(folder, 'known_hosts');
    try {
      spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
      const key = readFileSync(`${join(folder, 'key')}.pub`, 'utf8').split(' ')[1] ?? '';
      writeFileSync(file, `[prod]:2222 ssh-ed25519 ${key}\n`);
      spawnSync('ssh-keygen', ['-q', '-H', '-f', file]);
      expect(readFileSync(file, 'utf8')).toMatch(/^\|1\|/);
      expect(judge(readFileSync(file, 'utf8'), '[prod]:2222', key)).toEqual({ kind: 'known' });

      writeFileSync(file, knownHostLine('other', 'ssh-ed25519', key, new Uint8Array(20).fill(7)));
      expect(spawnSync('ssh-keygen', ['-F', 'other', '-f', file]).status).toBe(0);
      expect(spawnSync('ssh-keygen', ['-F', 'else', '-f', file]).status).toBe(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
