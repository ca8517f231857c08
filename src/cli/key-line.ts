import { usualName } from '../client/key-name.ts';
import type { CryptoProvider } from '../spa/crypto.ts';
import { formatClientLine, parseName } from '../spa/enrolment.ts';
import type { Arguments } from './command.ts';
import type { Shell } from './shell.ts';

/** The public half of a key as the gate's administrator takes it. */
export interface KeyLine {
  readonly name: string;
  readonly key: Uint8Array;
  /** `knockgate1 client KEY NAME` */
  readonly line: string;
}

/**
 * The enrolment line of a private key.
 * @param name `--name`, checked already
 */
export function keyLine(crypto: CryptoProvider, privateKey: Uint8Array, name: string): KeyLine {
  const key = crypto.publicKey(privateKey);
  return { name, key, line: formatClientLine({ key, name }) };
}

/**
 * The name that a key is enrolled under: `--name`, else user and computer.
 * @throws Problem `bad-text` when `--name` cannot be a name
 */
export function keyName(args: Arguments, shell: Shell): string {
  const asked = args.value('name');
  if (asked !== undefined) return parseName(asked, '--name');
  return usualName(shell.userName(), shell.hostName());
}
