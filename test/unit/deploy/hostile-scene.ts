import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, onTestFinished } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { probeTcp } from '../../../src/client/network/probe.ts';
import { systemClock } from '../../../src/os/clock.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { formatGateLine } from '../../../src/spa/enrolment.ts';
import { formatKey } from '../../../src/spa/keys.ts';
import { CLICKABLE, HostileServer, OBEYED, type Treatment } from '../../rig/hostile-server.ts';
import { collectingShell, gateLine } from '../cli/support.ts';
import { temporaryFolder } from '../support.ts';

/** Key that only this client may have. */
const PRIVATE_KEY = new Uint8Array(32).fill(201);
const PSK_OF_OTHER = new Uint8Array(32).fill(202);
const PASSPHRASE = 'the passphrase of the recovery key';
export const TYPED = 'what a person types when asked';
/** A server that asks for something gets what a person types. */
export const SECRETS = [formatKey(PRIVATE_KEY), formatKey(PSK_OF_OTHER), PASSPHRASE];

const COMMANDS = {
  deploy: ['deploy', '--yes'],
  undeploy: ['undeploy', '--yes'],
  gate: ['gate', 'status'],
  rotate: ['gate', 'rotate'],
} as const;
export type Name = keyof typeof COMMANDS;

/** A client that knows two gates, and a server that is not to be trusted under the name of one of them. */
async function scene(treatment: Treatment, name: Name) {
  const home = temporaryFolder();
  const folder = join(home, '.config', 'knockgate');
  mkdirSync(join(folder, 'psk'), { recursive: true, mode: 0o700 });
  const own = (path: string, text: string) => writeFileSync(join(folder, path), text, { mode: 0o600 });
  own('id', `${formatKey(PRIVATE_KEY)}\n`);
  own('psk/other', `${formatKey(PSK_OF_OTHER)}\n`);
  const evilGate = { key: nodeCrypto.publicKey(new Uint8Array(32).fill(5)), slots: 32, knockPorts: [443] };
  const evil = formatGateLine({ ...evilGate, addresses: ['127.0.0.1'], name: 'evil' });
  const known = name === 'deploy' ? '' : `[evil]\ngate = "${evil}"\n\n`;
  own('hosts.toml', `${known}[other]\ngate = "${gateLine('other', ['192.0.2.9'])}"\npskFile = "psk/other"\n`);
  // The key of the other gate, under the name and at the address of this one.
  const line = treatment === 'forges its line' ? gateLine('evil') : evil;
  const clientKey = formatKey(nodeCrypto.publicKey(PRIVATE_KEY));
  const server = await HostileServer.start(treatment, undefined, { line, clientKey });
  onTestFinished(() => server.close());
  const config = join(home, 'ssh-config');
  const lines = [
    'Host evil',
    'HostName 127.0.0.1',
    `Port ${server.port}`,
    ...['Host inner', 'HostName 127.0.0.1', 'ProxyJump evil'],
    ...['Host *', 'User dev', 'IdentityFile none', 'StrictHostKeyChecking accept-new'],
    ...[`UserKnownHostsFile ${join(home, 'known_hosts')}`, 'GlobalKnownHostsFile none'],
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  const files = { version: '0.0.0', library: { 'knockgated.cjs': 'x' }, systemd: {}, table: '' };
  writeFileSync(join(home, 'gate-files.json'), JSON.stringify(files));
  return { home, folder, server, config };
}

/** Every file of a folder with its mode and bytes. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    files.map((path) => {
      const { mode } = statSync(join(folder, path));
      const text = statSync(join(folder, path)).isDirectory() ? 'a folder' : readFileSync(join(folder, path), 'latin1');
      return [path, `${mode.toString(8)} ${text}`];
    }),
  );
}

/** Runs a command against such a server. @returns its output, what the server got, and the changes of the client's files */
export async function meet(treatment: Treatment, name: Name) {
  const { home, folder, server, config } = await scene(treatment, name);
  const before = contents(folder);
  const recovery = join(home, 'recovery');
  // A passphrase is asked for twice; whatever comes then is asked for by the server.
  const asksFirst = treatment === 'asks' || name !== 'deploy';
  const typed = asksFirst ? [TYPED, TYPED] : [PASSPHRASE, PASSPHRASE, TYPED, TYPED];
  const { shell, said } = collectingShell(home, systemClock, {
    env: { PATH: process.env.PATH },
    programFolder: () => home,
    openStdin: () => Readable.from(typed.map((text) => `${text}\n`)),
    loadDeployment: () => import('../../../src/deploy/main.ts'),
    // The real ones: the server is on this computer.
    probe: probeTcp,
    resolve: async (host) => [host],
  });
  const [command, ...options] = COMMANDS[name];
  const host = treatment === 'refuses to jump' ? 'inner' : 'evil';
  const way = name === 'deploy' ? ['--recovery-key', recovery] : [];
  const code = await run([command, host, '--ssh-config', config, ...way, ...options], shell);
  const { out, err } = said();
  return { code, said: `${out}${err}`, received: server.received.join('\n'), before, after: contents(folder), home };
}

/** Expects what must hold for every treatment. */
export async function meetUnharmed(treatment: Treatment, name: Name, says: RegExp): Promise<void> {
  const { code, said, received, before, after, home } = await meet(treatment, name);
  expect(said).toMatch(says);
  expect(code).not.toBe(0);
  expect(said).not.toMatch(OBEYED);
  expect(said).not.toMatch(CLICKABLE);
  expect(received).not.toBe('');
  for (const secret of SECRETS) expect(received).not.toContain(secret);
  if (treatment !== 'asks') expect(received).not.toContain(TYPED);
  expect(after).toEqual(before);
  expect(readdirSync(home)).not.toContain('recovery');
}
