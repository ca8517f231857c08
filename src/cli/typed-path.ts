import { join } from 'node:path';

/** A path that somebody typed where no shell has replaced `~/` by the home folder. */
export function typedPath(text: string, homeFolder: string): string {
  return /^~[/\\]/.test(text) ? join(homeFolder, text.slice(2)) : text;
}
