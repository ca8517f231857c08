import { partMissing, reasonOf } from './problems.ts';

/*
 * Code that not every start needs is in bundles beside the daemon's, loaded when they are needed. Each of these throws
 * Problem `part-missing` when its file cannot be loaded.
 */

/** Loads the code that hears and reads packets of fwknop: for a gate.toml with a [[fwknop]]. */
export const loadFwknopBundle = () => load('knockgated-fwknop.cjs', () => import('./fwknop/bundle.ts'));

/** Loads the readers of other programs' configurations. */
export const loadImportBundle = () => load('knockgated-import.cjs', () => import('./import/bundle.ts'));

/** Loads the code that asks for actions, for a gate.toml with an [[action]], and that runs one, in a process of its own. */
export const loadActionBundle = () => load('knockgated-action.cjs', () => import('./action/bundle.ts'));

/** Loads the code that tells the kernel which sequences of ports open, where a gate.toml has any. */
export const loadSequenceBundle = () => load('knockgated-sequence.cjs', () => import('./sequence/bundle.ts'));

/** Loads the code that leads strangers to decoys, and notes who came: for a gate.toml with a [[decoy]]. */
export const loadDecoyBundle = () => load('knockgated-decoy.cjs', () => import('./decoy/bundle.ts'));

/** Loads the code that verifies documents of a fleet, for a gate that is in one. */
export const loadFleetBundle = () => load('knockgated-fleet-set.cjs', () => import('./fleet/bundle.ts'));

/** Loads the code that answers subcommands. */
export const loadAnswerBundle = () => load('knockgated-answer.cjs', () => import('./answer/bundle.ts'));

/** The subcommands and the help. */
export const loadManageBundle = () => load('knockgated-manage.cjs', () => import('./manage/bundle.ts'));

async function load<Part>(file: string, part: () => Promise<Part>): Promise<Part> {
  try {
    return await part();
  } catch (error) {
    throw partMissing(file, reasonOf(error));
  }
}
