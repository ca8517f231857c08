import { l10n, ProgressLocation } from 'vscode';
import { window } from './window.ts';

/** Time from which work gets a notification: before that, the lock shows enough. */
const SHOW_AFTER_MS = 400;

/** Does something that can be cancelled, with a progress notification when it takes longer than a moment. */
export async function withProgress<T>(title: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const running = work(stop.signal);
  // Looked at below; a rejection in the meantime is not unhandled.
  running.catch(() => {});
  const isSlow = await isPendingAfter(running, SHOW_AFTER_MS);
  if (!isSlow) return running;
  const options = {
    location: ProgressLocation.Notification,
    title: l10n.t('Knockgate: {0}', title),
    cancellable: true,
  };
  return window.withProgress(options, (_progress, token) => {
    token.onCancellationRequested(() => stop.abort());
    return running;
  });
}

function isPendingAfter(running: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), ms);
    const finish = () => {
      clearTimeout(timer);
      resolve(false);
    };
    running.then(finish, finish);
  });
}
