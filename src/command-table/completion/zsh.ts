import type { ProgramEntry, Proposals } from '../entry.ts';
import { type Context, contextsOf, optionsWithValue } from './contexts.ts';
import { argumentPlaces, HOST_NAMES, quoted, steps } from './shell-text.ts';

/** A completion for zsh: sourced, or as a file of a folder of `fpath`. */
export function zshCompletion(program: ProgramEntry): string {
  const contexts = contextsOf(program);
  const own = optionsWithValue(contexts);
  const name = program.name;
  return `#compdef ${name}
# Completion of ${name} for zsh.
_${name}() {
  local cur=$words[CURRENT] prev=$words[CURRENT-1] key='' count=0 i word
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    case $word in
      (${own.map((option) => `--${option.name}`).join('|')}) ((i++)); continue ;;
      (-*) continue ;;
    esac
    case "$key/$count/$word" in
      (${steps(contexts).map(quoted).join('|')}) key="\${key:+$key }$word" count=0 ;;
      (*) ((count++)) ;;
    esac
  done
  case $prev in
${own.map((option) => `    (--${option.name}) ${propose(option.proposes)}; return ;;`).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $key in
${contexts.map((context) => `      (${quoted(context.key)}) found=(${optionWords(context)}) ;;`).join('\n')}
    esac
    _describe -o option found
    return
  fi
  case "$key/$count" in
${contexts.flatMap(placesOf).join('\n')}
  esac
}
if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}

const described = (word: string, about: string) => quoted(`${word.replaceAll(':', '\\:')}:${about}`);

const optionWords = ({ options }: Context) => options.map(({ name, about }) => described(`--${name}`, about)).join(' ');

function propose(proposes: Proposals | undefined): string {
  if (proposes === undefined) return '_message value';
  if (proposes === 'files') return '_files';
  return proposes === 'hosts' ? `compadd -- \${(f)"$(${HOST_NAMES})"}` : `compadd -- ${proposes.join(' ')}`;
}

function placesOf(context: Context): string[] {
  const { key, words, wordsAfter } = context;
  const next = words.map(([word, about]) => described(word, about)).join(' ');
  return [
    ...(next === '' ? [] : [`    (${quoted(`${key}/${wordsAfter}`)}) found=(${next}); _describe command found ;;`]),
    ...argumentPlaces(context).map(({ place, proposes }) => `    (${place}) ${propose(proposes)} ;;`),
  ];
}
