/** Node that is copied from an editor's server, where the system has none. */
export const OWN_NODE = '/usr/lib/knockgate/node';
/** Record of the deployments here, for later ones and for the removal. */
export const MANIFEST = '/usr/lib/knockgate/manifest.json';
export const CONFIG_FOLDER = '/etc/knockgate';
/** Folder of the pre-shared keys that deployments have made, one file for each client. */
export const PSK_FOLDER = '/etc/knockgate/psk';
export const CONFIG = '/etc/knockgate/gate.toml';
export const STATE_FOLDER = '/var/lib/knockgate';
export const LIBRARY_FOLDER = '/usr/lib/knockgate';
export const SERVICE = 'knockgate.service';
/** File that says that the gate is on trial, and until when. */
export const TRIAL = '/run/knockgate-trial';

/** Script that restores the previous version after an upgrade that nobody confirms. It exists only while that can happen. */
export const ROLLBACK_SCRIPT = '/usr/lib/knockgate/rollback';

/** A file that a deployment puts on a target. */
export interface TargetFile {
  readonly path: string;
  /** As chmod takes it. */
  readonly mode: string;
  readonly text: string;
}

/** Files that the build packs for targets, by their names, and the table of rules. */
export interface GateFiles {
  readonly version: string;
  /** Daemon, the parts and libraries that it loads when it needs them, and its manual. */
  readonly library: Readonly<Record<string, string>>;
  /** Files of `server-helper/systemd`. */
  readonly systemd: Readonly<Record<string, string>>;
  /** Script that makes the gate's table with the usual configuration, for a target's nft to check. */
  readonly table: string;
}

/** Folder for a package's units: systemd.unit(5). */
export const UNIT_FOLDER = '/usr/lib/systemd/system';

/** Places for the files of `server-helper/systemd`, by the ends of their names; hier(7), sysusers.d(5), tmpfiles.d(5). */
const PLACES: readonly (readonly [end: string, folder: string, mode: string])[] = [
  ['.service', UNIT_FOLDER, '0644'],
  ['.socket', UNIT_FOLDER, '0644'],
  ['.sysusers', '/usr/lib/sysusers.d', '0644'],
  ['.tmpfiles', '/usr/lib/tmpfiles.d', '0644'],
];

/** Folder of the program that people call: it has no extension, and is executable. */
const LAUNCHER_FOLDER = '/usr/sbin';

/**
 * Lists the files of a target, each with its place and mode. All belong to root.
 * @param withoutService leaves out what only systemd reads
 */
export function targetFiles({ library, systemd }: GateFiles, withoutService = false): TargetFile[] {
  const programs = Object.entries(library).map(([name, text]) => {
    return { path: `${LIBRARY_FOLDER}/${name}`, mode: '0644', text };
  });
  const isWanted = ([name]: [string, string]) => !withoutService || PLACES.every(([end]) => !name.endsWith(end));
  const others = Object.entries(systemd)
    .filter(isWanted)
    .map(([name, text]) => {
      const place = PLACES.find(([end]) => name.endsWith(end));
      if (place === undefined) return { path: `${LAUNCHER_FOLDER}/${name}`, mode: '0755', text };
      const [, folder, mode] = place;
      // systemd knows a unit's kind by its extension; sysusers.d and tmpfiles.d read only .conf.
      const file = folder === UNIT_FOLDER ? name : name.replace(/\.[a-z]+$/, '.conf');
      return { path: `${folder}/${file}`, mode, text };
    });
  return [...programs, ...others];
}
