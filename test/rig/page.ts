import { readFileSync } from 'node:fs';

/** Commands that a page gives, in the order of the page. */
export interface Typed {
  /** Where they are typed. */
  readonly at: 'server' | 'client';
  /** A line each. */
  readonly commands: readonly string[];
}

/** The blocks of a page that begin with ```sh server or ```sh client. */
export function commandsOf(path: string): Typed[] {
  const blocks = readFileSync(path, 'utf8').matchAll(/^( *)```sh (server|client)\n([\s\S]*?)^ *```$/gm);
  return [...blocks].map(([, indent = '', at, text = '']) => ({
    at: at === 'server' ? 'server' : 'client',
    commands: text
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(indent.length)),
  }));
}
