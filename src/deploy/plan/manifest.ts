import { fieldsOf, parseJson } from '../../base/loose-json.ts';

/** Record of the deployments on a target, for the next one and for the removal: `/usr/lib/knockgate/manifest.json`. */
export interface Manifest {
  readonly version: string;
  /** Files outside the gate's own folders. */
  readonly files: readonly string[];
  /** Packages that the deployment has installed. */
  readonly packages: readonly string[];
  /** Node that was copied from an editor's server; undefined where the daemon uses the system's. */
  readonly node: NotedNode | undefined;
  /** Whether the deployment has made the user `knockgate`. */
  readonly madeUser: boolean;
}

/** Node that root runs, and where it came from. */
export interface NotedNode {
  readonly path: string;
  readonly version: string;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Places and names of our own files: a removal deletes files of a manifest as root, so it deletes no others. */
const OURS =
  /^\/usr\/(?:(?:sbin|lib\/systemd\/system|lib\/sysusers\.d|lib\/tmpfiles\.d)\/knockgate|lib\/knockgate\/\w)[\w.@-]*$/;
/** Package names, which are shown in a command: Debian Policy, section 5.6.1. */
const PACKAGE = /^[a-z0-9][a-z0-9+.-]+$/;
/** Versions, which are shown in documents. */
const VERSION = /^[\w.+~-]{1,40}$/;

export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Reads a manifest; undefined when the text is not one. */
export function parseManifest(text: string | undefined): Manifest | undefined {
  const { version, files, packages, node, madeUser } = fieldsOf(parseJson(text ?? ''));
  if (typeof version !== 'string' || !VERSION.test(version)) return undefined;
  return {
    version,
    files: texts(files).filter((path) => OURS.test(path)),
    packages: texts(packages).filter((name) => PACKAGE.test(name)),
    node: readNode(node),
    madeUser: madeUser === true,
  };
}

function readNode(value: unknown): NotedNode | undefined {
  const { path, version, sha256 } = fieldsOf(value);
  if (typeof path !== 'string' || typeof version !== 'string' || typeof sha256 !== 'string') return undefined;
  return /^[0-9a-f]{64}$/.test(sha256) && VERSION.test(version) ? { path, version, sha256 } : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}
