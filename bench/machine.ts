import { availableParallelism, release } from 'node:os';
import { runHere } from '../test/rig/process.ts';

/** Machine that this runs on, in words that name no machine: processors, and the versions of what takes part. */
export async function machine(): Promise<string> {
  const kernel = release().split('.').slice(0, 2).join('.');
  const node = process.versions.node.split('.').slice(0, 2).join('.');
  const [nft, iptables] = await Promise.all([versionOf(['nft', '--version']), versionOf(['iptables', '--version'])]);
  return `${availableParallelism()} cores, Linux ${kernel}, nft ${nft}, iptables ${iptables}, Node ${node}`;
}

/** The versions of the peers. */
export async function peerVersions(): Promise<string> {
  const [fwknopd, knockd] = await Promise.all([
    versionOf(['fwknopd', '--version']),
    versionOf(['knockd', '--version']),
  ]);
  return `fwknopd ${fwknopd}, knockd ${knockd}`;
}

async function versionOf(argv: readonly string[]): Promise<string> {
  const { stdout, stderr } = await runHere(argv);
  return /\d+(?:\.\d+)+/.exec(stdout + stderr)?.[0] ?? 'of unknown version';
}
