import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { WindowsAccess } from '../os/windows-access.ts';

/** A network share that does not answer must not hold a knock for ever. */
const ANSWER_WITHIN_MS = 10_000;

/** The owner of key files on Windows: the user who runs this process. */
export function windowsOwner(env: NodeJS.ProcessEnv, homeFolder: string): WindowsAccess {
  return new WindowsAccess({
    ownFolders: [homeFolder, env.APPDATA, env.LOCALAPPDATA].flatMap((folder) => folder || []),
    systemRoot: env.SystemRoot ?? 'C:\\Windows',
    temporaryFolder: tmpdir(),
    run: (program, args) => {
      const { status, stdout } = spawnSync(program, args, {
        encoding: 'latin1',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: ANSWER_WITHIN_MS,
        windowsHide: true,
      });
      return status === 0 ? stdout : undefined;
    },
  });
}
