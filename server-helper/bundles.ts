import { partMissing, reasonOf } from './problems.ts';

/*
 * What is not part of every start is a bundle of its own beside the daemon's, loaded when it is needed. Each of these throws
 * Problem `part-missing` when its file cannot be loaded.
 */

/** What hears and reads packets of fwknop: for a gate.toml with a [[fwknop]]. */
export const loadFwknopBundle = () => load('knockgated-fwknop.cjs', () => import('./fwknop/bundle.ts'));

/** What reads the configurations of other programs. */
export const loadImportBundle = () => load('knockgated-import.cjs', () => import('./import/bundle.ts'));

/** What asks for actions, for a gate.toml with an [[action]]; and what runs one, in a process of its own. */
export const loadActionBundle = () => load('knockgated-action.cjs', () => import('./action/bundle.ts'));

/** The subcommands and the help. */
export const loadManageBundle = () => load('knockgated-manage.cjs', () => import('./manage/bundle.ts'));

async function load<Part>(file: string, part: () => Promise<Part>): Promise<Part> {
  try {
    return await part();
  } catch (error) {
    throw partMissing(file, reasonOf(error));
  }
}
