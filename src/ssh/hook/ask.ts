import { connect } from 'node:net';

/** Milliseconds since this process began at which it ends. Together with the shell around it, that stays below 200 ms. */
const END_AT_MS = 140;
/** Milliseconds to hand over the request, on a computer so slow that the time is over before anything was done. */
const ASK_AT_LEAST_MS = 30;

/**
 * Asks the extension to knock before ssh connects, waits a little, and ends this process. Always succeeds: after any error ssh goes
 * on, and shows its own error.
 */
export function askBriefly(socketPath: string, alias: string): void {
  const leave = () => process.exit(0);
  process.on('uncaughtException', leave);
  // Some programs read the configuration themselves, and run the hook with what they did not expand.
  if (process.env.KNOCKGATE_HOOK_OFF || socketPath === '' || alias === '' || alias.includes('%')) leave();
  // What is connected by then is asked before it ends, also when this process had to wait for its turn until the time was over.
  setTimeout(() => setImmediate(leave), Math.max(END_AT_MS - performance.now(), ASK_AT_LEAST_MS));
  const socket = connect(socketPath, () => socket.write(`knock ${alias}\n`));
  socket.on('data', leave);
  socket.on('error', leave);
  socket.on('close', leave);
}

/**
 * Asks the extension to open a port, and resolves when it has answered: the port is open then, or will not open soon.
 * Resolves as well when nobody listens, and when the time is over. Never rejects.
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
