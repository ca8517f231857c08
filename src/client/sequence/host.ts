import type { Family } from '../../base/addresses.ts';
import { fieldsOf } from '../../base/loose-json.ts';
import { phrase } from '../../base/phrase.ts';
import type { RequestedPort } from '../../base/ports.ts';
import { parseStep, type SequenceStep } from '../../sequence/step.ts';
import { FLAG_NAMES, parseTcpFlags, synSatisfies } from '../../sequence/tcp-flags.ts';
import { parseHost, parseName } from '../../spa/enrolment.ts';
import { type HostsKind, located, onlyKnown, optional, parseOpened, text, whole } from '../hosts/host-fields.ts';
import { hostsInvalid } from '../problems.ts';

/** Sequence to knock: the same ports each time, or those that a key gives for the minute. */
export type Sequence =
  | { readonly kind: 'fixed'; readonly steps: readonly SequenceStep[] }
  | {
      readonly kind: 'one-time';
      /** The name by which the gate knows the client. */
      readonly client: string;
      /** Path of the file with the key: on the command line only. */
      readonly keyFile: string | undefined;
    };

/** A host that opens to a sequence of ports, as a table with `kind = "sequence"` has it. */
export interface SequenceHost {
  readonly kind: 'sequence';
  readonly name: string;
  /** Where to knock: an address or a host name. */
  readonly address: string;
  readonly sequence: Sequence;
  /** Milliseconds from one step to the next. */
  readonly delayMs: number;
  /** undefined: every address that the name has. */
  readonly family: Family | undefined;
  /** Ports that it opens, which a sequence cannot ask for; one at least. */
  readonly ports: readonly RequestedPort[];
}

/** As many as anybody could want to send; a gate takes 16. */
const MOST_STEPS = 64;
const DELAY_MS = { least: 5, usual: 50, most: 10_000 };
const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

/**
 * Reads one table, strictly. `kind` was looked at before.
 * @param place what the table is called in errors
 * @throws Problem `hosts-file-invalid` that names the host and the field
 */
export function parseSequenceHost(name: string, value: unknown, place: string, kind: HostsKind): SequenceHost {
  const { kind: _, ...fields } = fieldsOf(value);
  const isFixed = fields.steps !== undefined;
  const own = isFixed ? ['steps', 'tcpFlags'] : ['client', ...(kind === 'file' ? ['keyFile'] : [])];
  onlyKnown(fields, ['address', ...own, 'delay', 'family', 'ports'], place);
  located(place, () => parseName(name, phrase('host')));
  const at = (field: string) => `${place}.${field}`;
  if (!isFixed && fields.client === undefined)
    throw hostsInvalid(
      at('steps'),
      phrase('It is missing.'),
      phrase(
        'Expected steps such as "7000:tcp 8000:udp 9000:tcp", or for a one-time sequence `client`, the name by which the gate knows this device.',
      ),
    );
  return {
    kind: 'sequence',
    name,
    address: located(at('address'), () =>
      parseHost(text(fields.address, at('address'), phrase('an address or a host name'))),
    ),
    sequence: isFixed
      ? { kind: 'fixed', steps: parseFixed(fields, at) }
      : {
          kind: 'one-time',
          client: located(at('client'), () => parseName(text(fields.client, at('client'), phrase('a name')))),
          keyFile: kind === 'file' ? text(fields.keyFile, at('keyFile'), phrase('the path of a file')) : undefined,
        },
    delayMs: whole(
      fields.delay ?? DELAY_MS.usual,
      DELAY_MS.least,
      DELAY_MS.most,
      at('delay'),
      phrase('milliseconds from one step to the next'),
    ),
    family: optional(fields.family, (value) => parseFamily(value, at('family'))),
    ports: parseOpened(fields.ports ?? ['tcp/22'], at('ports')),
  };
}

/** `7000:tcp 8000:udp 9000`, with blanks or commas between: knock(1) and knockd(1) both. Each may have conditions. */
function parseFixed(fields: Readonly<Record<string, unknown>>, at: (field: string) => string): SequenceStep[] {
  const place = at('steps');
  const words = text(fields.steps, place, phrase('steps such as "{0}"', '7000:tcp 8000:udp 9000:tcp'))
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  const steps = located(place, () => words.map((word) => parseStep(word)));
  if (steps.length === 0 || steps.length > MOST_STEPS)
    throw hostsInvalid(
      place,
      phrase('It has {0} steps.', steps.length),
      phrase('Expected {0} from {1} to {2}.', phrase('steps'), 1, MOST_STEPS),
    );
  optional(fields.tcpFlags, (value) => checkFlags(value, at('tcpFlags')));
  return steps;
}

/** Without root a system sends SYNs, and whatever it likes behind them. */
function checkFlags(value: unknown, place: string): void {
  const flags = parseTcpFlags(text(value, place, phrase('flags such as "{0}"', 'syn,!ack')));
  if (flags === undefined)
    throw hostsInvalid(
      place,
      phrase('These are not TCP flags.'),
      phrase('Expected some of {0}, with commas between.', FLAG_NAMES.join(', ')),
    );
  if (!synSatisfies(flags))
    throw hostsInvalid(
      place,
      phrase('Only root may send such packets: a program without it can ask for a connection, which is a SYN alone.'),
      phrase('Set TCPFlags = syn on the server, or have it listen for UDP.'),
    );
}

function parseFamily(value: unknown, place: string): Family {
  const family = FAMILIES.find((each) => each === value);
  if (family !== undefined) return family;
  throw hostsInvalid(place, phrase('This value is unknown.'), phrase('Expected {0}.', FAMILIES.join(', ')));
}
