import type { HostFields } from '../hosts/write-hosts.ts';
import { ALDABA_FORM } from './aldaba.ts';
import { FWKNOP_FORM } from './fwknop.ts';
import { GATE_FORM } from './gate.ts';
import type { HostForm } from './host-form.ts';
import { PYKNOCK_FORM } from './pyknock.ts';
import { SEQUENCE_FORM } from './sequence.ts';
import { XT_PKNOCK_FORM } from './xt-pknock.ts';

/** Every kind of host, in the order in which they are offered: add a new kind here. */
export const HOST_FORMS: readonly [HostForm, ...HostForm[]] = [
  GATE_FORM,
  FWKNOP_FORM,
  SEQUENCE_FORM,
  PYKNOCK_FORM,
  XT_PKNOCK_FORM,
  ALDABA_FORM,
];

/** Kind of a host by its fields, valid or not: anything unknown counts as a gate. */
export function formOf(fields: HostFields): HostForm {
  return HOST_FORMS.find(({ kind }) => kind === fields.kind) ?? HOST_FORMS[0];
}
