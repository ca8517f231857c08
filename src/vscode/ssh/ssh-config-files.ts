import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import {
  type ConfigFiles,
  type ConfigLocation,
  isConditional,
  linesOf,
  listAliases,
} from '../../ssh/config-aliases.ts';
import { globPart, isGlob } from '../../ssh/glob.ts';
import { sshConfigFileSetting, sshExtensionSetting } from './ssh-extension-settings.ts';

/** Facts of this computer that decide where SSH configurations are. */
export interface Computer {
  readonly homeFolder: string;
  /** Home folder that ssh uses, whatever HOME says. */
  readonly sshHome: string;
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Lists the hosts that this person can connect to by name: those of the person's SSH configuration, then the computer's. */
export function sshAliases(computer: Computer): string[] {
  const places = [ownConfig(computer), computersConfig(computer)];
  return [...new Set(places.flatMap((place) => listAliases(place, diskFiles)))];
}

/** SSH configurations as they were when they were read: the routes to hosts follow from them. */
export interface SshConfigs {
  /** Files and folders that were read, each with the result of `stampOf` just before. */
  readonly seen: ReadonlyMap<string, string>;
  /** Whether the route to a host may change with time: see `isConditional`. */
  readonly isConditional: boolean;
}

/**
 * Reads the SSH configurations with all files that they include.
 * @param paths paths of this person's configurations
 * @param leaveOut file that is not read
 */
export function readSshConfigs(paths: readonly string[], computer: Computer, leaveOut: string): SshConfigs {
  const places = [...paths.map((path) => placeOf(path, computer)), computersConfig(computer)];
  const seen = new Map<string, string>();
  const note = (path: string) => seen.has(path) || seen.set(path, stampOf(path));
  const files: ConfigFiles = {
    read: (path) => {
      if (path === leaveOut) return undefined;
      note(path);
      return diskFiles.read(path);
    },
    expand: (pattern) => expandOnDisk(pattern, note),
  };
  return { isConditional: isConditional(places.flatMap((place) => linesOf(place, files))), seen };
}

/** Whether a file of the configurations, or the names in an included folder, may have changed since they were read. */
export function haveChanged({ seen }: SshConfigs): boolean {
  return [...seen].some(([path, stamp]) => stampOf(path) !== stamp);
}

/**
 * Text that changes when the file is written or replaced, or when a name is added to the folder or removed; empty when it does not
 * exist.
 */
function stampOf(path: string): string {
  try {
    const { mtimeNs, ctimeNs, size, ino } = statSync(path, { bigint: true });
    return [mtimeNs, ctimeNs, size, ino].join();
  } catch {
    return '';
  }
}

/** Path of `~/.ssh/config`, or of the file that the editor's SSH extension uses. */
export function ownConfigPath({ homeFolder, sshHome }: Computer): string {
  const named = sshExtensionSetting('configFile');
  return named === undefined ? join(sshHome, '.ssh', 'config') : fromHome(named, homeFolder);
}

/** Command line of ssh, as the editor's SSH extension starts it. */
export function sshCommand({ homeFolder }: Computer): [program: string, ...options: string[]] {
  const file = sshConfigFileSetting();
  const options = file === undefined ? [] : ['-F', fromHome(file, homeFolder)];
  return [sshExtensionSetting('path') ?? 'ssh', ...options];
}

function fromHome(path: string, homeFolder: string): string {
  return path.replace(/^~(?=[/\\])/, () => homeFolder);
}

function ownConfig(computer: Computer): ConfigLocation {
  return placeOf(ownConfigPath(computer), computer);
}

function placeOf(path: string, { sshHome }: Computer): ConfigLocation {
  return { path, includesFrom: join(sshHome, '.ssh'), homeFolder: sshHome };
}

function computersConfig({ sshHome, platform, env }: Computer): ConfigLocation {
  const folder = platform === 'win32' ? join(env.PROGRAMDATA ?? 'C:\\ProgramData', 'ssh') : '/etc/ssh';
  return { path: join(folder, 'ssh_config'), includesFrom: folder, homeFolder: sshHome };
}

/** Access to the disk. An unreadable file has no hosts: ssh itself complains about its configuration. */
const diskFiles: ConfigFiles = {
  read: (path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
  expand: (pattern) => expandOnDisk(pattern, () => {}),
};

/** @param looksInto called with each folder before its names are read */
function expandOnDisk(pattern: string, looksInto: (folder: string) => void): string[] {
  const [root = '', ...parts] = pattern.split('/');
  const namesIn = (folder: string, part: string) => {
    if (!isGlob(part)) return [part];
    looksInto(folder || '/');
    return fittingNames(folder || '/', part);
  };
  let paths = [root];
  for (const part of parts.filter((each) => each !== ''))
    paths = paths.flatMap((path) => namesIn(path, part).map((name) => `${path}/${name}`));
  return paths.map((path) => posix.normalize(path));
}

function fittingNames(folder: string, pattern: string): string[] {
  try {
    return readdirSync(folder).filter(globPart(pattern)).sort();
  } catch {
    return [];
  }
}
