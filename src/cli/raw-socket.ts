import { spawn } from 'node:child_process';
import { delimiter, isAbsolute } from 'node:path';
import { text } from 'node:stream/consumers';
import { getSystemErrorMap } from 'node:util';
import { concat } from '../base/bytes.ts';
import { rawNeedsRoot, rawProgramFailed, rawProgramMissing } from '../client/fwknop/problems.ts';
import { findProgram } from '../os/find-program.ts';
import { systemErrorCode } from '../os/system-error.ts';

/** A segment for a raw socket. */
export interface RawSending {
  /** IPv4 addresses, 4 bytes each. */
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** Protocol of IPv4: 1, 6 or 17. */
  readonly protocol: number;
  readonly segment: Uint8Array;
}

/**
 * Node opens no raw sockets, and this project has no native code; but every Debian and nearly every other system has one of these.
 * They read from stdin: 4 bytes source, 4 bytes target, 1 byte protocol, the segment. They print their last step and the number of
 * its error: `sent 0` when all is well.
 */
const PROGRAMS: readonly (readonly string[])[] = [
  [
    'perl',
    '-e',
    `use strict; use Socket;
binmode STDIN; local $/;
my ($from, $to, $protocol, $segment) = unpack 'a4 a4 C a*', <STDIN>;
sub ended { print "$_[0] ", $_[1] + 0, "\\n"; exit 0 }
socket(my $socket, AF_INET, SOCK_RAW, $protocol) or ended('socket', $!);
bind($socket, pack_sockaddr_in(0, $from)) or ended('bind', $!);
defined send($socket, $segment, 0, pack_sockaddr_in(0, $to)) or ended('send', $!);
ended('sent', 0);`,
  ],
  [
    'python3',
    '-I',
    '-c',
    `import socket, sys
given = sys.stdin.buffer.read()
step = 'socket'
try:
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, given[8])
    step = 'bind'
    raw.bind((socket.inet_ntoa(given[:4]), 0))
    step = 'send'
    raw.sendto(given[9:], (socket.inet_ntoa(given[4:8]), 0))
    print('sent 0')
except OSError as error:
    print(step, error.errno)`,
  ],
];

/**
 * Sends a segment through a raw socket, by perl or python3, whichever is there.
 * @param path `PATH`: the only thing of the environment that they get
 * @throws Problem `raw-socket-refused`, `program-missing`, `program-failed`; the system's error when the segment cannot be sent
 */
export async function sendRaw(sending: RawSending, path: string | undefined): Promise<void> {
  const input = concat(sending.from, sending.to, Uint8Array.of(sending.protocol), sending.segment);
  for (const program of PROGRAMS) {
    const said = await runWith(program, input, path);
    if (said !== undefined) return judge(program[0] ?? '', said);
  }
  throw rawProgramMissing();
}

interface Said {
  readonly out: string;
  readonly err: string;
}

/** Runs one of these programs; undefined when it is not installed. */
async function runWith(
  [name = '', ...args]: readonly string[],
  input: Uint8Array,
  path = '',
): Promise<Said | undefined> {
  const env = { PATH: whole(path), LC_ALL: 'C' };
  const program = findProgram(name, { platform: process.platform, env });
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // The program may end before it has read its input.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  try {
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { out, err };
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Removes relative folders from a path: an empty entry, or a path without any, would be the folder that root happens to be in. */
function whole(path: string): string {
  return path.split(delimiter).filter(isAbsolute).join(delimiter) || '/usr/bin:/bin';
}

function judge(program: string, { out, err }: Said): void {
  const [, step, digits] = /^(socket|bind|send|sent) ([0-9]{1,4})\n$/.exec(out) ?? [];
  if (step === undefined) throw rawProgramFailed(program, err.trim());
  if (step === 'sent') return;
  const [code = `errno ${digits}`] = getSystemErrorMap().get(-Number(digits)) ?? [];
  if (step === 'socket') throw rawNeedsRoot(code);
  throw Object.assign(new Error(`${step} ${code}`), { code, syscall: step });
}
