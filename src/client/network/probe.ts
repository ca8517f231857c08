import { Socket } from 'node:net';
import { systemErrorCode } from '../../os/system-error.ts';
import type { Probe, Probed } from './wait.ts';

/**
 * Makes a real connection attempt. A socket that got through allows half-closing, and has lost nothing that the server sent. Its
 * errors cannot crash the process before somebody listens to them.
 */
export const probeTcp: Probe = (address, port, windowMs, signal, from) =>
  new Promise((resolve) => {
    const socket = new Socket({ allowHalfOpen: true });
    const finish = (probed: Probed) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      socket.removeListener('connect', connected);
      if (probed.kind !== 'open') socket.destroy();
      resolve(probed);
    };
    const giveUp = () => finish({ kind: 'silent' });
    const connected = () => finish({ kind: 'open', socket });
    const timer = setTimeout(giveUp, windowMs);
    socket.on('connect', connected);
    socket.on('error', (error) => finish(outcomeOf(systemErrorCode(error) ?? 'unknown')));
    signal.addEventListener('abort', giveUp);
    socket.setNoDelay(true);
    socket.connect({ host: address, port, ...(from !== undefined && { localPort: from }) });
    if (signal.aborted) giveUp();
  });

function outcomeOf(code: string): Probed {
  if (code === 'ECONNREFUSED') return { kind: 'refused' };
  return code === 'ETIMEDOUT' ? { kind: 'silent' } : { kind: 'unreachable', code };
}
