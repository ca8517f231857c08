import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as esbuild from 'esbuild';
import type { Home } from '../rig/editor/home.ts';
import type { MadeUpExtension } from '../rig/editor/vsix.ts';

/** Something that the extension did in a window; `at` is unix milliseconds, with a fraction. */
export interface SshEvent {
  at: number;
  /**
   * `resolving`: the editor asks for a connection; `ran`: a command of `Match exec`; `connecting`: the configuration is
   * read; then `logged in` or `failed`.
   */
  event: 'resolving' | 'ran' | 'connecting' | 'logged in' | 'failed';
  /** Of the window's extension host. */
  pid: number;
  authority?: string;
  attempt?: number;
  command?: string;
  message?: string;
  /** How long that took, in milliseconds. */
  ms?: number;
  /** Output of a command on the other side after the login. */
  said?: string;
}

/** An extension that opens windows over SSH as Open Remote - SSH does, under its name. */
export async function openRemoteSsh(): Promise<MadeUpExtension> {
  const { outputFiles } = await esbuild.build({
    entryPoints: [resolve('test/workbench/open-remote-ssh/program.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    // ssh2 does without its native parts.
    external: ['vscode', 'cpu-features', '*.node'],
    logLevel: 'warning',
  });
  return {
    publisher: 'jeanp413',
    name: 'open-remote-ssh',
    manifest: {
      activationEvents: ['onResolveRemoteAuthority:ssh-remote', 'onFileSystem:rig'],
      enabledApiProposals: ['resolvers'],
      extensionKind: ['ui'],
    },
    main: outputFiles[0]?.text ?? '',
  };
}

/** Events so far, in all windows. */
export function sshEvents(home: Home): SshEvent[] {
  try {
    const lines = readFileSync(join(home.folder, 'ssh-events.jsonl'), 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as SshEvent);
  } catch {
    // Nothing has happened yet.
    return [];
  }
}
