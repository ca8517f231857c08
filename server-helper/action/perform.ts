import { fillIn } from '../config/action-template.ts';
import type { GateConfig } from '../config/gate-config.ts';
import { reasonOf } from '../problems.ts';
import type { ActionRequest, ActionResult } from './request.ts';
import { runAs } from './run-as.ts';

/**
 * Runs one command of an action of the configuration, for a client or a sequence that may ask for it. Closing commands run for
 * anybody. Never rejects.
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
  const line = request.phase === 'open' ? action.open : action.close;
  const [program, ...words] = fillIn(line ?? [], request);
  if (program === undefined) return { kind: 'refused', why: 'the action has no command to close' };
  try {
    return await runAs({ user: action.user, program, words, timeout: action.timeout });
  } catch (error) {
    return { kind: 'refused', why: reasonOf(error) };
  }
}
