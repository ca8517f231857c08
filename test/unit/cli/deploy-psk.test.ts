import { expect, it } from 'vitest';
import type { DeployModule } from '../../../src/cli/shell.ts';
import { RecoveryFile } from '../../../src/deploy/second-way/recovery-file.ts';
import { temporaryFolder } from '../client/support.ts';
import { knockgate } from './support.ts';

/** Options of a deployment. */
async function optionsOf(...options: string[]) {
  let told: unknown;
  const module = {
    RecoveryFile,
    deviceOf: () => ({}),
    loginTo: async () => ({ settings: { hostName: 'prod.example', port: 22 } }),
    readGateFiles: () => ({}),
    deploy: async ({ options }: Parameters<DeployModule['deploy']>[0]) => {
      told = options;
      return { report: '', summary: '', gate: undefined };
    },
  };
  const loadDeployment = async () => module as unknown as DeployModule;
  const said = await knockgate(temporaryFolder(), ['deploy', 'prod', ...options], { loadDeployment });
  expect(said.code).toBe(0);
  return told;
}

it('a deployment makes a pre-shared key unless it is told not to', async () => {
  expect(await optionsOf()).toMatchObject({ withoutPsk: false });
  expect(await optionsOf('--no-psk')).toMatchObject({ withoutPsk: true });
});
