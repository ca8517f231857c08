import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { concat } from '../../src/base/bytes.ts';
import { oneLine } from '../../src/base/printable.ts';
import { type Store, StoreFault } from './store.ts';

/** Milliseconds for one file, however slowly it drips. */
const PATIENCE = 10_000;

/** Bytes of files that are kept with their ETag. */
const MOST_KEPT = 16 * 1024 * 1024;

/** Bytes of a page that says that there is no such file. */
const MOST_OF_NO_INTEREST = 65_536;

interface Kept {
  readonly etag: string;
  readonly bytes: Uint8Array;
}

/**
 * An address that serves the layout. Only its certificate is checked. A redirect is refused: it could lead anywhere inside the network.
 * @param base ends with a slash
 * @param ca certificates in PEM that may have signed the server's; undefined: those that Node knows
 */
export function httpsStore(base: URL, ca: string | undefined, patience = PATIENCE): Store {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ca, rejectUnauthorized: true, minVersion: 'TLSv1.2' });
  const kept = new Map<string, Kept>();
  const keep = (file: string, etag: unknown, bytes: Uint8Array): void => {
    kept.delete(file);
    if (typeof etag !== 'string') return;
    kept.set(file, { etag, bytes });
    let total = 0;
    for (const each of kept.values()) total += each.bytes.length;
    // The oldest go first.
    for (const [name, each] of kept) {
      if (total <= MOST_KEPT) break;
      kept.delete(name);
      total -= each.bytes.length;
    }
  };
  const read = (file: string, most: number): Promise<Uint8Array | undefined> =>
    new Promise((resolve, reject) => {
      const before = kept.get(file);
      const refuse = (why: string) => reject(new StoreFault(file, why));
      const headers = { 'Accept-Encoding': 'identity', ...(before && { 'If-None-Match': before.etag }) };
      const asked = request(new URL(file, base), { agent, headers }, (response) => {
        const { statusCode: status = 0 } = response;
        if (status === 304 && before !== undefined) {
          response.resume();
          resolve(before.bytes);
        } else if (status === 404 || status === 410) {
          // Its page may be endless; the connection is kept for a short one.
          if (Number(response.headers['content-length'] ?? Number.NaN) <= MOST_OF_NO_INTEREST) response.resume();
          else asked.destroy();
          resolve(undefined);
        } else if (status !== 200) {
          asked.destroy();
          refuse(
            status >= 300 && status < 400 && status !== 304
              ? 'it is redirected, which is refused'
              : `the status is ${status}`,
          );
        } else {
          body(response, most).then(
            (bytes) => {
              keep(file, response.headers.etag, bytes);
              resolve(bytes);
            },
            (error: unknown) => {
              asked.destroy();
              refuse(error instanceof Error ? error.message : String(error));
            },
          );
        }
      });
      const clock = setTimeout(() => {
        asked.destroy();
        refuse(`it did not come within ${patience / 1000} s`);
      }, patience);
      asked.on('close', () => clearTimeout(clock));
      asked.on('error', (error) => refuse(oneLine(error.message, 200)));
      asked.end();
    });
  return { name: base.origin, read };
}

async function body(response: IncomingMessage, most: number): Promise<Uint8Array> {
  const { 'content-encoding': encoding, 'content-length': length } = response.headers;
  if (encoding !== undefined && encoding !== 'identity') throw new Error('it is compressed, which was not asked for');
  const tooLong = `it is longer than ${most} bytes`;
  if (Number(length ?? 0) > most) throw new Error(tooLong);
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const part of response) {
    if (!(part instanceof Uint8Array)) continue;
    total += part.length;
    if (total > most) throw new Error(tooLong);
    parts.push(part);
  }
  return concat(...parts);
}
