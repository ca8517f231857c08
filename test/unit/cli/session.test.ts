import { beforeEach, describe, expect, it } from 'vitest';
import { phrase } from '../../../src/base/phrase.ts';
import { type Session, stepsShown } from '../../../src/cli/deployment.ts';
import type { DeployModule } from '../../../src/cli/shell.ts';
import { temporaryFolder } from '../client/support.ts';
import { gateLine, knockgate } from './support.ts';

let home: string;
beforeEach(async () => {
  home = temporaryFolder();
  await knockgate(home, ['add', gateLine('Prod', ['192.0.2.1', 'prod.example'])]);
});

/**
 * The names that `knockgate gate DESTINATION status` asks ssh about, and the host that it finds. ssh answers with this
 * address and port.
 */
async function asked(destination: string, settings: { hostName: string; port: number }, more: readonly string[] = []) {
  const seen: { ssh?: string; host?: string } = {};
  const deployment = {
    deviceOf: () => ({}),
    readGateFiles: () => ({}),
    loginTo: async (to: string) => {
      seen.ssh = to;
      return { settings };
    },
    askGate: async ({ host }: Session) => {
      seen.host = host;
      return { code: 0, stdout: '', stderr: '' };
    },
  };
  const loadDeployment = async () => deployment as unknown as DeployModule;
  const { code } = await knockgate(home, ['gate', destination, ...more, 'status'], { loadDeployment });
  return [code, seen.ssh, seen.host];
}

describe('a command that logs in', () => {
  it.each([
    ['Prod', 'Prod', 'Prod'],
    ['prod', 'Prod', 'Prod'],
    ['dev@PROD', 'dev@Prod', 'Prod'],
    ['prod:2222', 'ssh://Prod:2222', 'Prod'],
    ['dev@prod:22', 'ssh://dev@Prod:22', 'Prod'],
    ['prod.example', 'prod.example', 'Prod'],
    ['dev@192.0.2.1', 'dev@192.0.2.1', 'Prod'],
    ['other', 'other', 'other'],
  ])('understands %s', async (destination, ssh, host) => {
    const hostName = destination.includes('.') ? destination.replace('dev@', '') : `${host}.lan`;
    expect(await asked(destination, { hostName, port: 22 })).toEqual([0, ssh, host]);
  });

  it('takes another alias of ssh for the host at that address', async () => {
    expect(await asked('alias', { hostName: '192.0.2.1', port: 22 })).toEqual([0, 'alias', 'Prod']);
    expect(await asked('alias', { hostName: 'PROD.example', port: 22 })).toEqual([0, 'alias', 'Prod']);
  });

  it('takes another server behind the same address for another host', async () => {
    expect(await asked('second', { hostName: '192.0.2.1', port: 2201 })).toEqual([0, 'second', 'second']);
    expect(await asked('192.0.2.1:2201', { hostName: '192.0.2.1', port: 2201 })).toEqual([
      0,
      'ssh://192.0.2.1:2201',
      '192.0.2.1',
    ]);
  });

  it('uses the name of --name', async () => {
    const found = await asked('prod', { hostName: '192.0.2.1', port: 22 }, ['--name', 'mine']);
    expect(found).toEqual([0, 'Prod', 'mine']);
  });
});

describe('the steps of a set-up', () => {
  const steps = (isVerbose: boolean) => {
    const told: string[] = [];
    const step = stepsShown(isVerbose, { tell: (line) => told.push(line) });
    for (const path of ['/a', '/b']) step(phrase('Write {0}', path), phrase('Write the files'));
    step(phrase('Look at the host'));
    step(phrase('Write {0}', '/c'), phrase('Write the files'));
    return told;
  };

  it('are shown once for similar ones in a row, and each with --verbose', () => {
    expect(steps(false)).toEqual(['· Write the files', '· Look at the host', '· Write the files']);
    expect(steps(true)).toEqual(['· Write /a', '· Write /b', '· Look at the host', '· Write /c']);
  });
});
