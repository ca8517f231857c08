// node tcp-watch.mjs HOST PORT: tries the port again and again, and prints "open MILLISECONDS" or "shut MILLISECONDS" for each
// try, by the wall clock. Ended by a signal.
import { connect } from 'node:net';

const [host, port] = process.argv.slice(2);
const PATIENCE = 150;
const PAUSE = 15;

function attempt() {
  const at = Date.now();
  const socket = connect({ host, port: Number(port) });
  const done = (word) => {
    socket.destroy();
    process.stdout.write(`${word} ${at}\n`);
    setTimeout(attempt, PAUSE);
  };
  socket.setTimeout(PATIENCE, () => done('shut'));
  socket.once('connect', () => done('open'));
  socket.once('error', () => done('shut'));
}

attempt();
