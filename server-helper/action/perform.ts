import { execFileSync, spawn } from 'node:child_process';
import type { ConfiguredAction } from '../config/action-config.ts';
import { fillIn } from '../config/action-template.ts';
import type { GateConfig } from '../config/gate-config.ts';
import { reasonOf } from '../problems.ts';
import { SYSTEM_ENVIRONMENT } from '../system-environment.ts';
import type { ActionRequest, ActionResult } from './request.ts';

/**
 * Runs one command of an action of the configuration, for a client or a sequence that may ask for it: as the action's user, with
 * only that user's groups, no shell, no input, and a fixed environment. Closing commands run for anybody. Never rejects.
 */
export async function perform(config: GateConfig, request: ActionRequest): Promise<ActionResult> {
  const action = config.actions.find(({ name }) => name === request.action);
  const isAsker = ({ name }: { readonly name: string }) => name === request.client;
  // A client that may not ask any more, such as a lost device, must leave nothing open.
  const isAllowed =
    request.phase === 'close' ||
    [...config.clients, ...config.fwknop].find(isAsker)?.actions.includes(request.action) ||
    config.sequences.find(isAsker)?.action === request.action;
  if (action === undefined || !isAllowed)
    return { kind: 'refused', why: 'gate.toml has no such action for this client' };
  const words = request.phase === 'open' ? action.open : action.close;
  const [program, ...rest] = fillIn(words ?? [], request);
  if (program === undefined) return { kind: 'refused', why: 'the action has no command to close' };
  try {
    return await runAs(idsOf(action.user), program, rest, action);
  } catch (error) {
    return { kind: 'refused', why: reasonOf(error) };
  }
}

function runAs(
  ids: { readonly uid: number; readonly gid: number },
  program: string,
  rest: readonly string[],
  { timeout }: ConfiguredAction,
): Promise<ActionResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      ...ids,
      cwd: '/',
      env: SYSTEM_ENVIRONMENT,
      // Its output goes to the journal, like our own.
      stdio: ['ignore', 2, 2],
      // It has a process group of its own, so that everything that it started ends with it.
      detached: true,
    });
    const end = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // All of them have ended.
      }
    };
    const timer = setTimeout(end, timeout * 1000);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      end();
      resolve(code === null ? { kind: 'killed' } : { kind: 'exit', code });
    });
  });
}

/** Ids of a user, from any source that the system has. */
function idsOf(user: string): { uid: number; gid: number } {
  const ask = (option: string): number => {
    const text = execFileSync('id', [option, '--', user], { env: SYSTEM_ENVIRONMENT, encoding: 'utf8', stdio: 'pipe' });
    if (!/^[0-9]+\n$/.test(text)) throw new Error(`there is no user ${user}`);
    return Number(text);
  };
  return { uid: ask('-u'), gid: ask('-g') };
}
