import { expect } from 'vitest';
import type { CommonForm } from '../../rig/common-forms.ts';
import { compareReach } from './both.ts';

/** Of every form, and some beside them. */
const PORTS = [22, 23, 53, 80, 443, 1194, 7777, 8000, 8001, 8002, 8003, 8004, 51_820].flatMap((port) => [
  `tcp/${port}`,
  `udp/${port}`,
]);

/**
 * Holds what the list says of forms of command against a real knockd with the real firewalls: those that are carried over have the same
 * reach, but for those that open for everybody, and none has more.
 * @returns how many have the same
 */
export async function expectReachAsListed(forms: readonly CommonForm[]): Promise<number> {
  const reaches = await compareReach('common', forms, PORTS);
  const found = forms.map((form, i) => {
    const { knockd = [], gate = [] } = reaches[i] ?? {};
    const more = gate.filter((each) => !knockd.includes(each));
    return { form, knockd, gate, more, isSame: gate.length > 0 && gate.length === knockd.length && more.length === 0 };
  });
  expect(found.filter(({ more }) => more.length > 0)).toEqual([]);
  const isListed = ({ opens, isForEverybody }: CommonForm) => opens !== undefined && isForEverybody !== true;
  expect(found.filter(({ form, isSame }) => isSame !== isListed(form))).toEqual([]);
  return found.filter(({ isSame }) => isSame).length;
}
