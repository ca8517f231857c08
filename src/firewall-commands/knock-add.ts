import { parseIptables } from './iptables.ts';
import { type Effect, refused } from './rule.ts';

/** Options of knock's own helper, knock_add or knock_helper_ipt.sh, each with the option of iptables that it becomes. */
const METHODS = new Map([
  ['-a', '-A'],
  ['--append', '-A'],
  ['-i', '-I'],
  ['--insert', '-I'],
  ['-x', '-D'],
  ['--delete', '-D'],
]);
const VALUES = new Map<string, 'source' | 'port' | 'protocol' | 'chain'>([
  ['-f', 'source'],
  ['--srcaddr', 'source'],
  ['-d', 'port'],
  ['--dstport', 'port'],
  ['-p', 'protocol'],
  ['--proto', 'protocol'],
  ['-c', 'chain'],
  ['--chain', 'chain'],
]);

/** Reads the arguments of knock_add, a script that lets one address in at one port by iptables. */
export function parseKnockAdd(argv: readonly string[]): Effect {
  const found = { source: '', port: '', protocol: 'tcp', chain: 'INPUT' };
  let method: string | undefined;
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    const value = VALUES.get(word);
    if (METHODS.get(word) !== undefined) {
      if (method !== undefined) return refused('it does two things at once');
      method = METHODS.get(word);
    } else if (value !== undefined) {
      at += 1;
      found[value] = argv[at] ?? '';
    } else if (!/^(-v|--verbose|-m.*|--comment(=.*)?)$/.test(word))
      return refused(`knock_add’s ${word} is not understood`);
  }
  if (method === undefined || found.source === '' || found.port === '')
    return refused('knock_add is not told what to add, an address and a port');
  const { source, port, protocol, chain } = found;
  return parseIptables([method, chain, '-s', source, '-p', protocol, '--dport', port, '-j', 'ACCEPT'], 'ipv4');
}
