import type { OptionEntry, ProgramEntry, Proposals } from '../entry.ts';
import { type Context, contextsOf, optionsWithValue } from './contexts.ts';
import { HOST_NAMES, steps } from './shell-text.ts';

/** A completion for fish. */
export function fishCompletion(program: ProgramEntry): string {
  const contexts = contextsOf(program);
  const name = program.name;
  return `# Completion of ${name} for fish.
function __${name}_at
  set -l key ''
  set -l count 0
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip = 1
      set skip 0
      continue
    end
    switch $word
      case ${optionsWithValue(contexts)
        .map((option) => `--${option.name}`)
        .join(' ')}
        set skip 1
        continue
      case '-*'
        continue
    end
    switch "$key/$count/$word"
      case ${steps(contexts).map(fishWord).join(' ')}
        set key (string trim "$key $word")
        set count 0
      case '*'
        set count (math $count + 1)
    end
  end
  echo "$key/$count"
end
function __${name}_is
  string match -q -- $argv[1] (__${name}_at)
end
complete -c ${name} -f
${contexts.flatMap((context) => linesOf(name, context)).join('\n')}
`;
}

/** A word for fish, which knows \\' and \\\\ between single quotes. */
function fishWord(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function linesOf(name: string, { key, words, options, arguments: proposed, goesOn, wordsAfter }: Context): string[] {
  const at = (place: string) => `complete -c ${name} -n ${fishWord(`__${name}_is ${fishWord(place)}`)}`;
  return [
    ...words.map(([word, about]) => `${at(`${key}/${wordsAfter}`)} -a ${word} -d ${fishWord(about)}`),
    ...options.map((option) => `${at(`${key}/*`)} ${optionText(option)} -d ${fishWord(option.about)}`),
    ...proposed.flatMap((proposes, i) => {
      if (proposes === undefined) return [];
      return [`${at(goesOn && i === proposed.length - 1 ? `${key}/*` : `${key}/${i}`)} ${proposal(proposes)}`];
    }),
  ];
}

function optionText({ name, value, proposes }: OptionEntry): string {
  if (value === undefined) return `-l ${name}`;
  return `-l ${name} -r ${proposes === undefined ? '-f' : proposal(proposes)}`;
}

function proposal(proposes: Proposals): string {
  if (proposes === 'files') return '-F';
  return `-f -a ${fishWord(proposes === 'hosts' ? `(${HOST_NAMES})` : proposes.join(' '))}`;
}
