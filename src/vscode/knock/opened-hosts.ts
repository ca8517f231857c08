import type { Memento } from 'vscode';
import type { AnyHost } from '../../client/hosts/kinds.ts';
import { formatKey } from '../../spa/keys.ts';

const RECORD = 'knockgate.openedHosts';

/** Identity of a host's server, so that another server under the same name is not taken for it. */
function serverOf(host: AnyHost): string {
  return host.kind === 'gate' ? formatKey(host.gate.key) : `${host.kind} ${host.address}`;
}

/** Last time at which a host opened to this device, in unix milliseconds; undefined when it never did. */
export function openedAtMs(state: Pick<Memento, 'get'>, host: AnyHost): number | undefined {
  const entry = new Map(Object.entries(record(state))).get(host.name);
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { server, atMs }: Record<string, unknown> = { ...entry };
  return server === serverOf(host) && typeof atMs === 'number' ? atMs : undefined;
}

/** Whether a host has ever opened to this device. */
export function hasOpened(state: Pick<Memento, 'get'>, host: AnyHost): boolean {
  return openedAtMs(state, host) !== undefined;
}

/** Notes that a host has opened, and forgets hosts that no longer exist. */
export async function noteOpened(
  state: Pick<Memento, 'get' | 'update'>,
  host: AnyHost,
  atMs: number,
  names: ReadonlySet<string>,
): Promise<void> {
  const kept = Object.entries(record(state)).filter(([name]) => names.has(name) && name !== host.name);
  await state.update(RECORD, Object.fromEntries([...kept, [host.name, { server: serverOf(host), atMs }]]));
}

function record(state: Pick<Memento, 'get'>): Record<string, unknown> {
  const value = state.get<unknown>(RECORD);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
