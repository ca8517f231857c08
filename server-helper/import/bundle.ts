/* Readers of other programs' configurations: a bundle of its own, dist/knockgated-import.cjs, which bundles.ts loads. */

export { showImported } from './imported.ts';
export { readFwknop } from './read-fwknop.ts';
export { readKnockd } from './read-knockd.ts';
export { readAldaba, readPyknock, readXtPknock } from './read-peers.ts';
