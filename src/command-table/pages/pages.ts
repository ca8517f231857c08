import { CLIENT } from '../client/program.ts';
import { completionFor } from '../completion/completion.ts';
import { GATE } from '../gate/program.ts';
import { renewManual } from './manual.ts';
import { referencePage } from './markdown.ts';

/** Files that `npm run docs` makes from the table: each with the function that makes it from its present text. */
export const PAGES: Readonly<Record<string, (now: string) => string>> = {
  'docs/cli.md': () => referencePage([CLIENT, GATE]),
  'src/cli/man/knockgate.1': (now) => renewManual(now, CLIENT),
  'server-helper/man/knockgated.8': (now) => renewManual(now, GATE),
  'server-helper/completion/knockgated.bash': () => completionFor('bash', GATE) ?? '',
  'server-helper/completion/knockgated.zsh': () => completionFor('zsh', GATE) ?? '',
  'server-helper/completion/knockgated.fish': () => completionFor('fish', GATE) ?? '',
};
