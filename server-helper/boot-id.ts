import { readFileSync } from 'node:fs';

/** Id of a boot, as in random(4): a UUID with or without hyphens, as systemd writes it (`%b`). */
const UUID = /^[0-9a-f]{8}(-?)(?:[0-9a-f]{4}\1){3}[0-9a-f]{12}$/;

/**
 * Id of this boot: 16 bytes. The unit passes it, since it hides `/proc/sys` from the daemon.
 * @returns undefined when it is unknown
 */
export function bootId(environment: NodeJS.ProcessEnv): Uint8Array | undefined {
  return parseBootId(environment.KNOCKGATE_BOOT_ID ?? readBootId());
}

/** @returns undefined for a text that is not the id of a boot */
export function parseBootId(text: string): Uint8Array | undefined {
  const id = text.trim();
  return UUID.test(id) ? Uint8Array.from(Buffer.from(id.replaceAll('-', ''), 'hex')) : undefined;
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1');
  } catch {
    return '';
  }
}
