import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DeployModule } from '../../../src/cli/shell.ts';
import { temporaryFolder } from '../client/support.ts';
import { gateLine, knockgate } from './support.ts';

let home: string;
beforeEach(async () => {
  home = temporaryFolder();
  await knockgate(home, ['add', gateLine('prod')]);
  await knockgate(home, ['add', gateLine('other')]);
});

/** A removal that goes well, once its plan is approved. */
const REMOVAL = {
  deviceOf: () => ({}),
  loginTo: async () => ({ settings: { hostName: 'prod.example', port: 22 } }),
  readGateFiles: () => ({}),
  removeGate: async ({ ui, dryRun }: Parameters<DeployModule['removeGate']>[0]) => {
    const plan = { report: '# The plan\n\nrm -rf it', summary: '# The plan' };
    if (!dryRun && !(await ui.approve(plan.report, plan.summary))) throw new Error('not approved');
    return dryRun ? plan : { report: '# It is removed', summary: '# It is removed' };
  },
};

const undeploy = (options: readonly string[], typed: string | AsyncIterable<string> = '') =>
  knockgate(home, ['undeploy', 'prod', ...options], {
    openStdin: () => Readable.from(typeof typed === 'string' ? [typed] : typed),
    loadDeployment: async () => REMOVAL as unknown as DeployModule,
  });
const path = () => join(home, '.config', 'knockgate', 'hosts.toml');
const knows = () => [...readFileSync(path(), 'utf8').matchAll(/^\[(.+)\]$/gm)].map(([, name]) => name);

describe('what is known of a host whose gate was removed', () => {
  it('is forgotten when a person says so', async () => {
    const { code, out, err } = await undeploy([], 'yes\nyes\n');
    expect([code, out]).toEqual([0, 'It is removed\n']);
    expect(err).toContain(`Take prod out of ${path()}? [yes/no]`);
    expect(knows()).toEqual(['other']);
  });

  it('stays when a person does not', async () => {
    expect((await undeploy([], 'yes\nno\n')).err).toContain(`prod stays in ${path()}.`);
    expect((await undeploy([], 'yes\n')).err).toContain('stays');
    expect(knows()).toEqual(['prod', 'other']);
  });

  it('stays when nobody can be asked, unless --forget was given', async () => {
    expect((await undeploy(['--yes'])).out).toBe('It is removed\n');
    expect(knows()).toEqual(['prod', 'other']);
    await undeploy(['--dry-run', '--forget']);
    expect(knows()).toEqual(['prod', 'other']);
    await undeploy(['--yes', '--forget']);
    expect(knows()).toEqual(['other']);
    // There is nothing to forget a second time.
    expect((await undeploy(['--yes', '--forget'])).err).not.toContain('prod is no longer');
    expect(existsSync(path())).toBe(true);
  });
});

describe('the entry for ssh of a host whose gate was removed', () => {
  const config = () => readFileSync(join(home, '.ssh/config'), 'utf8');
  beforeEach(() => knockgate(home, ['ssh-config', 'prod', '--write']));

  it('goes with the host, or stays with it', async () => {
    const kept = await undeploy([], 'yes\nno\n');
    expect(kept.err).toContain(`prod stays in ${path()} and ${join(home, '.ssh/config')}.`);
    expect(config()).toContain('connect prod');
    const { out, err } = await undeploy(['--yes', '--forget', '--json']);
    expect(err).toContain(`prod is no longer in ${path()} and ${join(home, '.ssh/config')}.`);
    expect(JSON.parse(out)).toMatchObject({ forgotten: true, sshConfig: join(home, '.ssh/config') });
    expect(config()).toBe('');
  });

  it('stays with the host when somebody has edited it; the report is printed all the same', async () => {
    writeFileSync(join(home, '.ssh/config'), config().replace('Host prod', 'Host prod web'));
    const { code, out, err } = await undeploy(['--yes', '--forget']);
    expect([code, out]).toEqual([3, 'It is removed\n']);
    expect(err).toContain('to remove it later: knockgate remove prod');
    expect(err).toContain('are not as knockgate wrote them');
    expect(knows()).toEqual(['prod', 'other']);
  });

  it('stays with the host when somebody edits it while the question is open', async () => {
    async function* answers() {
      yield 'yes\n';
      writeFileSync(join(home, '.ssh/config'), config().replace('Host prod', 'Host prod web'));
      yield 'yes\n';
    }
    const { code, err } = await undeploy([], answers());
    expect([code, knows()]).toEqual([3, ['prod', 'other']]);
    expect(err).toContain(`prod stays in ${path()}; to remove it later: knockgate remove prod`);
  });
});

describe('the plan of a removal', () => {
  it('is shown in short, and whole on request or in a file', async () => {
    expect((await undeploy([], 'no\n')).err).toMatch(/The plan\n\nDetails: --verbose, or --report FILE\n/);
    expect((await undeploy(['--verbose'], 'no\n')).err).toContain('rm -rf it');
    const report = join(home, 'report.md');
    expect((await undeploy(['--report', report, '--yes'])).err).toContain(`Details: ${report}`);
    expect(readFileSync(report, 'utf8')).toBe('# The plan\n\nrm -rf it\n\n# It is removed\n');
    expect(await undeploy(['--report', join(home, 'no', 'such'), '--dry-run'])).toMatchObject({ code: 3 });
  });
});
