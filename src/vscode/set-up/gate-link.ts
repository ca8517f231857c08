import { l10n } from 'vscode';
import type { Host } from '../../client/gate/host.ts';
import { refuseKnownKey } from '../../client/gate/known-gates.ts';
import { formatGateLine, type GateEnrolment } from '../../spa/enrolment.ts';
import { type LinkParts, parseGateLink } from '../../spa/enrolment-link.ts';
import { formatKey } from '../../spa/keys.ts';
import { inDialogAbout } from '../ask/ask.ts';
import { askInSteps } from '../ask/ask-in-steps.ts';
import { tell } from '../ask/tell.ts';
import { usableGate } from '../host-forms/gate.ts';
import { nameSteps } from '../host-forms/host-form.ts';
import { gatesOf, type HostBook, hostCalled, sameName } from '../hosts/host-book.ts';
import { type HostFields, writeHost } from '../hosts/write-hosts.ts';
import type { Parts } from '../parts.ts';
import { hostsSetting } from '../settings.ts';
import { stepsAfterAdding } from './next-step.ts';

type Needed = Pick<Parts, 'crypto' | 'hosts' | 'log'>;

/** Shows what a link would add, and adds it when the person agrees. */
export async function openGateLink(parts: Needed, uri: LinkParts): Promise<void> {
  const linked = parseGateLink(uri);
  const { hosts, broken } = parts.hosts();
  const name = sameName(linked.name, [...hosts.keys(), ...broken.keys()]) ?? linked.name;
  const gate = usableGate(name, formatGateLine(linked), parts.crypto);
  const there = gatesOf({ hosts, broken }).find((host) => host.name === name);
  if (there !== undefined && formatGateLine(there.gate) === formatGateLine(gate))
    return tell(l10n.t('{0} already exists, exactly as in the link.', name), ...stepsAfterAdding(name));
  // It has the same name, so `usableGate` has left it out.
  if (there !== undefined) refuseKnownKey({ name, gate, address: undefined }, [there]);
  const isTaken = hosts.has(name) || broken.has(name);
  const canReplace = there !== undefined;
  const [add, replace, rename] = [l10n.t('Add Host'), l10n.t('Replace the Line'), l10n.t('Add under Another Name…')];
  // The first button has the focus: Enter must not replace a gate.
  const offered = [...(isTaken ? [] : [add]), rename, ...(canReplace ? [replace] : [])];
  const answer = await inDialogAbout(
    question(name, there, isTaken),
    [...claims(name, gate, hosts), ...detail(gate, there?.gate)].join('\n'),
    ...offered,
  );
  if (answer === undefined) return;
  const chosen = answer === rename ? await askForName(name, new Set([...hosts.keys(), ...broken.keys()])) : name;
  if (chosen === undefined) return;
  // Under another name, the present host counts as well.
  const address = answer === replace ? there?.address : undefined;
  const line = formatGateLine(usableGate(chosen, formatGateLine(gate), parts.crypto, address));
  await writeHost(chosen, { ...(answer === replace && fieldsOfHost(chosen)), gate: line });
  parts.log.info(`${chosen}: ${answer === replace ? 'given another line' : 'added'} by a link`);
  const done =
    answer === replace
      ? l10n.t('{0} has the new line. Does its gate know this device?', chosen)
      : l10n.t('{0} is added. Does its gate know this device?', chosen);
  tell(done, ...stepsAfterAdding(chosen));
}

function question(name: string, there: Host | undefined, isTaken: boolean): string {
  if (there !== undefined) return l10n.t('A link wants to replace the line of {0}.', name);
  return isTaken
    ? l10n.t('A link wants to add a gate that calls itself {0}, like a host that you have.', name)
    : l10n.t('A link wants to add the gate {0}.', name);
}

/** Lists everything that would be added, and the key that it would replace. */
function detail({ name, addresses, knockPorts, key }: GateEnrolment, present: GateEnrolment | undefined): string[] {
  const isOtherKey = present !== undefined && formatKey(present.key) !== formatKey(key);
  return [
    ...(isOtherKey ? [l10n.t('The key is ANOTHER one: {0} would no longer be the gate that you know.', name), ''] : []),
    l10n.t('Addresses: {0}', addresses.join(', ')),
    l10n.t('Knock ports: {0}', knockPorts.map((port) => `udp/${port}`).join(', ')),
    l10n.t('Key: {0}', formatKey(key)),
    ...(isOtherKey ? [l10n.t('Key now: {0}', formatKey(present.key))] : []),
    '',
    l10n.t('Agree only if you know who sent it. "sudo knockgated key" on the server prints the same key.'),
  ];
}

/** Lists those of its addresses, and its name, that mean another host now. */
function claims(name: string, { addresses }: GateEnrolment, hosts: HostBook['hosts']): string[] {
  const found = [name, ...addresses].flatMap((place) => {
    const host = hostCalled(place, { hosts, broken: new Map() });
    return host === undefined || host.name === name ? [] : [l10n.t('{0} is an address of {1}.', place, host.name)];
  });
  return found.length === 0 ? [] : [...found, ''];
}

async function askForName(offered: string, taken: ReadonlySet<string>): Promise<string | undefined> {
  const answers = await askInSteps(l10n.t('Add Host'), () => nameSteps({ known: undefined, taken }, offered));
  return answers?.[0];
}

function fieldsOfHost(name: string): HostFields {
  const record = hostsSetting();
  const fields = typeof record === 'object' && record !== null ? new Map(Object.entries(record)).get(name) : undefined;
  return typeof fields === 'object' && fields !== null ? { ...fields } : {};
}
