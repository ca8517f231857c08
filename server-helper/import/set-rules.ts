import type { Family } from '../../src/base/addresses.ts';
import type { Note } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';
import type { PortRange } from '../../src/base/ports.ts';
import { parseIptables } from '../../src/firewall-commands/iptables.ts';
import { KNOCKER } from '../../src/firewall-commands/rule.ts';
import { splitShell } from '../../src/firewall-commands/shell.ts';
import { wholeLines } from './program-lines.ts';

/** A set of ipset(8), and the ports that rules of iptables open to its members. */
export interface AddressSet {
  readonly family: Family;
  /** Seconds for which an address stays in it; undefined: until it is removed. */
  readonly seconds: number | undefined;
  readonly ports: readonly PortRange[];
}

const FAMILIES = new Map<string, Family>([
  ['inet', 'ipv4'],
  ['inet6', 'ipv6'],
]);
/** Options of `ipset create hash:ip` that do not change which addresses are in a set. */
const SIZES = new Set(['hashsize', 'maxelem', 'bucketsize', 'initval']);

/**
 * Reads sets and the rules that let in their members, from a script, `iptables-save` or `ipset save`. Other lines are not about sets, and
 * are ignored; a line about a set that is not understood is noted, and opens nothing.
 */
export function readSets(text: string, note: Note): Map<string, AddressSet> {
  const sets = new Map<string, AddressSet>();
  const rules: { readonly line: number; readonly argv: readonly string[] }[] = [];
  for (const { line, text: whole } of wholeLines(text)) {
    if (!/--match-set|\bhash:|\blist:|\bbitmap:/.test(whole) || /^\s*#/.test(whole)) continue;
    const split = splitShell(whole.trim());
    if ('why' in split) {
      note(line, phrase('this line is left out: {0}', split.why));
      continue;
    }
    for (const { argv } of split.commands) {
      const [first = '', ...rest] = argv[0] === 'sudo' ? argv.slice(1) : argv;
      const program = first.slice(first.lastIndexOf('/') + 1);
      if (['ipset', 'create'].includes(program)) {
        const made = setOf(program === 'create' ? ['create', ...rest] : rest);
        if (typeof made === 'string') note(line, phrase('this line is left out: {0}', made));
        else sets.set(made.name, made.set);
      } else if (/^-(?:A|I)$/.test(first)) rules.push({ line, argv });
      else if (/^ip6?tables(?:-legacy|-nft)?$/.test(program)) rules.push({ line, argv: rest });
      else note(line, phrase('this line is left out: “{0}” is not understood', program));
    }
  }
  for (const { line, argv } of rules) {
    const rule = ruleOf(argv, sets);
    if (typeof rule === 'string') note(line, phrase('this rule is left out: {0}', rule));
    else sets.set(rule.name, rule.set);
  }
  return sets;
}

function setOf(argv: readonly string[]): { readonly name: string; readonly set: AddressSet } | string {
  const [command = '', name = '', type = '', ...options] = argv.filter((word) => !['-exist', '-!'].includes(word));
  if (!['create', '-N', '-n', '--create'].includes(command)) return `“ipset ${command}” is not understood`;
  if (type !== 'hash:ip') return `a set of type ${type} is not one of single addresses`;
  let family: Family | undefined = 'ipv4';
  let seconds: number | undefined;
  for (let at = 0; at < options.length; at += 2) {
    const [option = '', value = ''] = options.slice(at);
    if (option === 'family') family = FAMILIES.get(value);
    else if (option === 'timeout') seconds = secondsOf(value);
    else if (!SIZES.has(option)) return `the option ${option} of ipset is not understood`;
  }
  if (family === undefined) return 'its family is neither inet nor inet6';
  return { name, set: { family, seconds, ports: [] } };
}

/** Reads a timeout of ipset; 0 is for ever. */
export function secondsOf(text: string): number | undefined {
  return /^[1-9][0-9]{0,6}$/.test(text) ? Number(text) : undefined;
}

/** Adds the ports of one rule to the set whose members it lets in; or says why it opens nothing that a gate can. */
function ruleOf(
  argv: readonly string[],
  sets: ReadonlyMap<string, AddressSet>,
): { readonly name: string; readonly set: AddressSet } | string {
  const at = argv.indexOf('--match-set');
  const [name = '', direction] = argv.slice(at + 1);
  if (at < 2 || argv[at - 1] !== 'set' || !['-m', '--match'].includes(argv[at - 2] ?? ''))
    return 'its --match-set does not follow -m set, or is turned round';
  if (direction !== 'src') return 'its set is not compared with the source alone';
  const set = sets.get(name);
  if (set === undefined) return `no line creates the set ${name}: add what \`ipset save\` prints`;
  // `iptables-save` and `ip6tables-save` print the same words: the set says which it was. Neither takes a set of the other family.
  const effect = parseIptables([...argv.slice(0, at - 2), '-s', KNOCKER, ...argv.slice(at + 3)], set.family);
  if (effect.does === 'refused') return effect.why;
  if (effect.does !== 'allow') return 'it lets nobody in';
  const { conditions, unfit, ports, source } = effect.rule;
  if (unfit !== undefined) return unfit;
  if (source !== 'knocker') return 'it lets in everybody';
  if (conditions.length > 0) return `a gate cannot check ${conditions.join(' and ')}`;
  return { name, set: { ...set, ports: [...set.ports, ...ports] } };
}
