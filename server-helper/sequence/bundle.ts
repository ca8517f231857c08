/*
 * The code that tells the kernel which sequences of ports open, a bundle of its own, dist/knockgated-sequence.cjs: for a gate.toml with a
 * [[sequence]] or a sequence_key_file. The table itself, which is loaded at boot as well, needs none of it.
 */

export { addOrigins, nameOrigins } from './origins.ts';
export { renderNoConditions, renderNoSequences, renderSequences } from './render.ts';
export { SequencePlanter } from './tree.ts';
