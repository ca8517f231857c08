import { fwknopdPcap, fwknopdUdp } from './fwknop.ts';
import { knockd } from './knockd.ts';
import { knockgate } from './knockgate.ts';
import { knockgateFwknop } from './knockgate-fwknop.ts';
import { knockgateKnown } from './knockgate-known.ts';
import type { Subject, SubjectName } from './subject.ts';

const ALL: readonly Subject[] = [knockgateKnown, knockgate, knockgateFwknop, fwknopdPcap, fwknopdUdp, knockd];

/** The subject of that name. */
export function subjectOf(name: SubjectName): Subject {
  const found = ALL.find((subject) => subject.name === name);
  if (found === undefined) throw new Error(`no subject ${name}`);
  return found;
}
