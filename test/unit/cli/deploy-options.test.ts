import { expect, it } from 'vitest';
import type { DeployModule } from '../../../src/cli/shell.ts';
import { temporaryFolder } from '../client/support.ts';
import { knockgate } from './support.ts';

/** Ports that a deployment is asked to hide. */
async function hidden(text: string) {
  let ports: readonly string[] | undefined;
  const deployment = {
    RecoveryFile: class {},
    deviceOf: () => ({}),
    readGateFiles: () => ({}),
    loginTo: async () => ({ settings: { hostName: 'prod.example', port: 22 } }),
    deploy: async ({ options }: Parameters<DeployModule['deploy']>[0]) => {
      ports = options.ports;
      return { report: '# It is set up', summary: '# It is set up', gate: undefined };
    },
  };
  const loadDeployment = async () => deployment as unknown as DeployModule;
  const argv = ['deploy', 'prod', '--no-second-way', '--hide', text];
  const { code, err } = await knockgate(temporaryFolder(), argv, { loadDeployment });
  return code === 0 ? ports : err;
}

it.each([
  ['tcp/22', ['tcp/22']],
  ['22', ['tcp/22']],
  ['tcp/22,udp/60000-60010', ['tcp/22', 'udp/60000-60010']],
  ['tcp/8000-8010', ['tcp/8000-8010']],
  ['tcp/8000-8000,udp/*', ['tcp/8000', 'udp/*']],
])('--hide %s hides %j', async (text, ports) => {
  expect(await hidden(text)).toEqual(ports);
});

it.each(['22/tcp', 'tcp/8010-8000', 'tcp/22,', 'tcp/0', 'tcp/1-65536', 'icmp/1'])(
  '--hide %s is refused',
  async (text) => {
    expect(await hidden(text)).toMatch(/--hide: .*Expected a port such as "tcp\/22"/s);
  },
);
