import { l10n, ProgressLocation } from 'vscode';
import { window } from './window.ts';

/** Time from which work gets a notification: before that, the lock shows enough. */
const SHOW_AFTER_MS = 400;

/** Runs something that can be cancelled. If it takes longer than a moment, a notification shows it. */
export async function withProgress<T>(title: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const running = work(stop.signal);
  // It is awaited below; a rejection in the meantime counts as handled.
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
