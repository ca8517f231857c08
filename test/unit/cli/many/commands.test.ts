import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { concat } from '../../../../src/base/bytes.ts';
import { phrase } from '../../../../src/base/phrase.ts';
import type { Session } from '../../../../src/cli/deployment.ts';
import type { DeployModule, Shell } from '../../../../src/cli/shell.ts';
import { openExportedKey, readSealedText } from '../../../../src/client/keys/exported-key.ts';
import { hostUnknown } from '../../../../src/client/problems.ts';
import { RecoveryFile } from '../../../../src/deploy/second-way/recovery-file.ts';
import type { SecondWay } from '../../../../src/deploy/second-way/second-way.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { pair, temporaryFolder } from '../../client/support.ts';
import { gateLine, knockgate } from '../support.ts';

let home: string;
beforeEach(() => {
  home = temporaryFolder();
});

type DeployInput = Parameters<DeployModule['deploy']>[0];

/** The bundle that sets up gates. What it does on a server comes from the test. */
function deployment(does: {
  deploy?: (input: DeployInput) => Promise<string>;
  askGate?: (session: Session, argv: readonly string[]) => Promise<string>;
}) {
  const module = {
    RecoveryFile,
    CLOCK_OFF: 'clock-off',
    deviceOf: () => ({}),
    loginTo: async (to: string) => ({ settings: { hostName: to, port: 22 } }),
    readGateFiles: () => ({}),
    deploy: async (input: DeployInput) => {
      const report = (await does.deploy?.(input)) ?? '';
      return { report, summary: report, gate: undefined };
    },
    askGate: async (session: Session, argv: readonly string[]) => {
      const stdout = (await does.askGate?.(session, argv)) ?? '';
      return stdout.startsWith('refused') ? { code: 3, stdout: '', stderr: stdout } : { code: 0, stdout, stderr: '' };
    },
  };
  return async () => module as unknown as DeployModule;
}

const noWay = (host: string) => Promise.reject(hostUnknown(host, [], 'hosts.toml'));

/** Standard input from a terminal at which somebody has typed this. */
function terminal(typed: string): Shell['openStdin'] {
  const input = new PassThrough();
  input.write(typed);
  return () => Object.assign(input, { isTTY: true });
}

describe('a gate command for several hosts', () => {
  const askGate = async ({ host, ui }: Session, argv: readonly string[]) => {
    ui.step(phrase('Log in to {0}', host));
    if (host === 'web2') return noWay(host);
    if (host === 'web3') return 'refused: no such client\n';
    return argv.includes('--json') ? '{"pid":7}\n' : `${host} is well\n`;
  };
  const run = (...argv: string[]) => knockgate(home, argv, { loadDeployment: deployment({ askGate }) });

  it('says what each of them answered, then a table with the reasons', async () => {
    const { code, out, err } = await run('gate', 'web1,web2,web3', 'client', 'remove', 'phone');
    expect(code).toBe(15);
    expect(out).toBe(
      [
        '== web1',
        'web1 is well',
        '',
        '== web3',
        'refused: no such client',
        '',
        'HOST  RESULT  TIME   EXIT, REASON',
        'web1  done    0.0 s',
        'web2  failed  0.0 s  3: "web2" is not in hosts.toml.',
        'web3  failed  0.0 s  3: see above',
        '',
      ].join('\n'),
    );
    expect(err).toContain('web1: Log in to web1\n');
    expect(err).toContain('web1: done after 0.0 s\n');
    expect(err).toContain('web2: failed after 0.0 s: "web2" is not in hosts.toml.\n');
  });

  it('prints the same as data', async () => {
    const { code, out } = await run('gate', 'web1,web2', 'status', '--json');
    expect(code).toBe(15);
    expect(JSON.parse(out)).toEqual({
      hosts: [
        { host: 'web1', code: 0, seconds: 0, result: { pid: 7 } },
        { host: 'web2', code: 3, seconds: 0, error: expect.objectContaining({ code: 'host-unknown' }) },
      ],
    });
  });

  it('asks every gate of the hosts file, and takes no name for several', async () => {
    await knockgate(home, ['add', gateLine('web1')]);
    const { code, out } = await run('gate', '--all', 'status', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out).hosts).toHaveLength(1);
    expect((await run('gate', 'web1,web4', '--name', 'x', 'status')).code).toBe(2);
  });
});

