import { commands, type Disposable, env, l10n } from 'vscode';
import { logProblem } from '../ask/show-problem.ts';
import { tell } from '../ask/tell.ts';
import { window } from '../ask/window.ts';
import type { Parts } from '../parts.ts';

const RECORD = 'knockgate.sshHookOffered';
const SSH = 'ssh-remote';
/** Time after which a connecting window is open, and its first messages are gone. */
const QUIET_AFTER_MS = 20_000;

export interface OfferIo extends Pick<Parts, 'clock' | 'globalState' | 'log' | 'states' | 'windowDoor'> {
  readonly sshHook: Pick<Parts['sshHook'], 'isOn'>;
}

/**
 * Offers the hook after a knock has opened a port for the first remote window: once for all windows, whatever the answer, and in
 * the window that has the focus.
 */
export function offerHook(io: OfferIo): Disposable {
  const { states, windowDoor } = io;
  const ended = new AbortController();
  const subscription = states.onDidChange(() => look());
  const look = () => {
    const host = windowDoor()?.host.name;
    if (host === undefined || states.get(host).kind !== 'open') return;
    subscription.dispose();
    offer(host, io, ended.signal).catch((error) => logProblem(error, io.log));
  };
  if (env.remoteName === SSH) look();
  else subscription.dispose();
  return {
    dispose: () => {
      ended.abort();
      subscription.dispose();
    },
  };
}

async function offer(host: string, { clock, globalState, sshHook }: OfferIo, signal: AbortSignal): Promise<void> {
  await clock.sleep(QUIET_AFTER_MS, signal);
  const isOffered = globalState.get(RECORD) !== undefined;
  if (isOffered || sshHook.isOn || signal.aborted || !window.state.focused) return;
  await globalState.update(RECORD, true);
  tell(
    l10n.t('ssh and git in a terminal do not knock at {0} by themselves. They can, while this editor is open.', host),
    { title: l10n.t('Show the Change…'), run: () => commands.executeCommand('knockgate.enableSshHook') },
    { title: l10n.t('No, Thanks'), run: () => {} },
  );
}
