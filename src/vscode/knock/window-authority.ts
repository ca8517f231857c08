import { createRequire } from 'node:module';
import { join } from 'node:path';
import { extensions } from 'vscode';
import { installedSshExtension, SSH_EXTENSIONS } from '../ssh/ssh-extensions.ts';

/** Longest authority: longer than any that an editor would make. */
const LONGEST = 4096;

/**
 * The authority of this window, such as `ssh-remote+prod`: the only thing that says where an empty window goes.
 *
 * The editor shows it to extensions with the proposed API `resolvers`, as `env.remoteAuthority`. It tells who asks by the
 * file that loads the module `vscode`. So the module is loaded from the folder of an extension that has this API: the one
 * that opens windows over SSH. When several are installed, the editor may refuse it to some.
 * @returns undefined where the editor refuses. Anything else is text from outside.
 */
export function windowAuthority(): string | undefined {
  const known = SSH_EXTENSIONS.map(({ id }) => extensions.getExtension(id));
  for (const extension of [...known, installedSshExtension()?.extension]) {
    if (extension === undefined) continue;
    const authority = authoritySeenFrom(extension.extensionPath);
    if (authority !== undefined) return authority;
  }
  return undefined;
}

function authoritySeenFrom(extensionPath: string): string | undefined {
  try {
    const api: unknown = createRequire(join(extensionPath, 'package.json'))('vscode');
    const authority = property(property(api, 'env'), 'remoteAuthority');
    return typeof authority === 'string' && authority !== '' && authority.length <= LONGEST ? authority : undefined;
  } catch {
    // Without the proposed API the property throws; an editor may also refuse to load a module in this way.
    return undefined;
  }
}

/** Reads one property and no other: those beside it throw if their own proposed API is missing. */
function property(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
}
