import { OWN_NODE } from '../installed-files.ts';
import { namesOf, type Program } from '../packages.ts';
import { parseManifest } from '../plan/manifest.ts';
import type { EditorNode, Facts } from './facts.ts';

const OLDEST_NODE = 18;
/** Oldest nft that the gate's tests have run with. Below 1.0.3, nft cannot load what it lists of the gate. */
export const OLDEST_NFT = [1, 0, 6];

/** Source of the daemon's Node. */
export type NodeChoice =
  | { readonly kind: 'system'; readonly path: string; readonly version: string }
  | { readonly kind: 'copy'; readonly path: string; readonly version: string; readonly sha256: string }
  | { readonly kind: 'package'; readonly name: string; readonly version: string }
  | { readonly kind: 'none' };

/**
 * Chooses the system's Node; else the newest one that an editor has left or an earlier deployment has copied; else the package
 * manager's.
 */
export function chooseNode(facts: Facts): NodeChoice {
  const { node, editorNodes } = facts;
  if (node !== undefined && major(node.version) >= OLDEST_NODE) return { kind: 'system', ...node };
  // Among equal versions, the one that is installed comes first.
  const [best] = [...ownNode(facts), ...editorNodes]
    .filter(({ version }) => major(version) >= OLDEST_NODE)
    .sort((a, b) => major(b.version) - major(a.version));
  if (best !== undefined) return { kind: 'copy', ...best };
  const found = packageOf(facts, 'nodejs', (version) => major(version) >= OLDEST_NODE);
  return found === undefined ? { kind: 'none' } : { kind: 'package', ...found };
}

/** Copy of an earlier deployment, if its hash is still the noted one. */
function ownNode({ files, manifest }: Facts): EditorNode[] {
  const noted = parseManifest(manifest)?.node;
  return noted !== undefined && files.get(OWN_NODE) === noted.sha256 ? [noted] : [];
}

/** Names of packages that the package manager has to install, and can. */
export function neededPackages(facts: Facts): ReadonlySet<string> {
  const node = chooseNode(facts);
  return new Set([
    ...(facts.nft === undefined ? namesIn(facts, 'nftables') : []),
    ...(facts.tcpdump ? [] : namesIn(facts, 'tcpdump')),
    ...(node.kind === 'package' ? [node.name] : []),
  ]);
}

/** Whether a program will exist once the packages are installed. */
export function willHave(facts: Facts, program: 'nftables' | 'tcpdump'): boolean {
  return namesIn(facts, program).length > 0;
}

function namesIn(facts: Facts, program: Program): string[] {
  const isGood = (version: string) => program !== 'nftables' || !isOlder(upstream(version), OLDEST_NFT);
  const found = packageOf(facts, program, isGood);
  return found === undefined ? [] : [found.name];
}

function packageOf(
  { manager, candidates }: Facts,
  program: Program,
  isGood: (version: string) => boolean,
): { name: string; version: string } | undefined {
  for (const name of manager === undefined ? [] : namesOf(manager, program)) {
    const version = candidates?.get(name);
    if (version !== undefined && isGood(version)) return { name, version };
  }
  return undefined;
}

export function isOlder(version: string, than: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  const differs = than.findIndex((part, i) => (parts[i] ?? 0) !== part);
  return differs >= 0 && (parts[differs] ?? 0) < (than[differs] ?? 0);
}

/** Version that a package's authors gave it: `1.0.6` of `1:1.0.6-2+deb12u2`. */
function upstream(version: string): string {
  return /^(?:[0-9]+:)?([0-9.]*[0-9])/.exec(version)?.[1] ?? '0';
}

/** Major number of a version as Node or dpkg has it: `18.20.4+dfsg-1~deb12u1`, perhaps with an epoch. */
function major(version: string): number {
  return Number(/^(?:[0-9]+:)?([0-9]+)/.exec(version)?.[1] ?? 0);
}
