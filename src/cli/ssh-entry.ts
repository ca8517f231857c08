import { homedir } from 'node:os';
import { join } from 'node:path';
import { toBase64Url } from '../base/bytes.ts';
import type { AnyHost } from '../client/hosts/kinds.ts';
import { fileUnusable } from '../client/problems.ts';
import type { Arguments } from '../command-table/read-line.ts';
import { shellWord } from '../os/shell-word.ts';
import { systemErrorCode } from '../os/system-error.ts';
import { applyChange, assertWritable, ConfigRefused, readConfig } from '../ssh/hook/config-change.ts';
import { MalformedHostBlock, withHostBlock, withoutHostBlock } from '../ssh/host-block.ts';
import { sshConfigRefused, sshEntryEdited } from './problems.ts';
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
  orProblem(path, () => {
    const before = readConfig(path);
    changeTo(withHostBlock(before ?? '', host, asBytes(lines)), path, before, shell);
  });
}

/** Entry that takes the place of another one. */
interface NewEntry {
  readonly host: string;
  readonly lines: readonly string[];
}

/** A change of an SSH configuration that is possible, and not yet made. */
export interface EntryChange {
  readonly path: string;
  /** @throws Problem `ssh-config-refused`, `file-unusable`; then nothing was changed */
  readonly make: () => void;
}

/**
 * Gets ready to take the entry of a host out of an SSH configuration.
 * @returns undefined when there is no entry
 * @throws Problem `ssh-config-refused`, `file-unusable`
 */
export function removalOfEntry(path: string, host: string, shell: Shell, next?: NewEntry): EntryChange | undefined {
  const changed = () => {
    const before = readConfig(path);
    const rest = before === undefined ? undefined : withoutHostBlock(before, host);
    if (rest === undefined) return undefined;
    return { before, after: next === undefined ? rest : withHostBlock(rest, next.host, asBytes(next.lines)) };
  };
  return orProblem(path, () => {
    if (changed() === undefined) return undefined;
    assertWritable(path);
    // The file is read again: it may change while a question is open.
    const make = () => {
      const change = changed();
      if (change !== undefined) changeTo(change.after, path, change.before, shell);
    };
    return { path, make: () => orProblem(path, make) };
  });
}

function changeTo(after: string, path: string, before: string | undefined, shell: Shell): void {
  applyChange({ path, before, after }, toBase64Url(shell.crypto.randomBytes(9)));
}

function asBytes(lines: readonly string[]): string[] {
  return lines.map((line) => Buffer.from(line, 'utf8').toString('latin1'));
}

function orProblem<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConfigRefused) throw sshConfigRefused(path, error.refusal);
    if (error instanceof MalformedHostBlock) throw sshEntryEdited(path, error.host);
    const code = systemErrorCode(error);
    throw code === undefined ? error : fileUnusable(path, code);
  }
}

/** The SSH configuration that `--ssh-config` names, or else the person's own, where ssh looks for it. */
export function sshConfigPath(args: Arguments, shell: Shell): string {
  return args.value('ssh-config') ?? join(shell.account().home ?? homedir(), '.ssh', 'config');
}
