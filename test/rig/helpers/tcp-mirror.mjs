// node tcp-mirror.mjs PORT: tells each connection the address that it comes from, and sends back whatever it says. Ended by a signal.
import { createServer } from 'node:net';

createServer((socket) => {
  socket.on('error', () => {});
  socket.write(`${socket.remoteAddress.replace('::ffff:', '')}\n`);
  socket.pipe(socket);
}).listen(Number(process.argv[2]), '::', () => process.stdout.write('up\n'));
