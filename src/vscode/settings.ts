import { workspace } from 'vscode';

/** Name of the setting with the hosts, in errors too. */
export const HOSTS_SETTING = 'knockgate.hosts';

/** Record of hosts as it is written, unchecked. */
export function hostsSetting(): unknown {
  return workspace.getConfiguration('knockgate').get('hosts') ?? {};
}

/** Settings `knockgate.autoKnock`. */
export interface AutoKnockSettings {
  readonly enabled: boolean;
  /** Milliseconds that a window that opens may be held up. */
  readonly timeoutMs: number;
  /** Whether an open window knocks again: after sleep, in another network, after a long absence, for a lost connection. */
  readonly onWake: boolean;
  readonly onNetworkChange: boolean;
  readonly onReturn: boolean;
  readonly onLostConnection: boolean;
  /** Reaction when a lost server can be reached again. */
  readonly reconnect: Reconnect;
}

/** `wait`: never reload the window; `reloadWhenGivenUp`: when the editor must have given up; `reload`: instead of its wait. */
export type Reconnect = 'wait' | 'reloadWhenGivenUp' | 'reload';

/**
 * Reads the settings of auto-knock. The defaults are here too: while a remote window opens, old versions of the editor do not have
 * those of the manifest yet.
 */
export function autoKnockSettings(): AutoKnockSettings {
  const settings = workspace.getConfiguration('knockgate.autoKnock');
  const seconds = settings.get<unknown>('timeout');
  const isOn = (name: string) => settings.get<unknown>(name) !== false;
  return {
    enabled: isOn('enabled'),
    timeoutMs: 1000 * (typeof seconds === 'number' ? Math.min(Math.max(seconds, 0), 10) : 2),
    onWake: isOn('onWake'),
    onNetworkChange: isOn('onNetworkChange'),
    onReturn: isOn('onReturn'),
    onLostConnection: isOn('onLostConnection'),
    reconnect: reconnectOf(settings.get<unknown>('reconnect')),
  };
}

function reconnectOf(value: unknown): Reconnect {
  return value === 'wait' || value === 'reloadWhenGivenUp' ? value : 'reload';
}

/** Whether setting up a gate ends with its plan. */
export function deployDryRun(): boolean {
  return workspace.getConfiguration('knockgate.deploy').get<unknown>('dryRun') === true;
}

/** Place of the keys. The default is here too. */
export function keyStoreSetting(): 'secretStorage' | 'file' {
  return workspace.getConfiguration('knockgate').get<unknown>('keyStore') === 'file' ? 'file' : 'secretStorage';
}
