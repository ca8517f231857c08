import { type Phrase, phrase } from '../../base/phrase.ts';
import { codeSpan } from '../../base/printable.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { chooseNode, isOlder, OLDEST_NFT, willHave } from './needs.ts';

/** Characters of a target's words that are shown. */
const MOST_SAID = 200;

/** Findings about nft and the kernel, which must accept the gate's rules, and about other firewalls in force. */
export function firewall(facts: Facts): Finding[] {
  const { nft, tableRefused, savedRefused, firewalls } = facts;
  const findings: Finding[] = [];
  if (nft === undefined) {
    findings.push(
      willHave(facts, 'nftables')
        ? {
            id: 'nft',
            verdict: 'note',
            what: phrase('nftables is not there'),
            so: phrase('It is installed first, and asked whether it takes the gate’s rules before anything else.'),
          }
        : {
            id: 'nft',
            verdict: 'stop',
            what: notOffered(facts, 'nftables'),
            so: phrase('Install it.'),
          },
    );
  } else if (isOlder(nft, OLDEST_NFT)) {
    findings.push({
      id: 'nft',
      verdict: 'stop',
      what: phrase('nft {0}', nft),
      so: phrase('The gate needs 1.0.6 or later: older versions were not tried. Upgrade nftables.'),
    });
  } else if (tableRefused !== '') {
    findings.push({
      id: 'nft',
      verdict: 'stop',
      what: phrase('nft {0} does not take the gate’s rules: {1}', nft, firstLine(tableRefused ?? '')),
      so: phrase('The kernel lacks something that they need; a container often has no right to it.'),
    });
  } else findings.push({ id: 'nft', verdict: 'ok', what: phrase('nft {0} and the kernel take the gate’s rules', nft) });
  if (savedRefused !== undefined && savedRefused !== '')
    findings.push({
      id: 'saved',
      verdict: 'ask',
      what: phrase('nft cannot load again the ruleset that it lists: {0}', firstLine(savedRefused)),
      so: phrase('That is so without the gate already. Look at it before you save the ruleset for the next boot.'),
    });
  for (const name of firewalls)
    findings.push({
      id: 'firewall',
      verdict: 'note',
      what: phrase('{0} is in force', name),
      so: phrase(
        'The gate only restricts further: what this firewall lets in must knock first, what it keeps out stays out. Its rules are not touched, and it must let the SSH port in.',
      ),
    });
  return findings;
}

function notOffered({ manager }: Facts, program: string): Phrase {
  return manager === undefined
    ? phrase('{0} is not there, and no package manager that is known here', program)
    : phrase('{0} is not there, and {1} does not offer it', program, manager.name);
}

/** Findings about the programs that the daemon needs. */
export function programs(facts: Facts): Finding[] {
  const node = chooseNode(facts);
  const findings: Finding[] = [];
  if (facts.tcpdump) findings.push({ id: 'tcpdump', verdict: 'ok', what: phrase('tcpdump is installed') });
  else if (willHave(facts, 'tcpdump'))
    findings.push({
      id: 'tcpdump',
      verdict: 'note',
      what: phrase('tcpdump is not there'),
      so: phrase('It is installed.'),
    });
  else
    findings.push({
      id: 'tcpdump',
      verdict: 'stop',
      what: notOffered(facts, 'tcpdump'),
      so: phrase('Install it: the gate hears knocks through it.'),
    });
  if (node.kind === 'system')
    findings.push({ id: 'node', verdict: 'ok', what: phrase('Node {0} in {1}', node.version, pathText(node.path)) });
  else if (node.kind === 'copy')
    findings.push({
      id: 'node',
      verdict: 'note',
      what: phrase('no Node of at least 18 in the system, but {0} in {1}', node.version, pathText(node.path)),
      so: phrase('A copy of it that belongs to root is used (SHA-256 {0}).', node.sha256),
    });
  else if (node.kind === 'package')
    findings.push({
      id: 'node',
      verdict: 'note',
      what: phrase('Node is not there'),
      so: phrase('The package {0} {1} is installed.', node.name, node.version),
    });
  else
    findings.push({
      id: 'node',
      verdict: 'stop',
      what: phrase('no Node.js 18 or later was found'),
      so: phrase('Install one, or connect once with VS Code, which brings one along.'),
    });
  if (node.kind !== 'system' && facts.exposedNodes.length > 0)
    findings.push({
      id: 'exposed-node',
      verdict: 'note',
      what: phrase('others than its owner could change {0}', facts.exposedNodes.map(pathText).join(', ')),
      so: phrase(
        'It is not used: what root runs must be in nobody else’s hands. Take the right to write from the group and from others, there and in the folders above.',
      ),
    });
  return findings;
}

/** First line of a program's output on the target, as code: the document is Markdown, and the words are not ours. */
export function firstLine(text: string): string {
  return codeSpan(text.split('\n')[0] ?? '', MOST_SAID);
}

/** Path on the target, as code, for the same reason. */
export function pathText(path: string): string {
  return codeSpan(path, MOST_SAID);
}
