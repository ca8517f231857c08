import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Reason why a file cannot be made or replaced at a path; undefined when it can, as far as this is known beforehand. */
export function whyNotThere(path: string): string | undefined {
  if (existsSync(path) && statSync(path).isDirectory()) return `${path} is a folder: name a file in it.`;
  const folder = dirname(resolve(path));
  if (!existsSync(folder)) return `The folder ${folder} does not exist.`;
  if (!statSync(folder).isDirectory()) return `${folder} is not a folder.`;
  try {
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch {
    return `The folder ${folder} cannot be written.`;
  }
}
