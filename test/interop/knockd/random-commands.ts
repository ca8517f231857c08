import type { Random } from '../../rig/random.ts';
import type { Door } from './knockd-host.ts';
import { DIRECT, FIREWALLD, IPTABLES, KNOCK_ADD, NFT, type Parts, RICH, UFW, UFW_SHORT } from './random-words.ts';

/** Of so many choices one is not the usual. */
const TIMES_USUAL = 4;

/** Programs, each with what makes a command of it: of the second family where that has one of its own. */
const PROGRAMS: readonly ((random: Random, isSecond: boolean) => string)[] = [
  (random, isSecond) => join(isSecond ? 'ip6tables' : 'iptables', shuffledNowAndThen(random, parts(random, IPTABLES))),
  (random) => quotedNft(random, join('', parts(random, NFT))),
  (random) => join(random.below(2) > 0 ? '/sbin/iptables' : 'ip6tables', parts(random, IPTABLES)),
  (random) => join('ufw', parts(random, random.below(4) > 0 ? UFW : UFW_SHORT)),
  (random) => firewalld(random),
  (random) => join('knock_add', parts(random, KNOCK_ADD)),
];

/** Surroundings of a command, where `X` is the command and `Y` another one. The first is nothing. */
const LINES = [
  ...[
    'X',
    'X; Y',
    'X && Y',
    'X || Y',
    'sudo X',
    'sudo -n X',
    'sh -c "X"',
    '/bin/sh -c "X; Y"',
    'X # a comment',
    'X 2>/dev/null',
  ],
  ...[
    'X >/dev/null 2>&1; Y',
    'X; logger "knock from %IP%"',
    'X && logger x || Y',
    'true && X',
    'false || X',
    'false && X; Y',
  ],
  ...[
    'X; sleep 20',
    'X; sleep 5m; Y',
    'sleep 3; X',
    'X; sleep 2s; UNDO',
    'X; UNDO',
    'UNDO; X',
    'UNDO; X; sleep 9; UNDO',
    'X; sleep 1 && UNDO',
  ],
  ...[
    '(X)',
    'X &',
    '{ X; }',
    'if true; then X; fi',
    'if false; then X; fi',
    'A=1 X',
    'exec X',
    'env X',
    'timeout 5 X',
    'nice X',
  ],
  ...[
    'echo X',
    'echo x | X',
    '! X',
    'X || true; Y',
    ': X',
    '# X',
    'test -e /nowhere && X',
    'command X',
    'X; exit 0; Y',
    'exit; X',
  ],
  ...[
    'CHECK || X',
    'CHECK && X',
    'X \\; Y',
    "sh -c 'X' Y",
    'bash -c "X"',
    'sh -ec "X"',
    'true || X',
    'X < /dev/null',
    '\\X',
  ],
];

/** How many programs a random command can be of. */
export const PROGRAM_COUNT = PROGRAMS.length;

/** A door with a random command of a program. */
export function randomDoor(random: Random, program: number): Door {
  const command = line(random, program, false);
  const hasSecond = random.below(6) === 0;
  return { command, ...(hasSecond && { command6: line(random, program, true) }) };
}

function line(random: Random, program: number, isSecond: boolean): string {
  const make = PROGRAMS[program % PROGRAM_COUNT];
  if (make === undefined) throw new RangeError('there is no such program');
  const [first, second] = [make(random, isSecond), make(random, isSecond)];
  const around = random.below(2) > 0 ? 'X' : (random.pick(LINES) ?? 'X');
  const words: Readonly<Record<string, string>> = { X: first, Y: second, UNDO: undone(first), CHECK: checked(first) };
  return around.replace(/\b(?:X|Y|UNDO|CHECK)\b/g, (word) => words[word] ?? word);
}

function parts(random: Random, choices: Parts): string[] {
  return choices.map((each) => (random.below(TIMES_USUAL) > 0 ? each[0] : random.pick(each)) ?? '');
}

const join = (program: string, words: readonly string[]) => [program, ...words].filter((word) => word !== '').join(' ');

/** All but the first, which says what to do. */
function shuffledNowAndThen(random: Random, words: readonly string[]): string[] {
  const [first = '', ...rest] = words;
  if (random.below(4) > 0) return [first, ...rest];
  const cut = random.below(rest.length);
  return [first, ...rest.slice(cut), ...rest.slice(0, cut)];
}

function quotedNft(random: Random, text: string): string {
  const needsQuotes = /[{}()|<>&"]/.test(text);
  return needsQuotes || random.below(3) === 0 ? `nft '${text}'` : `nft ${text}`;
}

function firewalld(random: Random): string {
  if (random.below(8) === 0) return join('firewall-cmd', parts(random, DIRECT));
  const rich = `--add-rich-rule='${join('', parts(random, RICH))}'`;
  const words = parts(random, FIREWALLD).map((word) => (word === 'RICH' ? rich : word));
  const command = join('firewall-cmd', words);
  return command.includes('--permanent') && random.below(2) > 0 ? `${command} && firewall-cmd --reload` : command;
}

/** The command that takes back what this one adds, mostly. */
function undone(command: string): string {
  return command
    .replace(/-[AI] INPUT( \d)?/, '-D INPUT')
    .replace('ufw allow', 'ufw delete allow')
    .replace('--add-', '--remove-')
    .replace('knock_add -i', 'knock_add -x')
    .replace('add rule inet filter input', 'flush chain inet filter input');
}

const checked = (command: string) => command.replace(/-[AI] INPUT( \d)?/, '-C INPUT');
