import { commands, l10n } from 'vscode';
import { type Offer, tell } from '../ask/tell.ts';

/*
 * Each of the first steps offers the next one when it is done. Nobody waits for the answer.
 */

function offer(title: string, command: string, host?: string): Offer {
  return { title, run: () => commands.executeCommand(`knockgate.${command}`, host) };
}

const connectTo = (host: string) => offer(l10n.t('Knock and Connect'), 'knockAndConnect', host);

/** Offers what a gate that was added lacks: it must know the key of this device; then one can connect. */
export function stepsAfterAdding(host: string): readonly Offer[] {
  return [offer(l10n.t('Copy Public Key'), 'copyPublicKey', host), connectTo(host)];
}

/** A host is in the settings; its gate has to know the key of this device as well. */
export function offerAfterAdding(host: string, isGate: boolean): void {
  if (!isGate) tell(l10n.t('{0} is added.', host), connectTo(host));
  else tell(l10n.t('{0} is added. Does its gate know this device?', host), ...stepsAfterAdding(host));
}

/** A gate is set up, and knows this device. */
export function offerAfterSetUp(host: string): void {
  tell(l10n.t('{0} is hidden now, and opens to this device.', host), connectTo(host));
}

/** The line of this device is copied: on the server it is enrolled, and the server's own line comes back. */
export function offerAfterCopying(hasHost: boolean, copyCommand: Offer): void {
  const text = l10n.t(
    'The line that enrols this device is in the clipboard. It holds no secret. On the server, give it to "sudo knockgated client add".',
  );
  tell(text, copyCommand, ...(hasHost ? [] : [offer(l10n.t('Add Host…'), 'addHost')]));
}
