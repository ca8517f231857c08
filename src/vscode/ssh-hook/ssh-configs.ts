import type { Memento } from 'vscode';
import { toBase64Url } from '../../base/bytes.ts';
import { systemErrorCode } from '../../os/system-error.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { applyChange, type ConfigChange, ConfigRefused, readConfig } from '../../ssh/hook/config-change.ts';
import { MalformedBlock } from '../../ssh/hook/marked-block.ts';
import type { Parts } from '../parts.ts';
import { blockMalformed, configRefused, configUnwritable } from './problems.ts';

export type SshHookParts = Pick<Parts, 'sshHook' | 'hosts' | 'crypto' | 'globalState' | 'log'>;

/**
 * Record of the configurations that the hook was put into: the setting that names one may have changed when the hook is removed.
 */
const RECORD = 'knockgate.sshHookConfigs';

/** Configurations that the hook was put into so far. */
export function markedConfigs(state: Pick<Memento, 'get'>): readonly string[] {
  const record = state.get<unknown>(RECORD);
  return Array.isArray(record) ? record.filter((path) => typeof path === 'string') : [];
}

export async function noteMarkedConfigs(state: Pick<Memento, 'update'>, paths: readonly string[]): Promise<void> {
  await state.update(RECORD, paths.length === 0 ? undefined : paths);
}

/**
 * Changes that an edit would make in those configurations, without those that stay the same.
 * @throws Problem: the configuration cannot be read, or its block is malformed
 */
export function changesOf(
  paths: readonly string[],
  edit: (before: string | undefined) => string | undefined,
): readonly ConfigChange[] {
  const all = paths.map((path) =>
    withProblems(path, () => {
      const before = readConfig(path);
      return { path, before, after: edit(before) };
    }),
  );
  return all.filter(({ before, after }) => before !== after);
}

/** @throws Problem: then this configuration is unchanged */
export function makeChange(change: ConfigChange, crypto: CryptoProvider): void {
  withProblems(change.path, () => applyChange(change, toBase64Url(crypto.randomBytes(9))));
}

function withProblems<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof MalformedBlock) throw blockMalformed(path);
    if (error instanceof ConfigRefused) throw configRefused(path, error.refusal);
    const code = systemErrorCode(error);
    throw code === undefined ? error : configUnwritable(path, code);
  }
}
