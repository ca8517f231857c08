import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldsOf, parseJson } from '../base/loose-json.ts';
import type { GateFiles } from './installed-files.ts';
import { gateFilesMissing } from './problems.ts';

/*
 * The part of the client that sets up gates: a bundle of its own, dist/deploy.js, since it brings the ssh2 library along
 * and is needed once for each host. The command line and the editor load it when they are asked to.
 */
export { speak } from '../base/phrase.ts';
export { askGate } from './ask-gate.ts';
export { loginTo } from './connection/open.ts';
export { deploy } from './deploy.ts';
export { deviceOf } from './device.ts';
export { connectToGate } from './gate-connection.ts';
export { CLOCK_OFF } from './preflight/findings.ts';
export { removeGate } from './remove.ts';
export { rotateGateKey } from './rotate.ts';
export { RecoveryFile } from './second-way/recovery-file.ts';

/**
 * Reads the files that the build has packed for targets.
 * @param folder where the programs are
 * @throws Problem `gate-files-missing`
 */
export function readGateFiles(folder: string): GateFiles {
  const path = join(folder, 'gate-files.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw gateFilesMissing(folder);
  }
  const { version, library, beside, systemd, table } = fieldsOf(parseJson(text));
  if (typeof version !== 'string' || typeof library !== 'object' || typeof table !== 'string')
    throw gateFilesMissing(folder);
  const libraries = { ...textsOf(library), ...librariesOf(folder, Array.isArray(beside) ? beside : []) };
  return { version, table, library: libraries, systemd: textsOf(systemd) };
}

/** Reads the libraries that are files of their own here as well. */
function librariesOf(folder: string, names: readonly unknown[]): Record<string, string> {
  try {
    return Object.fromEntries(names.map((name) => [String(name), readFileSync(join(folder, String(name)), 'utf8')]));
  } catch {
    throw gateFilesMissing(folder);
  }
}

function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(fieldsOf(value)).map(([name, content]) => [name, String(content)]));
}
