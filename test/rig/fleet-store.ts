import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { fieldsOf, parseJson } from '../../src/base/loose-json.ts';
import { readRevocation, readRoot } from '../../src/fleet/documents.ts';
import {
  formatLatest,
  headFile,
  headSignature,
  LATEST,
  listFile,
  partFile,
  revocationFile,
  revocationSignature,
  rootFile,
  rootSignature,
} from '../../src/fleet/layout.ts';
import type { Parcel } from '../../src/fleet/parcel.ts';
import { hashOf } from './fleet-org.ts';

/** Token under which tests lay a gate's part. */
export const tokenOf = (gate: string): string => createHash('sha256').update(`token ${gate}`).digest('base64url');

/** Lays what a gate is to be offered into a folder, beside what is there. Signatures lie under the people of the root, in their order. */
export function layParcel(folder: string, gate: string, parcel: Parcel): void {
  const write = (file: string, text: string): void => {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const people: string[] = [];
  parcel.roots.forEach(({ text, signatures }, i) => {
    people.splice(0, people.length, ...readRoot(text).people.map(({ id }) => id));
    write(rootFile(i + 1), text);
    signatures.forEach((signature, s) => {
      write(rootSignature(i + 1, people[s] ?? ''), signature);
    });
  });
  const head = Number(fieldsOf(parseJson(parcel.head.text)).number);
  write(headFile(head), parcel.head.text);
  parcel.head.signatures.forEach((signature, s) => {
    write(headSignature(head, people[s] ?? ''), signature);
  });
  write(listFile(hashOf(parcel.list)), parcel.list);
  for (const part of [parcel.gate, ...parcel.teams]) write(partFile(tokenOf(gate), hashOf(part)), part);
  for (const { text, signatures } of parcel.revs) {
    const { key, number } = readRevocation(text);
    write(revocationFile(key, number), text);
    write(revocationSignature(key, number), signatures[0] ?? '');
  }
  write(LATEST, formatLatest({ root: parcel.roots.length, head }));
}

/** Serves a folder as a plain web server does, with ETags. */
export function serveFolder(folder: string) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const path = join(folder, request.url ?? '');
    if (!existsSync(path) || !statSync(path).isFile()) {
      response.writeHead(404, { 'Content-Length': 3 }).end('no\n');
      return;
    }
    const bytes = readFileSync(path);
    const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`;
    if (request.headers['if-none-match'] === etag) response.writeHead(304, { ETag: etag }).end();
    else response.writeHead(200, { ETag: etag, 'Content-Length': bytes.length }).end(bytes);
  };
}
