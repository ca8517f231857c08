import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DeployModule } from '../../../src/cli/shell.ts';
import { RecoveryFile } from '../../../src/deploy/second-way/recovery-file.ts';
import { temporaryFolder } from '../client/support.ts';
import { knockgate } from './support.ts';

const CLOCK_OFF = 'clock-off';
let home: string;
beforeEach(() => {
  home = temporaryFolder();
});

/** Runs a deployment that asks about one finding. @returns whether it went on */
async function deploy(finding: string, options: readonly string[], typed = '') {
  let wentOn = false;
  const module = {
    RecoveryFile,
    CLOCK_OFF,
    deviceOf: () => ({}),
    loginTo: async () => ({ settings: { hostName: 'prod.example', port: 22 } }),
    readGateFiles: () => ({}),
    deploy: async ({ ui }: Parameters<DeployModule['deploy']>[0]) => {
      wentOn = await ui.goOn(finding, 'Go on all the same?', 'its clock is 300.0 s behind ours');
      return { report: '', summary: '', gate: undefined };
    },
  };
  const loadDeployment = async () => module as unknown as DeployModule;
  const openStdin = () => Readable.from([typed]);
  const said = await knockgate(home, ['deploy', 'prod', ...options], { loadDeployment, openStdin });
  return { ...said, wentOn };
}

describe('clocks that are far apart', () => {
  it('end a deployment that was told to ask nothing', async () => {
    const { code, err, wentOn } = await deploy(CLOCK_OFF, ['--yes']);
    expect([code, wentOn]).toEqual([13, false]);
    expect(err).toContain('prod: its clock is 300.0 s behind ours');
    expect(err).toContain('--accept-clock');
  });

  it.each([
    ['are accepted by name', CLOCK_OFF, ['--yes', '--accept-clock'], '', true],
    ['are accepted by name where the rest is asked', CLOCK_OFF, ['--accept-clock'], '', true],
    ['are asked about: yes', CLOCK_OFF, [], 'yes\n', true],
    ['are asked about: no', CLOCK_OFF, [], 'no\n', false],
    ['are not what else --yes answers', 'disk', ['--yes'], '', true],
  ])('%s', async (_, finding, options, typed, wentOn) => {
    expect(await deploy(finding, options, typed)).toMatchObject({ code: 0, wentOn });
  });
});
