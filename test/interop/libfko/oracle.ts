import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DIGEST_NAMES, type Digest, type Mode } from '../../../src/fwknop/algorithms.ts';
import type { PacketKeys } from '../../../src/fwknop/packet.ts';
import { scratch } from '../../rig/cleanup.ts';
import { must } from '../../rig/process.ts';

/** libfko's numbers of modes. */
const MODE_NUMBER: Record<Mode, number> = { ecb: 1, cbc: 2, cfb: 3, ofb: 5, ctr: 6, legacy: 8 };
const SOURCE = fileURLToPath(new URL('fko-oracle.c', import.meta.url));

/** A packet and the keys that it is to be read with. */
export interface Question {
  readonly keys: PacketKeys;
  readonly packet: string;
}

/** Fields that libfko read in a packet. */
export interface Read {
  readonly random: string;
  readonly user: string;
  readonly timestamp: number;
  readonly version: string;
  readonly type: number;
  readonly message: string;
  readonly nat: string | null;
  readonly serverAuth: string | null;
  readonly timeout: number;
  readonly digest: Digest;
}

/** libfko's answer: what it read, or its error code. */
export type Answer = Read | { readonly error: number };

/** Has libfko read packets, all in one process, which is compiled for it. */
export async function askLibfko(questions: readonly Question[]): Promise<Answer[]> {
  const { dir, discard } = scratch('libfko');
  try {
    const program = join(dir, 'oracle');
    await must(['cc', '-O1', '-Wall', '-Wextra', '-Werror', '-o', program, SOURCE, '-lfko']);
    const lines = await through(program, questions.map(lineOf).join(''));
    if (lines.length !== questions.length) throw new Error(`${lines.length} answers to ${questions.length} questions`);
    return lines.map(answerOf);
  } finally {
    discard();
  }
}

function lineOf({ keys, packet }: Question): string {
  const hmac = keys.hmac === undefined ? 0 : DIGEST_NAMES.indexOf(keys.hmac.digest) + 1;
  // libfko lengthens a key of the legacy mode, but leaves it to its callers to shorten one.
  const key = keys.mode === 'legacy' ? keys.key.subarray(0, 16) : keys.key;
  return `${MODE_NUMBER[keys.mode]} ${hmac} ${hexOf(key)} ${hexOf(keys.hmac?.key)} ${packet}\n`;
}

function through(program: string, input: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0) reject(new Error(`the oracle ended with ${code}`));
      else resolve(Buffer.concat(chunks).toString('latin1').trimEnd().split('\n'));
    });
    child.stdin.end(input);
  });
}

function answerOf(line: string): Answer {
  const [error, random = '', user = '', time, version = '', type, message = '', nat = '', auth = '', timeout, digest] =
    line.split(' ');
  if (error !== '0') return { error: Number(error) };
  return {
    random: textOf(random) ?? '',
    user: textOf(user) ?? '',
    timestamp: Number(time),
    version: textOf(version) ?? '',
    type: Number(type),
    message: textOf(message) ?? '',
    nat: textOf(nat),
    serverAuth: textOf(auth),
    timeout: Number(timeout),
    digest: DIGEST_NAMES[Number(digest) - 1] ?? 'md5',
  };
}

function hexOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined || bytes.length === 0 ? '-' : Buffer.from(bytes).toString('hex');
}

function textOf(hex: string): string | null {
  return hex === '-' ? null : Buffer.from(hex, 'hex').toString('latin1');
}
