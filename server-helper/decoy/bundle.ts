/* Code for a gate.toml with a [[decoy]]: a bundle of its own, dist/knockgated-decoy.cjs, which bundles.ts loads. */

export { withDecoys } from './rules.ts';
export { noteVisit } from './visits.ts';
