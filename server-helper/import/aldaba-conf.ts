import type { Note } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';
import { wholeLines } from './program-lines.ts';

/** A line of aldabad.conf or aldaba.conf. */
export interface AldabaSetting {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

const BOTH = 'passphrase technique target-ports ip-version cipher field auth interface verbosity ssh-cookie';
const NAMES = {
  server: new Set(`${BOTH} daemonize promiscuous bpf-filter`.split(' ')),
  client: new Set(`${BOTH} hostname authorized-ip source-ip port action forward-ip resolve-ip noise decoys`.split(' ')),
};
const LINE = /^([A-Za-z][A-Za-z-]*)(?:\s*=\s*|\s+)(?:'([^']*)'|"([^"]*)"|([^\s'"#]+))\s*(?:#.*)?$/;
/** Length from which Aldaba cannot read a line. */
const LONGEST_LINE = 2048;

/**
 * Reads a configuration of Aldaba, strictly: Aldaba itself stops at a line that is malformed, and ignores names that it does not know.
 * @returns undefined when a line is not understood, which is noted; no value is in a note
 */
export function readAldabaConf(text: string, side: keyof typeof NAMES, note: Note): AldabaSetting[] | undefined {
  const settings: AldabaSetting[] = [];
  let isWhole = true;
  for (const { line, text: whole } of wholeLines(text)) {
    const trimmed = whole.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const found = trimmed.length < LONGEST_LINE ? LINE.exec(trimmed) : null;
    const name = found?.[1]?.toLowerCase() ?? '';
    const value = found?.[2] ?? found?.[3] ?? found?.[4] ?? '';
    if (found === null) note(line, phrase('this line is malformed, and Aldaba reads nothing behind it'));
    else if (!NAMES[side].has(name)) note(line, phrase('{0} is not a setting of Aldaba', name));
    else settings.push({ name, value, line });
    isWhole &&= found !== null && NAMES[side].has(name);
  }
  return isWhole ? settings : undefined;
}

/** The last setting of a name, which counts. */
export function lastSetting(settings: readonly AldabaSetting[], name: string): AldabaSetting | undefined {
  return settings.findLast((each) => each.name === name);
}
