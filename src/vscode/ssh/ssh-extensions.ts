import { type Extension, extensions } from 'vscode';

/**
 * An extension that opens windows over SSH, as public sources describe it. Only Open Remote - SSH was run with this one;
 * docs/editors.md names the source of each row.
 */
export interface SshExtension {
  readonly id: string;
  /** Name in the Extensions view, or the end of the id where no public source has the name. */
  readonly name: string;
  /** Sections of its settings: the newer name first. */
  readonly sections: readonly string[];
  /** Whether ssh reads the file of its setting `configFile`; otherwise only the list of hosts comes from there. */
  readonly sshReadsConfigFile: boolean;
  /** Whether the editor includes it, so that no gallery has it. */
  readonly isBundled: boolean;
  /** Editors that use it, by the scheme of their links: `env.uriScheme`. */
  readonly editors: readonly string[];
}

export const SSH_EXTENSIONS: readonly [SshExtension, ...SshExtension[]] = [
  {
    id: 'jeanp413.open-remote-ssh',
    name: 'Open Remote - SSH',
    sections: ['remote.SSH'],
    sshReadsConfigFile: true,
    isBundled: false,
    editors: ['vscodium', 'vscodium-insiders', 'positron', 'code-oss'],
  },
  {
    id: 'ms-vscode-remote.remote-ssh',
    name: 'Remote - SSH',
    sections: ['remote.SSH'],
    sshReadsConfigFile: true,
    isBundled: false,
    editors: ['vscode', 'vscode-insiders'],
  },
  {
    id: 'anysphere.remote-ssh',
    name: 'Remote - SSH',
    sections: ['remote.SSH'],
    sshReadsConfigFile: true,
    isBundled: true,
    editors: ['cursor'],
  },
  {
    id: 'codeium.windsurf-remote-openssh',
    name: 'windsurf-remote-openssh',
    sections: ['remote.devinSSH', 'remote.windsurfSSH'],
    sshReadsConfigFile: false,
    isBundled: true,
    editors: ['windsurf', 'windsurf-next', 'devin'],
  },
  {
    id: 'google.antigravity-remote-openssh',
    name: 'antigravity-remote-openssh',
    sections: ['remote.antigravitySSH'],
    sshReadsConfigFile: false,
    isBundled: true,
    editors: ['antigravity'],
  },
];

/** Installed extension, with the editor's own record of it. */
export interface InstalledSshExtension extends SshExtension {
  readonly extension: Extension<unknown>;
}

const OWN_ID = 'knockgate.knockgate';
const RESOLVES_SSH = 'onResolveRemoteAuthority:ssh-remote';

/**
 * Finds the extension that opens this editor's windows over SSH: one of the table, or else any that resolves `ssh-remote`. Called
 * before the packet is sent, so the usual case is a few lookups by id.
 */
export function installedSshExtension(): InstalledSshExtension | undefined {
  for (const known of SSH_EXTENSIONS) {
    const extension = extensions.getExtension(known.id);
    if (extension !== undefined) return { ...known, extension };
  }
  const other = extensions.all.find(resolvesSsh);
  if (other === undefined) return undefined;
  const [{ sections }] = SSH_EXTENSIONS;
  return {
    id: other.id,
    name: other.id,
    sections,
    sshReadsConfigFile: true,
    isBundled: false,
    editors: [],
    extension: other,
  };
}

/**
 * SSH extension to install, or to enable, in an editor that has none.
 * @param uriScheme `env.uriScheme`
 */
export function sshExtensionFor(uriScheme: string): SshExtension {
  const scheme = uriScheme.toLowerCase();
  // An unknown editor is most likely a build of the open source code, with Open VSX as its gallery.
  return SSH_EXTENSIONS.find(({ editors }) => editors.includes(scheme)) ?? SSH_EXTENSIONS[0];
}

function resolvesSsh({ id, packageJSON }: Extension<unknown>): boolean {
  const events: unknown = packageJSON?.activationEvents;
  return id.toLowerCase() !== OWN_ID && Array.isArray(events) && events.includes(RESOLVES_SSH);
}
