import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { formatSignerKey, parseSignerKey } from '../../../src/fleet/signer-key.ts';
import { verifySshSignature } from '../../../src/fleet/sshsig.ts';
import { nodeVerifier } from '../../../src/fleet/verify-node.ts';
import { TestSigner } from '../../rig/fleet-org.ts';

const NAMESPACE = 'knockgate-head';
const MESSAGE = '{"format":1}\n';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'knockgate-sshsig-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const keygen = (...args: string[]) => execFileSync('ssh-keygen', args, { stdio: ['ignore', 'pipe', 'pipe'] });

/** A signature by the real ssh-keygen, and the public key. */
function signedBySsh(name: string, namespace: string, ...options: string[]): { key: string; signature: string } {
  const [path, file] = [join(folder, name), join(folder, `${name}.message`)];
  keygen('-q', '-N', '', '-C', 'comment', '-f', path, ...options);
  writeFileSync(file, MESSAGE);
  keygen('-q', '-Y', 'sign', '-f', path, '-n', namespace, file);
  const [type, base64] = readFileSync(`${path}.pub`, 'utf8').split(' ');
  return { key: `${type} ${base64}`, signature: readFileSync(`${file}.sig`, 'utf8') };
}

const verified = (signature: string, message = MESSAGE) => {
  const key = verifySshSignature(nodeVerifier, signature, NAMESPACE, utf8(message));
  return typeof key === 'string' ? key : formatSignerKey(key);
};

describe('signatures by ssh-keygen', () => {
  it.each([
    ['ed25519', '-t', 'ed25519'],
    ['p256', '-t', 'ecdsa', '-b', '256'],
    ['p384', '-t', 'ecdsa', '-b', '384'],
    ['p521', '-t', 'ecdsa', '-b', '521'],
    ['rsa', '-t', 'rsa', '-b', '3072'],
  ])('verifies %s, and no other message', (name, ...options) => {
    const { key, signature } = signedBySsh(name, NAMESPACE, ...options);
    expect(verified(signature)).toBe(key);
    expect(verified(signature, '{"format":2}\n')).toBe('does not verify');
    expect(verified(`${signature}\n`)).toBe('is not one SSH signature');
    expect(verified(signature + signature)).toBe('is not one SSH signature');
  });

  it('refuses a git signature, short RSA keys and certificates', () => {
    expect(verified(signedBySsh('git', 'git', '-t', 'ed25519').signature)).toContain('another purpose');
    expect(verified(signedBySsh('short', NAMESPACE, '-t', 'rsa', '-b', '2048').signature)).toContain('may not sign');
    signedBySsh('user', NAMESPACE, '-t', 'ed25519');
    signedBySsh('ca', NAMESPACE, '-t', 'ed25519');
    const [user, ca] = [join(folder, 'user'), join(folder, 'ca')];
    keygen('-q', '-s', ca, '-I', 'user', '-n', 'user', `${user}.pub`);
    const certificate = readFileSync(`${user}-cert.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
    expect(parseSignerKey(certificate)).toBeUndefined();
    rmSync(join(folder, 'user.message.sig'));
    keygen('-q', '-Y', 'sign', '-f', `${user}-cert.pub`, '-n', NAMESPACE, join(folder, 'user.message'));
    expect(verified(readFileSync(join(folder, 'user.message.sig'), 'utf8'))).toContain('may not sign');
  });
});

const hardwareSignature = (flags: number): string => new TestSigner('hardware', flags).sign(MESSAGE, NAMESPACE);

describe('signatures of hardware keys', () => {
  it('counts one with a touch, and none without', () => {
    expect(verified(hardwareSignature(1))).toMatch(/^sk-ssh-ed25519@openssh.com /);
    expect(verified(hardwareSignature(5))).toMatch(/^sk-ssh-ed25519@openssh.com /);
    expect(verified(hardwareSignature(0))).toBe('does not verify');
    expect(verified(hardwareSignature(4))).toBe('does not verify');
  });
});