describe('a set-up of several hosts', () => {
  const FILE = 'recovery';
  const passphrase = 'correct horse battery staple';

  it('asks for each plan at the terminal, with the name of the host, and for no second way in', async () => {
    const asked: string[] = [];
    const deploy = async ({ host, ui, secondWay }: DeployInput) => {
      asked.push(
        `${host} ${secondWay?.kind} ${await ui.approve(`# The plan for ${host}, whole`, false, `# The plan for ${host}`)}`,
      );
      return '# done';
    };
    const loadDeployment = deployment({ deploy });
    const changes = { loadDeployment, openStdin: terminal('yes\nno\n') };
    const { code, out, err } = await knockgate(home, ['deploy', 'web1,web2', '--no-second-way'], changes);
    expect([code, asked]).toEqual([0, ['web1 declined yes', 'web2 declined no']]);
    expect(err).toMatch(/The plan for web1\n\nDetails: .*\n\nweb1: Do this\? \[yes\/no\]/);
    expect(err).toMatch(/The plan for web2\n\nDetails: .*\n\nweb2: Do this\? \[yes\/no\]/);
    // The reports are for --json: a table has a line for each host.
    expect(out).not.toContain('# done');
  });

  it('does not take the answers of a file: their host is unknown', async () => {
    const deploy = async ({ ui }: DeployInput) => `${await ui.approve('# The plan', false, '# The plan')}`;
    const { code, err } = await knockgate(home, ['deploy', 'web1,web2', '--no-second-way'], {
      loadDeployment: deployment({ deploy }),
    });
    expect(code).toBe(15);
    expect(err).toContain('web1: a question needs an answer: Do this?');
  });

  it('wants a second way in to be named', async () => {
    const deploy = async ({ ui }: DeployInput) => `${await ui.chooseSecondWay()}`;
    const { out } = await knockgate(home, ['deploy', 'web1,web2', '--yes', '--json'], {
      loadDeployment: deployment({ deploy }),
    });
    expect(JSON.parse(out).hosts[0].error).toMatchObject({ code: 'second-way-missing' });
  });

  /** Sets up hosts with one recovery file; those that are named fail after their line is in it. */
  async function withRecoveryFile(hosts: string, failing: readonly string[]) {
    const path = join(home, FILE);
    const ways: (SecondWay | undefined)[] = [];
    const deploy = async ({ host, secondWay }: DeployInput) => {
      ways.push(secondWay);
      if (secondWay?.kind !== 'recovery-key') throw new Error('no recovery key');
      const gate = { key: pair.gatePublic, slots: 32, addresses: ['192.0.2.2'], knockPorts: [443], name: host };
      await secondWay.keeper.complete(host, { gate, login: `ssh://${host}:22` });
      if (failing.includes(host)) {
        await secondWay.keeper.discard();
        return noWay(host);
      }
      return '';
    };
    const openStdin = terminal(`${passphrase}\n${passphrase}\n`);
    const argv = ['deploy', hosts, '--yes', '--recovery-key', path];
    const said = await knockgate(home, argv, { loadDeployment: deployment({ deploy }), openStdin });
    return { ...said, path, ways };
  }

  it('keeps one recovery file for all, without the lines of those that failed', async () => {
    const { code, path, ways, err } = await withRecoveryFile('web1,web2,web3', ['web2']);
    expect(code, err).toBe(15);
    // Asked for once.
    expect(err.match(/A new passphrase/g)).toHaveLength(1);
    expect(new Set(ways.map((way) => way?.kind === 'recovery-key' && way.client))).toHaveProperty('size', 1);
    expect(existsSync(path)).toBe(true);
    expect(await namesIn(path)).toEqual(['web1', 'web3']);
  });

  it('leaves no recovery file when every host has failed', async () => {
    const { path, err } = await withRecoveryFile('web1,web2', ['web1', 'web2']);
    expect(existsSync(path)).toBe(false);
    expect(err).toContain('was deleted');
  });

  async function namesIn(path: string): Promise<string[]> {
    const deriveKey = async (text: Uint8Array, salt: Uint8Array) => nodeCrypto.sha256(concat(salt, text));
    const io = { crypto: nodeCrypto, deriveKey };
    const { exported } = await openExportedKey(readSealedText(path), passphrase, path, io);
    return [...exported.hosts.keys()];
  }
});

describe('an upgrade', () => {
  it('makes no new gate, and asks for no second way in', async () => {
    const seen: unknown[] = [];
    const deploy = async ({ onlyUpgrade, secondWay }: DeployInput) => {
      seen.push([onlyUpgrade, secondWay?.kind]);
      return '';
    };
    const loadDeployment = deployment({ deploy });
    expect((await knockgate(home, ['upgrade', 'prod', '--yes'], { loadDeployment })).code).toBe(0);
    expect((await knockgate(home, ['upgrade', 'web1,web2', '--yes'], { loadDeployment })).code).toBe(0);
    expect(seen).toEqual(Array.from({ length: 3 }, () => [true, 'declined']));
  });
});
