import { connect } from 'node:net';

/*
 * What ssh runs before it connects, by way of the script of src/ssh/hook/script.ts: `ssh-hook.cjs SOCKET ALIAS`. Asks the
 * running extension to knock at that host, and waits a little. Loads nothing that it does not need, since every ssh
 * waits for it.
 */

/** Since this process began. Together with the shell around it, it stays below 200 ms. */
const END_AT_MS = 140;
/** To hand over the question, on a computer so slow that the time is over before anything was done. */
const ASK_AT_LEAST_MS = 30;

// Whatever goes wrong: ssh goes on, and its own error is the one to see.
const leave = () => process.exit(0);
process.on('uncaughtException', leave);

const [socketPath = '', alias = ''] = process.argv.slice(2);
// Some programs read the configuration themselves, and run the hook with what they did not expand.
if (process.env.KNOCKGATE_HOOK_OFF || socketPath === '' || alias === '' || alias.includes('%')) leave();

// What is connected by then is asked before it ends, also when this process had to wait for its turn until the time was over.
setTimeout(() => setImmediate(leave), Math.max(END_AT_MS - performance.now(), ASK_AT_LEAST_MS));
const socket = connect(socketPath, () => socket.write(`knock ${alias}\n`));
socket.on('data', leave);
socket.on('error', leave);
socket.on('close', leave);
