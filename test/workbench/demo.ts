import { createInterface } from 'node:readline';
import { parseClientLine } from '../../src/spa/enrolment.ts';
import { formatKey } from '../../src/spa/keys.ts';
import { fakeRemoteSsh } from '../rig/editor/fake-remote-ssh.ts';
import { startServer } from '../rig/editor/server.ts';
import { furnish } from '../rig/editor/workbench.ts';
import { leaveOnSignal } from '../rig/leave.ts';
import { TARGET4 } from '../rig/netns.ts';
import { HOST, Scene } from '../rig/scene.ts';
import { HOST_ALIAS, type Sshd } from '../rig/sshd.ts';
import { forward } from './forward.ts';

export interface DemoOptions {
  /** The port of loopback where the workbench is to be found. */
  port: number;
  /** The extension, packed. */
  vsix: string;
  say(line?: string): void;
}

/** Serves the workbench, with a gate and an sshd behind it, until it is interrupted. */
export async function demo({ port, vsix, say }: DemoOptions): Promise<never> {
  leaveOnSignal(() => say('\nended; the two hosts and all that was written are gone'));
  const scene = await Scene.make({ name: 'demo' });
  const home = await furnish(scene.pair.client, {
    vsix: [vsix],
    madeUp: [fakeRemoteSsh(TARGET4)],
    settings: { 'knockgate.hosts': { [HOST]: { gate: scene.line } } },
    sshConfig: sshConfig(HOST, scene.sshd),
  });
  const socket = `${home.runtime}/server.sock`;
  await startServer(scene.pair.client, home, { socket });
  await forward(port, socket);
  const folder = encodeURIComponent(home.workspace);
  say(`
A VS Code workbench with the packaged extension, on one of two hosts; on the other a gate, and sshd behind it:

    http://127.0.0.1:${port}/?folder=${folder}

 1  F1, "Knockgate: Copy Public Key"           makes this device's key; its public half is in the clipboard
 2  paste it here, and Enter               enrols it at the gate
 3  F1, "Knockgate: Knock…", "${HOST}"           the lock at the bottom counts the seconds that the door is open
 4  a terminal (Ctrl+\`), "ssh ${HOST}"        lets you in while it is, and hangs when it is not
    F1, "Knockgate: Knock and Connect…"        opens another window too: empty here, Remote - SSH's with the real one

Ctrl-C ends it all.
`);
  for await (const line of createInterface({ input: process.stdin })) await enrol(line, scene, say);
  // Nobody can paste any more: the workbench stays.
  return await new Promise<never>(() => {});
}

async function enrol(line: string, scene: Scene, say: (line: string) => void): Promise<void> {
  if (line.trim() === '') return;
  try {
    const { key, name } = parseClientLine(line);
    await scene.reconfigure({ key: formatKey(key), name });
    say(`enrolled: ${name}`);
  } catch (error) {
    say(`not enrolled: ${error instanceof Error ? error.message : error}`);
  }
}

/** So that a plain `ssh target` logs in, once the door is open. */
export function sshConfig(alias: string, sshd: Sshd): string {
  const settings = [
    `HostName ${TARGET4}`,
    'User root',
    `IdentityFile ${sshd.identity}`,
    'IdentitiesOnly yes',
    `UserKnownHostsFile ${sshd.knownHosts}`,
    `HostKeyAlias ${HOST_ALIAS}`,
    'ConnectTimeout 5',
  ];
  return `Host ${alias}\n${settings.map((each) => `  ${each}\n`).join('')}`;
}
