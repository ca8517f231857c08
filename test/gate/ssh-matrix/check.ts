import { expect } from 'vitest';
import { type MatrixCase, PASSPHRASE, PASSWORD } from './cases.ts';
import type { MatrixResult } from './scene.ts';

/** Checks a case: we get in where ssh does, and where ssh refuses the key of the host, so do we. */
export function checkCase(each: MatrixCase, { ssh, deploy, status, connect }: MatrixResult): void {
  const said = [ssh, deploy, status, connect]
    .map(({ code, stdout, stderr }) => `${code}\n${stdout}${stderr}`)
    .join('\n---\n');
  if (each.refused !== undefined) {
    expect([ssh.code !== 0, deploy.code !== 0, status.code !== 0], said).toEqual([true, true, true]);
    if (each.refused === 'host key') {
      expect(ssh.stderr).toMatch(/Host key verification failed|REVOKED/);
      expect(deploy.stderr, said).toMatch(
        /the host key has changed|is not known yet|revoked|Host key verification failed/,
      );
    }
    return;
  }
  expect([ssh.code, deploy.code, status.code, connect.code], said).toEqual([0, 0, 0, 0]);
  expect(deploy.stdout, said).toMatch(/Logged in as root@box, by ssh/);
  expect(status.stdout, said).toContain('asked for status');
  expect(questions(deploy.stderr), said).toBe(each.typed === undefined ? 0 : 1);
  for (const secret of [PASSWORD, PASSPHRASE]) expect(said).not.toContain(secret);
}

/** How often a password or passphrase was asked for. */
export function questions(stderr: string): number {
  return stderr.match(/Password of |Passphrase of |'s password:|Enter passphrase for /g)?.length ?? 0;
}

/** Way that a deployment took. */
export function wayOf({ deploy }: MatrixResult): 'library' | 'system' | undefined {
  const way = /by (ssh2?)[.,]/.exec(deploy.stdout)?.[1];
  return way === undefined ? undefined : way === 'ssh2' ? 'library' : 'system';
}
