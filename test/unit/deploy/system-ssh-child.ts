import { openSystemSsh } from '../../../src/deploy/connection/system/carrier.ts';

/*
 * A program that logs in by the ssh that it is given, says so, and waits. With ASKS=yes it says so when it is asked for a password,
 * and never answers.
 */
const say = () => process.stdout.write('ready\n');
const never = () => {
  say();
  return new Promise<undefined>(() => {});
};
const prompts = { secret: never, text: never, confirm: async () => false };
openSystemSsh('prod', { ssh: process.argv.slice(2), prompts, env: process.env, all: new Map() }).then(say);
setInterval(() => {}, 1e6);
