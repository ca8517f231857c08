import { execFile } from 'node:child_process';
import { findProgram } from '../../os/find-program.ts';
import { isHost } from '../../ssh/destination.ts';
import { type EffectiveConfig, parseEffectiveConfig } from '../../ssh/effective-config.ts';
import { type Computer, sshCommand } from './ssh-config-files.ts';

/** Environment that tells the hook that nobody is connecting: `ssh -G` evaluates it as well. */
const HOOK_OFF = { KNOCKGATE_HOOK_OFF: '1' };

/** Milliseconds that ssh may take: a configuration that runs programs may hang in them. */
const ANSWER_WITHIN_MS = 3000;

/**
 * Asks ssh for its settings for a name: `ssh -G`, which connects to nothing.
 * @returns undefined when ssh is missing, or its configuration is invalid: connecting reports that
 */
export function lookWithSsh(computer: Computer): (name: string) => Promise<EffectiveConfig | undefined> {
  return (name) =>
    new Promise((resolve) => {
      if (!isHost(name)) return resolve(undefined);
      const [ssh, ...config] = sshCommand(computer);
      const program = findProgram(ssh, computer);
      const options = { env: { ...computer.env, ...HOOK_OFF }, timeout: ANSWER_WITHIN_MS, windowsHide: true };
      execFile(program, [...config, '-G', '--', name], options, (error, output) => {
        resolve(error === null ? parseEffectiveConfig(output) : undefined);
      });
    });
}
