import { execFile } from 'node:child_process';
import { firewallFailed, programMissing } from '../problems.ts';
import { SYSTEM_ENVIRONMENT } from '../system-environment.ts';

/**
 * Starts nft once, for arming and listing: changes while the gate runs go through a session.
 * @param input standard input: a script for `-f -`, loaded as one transaction
 * @throws Problem `firewall-failed` with nft's own words, or `program-missing`
 */
export function runNft(args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: SYSTEM_ENVIRONMENT, maxBuffer: 256 * 1024 * 1024 };
    const child = execFile('nft', args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === 'ENOENT') reject(programMissing('nft'));
      else reject(firewallFailed(stderr.trim() || error.message));
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
