import { resolve } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { parseClientLine } from '../../src/spa/enrolment.ts';
import { formatKey } from '../../src/spa/keys.ts';
import { Workbench } from '../rig/editor/workbench.ts';
import { TARGET4 } from '../rig/netns.ts';
import { HOST, Scene } from '../rig/scene.ts';
import { openRemoteSsh } from './open-remote-ssh.ts';

/** The authority of a window to the scene's server. */
export const AUTHORITY = `ssh-remote+${HOST}`;

/** A server behind a gate, and an editor with an extension that opens windows over SSH to it. */
export interface SshWindows {
  readonly scene: Scene;
  readonly workbench: Workbench;
  end(): Promise<void>;
}

/** Has both while the tests of a suite run; the gate knows the editor's key. @param grant seconds */
export function useSshWindows(name: string, grant: number): () => SshWindows {
  let windows: SshWindows | undefined;
  beforeAll(async () => {
    windows = await sshWindows(name, grant);
  });
  afterAll(() => windows?.end());
  return () => {
    if (windows === undefined) throw new Error('the server and the editor are there only while tests run');
    return windows;
  };
}

async function sshWindows(name: string, grant: number): Promise<SshWindows> {
  const scene = await Scene.make({ name });
  const workbench = await workbenchBefore(scene, grant).catch(async (error) => {
    await scene.end();
    throw error;
  });
  const end = async () => {
    await workbench.close();
    await scene.end();
  };
  try {
    const first = await workbench.open();
    await first.runCommand('Knockgate: Copy Public Key');
    await first.notice(/clipboard/);
    const { key, name: client } = parseClientLine(await first.clipboard());
    await scene.reconfigure({ key: formatKey(key), name: client });
    await first.close();
    return { scene, workbench, end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function workbenchBefore({ pair, sshd, line }: Scene, grant: number): Promise<Workbench> {
  return Workbench.start(pair.client, {
    vsix: [resolve('dist/knockgate.vsix')],
    madeUp: [await openRemoteSsh()],
    remoteWindows: true,
    settings: {
      'knockgate.hosts': { [HOST]: { gate: line, address: TARGET4, duration: grant } },
      // A window waits for its knock, but not for ever. On a busy computer that would decide what comes first.
      'knockgate.autoKnock.timeout': 10,
    },
    sshConfig: `Host target Target\n  HostName ${TARGET4}\nHost *\n  User root\n  IdentityFile ${sshd.identity}\n`,
  });
}
