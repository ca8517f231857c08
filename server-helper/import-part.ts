/* What reads the configurations of other programs: a bundle of its own, dist/knockgated-import.cjs, which parts.ts loads. */
export { readFwknop } from './commands/import-fwknop.ts';
export { readKnockd } from './commands/import-knockd.ts';
export { showImported } from './import/imported.ts';
