import type { Memento } from 'vscode';
import type { SshDestination } from '../../ssh/destination.ts';

const RECORD = 'knockgate.pendingConnect';
/** Time that a note counts: a window opens within seconds, so an older note was for one that never came. */
const FRESH_MS = 30_000;

/** Notes the destination of the window that is opened next: an empty remote window does not know it. */
export async function notePendingConnect(
  state: Pick<Memento, 'update'>,
  destination: SshDestination,
  wallMs: number,
): Promise<void> {
  await state.update(RECORD, { ...destination, atMs: wallMs });
}

/** Destination that was noted last, while the note is fresh. */
export function pendingConnect(state: Pick<Memento, 'get'>, wallMs: number): SshDestination | undefined {
  const record = state.get<unknown>(RECORD);
  if (typeof record !== 'object' || record === null) return undefined;
  const { host, user, port, atMs }: Record<string, unknown> = { ...record };
  if (typeof host !== 'string' || typeof atMs !== 'number' || Math.abs(wallMs - atMs) > FRESH_MS) return undefined;
  return {
    host,
    user: typeof user === 'string' ? user : undefined,
    port: typeof port === 'number' ? port : undefined,
  };
}
