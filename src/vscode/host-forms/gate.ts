import { l10n } from 'vscode';
import { parseGateHost } from '../../client/gate/host.ts';
import { othersThan, refuseKnownKey } from '../../client/gate/known-gates.ts';
import { gateKeyUnusable } from '../../client/problems.ts';
import type { CryptoProvider } from '../../spa/crypto.ts';
import { formatGateLine, type GateEnrolment, parseGateLine } from '../../spa/enrolment.ts';
import { isLowOrder } from '../../spa/keys.ts';
import { complaintOf, type FormField, fieldStep, fieldsFrom, numeric, words } from '../ask/form-field.ts';
import { gatesOf, readHostBook } from '../hosts/host-book.ts';
import type { HostFields } from '../hosts/write-hosts.ts';
import { HOSTS_SETTING, hostsSetting } from '../settings.ts';
import { type HostForm, nameSteps } from './host-form.ts';

/** Example of a gate, to check single fields with. */
const SOME_GATE = `knockgate1 gate ${'A'.repeat(43)} 32 192.0.2.1 443 gate`;

const LINE: FormField = {
  field: 'gate',
  prompt: () => l10n.t('The line that "sudo knockgated key" prints on the server'),
  placeholder: 'knockgate1 gate …',
  parse: (text) => text,
  check: parseGateLine,
};

/** Optional fields. */
const OTHERS: readonly FormField[] = [
  {
    field: 'address',
    prompt: () => l10n.t('Where to knock; empty for the addresses in the gate’s line'),
    placeholder: '203.0.113.7',
    parse: (text: string) => text,
  },
  {
    field: 'knockPorts',
    prompt: () => l10n.t('UDP ports to knock at; empty for those in the gate’s line'),
    placeholder: '443, 62201',
    parse: (text: string) => words(text).map(numeric),
  },
  {
    field: 'ports',
    prompt: () => l10n.t('Ports to ask for; empty for all that the gate allows this device'),
    placeholder: 'tcp/22, udp/60001',
    parse: words,
  },
  {
    field: 'duration',
    prompt: () => l10n.t('For how many seconds; empty for the gate’s own choice'),
    placeholder: '30',
    parse: numeric,
  },
].map((field) => ({ ...field, check: (text) => checkField(field, text) }));

export const GATE_FORM: HostForm = {
  kind: 'gate',
  icon: 'note',
  label: () => l10n.t('A gate of Knockgate'),
  detail: () => l10n.t('With the line that "sudo knockgated key" prints there'),
  addSteps: (adding, [line]) => [fieldStep(LINE, {}), ...nameSteps(adding, line === undefined ? '' : nameIn(line))],
  added: ({ known }, [line = '', typed = ''], crypto) => {
    const name = known ?? typed;
    return { name, fields: { gate: formatGateLine(usableGate(name, line, crypto)) } };
  },
  editSteps: (before) => [LINE, ...OTHERS].map((field) => fieldStep(field, before)),
  edited: (name, before, [line = '', ...others], crypto) => {
    // The key that it uses is chosen elsewhere, and is not lost by editing the rest.
    const { identity } = before;
    const fields = fieldsFrom(OTHERS, others);
    // If the line stays, the address is the person's own choice: another way to the same gate.
    const { address } = fields;
    const elsewhere = line !== before.gate && typeof address === 'string' ? address : undefined;
    const kept: HostFields = identity === undefined ? {} : { identity };
    return { gate: formatGateLine(usableGate(name, line, crypto, elsewhere)), ...fields, ...kept };
  },
};

/** Name that a gate has in its line. */
function nameIn(line: string): string {
  return complaintOf(() => parseGateLine(line)) === undefined ? parseGateLine(line).name : '';
}

/**
 * Gate of a host's new line.
 * @param address address to knock at, instead of those of the line
 * @throws Problem `gate-key-unusable`, `gate-key-known`
 */
export function usableGate(name: string, line: string, crypto: CryptoProvider, address?: string): GateEnrolment {
  const gate = parseGateLine(line);
  if (isLowOrder(crypto, gate.key)) throw gateKeyUnusable(name);
  refuseKnownKey({ name, gate, address }, othersThan(name, gatesOf(readHostBook(hostsSetting()))));
  return gate;
}

function checkField({ field, parse }: Pick<FormField, 'field' | 'parse'>, text: string): void {
  if (text !== '') parseGateHost('host', { gate: SOME_GATE, [field]: parse(text) }, HOSTS_SETTING, 'setting');
}
