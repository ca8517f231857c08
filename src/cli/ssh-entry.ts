import { homedir } from 'node:os';
import { join } from 'node:path';
import { toBase64Url } from '../base/bytes.ts';
import type { AnyHost } from '../client/hosts/kinds.ts';
import { fileUnusable } from '../client/problems.ts';
import { shellWord } from '../os/shell-word.ts';
import { systemErrorCode } from '../os/system-error.ts';
import { applyChange, ConfigRefused, readConfig } from '../ssh/hook/config-change.ts';
import { withHostBlock } from '../ssh/host-block.ts';
import { sshConfigRefused } from './problems.ts';
import type { Shell } from './shell.ts';

/** Lines for ~/.ssh/config that make ssh knock at a host, with whole paths: an editor has another PATH. */
export function sshEntry(host: Pick<AnyHost, 'name'>, port: number | undefined, shell: Shell): string[] {
  // ssh reads % as the beginning of a token, and passes the rest to a shell.
  const program = shell.ownCommand().map((word) => shellWord(word).replaceAll('%', '%%'));
  return [
    `Host ${host.name}`,
    ...(port === undefined ? [] : [`  Port ${port}`]),
    `  ProxyCommand ${[...program, 'connect', host.name, '%p'].join(' ')}`,
  ];
}

/**
 * Writes such an entry at the top of an SSH configuration, and replaces an earlier one.
 * @throws Problem `ssh-config-refused`, `file-unusable`; then nothing was changed
 */
export function writeSshEntry(path: string, host: string, lines: readonly string[], shell: Shell): void {
  try {
    const before = readConfig(path);
    const text = lines.map((line) => Buffer.from(line, 'utf8').toString('latin1'));
    const after = withHostBlock(before ?? '', host, text);
    applyChange({ path, before, after }, toBase64Url(shell.crypto.randomBytes(9)));
  } catch (error) {
    if (error instanceof ConfigRefused) throw sshConfigRefused(path, error.refusal);
    const code = systemErrorCode(error);
    throw code === undefined ? error : fileUnusable(path, code);
  }
}

/** The person's own SSH configuration, where ssh looks for it. */
export function ownSshConfig(shell: Shell): string {
  return join(shell.account().home ?? homedir(), '.ssh', 'config');
}
