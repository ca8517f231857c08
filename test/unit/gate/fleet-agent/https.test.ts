import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect } from '../../../../server-helper/fleet-agent/collect.ts';
import { httpsStore } from '../../../../server-helper/fleet-agent/https-store.ts';
import { layParcel, serveFolder, tokenOf } from '../../../rig/fleet-store.ts';
import { certificateIn, listening } from './certificate.ts';
import { present } from './sets.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let folder: string;
let pair: { key: string; cert: string };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kg-https-'));
  pair = certificateIn(folder);
  layParcel(join(folder, 'store'), 'web1', present);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A store that answers so. */
async function at(answer: Handler, patience?: number) {
  return httpsStore(await listening(createServer(pair, answer)), pair.cert, patience);
}

describe('a store over HTTPS', () => {
  it('gives all of a gate, and what has not changed only once', async () => {
    const statuses: number[] = [];
    const serve = serveFolder(join(folder, 'store'));
    const store = await at((request, response) => {
      serve(request, response);
      statuses.push(response.statusCode);
    });
    const collector = { gate: 'web1', token: tokenOf('web1') };
    const files = (status: number) => statuses.filter((each) => each === status).length;
    expect(await collect(store, collector, () => 0)).toEqual(present);
    expect([files(200), files(304)]).toEqual([12, 0]);
    expect(await collect(store, collector, () => 0)).toEqual(present);
    expect([files(200), files(304)]).toEqual([12, 12]);
  });

  it('is held up by no more than the longest time for everything', async () => {
    let time = 0;
    const store = await at(serveFolder(join(folder, 'store')));
    const collecting = collect(store, { gate: 'web1', token: tokenOf('web1') }, () => (time += 10_000));
    await expect(collecting).rejects.toThrow('everything together took more than 30 s');
  });

  it('may not have a certificate that nobody vouches for', async () => {
    const base = await listening(createServer(pair, (_, response) => response.end('x')));
    await expect(httpsStore(base, undefined).read('latest', 100)).rejects.toThrow(/latest: self.signed certificate/);
  });

  const refused: Record<string, [Handler, string]> = {
    'a redirect': [
      (_, response) => response.writeHead(302, { Location: 'https://127.0.0.1:1/' }).end(),
      'it is redirected, which is refused',
    ],
    'a fault of the server': [(_, response) => response.writeHead(500).end(), 'the status is 500'],
    'an answer "unchanged" to somebody who has nothing': [
      (_, response) => response.writeHead(304).end(),
      'the status is 304',
    ],
    'a length above the limit': [
      (_, response) => response.writeHead(200, { 'Content-Length': 101 }).end(Buffer.alloc(101)),
      'it is longer than 100 bytes',
    ],
    'more bytes than the limit, without a length': [
      (_, response) => response.end(Buffer.alloc(101)).on('error', () => {}),
      'it is longer than 100 bytes',
    ],
    'a compressed file': [
      (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('x'),
      'it is compressed, which was not asked for',
    ],
    'half a file': [
      (_, response) => {
        response.writeHead(200, { 'Content-Length': 20 }).write('root 1\n');
        setImmediate(() => response.destroy());
      },
      'aborted',
    ],
    silence: [() => {}, 'it did not come within 0.2 s'],
    'a file that drips': [
      (_, response) => {
        const drip = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(drip));
      },
      'it did not come within 0.2 s',
    ],
  };
  for (const [name, [answer, why]] of Object.entries(refused))
    it(`may not give ${name}`, async () => {
      const store = await at(answer, 200);
      await expect(store.read('latest', 100)).rejects.toThrow(`latest: ${why}`);
    });

  it('has no file where it says so, however long its page is', async () => {
    const endless = await at((_, response) => {
      response.writeHead(404);
      const more = (): void => {
        while (response.write(Buffer.alloc(65_536)));
        response.once('drain', more);
      };
      more();
    });
    expect(await endless.read('latest', 100)).toBeUndefined();
  });
});
