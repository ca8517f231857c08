import type { ProgramEntry, Proposals } from '../entry.ts';
import { type Context, contextsOf, optionsWithValue } from './contexts.ts';
import { argumentPlaces, HOST_NAMES, quoted, steps } from './shell-text.ts';

/** A completion for bash. */
export function bashCompletion(program: ProgramEntry): string {
  const contexts = contextsOf(program);
  const own = optionsWithValue(contexts);
  const name = program.name;
  return `# Completion of ${name} for bash.
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} key='' count=0 i word words=''
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${own.map((option) => `--${option.name}`).join(' | ')}) ((i++)); continue ;;
      -*) continue ;;
    esac
    case "$key/$count/$word" in
      ${steps(contexts).map(quoted).join(' | ')}) key="\${key:+$key }$word" count=0 ;;
      *) ((count++)) ;;
    esac
  done
  COMPREPLY=()
  case $prev in
${own.map((option) => `    --${option.name}) ${proposed(option.proposes)}; return ;;`).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $key in
${contexts.map((context) => `      ${quoted(context.key)}) words=${quoted(optionWords(context))} ;;`).join('\n')}
    esac
  else
    case "$key/$count" in
${contexts.flatMap(placesOf).join('\n')}
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _${name} ${name}
`;
}

const optionWords = ({ options }: Context) => options.map(({ name }) => `--${name}`).join(' ');

const FILES = 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur")';

function proposed(proposes: Proposals | undefined): string {
  if (proposes === 'files') return FILES;
  if (proposes === 'hosts') return `mapfile -t COMPREPLY < <(compgen -W "$(${HOST_NAMES})" -- "$cur")`;
  return proposes === undefined ? ':' : `mapfile -t COMPREPLY < <(compgen -W ${quoted(proposes.join(' '))} -- "$cur")`;
}

function placesOf(context: Context): string[] {
  const { key, words, wordsAfter } = context;
  const next = words.map(([word]) => word).join(' ');
  return [
    ...(next === '' ? [] : [`      ${quoted(`${key}/${wordsAfter}`)}) words=${quoted(next)} ;;`]),
    ...argumentPlaces(context).map(({ place, proposes }) => `      ${place}) ${argument(proposes)} ;;`),
  ];
}

function argument(proposes: Proposals): string {
  if (proposes === 'files') return `${FILES}; return`;
  return proposes === 'hosts' ? `words=$(${HOST_NAMES})` : `words=${quoted(proposes.join(' '))}`;
}
