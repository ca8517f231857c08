import { connect } from 'node:net';

/** Milliseconds after its start at which this process ends. With the shell around it, that stays below 200 ms. */
const END_AT_MS = 140;
/**
 * Milliseconds that sending the request may take in any case, on a computer so slow that the time is over before it begins.
 */
const ASK_AT_LEAST_MS = 30;

/**
 * Asks the extension to knock before ssh connects, waits a little, and ends this process. Always succeeds: after any error ssh goes
 * on, and shows its own error.
 */
export function askBriefly(socketPath: string, alias: string): void {
  const leave = () => process.exit(0);
  process.on('uncaughtException', leave);
  // Some programs read the configuration themselves, and run the hook with tokens that they did not expand.
  if (process.env.KNOCKGATE_HOOK_OFF || socketPath === '' || alias === '' || alias.includes('%')) leave();
  // A socket that is connected by then still sends its request, even if this process got its turn only when the time was
  // over.
  setTimeout(() => setImmediate(leave), Math.max(END_AT_MS - performance.now(), ASK_AT_LEAST_MS));
  const socket = connect(socketPath, () => socket.write(`knock ${alias}\n`));
  socket.on('data', leave);
  socket.on('error', leave);
  socket.on('close', leave);
}

/**
 * Asks the extension to open a port, and resolves when it answers: then the port is open, or will not open soon. It also
 * resolves when nobody listens and when the time is over. It never rejects.
 */
export function askToOpen(socketPath: string, alias: string, port: number, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve();
    };
    const timer = setTimeout(done, withinMs);
    const socket = connect(socketPath, () => socket.write(`open ${alias} ${port}\n`));
    socket.on('data', done);
    socket.on('error', done);
    socket.on('close', done);
  });
}
