import { OWN_NODE } from '../installed-files.ts';
import { parseManifest } from '../plan/manifest.ts';
import type { EditorNode, Facts } from './facts.ts';

const OLDEST_NODE = 18;

/** Where the daemon's Node comes from. */
export type NodeChoice =
  | { readonly kind: 'system'; readonly path: string; readonly version: string }
  | { readonly kind: 'copy'; readonly path: string; readonly version: string; readonly sha256: string }
  | { readonly kind: 'package'; readonly version: string }
  | { readonly kind: 'none' };

/**
 * The system's Node; else the newest that an editor has left, or that an earlier deployment has copied; else the package
 * manager's: gate.md, at its end.
 */
export function chooseNode(facts: Facts): NodeChoice {
  const { node, editorNodes, candidates } = facts;
  if (node !== undefined && major(node.version) >= OLDEST_NODE) return { kind: 'system', ...node };
  // The one that is there already comes first among equals.
  const [best] = [...ownNode(facts), ...editorNodes]
    .filter(({ version }) => major(version) >= OLDEST_NODE)
    .sort((a, b) => major(b.version) - major(a.version));
  if (best !== undefined) return { kind: 'copy', ...best };
  const candidate = candidates?.get('nodejs');
  if (candidate !== undefined && major(candidate) >= OLDEST_NODE) return { kind: 'package', version: candidate };
  return { kind: 'none' };
}

/** The copy of an earlier deployment, if it still is what was noted then. */
function ownNode({ files, manifest }: Facts): EditorNode[] {
  const noted = parseManifest(manifest)?.node;
  return noted !== undefined && files.get(OWN_NODE) === noted.sha256 ? [noted] : [];
}

/** What apt has to install, and can. */
export function neededPackages(facts: Facts): ReadonlySet<string> {
  const wanted = [
    ...(facts.nft === undefined ? ['nftables'] : []),
    ...(facts.tcpdump ? [] : ['tcpdump']),
    ...(chooseNode(facts).kind === 'package' ? ['nodejs'] : []),
  ];
  return new Set(wanted.filter((name) => facts.candidates?.has(name)));
}

/** Of a version as Node or dpkg has it: `18.20.4+dfsg-1~deb12u1`, perhaps with an epoch. */
function major(version: string): number {
  return Number(/^(?:[0-9]+:)?([0-9]+)/.exec(version)?.[1] ?? 0);
}
