import { createConnection } from 'node:net';
import { sendOverTcp } from './knock.ts';

/** Sends a packet over a connection of its own. */
export const sendTcp = sendOverTcp((host, port) => createConnection({ host, port }));
