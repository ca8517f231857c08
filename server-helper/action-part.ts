/* What asks for actions, and what runs one: a bundle of its own, dist/knockgated-action.cjs, which parts.ts loads. */

export { runAction } from './commands/run-action.ts';
export { makeActions } from './daemon/actions.ts';
export { actOnSequence } from './daemon/sequence-wishes.ts';
