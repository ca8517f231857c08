import { isPort } from '../../ssh/destination.ts';
import { PACKAGE_MANAGERS, type PackageManager } from '../packages.ts';
import { readSavedTables } from '../saved-table.ts';
import { readConfig } from './config.ts';

/** Output of one look, and the exit code of its program. */
export interface Section {
  readonly code: number;
  readonly text: string;
}

/** Reads what a script of `script.ts` prints: `@NAME CODE`, then each line behind a blank. */
export function parseSections(output: string): ReadonlyMap<string, Section> {
  const sections = new Map<string, Section>();
  let name: string | undefined;
  for (const line of output.split('\n')) {
    const head = /^@([a-z]+) ([0-9]{1,3})$/.exec(line);
    if (head !== null) {
      name = head[1] ?? '';
      sections.set(name, { code: Number(head[2]), text: '' });
    } else if (name !== undefined && line.startsWith(' ')) {
      const { code, text } = sections.get(name) ?? { code: 0, text: '' };
      sections.set(name, { code, text: text === '' ? line.slice(1) : `${text}\n${line.slice(1)}` });
    }
  }
  return sections;
}

/** Node that an editor's server has left in the home of the user. */
export interface EditorNode {
  readonly path: string;
  /** `18.20.4` */
  readonly version: string;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Facts about a target before anything is changed. */
export interface Facts {
  /** Its own name. */
  readonly hostName: string;
  /** Id of this boot: no other machine and no other boot has it. */
  readonly bootId: string;
  /** `Debian GNU/Linux 12 (bookworm)` */
  readonly system: string;
  /** Program that runs as process 1, and whether that is systemd in charge. */
  readonly init: string;
  readonly systemd: boolean;
  /** `1.0.6`; undefined when there is no nft. */
  readonly nft: string | undefined;
  /** Error of nft and the kernel for the gate's own table; empty when they accept it; undefined when there is no nft. */
  readonly tableRefused: string | undefined;
  /** Error of nft when it loads again what it lists; empty when it can. */
  readonly savedRefused: string | undefined;
  /** Files of saved rules that hold the gate's table. */
  readonly savedTables: readonly string[];
  /** Other firewalls in force, as words. */
  readonly firewalls: readonly string[];
  /** Addresses of the host that are in another routing table than the usual one. */
  readonly routedAddresses: readonly string[];
  /** Other rules that translate addresses or ports, or keep packets from connection tracking, as nft lists them. */
  readonly otherRules: readonly string[];
  /** Package manager; undefined when there is none that is known here. */
  readonly manager: PackageManager | undefined;
  /** Versions that it would install, package by package; undefined when there is none. */
  readonly candidates: ReadonlyMap<string, string> | undefined;
  /** Whether a package of ours is installed. */
  readonly packaged: boolean;
  readonly tcpdump: boolean;
  readonly node: { readonly path: string; readonly version: string } | undefined;
  readonly editorNodes: readonly EditorNode[];
  /** Paths of Node programs that other users can write to: root must never run them. */
  readonly exposedNodes: readonly string[];
  /** TCP ports that sshd has in its configuration. */
  readonly sshPorts: readonly number[];
  readonly penalties: boolean;
  /** Programs that listen on the knock ports, as ss shows them; undefined when they are unknown. */
  readonly knockPortListeners: readonly string[] | undefined;
  /** SHA-256 of the existing files, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** Present configuration. */
  readonly config: string | undefined;
  /** Ports that the present configuration hides and hears knocks on; undefined when there is no valid one. */
  readonly inForce: { readonly ports: readonly string[]; readonly knockPorts: readonly number[] } | undefined;
  /** Manifest of an earlier deployment. */
  readonly manifest: string | undefined;
  /** Existing folders for the configuration and the state, whatever they contain. */
  readonly folders: readonly string[];
  readonly hasUser: boolean;
  readonly active: boolean;
  readonly enabled: boolean;
  /** Public keys that the gate knows, by name. */
  readonly clients: ReadonlyMap<string, string>;
  /** Kilobytes that are free on the fullest of the file systems. */
  readonly freeKilobytes: number | undefined;
  /** `SSH_CONNECTION`: addresses of this connection, as the target sees them. */
  readonly sshConnection: SshConnection | undefined;
}

/** sshd(8), "ENVIRONMENT". */
export interface SshConnection {
  readonly clientAddress: string;
  readonly serverAddress: string;
  readonly serverPort: number;
}

/** Reads facts from the output of the two scripts. */
export function readFacts(asRoot: string, asUser: string): Facts {
  const root = parseSections(asRoot);
  const user = parseSections(asUser);
  const ok = (name: string) => root.get(name)?.code === 0;
  const text = (name: string, from = root) => from.get(name)?.text ?? '';
  const good = (name: string) => (ok(name) ? text(name) : undefined);
  const nft = /v([0-9.]+)/.exec(good('nft') ?? '')?.[1];
  const refused = (name: string) => (nft === undefined ? undefined : ok(name) ? '' : text(name));
  const node = /^(\/\S+) v([0-9.]+)$/.exec(good('node') ?? '');
  return {
    hostName: text('host', user),
    bootId: text('boot', user),
    // Documents show these names: they may have only such characters.
    system: /^PRETTY_NAME=["']?([\w .,()/+'&-]{1,100}?)["']?$/m.exec(text('os'))?.[1] ?? 'an unknown system',
    init: /^[\w.@-]{1,64}$/.test(text('init')) ? text('init') : '',
    systemd: ok('booted'),
    nft,
    tableRefused: refused('table'),
    savedRefused: refused('saved'),
    savedTables: readSavedTables(text('savedtables')),
    firewalls: readFirewalls(text('firewalls')),
    routedAddresses: [...text('otherways').matchAll(/^address ([0-9a-f.:]{2,45})$/gm)].map(([, found]) => found ?? ''),
    otherRules: [...text('otherways').matchAll(/^rule (.+)$/gm)].map(([, rule]) => rule ?? ''),
    manager: PACKAGE_MANAGERS.find(({ name }) => text('candidates').split('\n').includes(`manager ${name}`)),
    candidates: ok('candidates') ? readPairs(text('candidates')) : undefined,
    packaged: /^Status: .* installed$/m.test(good('package') ?? ''),
    tcpdump: ok('tcpdump'),
    node: node === null ? undefined : { path: node[1] ?? '', version: node[2] ?? '' },
    editorNodes: readEditorNodes(text('editornode', user)),
    exposedNodes: [...text('editornode', user).matchAll(/^exposed (\/.+)$/gm)].map(([, path]) => path ?? ''),
    sshPorts: [...text('sshd').matchAll(/^port ([0-9]+)$/gm)].map(([, port]) => Number(port)),
    penalties: /^persourcepenalties (?!no)/im.test(text('sshd')),
    knockPortListeners: ok('udp') ? text('udp').split('\n').filter(Boolean) : undefined,
    files: new Map(
      [...text('files').matchAll(/^([0-9a-f]{64}) {2}(\/\S+)$/gm)].map(([, sum, path]) => [path ?? '', sum ?? '']),
    ),
    config: good('config'),
    ...readConfig(good('config')),
    manifest: good('manifest'),
    folders: text('folders')
      .split('\n')
      .filter((line) => line.startsWith('/')),
    hasUser: ok('user'),
    active: text('active') === 'active',
    enabled: text('enabled') === 'enabled',
    freeKilobytes: leastFree(text('disk')),
    sshConnection: readSshConnection(text('sshconnection', user)),
  };
}

/** `203.0.113.5 51234 192.0.2.2 22` */
function readSshConnection(text: string): SshConnection | undefined {
  const [clientAddress, , serverAddress, serverPort] = text.split(' ');
  const port = Number(serverPort);
  if (clientAddress === undefined || serverAddress === undefined || !isPort(port)) return undefined;
  // A link-local address has its interface behind it: fe80::1%eth0.
  if (![clientAddress, serverAddress].every((address) => /^[0-9a-f.:]+(%[\w.-]+)?$/i.test(address))) return undefined;
  return { clientAddress, serverAddress, serverPort: port };
}

function readFirewalls(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [kind, ...words] = line.split(' ');
    if (kind === 'ufw') return /Status: active/.test(line) ? ['ufw'] : [];
    const names = words.filter((word) => /^[\w-]{1,64}$/.test(word)).join(' ');
    if (kind === 'unit') return [names];
    return kind === 'legacy' ? [`iptables-legacy (${names})`] : [];
  });
}

function readPairs(text: string): Map<string, string> {
  const pairs = text.split('\n').map((line) => line.split(' '));
  return new Map(
    pairs.flatMap(([name, value]) => (name && value && /^[0-9][\w.+:~-]*$/.test(value) ? [[name, value]] : [])),
  );
}

function readEditorNodes(text: string): EditorNode[] {
  return [...text.matchAll(/^v([0-9.]+) ([0-9a-f]{64}) (\/.+)$/gm)].map(([, version, sha256, path]) => ({
    version: version ?? '',
    sha256: sha256 ?? '',
    path: path ?? '',
  }));
}

/** The fourth column of `df -Pk`. */
function leastFree(text: string): number | undefined {
  const free = [...text.matchAll(/^\S+ +[0-9]+ +[0-9]+ +([0-9]+) /gm)].map(([, kilobytes]) => Number(kilobytes));
  return free.length === 0 ? undefined : Math.min(...free);
}

/** Programs that listen on one of these UDP ports, as ss shows them. */
export function listenersOn({ knockPortListeners }: Facts, ports: readonly number[]): string[] | undefined {
  return knockPortListeners?.filter((line) => ports.some((port) => line.split(/\s+/)[3]?.endsWith(`:${port}`)));
}
