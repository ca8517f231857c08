/*
 * The daemon's answers to the subcommands that ask it, a bundle of its own, dist/knockgated-answer.cjs: most daemons are seldom asked.
 */

export { answer } from './answer.ts';
