import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DeployModule } from '../../../src/cli/deployment.ts';
import type { SecondWay } from '../../../src/deploy/wishes.ts';
import { temporaryFolder } from '../client/support.ts';
import { knockgate } from './support.ts';

let home: string;
let file: string;
beforeEach(() => {
  home = temporaryFolder();
  file = join(home, 'stick', 'prod');
});

/** Sets up gates in no time, and notes by which second way. */
async function deploy(options: readonly string[], reachable = true) {
  let way: SecondWay | undefined;
  const module = {
    deviceOf: () => ({}),
    loginTo: async () => ({}),
    readGateFiles: () => ({}),
    deploy: async (input: Parameters<DeployModule['deploy']>[0]) => {
      if (!reachable) throw new Error('no connection');
      way = input.secondWay;
      return { report: '# It is set up', gate: undefined };
    },
  };
  const loadDeployment = async () => module as unknown as DeployModule;
  const { code, err } = await knockgate(home, ['deploy', 'prod', ...options], { loadDeployment });
  return { code, err, way };
}

describe('a recovery key in a file', () => {
  it('is made once: an attempt that came to nothing is not in the way of the next', async () => {
    expect((await deploy(['--recovery-key', file], false)).code).toBe(1);
    const made = readFileSync(file, 'utf8');
    const { code, way } = await deploy(['--recovery-key', file]);
    expect([code, readFileSync(file, 'utf8')]).toEqual([0, made]);
    expect(way).toMatchObject({ kind: 'recovery-key', file });
    const [, , line] = (await knockgate(home, ['pubkey', '--identity', file])).out.split(' ');
    expect(way && 'client' in way && Buffer.from(way.client.key).toString('base64url')).toBe(line);
  });

  it('is not made by a look', async () => {
    expect((await deploy(['--recovery-key', file, '--dry-run'])).code).toBe(0);
    expect(existsSync(file)).toBe(false);
  });
});
