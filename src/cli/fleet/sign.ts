import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '../../base/bytes.ts';
import type { Purpose } from '../../fleet/quorum.ts';
import { verifySshSignature } from '../../fleet/sshsig.ts';
import { nodeVerifier } from '../../fleet/verify-node.ts';
import { findProgram } from '../../os/find-program.ts';
import type { Shell } from '../shell.ts';
import { notSigned, sshKeygenMissing } from './problems.ts';

/**
 * Signs a document with ssh-keygen, which asks for a passphrase or a touch by itself.
 * @param key file of the private key, or of the public one when an agent or a hardware key has the other
 * @returns the armoured signature, verified
 * @throws Problem `ssh-keygen-missing`, `not-signed`
 */
export async function signDocument(
  text: string,
  purpose: Purpose,
  key: string,
  shell: Pick<Shell, 'runProgram' | 'platform' | 'env'>,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'knockgate-sign-'));
  try {
    const file = join(folder, purpose);
    writeFileSync(file, text);
    const namespace = `knockgate-${purpose}`;
    const words = ['-q', '-Y', 'sign', '-f', key, '-n', namespace, file];
    const code = await shell.runProgram(findProgram('ssh-keygen', shell), words);
    if (code === undefined) throw sshKeygenMissing();
    if (code !== 0) throw notSigned(key, `ssh-keygen ended with exit code ${code}.`);
    const signature = readFileSync(`${file}.sig`, 'utf8');
    const signer = verifySshSignature(nodeVerifier, signature, namespace, utf8(text));
    if (typeof signer === 'string') throw notSigned(key, `The signature that ssh-keygen has made ${signer}.`);
    return signature;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
