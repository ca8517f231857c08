import { phrase } from '../../base/phrase.ts';
import { LIBRARY_FOLDER } from '../installed-files.ts';
import { type Step, shell } from './step.ts';

/*
 * Manuals and completion are beside the programs. Links to them are made where man(1) and shells look, if their folders are there.
 */

/** Files of the library, and where a link leads to each. */
const LINKS: readonly (readonly [file: string, link: string])[] = [
  ['knockgated.8', '/usr/share/man/man8/knockgated.8'],
  ['gate.toml.5', '/usr/share/man/man5/gate.toml.5'],
  ['knockgated.bash', '/usr/share/bash-completion/completions/knockgated'],
  ['knockgated.zsh', '/usr/local/share/zsh/site-functions/_knockgated'],
  ['knockgated.fish', '/usr/share/fish/vendor_completions.d/knockgated.fish'],
];

const paths = LINKS.map(([, link]) => link);

/** @param isNew whether the server had no gate: then the links go when the set-up is taken back */
export function linkStep(isNew: boolean): Step {
  const script = 'while test $# -gt 1; do if test -d "$(dirname "$2")"; then ln -sfn "$1" "$2"; fi; shift 2; done';
  const pairs = LINKS.flatMap(([file, link]) => [`${LIBRARY_FOLDER}/${file}`, link]);
  const step = { title: phrase('Link manuals and completion'), argv: shell(script, ...pairs) };
  return isNew ? { ...step, undo: ['rm', '-f', ...paths] } : step;
}

export const UNLINK: Step = {
  title: phrase('Remove the links to manuals and completion'),
  argv: ['rm', '-f', ...paths],
};
