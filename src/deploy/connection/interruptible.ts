import { cancelled } from '../../client/problems.ts';
import type { Remote } from './remote.ts';

/**
 * Waits for work no longer than until the person cancels it; the work itself may go on.
 * @param late what is done with a result that comes later
 * @throws Problem `cancelled`
 */
export function untilCancelled<T>(
  work: Promise<T>,
  host: string,
  signal: AbortSignal,
  late: (result: T) => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = () => {
      reject(cancelled(host));
      work.then(late, () => {});
    };
    if (signal.aborted) return cancel();
    signal.addEventListener('abort', cancel, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancel));
  });
}

/** A connection for questions that change nothing: none of them is waited for once the person cancels. */
export function interruptible(remote: Remote, host: string, signal: AbortSignal): Remote {
  return {
    carrier: remote.carrier,
    hostKey: remote.hostKey,
    run: (argv, options) => untilCancelled(remote.run(argv, options), host, signal),
    close: () => remote.close(),
  };
}
